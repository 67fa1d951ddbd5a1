"""What is no order although it has an order's words: what is told, explained, or only how something is."""

from collections.abc import Sequence
from itertools import pairwise

from assistant.understanding.frames.parts import Part
from assistant.understanding.frames.tagging import Span

_TOO = frozenset({"too", "so", "very"})
_QUALITIES = ("levels", "colours", "modes", "presets", "verbs")
_SPEAKERS = frozenset({"我", "他", "她", "我 们", "咱 们", "他 们", "你 们", "咱"})
_OTHERS = frozenset({"他", "她", "他 们", "她 们"})
_TELLING = frozenset({"把", "将", "刚 才", "刚", "就", "没", "都"})
_ENDS = frozenset({"了", "啦", "呢", "啊"})
_POLITE = frozenset({"please", "thanks", "thank you", "now", "just", "a", "an"})
_HAPPENING = frozenset(
    {"opening", "closing", "shutting", "locking", "turning off", "turning on", "stopped", "stopping"}
)
_SO_IT_IS = frozenset({"it is", "that is", "this is"})
_FIRST_PERSON = frozenset(
    {
        "i am",
        "we are",
        "i have",
        "we have",
        "because",
        "good night",
        "goodnight",
        "it is late",
        "i was",
        "i just",
    }
)


def is_told(spans: Sequence[Span], language: str) -> bool:
    """Whether a sentence tells of something: "if …", "he …", "too fast", 他把灯关了."""
    if any(span.has("never") and not span.has("fillers") for span in spans):
        return True
    if language == "zh":
        return _is_told_in_chinese(spans)
    if _is_stated(spans):
        return True
    if any(span.text == "'s" and after.text.split()[0].endswith("ing") for span, after in pairwise(spans)):
        return True  # "the radio's going on and on"
    return any(
        span.text in _TOO and not following.broken and following.has(*_QUALITIES)
        for span, following in pairwise(spans)
    )


def _is_stated(spans: Sequence[Span]) -> bool:
    """Whether a sentence says what happens or how something is: "doors closing", "the music stopped", "it's a
    ruby". Who wants it so says so: "the lamp needs turning off", "it's to be green".
    """
    said = [span for span in spans if span.text not in _POLITE]
    if not said:
        return False
    last = said[-1]
    happens = last.has("verbs") and not last.has("kinds", "modes") and last.text in _HAPPENING
    if happens and len(said) > 1 and _names(said[-2]) and not any(span.has("carry") for span in said):
        return True
    first, rest = said[0], said[1:]
    valued = any(span.has("colours", "levels") for span in rest)
    return first.text in _SO_IT_IS and valued and not any(span.has("kinds") or _names(span) for span in rest)


def _names(span: Span) -> bool:
    return bool(span.entry.full) or span.has("kinds")


def _is_told_in_chinese(spans: Sequence[Span]) -> bool:
    for at, (span, following) in enumerate(pairwise(spans)):
        begins = at == 0 or bool(span.broken)
        asked = "帮" in span.words[0].before
        if begins and span.text in _SPEAKERS and following.text in _TELLING and not asked:
            return True
        if at == 0 and span.text in _OTHERS and "的" not in following.words[0].before:
            return True
        if span.text == "刚 才" and (following.text in ("把", "将") or following.has("verbs")):
            return True
    return False


def explains(part: Part) -> bool:
    """Whether a piece of which not all words are known only tells why: "…, I'm trying to sleep"."""
    leading = {"fillers", "joins", "also"}
    first = next((each for each in part.spans if not set(each.tags) <= leading or each.has("because")), None)
    if first is None or not first.has("because"):
        return False
    return not any(span.text in ("if", "unless") for span in part.spans)


def merely_explains(part: Part, language: str) -> bool:
    """The same of a piece of which all words are known: "I'm cold, …", 想睡觉了."""
    spoken = [span for span in part.spans if not span.has("fillers") or span.has("because")]
    first = spoken[0] if language == "zh" and spoken else part.spans[0]
    names = any(item.role in ("thing", "kind") for item in (*part.items, *part.exceptions))
    if not first.has("because") or first.entry.full or names:
        return False
    if language == "zh":
        return part.spans[-1].text in _ENDS or not part.actions
    return first.text in _FIRST_PERSON
