"""When an order is meant: the words for it are found in a sentence, and taken out of it.

    find("turn the lights off in ten minutes", "en", now) -> (When(IN, 600 s), 20, 34)

What the words may be and what they mean is in `skills.times`, which skills use too.
"""

from collections.abc import Sequence
from datetime import datetime

from assistant.understanding.normalise import Token
from skills.times import Cause, State, When, find_whens

__all__ = ["Cause", "State", "When", "find", "find_all", "without"]

_LOOSE = " ,;:，、；：。."


def find(
    said: str | Sequence[Token], language: str, now: datetime, *, waking: bool = False
) -> tuple[When, int, int] | None:
    """Return when a sentence is meant and where that is said; None where nothing says it.

    `said` is a text, and the places are characters (`said[start:end]`), or plain tokens, and the places are
    tokens. The words include those that lead to them ("in", "at", 的时候). `now` is aware. With `waking`
    "at seven" is in the morning. Of several the surest is taken, then the longest.
    """
    found = find_all(said, language, now, waking=waking)
    return max(found, key=lambda each: (each[0].sure, each[2] - each[1], each[1]), default=None)


def find_all(
    said: str | Sequence[Token], language: str, now: datetime, *, waking: bool = False
) -> list[tuple[When, int, int]]:
    """Return all that a sentence says of when, in the order of the words; they do not overlap."""
    if isinstance(said, str):
        return list(find_whens(said, language, now, waking=waking))
    text, starts = "", list[int]()
    for token in said:
        text += " " if text and language != "zh" else ""
        starts.append(len(text))
        text += token.text
    starts.append(len(text) + 1)
    return [
        (when, _token_at(starts, start), _token_at(starts, end - 1) + 1)
        for when, start, end in find_whens(text, language, now, waking=waking)
    ]


def without(text: str, start: int, end: int) -> str:
    """Return a sentence without the words from `start` to `end`, nor the comma beside them."""
    left, right = text[:start].rstrip(_LOOSE), text[end:].lstrip(_LOOSE)
    if not left or not right:
        return left or right
    return f"{left}{_between(left, right)}{right}"


def _between(left: str, right: str) -> str:
    return "" if ord(left[-1]) > 0x2E80 and ord(right[0]) > 0x2E80 else " "


def _token_at(starts: list[int], place: int) -> int:
    return max(at for at in range(len(starts) - 1) if starts[at] <= place)
