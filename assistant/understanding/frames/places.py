"""Where a Chinese thing stands, said before its name, and locks whose names end in what is to be done."""

from collections.abc import Sequence

from assistant.understanding.frames.tagging import Span

_PLACED = frozenset(
    {
        "上",
        "边",
        "旁",
        "旁 边",
        "里",
        "前",
        "后",
        "头",
        "前 面",
        "后 面",
        "上 面",
        "里 面",
        "底 下",
        "边 上",
        "跟 前",
    }
)
_BESIDE = frozenset(
    {"旁 边", "后 面", "前 面", "下 面", "上 面", "边 上", "后 边", "前 边", "底 下", "顶 上", "对 面"}
)
_LONGEST_PLACE = 3
_BETWEEN = frozenset({"glue", "fillers", "reference"})


def place_before(spans: Sequence[Span], at: int) -> int | None:
    """Return how many spans tell where a thing stands that is called by its own name: 桌上那个台灯."""
    end = at + 1
    while end < len(spans) and spans[end].unknown and end - at < _LONGEST_PLACE:
        end += 1
    if end >= len(spans) or spans[end].text not in _PLACED or spans[end].broken:
        return None
    thing = next(
        (each for each in spans[end + 1 :] if each.entry.full or not set(each.tags) <= _BETWEEN), None
    )
    return end + 1 - at if thing is not None and thing.entry.full and not thing.broken else None


def is_landmark(spans: Sequence[Span], at: int) -> bool:
    """Whether a thing only tells where another one is: 电视旁边那个灯带."""
    if at + 2 >= len(spans) or spans[at + 1].text not in _BESIDE or spans[at + 1].broken:
        return False
    thing = next(
        (each for each in spans[at + 2 :] if each.entry.full or not set(each.tags) <= _BETWEEN), None
    )
    return thing is not None and not thing.broken and bool(thing.entry.full or thing.has("kinds"))


def lock_in(spans: Sequence[Span]) -> str:
    """Return "lock" where a lock's name ends in what is to be done: 把大门锁一下."""
    said = [span for span in spans if not span.has("fillers")]
    led = any(word.text in ("把", "将") for span in spans for word in span.words)
    return "lock" if led and said and said[-1].entry.full and said[-1].text.endswith("锁") else ""
