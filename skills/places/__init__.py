"""Where cities and countries are, and what time they keep, without a network: `cities.tsv`, `regions.tsv`
and, for names that those lack, `also.tsv`.

The tables are GeoNames' (geonames.org, CC BY 4.0), cut down by `renew.py`: cities of a hundred thousand
people, capitals, countries and the states of the USA.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

EARTH_KM = 6371.0
SAME_CITY_KM = 12.0
SECOND_NAME = 0.2
REGION = 1_000.0
"""A country goes before a town of its name, and behind a city of a million."""
FIRST_HAN = 0x3400
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Place:
    """A city, a country or a state; of one with several times of day `name` is its capital.

    Degrees; `zone` is a name of the IANA time zones, `people` are thousands.
    """

    name: str
    latitude: float
    longitude: float
    zone: str
    country: str = ""
    people: int = 0

    def distance_km(self, latitude: float, longitude: float) -> float:
        """The great circle to a point (haversine)."""
        here, there = math.radians(self.latitude), math.radians(latitude)
        east = math.radians(longitude - self.longitude)
        half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(east / 2) ** 2
        return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def find(name: str) -> Place | None:
    """Return the place of that name, the best known of several; None for an unknown one.

    It is called as it was asked for, so that a Chinese question gets a Chinese name.
    """
    wanted = _plain(name)
    spellings = dict.fromkeys((wanted, wanted.removesuffix("市"), f"{wanted}市"))
    return next((found for each in spellings if (found := _index().get(each)) is not None), None)


def nearest(latitude: float, longitude: float, *, chinese: bool = False) -> Place:
    """Return the city at a point: the largest of those around, or else the nearest.

    It has a Chinese name if there is one and that is wanted.
    """
    across = math.cos(math.radians(latitude))
    by_distance = sorted(
        _rows("cities"),
        # A degree of longitude is shorter away from the equator; good enough to rank by.
        key=lambda row: (float(row[3]) - latitude) ** 2 + ((float(row[4]) - longitude) * across) ** 2,
    )
    around = [
        row for row in by_distance[:20] if _city(row, row[0]).distance_km(latitude, longitude) < SAME_CITY_KM
    ]
    row = max(around, key=lambda each: int(each[6]), default=by_distance[0])
    han = [each for each in row[1].split("|") if each and ord(each[0]) > FIRST_HAN]
    return _city(row, min(han, key=len) if chinese and han else row[0])


@lru_cache(maxsize=1)
def _index() -> dict[str, Place]:
    """By plain name: of two of one name the larger, where a second name counts for less than the first."""
    index: dict[str, Place] = {}
    weights: dict[str, float] = {}

    def offer(name: str, place: Place, weight: float) -> None:
        key = _plain(name)
        if weight > weights.get(key, -1.0):
            index[key], weights[key] = place, weight

    for row in _rows("cities"):
        offer(row[0], _city(row, row[0]), float(row[6]))
        for name in filter(None, row[1].split("|")):
            offer(name, _city(row, name), float(row[6]) * SECOND_NAME)
    for row in _rows("regions"):
        for name in (row[0], *filter(None, row[1].split("|"))):
            offer(name, Place(row[5] or name, float(row[2]), float(row[3]), row[4]), REGION)
    for first, also in _rows("also"):
        for name in also.split("|"):
            index[_plain(name)] = replace(index[_plain(first)], name=name)
    return index


def _city(row: Sequence[str], name: str) -> Place:
    return Place(name, float(row[3]), float(row[4]), row[5], row[2], int(row[6]))


def _rows(table: str) -> Iterator[list[str]]:
    with (FOLDER / f"{table}.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def _plain(name: str) -> str:
    """Lower case, without accents and with single spaces."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(bare.replace("-", " ").replace(".", "").replace("'", "").split())
