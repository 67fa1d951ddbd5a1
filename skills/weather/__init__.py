# ruff: noqa: E501 - a pattern is easier to read on one line
"""The weather, from Open-Meteo: how it is, how it will be, and whether it rains.

Settings: `latitude`, `longitude` and `place` of the home; `forecast_url` and `geocoding_url` for a server
of one's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from skills.api import Answer, Context, Manifest, Say, Skill, SkillError, Slot, tool
from skills.times import say_clock

FORECAST_URL = "https://api.open-meteo.com/v1/forecast"
GEOCODING_URL = "https://geocoding-api.open-meteo.com/v1/search"
FRESH_FOR_S = 600.0
PLACE_FRESH_FOR_S = 30 * 24 * 3600.0  # towns stay where they are
STALE_AFTER_S = 1800.0  # from then on the age is told

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DayWord = Literal[
    "today", "tomorrow", "day_after_tomorrow", "weekend",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
]  # fmt: skip
Day = Annotated[DayWord, Slot("day")]
_NO_PLACE = re.compile(
    r"空调|卧室|客厅|厨房|书房|房间|浴室|车里|车内|屋里|家里|室内|冰箱|烤箱|水|汤|bedroom|kitchen|bathroom|lounge|living room|oven|fridge|freezer|car\b|"
    r"(?:^|\b)(?:here|there|this|that|it|my|your)\b|那个|这个|这两天|这几天|[是的]$",
    re.IGNORECASE,
)


def _place(text: str) -> str:
    if _NO_PLACE.search(text):
        raise ValueError("no place out of doors")
    return text


Place = Annotated[str, AfterValidator(_place), Slot("place")]

LIKELY_PERCENT = 50
POSSIBLE_PERCENT = 20
# https://open-meteo.com/en/docs: WMO code 4677 as Open-Meteo uses it; 51 and up bring rain or snow.
FIRST_WET_CODE = 51
KNOWN_CODES = frozenset(
    (
        0,
        1,
        2,
        3,
        45,
        48,
        51,
        53,
        55,
        56,
        57,
        61,
        63,
        65,
        66,
        67,
        71,
        73,
        75,
        77,
        80,
        81,
        82,
        85,
        86,
        95,
        96,
        99,
    )
)


@dataclass(frozen=True, slots=True)
class _Spot:
    name: str
    latitude: float
    longitude: float


class Weather(Skill):
    """Asks the world and keeps the answer for ten minutes; offline, it tells how old the answer is."""

    name = "weather"
    api = 1
    manifest = Manifest(hosts=frozenset({"api.open-meteo.com", "geocoding-api.open-meteo.com"}))

    @tool(acts=False)
    async def now(self, context: Context, place: Place | None = None) -> Answer:
        """Tell how the weather is now, at home or in another place."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        current = _part(forecast, "current")
        values = {
            "place": spot.name,
            "temperature": round(float(current["temperature_2m"])),
            "condition": _condition(current["weather_code"]),
        }
        say = Say("now_there" if place else "now", values)
        return _answer(say, age_s, {**current, "place": spot.name})

    @tool(acts=False)
    async def forecast(self, context: Context, day: Day = "today", place: Place | None = None) -> Answer:
        """Tell how the weather will be on a day of the coming week."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        said, values = [], {}
        for each in ("saturday", "sunday") if day == "weekend" else (day,):
            values = _day_values(forecast, _days_ahead(each, context.now().date()))
            named = {**values, "place": spot.name, "day": Say(f"day_{each}")}
            said.append(Say("day_there" if place else "day", named))
        say = said[0] if len(said) == 1 else Say("weekend", {"first": said[0], "second": said[1]})
        return _answer(say, age_s, {"place": spot.name, "day": day, **_facts(values)})

    @tool(acts=False)
    async def rain(self, context: Context, day: Day = "today", place: Place | None = None) -> Answer:
        """Tell whether it will rain on a day of the coming week."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        days: tuple[DayWord, ...] = ("saturday", "sunday") if day == "weekend" else (day,)
        found = [_day_values(forecast, _days_ahead(each, context.now().date())) for each in days]
        values = max(found, key=lambda each: int(each["chance"]))
        chance = values["chance"]
        key = (
            "dry"
            if chance < POSSIBLE_PERCENT
            else "rain_likely"
            if chance >= LIKELY_PERCENT
            else "rain_possible"
        )
        say = Say(f"{key}_there" if place else key, {**values, "place": spot.name, "day": Say(f"day_{day}")})
        return _answer(say, age_s, {"place": spot.name, "day": day, **_facts(values)})

    @tool(acts=False, offered=False)
    async def sun(
        self, context: Context, down: bool = True, day: Day = "today", place: Place | None = None
    ) -> Answer:
        """Tell when the sun rises, or with `down` when it sets."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        key = "sunset" if down else "sunrise"
        moment = datetime.fromisoformat(str(_of_day(forecast, key, _days_ahead(day, context.now().date()))))
        values = {
            "place": spot.name,
            "day": Say(f"day_{day}"),
            "clock": say_clock(moment, context.language),
        }
        return _answer(Say(f"{key}_there" if place else key, values), age_s, {"at": moment.isoformat()})

    @tool(acts=False, offered=False)
    async def wind(self, context: Context, day: Day | None = None, place: Place | None = None) -> Answer:
        """Tell how strong the wind is, now or on a day."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        if day is None or day == "today":
            speed = _part(forecast, "current")["wind_speed_10m"]
        else:
            speed = _of_day(forecast, "wind_speed_10m_max", _days_ahead(day, context.now().date()))
        key = "wind_now" if day is None or day == "today" else "wind_day"
        values = {"speed": round(float(speed)), "place": spot.name, "day": Say(f"day_{day}")}
        return _answer(Say(f"{key}_there" if place else key, values), age_s, {"speed": float(speed)})

    @tool(acts=False, offered=False)
    async def humidity(self, context: Context, place: Place | None = None) -> Answer:
        """Tell how humid it is outside."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        percent = round(float(_part(forecast, "current")["relative_humidity_2m"]))
        say = Say("humidity_there" if place else "humidity", {"percent": percent, "place": spot.name})
        return _answer(say, age_s, {"percent": percent})


async def _spot(context: Context, place: str | None) -> _Spot:
    """Return where is meant. Raises `SkillError` for an unknown place, or a home without a position."""
    settings = context.settings
    if place is None:
        if "latitude" not in settings or "longitude" not in settings:
            raise SkillError(Say("no_position"))
        name = str(settings.get("place", ""))
        return _Spot(name, float(settings["latitude"]), float(settings["longitude"]))
    found, _age_s = await context.web.get_json(
        str(settings.get("geocoding_url", GEOCODING_URL)),
        {"name": place, "count": 1, "language": context.language, "format": "json"},
        fresh_for_s=PLACE_FRESH_FOR_S,
    )
    results = found.get("results") if isinstance(found, dict) else None
    if not results:
        raise SkillError(Say("unknown_place", {"place": place}))
    best = results[0]
    return _Spot(str(best["name"]), float(best["latitude"]), float(best["longitude"]))


async def _forecast(context: Context, spot: _Spot) -> tuple[Mapping[str, Any], float]:
    """Return Open-Meteo's answer for a place and its age in seconds."""
    forecast, age_s = await context.web.get_json(
        str(context.settings.get("forecast_url", FORECAST_URL)),
        {
            # Two decimals are a kilometre: enough for weather, and no more than needs to be told.
            "latitude": round(spot.latitude, 2),
            "longitude": round(spot.longitude, 2),
            "current": "temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,wind_speed_10m",
            "daily": "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max,"
            "wind_speed_10m_max,sunrise,sunset",
            "timezone": "auto",
            "forecast_days": 8,
        },
        fresh_for_s=FRESH_FOR_S,
    )
    return forecast, age_s


def _part(forecast: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = forecast.get(name)
    if not isinstance(part, Mapping):
        raise SkillError(Say("offline"))
    return part


def _days_ahead(day: DayWord, today: date) -> date:
    """Return the date that is meant; a weekday is the next one, today's own name is today."""
    if day == "weekend":
        day = "saturday" if today.weekday() < WEEKDAYS.index("sunday") else "sunday"
    if day in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS.index(day) - today.weekday()) % 7)
    return today + timedelta(days={"today": 0, "tomorrow": 1}.get(day, 2))


def _of_day(forecast: Mapping[str, Any], name: str, wanted: date) -> Any:
    """Return what a day has of one sort. Raises `SkillError` where the answer does not reach it."""
    daily = _part(forecast, "daily")
    try:
        return daily[name][list(daily["time"]).index(wanted.isoformat())]
    except (KeyError, ValueError, IndexError):
        raise SkillError(Say("offline")) from None


def _day_values(forecast: Mapping[str, Any], wanted: date) -> dict[str, Any]:
    daily = _part(forecast, "daily")
    try:
        index = list(daily["time"]).index(wanted.isoformat())
    except ValueError:
        # The kept answer is too old to reach that day.
        raise SkillError(Say("offline")) from None
    code = daily["weather_code"][index]
    chance = daily["precipitation_probability_max"][index]
    if chance is None:
        chance = 100 if int(code) >= FIRST_WET_CODE else 0
    return {
        "condition": _condition(code),
        "highest": round(float(daily["temperature_2m_max"][index])),
        "lowest": round(float(daily["temperature_2m_min"][index])),
        "chance": int(chance),
    }


def _condition(code: Any) -> Say:
    return Say(f"wmo_{int(code)}" if int(code) in KNOWN_CODES else "wmo_unknown")


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "condition": values["condition"].key}


def _answer(say: Say, age_s: float, facts: Mapping[str, Any]) -> Answer:
    if age_s <= STALE_AFTER_S:
        return Answer(say=say, facts=facts)
    hours = round(age_s / 3600)
    age = Say("minutes", {"count": round(age_s / 60)}) if hours < 1 else Say("one_hour")
    if hours > 1:
        age = Say("hours", {"count": hours}) if hours < 48 else Say("days", {"count": hours // 24})
    return Answer(say=Say("stale", {"age": age, "answer": say}), facts={**facts, "age_s": round(age_s)})
