"""The bell: what is due rings where it was set, again and again, until somebody stops it or nobody did."""

from dataclasses import dataclass, replace
from datetime import datetime

from skills.api import Announcement, HomeView, Say
from skills.conditions import Condition, Watch
from skills.schedule import Entry, Schedule
from skills.timers.entries import Sort, of_length, to_person, was_words
from skills.times import say_clock

ON_TIME_S = 20.0
"""Later than this it is said when it should have been."""
TOO_LATE_S = 3_600.0
"""Later than this it is told once, and does not ring any more."""
RINGS = {Sort.TIMER: 30, Sort.ALARM: 60, Sort.REMINDER: 3}
"""How often each rings when nobody stops it: five minutes, ten, and three."""
EVERY_S = {Sort.TIMER: 10.0, Sort.ALARM: 10.0, Sort.REMINDER: 60.0}


@dataclass(slots=True)
class Ring:
    """An entry that rings: how often it did, and when it does next, by the clock that nobody sets."""

    entry: Entry
    next_s: float
    rung: int = 0


class Bell:
    """Rings what is due in a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._rings: dict[int, Ring] = {}
        self._watch = Watch()

    @property
    def ringing(self) -> list[Entry]:
        """What rings now."""
        return [each.entry for each in self._rings.values()]

    async def ring(self, now: datetime, elapsed_s: float, home: HomeView) -> list[Announcement]:
        """Return what is to be said now."""
        await self._see(now, home)
        for entry in await self._schedule.due(now):
            if entry.id not in self._rings:
                latest = entry.caught_up(now)
                if latest is not entry:
                    await self._schedule.put(latest)
                self._rings[entry.id] = Ring(latest, elapsed_s)
        said: list[Announcement] = []
        for ring in list(self._rings.values()):
            if self._schedule.get(ring.entry.id) is None:
                del self._rings[ring.entry.id]
            elif ring.next_s <= elapsed_s:
                said.append(await self._strike(ring, now, elapsed_s))
        return said

    def next_s(self, now: datetime, elapsed_s: float) -> float | None:
        """Seconds until the next stroke or the next entry is due; None when nothing is to come."""
        waits = [each.next_s - elapsed_s for each in self._rings.values()]
        due_s = self._schedule.next_s(now)
        if due_s is not None and (due_s > 0 or not self._rings):
            waits.append(due_s)
        return max(0.0, min(waits)) if waits else None

    async def stop(self, now: datetime) -> list[Entry]:
        """Silence all that rings, and return it. What is repeated comes again on its next day."""
        stopped = self.ringing
        for entry in stopped:
            await self._finish(entry, now)
        return stopped

    async def snooze(self, now: datetime, seconds: float) -> list[Entry]:
        """Let all that rings ring again after a while."""
        stopped = await self.stop(now)
        for entry in stopped:
            later = replace(entry, wall=None, days=(), event=None, due_s=now.timestamp() + seconds)
            await self._schedule.add(later)
        return stopped

    def silence(self, entry: Entry) -> None:
        """Let an entry ring no more for now; it stays in the schedule."""
        self._rings.pop(entry.id, None)

    async def _see(self, now: datetime, home: HomeView) -> None:
        """Make due what waited for something that has come true."""
        waiting = [each for each in self._schedule if each.event is not None]
        self._watch.forget(each.id for each in waiting)
        for entry in waiting:
            assert entry.event is not None
            if self._watch.came(entry.id, Condition.of(entry.event), home):
                data = {**entry.data, "event": dict(entry.event)}
                await self._schedule.put(replace(entry, event=None, due_s=now.timestamp(), data=data))

    async def _strike(self, ring: Ring, now: datetime, elapsed_s: float) -> Announcement:
        entry, late_s = ring.entry, ring.entry.late_s(now) or 0.0
        sort = Sort(entry.sort)
        missed = ring.rung == 0 and late_s > TOO_LATE_S
        late = ring.rung == 0 and late_s > ON_TIME_S
        say = _say(entry, "missed" if missed else "late" if late else "rings", now)
        ring.rung += 1
        ring.next_s = elapsed_s + EVERY_S[sort]
        if missed or ring.rung >= RINGS[sort]:
            await self._finish(entry, now)
        return Announcement(say, room=entry.room, language=entry.language)

    async def _finish(self, entry: Entry, now: datetime) -> None:
        self._rings.pop(entry.id, None)
        following = entry.again(now)
        if following is not None:
            await self._schedule.put(following)
        else:
            await self._schedule.remove([entry])


def _say(entry: Entry, how: str, now: datetime) -> Say:
    """Return the sentence of one stroke: `how` is rings, late or missed."""
    name, language = to_person(entry.data.get("name", "")), entry.language
    event = entry.data.get("event")
    if entry.sort == Sort.REMINDER and event is not None and not name:
        return Say(f"told_{event['state']}", {"thing": entry.data.get("thing", "")})
    named = "" if name else "_plain"
    values = {
        "name": name,
        "length": of_length(entry),
        "clock": say_clock(entry.moment(now) or now, language),
        "was": was_words(entry, now, language),
    }
    return Say(f"{entry.sort}_{how}{named}", values)
