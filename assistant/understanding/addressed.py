"""Is it plainly said to somebody else? Television speaks to its viewers, people call each other by name.

The patterns are data: `[others]` in `words/<language>.toml`. They are few and sure; everything else is told
by what the sentence says.
"""

import re
from functools import lru_cache

from assistant.understanding.normalise import languages, words_of


def is_to_others(text: str) -> bool:
    """Whether a sentence has words that nobody says to an assistant, in any language."""
    return any(pattern.search(text) for pattern in _patterns())


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    said = (words_of(language).data.get("others", {}).get("patterns", ()) for language in languages())
    return tuple(re.compile("|".join(each), re.IGNORECASE) for each in said if each)
