"""Values that are words: colours, levels, modes, presets, and how an alarm is armed."""

from collections.abc import Sequence

from assistant.understanding.frames.frame import Said, Wants
from assistant.understanding.frames.tagging import Span


def value_at(spans: Sequence[Span], at: int, language: str, *, things: bool) -> Said | None:
    """Return the value that a span is, None where it is a name, a verb or a direction.

    `things` tells that some thing was named before.
    """
    span = spans[at]
    words = span.get("modes") | span.get("presets") | span.entry.options
    levels, colours = span.get("levels"), span.get("colours")
    if span.entry.full:
        return None
    if (armed := span.get("armed")) and _is_armed(spans, at, worded=bool(words or levels)):
        return Said(Wants.ARMED, words=armed)
    if colours and not span.has("kinds"):
        relative = span.has("up", "down") and relative_at(spans, at, language)
        return None if relative else Said(Wants.COLOUR, words=colours | words)
    if not (words or levels) or (
        _is_other(spans, at, language) and not _is_mode(spans, at, language, things)
    ):
        return None
    # "Low" may be a preset of the thing's or a level: both are kept.
    return Said(Wants.WORD, words=words | levels) if words else Said(Wants.LEVEL, words=levels)


def relative_at(spans: Sequence[Span], at: int, language: str) -> bool:
    """Whether the words around make a step of a direction: "a bit", "two degrees"."""
    near = (*spans[max(0, at - 2) : at], *spans[at + 1 : at + 3])
    if any(each.has("amount", "degree_words") for each in near):
        return True
    return language == "en" and any(each.has("number", "number_words") for each in near[:2])


def _is_other(spans: Sequence[Span], at: int, language: str) -> bool:
    """Whether a word is more likely a thing, a deed or a direction."""
    span = spans[at]
    if span.has("kinds") or (span.has("verbs") and not span.entry.options):
        return True
    return span.has("up", "down") and relative_at(spans, at, language)


def _is_armed(spans: Sequence[Span], at: int, *, worded: bool) -> bool:
    """Whether "away" or "home" is how an alarm is set."""
    for each in spans:
        if (
            "alarm" in each.get("kinds")
            or "arm" in each.get("verbs")
            or (each.entry.full and "alarm" in each.text)
        ):
            return True
    words = "".join(span.text for span in spans)
    if not words.isascii() and len(spans) > 1:
        return False  # 小雅在睡觉 is of no alarm
    return not (worded or spans[at].has("reference", "quantity", "verbs"))


def _is_mode(spans: Sequence[Span], at: int, language: str, things: bool) -> bool:
    """Whether a word such as "heat" stands where a mode does: behind "to", "on", or before "mode"."""
    before = spans[at - 1] if at else None
    if before is not None and (before.has("to") or "on" in before.get("verbs")):
        return True
    if before is not None and before.has("carry") and language == "zh":
        return True
    if at + 1 < len(spans) and "mode" in spans[at + 1].get("aspect"):
        return True
    return things and at == len(spans) - 1 and spans[at].has("modes", "presets")
