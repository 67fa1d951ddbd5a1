"""The weather, from Open-Meteo: how it is, how it will be, and whether it rains.

Settings: `latitude`, `longitude` and `place` of the home; `forecast_url` and `geocoding_url` for a server
of one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from skills.api import Answer, Context, Manifest, Say, Skill, SkillError, Slot, tool

FORECAST_URL = "https://api.open-meteo.com/v1/forecast"
GEOCODING_URL = "https://geocoding-api.open-meteo.com/v1/search"
FRESH_FOR_S = 600.0
PLACE_FRESH_FOR_S = 30 * 24 * 3600.0  # towns stay where they are
STALE_AFTER_S = 1800.0  # from then on the age is told

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DayWord = Literal[
    "today", "tomorrow", "day_after_tomorrow",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
]  # fmt: skip
Day = Annotated[DayWord, Slot("day")]
Place = Annotated[str, Slot("place")]

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
        values = _day_values(forecast, _days_ahead(day, context.now().date()))
        say = Say("day_there" if place else "day", {**values, "place": spot.name, "day": Say(f"day_{day}")})
        return _answer(say, age_s, {"place": spot.name, "day": day, **_facts(values)})

    @tool(acts=False)
    async def rain(self, context: Context, day: Day = "today", place: Place | None = None) -> Answer:
        """Tell whether it will rain on a day of the coming week."""
        spot = await _spot(context, place)
        forecast, age_s = await _forecast(context, spot)
        values = _day_values(forecast, _days_ahead(day, context.now().date()))
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
            "current": "temperature_2m,apparent_temperature,weather_code,wind_speed_10m",
            "daily": "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max",
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
    if day in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS.index(day) - today.weekday()) % 7)
    return today + timedelta(days={"today": 0, "tomorrow": 1}.get(day, 2))


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
