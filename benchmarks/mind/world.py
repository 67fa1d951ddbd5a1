"""The world, made up: the same weather everywhere, in Open-Meteo's shape, and adapters that do all they are
told. All else cannot be reached.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from devices.adapters.adapter import Acted
from devices.commands import Result, Sent
from skills.api import Say, SkillError

_DAYS = 8


class Sky:
    """A `Web` that knows the weather and where towns are."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    async def get_json(
        self,
        url: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        fresh_for_s: float = 0.0,  # noqa: ARG002 - all is fresh
    ) -> tuple[Any, float]:
        """Return a forecast, or the place that was asked for."""
        given = dict(parameters or {})
        if url.endswith("/v1/forecast"):
            return self._forecast(), 0.0
        if url.endswith("/v1/search"):
            return {"results": [{"name": given.get("name", ""), "latitude": 55.95, "longitude": -3.19}]}, 0.0
        raise SkillError(Say("offline"))

    def _forecast(self) -> Mapping[str, Any]:
        days = [(self._now + timedelta(days=ahead)).date().isoformat() for ahead in range(_DAYS)]
        return {
            "timezone": str(self._now.tzinfo),
            "current": {
                "time": self._now.strftime("%Y-%m-%dT%H:%M"),
                "temperature_2m": 7.4,
                "apparent_temperature": 4.8,
                "relative_humidity_2m": 81,
                "weather_code": 3,
                "wind_speed_10m": 18.2,
            },
            "daily": {
                "time": days,
                "weather_code": [61] * _DAYS,
                "temperature_2m_max": [9.6] * _DAYS,
                "temperature_2m_min": [3.1] * _DAYS,
                "precipitation_probability_max": [64] * _DAYS,
                "precipitation_sum": [2.4] * _DAYS,
                "wind_speed_10m_max": [26.0] * _DAYS,
                "sunrise": [f"{day}T07:35" for day in days],
                "sunset": [f"{day}T15:59" for day in days],
            },
        }


class Obliging:
    """An adapter that does all it is told, and always gives the same answer."""

    def __init__(self, name: str, answer: Mapping[str, Any]) -> None:
        self.name = name
        self._answer = answer

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Say that it is done."""
        return Result.DONE, "", (Sent(self.name, action, str(dict(arguments))),)

    async def ask(self, question: str) -> Mapping[str, Any]:  # noqa: ARG002 - it knows one
        """Answer."""
        return self._answer

    async def close(self) -> None:
        """Nothing is held."""


def adapters() -> Mapping[str, Obliging]:
    """A player that plays something, a voice of ours, and an empty calendar."""
    playing = {"state": "play", "title": "Clair de lune", "artist": "Claude Debussy", "volume": "40"}
    answers: Mapping[str, Mapping[str, Any]] = {
        "mpd": playing,
        "voice": {"heard": "something", "why": "it was said"},
        "calendar": {"events": []},
    }
    return {name: Obliging(name, answer) for name, answer in answers.items()}


SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "weather": {"latitude": 51.5, "longitude": -0.12, "place": "London"},
    "timers": {"latitude": 51.5, "longitude": -0.12},
    "navigation": {"latitude": 51.5, "longitude": -0.12},
}
"""The home is in London."""
