"""The way to places: how far, how long, and the head unit of the car told to lead there."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, Field

from skills import places
from skills.api import (
    AdapterCommand,
    Answer,
    Command,
    Context,
    Manifest,
    MqttCommand,
    Question,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)
from skills.navigation.routes import ROUTERS, Point, Route
from skills.navigation.spots import called, distance_km, nearest, position
from skills.navigation.words import a_place, one_place, without_errand
from skills.times import say_clock, say_duration

GOAL = "goal"
VEHICLE = "vehicle"
"""The adapter that hands a destination to a car behind a KUKSA databroker."""
VSS = "Vehicle.Cabin.Infotainment.Navigation.DestinationSet"

Place = Annotated[str, AfterValidator(one_place), Field(min_length=1, max_length=120), Slot("destination")]
What = Annotated[
    Literal[
        "fuel", "charging", "parking", "supermarket", "bakery", "pharmacy", "hospital", "doctor",
        "toilet", "atm", "bank", "restaurant", "fast_food", "cafe", "pub", "hotel", "post_office",
        "police", "station", "car_wash", "garage", "park", "playground", "library", "cinema",
        "services",
    ],
    Slot("kind_of_place"),
]  # fmt: skip
SurePlace = Annotated[str, AfterValidator(a_place), Slot("destination")]
Via = Annotated[str, AfterValidator(without_errand), Field(min_length=1), Slot("destination")]


class Settings(BaseModel):
    """[skills.navigation]: where home is, who is asked for the way, and how the head unit is told.

    `places` are the owner's own, name -> "latitude,longitude". `geocoder_url` is a Photon, `overpass_url` an
    Overpass interpreter. The position comes from a device whose reading is "latitude,longitude", or from an
    address that answers with JSON. `head_unit` "geo" gets a geo: URI on `<car>/navigation/destination`, "vss"
    both parts of VSS's DestinationSet in one message on `<car>/vss/set`, "kuksa" the same as one batch.
    """

    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    places: dict[str, str] = {}
    router: Literal["none", "valhalla", "osrm", "openrouteservice"] = "none"
    router_url: str | None = None
    router_key: str = ""
    geocoder_url: str | None = None
    overpass_url: str | None = None
    position_url: str | None = None
    position_device: str | None = None
    head_unit: Literal["none", "geo", "vss", "kuksa"] = "none"
    car: str = Field(default="car", pattern="^[A-Za-z0-9_-]+$")


class Navigation(Skill):
    """Destinations, the nearest of a kind, how long it takes."""

    name = "navigation"
    api = 1
    settings = Settings
    manifest = Manifest(
        topics=frozenset({"+/navigation/destination", "+/navigation/cancel", "+/vss/set"}),
        adapters=frozenset({VEHICLE}),
    )

    @tool()
    async def go(self, context: Context, place: Place | None = None, via: Via | None = None) -> Answer:
        """Navigate to a place or an address, perhaps by way of another place."""
        goal = await _goal(context)
        if place is None and (via is None or goal is None):
            return Answer(question=Question(Say("where_to"), "place", {} if via is None else {"via": via}))
        here = await position(context)
        end = await called(context, place, here) if place is not None else goal
        if end is None:
            raise SkillError(Say("nowhere"))
        stop = await called(context, via, here) if via is not None else None
        return await _set_off(context, here, end, stop)

    @tool(offered=False)
    async def head(self, context: Context, place: SurePlace, via: Via | None = None) -> Answer:
        """Navigate to what is clearly a place, for words that may mean something else: "go to sleep"."""
        return await self.go(context, place, via)

    @tool()
    async def nearest(self, context: Context, what: What) -> Answer:
        """Navigate to the nearest of a kind: a petrol station, a chemist, a supermarket."""
        here = await position(context)
        end = await nearest(context, what, here)
        return await _set_off(context, here, end, None, end.name or Say(f"kind_{what}"))

    @tool(acts=False, offered=False)
    async def where_is(self, context: Context, what: What) -> Answer:
        """Tell where the nearest of a kind is, and how far."""
        here = await position(context)
        spot = await nearest(context, what, here)
        values = {"place": spot.name or Say(f"kind_{what}"), "distance": _length(distance_km(here, spot))}
        return Answer(say=Say("nearest_is", values), facts={"place": spot.name})

    @tool(acts=False)
    async def how_far(self, context: Context, place: Place | None = None) -> Answer:
        """Tell how far a place is, how long the way takes and when one would be there."""
        here = await position(context)
        end = await called(context, place, here) if place is not None else await _goal(context)
        if end is None:
            raise SkillError(Say("nowhere"))
        route = await _route(context, here, end, None)
        return Answer(say=_told(context, here, end, route, "is_away"), facts=_facts(end, route))

    @tool(acts=False, offered=False)
    async def where(self, context: Context) -> Answer:
        """Tell where we are."""
        here = await position(context)
        city = places.nearest(here.latitude, here.longitude, chinese=context.language == "zh")
        distance = city.distance_km(here.latitude, here.longitude)
        key = "here_in" if distance < places.SAME_CITY_KM else "here_near"
        return Answer(
            say=Say(key, {"place": city.name, "distance": _length(distance)}), facts={"place": city.name}
        )

    @tool(offered=False)
    async def stop(self, context: Context) -> Answer:
        """End the navigation."""
        if await _goal(context) is None:
            raise SkillError(Say("nowhere"))
        await context.store.put(GOAL, None)
        if context.settings.get("head_unit", "none") in ("none", "kuksa"):
            return Answer(say=Say("stopped"))
        topic = f"{context.settings['car']}/navigation/cancel"
        return Answer((MqttCommand(topic, "cancel", name=_unit(context)),), Say("stopped"))


async def _goal(context: Context) -> Point | None:
    """Where we are on the way to."""
    kept = await context.store.get(GOAL)
    if not isinstance(kept, dict):
        return None
    return Point(str(kept["name"]), float(kept["latitude"]), float(kept["longitude"]))


async def _set_off(
    context: Context, here: Point, end: Point, stop: Point | None, name: Say | str | None = None
) -> Answer:
    """Find the way, and have the head unit lead there."""
    route = await _route(context, here, end, stop)
    await context.store.put(GOAL, {"name": end.name, "latitude": end.latitude, "longitude": end.longitude})
    commands = _orders(context, end, stop)
    key = "on_the_way" if commands else "is_away"
    say = _told(context, here, end, route, key, name)
    if stop is not None:
        say = Say("by_way_of", {"via": stop.name, "way": say})
    return Answer(commands, say, _facts(end, route))


async def _route(context: Context, here: Point, end: Point, stop: Point | None) -> Route | None:
    """The way by road; None where no router is configured."""
    router, url = ROUTERS.get(context.settings.get("router", "none")), context.settings.get("router_url")
    if router is None or not url:
        return None
    points = [here, end] if stop is None else [here, stop, end]
    return await router(context.web, url, context.settings.get("router_key", ""), points)


def _orders(context: Context, end: Point, stop: Point | None) -> tuple[Command, ...]:
    """One message: a head unit that got half a destination would lead elsewhere."""
    unit, car = context.settings.get("head_unit", "none"), context.settings.get("car", "car")
    if unit == "geo":
        where = f"geo:{end.latitude:.6f},{end.longitude:.6f}?q={quote(end.name)}"
        if stop is not None:
            where += f"&via={stop.latitude:.6f},{stop.longitude:.6f}"
        return (MqttCommand(f"{car}/navigation/destination", where, name=_unit(context)),)
    if unit == "vss":
        batch = {f"{VSS}.Latitude": round(end.latitude, 6), f"{VSS}.Longitude": round(end.longitude, 6)}
        return (MqttCommand(f"{car}/vss/set", json.dumps(batch), name=_unit(context)),)
    if unit == "kuksa":
        return (AdapterCommand(VEHICLE, "navigate", {"latitude": end.latitude, "longitude": end.longitude}),)
    return ()


def _unit(context: Context) -> str:
    return "导航" if context.language == "zh" else "the navigation"


def _told(
    context: Context, here: Point, end: Point, route: Route | None, key: str, name: Say | str | None = None
) -> Say:
    if route is None:
        values = {"place": name or end.name, "distance": _length(distance_km(here, end))}
        return Say(f"{key}_straight", values)
    now = context.now()
    arrival = now + timedelta(seconds=route.duration_s)
    minutes_s = max(60.0, round(route.duration_s / 60) * 60.0)
    return Say(
        key,
        {
            "place": name or end.name,
            "distance": _length(route.distance_km),
            "duration": say_duration(minutes_s, context.language),
            "arrival": say_clock(arrival, context.language),
        },
    )


def _length(kilometres: float) -> Say:
    if kilometres < 0.95:
        return Say("metres", {"count": max(50, round(kilometres * 20) * 50)})
    return Say("kilometres", {"count": f"{kilometres:.1f}" if kilometres < 9.5 else str(round(kilometres))})


def _facts(end: Point, route: Route | None) -> Mapping[str, Any]:
    if route is None:
        return {"place": end.name}
    return {"place": end.name, "km": round(route.distance_km, 1), "minutes": round(route.duration_s / 60)}
