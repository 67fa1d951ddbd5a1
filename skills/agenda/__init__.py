"""What is in the calendar, and putting something in it, through the calendar adapter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from skills.api import (
    AdapterCommand,
    Answer,
    Context,
    Field,
    Manifest,
    Question,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)
from skills.times import Cause, read_when, say_clock, say_day

CALENDAR = "calendar"
MOST_READ = 8
"""Nobody listens to more."""
AHEAD_DAYS = 60
ONE_HOUR = timedelta(hours=1)
ANY_TIME = datetime(2024, 1, 1, 12, tzinfo=UTC)


_DENIED = re.compile(r"\s*(?:don['’]?t|do not|never|please don['’]?t|别|不要|不用|先别)", re.IGNORECASE)
_ENGAGEMENT = re.compile(
    r"(?:an? |my |the |our )?(?:\w+ )?(?:meeting|appointment|lunch|dinner|breakfast|brunch|call|party|"
    r"interview|visit|date|checkup|check-up|haircut|lesson|class|drinks|coffee|trip|birthday|holiday|flight|viewing)\b",
    re.IGNORECASE,
)


def _allowed(text: str) -> str:
    if _DENIED.match(text):
        raise ValueError("it is not to be done")
    return text


def _a_time(text: str) -> str:
    when = read_when(text, ANY_TIME)
    if when is None or when.cause not in (Cause.AT, Cause.IN):
        raise ValueError("no time")
    return text


Period = Annotated[
    Literal[
        "today",
        "tomorrow",
        "day_after_tomorrow",
        "this_week",
        "next_week",
        "weekend",
        "morning",
        "afternoon",
        "evening",
    ],
    Slot("agenda_period"),
]
When = Annotated[str, AfterValidator(_a_time), Slot("when")]
Text = Annotated[str, AfterValidator(_allowed), Field(min_length=1, max_length=200)]


def _engagement(text: str) -> str:
    if not _ENGAGEMENT.match(text):
        raise ValueError("no engagement")
    return text


Engagement = Annotated[str, AfterValidator(_engagement), Slot("text")]


class Settings(BaseModel):
    """[skills.agenda]: the calendars. The adapter reads them; the skill only asks it."""

    files: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    caldav_url: str | None = None
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class _Event:
    title: str
    start: datetime
    end: datetime
    all_day: bool
    place: str


class Agenda(Skill):
    """Appointments."""

    name = "agenda"
    api = 1
    settings = Settings
    manifest = Manifest(adapters=frozenset({CALENDAR}))

    @tool(acts=False)
    async def read(self, context: Context, period: Period | None = None, when: When | None = None) -> Answer:
        """Tell what is in the calendar today, tomorrow, this week or on a day."""
        since, until, day = _stretch(context, period, when)
        found, missing = await _events(context, since, until)
        if not found:
            say = Say("nothing", {"day": day})
        else:
            one_day = until - since <= timedelta(days=1, hours=1)
            lines = tuple(_line(each, context, one_day=one_day) for each in found[:MOST_READ])
            more = len(found) - MOST_READ
            say = Say("these_and" if more > 0 else "these", {"day": day, "events": lines, "more": more})
        return Answer(say=_with(say, missing), facts={"events": tuple(each.title for each in found)})

    @tool(acts=False, offered=False)
    async def read_on(self, context: Context, when: When) -> Answer:
        """Tell what is in the calendar on a day that the sentence spells out."""
        return await self.read(context, None, when)

    @tool(acts=False, offered=False)
    async def next(self, context: Context) -> Answer:
        """Tell what comes next."""
        now = context.now()
        found, missing = await _events(context, now, now + timedelta(days=AHEAD_DAYS))
        to_come = [each for each in found if each.start >= now] or found
        if not to_come:
            return Answer(say=_with(Say("nothing_ahead"), missing))
        return Answer(say=_with(Say("next", {"event": _line(to_come[0], context, one_day=False)}), missing))

    @tool(acts=False, offered=False)
    async def find(self, context: Context, text: Text) -> Answer:
        """Tell when something is, by what it is called."""
        now = context.now()
        found, missing = await _events(context, now, now + timedelta(days=AHEAD_DAYS))
        wanted = _words(text)
        such = [each for each in found if wanted and wanted <= _words(each.title)]
        if not such and context.language == "zh":
            such = [each for each in found if text.strip() in each.title]
        if not such:
            return Answer(say=_with(Say("not_found", {"text": text}), missing))
        return Answer(say=_with(Say("found", {"event": _line(such[0], context, one_day=False)}), missing))

    @tool(acts=False, offered=False)
    async def free(self, context: Context, period: Period) -> Answer:
        """Tell whether there is nothing in the calendar today, tomorrow, this week."""
        return await self._free(context, period, None)

    @tool(acts=False, offered=False)
    async def free_at(self, context: Context, when: When) -> Answer:
        """Tell whether there is nothing in the calendar at a time."""
        return await self._free(context, None, when)

    async def _free(self, context: Context, period: Period | None, when: When | None) -> Answer:
        since, until, day = _stretch(context, period, when)
        found, missing = await _events(context, since, until)
        if not found:
            return Answer(say=_with(Say("free", {"day": day}), missing), facts={"free": True})
        lines = tuple(_line(each, context, one_day=True) for each in found[:MOST_READ])
        return Answer(say=Say("not_free", {"events": lines}), facts={"free": False})

    @tool()
    async def add(self, context: Context, text: Text | None = None, when: When | None = None) -> Answer:
        """Put something (text) in the calendar at a time (when: "Thursday at two pm")."""
        if text is None:
            return Answer(question=Question(Say("what"), "text", {} if when is None else {"when": when}))
        meant = None if when is None else read_when(when, context.now())
        if meant is None:
            return Answer(question=Question(Say("when", {"text": text}), "when", {"text": text}))
        start = meant.at if meant.at is not None else context.now() + timedelta(seconds=meant.seconds)
        if meant.vague:
            start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = start + (timedelta(days=1) if meant.vague else ONE_HOUR)
        title = _titled(text)
        event = _Event(title, start, end, meant.vague, "")
        arguments = {
            "title": title,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "all_day": meant.vague,
        }
        return Answer(
            (AdapterCommand(CALENDAR, "add", arguments),),
            Say("added", {"event": _line(event, context, one_day=False)}),
            {"title": title, "start": start.isoformat()},
        )

    @tool(offered=False)
    async def schedule(self, context: Context, text: Engagement, when: When) -> Answer:
        """Put in the calendar what can only be meant for it: "add a meeting with Sam tomorrow at ten"."""
        return await self.add(context, text, when)


async def _events(context: Context, since: datetime, until: datetime) -> tuple[list[_Event], Sequence[str]]:
    """Return what the calendars have, and those that could not be read. Raises `SkillError`."""
    try:
        told = await context.ask(CALENDAR, f"events {since.isoformat()} {until.isoformat()}")
    except KeyError:
        raise SkillError(Say("offline")) from None
    zone = since.tzinfo
    found = [
        _Event(
            str(each["title"]),
            datetime.fromisoformat(str(each["start"])).astimezone(zone),
            datetime.fromisoformat(str(each["end"])).astimezone(zone),
            bool(each.get("all_day")),
            str(each.get("place", "")),
        )
        for each in told.get("events", [])
    ]
    return found, tuple(map(str, told.get("missing", ())))


def _stretch(context: Context, period: str | None, when: str | None) -> tuple[datetime, datetime, Say | str]:
    """Return where a stretch of time begins and ends, and what it is called."""
    now = context.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    if when is not None:
        meant = read_when(when, now)
        if meant is not None and meant.at is not None:
            if not meant.vague:
                return meant.at, meant.at + ONE_HOUR, Say("then")
            start = meant.at.replace(hour=0, minute=0)
            called = say_day(start, now, context.language)
            return start, start + day, Say("that_day", {"day": called}) if called else Say("day_today")
    if period in ("morning", "afternoon", "evening"):
        hours = {"morning": (5, 12), "afternoon": (12, 18), "evening": (17, 24)}[period]
        start = midnight + timedelta(hours=hours[0])
        return start, midnight + timedelta(hours=hours[1]), Say(f"day_{period}")
    if period == "this_week":
        return now, midnight + (7 - now.weekday()) * day, Say("day_this_week")
    if period == "next_week":
        start = midnight + (7 - now.weekday()) * day
        return start, start + 7 * day, Say("day_next_week")
    if period == "weekend":
        start = midnight + max(0, 5 - now.weekday()) * day
        return start, midnight + (7 - now.weekday()) * day, Say("day_weekend")
    ahead = {"tomorrow": 1, "day_after_tomorrow": 2}.get(period or "today", 0)
    start = now if ahead == 0 else midnight + ahead * day
    return start, midnight + (ahead + 1) * day, Say(f"day_{period or 'today'}")


def _line(event: _Event, context: Context, *, one_day: bool) -> Say:
    """Say what is when, with the day where the stretch has several."""
    now, language = context.now(), context.language
    day = say_day(event.start, now, language) or ("今天" if language == "zh" else "today")
    values = {
        "title": event.title or Say("untitled"),
        "clock": say_clock(event.start, language),
        "day": day,
    }
    kind = "all_day" if event.all_day else "timed"
    if event.start < now and not event.all_day:
        kind = "running"
        values["clock"] = say_clock(event.end, language)
    return Say(f"line_{kind}" if one_day or kind == "running" else f"line_{kind}_day", values)


def _with(say: Say, missing: Sequence[str]) -> Say:
    return Say("but_missing", {"answer": say, "names": tuple(missing)}) if missing else say


def _titled(text: str) -> str:
    said = text.strip(" .,;:!?。，！？")
    for article in ("a ", "an ", "the ", "my "):
        said = (
            said[len(article) :] if said.casefold().startswith(article) and len(said) > len(article) else said
        )
    return said[:1].upper() + said[1:]


def _words(text: str) -> set[str]:
    dull = {
        "the",
        "my",
        "a",
        "an",
        "appointment",
        "meeting",
        "next",
        "with",
        "at",
        "to",
        "for",
        "of",
        "event",
    }
    return {word.strip(".,!?'") for word in text.casefold().split()} - dull
