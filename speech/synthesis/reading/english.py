"""English as it is read aloud: 7:05 pm, 21.5 °C, $5.20, +49 30 1234567, 50 km/h, the 3rd, Dr., Room 101.

Each rule is a pattern and how what it found is said. They are tried in order over the whole text, so that a
date is taken before the numbers in it are.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial

from speech.synthesis.reading.numbers import cardinal, digits, ordinal, year
from speech.synthesis.reading.units import ENGLISH as UNITS
from speech.synthesis.reading.units import SYMBOLS

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = "|".join([*_MONTHS, *(f"{each[:3]}\\.?" for each in _MONTHS), r"Sept\.?"])
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?:(?<![\w.])[-−])?(?:{_NUMBER})"
_CLOCK = r"(?:[01]?\d|2[0-4]):[0-5]\d"
_HALF = r"(?:\s*(?:[ap]m\b|[ap]\.m\.?))?"
_TO = r"\s?(?:-|–|—|\.\.\.?)\s?"
_MONEY: Mapping[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yuan", "yuan", "fen", "fen"),
    "元": ("yuan", "yuan", "fen", "fen"),
}
_MANY = "thousand|million|billion|trillion"
_FRACTIONS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_SIGNS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3)}
_BESIDE = "Room|Gate|Suite|Flat|Apartment|Unit|Bus|Line|Route|Highway|Flight|Channel|Code|Number"
_SHORT = {
    "Dr.": "Doctor",
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "Ms.": "Miz",
    "Prof.": "Professor",
    "Jr.": "Junior",
    "Sr.": "Senior",
    "Ave.": "Avenue",
    "Rd.": "Road",
    "Blvd.": "Boulevard",
    "Mt.": "Mount",
    "vs.": "versus",
    "etc.": "et cetera",
    "e.g.": "for example",
    "i.e.": "that is",
    "approx.": "approximately",
    "Apt.": "Apartment",
}


def _plain(number: str) -> str:
    """A number as words: with its sign, and without a point and nothing behind it that counts."""
    sign = "minus " if number[0] in "-−" else ""
    return sign + cardinal(number.lstrip("-−").replace(",", ""), "en")


def _measured(number: str) -> str:
    """As `_plain`, but 21.0 of something is twenty-one of it."""
    return _plain(re.sub(r"\.0+$", "", number))


def _is_one(number: str) -> bool:
    return re.fullmatch(r"1(?:\.0+)?", number.lstrip("-−")) is not None


def _clock(clock: str, half: str) -> str:
    """14:30 is two thirty PM: the voice is an American's."""
    hour, minute = (int(each) for each in clock.split(":"))
    half = half.strip().replace(".", "").upper()
    if not half and not minute and hour in (0, 24):
        return "midnight"
    if not half and not 1 <= hour <= 12:
        half = "PM" if 12 < hour < 24 else "AM"
    said = cardinal(str(hour % 12 or 12), "en")
    if minute == 0:
        said += "" if half else " o'clock"
    else:
        said += (" oh " if minute < 10 else " ") + cardinal(str(minute), "en")
    return f"{said} {half}".rstrip()


def _time(found: re.Match[str]) -> str:
    return _clock(found["clock"], found["half"] or "")


def _times(found: re.Match[str]) -> str:
    return f"{_clock(found['one'], '')} to {_clock(found['two'], found['half'] or '')}"


def _time_with_seconds(found: re.Match[str]) -> str:
    hour, minute, second = (str(int(each)) for each in found[0].split(":"))
    said = [
        f"{cardinal(count, 'en')} {unit}{'' if count == '1' else 's'}"
        for count, unit in ((hour, "hour"), (minute, "minute"), (second, "second"))
        if count != "0"
    ]
    return " ".join([*said[:-1], "and", said[-1]] if len(said) > 1 else said or ["zero seconds"])


def _hour(found: re.Match[str]) -> str:
    return f"{cardinal(found['hour'], 'en')} {found['half'].replace('.', '').upper()}"


def _date(day: int, month: int, in_year: str | None) -> str:
    said = f"{_MONTHS[month - 1]} {ordinal(day)}"
    return f"{said}, {year(int(in_year), 'en')}" if in_year else said


def _iso(found: re.Match[str]) -> str:
    return _date(int(found["day"]), int(found["month"]), found["year"])


def _dotted(found: re.Match[str]) -> str:
    """Day first with points; with slashes as Americans write it, if it can be."""
    one, two = int(found["one"]), int(found["two"])
    day, month = (two, one) if found["mark"] == "/" and one <= 12 else (one, two)
    return _date(day, month, found["year"]) if month <= 12 and 1 <= day <= 31 else found[0]


def _named(found: re.Match[str]) -> str:
    start = found["month"].rstrip(".")[:3]
    month = 1 + next(at for at, name in enumerate(_MONTHS) if name.startswith(start))
    if "the" in found.groupdict() and found["the"] is not None:
        said = f"{found['the']}{ordinal(int(found['day']))} of {_MONTHS[month - 1]}"
        return f"{said} {year(int(found['year']), 'en')}" if found["year"] else said
    return _date(int(found["day"]), month, found["year"])


def _money(found: re.Match[str]) -> str:
    sign, number, many = found["sign"] or found["behind"], found["number"].replace(",", ""), found["many"]
    one, more, small_one, small = _MONEY[sign]
    whole, _, part = number.partition(".")
    if many:
        return f"{cardinal(number, 'en')} {many} {more}"
    if len(part) != 2:
        return f"{cardinal(number, 'en')} {one if number == '1' else more}"
    said = f"{cardinal(whole, 'en')} {one if whole == '1' else more}"
    cents = int(part)
    if cents == 0:
        return said
    coins = f"{cardinal(str(cents), 'en')} {small_one if cents == 1 else small}"
    return coins if whole == "0" else f"{said} and {coins}"


def _phone(found: re.Match[str]) -> str:
    plus = "plus " if found[0].lstrip("(").startswith("+") else ""
    groups = re.findall(r"\d+", found[0])
    return plus + ", ".join(digits(each, "en") for each in groups)


def _degrees(found: re.Match[str]) -> str:
    scale = {"C": " Celsius", "F": " Fahrenheit", None: "", "": ""}[found["scale"]]
    low, high = found["low"], found["high"]
    noun = "degree" if low is None and _is_one(high) else "degrees"
    said = f"{_measured(low)} to {_measured(high)}" if low else _measured(high)
    return f"{said} {noun}{scale}"


def _percent(found: re.Match[str]) -> str:
    low = f"{_measured(found['low'])} to " if found["low"] else ""
    return f"{low}{_measured(found['high'])} percent"


def _unit(found: re.Match[str]) -> str:
    one, more = UNITS[found["unit"]]
    low, high = found["low"], found["high"]
    if (found["unit"] == "A" and found[0][-2] != " ") or (found["unit"] == "K" and len(high) < 4):
        return found[0]  # lamp 1A, a 4K film
    said = f"{_measured(low)} to {_measured(high)}" if low else _measured(high)
    return f"{said} {one if low is None and _is_one(high) else more}"


def _range(found: re.Match[str]) -> str:
    low, high = found["low"], found["high"]
    if float(low) >= float(high):
        return found[0]
    return f"{_plain(low)} to {_plain(high)}"


def _fraction(found: re.Match[str]) -> str:
    top, under = int(found["top"]), int(found["under"])
    before = f"{cardinal(found['whole'], 'en')} and " if found["whole"] else ""
    if not 2 <= under <= 10 or top >= under:
        return found[0].replace("/", " out of ") if top <= under and not before else found[0]
    return before + _share(top, under, alone=not before)


def _share(top: int, under: int, *, alone: bool) -> str:
    one, more = _FRACTIONS.get(under, (ordinal(under), ordinal(under) + "s"))
    if top == 1:
        return f"one {one}" if alone else f"{'an' if one[0] in 'aeiou' else 'a'} {one}"
    return f"{cardinal(str(top), 'en')} {more}"


def _sign(found: re.Match[str]) -> str:
    top, under = _SIGNS[found["sign"]]
    before = f"{cardinal(found['whole'], 'en')} and " if found["whole"] else ""
    return before + _share(top, under, alone=not before)


def _house(found: re.Match[str]) -> str:
    """Rooms and lines are read as pairs: one oh one, two fourteen, twelve oh five; two hundred stays."""
    number = found["number"]
    if number.endswith("00"):
        return f"{found['what']} {cardinal(number, 'en')}"
    first, last = number[:-2], number[-2:]
    said = f"oh {cardinal(last[1], 'en')}" if last[0] == "0" else cardinal(last, "en")
    return f"{found['what']} {cardinal(first, 'en')} {said}"


def _dots(found: re.Match[str]) -> str:
    parts = found[0].split(".")
    if len(parts) == 4:  # an address of a network
        return " dot ".join(digits(each, "en") for each in parts)
    return " point ".join(cardinal(each, "en") for each in parts)


def _other(found: re.Match[str]) -> str:
    """Any other number; a letter beside it is another word."""
    before = " " if found.start() and found.string[found.start() - 1].isalpha() else ""
    behind = " " if found.string[found.end() : found.end() + 1].isalpha() else ""
    return f"{before}{_plain(found[0])}{behind}"


def _as(said: str, _found: re.Match[str]) -> str:
    return said


def _one_or_two(mark: str) -> str:
    """Match a number, or from one to another: `mark` may stand behind the first, too."""
    return rf"(?:(?P<low>{_SIGNED}){mark}{_TO})?(?P<high>{_SIGNED})"


def _rule(pattern: str, say: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return re.compile(pattern, flags), say


_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:1[1-9]|20)\d\d)"
RULES: tuple[Rule, ...] = (
    _rule(r"\bSt\. (?=[A-Z])", lambda _: "Saint "),
    _rule(r"(?<=[a-z]) St\.(?= [a-z\d]|[,;])", lambda _: " Street"),
    _rule(r"(?<=[a-z]) St\.$", lambda _: " Street."),
    _rule("|".join(rf"\b{re.escape(each)}" for each in _SHORT), lambda found: _SHORT[found[0]]),
    _rule(r"\bNos?\.\s?(?=\d)", lambda _: "number "),
    _rule(r"(?<=\w)\s?&\s?(?=\w)", lambda _: " and "),
    _rule(rf"\b{_YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b", _iso),
    _rule(
        r"(?<![\d.])(?P<one>\d{1,2})(?P<mark>[./])(?P<two>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d)"
        r"(?![\d.]\d)",
        _dotted,
    ),
    _rule(rf"(?P<the>\b[Tt]he )?\b{_DAY}(?: of)? (?P<month>{_MONTH})(?![a-z])(?:,? {_YEAR}\b)?", _named),
    _rule(rf"\b(?P<month>{_MONTH}) {_DAY}(?![\d:.%]\d|\d|[°%])(?:,? {_YEAR}\b)?", _named),
    _rule(r"(?<![\d:.])(?:[01]?\d|2[0-4]):[0-5]\d:[0-5]\d(?![\d:])", _time_with_seconds),
    _rule(
        rf"(?<![\d:.])(?P<one>{_CLOCK}){_TO}(?P<two>{_CLOCK})(?P<half>{_HALF})(?![\d:]|\.\d)",
        _times,
        re.IGNORECASE,
    ),
    _rule(rf"(?<![\d:.])(?P<clock>{_CLOCK})(?P<half>{_HALF})(?![\d:]|\.\d)", _time, re.IGNORECASE),
    _rule(r"\b(?P<hour>1[0-2]|0?[1-9])\s?(?P<half>[ap]m\b|[ap]\.m\.?)", _hour, re.IGNORECASE),
    _rule(rf"(?P<sign>[$€£¥])\s?(?P<number>{_NUMBER})(?: (?P<many>{_MANY})\b)?(?P<behind>)", _money),
    _rule(rf"(?P<number>{_NUMBER})(?: (?P<many>{_MANY}))?\s?(?P<behind>[€£¥$元])(?P<sign>)", _money),
    _rule(
        r"\+\d[\d ()/-]{5,}\d|\(\d{3}\) ?\d{3}[- ]\d{4}\b|\b\d{3}[- ]\d{3}[- ]\d{4}\b"
        r"|\b\d{3}-\d{4}\b|\b0\d{2,5}[ /-]\d[\d -]{3,}\d|\b0\d{6,}\b",
        _phone,
    ),
    _rule(r"(?:(?<=\b[Cc]all )|(?<=\b[Dd]ial )|(?<=\b[Rr]ing ))\d{3}\b", _phone),
    _rule(r"(?:(?<=\bPIN )|(?<=\bcode ))\d{3,}\b", _phone),
    _rule(_one_or_two(r"\s?(?:°\s?[CF]?)?") + r"\s*(?:°\s*(?P<scale>[CF])?|℃)(?![A-Za-z])", _degrees),
    _rule(_one_or_two(r"\s?[%％]?") + r"\s*[%％]", _percent),
    _rule(rf"(?<![\w.]){_one_or_two('')}\s?(?P<unit>{_UNIT})(?![\w/²³]|\.\w)", _unit),
    _rule(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.]*\d)", _dots),
    _rule(rf"\b(?P<what>{_BESIDE}) (?P<number>\d{{3,4}})\b", _house, re.IGNORECASE),
    _rule(r"(?:(?P<whole>\d+) ?)?(?P<sign>[½¼¾⅓⅔])", _sign),
    _rule(r"(?<![\d/.])(?:(?P<whole>\d+) )?(?P<top>\d{1,2})/(?P<under>\d{1,2})(?![\d/])", _fraction),
    _rule(
        r"(?<![\w.,/–-])(?P<low>\d{1,4}(?:\.\d+)?)(?:-| ?[–—] ?)(?P<high>\d{1,4}(?:\.\d+)?)"
        r"(?![\w/–-]|[.,]\d)",
        _range,
    ),
    _rule(r"\b(?P<number>\d+)(?:st|nd|rd|th)\b", lambda found: ordinal(int(found["number"]))),
    _rule(
        r"(?:(?<=\b[Ii]n )|(?<=\b[Ss]ince ))(?:1[1-9]|20)\d\d\b(?![,.]\d)",
        lambda found: year(int(found[0]), "en"),
    ),
    *((re.compile(pattern), partial(_as, said)) for pattern, said in SYMBOLS),
    _rule(_SIGNED, _other),
)


_BETWEEN = re.compile(rf"\b([Bb]etween {_SIGNED}[^\w\s]?){_TO}(?={_SIGNED})")


def read(text: str) -> str:
    """Write `text` out as it is said."""
    text = _BETWEEN.sub(r"\1 and ", text)
    for pattern, say in RULES:
        text = pattern.sub(say, text)
    return text
