"""Does a sentence tell of something, or speak to somebody, rather than order? Mood and person tell.

An order is said by the speaker, now, to the assistant. What was, what always is, what would be, what others
say, what the speaker does with his own hands and whom he calls by name all take that away, even where the
words left over would be an order. The patterns are data: `[telling]` in `words/<language>.toml`. What no
pattern knows is weighed as a whole (`scoring.py`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from assistant.understanding.normalise import languages, words_of
from assistant.understanding.plan import Call, Plan
from assistant.understanding.telling.scoring import sounds_told

LONGEST = 400  # characters; more is no order anyway
_BEGIN = r"(?:^|[，,。.！!？?；;]\s*|(?:^|[，,。！!])(?:喂|嗨|哎|诶|来|嘿|哟|好了|行了|欸|哎呀|唉)[，,]?\s*)"
_CALLED = r"(?:们)?(?:乖|啊|呀|哎|诶|欸|呐)?(?:[，,！!：:]|\.{2,}|…)"
_TWICE = r"(?P<twice>[一-鿿])(?P=twice)"


@dataclass(frozen=True, slots=True)
class _Patterns:
    always: re.Pattern[str]
    unless_timed: re.Pattern[str]
    called: re.Pattern[str]
    no_name: frozenset[str]
    asks: re.Pattern[str]


def is_told(
    text: str,
    language: str,
    is_ours: Callable[[str], bool],
    *,
    timed: bool = False,
    weighed: str | None = None,
) -> bool:
    """Whether a sentence is no order to us. `is_ours` tells of a name whether a thing here has it; `timed`
    that it was understood when something is to happen: "every day" is a time, then. `weighed` is the same
    sentence with common words for the things of this home, whose own names the weights do not know.
    """
    text = text[:LONGEST]
    for patterns in _patterns():
        if patterns.always.search(text) or (not timed and patterns.unless_timed.search(text)):
            return True
        for match in patterns.called.finditer(text):
            name = match["name"]
            if not (match["twice"] and name[0] in patterns.no_name) and not is_ours(name):
                return True
    return not any(patterns.asks.search(text) for patterns in _patterns()) and sounds_told(
        (text if weighed is None else weighed)[:LONGEST], language
    )


def moves_things(plan: Plan, acts: Callable[[Call], bool]) -> bool:
    """Whether a plan does nothing but order things of the home, or be quiet. `acts` tells whether a call does
    something, and does not merely tell.
    """
    return bool(plan.calls) and all(
        acts(call) if call.skill == "home" else (call.skill, call.tool) == ("self", "quiet")
        for call in plan.calls
    )


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Patterns, ...]:
    found = []
    for language in languages():
        data = words_of(language).data.get("telling")
        if data is not None:
            names = "|".join((*data["calls"], _TWICE))
            found.append(
                _Patterns(
                    re.compile("|".join(data["always"])),
                    re.compile("|".join(data["unless_timed"])),
                    re.compile(f"{_BEGIN}(?P<name>{names}){_CALLED}"),
                    frozenset(data["doubled"]),
                    re.compile(data["asks"]),
                )
            )
    return tuple(found)
