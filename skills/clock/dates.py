"""Days in words: "the fifth of June", "next Friday", "Christmas", 六月五号, 下周五, 春节."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

FEASTS = Path(__file__).parent / "feasts.toml"
LATEST_YEARS = 30
"""A 29 February or a feast is looked for this far ahead."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
_ORDINALS = {
    **{word: number for number, word in enumerate(_FIRST, 1)},
    **{f"twenty {word}": 20 + number for number, word in enumerate(_FIRST[:9], 1)},
    "thirtieth": 30,
    "thirty first": 31,
}
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_DAY = rf"(?:the )?(\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
_MONTH = "(" + "|".join(f"{each[:3]}(?:{each[3:]})?" for each in _MONTHS) + ")"
_YEAR = r"(?:,? (\d{4}))?"
_DAY_MONTH = re.compile(rf"{_DAY}(?: of)? {_MONTH}{_YEAR}")
_MONTH_DAY = re.compile(rf"{_MONTH} {_DAY}{_YEAR}")
_WEEKDAY = re.compile(rf"(?:(this|next|coming) )?({'|'.join(_WEEKDAYS)})")
_HAN = "[零〇一二三四五六七八九十廿两0-9]"
_HAN_YEAR = r"(?:(\d{4}|[零〇一二三四五六七八九]{4}|今|明|后)年?的?)?"
_HAN_DATE = re.compile(f"{_HAN_YEAR}({_HAN}{{1,3}})月(?:份)?({_HAN}{{1,3}})[号日]?")
_HAN_WEEKDAY = re.compile("(这|本|下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天])")
_NEAR = {
    "today": 0, "tomorrow": 1, "day after tomorrow": 2, "yesterday": -1, "day before yesterday": -2,
    "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3, "昨天": -1, "前天": -2,
}  # fmt: skip


def read_date(text: str, today: date) -> date | None:
    """Return the day that the words mean, the next such one; None where they mean none."""
    said = " ".join(text.casefold().replace("-", " ").strip(" .,?!。，？！").split())
    said = said.removeprefix("on ").removeprefix("the ").removesuffix("那天")
    if said in _NEAR:
        return today + timedelta(days=_NEAR[said])
    feast = _feast_of(said)
    if feast is not None:
        return next_feast(feast, today)
    found = _DAY_MONTH.fullmatch(said)
    if found is not None:
        return _next(_day(found.group(1)), _month(found.group(2)), found.group(3), today)
    found = _MONTH_DAY.fullmatch(said)
    if found is not None:
        return _next(_day(found.group(2)), _month(found.group(1)), found.group(3), today)
    return _weekday(said, today) or _chinese(said, today)


def next_feast(name: str, today: date) -> date | None:
    """Return when a feast of `feasts.toml` is next, today included; None where nobody wrote down when."""
    rule = _feasts()[name]
    for year in range(today.year, today.year + LATEST_YEARS):
        day = _in_year(rule, year)
        if day is not None and day >= today:
            return day
    return None


def _in_year(rule: Mapping[str, object], year: int) -> date | None:
    if "day" in rule:
        month, day = map(int, str(rule["day"]).split("-"))
        return date(year, month, day)
    if "easter" in rule:
        return _easter(year) + timedelta(days=int(str(rule["easter"])))
    if "nth" in rule:
        month, weekday, nth = map(int, str(rule["nth"]).split("-"))
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    dates = rule["dates"]
    found = [each for each in dates if each.startswith(str(year))] if isinstance(dates, list) else []
    return date.fromisoformat(found[0]) if found else None


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=1)
def _feasts() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(FEASTS.read_text("utf-8"))


@lru_cache(maxsize=256)
def _feast_of(said: str) -> str | None:
    bare = said.replace("'", "").replace("’", "")
    for name, rule in _feasts().items():
        words = rule["words"]
        if isinstance(words, list) and bare in words:
            return name
    return None


def _next(day: int, month: int, year: str | None, today: date) -> date | None:
    years = (int(year),) if year else range(today.year, today.year + 9)  # a leap year at the latest
    for each in years:
        try:
            found = date(each, month, day)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _day(said: str) -> int:
    return _ORDINALS.get(said) or int(re.sub(r"\D", "", said))


def _month(said: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(said))


def _weekday(said: str, today: date) -> date | None:
    found = _WEEKDAY.fullmatch(said)
    if found is None:
        return None
    return today + timedelta(days=(_WEEKDAYS.index(found.group(2)) - today.weekday()) % 7 or 7)


def _chinese(said: str, today: date) -> date | None:
    said = said.replace(" ", "")
    found = _HAN_WEEKDAY.fullmatch(said)
    if found is not None:
        weekday = "一二三四五六日".find(found.group(2).replace("天", "日"))
        if found.group(1) is None:
            return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
        weeks = {"下": 1, "下下": 2}.get(found.group(1), 0)
        return today + timedelta(days=weekday - today.weekday() + 7 * weeks)
    found = _HAN_DATE.fullmatch(said)
    if found is None:
        return None
    year = found.group(1)
    if year in ("今", "明", "后"):
        year = str(today.year + "今明后".index(year))
    elif year is not None:
        year = "".join(str(_digit(each)) for each in year)
    return _next(_han_number(found.group(3)), _han_number(found.group(2)), year, today)


def _digit(char: str) -> int:
    return int(char) if char.isdigit() else "零一二三四五六七八九".find(char.replace("〇", "零"))


def _han_number(said: str) -> int:
    """1 to 99: 5, 十, 十五, 二十五, 廿五; 0 for what is no number."""
    if said.isdecimal():
        return int(said)
    tens, ten, ones = said.replace("廿", "二十").rpartition("十")
    if not ten:
        return max(0, _digit(ones)) if len(ones) == 1 else 0
    return 10 * (_digit(tens[0]) if tens else 1) + (_digit(ones[0]) if ones else 0)
