"""Clauses that order nothing and change nothing: 老头子还没回来呢, 她要看书, 我滴个天.

Nobody needs to understand them; but they must not be an order that was not understood, nor tell that the rest
of the sentence is none.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from assistant.understanding.frames.lexicon import lexicon_of
from assistant.understanding.frames.needs import needs_of
from assistant.understanding.frames.tagging import Span

_SHORTEST_STATEMENT = 3
_DEEDS = frozenset({"on", "off", "open_on", "close_off", "open", "close", "lock", "unlock", "mute", "stop"})


@lru_cache(maxsize=4)
def _patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    sections = lexicon_of(language).sections.get("asides", {})
    return {key: re.compile("|".join(each)) for key, each in sections.items()}


def smoothed(text: str, language: str) -> str:
    """Return a sentence without what people say while they think (那个什么, 叫什么来着, 窗、窗帘), in words
    that the lexicon has.
    """
    patterns = _patterns(language)
    if not patterns:
        return text
    said = patterns["stutter"].sub("", patterns["hums"].sub("，", text))
    for pattern, put in _rewrites(language):
        said = pattern.sub(put, said)
    return said


@lru_cache(maxsize=4)
def _rewrites(language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    pairs = lexicon_of(language).sections.get("rewrites", {}).values()
    return tuple((re.compile(pattern), put) for pattern, put in pairs)


def text_of(spans: Sequence[Span]) -> str:
    """Return the plain words of some spans, without spaces."""
    return "".join(word.text for span in spans for word in span.words)


def is_aside(spans: Sequence[Span], language: str, *, first: bool) -> bool:
    """Whether a clause orders nothing. `first`: no order was said before it; there a mere name may call
    somebody, who is then ordered about.
    """
    patterns = _patterns(language)
    if not patterns:
        return False
    if any(span.entry.full or span.has("kinds", "except", "leave", "others") for span in spans):
        return False
    text = text_of(spans)
    if patterns["changes"].search(text):
        return False
    if patterns["calls"].search(text) and len(text) <= 2 * _SHORTEST_STATEMENT:
        return True
    if patterns["order"].search(text):
        return False
    if not first:
        return True
    return len(text) >= _SHORTEST_STATEMENT and bool(patterns["begins"].search(text))


def changes(spans: Sequence[Span], language: str) -> bool:
    """Whether a clause tells that the rest of its sentence is no order for us: 医生说, 如果."""
    patterns = _patterns(language)
    return bool(patterns) and bool(patterns["changes"].search(text_of(spans)))


def is_state(spans: Sequence[Span], language: str) -> bool:
    """Whether a clause only says how somebody is: …，小雅在睡觉."""
    patterns = _patterns(language)
    if not patterns or any(span.entry.full or span.has("kinds", "verbs", "leave") for span in spans):
        return False
    return bool(patterns["states"].search(text_of(spans))) and not changes(spans, language)


def is_limit(spans: Sequence[Span], language: str) -> bool:
    """Whether a clause only says how far an order before it does not go: …，别全拉."""
    patterns = _patterns(language)
    if not patterns or any(span.entry.full or span.has("kinds") for span in spans):
        return False
    return bool(patterns["limits"].search(text_of(spans)))


def complains(spans: Sequence[Span], language: str) -> bool:
    """Whether a clause only says how something is that somebody wants otherwise: 太亮了."""
    patterns = _patterns(language)
    if not patterns:
        return False
    if any(span.has("verbs") and span.get("verbs") & _DEEDS for span in spans):
        return False
    text = text_of([span for span in spans if not span.entry.full])
    return bool(needs_of(text, language)) and not (
        patterns["changes"].search(text) or patterns["order"].search(text)
    )
