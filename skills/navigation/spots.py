"""Where things are: the owner's own places, addresses (Photon), the nearest of a kind (Overpass), cities."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from skills import places
from skills.api import Ability, Context, Say, SkillError
from skills.navigation.routes import Point

FRESH_FOR_S = 3600.0
POSITION_FRESH_S = 10.0
AROUND_M = (3_000, 15_000)
"""How far is looked for the nearest: first near by, then further."""

KINDS: Mapping[str, str] = {
    "fuel": "amenity=fuel",
    "charging": "amenity=charging_station",
    "parking": "amenity=parking",
    "supermarket": "shop=supermarket",
    "bakery": "shop=bakery",
    "pharmacy": "amenity=pharmacy",
    "hospital": "amenity=hospital",
    "doctor": "amenity=doctors",
    "toilet": "amenity=toilets",
    "atm": "amenity=atm",
    "bank": "amenity=bank",
    "restaurant": "amenity=restaurant",
    "fast_food": "amenity=fast_food",
    "cafe": "amenity=cafe",
    "pub": "amenity=pub",
    "hotel": "tourism=hotel",
    "post_office": "amenity=post_office",
    "police": "amenity=police",
    "station": "railway=station",
    "car_wash": "amenity=car_wash",
    "garage": "shop=car_repair",
    "park": "leisure=park",
    "playground": "leisure=playground",
    "library": "amenity=library",
    "cinema": "amenity=cinema",
    "services": "highway=services",
}
"""A kind -> its tag in OpenStreetMap."""


async def position(context: Context) -> Point:
    """Return where we are: as the car says, or else at home. Raises `SkillError`."""
    settings = context.settings
    name = settings.get("position_device")
    if name:
        device = next((each for each in context.home if name in (each.id, each.name)), None)
        found = None if device is None else _pair(str(device.state.get(Ability.READING, "")))
        if found is not None:
            return Point("", *found)
    url = settings.get("position_url")
    if url:
        told, _age_s = await context.web.get_json(url, fresh_for_s=POSITION_FRESH_S)
        if isinstance(told, Mapping):
            found = _numbers(told.get("latitude"), told.get("longitude"))
            if found is not None:
                return Point("", *found)
    return _home(context)


async def called(context: Context, name: str, here: Point | None) -> Point:
    """Return the place of a name or an address, one near to `here` first. Raises `SkillError`."""
    own = {word.casefold(): where for word, where in dict(context.settings.get("places", {})).items()}
    plain = name.casefold().strip(" .,!?。！？").removeprefix("the ").removeprefix("my ")
    if plain in own:
        found = _pair(own[plain])
        if found is not None:
            return Point(name, *found)
    if plain in ("home", "家", "家里", "我家"):
        home = _home(context)
        return Point(name, home.latitude, home.longitude)
    url = context.settings.get("geocoder_url")
    if url:
        near = {} if here is None else {"lat": round(here.latitude, 2), "lon": round(here.longitude, 2)}
        told, _age_s = await context.web.get_json(
            f"{url.rstrip('/')}/api", {"q": name, "limit": 1, **near}, fresh_for_s=FRESH_FOR_S
        )
        spots = list(_photon(told))
        if spots:
            return Point(spots[0].name or name, spots[0].latitude, spots[0].longitude)
    city = places.find(name)
    if city is None:
        raise SkillError(Say("unknown_place", {"place": name}))
    return Point(city.name, city.latitude, city.longitude)


async def nearest(context: Context, kind: str, here: Point) -> Point:
    """Return the nearest of a kind (of `KINDS`), unnamed where the map has no name. Raises `SkillError`."""
    url = context.settings.get("overpass_url")
    if not url:
        raise SkillError(Say("no_map"))
    key, _equals, value = KINDS[kind].partition("=")
    for around_m in AROUND_M:
        query = (
            f'[out:json][timeout:5];nwr["{key}"="{value}"]'
            f"(around:{around_m},{here.latitude:.4f},{here.longitude:.4f});out center 60;"
        )
        told, _age_s = await context.web.get_json(url, {"data": query}, fresh_for_s=FRESH_FOR_S)
        found = sorted(_overpass(told), key=lambda each: distance_km(here, each))
        if found:
            return found[0]
    raise SkillError(Say("none_near"))


def distance_km(one: Point, other: Point) -> float:
    """Return the length of the great circle."""
    return places.Place("", one.latitude, one.longitude, "").distance_km(other.latitude, other.longitude)


def _home(context: Context) -> Point:
    latitude, longitude = context.settings.get("latitude"), context.settings.get("longitude")
    if latitude is None or longitude is None:
        raise SkillError(Say("no_position"))
    return Point("", float(latitude), float(longitude))


def _photon(told: Any) -> Iterator[Point]:
    """GeoJSON, as Photon answers."""
    features = told.get("features") if isinstance(told, Mapping) else None
    for each in features if isinstance(features, list) else ():
        try:
            longitude, latitude = each["geometry"]["coordinates"][:2]
            yield Point(str(each["properties"].get("name") or ""), float(latitude), float(longitude))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _overpass(told: Any) -> Iterator[Point]:
    elements = told.get("elements") if isinstance(told, Mapping) else None
    for each in elements if isinstance(elements, list) else ():
        if not isinstance(each, Mapping):
            continue
        spot = each.get("center", each)
        found = _numbers(spot.get("lat"), spot.get("lon")) if isinstance(spot, Mapping) else None
        if found is not None:
            tags = each.get("tags")
            name = tags.get("name") or tags.get("brand") if isinstance(tags, Mapping) else None
            yield Point(str(name or ""), *found)


def _pair(text: str) -> tuple[float, float] | None:
    latitude, _comma, longitude = text.partition(",")
    try:
        return _numbers(float(latitude), float(longitude))
    except ValueError:
        return None


def _numbers(latitude: Any, longitude: Any) -> tuple[float, float] | None:
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return float(latitude), float(longitude)
