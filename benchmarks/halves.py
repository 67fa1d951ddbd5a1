"""What an order comes to that was cut in two at a pause: the same as without the pause, or something else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from benchmarks.listening import Part

if TYPE_CHECKING:
    from assistant.understanding.fast_path import FastPath
    from assistant.understanding.plan import Call

ROOM = "Office"
"""Where the clips are taken to be said."""


class Halves:
    """Plans halves as a conversation does, and compares what is ordered in the end."""

    def __init__(self, fast_path: "FastPath") -> None:
        from assistant.understanding.understanding import Order, Understanding

        async def no_model() -> None:
            raise AssertionError("it is planned locally")

        self._registry = fast_path.registry
        self._understanding = Understanding(fast_path, no_model, Order.LOCAL_ONLY)  # type: ignore[arg-type]

    def come_to(self, parts: Iterable[Part], whole: str) -> bool:
        """Whether some turns, one after the other, order what one whole sentence orders."""
        from assistant.dialogue.continuing import Continuing
        from assistant.report import TurnReport
        from assistant.understanding.frames.memory import Memory
        from assistant.understanding.plan import Tier

        memory = Memory()
        continuing = Continuing(self._understanding, self._registry, ROOM, memory)
        done: list[Call] = []
        for number, part in enumerate(parts):
            span_s = (part.began_s, part.end_s)
            if continuing.adds_nothing(part.text, span_s):
                continue
            turn_id = str(number)
            completed = continuing.whole(part.text, turn_id, span_s)
            if completed is not None:
                heard, _plan = completed
                done = calls = self._calls(heard)  # what was done before is taken back, or is among them
            else:
                heard = part.text
                plan = self._understanding.locally(heard, "en", ROOM, turn_id, memory)
                calls = list(plan.calls) if plan is not None else []
                done = [*done, *calls]
            continuing.note(TurnReport(turn_id, heard, "en", Tier.FAST, calls=calls))
        return _ordered(done) == _ordered(self._calls(whole))

    def _calls(self, text: str) -> "list[Call]":
        from assistant.understanding.frames.memory import Memory

        plan = self._understanding.locally(text, "en", ROOM, "", Memory())
        return list(plan.calls) if plan is not None else []


def _ordered(calls: "Iterable[Call]") -> list[str]:
    return sorted(f"{each.skill}.{each.tool} {sorted(each.arguments.items())}" for each in calls)
