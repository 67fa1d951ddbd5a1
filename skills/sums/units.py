"""Measures in words and what they are in other units: "5 miles", "two cups of flour", 三斤半, 华氏七十度."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from skills.sums.numbers import han_value, read_number

FOLDER = Path(__file__).parent
MONEY = "money"

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"\d+/\d+|\d+(?:,\d{3})*(?:\.\d+)?|[^\W\d_]+|%")
_DEGREES = re.compile("(华氏|摄氏)(零下|负)?(.+?)度")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of something: `size` in the basic unit of what it measures, `zero` what is taken off first.

    `english` begins with the plural and the singular, `chinese` with the usual word. The size of money is
    unknown here. One that is not `exact` is a kitchen measure.
    """

    key: str
    of: str
    size: Fraction
    zero: Fraction
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Stuff:
    """Something that is measured in the kitchen, and what a litre of it weighs."""

    key: str
    kg: Fraction
    english: tuple[str, ...]
    chinese: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """So much: the amounts by unit ("5 feet 8 inches" has two), of `stuff` perhaps.

    `readings` are the units that the words may mean, since a pound is a weight and money.
    """

    readings: tuple[tuple[tuple[Fraction, Unit], ...], ...]
    stuff: Stuff | None = None


@lru_cache(maxsize=1)
def units() -> tuple[Unit, ...]:
    """All units, money included."""
    found = [
        Unit(
            key,
            each["of"],
            Fraction(str(each["is"])),
            Fraction(str(each.get("offset", 0))),
            tuple(each["en"]),
            tuple(each["zh"]),
            each.get("exact", True),
        )
        for key, each in _table("units").items()
    ]
    money = [
        Unit(code, MONEY, Fraction(1), Fraction(0), tuple(each["en"]), tuple(each["zh"]))
        for code, each in _table("rates")["words"].items()
    ]
    return (*found, *money)


@lru_cache(maxsize=1)
def stuffs() -> tuple[Stuff, ...]:
    """What a kitchen weighs."""
    return tuple(
        Stuff(key, Fraction(str(each["kg"])), tuple(each["en"]), tuple(each["zh"]))
        for key, each in _table("kitchen").items()
    )


@lru_cache(maxsize=1)
def rates() -> tuple[str, Mapping[str, float]]:
    """Return the day of the table of money, and units of each for one euro."""
    table = _table("rates")
    return table["date"], table["rates"]


def older_rates() -> Mapping[str, str]:
    """Return the day of those rates of the table that are older than it."""
    dated: Mapping[str, str] = _table("rates")["older"]
    return dated


def unit_words() -> Mapping[str, Sequence[str]]:
    """Return every word for a unit, by itself: a word may mean two."""
    words = {word.casefold() for unit in units() for word in (*unit.english, *unit.chinese)}
    return {word: (word,) for word in sorted(words)}


def units_called(word: str) -> tuple[Unit, ...]:
    """Return the units that a word may mean."""
    wanted = word.casefold()
    return tuple(unit for unit in units() if wanted in map(str.casefold, (*unit.english, *unit.chinese)))


def stuff_called(word: str) -> Stuff | None:
    """Return what a word means in the kitchen."""
    wanted = word.casefold().strip()
    return next((each for each in stuffs() if wanted in (*each.english, *each.chinese)), None)


_SIGNS = {"$": "dollars", "£": "pounds sterling", "€": "euros", "¥": "yen"}
_SIGNED = re.compile(r"([$£€¥])\s*(\d+(?:,\d{3})*(?:\.\d+)?)")
"""As money is written: "$50"."""


def read_measure(text: str) -> Measure | None:
    """Return what the words measure; None unless all of them belong to it."""
    lowered = _SIGNED.sub(lambda found: f"{found.group(2)} {_SIGNS[found.group(1)]}", text.casefold())
    lowered = lowered.strip(" ?？。.,，")
    return _chinese(re.sub(r"\s", "", lowered)) if _HAN.search(lowered) else _english(lowered)


def converted(
    measure: Measure, targets: Sequence[Unit]
) -> tuple[tuple[tuple[Fraction, Unit], ...], Unit, Fraction] | None:
    """Return what was meant, the unit wanted and how many of it; None where the two do not go together.

    Money is left as it is: its unit's size is unknown here.
    """
    for reading in measure.readings:
        for target in targets:
            source = reading[0][1].of
            if source == target.of:
                return reading, target, _in(reading, target)
            if measure.stuff is not None and {source, target.of} == {"mass", "volume"}:
                base = sum((amount * unit.size for amount, unit in reading), Fraction(0))
                basic = base * measure.stuff.kg if source == "volume" else base / measure.stuff.kg
                return reading, target, basic / target.size
    return None


def _in(reading: tuple[tuple[Fraction, Unit], ...], target: Unit) -> Fraction:
    if target.of == "temperature":
        amount, unit = reading[0]
        kelvin_like = (amount - unit.zero) * unit.size
        return kelvin_like / target.size + target.zero
    return sum((amount * unit.size for amount, unit in reading), Fraction(0)) / target.size


# -- English -------------------------------------------------------------------------------------------------


def _english(text: str) -> Measure | None:
    words = _WORD.findall(re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text))
    negative = bool(words) and words[0] in ("minus", "negative")
    at = 1 if negative else 0
    found = _amounts(words, at)
    if found is None:
        return None
    readings, at = found
    stuff = None
    if at < len(words):
        rest = words[at + 1 :] if words[at] == "of" else words[at:]
        stuff = stuff_called(" ".join(each for each in rest if each != "the"))
        if stuff is None:
            return None
    if negative:
        readings = tuple(tuple((-amount, unit) for amount, unit in each) for each in readings)
    return Measure(readings, stuff)


def _amounts(words: list[str], at: int) -> tuple[tuple[tuple[tuple[Fraction, Unit], ...], ...], int] | None:
    """One amount, or two of one kind: "5 feet 8 [inches]", "1 pound 4 ounces"."""
    first = _amount(words, at)
    if first is None:
        return None
    amount, meant, at = first
    second = _amount(words, at + 1 if words[at : at + 1] == ["and"] else at)
    if second is not None:
        pairs = tuple(
            ((amount, large), (second[0], small))
            for large in meant
            for small in second[1]
            if large.of == small.of and small.size < large.size
        )
        if pairs:
            return pairs, second[2]
    bare = read_number(words, at)
    if bare is not None and bare[1] == len(words) and any(unit.key == "foot" for unit in meant):
        foot = next(unit for unit in meant if unit.key == "foot")
        return (((amount, foot), (bare[0], _unit("inch"))),), bare[1]
    return tuple(((amount, unit),) for unit in meant), at


def _amount(words: list[str], at: int) -> tuple[Fraction, tuple[Unit, ...], int] | None:
    number = read_number(words, at)
    if number is None and words[at : at + 1] in (["a"], ["an"]):
        number = (Fraction(1), at + 1)
    if number is None:
        return None
    value, at = number
    if words[at : at + 1] == ["of"] and words[at + 1 : at + 2] in (["a"], ["an"]):
        at += 1  # "a quarter of a pound"
    if words[at : at + 1] in (["a"], ["an"]):
        at += 1  # "half a pint"
    for length in (4, 3, 2, 1):
        meant = units_called(" ".join(words[at : at + length])) if at + length <= len(words) else ()
        if meant:
            at += length
            half = words[at : at + 3] == ["and", "a", "half"]
            return value + Fraction(1, 2) * half, meant, at + 3 * half
    if words[at : at + 1] in (["degrees"], ["degree"]):
        meant = units_called("degrees " + " ".join(words[at + 1 : at + 2]))
        return (value, meant, at + 2) if meant else None
    return None


def _unit(key: str) -> Unit:
    return next(each for each in units() if each.key == key)


# -- Chinese -------------------------------------------------------------------------------------------------


def _chinese(text: str) -> Measure | None:
    degrees = _DEGREES.fullmatch(text)
    if degrees is not None:
        amount = han_value(degrees.group(3))
        if amount is None:
            return None
        unit = _unit("fahrenheit" if degrees.group(1) == "华氏" else "celsius")
        return Measure((((-amount if degrees.group(2) else amount, unit),),))
    for stuff, rest in _without_stuff(text):
        readings = tuple(_chinese_readings(rest))
        if readings:
            return Measure(readings, stuff)
    return None


def _without_stuff(text: str) -> Iterator[tuple[Stuff | None, str]]:
    yield None, text
    for stuff in stuffs():
        for word in stuff.chinese:
            if text.endswith(word):
                yield stuff, text[: -len(word)].removesuffix("的")


def _chinese_readings(text: str) -> Iterator[tuple[tuple[Fraction, Unit], ...]]:
    """The longest word for a unit at the end, and a number before it; 半 may follow: 三斤半."""
    half = text.endswith("半") and len(text) > 1
    rest = text[:-1] if half else text
    for length in range(min(6, len(rest) - 1), 0, -1):
        amount = _chinese_amount(rest[:-length])
        meant = units_called(rest[-length:])
        if amount is not None and meant:
            yield from (((amount + Fraction(1, 2) * half, unit),) for unit in meant)
            return


def _chinese_amount(said: str) -> Fraction | None:
    said = said.removesuffix("个")
    if said in ("半", "一半"):
        return Fraction(1, 2)
    if said.endswith("个半"):
        said, more = said[:-2], Fraction(1, 2)
    else:
        more = Fraction(0)
    value = han_value(said)
    return None if value is None else value + more


@lru_cache(maxsize=4)
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
