"""Is it plainly said to somebody else, or does it tell what somebody did? Television speaks to its viewers,
people call each other by name and say what they are about to do themselves.

What tells it is data: `[others]` in `words/<language>.toml`. It is little and sure; everything else is told
by what the sentence says.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from assistant.understanding.normalise import languages, words_of

_CALLS = (
    r"(?:^|(?:^|[,.!?]\s*)(?:(?:oi|oh|hey|hi|hello|right|okay|ok|no|yes|yeah|well|now|sorry|please|thanks"
    r"|thank you|but|and|so|come on|listen|look|excuse me|good (?:morning|night|evening|afternoon))[\s,]+)+"
    r"|[,.!?]\s*)(?P<name>{names})(?:\s*,|[.!?]*$|[.!?]\s)"
)
"""A name that stands alone: before a comma, between two, or behind one at the end."""
_PIECES = re.compile(r"\s*(?:[,;:.!?…—]+|\s-)\s+")
_ORDERS = (
    r"(?:(?:please|so|then|and|but|just|now|kindly|can you|could you|would you|will you|can we have)[\s,]+)*"
    r"(?:{verbs})\b"
)


def is_to_others(text: str, is_ours: Callable[[str], bool] = lambda _name: False) -> bool:
    """Whether a sentence has words that nobody says to an assistant, in any language, calls somebody by a
    name, or only tells of somebody's own deeds. `is_ours` tells of a name whether a thing here has it:
    "Doris, off you go" is said to the hoover.
    """
    said = text.replace("’", "'")
    if any(pattern.search(said) for pattern in _patterns()):
        return True
    if any(not is_ours(found["name"]) for names in _names() for found in names.finditer(said)):
        return True
    return any(tells.match(said) and not _order_follows(said, orders) for tells, orders in _tellings())


def _order_follows(text: str, orders: re.Pattern[str]) -> bool:
    """Whether an order stands behind what is told: "I've just put the baby down, dim the lights"."""
    return any(orders.match(piece) for piece in _PIECES.split(text)[1:])


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
            found.append(re.compile(_CALLS.format(names=names), re.IGNORECASE))
    return tuple(found)


@lru_cache(maxsize=1)
def _tellings() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    found = []
    for language in languages():
        data = words_of(language).data
        others = data.get("others", {})
        if "tells" in others:
            tells = f"{others['lead']}(?:{'|'.join(others['tells'])})"
            orders = _ORDERS.format(verbs="|".join(data["plainly"]["verbs"]))
            found.append((re.compile(tells, re.IGNORECASE), re.compile(orders, re.IGNORECASE)))
    return tuple(found)
