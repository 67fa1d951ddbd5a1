"""The time here and elsewhere, the date, and how many days until something."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel

from skills import places
from skills.api import Answer, Context, Field, Say, Skill, SkillError, Slot, tool
from skills.clock.dates import read_date

ANY_DAY = date(2024, 1, 1)
"""A year with a 29 February, to tell whether words are a date at all."""


def _a_date(text: str) -> str:
    if read_date(text, ANY_DAY) is None:
        raise ValueError("no date")
    return text


def _a_place(text: str) -> str:
    if places.find(text) is None:
        raise ValueError("no place")
    return text


Place = Annotated[str, Field(min_length=1), Slot("clock_place")]
KnownPlace = Annotated[str, AfterValidator(_a_place), Slot("clock_place")]
Day = Annotated[
    Literal["today", "tomorrow", "yesterday", "day_after_tomorrow", "day_before_yesterday"], Slot("clock_day")
]
DateWords = Annotated[str, AfterValidator(_a_date), Slot("date")]

_OFFSETS = {"today": 0, "tomorrow": 1, "yesterday": -1, "day_after_tomorrow": 2, "day_before_yesterday": -2}


class Settings(BaseModel):
    """[skills.clock]: whether hours are counted to 12 or to 24."""

    hours: Literal[12, 24] = 12


class Clock(Skill):
    """Time, date, weekday."""

    name = "clock"
    api = 1
    settings = Settings

    @tool(acts=False)
    async def time(self, context: Context, place: Place | None = None) -> Answer:
        """Tell the time here, or in a city or country."""
        now = context.now()
        if place is None:
            return Answer(say=Say("time", {"time": _clock(now, context)}), facts={"time": f"{now:%H:%M}"})
        there, name = _there(now, place)
        key = {0: "time_there", 1: "time_there_tomorrow", -1: "time_there_yesterday"}
        say = Say(key[(there.date() - now.date()).days], {"place": name, "time": _clock(there, context)})
        return Answer(say=say, facts={"place": name, "time": f"{there:%H:%M}"})

    @tool(acts=False, offered=False)
    async def local_time(self, context: Context, place: KnownPlace) -> Answer:
        """Tell the time at a place, for words that mean it only of a place: "Tokyo time"."""
        return await self.time(context, place)

    @tool(acts=False, offered=False)
    async def difference(self, context: Context, place: Place) -> Answer:
        """Tell how many hours a place is ahead or behind."""
        now = context.now()
        there, name = _there(now, place)
        ahead = (there.utcoffset() or timedelta()) - (now.utcoffset() or timedelta())
        minutes = round(ahead.total_seconds() / 60)
        if minutes == 0:
            return Answer(say=Say("same_time", {"place": name}))
        hours = f"{abs(minutes) / 60:g}"
        key = "hour" if hours == "1" else "hours"
        say = Say("ahead" if minutes > 0 else "behind", {"place": name, "hours": Say(key, {"count": hours})})
        return Answer(say=say, facts={"place": name, "minutes": minutes})

    @tool(acts=False)
    async def date(self, context: Context, day: Day = "today") -> Answer:
        """Tell the date and the weekday of today, tomorrow or yesterday."""
        wanted = context.now().date() + timedelta(days=_OFFSETS[day])
        return Answer(say=Say(f"date_{day}", {"date": _written(wanted)}), facts={"date": wanted.isoformat()})

    @tool(acts=False, offered=False)
    async def weekday(self, context: Context, date: DateWords) -> Answer:
        """Tell on which weekday a date or a feast is."""
        wanted = _meant(date, context)
        return Answer(say=Say("is_on", {"date": _written(wanted)}), facts={"date": wanted.isoformat()})

    @tool(acts=False)
    async def days_until(self, context: Context, date: DateWords) -> Answer:
        """Tell how many days it is until a date or a feast."""
        wanted = _meant(date, context)
        days = (wanted - context.now().date()).days
        key = {0: "is_today", 1: "is_tomorrow"}.get(days, "days_until" if days > 0 else "days_since")
        return Answer(say=Say(key, {"count": abs(days), "date": _written(wanted)}), facts={"days": days})

    @tool(acts=False, offered=False)
    async def week(self, context: Context) -> Answer:
        """Tell the number of the week."""
        return Answer(say=Say("week", {"number": context.now().isocalendar().week}))


def _there(now: datetime, place: str) -> tuple[datetime, str]:
    """Return the time at a place, and its name. Raises `SkillError`."""
    found = places.find(place)
    if found is None:
        raise SkillError(Say("unknown_place", {"place": place}))
    try:
        return now.astimezone(ZoneInfo(found.zone)), found.name
    except ZoneInfoNotFoundError:
        raise SkillError(Say("no_zones")) from None


def _meant(words: str, context: Context) -> date:
    found = read_date(words, context.now().date())
    if found is None:
        raise SkillError(Say("unknown_date", {"date": words}))
    return found


def _clock(moment: datetime, context: Context) -> Say:
    """The time as it is said: "2:20 pm", 下午2点20分."""
    if context.settings.get("hours", 12) == 24:
        key, hour, half = "clock_24", moment.hour, "am"
    else:
        key, hour, half = "clock_12", moment.hour % 12 or 12, "am" if moment.hour < 12 else "pm"
    if moment.minute == 0:
        key = f"{key}_sharp"
    parts = (5, "night"), (12, "morning"), (13, "noon"), (18, "afternoon"), (24, "evening")
    part = next(name for end, name in parts if moment.hour < end)
    return Say(
        key, {"hour": hour, "minute": f"{moment.minute:02}", "half": half, "part": Say(f"part_{part}")}
    )


def _written(day: date) -> Say:
    values = {"weekday": Say(f"weekday_{day.weekday()}"), "day": day.day, "month": Say(f"month_{day.month}")}
    return Say("written", {**values, "year": day.year})
