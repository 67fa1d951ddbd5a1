"""The book of timers, alarms and reminders: what is kept, what rings, and what was set last."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from skills.api import Context, Say, SkillError
from skills.conditions import CannotTellError, due_fields, place_of
from skills.schedule import Entry, Schedule, ScheduleFullError
from skills.timers.bell import Bell
from skills.timers.entries import RunningTimer, Sort, running_timer
from skills.times import Cause, When

FRESH_S = 120.0
"""For so long "it" is the one that was set last."""
SAME_BREATH_S = 1.0


class Book:
    """The entries in the store of one home."""

    def __init__(self, context: Context, elapsed: Callable[[], float]) -> None:
        self.store = context.store
        self.schedule = Schedule(context.store, elapsed)
        self.bell = Bell(self.schedule)
        self._last: tuple[int, datetime] | None = None  # the entry that was set last, and when

    def of(self, sort: Sort) -> list[Entry]:
        """All of a sort, in the order in which they were set."""
        return [each for each in self.schedule if each.sort == sort]

    def running(self) -> tuple[RunningTimer, ...]:
        """The timers that run or are paused, and do not ring yet."""
        now, ringing = datetime.now(UTC), {each.id for each in self.bell.ringing}
        return tuple(running_timer(each, now) for each in self.of(Sort.TIMER) if each.id not in ringing)

    def fresh(self, entries: Sequence[Entry], now: datetime) -> Entry | None:
        """The one of these that was set last, if that was just now."""
        if self._last is None or now - self._last[1] > timedelta(seconds=FRESH_S):
            return None
        return next((each for each in entries if each.id == self._last[0]), None)

    def in_same_breath(self, now: datetime) -> When | None:
        """The moment of an alarm that was set just before: "an alarm at seven, and remind me to …"."""
        if self._last is None or now - self._last[1] > timedelta(seconds=SAME_BREATH_S):
            return None
        entry = self.schedule.get(self._last[0])
        at = None if entry is None or entry.sort != Sort.ALARM else entry.moment(now)
        return None if at is None else When(Cause.AT, at=at)

    async def add(self, context: Context, sort: Sort, said: When, data: dict[str, Any]) -> Entry:
        """Write one down. Raises `SkillError` for what nobody can tell the moment of, and for too many."""
        entry = Entry(0, sort, context.room, context.language, data=data, **due(said, context))
        try:
            entry = await self.schedule.add(entry)
        except ScheduleFullError:
            raise SkillError(Say("too_many")) from None
        self._last = (entry.id, context.now())
        return entry

    async def change(self, entry: Entry) -> None:
        """Put an entry in place of the one with its id; it does not ring any more."""
        self.bell.silence(entry)
        await self.schedule.put(entry)

    async def forget(self, entries: Sequence[Entry]) -> None:
        """Strike entries out."""
        for entry in entries:
            self.bell.silence(entry)
        await self.schedule.remove(entries)

    async def happened(self, cause: Cause, now: datetime) -> None:
        """Make due what waits for somebody to leave or to come home."""
        for entry in [each for each in self.schedule if (each.event or {}).get("state") == cause.value]:
            data = {**entry.data, "event": dict(entry.event or {})}
            await self.schedule.put(replace(entry, event=None, due_s=now.timestamp(), data=data))


def due(said: When, context: Context) -> dict[str, Any]:
    """Return the fields of an entry that say when it comes. Raises `SkillError` where nobody can tell."""
    try:
        return due_fields(said, context.now(), context.home, place_of(context.settings))
    except CannotTellError as why:
        raise SkillError(Say(str(why), {"thing": said.thing})) from None
