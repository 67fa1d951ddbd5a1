"""Chinese as it is read aloud: 7:05, 21.5°C, ¥5.20, 138 1234 5678, 50km/h, 第3个, 101房间, 两点.

Numbers become characters, for a voice that knows no digits as for one that does.
"""

import re
from collections.abc import Callable, Mapping

from speech.synthesis.reading.numbers import cardinal, digits, year
from speech.synthesis.reading.units import CHINESE as UNITS

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?:(?<![A-Za-z\d.])[-−])?(?:{_NUMBER})"
_TO = r"\s?(?:-|–|—|~|～|到|至)\s?"
_CLOCK = r"(?:[01]?\d|2[0-4])[:：][0-5]\d"
_HALF = r"(?:\s*(?:[ap]m\b|[ap]\.m\.?))?"
_MONEY: Mapping[str, str] = {"¥": "元", "￥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
_COUNTED = "个只台盏条件次天周年位本张杯块倍间扇辆把支份首部米公里小时分钟秒度点元层号楼行种样步口瓶斤公斤"
_MEASURE = "个月|小时|分钟|秒|公里|公斤|[个只台盏条件次天周位本张杯块倍间扇辆把支份首部米度元种样口瓶斤]"
"""Before these 2 is 两."""
_SPELT_OUT = 5  # so many digits and more are a code's or a telephone's, if nothing is counted with them


def _plain(number: str) -> str:
    sign = "负" if number[0] in "-−" else ""
    return sign + _flowing(cardinal(number.lstrip("-−").replace(",", ""), "zh"))


def _flowing(said: str) -> str:
    """二千 is 两千, and 二万 两万, as people say them."""
    return re.sub(r"(^|[亿万])二(?=[千万亿])", r"\1两", said)


def _measured(number: str) -> str:
    return _plain(re.sub(r"\.0+$", "", number))


def _counted(number: str) -> str:
    """Two of something is 两."""
    return "两" if number == "2" else _measured(number)


def _clock(clock: str, half: str) -> str:
    hour, minute = (int(each) for each in re.split("[:：]", clock))
    half = {"a": "上午", "p": "下午"}.get(half.strip().lower()[:1], "")
    said = half + _counted(str(hour)) + "点"
    if minute == 0:
        return said
    return f"{said}{'零' if minute < 10 else ''}{_plain(str(minute))}分"


def _time(found: re.Match[str]) -> str:
    return _clock(found["clock"], found["half"] or "")


def _times(found: re.Match[str]) -> str:
    return f"{_clock(found['one'], '')}到{_clock(found['two'], '')}"


def _time_with_seconds(found: re.Match[str]) -> str:
    hour, minute, second = (int(each) for each in found[0].split(":"))
    parts = ((hour, "小时"), (minute, "分钟"), (second, "秒"))
    return "".join(f"{_counted(str(count))}{unit}" for count, unit in parts if count) or "零秒"


def _date(found: re.Match[str]) -> str:
    month, day = (_plain(str(int(found[each]))) for each in ("month", "day"))
    return f"{year(int(found['year']), 'zh')}年{month}月{day}日"


def _year(found: re.Match[str]) -> str:
    return digits(found["year"], "zh") + "年"


def _money(found: re.Match[str]) -> str:
    whole, _, part = found["number"].replace(",", "").partition(".")
    name = _MONEY[found["sign"]] if found["sign"] else "元"
    if found["many"]:
        return _plain(found["number"]) + found["many"] + name
    if len(part) != 2 or name != "元":
        return _measured(found["number"]) + name
    said = f"{_counted(whole)}元" if whole != "0" or part == "00" else ""
    jiao, fen = part[0], part[1]
    if jiao != "0":
        said += f"{_counted(jiao)}角"
    if fen != "0":
        said += ("零" if jiao == "0" and said else "") + f"{_counted(fen)}分"
    return said


def _phone(found: re.Match[str]) -> str:
    """Over the telephone, and of rooms, a one is yāo: it cannot be taken for a seven."""
    groups = re.findall(r"\d+", found[0])
    plus = "加" if found[0].startswith("+") else ""
    return plus + "，".join(digits(each, "zh").replace("一", "幺") for each in groups)


def _degrees(found: re.Match[str]) -> str:
    scale = {"C": "摄氏度", "F": "华氏度", None: "度"}["C" if "℃" in found[0] else found["scale"]]
    low, high = found["low"], found["high"]
    return (f"{_cold(low)}到" if low else "") + _cold(high) + scale


def _cold(number: str) -> str:
    said = _measured(number)
    return said.replace("负", "零下") if number[0] in "-−" else said


def _percent(found: re.Match[str]) -> str:
    low = f"百分之{_measured(found['low'])}到" if found["low"] else ""
    return f"{low}百分之{_measured(found['high'])}"


def _unit(found: re.Match[str]) -> str:
    low = f"{_counted(found['low'])}到" if found["low"] else ""
    return f"{low}{_counted(found['high'])}{UNITS[found['unit']]}"


def _range(found: re.Match[str]) -> str:
    low, high = found["low"], found["high"]
    if float(low) >= float(high):
        return found[0]
    return f"{_plain(low)}到{_plain(high)}"


def _dots(found: re.Match[str]) -> str:
    return "点".join(digits(each, "zh") for each in found[0].split("."))


def _other(found: re.Match[str]) -> str:
    """What is no count: a code, a telephone, or any number."""
    number = found[0]
    if number.isdecimal() and len(number) >= _SPELT_OUT and not _is_counted(found):
        return digits(number, "zh")
    return _plain(number)


def _is_counted(found: re.Match[str]) -> bool:
    return found.string[found.end() : found.end() + 1] in tuple(_COUNTED)


def _one_or_two(mark: str) -> str:
    """Match a number, or from one to another: `mark` may stand behind the first, too."""
    return rf"(?:(?P<low>{_SIGNED}){mark}{_TO})?(?P<high>{_SIGNED})"


def _rule(pattern: str, say: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return re.compile(pattern, flags), say


_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_DAY, _MONTH = r"(?P<day>0?[1-9]|[12]\d|3[01])", r"(?P<month>0?[1-9]|1[0-2])"
RULES: tuple[Rule, ...] = (
    _rule(rf"\b(?P<year>(?:19|20)\d\d)[-/.]{_MONTH}[-/.]{_DAY}(?!\d)", _date),
    _rule(r"(?<!\d)(?P<year>(?:1[1-9]|20)\d\d)年", _year),
    _rule(r"(?<![\d:.])(?:[01]?\d|2[0-4]):[0-5]\d:[0-5]\d(?![\d:])", _time_with_seconds),
    _rule(rf"(?<![\d:.])(?P<one>{_CLOCK}){_TO}(?P<two>{_CLOCK})(?![\d:]|\.\d)", _times),
    _rule(rf"(?<![\d:.])(?P<clock>{_CLOCK})(?P<half>{_HALF})(?![\d:]|\.\d)分?", _time, re.IGNORECASE),
    _rule(r"(?P<number>\d+\.\d\d)元(?P<sign>)(?P<many>)", _money),
    _rule(rf"(?P<sign>[¥￥$€£])\s?(?P<number>{_NUMBER})(?P<many>[万亿])?", _money),
    _rule(
        r"\+\d[\d ()-]{5,}\d|(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)", _phone
    ),
    _rule(r"(?<=[拨打话])\s?\d{3,}(?!\d)", _phone),
    _rule(r"(?<![\d.])\d{3,4}(?=\s?(?:号?房|室|会议室|教室))|(?<=房间)\s?\d{3,4}(?![\d.])", _phone),
    _rule(_one_or_two(r"\s?(?:°\s?[CF]?)?") + r"\s*(?:°\s*(?P<scale>[CF])?|℃)(?![A-Za-z])", _degrees),
    _rule(_one_or_two(r"\s?[%％]?") + r"\s*[%％]", _percent),
    _rule(rf"(?<![A-Za-z\d.]){_one_or_two('')}\s?(?P<unit>{_UNIT})(?![A-Za-z/²³])", _unit),
    _rule(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.]*\d)", _dots),
    _rule(
        r"(?<![\d/])(?P<top>\d{1,2})/(?P<under>\d{1,3})(?![\d/])",
        lambda found: f"{_plain(found['under'])}分之{_plain(found['top'])}",
    ),
    _rule(
        r"(?<![\w.,/–-])(?P<low>\d{1,4}(?:\.\d+)?)(?:-| ?[–—~～] ?)(?P<high>\d{1,4}(?:\.\d+)?)"
        r"(?![\w/–-]|[.,]\d)",
        _range,
        re.ASCII,
    ),
    _rule(rf"(?<![\d.第:])2(?=\s?(?:{_MEASURE}))", lambda _: "两"),
    _rule(r"CO[2₂]", lambda _: "二氧化碳"),
    _rule(r"(?<=\d)\s?[x×]\s?(?=\d)", lambda _: "乘以"),
    _rule(r"(?<=\d)\s?÷\s?(?=\d)", lambda _: "除以"),
    _rule(r"(?<=\d)\s?\+\s?(?=\d)", lambda _: "加"),
    _rule(r"(?<=\d)\s?=\s?(?=[-−]?\d)", lambda _: "等于"),
    _rule(_SIGNED, _other),
)


def read(text: str) -> str:
    """Write `text` out as it is said."""
    for pattern, say in RULES:
        text = pattern.sub(say, text)
    return text
