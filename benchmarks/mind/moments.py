"""When something is to happen: "in_s", "at", "day", "days" and "when" of the set, compared."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEAR_S = 90.0
"""Seconds of speech may pass between "in ten minutes" and the moment from which they are counted."""


def same(wanted: Mapping[str, Any], got: Mapping[str, Any], now: datetime) -> bool:
    """Whether two moments are one. What `wanted` leaves open is left to `got`."""
    if wanted.get("when") != got.get("when"):
        return False
    if "days" in wanted and _days(wanted["days"]) != _days(got.get("days")):
        return False
    if "in_s" in wanted:
        then = _moment(got, now)
        return then is not None and abs((then - now).total_seconds() - float(wanted["in_s"])) <= NEAR_S
    if "at" in wanted and not _same_clock(wanted["at"], got, now):
        return False
    if "day" in wanted:
        then = _moment(got, now)
        return same_day(wanted["day"], got.get("day", then.date() if then is not None else None), now)
    return True


def same_day(wanted: Any, got: Any, now: datetime) -> bool:
    """Whether two words are one day: "tomorrow", "monday", a date; of "weekend" either of its days."""
    one, other = _day(wanted, now.date()), _day(got, now.date())
    ones, others = (each if isinstance(each, tuple) else (each,) for each in (one, other))
    return None not in ones and not set(ones).isdisjoint(others)


def _same_clock(wanted: str, got: Mapping[str, Any], now: datetime) -> bool:
    then = _moment(got, now)
    clock = _clock(wanted)
    return then is not None and clock is not None and (then.hour, then.minute) == (clock.hour, clock.minute)


def _moment(told: Mapping[str, Any], now: datetime) -> datetime | None:
    """The moment that is told; without a day the next such time."""
    if "in_s" in told:
        return now + timedelta(seconds=float(told["in_s"]))
    at = told.get("at")
    if isinstance(at, datetime):
        return at.astimezone(now.tzinfo)
    clock = _clock(at) if at is not None else None
    if clock is None:
        return None
    day = _day(told["day"], now.date()) if told.get("day") else None
    if isinstance(day, tuple):
        day = day[0]
    then = datetime.combine(day or now.date(), clock, now.tzinfo)
    return then + timedelta(days=1) if day is None and then <= now else then


def _clock(told: Any) -> time | None:
    if isinstance(told, time):
        return told
    try:
        return time.fromisoformat(str(told))
    except ValueError:
        try:
            return datetime.fromisoformat(str(told)).time()
        except ValueError:
            return None


def _day(told: Any, today: date) -> date | tuple[date, ...] | None:
    """The date of a day's word; of "weekend" both of its days. A weekday is the
    next one; today's own name is today or in a week.
    """
    if isinstance(told, datetime):
        return told.date()
    if isinstance(told, date):
        return told
    word = str(told).lower().replace(" ", "_")
    ahead = {"today": 0, "tonight": 0, "tomorrow": 1, "day_after_tomorrow": 2}.get(word)
    if ahead is not None:
        return today + timedelta(days=ahead)
    if word == "weekend":
        saturday = today + timedelta(days=(5 - today.weekday()) % 7)
        return saturday, saturday + timedelta(days=1)
    if word.removeprefix("next_") in WEEKDAYS:
        first = today + timedelta(days=(WEEKDAYS.index(word.removeprefix("next_")) - today.weekday()) % 7)
        either = word.startswith("next_") or first == today  # its time may be over
        return (first, first + timedelta(days=7)) if either else first
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _days(told: Any) -> frozenset[str]:
    """Days on which something comes again: "weekdays", "daily", or a list of them."""
    if told is None:
        return frozenset()
    words = [told] if isinstance(told, str) else list(told)
    found: set[str] = set()
    for each in words:
        word = WEEKDAYS[each] if isinstance(each, int) else str(each).lower()
        found |= {
            "weekdays": set(WEEKDAYS[:5]),
            "weekday": set(WEEKDAYS[:5]),
            "weekend": set(WEEKDAYS[5:]),
            "weekends": set(WEEKDAYS[5:]),
            "daily": set(WEEKDAYS),
            "every_day": set(WEEKDAYS),
            "everyday": set(WEEKDAYS),
            "all": set(WEEKDAYS),
        }.get(word, {word})
    return frozenset(found)
