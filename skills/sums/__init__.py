"""Sums, percentages, units, money and kitchen measures."""

import logging
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel

from skills.api import Answer, Context, Say, Skill, SkillError, Slot, tool
from skills.sums.arithmetic import Undefined, read_sum
from skills.sums.units import (
    MONEY,
    Measure,
    Stuff,
    Unit,
    converted,
    older_rates,
    rates,
    read_measure,
    stuff_called,
    stuffs,
    unit_words,
    units_called,
)

DIGITS = 4
"""Significant digits of what is not exact; nobody listens to more."""
FRESH_RATES_S = 12 * 3600.0

_log = logging.getLogger(__name__)


def _a_sum(text: str) -> str:
    if read_sum(text) is None:
        raise ValueError("no sum")
    return text


def _a_measure(text: str) -> str:
    if read_measure(text) is None:
        raise ValueError("no measure")
    return text


Sum = Annotated[str, AfterValidator(_a_sum), Slot("sum")]
MeasureWords = Annotated[str, AfterValidator(_a_measure), Slot("measure")]
UnitWord = Annotated[str, Slot("unit")]
StuffWord = Annotated[str, Slot("ingredient")]


class Settings(BaseModel):
    """[skills.sums]: `rates_url` is asked for money, in the shape of Frankfurter (`/v1/latest?base=EUR`)."""

    rates_url: str | None = None


class Sums(Skill):
    """Works things out."""

    name = "sums"
    api = 1
    settings = Settings

    def vocabulary(self, settings: Mapping[str, Any]) -> Mapping[str, Mapping[str, Sequence[str]]]:  # noqa: ARG002 - the tables are the same for everybody
        """The words of the tables of units and kitchen goods."""
        return {
            "unit": unit_words(),
            "ingredient": {each.key: (*each.english, *each.chinese) for each in stuffs()},
        }

    @tool(acts=False)
    async def work_out(self, context: Context, text: Sum) -> Answer:
        """Work out a sum (text), such as "17 times 23" or "20 percent of 85"."""
        work = read_sum(text)
        try:
            value = work() if work is not None else None
        except Undefined:
            value = None
        if value is None:
            raise SkillError(Say("undefined"))
        number, exact = spoken(value, context.language)
        return Answer(say=Say("result" if exact else "about", {"value": number}), facts={"value": number})

    @tool(acts=False, offered=False)
    async def convert(self, context: Context, measure: MeasureWords, unit: UnitWord) -> Answer:
        """Tell what a measure is in another unit or currency."""
        return await _conversion(context, measure, unit, None)

    @tool(acts=False, offered=False)
    async def weigh(
        self,
        context: Context,
        measure: MeasureWords,
        ingredient: StuffWord | None = None,
        unit: UnitWord = "grams",
    ) -> Answer:
        """Tell what a kitchen measure of something weighs."""
        return await _conversion(context, measure, unit, ingredient)


async def _conversion(context: Context, words: str, unit: str, ingredient: str | None) -> Answer:
    measure = read_measure(words)
    if measure is None:
        raise SkillError(Say("no_measure"))
    if ingredient is not None:
        of = next((each for each in stuffs() if each.key == ingredient), None) or stuff_called(ingredient)
        measure = Measure(measure.readings, of)
    found = converted(measure, units_called(unit))
    if found is None:
        what = _called(measure.readings[0][0][1], Fraction(2), context.language)
        raise SkillError(Say("cannot_convert", {"unit": what, "other": unit}))
    reading, target, amount = found
    if target.of == MONEY:
        return await _exchanged(context, reading[0], target)
    kitchen = measure.stuff is not None or not all(each.exact for _amount, each in reading)
    number, exact = spoken(_for_the_kitchen(amount) if kitchen else amount, context.language)
    values = {
        "measure": _told(reading, measure.stuff, context.language),
        "value": number,
        "unit": _called(target, amount, context.language),
    }
    return Answer(say=Say("is" if exact and not kitchen else "is_about", values), facts=values)


async def _exchanged(context: Context, source: tuple[Fraction, Unit], target: Unit) -> Answer:
    date, table, older = await _rates(context)
    amount, unit = source
    if unit.key not in table or target.key not in table:
        raise SkillError(Say("no_rate", {"unit": _called(target, Fraction(2), context.language)}))
    worth = float(amount) / table[unit.key] * table[target.key]
    number, _exact = spoken(round(worth, 2 if worth < 100 else 0), context.language)
    values = {
        "measure": _told((source,), None, context.language),
        "value": number,
        "unit": _called(target, Fraction(worth), context.language),
        "date": min(date, older.get(unit.key, date), older.get(target.key, date)),
    }
    return Answer(say=Say("money", values), facts=values)


async def _rates(context: Context) -> tuple[str, Mapping[str, float], Mapping[str, str]]:
    """The newest rates there are, the service's if one is configured and answers, or those of the table; and
    the days of those that are older.
    """
    url = context.settings.get("rates_url")
    if url is not None:
        try:
            told, _age_s = await context.web.get_json(url, {"base": "EUR"}, fresh_for_s=FRESH_RATES_S)
            return (
                str(told["date"]),
                {
                    "EUR": 1.0,
                    **{code: float(each) for code, each in told["rates"].items()},
                },
                {},
            )
        except (SkillError, KeyError, TypeError, ValueError, AttributeError) as error:
            _log.warning("the rates are those of the table: %r", error)
    return (*rates(), older_rates())


def spoken(value: Fraction | float, language: str) -> tuple[str, bool]:
    """Return a number as it is written for speech, and whether it is exact."""
    whole = round(value)
    if value == whole:
        return _grouped(str(whole), language), True
    if isinstance(value, Fraction) and 10**DIGITS % value.denominator == 0:
        return _grouped(f"{float(value):.{DIGITS}f}".rstrip("0"), language), True
    if isinstance(value, float) and round(value, 2) == value:
        return _grouped(f"{value:.2f}".rstrip("0"), language), True
    size = abs(float(value))
    if size >= 10 ** (DIGITS - 1):
        return _grouped(str(whole), language), False
    return f"{float(value):.{DIGITS}g}", False


def _grouped(number: str, language: str) -> str:
    """12,345 in English; as it is in Chinese."""
    if language == "zh":
        return number
    whole, point, decimals = number.partition(".")
    return f"{int(whole):,}{point}{decimals}" if abs(int(whole)) >= 10_000 else number


def _for_the_kitchen(amount: Fraction) -> Fraction:
    """Nobody weighs 127.2 grams of flour."""
    if amount >= 50:
        return Fraction(round(amount / 5) * 5)
    return Fraction(round(amount)) if amount >= 10 else Fraction(round(amount * 10), 10)


def _told(reading: tuple[tuple[Fraction, Unit], ...], stuff: Stuff | None, language: str) -> str:
    gap = "" if language == "zh" else " "
    parts = [
        f"{spoken(amount, language)[0]}{gap}{_called(unit, amount, language)}" for amount, unit in reading
    ]
    told = gap.join(parts)
    if stuff is None:
        return told
    return f"{told}{stuff.chinese[0]}" if language == "zh" else f"{told} of {stuff.english[0]}"


def _called(unit: Unit, amount: Fraction, language: str) -> str:
    if language == "zh":
        return unit.chinese[0]
    return unit.english[1] if amount == 1 else unit.english[0]
