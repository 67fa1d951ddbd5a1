"""When something is to happen: a moment, a while from now, or an event."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Cause(StrEnum):
    """What sets it off."""

    IN = "in"  # `seconds` from now
    AT = "at"  # at the moment `at`
    FOR = "for"  # at once, and back after `seconds`: "for ten minutes"
    UNTIL = "until"  # at once, and back at the moment `at`
    LEAVE = "leave"  # the last person leaves
    ARRIVE = "arrive"  # somebody comes home
    SUNSET = "sunset"  # `seconds` after it; negative before it
    SUNRISE = "sunrise"
    CHANGE = "change"  # `thing` becomes `state`


class State(StrEnum):
    """What a thing may become, in the sense of "when the washing is finished"."""

    FINISHED = "finished"
    OPEN = "open"
    CLOSED = "closed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    ON = "on"
    OFF = "off"
    FULL = "full"
    EMPTY = "empty"
    WET = "wet"
    DRY = "dry"
    PRESENT = "present"  # motion, somebody there
    ABSENT = "absent"
    RINGS = "rings"


@dataclass(frozen=True, slots=True)
class When:
    """When an order is meant; which fields count is said beside each `Cause`.

    `at` is aware, in the zone of the `now` that it was read with. `days` repeats it on these weekdays
    (Monday is 0). `vague` tells that no time of day was said ("on Wednesday", "tomorrow evening"): `at` then
    has a usual one. `sure` is false for a bare number ("at seven"), which may be another number in truth.
    `thing` are the words for the thing of a `CHANGE`.
    """

    cause: Cause
    seconds: float = 0.0
    at: datetime | None = None
    thing: str = ""
    state: State | None = None
    days: frozenset[int] = frozenset()
    vague: bool = False
    sure: bool = True

    def moment(self, now: datetime) -> datetime | None:
        """When the clock alone says it: the moment; None for an event. `now` is when it was said."""
        if self.at is not None:
            return self.at
        if self.cause in (Cause.IN, Cause.FOR):
            return later(now, self.seconds)
        return None


# -- moments -------------------------------------------------------------------------------------------------


def later(now: datetime, seconds: float) -> datetime:
    """Return the moment so many true seconds later, in the same zone: over a clock change too."""
    return (now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(now.tzinfo)


def on_day(day: date, hour: int, minute: int, now: datetime) -> datetime:
    """Return a time of day on a day, as the clocks there show it; hour 24 is the midnight that ends the day.

    A time that the clock change leaves out is the moment an hour later; of a time that comes twice it is the
    first.
    """
    if hour >= 24:
        day, hour = day + timedelta(days=1), hour - 24
    plain = datetime(day.year, day.month, day.day, hour, minute)
    return _aware(plain, now)


def _aware(plain: datetime, now: datetime) -> datetime:
    if isinstance(now.tzinfo, ZoneInfo) or now.tzinfo in (None, UTC):
        found = plain.replace(tzinfo=now.tzinfo)
    else:
        # A fixed offset, as `datetime.astimezone()` gives it: the system knows the offset of that day.
        found = plain.astimezone()
    return found.astimezone(UTC).astimezone(found.tzinfo) if found.tzinfo is not None else found


_MORNING_HOURS = range(4, 12)
_NIGHT_FROM, _NIGHT_TO = 22, 6


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day as it was said: `half` is 0 before noon, 12 after it, None where nobody said."""

    hour: int
    minute: int = 0
    half: int | None = None
    sure: bool = True

    def hours(self) -> tuple[int, ...]:
        """The hours of the day that may be meant, 0 to 24."""
        if self.hour > 12 or self.hour == 0:
            return (self.hour,)
        if self.half is not None:
            return (self.hour % 12 + self.half,)
        return (self.hour % 12, self.hour % 12 + 12)


def resolved(clock: ClockTime, now: datetime, day: date | None = None, *, waking: bool = False) -> datetime:
    """Return the moment that is meant by a time of day, in plain sense the next such one.

    "At five" is in the afternoon, unless it is said at night; on another day "at seven" is in the morning.
    With `waking` hours from four to eleven are of the morning: nobody is woken at seven in the evening.
    """
    hours = clock.hours()
    if len(hours) == 2:
        hours = _plain_sense(hours, now, other_day=day is not None and day != now.date(), waking=waking)
    days = [day] if day is not None else [now.date(), now.date() + timedelta(days=1)]
    moments = sorted(on_day(each, hour, clock.minute, now) for each in days for hour in hours)
    first = next((each for each in moments if each > now), None)
    if first is not None:
        return first
    # "Today at eight" when it is nine: the evening is not meant any more, so it is tomorrow.
    return on_day((day or now.date()) + timedelta(days=1), hours[0], clock.minute, now)


def _plain_sense(hours: tuple[int, ...], now: datetime, *, other_day: bool, waking: bool) -> tuple[int, ...]:
    early, late = hours
    if waking and early in _MORNING_HOURS:
        return (early,)
    if early == 0:
        return (12,) if other_day or waking else (12, 24)
    if other_day:
        return (early,) if early >= _NIGHT_TO else (late,)
    at_night = now.hour >= _NIGHT_FROM or now.hour < _NIGHT_TO
    return hours if early >= _NIGHT_TO or at_night else (late,)


# -- clocks --------------------------------------------------------------------------------------------------


def elapsed_s() -> float:
    """Return the seconds of a clock that nobody sets: it runs on while the machine sleeps, where it can."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def local_now() -> datetime:
    """Return the moment in the zone of the system (or of `TZ`), by the zone's name where it has one.

    The zone is looked at each time: a car drives into the next one.
    """
    zone = _zone()
    return datetime.now(zone) if zone is not None else datetime.now().astimezone()


def _zone(environment: Mapping[str, str] = os.environ) -> ZoneInfo | None:
    name = environment.get("TZ", "").lstrip(":")
    if not name:
        link = os.path.realpath("/etc/localtime")
        name = link.partition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):  # no such zone, or no name of one
        return None
