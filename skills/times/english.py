# ruff: noqa: E501 - a pattern is easier to read on one line
"""Times in English: "half an hour", "half six tomorrow", "as soon as the washing is done"."""

import re
from collections.abc import Iterator
from dataclasses import replace

from skills.times.canonical import Canonical, Piece, pieces_of
from skills.times.spoken import DAY_S, EVERY_DAY, HOUR_S, MINUTE_S, WEEKDAYS, WEEKEND, Day, Part, Spoken
from skills.times.when import ClockTime

_TOKEN = re.compile(
    r"\d+(?:st|nd|rd|th)\b|\d+(?:[.:]\d+)?|[ap]\.\s?m\b\.?|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s'-]"
)

_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "  # noqa: SIM905 - reads as a list of words
        "sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80}
_TENS["ninety"] = 90
_ORDINALS = {"first": 1, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}
_ORDINALS |= {"ninth": 9, "twelfth": 12, "twentieth": 20, "thirtieth": 30} | {
    f"{word}th": number for word, number in _NUMBERS.items() if number in (10, 11, *range(13, 20))
}
_PHRASES = {("half", "a", "dozen"): "6", ("a", "couple"): "2", ("couple",): "2", ("a", "dozen"): "12"}
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = ["january", "february", "march", "april", "may", "june"]
_MONTHS += ["july", "august", "september", "october", "november", "december"]
_UNITS = {"second": 1, "sec": 1, "minute": MINUTE_S, "min": MINUTE_S, "hour": HOUR_S, "hr": HOUR_S}
_UNITS |= {"day": DAY_S, "week": 7 * DAY_S, "fortnight": 14 * DAY_S}

# -- from words to pieces ------------------------------------------------------------------------------------


def canonical(text: str) -> Canonical:
    """Return a sentence with digits for its number words: "twenty-five past six" is "25 past 6"."""
    return Canonical(list(_folded(pieces_of(text, _TOKEN))), spaced=True)


def _folded(pieces: list[Piece]) -> Iterator[Piece]:
    at = 0
    while at < len(pieces):
        text, count = _number([each.text for each in pieces[at : at + 6]])
        if count:
            yield Piece(text, pieces[at].start, pieces[at + count - 1].end)
        else:
            piece = pieces[at]
            yield (
                replace(piece, text="am" if piece.text[:2] == "a." else "pm")
                if "." in piece.text[1:2] and (piece.text[0] in "ap")
                else piece
            )
        at += count or 1


def _number(words: list[str]) -> tuple[str, int]:
    """Return the digits of the number words at the beginning, and how many words they are."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    for phrase, digits in _PHRASES.items():
        if words[: len(phrase)] == list(phrase):
            of = words[len(phrase) : len(phrase) + 1] == ["of"]
            return digits, len(phrase) + of
    if first in _ORDINALS:
        return f"{_ORDINALS[first]}th", 1
    if re.fullmatch(r"\d+(st|nd|rd)", first):
        return f"{first[:-2]}th", 1
    if first in _TENS:
        return _tens(_TENS[first], second)
    number = int(first) if first.isdecimal() and len(first) < 3 else _NUMBERS.get(first)
    if first == "a" and second == "hundred":
        number = 1
    if number is None:
        return "", 0
    if second == "hundred":
        return _hundreds(100 * number, words[2:])
    return ("", 0) if first.isdecimal() else (str(number), 1)


def _tens(tens: int, following: str) -> tuple[str, int]:
    if following == "second" or _ORDINALS.get(following, 10) < 10:
        return f"{tens + _ORDINALS.get(following, 2)}th", 2
    ones = _NUMBERS.get(following, 0)
    return (str(tens + ones), 2) if 0 < ones < 10 else (str(tens), 1)


def _hundreds(hundreds: int, rest: list[str]) -> tuple[str, int]:
    joined = 1 if rest[:1] == ["and"] else 0
    more, count = _number(rest[joined:]) if rest[joined:] else ("", 0)
    if count and more.isdecimal() and int(more) < 100:
        return str(hundreds + int(more)), 2 + joined + count
    return str(hundreds), 2


# -- how long ------------------------------------------------------------------------------------------------

_U = r"(?P<u>hour|hr|minute|min|second|sec|day|week|fortnight)s?"
_ANY_U = r"(?:hour|hr|minute|min|second|sec|day|week|fortnight)s?"
_COUNTED = rf"(?:{_ANY_U}|month|year|percent|degree|time|of|%|°)"
_N = r"(?:another )?(?P<n>\d+(?:\.\d+)?|an?|another)"
_QUARTER = r"(?:(?P<q>a|1|2|3) )?quarters?"
_END = r"(?= |$)"
_LENGTHS = tuple(
    re.compile(each + _END)
    for each in (
        rf"{_N} and (?:(?P<half>(?:a )?half)|{_QUARTER}) {_U}",
        rf"(?:an? )?(?P<half>half) (?:of )?(?:an? )?{_U}",
        rf"{_QUARTER} (?:of )?(?:an? )?{_U}",
        rf"{_N} {_U} and (?:(?P<half>(?:a )?half)|{_QUARTER})(?! (?:of )?(?:an? )?(?:{_ANY_U}|past|to))",
        rf"{_N} (?:more )?(?:whole )?{_U}",
    )
)
_AND = re.compile(r" (?:, )?(?:and )?")
_REST = re.compile(r" (?:and )?(?P<n>\d{1,2})(?= ?$| (?:for|on|from|please|timer|,|\.|minus))")


def duration(text: str, at: int) -> tuple[float, int] | None:
    """Return the length that is said from a place on, in seconds, and where it ends."""
    total, end, smallest = 0.0, at, float("inf")
    while True:
        joint = _AND.match(text, end) if end > at else None
        begin = end if end == at else joint.end() if joint is not None else -1
        found = (
            next(filter(None, (each.match(text, begin) for each in _LENGTHS)), None) if begin >= 0 else None
        )
        if found is None or _UNITS[found["u"]] >= smallest:
            break
        smallest = _UNITS[found["u"]]
        total, end = total + _amount(found) * smallest, found.end()
    if end == at:
        return None
    rest = _REST.match(text, end)
    if rest is not None and smallest in (HOUR_S, MINUTE_S) and float(rest["n"]) < 60:
        return total + float(rest["n"]) * smallest / 60, rest.end("n")
    return total, end


def _amount(found: re.Match[str]) -> float:
    parts = found.groupdict()
    number = parts.get("n")
    whole = 0.0 if number is None else float(number) if number[0].isdecimal() else 1.0
    if parts.get("half"):
        return whole + 0.5
    if "q" in parts and (parts["q"] or re.search(r"quarter", found.group())):
        return whole + 0.25 * {"2": 2, "3": 3}.get(parts["q"] or "", 1)
    return whole


# -- a moment ------------------------------------------------------------------------------------------------

_HOUR = r"(?P<h>2[0-4]|1\d|0?\d)"
_NOT_AMOUNT = rf"(?! {_COUNTED}s?(?: |$))"
_CLOCKS = tuple(
    re.compile(each + _END)
    for each in (
        r"(?P<noon>noon|midday)",
        r"(?P<midnight>midnight)",
        rf"half (?:past )?{_HOUR}{_NOT_AMOUNT}",
        rf"(?P<m>(?:a )?quarter|[1-5]?\d)(?: minutes?)? (?P<way>past|after|to|before|till|of) {_HOUR}{_NOT_AMOUNT}",
        r"(?P<h>2[0-4]|[01]?\d)[:.](?P<mm>[0-5]\d)(?: hours)?",
        rf"{_HOUR} (?P<mm>[1-5]\d){_NOT_AMOUNT}",
        rf"{_HOUR} (?:oh|o|0) (?P<mm>\d){_NOT_AMOUNT}",
        r"(?P<h>[01]?\d|2[0-3])00 (?P<hours>hours)",
        rf"{_HOUR} (?P<clock>o'clock|oclock|o clock|sharp|on the dot)",
        rf"{_HOUR}{_NOT_AMOUNT}",
    )
)
_SUFFIX = re.compile(
    r" (?:(?P<clock>o'clock|oclock|o clock|sharp|exactly|precisely|on the dot|on dot) ?)?(?P<half>am|pm)?"
    + _END
)
_PARTS = {
    "in (?:the )?small hours": Part.SMALL_HOURS,
    "(?:in (?:the )?|this )?(?:early )?morning": Part.MORNING,
    "first thing": Part.MORNING,
    "(?:at )?lunch ?time": Part.NOON,
    "(?:in (?:the )?|this )?(?:early |late )?afternoon": Part.AFTERNOON,
    "(?:in (?:the )?|this )?(?:early )?evening": Part.EVENING,
    "tonight": Part.TONIGHT,
    "(?:at |in (?:the )?)?night": Part.NIGHT,
}
_PART = re.compile("|".join(f"(?P<p{n}>{each})" for n, each in enumerate(_PARTS)) + _END)
_WEEKDAY = "(?:" + "|".join(_DAYS) + ")"
_MONTH = "(?:" + "|".join(f"{each[:3]}(?:{each[3:]})?" if len(each) > 3 else each for each in _MONTHS) + ")"
_DAY = re.compile(
    r"(?:on |for |by )?(?:the )?(?:(?P<after>day after tomorrow)|(?P<tomorrow>tomorrow)|(?P<today>today)"
    rf"|(?:(?P<next>next|this|coming) )?(?P<weekday>{_WEEKDAY})"
    r"|(?P<weekend>(?:at )?(?:the )?(?:this )?weekend)"
    r"|(?P<week>next week)"
    rf"|(?P<dom>\d{{1,2}})(?:th)? (?:of )?(?P<month>{_MONTH})|(?P<month2>{_MONTH}) (?:the )?(?P<dom2>\d{{1,2}})(?:th)?"
    r"|(?P<dom3>\d{1,2})th)" + _END
)
_SERIES = rf"{_WEEKDAY}s?(?:(?: ,)?(?: and)? (?:on )?{_WEEKDAY}s?)*"
_EVERY = re.compile(
    r"(?:on )?(?:(?P<daily>every ?day|daily|each day|every single day|all week)"
    r"|(?:every|each) (?P<part>morning|afternoon|evening|night)"
    r"|(?P<workdays>(?:every |each |on )?(?:weekdays?|workdays?|work days?|working days?|school days?|weekday mornings?))"
    r"|(?P<weekends>(?:every|each) weekend|weekends|at weekends)"
    rf"|from (?P<first>{_WEEKDAY}) (?:to|through|till|until) (?P<last>{_WEEKDAY})"
    rf"|(?P<first2>{_WEEKDAY}) (?:to|through) (?P<last2>{_WEEKDAY})"
    rf"|(?:every|each) (?P<series>{_SERIES})|(?P<plural>{_WEEKDAY}s(?:(?: ,)?(?: and)? (?:on )?{_WEEKDAY}s?)*))"
    + _END
)
_EXCEPT = re.compile(
    r"(?:, )?(?:except|but not|just not|only not|apart from|not|bar|but|other than|excluding|save|minus|without|never)(?: for)?(?: on)? "
    rf"(?:a |at |the |at the )*(?P<gone>weekends?|{_WEEKDAY}s?(?:(?: ,)?(?: and| or)? (?:on )?{_WEEKDAY}s?)*)"
    + _END
)
_LEAD = re.compile(r"(?:, )?(?:(?:at|by|for|around|about|from|starting|on) )?(?:around |about |exactly )?")
_PREPOSITION = re.compile(r"(?:at|by|for|around|about|from|starting|on) ")
_ANCHOR = re.compile(r"(?:at|by|around|from) ")


def moment(text: str, at: int, *, loose: bool) -> tuple[Spoken, int] | None:
    """Return the moment that is said from a place on, and where it ends.

    With `loose` a bare number is an hour; else it takes "at" before it or something behind it.
    """
    spoken, end = Spoken(), at
    while True:
        begin = end
        if end > at:
            if not text.startswith(" ", end):
                break
            begin = end + 1
        lead = _LEAD.match(text, begin)
        behind = lead.end() if lead is not None else begin
        anchored = loose or _ANCHOR.match(text, begin) is not None or not spoken.empty
        more = _add(spoken, text, begin, anchored) or _add(spoken, text, behind, anchored)
        if more is None:
            break
        spoken, end = more
    if spoken.empty:
        return None
    return spoken, end


def led(text: str, at: int) -> bool:
    """Whether a preposition stands there: a bare moment begins behind it."""
    return _PREPOSITION.match(text, at) is not None


def _add(spoken: Spoken, text: str, at: int, anchored: bool) -> tuple[Spoken, int] | None:
    """Return what was said with one more piece of it: days, a day, a part of it, or a time of day."""
    less = _EXCEPT.match(text, at) if len(spoken.days) != 1 and spoken.day is None else None
    if less is not None and (spoken.days or less.group().strip(", ").startswith(("except", "but not"))):
        gone = WEEKEND if "weekend" in less["gone"] else _named_in(less["gone"])
        if not spoken.days and spoken.clock is not None:
            return replace(spoken, days=EVERY_DAY - gone), less.end()
        return (replace(spoken, days=spoken.days - gone), less.end()) if spoken.days - gone else None
    every = _EVERY.match(text, at) if not spoken.days and spoken.day is None else None
    if every is not None:
        part = {
            "morning": Part.MORNING,
            "afternoon": Part.AFTERNOON,
            "evening": Part.EVENING,
            "night": Part.NIGHT,
        }
        named = part.get(every["part"] or "", spoken.part)
        return replace(spoken, days=_days(every), part=named), every.end()
    day = _DAY.match(text, at) if spoken.day is None and not spoken.days else None
    if day is not None and (day["dom3"] is None or anchored):
        return replace(spoken, day=_day(day)), day.end()
    part_said = _PART.match(text, at) if spoken.part is None else None
    if part_said is not None and part_said.group() not in (
        "morning",
        "night",
        "evening",
        "afternoon",
        "early morning",
    ):
        return _with_part(spoken, part_said), part_said.end()
    if part_said is not None and spoken.day is not None:  # "tomorrow evening"
        return _with_part(spoken, part_said), part_said.end()
    if spoken.clock is not None:
        return None
    return _with_clock(spoken, text, at, anchored)


def _named_in(words: str) -> frozenset[int]:
    return frozenset(n for n, each in enumerate(_DAYS) if each in words)


def _with_part(spoken: Spoken, found: re.Match[str]) -> Spoken:
    part = next(part for n, part in enumerate(_PARTS.values()) if found[f"p{n}"] is not None)
    today = spoken.day is None and (found.group().startswith("this ") or part is Part.TONIGHT)
    return replace(spoken, part=part, day=Day(ahead=0) if today and not spoken.days else spoken.day)


def _with_clock(spoken: Spoken, text: str, at: int, anchored: bool) -> tuple[Spoken, int] | None:
    found = next(filter(None, (each.match(text, at) for each in _CLOCKS)), None)
    if found is None:
        return None
    said, end = found.groupdict(), found.end()
    if said.get("noon") or said.get("midnight"):
        clock = ClockTime(12, 0, 12) if said.get("noon") else ClockTime(24)
        return replace(spoken, clock=clock), end
    suffix = _SUFFIX.match(text, end)
    half = None
    if suffix is not None and suffix.group().strip():
        end = suffix.end()
        half = {"am": 0, "pm": 12}.get(suffix["half"] or "")
    sure = True
    if end == found.end() and _is_bare(found):
        follows = _PART.match(text, end + 1) is not None or _DAY.match(text, end + 1) is not None
        if not (anchored or follows):
            return None
        sure = not spoken.empty or follows
    if half is None and found.group().startswith("0"):
        half = 0  # "07:30" is written by who counts to 24
    hour, minute = _hour_and_minute(found)
    return replace(spoken, clock=ClockTime(hour, minute, half, sure)), end


def _is_bare(found: re.Match[str]) -> bool:
    """Whether it is just a number, that may be any other."""
    said = found.groupdict()
    telling = any(said.get(each) for each in ("mm", "way", "clock", "hours"))
    return not telling and not found.group().startswith("half")


def _hour_and_minute(found: re.Match[str]) -> tuple[int, int]:
    said = found.groupdict()
    hour = int(said["h"])
    if found.group().startswith("half"):
        return hour, 30
    if not said.get("way"):
        return hour, int(said.get("mm") or 0)
    minutes = 15 if "quarter" in said["m"] else int(said["m"])
    if said["way"] in ("past", "after") or minutes == 0:
        return hour, minutes
    return (hour - 1) % 24 or (12 if hour <= 12 else 0), 60 - minutes


def _day(found: re.Match[str]) -> Day:
    if found["tomorrow"]:
        return Day(ahead=1)
    if found["after"]:
        return Day(ahead=2)
    if found["today"]:
        return Day(ahead=0)
    if found["weekend"]:
        return Day(weekday=5)
    if found["week"]:
        return Day(weekday=0, weeks=1)
    if found["weekday"]:
        return Day(weekday=_DAYS.index(found["weekday"]), weeks=1 if found["next"] == "next" else 0)
    month = found["month"] or found["month2"]
    number = next(int(found[each]) for each in ("dom", "dom2", "dom3") if found[each])
    named = (
        None if month is None else next(n for n, each in enumerate(_MONTHS, 1) if each.startswith(month[:3]))
    )
    return Day(month=named, day=number)


def _days(found: re.Match[str]) -> frozenset[int]:
    if found["daily"] or found["part"]:
        return EVERY_DAY
    if found["workdays"]:
        return WEEKDAYS
    if found["weekends"]:
        return WEEKEND
    first, last = found["first"] or found["first2"], found["last"] or found["last2"]
    if first:
        begin = _DAYS.index(first)
        return frozenset((begin + n) % 7 for n in range((_DAYS.index(last) - begin) % 7 + 1))
    said = found["series"] or found["plural"]
    return frozenset(n for n, each in enumerate(_DAYS) if each in said)
