"""Events of an iCalendar file (RFC 5545) in a stretch of time, the repeated ones at each of their times."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

MOST_TIMES = 500
"""Of one event in one stretch; more is a mistake in the file."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """One time of an event. `start` and `end` are aware; of one that lasts whole days they are midnights."""

    title: str
    start: datetime
    end: datetime
    all_day: bool = False
    place: str = ""


def events_in(ics: bytes, since: datetime, until: datetime) -> list[Event]:
    """Return what happens at some time from `since` to `until`, aware moments, in order.

    Days and times without a zone are those of the zone of `since`. Raises ValueError for no iCalendar.
    """
    from icalendar import Calendar  # a tenth of a second to import

    here = since.tzinfo or UTC
    found: list[Event] = []
    for calendar in Calendar.from_ical(ics, multiple=True):
        groups: dict[str, list[Any]] = {}
        for component in calendar.walk("VEVENT"):
            groups.setdefault(str(component.get("UID", id(component))), []).append(component)
        for components in groups.values():
            try:
                found += _of_one(components, since, until, here)
            except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
                _log.warning("an event could not be read: %r", error)
    return sorted(found, key=lambda each: (each.start, each.title))


def _of_one(components: list[Any], since: datetime, until: datetime, here: tzinfo) -> Iterator[Event]:
    """Yield the times of one event: those of its rule, less those that were moved or called off."""
    moved = {_moment(each["RECURRENCE-ID"].dt, here): each for each in components if "RECURRENCE-ID" in each}
    for component in components:
        if "RECURRENCE-ID" in component:
            yield from _within(_event(component, _start(component), here), since, until, component)
            continue
        length = _length(component)
        for start in _starts(component, since - length - timedelta(days=1), until):
            if _moment(start, here) not in moved:
                yield from _within(_event(component, start, here), since, until, component)


def _within(event: Event, since: datetime, until: datetime, component: Mapping[str, Any]) -> Iterator[Event]:
    over = event.end > since or (event.start == event.end and event.start >= since)
    if event.start < until and over and str(component.get("STATUS", "")).upper() != "CANCELLED":
        yield event


def _event(component: Mapping[str, Any], start: date, here: tzinfo) -> Event:
    at = _moment(start, here)
    whole = not isinstance(start, datetime)
    end = _moment(start + _length(component), here) if whole else at + _length(component)
    title, place = str(component.get("SUMMARY", "")).strip(), str(component.get("LOCATION", "")).strip()
    return Event(title, at, end, whole, place)


def _starts(component: Mapping[str, Any], since: datetime, until: datetime) -> Iterator[date]:
    """Yield when an event begins. A rule counts in the event's own wall time, as its author meant it."""
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped, unused-ignore]  # it ships no types

    first = _start(component)
    zone = first.tzinfo if isinstance(first, datetime) else None
    without = {_same(each, first) for each in _dates(component, "EXDATE")}
    more = [each for each in _dates(component, "RDATE") if _same(each, first) not in without]
    if "RRULE" not in component:
        yield from (each for each in dict.fromkeys([first, *more]) if _same(each, first) not in without)
        return
    bare = (
        first.replace(tzinfo=None)
        if isinstance(first, datetime)
        else datetime(first.year, first.month, first.day)
    )
    rule = rrulestr(_rule(component, zone), dtstart=bare)
    window = [(each.astimezone(zone) if zone else each).replace(tzinfo=None) for each in (since, until)]
    for each in islice(rule.xafter(window[0], inc=True), MOST_TIMES):
        if each > window[1] + timedelta(days=1):
            break
        start = each.replace(tzinfo=zone) if isinstance(first, datetime) else each.date()
        if _same(start, first) not in without:
            yield start
    yield from more


def _rule(component: Mapping[str, Any], zone: tzinfo | None) -> str:
    """The rule, with its end in the event's wall time: dateutil wants both without a zone."""
    rule = component["RRULE"]
    parts = []
    for part in rule.to_ical().decode().split(";"):
        name, _equals, _value = part.partition("=")
        if name.upper() != "UNTIL":
            parts.append(part)
    for end in rule.get("UNTIL", []):
        if isinstance(end, datetime):
            bare = (end.astimezone(zone) if zone and end.tzinfo else end).replace(tzinfo=None)
        else:
            bare = datetime(end.year, end.month, end.day, 23, 59, 59)
        parts.append(f"UNTIL={bare:%Y%m%dT%H%M%S}")
    return ";".join(parts)


def _dates(component: Mapping[str, Any], name: str) -> Iterator[date]:
    found = component.get(name, [])
    for entry in found if isinstance(found, list) else [found]:
        for each in entry.dts:
            yield each.dt


def _same(moment: date, like: date) -> object:
    """A moment to compare: whole days as days."""
    if not isinstance(like, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment.astimezone(UTC) if moment.tzinfo else moment
    return moment


def _start(component: Mapping[str, Any]) -> date:
    start: date = component["DTSTART"].dt
    return start


def _length(component: Mapping[str, Any]) -> timedelta:
    start = _start(component)
    if "DTEND" in component:
        end = component["DTEND"].dt
        if isinstance(end, datetime) == isinstance(start, datetime):
            length: timedelta = end - start
            return max(length, timedelta())
    if "DURATION" in component:
        duration: timedelta = component["DURATION"].dt
        return duration
    return timedelta() if isinstance(start, datetime) else timedelta(days=1)


def _moment(moment: date, here: tzinfo) -> datetime:
    """An aware moment; days and times without a zone are ours."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=here)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=here)
