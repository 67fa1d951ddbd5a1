"""How far it is and how long it takes, asked of a router: Valhalla, OSRM or openrouteservice."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from skills.api import Say, SkillError, Web

FRESH_FOR_S = 60.0
"""Traffic changes; a minute does not matter."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place by its name, in degrees."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Route:
    """How far by road, and how long by car."""

    distance_km: float
    duration_s: float


Router = Callable[[Web, str, str, Sequence[Point]], Awaitable[Route]]
"""(the world, the router's address, its key, where from, over and to) -> the route."""


async def valhalla(web: Web, url: str, _key: str, points: Sequence[Point]) -> Route:
    """Ask Valhalla's `/route`; the request is its JSON in a parameter."""
    asked = {
        "locations": [{"lat": each.latitude, "lon": each.longitude} for each in points],
        "costing": "auto",
        "units": "kilometers",
        "directions_type": "none",
    }
    told, _age_s = await web.get_json(
        f"{url.rstrip('/')}/route", {"json": json.dumps(asked)}, fresh_for_s=FRESH_FOR_S
    )
    summary = _part(_part(told, "trip"), "summary")
    return _route(summary.get("length"), 1.0, summary.get("time"))


async def osrm(web: Web, url: str, _key: str, points: Sequence[Point]) -> Route:
    """Ask OSRM's `/route/v1/driving`."""
    where = ";".join(f"{each.longitude:.6f},{each.latitude:.6f}" for each in points)
    told, _age_s = await web.get_json(
        f"{url.rstrip('/')}/route/v1/driving/{where}", {"overview": "false"}, fresh_for_s=FRESH_FOR_S
    )
    routes = told.get("routes") if isinstance(told, Mapping) else None
    if not isinstance(routes, list) or not routes or not isinstance(routes[0], Mapping):
        raise SkillError(Say("no_route"))
    return _route(routes[0].get("distance"), 0.001, routes[0].get("duration"))


async def openrouteservice(web: Web, url: str, key: str, points: Sequence[Point]) -> Route:
    """Ask openrouteservice's `/v2/directions/driving-car`, leg by leg: its GET takes two points."""
    distance_km = duration_s = 0.0
    for start, end in pairwise(points):
        told, _age_s = await web.get_json(
            f"{url.rstrip('/')}/v2/directions/driving-car",
            {
                "api_key": key,
                "start": f"{start.longitude:.6f},{start.latitude:.6f}",
                "end": f"{end.longitude:.6f},{end.latitude:.6f}",
            },
            fresh_for_s=FRESH_FOR_S,
        )
        features = told.get("features") if isinstance(told, Mapping) else None
        if not isinstance(features, list) or not features:
            raise SkillError(Say("no_route"))
        summary = _part(_part(features[0], "properties"), "summary")
        leg = _route(summary.get("distance"), 0.001, summary.get("duration"))
        distance_km, duration_s = distance_km + leg.distance_km, duration_s + leg.duration_s
    return Route(distance_km, duration_s)


ROUTERS: Mapping[str, Router] = {"valhalla": valhalla, "osrm": osrm, "openrouteservice": openrouteservice}


def _part(told: Any, name: str) -> Mapping[str, Any]:
    part = told.get(name) if isinstance(told, Mapping) else None
    if not isinstance(part, Mapping):
        raise SkillError(Say("no_route"))
    return part


def _route(length: Any, in_km: float, seconds: Any) -> Route:
    if not isinstance(length, int | float) or not isinstance(seconds, int | float):
        raise SkillError(Say("no_route"))
    return Route(length * in_km, float(seconds))
