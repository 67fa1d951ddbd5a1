"""Calendars: iCalendar files and addresses to read, and one CalDAV calendar to read and write (RFC 4791)."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET  # expat bounds what entities may grow to

from devices.adapters.adapter import Acted, AdapterError
from devices.adapters.recurring import Event, events_in
from devices.commands import Result, Sent

if TYPE_CHECKING:
    import httpx

ANSWER_S = 5.0
FRESH_FOR_S = 300.0
"""An address is asked so often at most; CalDAV and files are read each time."""
LARGEST_BYTES = 20_000_000
MOST_EVENTS = 200
_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
_QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{since:%Y%m%dT%H%M%SZ}" end="{until:%Y%m%dT%H%M%SZ}"/>
</C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """Where calendars are. `caldav_url` is that of one calendar, which new events go to."""

    files: tuple[Path, ...] = ()
    urls: tuple[str, ...] = ()
    caldav_url: str | None = None
    user: str = ""
    password: str = field(default="", repr=False)


class CalendarAdapter:
    """Question: `events SINCE UNTIL` (ISO moments with their offset) -> {"events": [...], "missing": [...]}.
    Action: `add` title, start, end, all_day; it is done when the calendar gives the event back.

    `missing` are the calendars that could not be read. Raises `AdapterError` when none could.
    """

    name = "calendar"

    def __init__(self, settings: CalendarSettings) -> None:
        self._settings = settings
        self._client: httpx.AsyncClient | None = None
        self._kept: dict[str, tuple[float, bytes]] = {}

    async def ask(self, question: str) -> Mapping[str, Any]:
        """Answer; see the class."""
        what, _blank, rest = question.partition(" ")
        try:
            since, until = (datetime.fromisoformat(each) for each in rest.split())
        except ValueError:
            raise AdapterError(f"the calendar does not know {question!r}") from None
        if what != "events" or since.tzinfo is None or until.tzinfo is None:
            raise AdapterError(f"the calendar does not know {question!r}")
        found, missing = await self._read(since, until)
        return {"events": [_told(each) for each in found[:MOST_EVENTS]], "missing": missing}

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Put an event down, and look whether it is there."""
        if action != "add":
            return Result.CANNOT, f"a calendar has no action {action!r}", ()
        url = self._settings.caldav_url
        if url is None:
            return Result.CANNOT, "no calendar is configured that can be written", ()
        ics, name = _written(arguments), f"{uuid.uuid4()}.ics"
        target = f"{url.rstrip('/')}/{name}"
        sent = (Sent("calendar", urlsplit(target).path, str(arguments.get("title", ""))),)
        headers = {"content-type": "text/calendar; charset=utf-8", "if-none-match": "*"}
        try:
            status, _body = await self._request("PUT", target, headers, ics)
            if status not in (200, 201, 204):
                return Result.REFUSED, f"the calendar answered {status}", sent
            status, body = await self._request("GET", target, {}, b"")
        except AdapterError as error:
            return Result.OFFLINE, str(error), sent
        if status != 200 or b"BEGIN:VEVENT" not in body:
            return Result.NO_ANSWER, f"the event is not in the calendar ({status})", sent
        return Result.DONE, "it is in the calendar", sent

    async def close(self) -> None:
        """Let the connections go."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    # -- reading ---------------------------------------------------------------------------------------------

    async def _read(self, since: datetime, until: datetime) -> tuple[list[Event], list[str]]:
        sources: list[tuple[str, Awaitable[Sequence[bytes]]]] = [
            (file.stem, self._of_file(file)) for file in self._settings.files
        ]
        sources += [(urlsplit(url).hostname or url, self._of_url(url)) for url in self._settings.urls]
        if self._settings.caldav_url is not None:
            host = urlsplit(self._settings.caldav_url).hostname or "caldav"
            sources.append((host, self._of_caldav(self._settings.caldav_url, since, until)))
        if not sources:
            raise AdapterError("no calendar is configured")
        found: dict[Event, None] = {}
        missing: list[str] = []
        for (name, _work), came in zip(
            sources,
            await asyncio.gather(*(work for _name, work in sources), return_exceptions=True),
            strict=True,
        ):
            if isinstance(came, BaseException):
                if not isinstance(came, AdapterError):
                    raise came
                _log.warning("calendar %s: %s", name, came)
                missing.append(name)
                continue
            for ics in came:
                try:
                    found |= dict.fromkeys(await asyncio.to_thread(events_in, ics, since, until))
                except ValueError as error:
                    _log.warning("calendar %s: %s", name, error)
                    missing.append(name)
        if len(missing) >= len(sources) and not found:
            raise AdapterError(f"no calendar could be read: {', '.join(missing)}")
        return sorted(found, key=lambda each: (each.start, each.title)), missing

    async def _of_file(self, file: Path) -> Sequence[bytes]:
        try:
            return (await asyncio.to_thread(file.read_bytes),)
        except OSError as error:
            raise AdapterError(f"{file.name}: {error.strerror}") from None

    async def _of_url(self, url: str) -> Sequence[bytes]:
        kept = self._kept.get(url)
        now_s = time.monotonic()
        if kept is not None and now_s - kept[0] < FRESH_FOR_S:
            return (kept[1],)
        status, body = await self._request("GET", url.replace("webcal://", "https://", 1), {}, b"")
        if status != 200:
            raise AdapterError(f"it answered {status}")
        self._kept[url] = now_s, body
        return (body,)

    async def _of_caldav(self, url: str, since: datetime, until: datetime) -> Sequence[bytes]:
        query = _QUERY.format(since=since.astimezone(UTC), until=until.astimezone(UTC)).encode()
        headers = {"depth": "1", "content-type": "application/xml; charset=utf-8"}
        status, body = await self._request("REPORT", url, headers, query)
        if status != 207:
            raise AdapterError(f"it answered {status}")
        try:
            tree = ET.fromstring(body)  # noqa: S314 - the owner's own server, and expat is bounded
        except ET.ParseError as error:
            raise AdapterError(f"it answered with broken XML: {error}") from None
        return tuple(each.text.encode() for each in tree.iter(_DATA) if each.text)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, bytes]:
        import httpx  # 0.2 s to import

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=ANSWER_S, follow_redirects=True)
        own = self._settings.caldav_url is not None and url.startswith(self._settings.caldav_url.rstrip("/"))
        auth = (self._settings.user, self._settings.password) if own and self._settings.user else None
        body = bytearray()
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                self._client.stream(method, url, headers=headers, content=content, auth=auth) as response,
            ):
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_BYTES:
                        raise AdapterError(f"it is larger than {LARGEST_BYTES} bytes")
        except TimeoutError:
            raise AdapterError(f"no answer within {ANSWER_S:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AdapterError(str(error) or type(error).__name__) from None
        return response.status_code, bytes(body)


def _told(event: Event) -> Mapping[str, Any]:
    return {
        "title": event.title,
        "start": event.start.isoformat(),
        "end": event.end.isoformat(),
        "all_day": event.all_day,
        "place": event.place,
    }


def _written(arguments: Mapping[str, Any]) -> bytes:
    """An event as iCalendar; times go out in UTC, whole days as days."""
    from icalendar import Calendar
    from icalendar import Event as Component

    start, end = (datetime.fromisoformat(str(arguments[each])) for each in ("start", "end"))
    component = Component()
    component.add("uid", str(uuid.uuid4()))
    component.add("dtstamp", datetime.now(UTC))
    component.add("summary", str(arguments["title"]))
    if arguments.get("all_day"):
        last: date = max(end.date(), start.date() + timedelta(days=1))
        component.add("dtstart", start.date())
        component.add("dtend", last)
    else:
        component.add("dtstart", start.astimezone(UTC))
        component.add("dtend", end.astimezone(UTC))
    calendar = Calendar()
    calendar.add("prodid", "-//Sotto Voce//EN")
    calendar.add("version", "2.0")
    calendar.add_component(component)
    written: bytes = calendar.to_ical()
    return written
