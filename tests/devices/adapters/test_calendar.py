"""Calendars, against a real CalDAV server where one is prepared: RADICALE names its program."""

import asyncio
import shutil
import socket
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.adapters.adapter import AdapterError
from devices.adapters.calendar import CalendarAdapter, CalendarSettings
from devices.adapters.recurring import events_in
from devices.commands import Result
from tests.requirements import require

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


def ics(*lines):
    body = "\r\n".join(lines)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


def event(*lines, uid="1"):
    return ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20250101T000000Z", *lines, "END:VEVENT")


def between(data, start, days=1):
    since = (
        start if isinstance(start, datetime) else datetime(start.year, start.month, start.day, tzinfo=LONDON)
    )
    return [
        (each.title, each.start.isoformat(), each.all_day)
        for each in events_in(data, since, since + days * DAY)
    ]


def test_an_event_is_in_the_days_that_it_touches():
    data = ics(*event("SUMMARY:Dentist", "DTSTART:20250602T130000Z", "DTEND:20250602T140000Z"))
    assert between(data, date(2025, 6, 2)) == [("Dentist", "2025-06-02T13:00:00+00:00", False)]
    assert between(data, date(2025, 6, 3)) == []


def test_a_whole_day_is_ours_wherever_we_are():
    data = ics(*event("SUMMARY:Holiday", "DTSTART;VALUE=DATE:20250602", "DTEND;VALUE=DATE:20250604"))
    assert between(data, date(2025, 6, 3)) == [("Holiday", "2025-06-02T00:00:00+01:00", True)]
    assert between(data, date(2025, 6, 4)) == []


def test_a_weekly_event_keeps_its_hour_over_a_clock_change():
    data = ics(
        *event(
            "SUMMARY:Choir",
            "DTSTART;TZID=Europe/London:20251020T190000",
            "DURATION:PT1H",
            "RRULE:FREQ=WEEKLY",
        )
    )
    found = between(data, date(2025, 10, 20), days=14)
    assert [start for _title, start, _all_day in found] == [
        "2025-10-20T19:00:00+01:00",
        "2025-10-27T19:00:00+00:00",
    ]


def test_times_that_were_called_off_or_moved_are_not_told():
    data = ics(
        *event(
            "SUMMARY:Yoga",
            "DTSTART:20250602T080000Z",
            "DURATION:PT1H",
            "RRULE:FREQ=DAILY;UNTIL=20250606T080000Z",
            "EXDATE:20250603T080000Z",
        ),
        *event(
            "SUMMARY:Yoga late", "RECURRENCE-ID:20250604T080000Z", "DTSTART:20250604T180000Z", "DURATION:PT1H"
        ),
        *event(
            "SUMMARY:Off", "RECURRENCE-ID:20250605T080000Z", "DTSTART:20250605T080000Z", "STATUS:CANCELLED"
        ),
    )
    found = between(data, date(2025, 6, 2), days=7)
    assert [(title, start[:13]) for title, start, _all_day in found] == [
        ("Yoga", "2025-06-02T08"),
        ("Yoga late", "2025-06-04T18"),
        ("Yoga", "2025-06-06T08"),
    ]


def test_a_birthday_comes_every_year():
    data = ics(*event("SUMMARY:Mum", "DTSTART;VALUE=DATE:19600602", "RRULE:FREQ=YEARLY"))
    assert between(data, date(2025, 6, 2)) == [("Mum", "2025-06-02T00:00:00+01:00", True)]


def test_a_broken_event_leaves_the_others():
    data = ics(*event("SUMMARY:Broken"), *event("SUMMARY:Whole", "DTSTART:20250602T130000Z", uid="2"))
    assert [title for title, _start, _all_day in between(data, date(2025, 6, 2))] == ["Whole"]


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_calendar_or_a_value_error(data):
    with suppress(ValueError):
        events_in(data, datetime(2025, 6, 2, tzinfo=UTC), datetime(2025, 6, 3, tzinfo=UTC))


QUESTION = "events 2025-06-02T00:00:00+00:00 2025-06-03T00:00:00+00:00"


async def test_files_are_read_and_what_is_missing_is_named(tmp_path):
    file = tmp_path / "home.ics"
    file.write_bytes(
        ics(*event("SUMMARY:Dentist", "DTSTART:20250602T130000Z", "DTEND:20250602T140000Z", "LOCATION:Town"))
    )
    adapter = CalendarAdapter(CalendarSettings(files=(file, tmp_path / "gone.ics")))
    told = await adapter.ask(QUESTION)
    assert [(each["title"], each["place"]) for each in told["events"]] == [("Dentist", "Town")]
    assert told["missing"] == ["gone"]


async def test_without_any_calendar_it_says_so(tmp_path):
    with pytest.raises(AdapterError, match="no calendar is configured"):
        await CalendarAdapter(CalendarSettings()).ask(QUESTION)
    with pytest.raises(AdapterError, match="gone"):
        await CalendarAdapter(CalendarSettings(files=(tmp_path / "gone.ics",))).ask(QUESTION)
    with pytest.raises(AdapterError, match="does not know"):
        await CalendarAdapter(CalendarSettings()).ask("weather")


async def test_what_cannot_be_written_is_refused():
    adapter = CalendarAdapter(CalendarSettings())
    assert (await adapter.act("add", {}))[0] is Result.CANNOT
    away = CalendarAdapter(CalendarSettings(caldav_url="http://127.0.0.1:9/cal"))
    arguments = {"title": "x", "start": "2025-06-02T10:00:00+00:00", "end": "2025-06-02T11:00:00+00:00"}
    assert (await away.act("add", arguments))[0] is Result.OFFLINE


@asynccontextmanager
async def radicale(folder):
    """A CalDAV server of its own, with one calendar; yields the calendar's address."""
    program = shutil.which("radicale", path=str(Path(sys.executable).parent)) or shutil.which("radicale")
    require("Radicale", program is not None, "pip install 'sotto-voce[dev]' brings it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--server-hosts",
        f"127.0.0.1:{port}",
        "--storage-filesystem-folder",
        str(folder),
        "--auth-type",
        "none",
    ]
    process = await asyncio.create_subprocess_exec(
        str(program), *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    import httpx

    url = f"http://127.0.0.1:{port}/anna/home/"
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(auth=("anna", "x"), trust_env=False) as client:
            while True:
                try:
                    made = await client.request(
                        "MKCALENDAR",
                        url,
                        content='<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>',
                    )
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        assert made.status_code == 201, made.text
        yield url
    finally:
        process.terminate()
        await process.wait()


async def test_a_caldav_server_keeps_what_is_put_down_and_gives_it_back(tmp_path):
    async with radicale(tmp_path) as url:
        adapter = CalendarAdapter(CalendarSettings(caldav_url=url, user="anna", password="x"))
        arguments = {
            "title": "Zahnarzt, 牙医",
            "start": "2025-06-02T14:00:00+01:00",
            "end": "2025-06-02T15:00:00+01:00",
        }
        result, _why, sent = await adapter.act("add", arguments)
        assert result is Result.DONE
        assert sent[0].via == "calendar"
        whole = {
            "title": "Holiday",
            "start": "2025-06-02T00:00:00+01:00",
            "end": "2025-06-03T00:00:00+01:00",
            "all_day": True,
        }
        assert (await adapter.act("add", whole))[0] is Result.DONE
        told = await adapter.ask(QUESTION)
        assert [(each["title"], each["start"][:16], each["all_day"]) for each in told["events"]] == [
            ("Holiday", "2025-06-02T00:00", True),
            ("Zahnarzt, 牙医", "2025-06-02T13:00", False),
        ]
        assert (await adapter.ask("events 2025-06-04T00:00:00+00:00 2025-06-05T00:00:00+00:00"))[
            "events"
        ] == []
        await adapter.close()
