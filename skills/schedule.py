"""What is to happen later, kept: entries with their moment, in a store that outlives a restart.

Two clocks are read. A time of day ("at seven") is kept as the clocks on the wall show it, so that it stays
at seven whatever is done to them: daylight saving, another time zone, a clock that was wrong. A length ("in
ten minutes") is kept as the moment at which it ends, and is moved along when somebody sets the clock: the
clock that nobody sets (`elapsed_s`) tells by how much.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from skills.api import Store
from skills.times import elapsed_s

MOST_ENTRIES = 200
JUMP_S = 2.0
"""A difference between the clocks beyond this was made by somebody; less is the one running a little fast."""
READ_EVERY_S = 5.0
_KEY = "entries"
_log = logging.getLogger(__name__)


class ScheduleFullError(Exception):
    """There are `MOST_ENTRIES` already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to come. At most one of `due_s` (seconds since 1970), `wall` (a local time, ISO, without a
    zone) and `event` (a condition, as its owner writes it) is set; with none of them it is paused.

    `days` are the weekdays on which `wall` comes again. `data` is its owner's own, JSON.
    """

    id: int
    sort: str
    room: str | None = None
    language: str = "en"
    due_s: float | None = None
    wall: str | None = None
    days: tuple[int, ...] = ()
    event: Mapping[str, Any] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def moment(self, now: datetime) -> datetime | None:
        """When it comes, in the zone of `now`; None for one that waits for an event or is paused."""
        if self.wall is not None:
            plain = datetime.fromisoformat(self.wall).replace(tzinfo=now.tzinfo)
            return plain.astimezone(UTC).astimezone(now.tzinfo)
        if self.due_s is not None:
            return datetime.fromtimestamp(self.due_s, now.tzinfo)
        return None

    def late_s(self, now: datetime) -> float | None:
        """For how many seconds it has been due; negative before it is, None when no clock tells."""
        if self.wall is not None:
            # On the wall: in an hour that comes twice it is due the first time, and gone after that.
            shown = now.replace(tzinfo=None, fold=0)
            return (shown - datetime.fromisoformat(self.wall)).total_seconds()
        return None if self.due_s is None else now.timestamp() - self.due_s

    def again(self, now: datetime) -> "Entry | None":
        """The same on its next day after now; None for what comes once."""
        if not self.days or self.wall is None:
            return None
        first = datetime.fromisoformat(self.wall)
        shown = now.replace(tzinfo=None)
        days = (datetime.combine(shown.date() + timedelta(days=n), first.time()) for n in range(9))
        # Not again today, where the clocks were set back over it.
        last = max(first.date(), shown.date() if shown.time() >= first.time() else first.date())
        following = next(each for each in days if each.date() > last and each.weekday() in self.days)
        return replace(self, wall=following.isoformat())

    def caught_up(self, now: datetime) -> "Entry":
        """The same on the last of its days that has come: of a week slept through only that counts."""
        entry = self
        while entry.days and entry.wall is not None:
            following = entry.again(datetime.fromisoformat(entry.wall).replace(tzinfo=now.tzinfo))
            late_s = None if following is None else following.late_s(now)
            if following is None or late_s is None or late_s < 0:
                break
            entry = following
        return entry


class Schedule:
    """The entries of one owner, in a store that others may write to as well: `sotto ask` beside the daemon.

    It is read again before every change, and every few seconds; every change is written before it counts.
    """

    def __init__(self, store: Store, elapsed: Callable[[], float] = elapsed_s) -> None:
        self.store = store
        self._elapsed = elapsed
        self._entries: dict[int, Entry] = {}
        self._last_id = 0
        self._read_s: float | None = None
        self._between: float | None = None  # the clocks' difference when they were last looked at

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted(self._entries.values(), key=lambda each: each.id))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, entry_id: int) -> Entry | None:
        """The entry, or None when it is gone."""
        return self._entries.get(entry_id)

    async def read(self) -> None:
        """Read what is kept. An entry that cannot be read is left out and told in the log."""
        self._entries = {}
        for kept in await self.store.get(_KEY, []):
            try:
                entry = _entry(kept)
            except (TypeError, ValueError, AttributeError, OverflowError) as error:
                _log.error("an entry that was kept cannot be read: %s", error)
                continue
            self._entries[entry.id] = entry
        self._last_id = max(self._last_id, *self._entries, 0)
        self._read_s = self._elapsed()

    async def add(self, entry: Entry) -> Entry:
        """Keep a new entry under an id of its own. Raises `ScheduleFullError`."""
        await self.read()
        if len(self._entries) >= MOST_ENTRIES:
            raise ScheduleFullError
        self._last_id += 1
        entry = replace(entry, id=self._last_id)
        await self._write({**self._entries, entry.id: entry})
        return entry

    async def put(self, entry: Entry) -> None:
        """Keep an entry, in place of the one with its id."""
        await self.read()
        await self._write({**self._entries, entry.id: entry})

    async def remove(self, entries: Iterable[Entry]) -> None:
        """Forget entries."""
        gone = {each.id for each in entries}
        await self.read()
        await self._write({key: each for key, each in self._entries.items() if key not in gone})

    async def due(self, now: datetime) -> list[Entry]:
        """The entries whose moment has come, the one that waits longest first."""
        if self._read_s is None or self._elapsed() - self._read_s >= READ_EVERY_S:
            await self.read()
        await self._mind_the_clock(now)
        late = {each.id: late_s for each in self if (late_s := each.late_s(now)) is not None and late_s >= 0}
        return sorted((self._entries[key] for key in late), key=lambda each: -late[each.id])

    def next_s(self, now: datetime) -> float | None:
        """Seconds until the next entry is due, 0 for one that is; None when no clock sets off any."""
        waits = [-late for each in self if (late := each.late_s(now)) is not None]
        return max(0.0, min(waits)) if waits else None

    async def _mind_the_clock(self, now: datetime) -> None:
        """Move what ends after a length, if somebody has set the clock since it was looked at."""
        difference = now.timestamp() - self._elapsed()
        before, self._between = self._between, difference
        if before is None or abs(difference - before) < JUMP_S:
            return
        _log.info("the clock was set by %.0f s", difference - before)
        await self.read()
        moved = {
            key: each if each.due_s is None else replace(each, due_s=each.due_s + difference - before)
            for key, each in self._entries.items()
        }
        await self._write(moved)

    async def _write(self, entries: dict[int, Entry]) -> None:
        await self.store.put(_KEY, [asdict(each) for each in entries.values()] or None)
        self._entries = entries


def _entry(kept: Mapping[str, Any]) -> Entry:
    """Read one entry. Raises TypeError, ValueError, AttributeError and OverflowError for what is none."""
    entry = Entry(**{**kept, "days": tuple(kept.get("days", ()))})
    if entry.wall is not None:
        datetime.fromisoformat(entry.wall)
    if entry.due_s is not None:
        datetime.fromtimestamp(entry.due_s, UTC)
    if not isinstance(entry.id, int) or not isinstance(entry.data, Mapping):
        raise TypeError("it has no number or no data")
    return entry
