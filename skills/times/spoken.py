"""What is said of a moment, in any language, and the moment that it comes to."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from skills.times.when import Cause, ClockTime, When, later, on_day, resolved

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
WEEKDAYS, WEEKEND, EVERY_DAY = frozenset(range(5)), frozenset({5, 6}), frozenset(range(7))
USUAL_HOUR = 9
"""When somebody names a day and nothing else."""


class Part(Enum):
    """A part of the day: its usual hour when no other is said."""

    SMALL_HOURS = 2
    MORNING = 8
    NOON = 12
    AFTERNOON = 15
    EVENING = 19
    TONIGHT = 20
    NIGHT = 22


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was said: so many days from today, a weekday (Monday is 0), or a date."""

    ahead: int | None = None
    weekday: int | None = None
    weeks: int = 0
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that was said of one moment; at least one of clock, part, day and days."""

    clock: ClockTime | None = None
    part: Part | None = None
    day: Day | None = None
    days: frozenset[int] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether nothing was said."""
        return self == Spoken()

    def at(self, now: datetime, *, waking: bool = False) -> When | None:
        """Return the moment; None for a day that is in no calendar."""
        try:
            return self._at(now, waking)
        except (ValueError, OverflowError):
            return None

    def _at(self, now: datetime, waking: bool) -> When:
        sure = self.clock is None or self.clock.sure or self.part is not None or self.day is not None
        said = When(Cause.AT, vague=self.clock is None, sure=sure or bool(self.days), days=self.days)
        if self.days:
            first = (now.date() + timedelta(days=ahead) for ahead in range(8))
            moments = (self._on(day, now, waking) for day in first if day.weekday() in self.days)
            return replace(said, at=next(each for each in moments if each > now))
        if self.day is None:
            return replace(said, at=self._next(now, waking))
        day = _date(self.day, now)
        found = self._on(day, now, waking)
        if self.day.weekday is not None:
            if found <= now or (self.part is None and found.date() != day):  # that day is over for it
                found = self._on(day + timedelta(days=7), now, waking)
        elif found <= now and self.day.ahead == 0 and self.clock is not None and self.part is not None:
            found = self._on(day + timedelta(days=1), now, waking)  # "at six this evening", at half past six
        elif found <= now and self.day.ahead == 0:
            found = later(now, HOUR_S) if self.clock is None else resolved(self.clock, now)
        elif found <= now:
            found = self._on(_a_year_on(day), now, waking)
        return replace(said, at=found)

    def _next(self, now: datetime, waking: bool) -> datetime:
        """The next such moment, when no day was said."""
        if self.part is None:
            assert self.clock is not None
            return resolved(self.clock, now, waking=waking)
        for ahead in (-1, 0, 1):  # the small hours may belong to yesterday's night
            found = self._on(now.date() + timedelta(days=ahead), now, waking)
            if found > now:
                return found if ahead < 1 or self.part is not Part.TONIGHT else later(now, HOUR_S)
        raise ValueError("there is no such moment")  # pragma: no cover - one of three days has it

    def _on(self, day: date, now: datetime, waking: bool) -> datetime:
        if self.clock is None:
            hour = USUAL_HOUR if self.part is None else self.part.value
            return on_day(day, hour, 0, now)
        if self.part is not None:
            return on_day(day, _hour_in(self.part, self.clock), self.clock.minute, now)
        return self._first(day, now) if self.days else resolved(self.clock, now, day, waking=waking)

    def _first(self, day: date, now: datetime) -> datetime:
        """What is repeated does not depend on the hour at which it was ordered."""
        assert self.clock is not None
        morning = on_day(day, 0, 0, now)
        return resolved(self.clock, later(morning, -1), day, waking=True)


def _hour_in(part: Part, clock: ClockTime) -> int:
    """Return the hour in a part of the day; beyond 24 it is of the day after."""
    hour = clock.hour
    if hour == 0:  # of the night that belongs to the day before
        return 24 if part in (Part.EVENING, Part.TONIGHT, Part.NIGHT) else 0
    if hour > 12 or clock.half is not None:
        return clock.hours()[0]
    if part is Part.MORNING:
        return hour % 12
    if part is Part.SMALL_HOURS:
        return hour % 12 if hour < 9 or hour == 12 else hour + 12
    if part is Part.NOON:
        return hour if hour >= 10 else hour + 12
    if part is Part.AFTERNOON:
        return hour % 12 + 12
    if hour == 12:
        return 24
    return hour + (24 if hour < 5 and part is not Part.EVENING else 12)


def _date(said: Day, now: datetime) -> date:
    today = now.date()
    if said.ahead is not None:
        return today + timedelta(days=said.ahead)
    if said.weekday is not None:
        # "Next Monday" is the Monday of the week after this one, in Chinese too.
        if said.weeks:
            return today - timedelta(days=today.weekday()) + timedelta(days=7 * said.weeks + said.weekday)
        return today + timedelta(days=(said.weekday - today.weekday()) % 7)
    assert said.day is not None
    if said.month is not None:
        found = date(today.year, said.month, said.day)
        return found if found >= today else _a_year_on(found)
    month = today.month if said.day >= today.day else today.month % 12 + 1
    return date(today.year + (month < today.month), month, said.day)


def _a_year_on(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 4, 2, 29)
