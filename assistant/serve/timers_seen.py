"""Timers as satellites show them: those of their room, as they start, change and end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from speech.satellites.satellite import TimerNews, TimerSeen

if TYPE_CHECKING:
    from assistant.app import Assistant

LOOK_EVERY_S = 1.0


class _Runs(Protocol):
    id: str
    name: str
    room: str | None
    length_s: float
    left_s: float
    is_paused: bool


Show = Callable[[str | None, TimerNews, TimerSeen], None]
"""Shows a timer of a room."""


class TimersSeen:
    """Looks at the timers of whichever skill has `running` ones, and tells what changed."""

    def __init__(self, assistant: "Assistant", show: Show) -> None:
        self._assistant = assistant
        self._show = show
        self._known: dict[str, tuple[str | None, TimerSeen, float]] = {}

    async def serve(self) -> None:
        """Look for ever."""
        while True:
            self.look(asyncio.get_running_loop().time())
            await asyncio.sleep(LOOK_EVERY_S)

    def again(self, room: str | None, show: Callable[[TimerNews, TimerSeen], None]) -> None:
        """Tell one that has come back of all that run in its room."""
        for timer_room, timer, _ in self._known.values():
            if same_room(timer_room, room):
                show("started", timer)

    def look(self, now_s: float) -> None:
        """Tell what has changed since the last look, at a moment of the loop's clock."""
        here: dict[str, tuple[str | None, TimerSeen, float]] = {}
        for timer in self._running():
            seen = TimerSeen(
                timer.id, timer.name, round(timer.length_s), round(timer.left_s), not timer.is_paused
            )
            due_s = timer.left_s + (0.0 if timer.is_paused else now_s)
            here[timer.id] = timer.room, seen, due_s
            before = self._known.get(timer.id)
            if before is None:
                self._show(timer.room, "started", seen)
            elif before[1].runs != seen.runs or abs(before[2] - due_s) > LOOK_EVERY_S:
                self._show(timer.room, "updated", seen)
        for gone in self._known.keys() - here.keys():
            room, seen, due_s = self._known[gone]
            rang = seen.runs and due_s <= now_s + LOOK_EVERY_S
            self._show(room, "finished" if rang else "cancelled", replace(seen, left_s=0))
        self._known = here

    def _running(self) -> tuple[_Runs, ...]:
        skills = self._assistant.parts.registry.skills.values()
        return tuple(timer for skill in skills for timer in getattr(skill, "running", ()))


def same_room(one: str | None, other: str | None) -> bool:
    """Whether what belongs to a room belongs there; what belongs to none belongs everywhere."""
    return one is None or one.casefold() == (other or "").casefold()
