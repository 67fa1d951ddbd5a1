"""Is it plainly said to somebody else? Television speaks to its viewers, people call each other by name.

What tells it is data: `[others]` in `words/<language>.toml`. It is little and sure; everything else is told by
what the sentence says.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from assistant.understanding.normalise import languages, words_of

_LATIN_CALLS = (
    r"(?:^|(?:^|[,.!?]\s*)(?:(?:oi|oh|hey|hi|hello|right|okay|ok|no|yes|yeah|well|now|sorry|please|thanks|thank you"
    r"|but|and|so|come on|listen|look|excuse me|good (?:morning|night|evening|afternoon))[\s,]+)+|[,.!?]\s*)"
    r"(?P<name>{names})(?:\s*,|[.!?]*$|[.!?]\s)"
)
"""A name that stands alone: before a comma, between two, or behind one at the end."""


def is_to_others(text: str, is_ours: Callable[[str], bool] = lambda _name: False) -> bool:
    """Whether a sentence has words that nobody says to an assistant, in any language, or calls somebody by a
    name. `is_ours` tells of a name whether a thing here has it: "Doris, off you go" is said to the hoover.
    """
    if any(pattern.search(text) for pattern in _patterns()):
        return True
    return any(not is_ours(found["name"]) for names in _names() for found in names.finditer(text))


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    said = (words_of(language).data.get("others", {}).get("patterns", ()) for language in languages())
    return tuple(re.compile("|".join(each), re.IGNORECASE) for each in said if each)


@lru_cache(maxsize=1)
def _names() -> tuple[re.Pattern[str], ...]:
    found = []
    for language in languages():
        others = words_of(language).data.get("others", {})
        if "names" in others:
            names = "|".join((others["kin"], *" ".join(others["names"]).split()))
            found.append(re.compile(_LATIN_CALLS.format(names=names), re.IGNORECASE))
    return tuple(found)
