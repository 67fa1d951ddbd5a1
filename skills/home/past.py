"""Times that were: what "this morning" means, when something began, how long it lasted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from skills.api import Context, Device, Say, SkillError, Span
from skills.home.states import Test

Period = Literal[
    "today", "this_morning", "this_afternoon", "this_evening", "tonight", "last_night",
    "yesterday", "yesterday_morning", "yesterday_afternoon", "yesterday_evening", "day_before_yesterday",
    "just_now", "last_half_hour", "last_hour", "last_hours", "last_day", "last_week",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
]  # fmt: skip

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BACK_MINUTES = {
    "just_now": 10,
    "last_half_hour": 30,
    "last_hour": 60,
    "last_hours": 180,
    "last_day": 24 * 60,
}
_HOURS = {"morning": (5, 12), "afternoon": (12, 18), "evening": (18, 24)}
_SAME_MOMENT_S = 1.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which it was so. `open_start` tells that nobody knows when it began."""

    since_s: float
    until_s: float
    open_start: bool = False


def bounds(period: str, now: datetime) -> tuple[float, float]:
    """Return where a period begins and ends, in seconds since 1970, not beyond now.

    Raises `SkillError` (reply `not_yet`) for one that is still to come.
    """
    start, end = _span_of(period, now)
    if start >= now:
        raise SkillError(Say("not_yet"))
    return start.timestamp(), min(end, now).timestamp()


def _span_of(period: str, now: datetime) -> tuple[datetime, datetime]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    if period in _BACK_MINUTES:
        return now - timedelta(minutes=_BACK_MINUTES[period]), now
    if period in _WEEKDAYS:
        back = (now.weekday() - _WEEKDAYS.index(period)) % 7 or 7
        return midnight - back * day, midnight - (back - 1) * day
    if period == "last_week":
        return now - 7 * day, now
    if period == "last_night":
        return midnight - timedelta(hours=4), midnight + timedelta(hours=6)
    if period == "tonight":
        return midnight + timedelta(hours=18), midnight + day
    if period == "day_before_yesterday":
        return midnight - 2 * day, midnight - day
    base = midnight - day if period.startswith("yesterday") else midnight
    first, last = _HOURS.get(period.rpartition("_")[2], (0, 24))
    return base + timedelta(hours=first), base + timedelta(hours=last)


def stretches(
    context: Context, device: Device, test: Test, since_s: float, until_s: float
) -> tuple[Stretch, ...]:
    """Return when it was so, oldest first. Raises `SkillError` (reply `no_record`) when nothing is known."""
    spans = context.history.spans(device.id, test.ability, since_s, until_s)
    if not spans:
        raise SkillError(Say("no_record", {"name": device.name}))
    return tuple(_joined(spans, test))


def _joined(spans: Iterable[Span], test: Test) -> Iterator[Stretch]:
    found: Stretch | None = None
    first = True
    for span in spans:
        if test.holds(span.value):
            if found is not None and span.since_s - found.until_s <= _SAME_MOMENT_S:
                found = Stretch(found.since_s, span.until_s, found.open_start)
            else:
                if found is not None:
                    yield found
                # What was so from the first thing that is known began at some earlier time.
                found = Stretch(span.since_s, span.until_s, first)
        first = False
    if found is not None:
        yield found


def moment(at_s: float, now: datetime) -> Say:
    """Return a moment as people say it: the day, and the time of day."""
    then = datetime.fromtimestamp(at_s, now.tzinfo)
    time = f"{then.hour}:{then.minute:02d}"
    days = (now.date() - then.date()).days
    if days == 0:
        return Say("at_time_today", {"time": time})
    if days == 1:
        return Say("at_time_yesterday", {"time": time})
    return Say("at_time_on", {"time": time, "day": Say(f"day_{_WEEKDAYS[then.weekday()]}")})


def duration(seconds: float) -> tuple[Say, ...]:
    """Return a length of time in hours and minutes."""
    minutes = round(seconds / 60.0)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(Say("one_hour" if hours == 1 else "hours", {"count": hours}))
    if minutes:
        parts.append(Say("one_minute" if minutes == 1 else "minutes", {"count": minutes}))
    return tuple(parts) or (Say("less_than_a_minute"),)
