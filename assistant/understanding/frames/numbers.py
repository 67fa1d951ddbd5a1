"""Numbers as they are said of things: "twenty and a half degrees", 百分之四十, "down to fifteen"."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.understanding.frames.tagging import Span

_BETWEEN = frozenset({"fillers", "glue", "degree_words"})
_HALVES = ("half", "半")


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit; `prep` is "to" or "by" where the words before tell; `at` is its place."""

    value: float
    unit: str = ""
    prep: str = ""
    at: int = 0
    fraction: bool = False


def number_at(spans: Sequence[Span], at: int) -> tuple[Number, int] | None:
    """Return the number that begins at a place, and how many spans it takes."""
    span = spans[at]
    if span.has("fractions"):
        part = float(next(iter(span.get("fractions"))))
        return Number(part, "percent", _prep(spans, at), at, fraction=True), 1
    digits = [each for each in span.get("number") if each.isdecimal()]
    worded = sorted(span.get("number_words"))
    whole = bool(worded) and "degree" in span.words[-1].text  # "another degree" has its unit
    if not digits and not (worded and (whole or _has(spans, at + 1, "units"))):
        return None
    if _is_count(spans, at):
        return None
    used = 1 + _decimals(spans, at + 1)
    value = float((digits or worded)[0]) + _fraction(spans, at, used)
    unit = "percent" if at > 0 and "percent" in spans[at - 1].get("units") else ""
    if whole and not digits:
        return Number(value, "degrees", _prep(spans, at) or "by", at), used
    if behind := _unit(spans, at + used):
        unit, used = behind, used + 1
        if unit == "degrees" and _text(spans, at + used) in _HALVES:
            value, used = value + 0.5, used + 1
    return Number(value, unit, _prep(spans, at), at), used


def end_of(text: str) -> str:
    """Return the end from which "half open" or "halfway down" counts, "" where it does not say."""
    if "open" in text or "up" in text.split():
        return "open"
    return "closed" if any(word in text for word in ("closed", "shut", "down")) else ""


def _is_count(spans: Sequence[Span], at: int) -> bool:
    """Whether a number counts things: "the two lamps", "the other one"."""
    span = spans[at]
    if not span.has("quantity", "kinds", "reference", "levels") or _has(spans, at + 1, "units"):
        return False
    if _prep(spans, at):
        return False
    following = spans[at + 1 : at + 2]
    counts = any(each.has("kinds") or each.entry.full or each.entry.part for each in following)
    return counts or span.has("reference")


def _decimals(spans: Sequence[Span], at: int) -> int:
    """Return how many spans after a number are its decimals."""
    first, second, third = (_text(spans, each) for each in range(at, at + 3))
    if first in ("point", "点") and second.isdigit() and len(second) == 1:
        return 2
    if (first, second, third) == ("and", "a", "half"):
        return 3
    if first == "and" and second in ("a half", "half"):
        return 2
    touches = (
        first.isdigit() and len(first) == 1 and spans[at].words[0].start - spans[at - 1].words[-1].end == 1
    )
    return 1 if touches and not spans[at].broken else 0


def _fraction(spans: Sequence[Span], at: int, used: int) -> float:
    if used == 1:
        return 0.0
    last = _text(spans, at + used - 1)
    return int(last) / 10 if last.isdigit() else 0.5


def _text(spans: Sequence[Span], at: int) -> str:
    return spans[at].text if 0 <= at < len(spans) else ""


def _has(spans: Sequence[Span], at: int, section: str) -> bool:
    return at < len(spans) and spans[at].has(section)


def _unit(spans: Sequence[Span], at: int) -> str:
    if not 0 <= at < len(spans) or spans[at].broken:
        return ""
    return next(iter(spans[at].get("units")), "")


def _prep(spans: Sequence[Span], at: int) -> str:
    before = at - 1
    while before >= 0 and _is_between(spans[before]):
        before -= 1
    if before < 0:
        return ""
    keys = spans[before].get("to")
    if spans[before].has("up", "down"):
        return "to" if "to" in keys else "by"
    return "to" if "to" in keys else "by" if "by" in keys else ""


def _is_between(span: Span) -> bool:
    return "percent" in span.get("units") or (set(span.tags) <= _BETWEEN and not span.has("to"))
