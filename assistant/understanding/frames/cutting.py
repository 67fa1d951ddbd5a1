"""Where one order ends in a sentence and the next begins: at commas, at an "and", at "no, wait"."""

from collections.abc import Iterator, Sequence

from assistant.understanding.frames.tagging import Span

_ACTING = ("verbs", "up", "down", "number", "fractions", "colours", "levels", "modes", "presets", "armed")
_VALUES = ("number", "fractions", "colours", "levels", "modes", "presets")
_HALVES = frozenset({"a", "a half", "half", "quarter"})
_ALSO_OTHERWISE = ("fillers", "also", "glue", "verbs", "not", "leave", "except", "carry", "undo")
_KEEPS = frozenset(
    {"只 留", "就 留", "只 留 下", "就 留 下", "光 留", "单 留", "只 剩", "只 有", "留", "留 下"}
)
_WITH = frozenset({"跟", "和"})
_STOPS = frozenset(".!?。！？")


def cut(spans: Sequence[Span], language: str) -> Iterator[tuple[list[Span], str]]:
    """Yield each piece with the border before it: "", "comma", "stop", "join" or "correct"."""
    piece: list[Span] = []
    joint = ""
    for at, span in enumerate(spans):
        border = _border(spans, at, piece, language)
        if not border:
            piece.append(span)
            continue
        if piece:
            yield piece, joint
        if border == "correct":
            yield [span], "correct"
            piece, joint = [], "correct"
        elif border == "join" and _joins(spans, at):
            joint = "join" if piece or joint != "correct" else joint
            piece = [span] if language == "zh" and span.has("up", "also") else []
        else:
            piece, joint = [span], border if piece else joint
    if piece:
        yield piece, joint


def _border(spans: Sequence[Span], at: int, piece: Sequence[Span], language: str) -> str:
    span = spans[at]
    if _corrects(spans, at, language):
        return "correct"
    if _joins(spans, at):
        return "join"
    if span.broken and piece:
        return "stop" if _STOPS & set(span.broken) else "comma"
    if language == "zh" and piece and span.has("leave") and not span.has("left_so") and span.text in _KEEPS:
        return "comma" if any(each.has("verbs") for each in piece) else ""
    begins = language == "zh" and span.has("breaks") and any(each.has(*_ACTING) for each in piece)
    return "join" if begins and piece else ""


def _joins(spans: Sequence[Span], at: int) -> bool:
    span = spans[at]
    if not span.has("joins") or span.entry.full or span.has("verbs", "kinds"):
        return False
    if span.text == "完 了" and at and not span.broken:
        return False  # 洗完了
    if span.text in _WITH and any(word.text in "说讲喊" for each in spans[at + 1 :] for word in each.words):
        return False  # 跟奶奶说一声
    after = spans[at + 1].text if at + 1 < len(spans) else ""
    is_half = at > 0 and spans[at - 1].has("number") and after in _HALVES and span.text == "and"
    return not is_half


def _corrects(spans: Sequence[Span], at: int, language: str) -> bool:
    """Whether a word takes back what was said before it."""
    span = spans[at]
    if not span.has("correct"):
        return False
    again = at > 0 and _corrects(spans, at - 1, language)
    first = at == 0 or bool(span.broken) or again
    if language == "zh" and not first:
        first = all(each.has("fillers") for each in spans[:at])
    last = at + 1 >= len(spans)
    if not span.has(*_ALSO_OTHERWISE):
        return first and not last if language == "zh" else first or not last
    stops = not last and bool(spans[at + 1].broken)
    if language == "zh":
        valued = (
            span.text in ("还 是", "要 不", "要 不 然")
            and bool(span.broken)
            and not last
            and spans[at + 1].has(*_VALUES)
        )
        return first and (stops or again or valued)
    if span.has("fillers") and not span.has("not"):
        return first and stops and at > 0
    return first and (stops or at == 0)
