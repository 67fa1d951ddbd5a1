# ruff: noqa: E501 - a pattern is easier to read on one line
"""Times in Chinese: 一个半小时, 明天早上七点半, 每周一三五, and the words that lead to them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from skills.times.canonical import Canonical, Piece, pieces_of
from skills.times.spoken import DAY_S, EVERY_DAY, HOUR_S, MINUTE_S, WEEKDAYS, WEEKEND, Day, Part, Spoken
from skills.times.when import Cause, ClockTime, State, When

_TOKEN = re.compile(r"\d+(?:[.:：]\d+)?|[^\W\d_㐀-鿿]+|[^\s]")
_DIGITS = {each: n for n, each in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2, "兩": 2}
_TIMES = {"十": 10, "百": 100}
_NUMERALS = "".join((*_DIGITS, *_TIMES))
_RUN = re.compile(f"[{_NUMERALS}]+")
_TRADITIONAL = str.maketrans(
    "點鐘後個時幾週後裡離開門關鎖氣開電滿響沒醒過內陽機幫",
    "点钟后个时几周后里离开门关锁气开电满响没醒过内阳机帮",
)


def canonical(text: str) -> Canonical:
    """Return a sentence with digits for its numerals: 十五分钟后 is 15分钟后."""
    return Canonical(list(_folded(pieces_of(text.translate(_TRADITIONAL), _TOKEN))), spaced=False)


def _folded(pieces: list[Piece]) -> Iterator[Piece]:
    at = 0
    while at < len(pieces):
        end = at
        while (
            end < len(pieces)
            and pieces[end].text in _NUMERALS
            and (end == at or pieces[end].start == pieces[end - 1].end)
        ):
            end += 1
        digits = _number("".join(each.text for each in pieces[at:end])) if end > at else None
        if digits is not None:
            yield Piece(digits, pieces[at].start, pieces[end - 1].end)
            at = end
        else:
            yield replace(pieces[at], text=pieces[at].text.replace("：", ":"))
            at += 1


def _number(said: str) -> str | None:
    """二十五 is 25, 零五 is 05; 两三 and 一三五 are several numbers, and left as they are."""
    if not set(said) & set(_TIMES):
        if len(said) == 1:
            return str(_DIGITS[said])
        return f"0{_DIGITS[said[1]]}" if len(said) == 2 and said[0] in "零〇" else None
    total, digit = 0, None
    for each in said:
        if each in _TIMES:
            total += (1 if digit is None else digit) * _TIMES[each]
            digit = None
        elif digit:
            return None
        else:
            digit = _DIGITS[each]
    return str(total + (digit or 0))


# -- how long ------------------------------------------------------------------------------------------------

_N = r"(?P<n>\d+(?:\.\d+)?)"
_LENGTHS = (
    (
        HOUR_S,
        re.compile(
            rf"{_N}个?(?P<half>半)(?:小时|钟头|钟)|(?P<only>半)个?多?(?:小时|钟头)|{_N.replace('<n>', '<n2>')}个?(?:小时|钟头|钟点)(?P<tail>半(?!分))?"
        ),
    ),
    (15 * MINUTE_S, re.compile(rf"{_N}刻钟?(?P<half>x)?(?P<only>x)?(?P<n2>x)?(?P<tail>x)?")),
    (
        MINUTE_S,
        re.compile(
            rf"{_N}分(?P<half>半)钟?|(?P<only>半)分钟|{_N.replace('<n>', '<n2>')}(?:分钟|分(?![之店数贝店])|min)(?P<tail>半)?"
        ),
    ),
    (1, re.compile(rf"{_N}(?:秒钟|秒)(?P<half>x)?(?P<only>x)?(?P<n2>x)?(?P<tail>x)?")),
)
_LONGER = (
    (7 * DAY_S, re.compile(rf"{_N}个?(?:星期|礼拜|周)(?![1-6日天末])")),
    (DAY_S, re.compile(rf"{_N}(?:天|日)(?!早|晚|上午|下午)")),
)
_AND = re.compile(r"(?:零|又|加|,|，)?")
_REST = re.compile(r"(?P<n>[1-5]?\d)(?=$|[,，。！!])")


def duration(text: str, at: int) -> tuple[float, int] | None:
    """Return the length that is said from a place on, in seconds, and where it ends."""
    total, end = 0.0, at
    for unit, pattern in _LONGER:
        found = pattern.match(text, end)
        if found is not None:
            total, end = total + float(found["n"]) * unit, found.end()
    for unit, pattern in _LENGTHS:
        joint = _AND.match(text, end)
        found = pattern.match(text, joint.end() if joint is not None and end > at else end)
        if found is not None:
            total, end = total + _amount(found) * unit, found.end()
            if found["half"] or found["tail"]:
                break
    if end == at:
        return None
    rest = _REST.match(text, end)
    if rest is not None and text[at:end].endswith(("小时", "钟头")):
        return total + float(rest["n"]) * MINUTE_S, rest.end()
    return total, end


def _amount(found: re.Match[str]) -> float:
    if found["only"]:
        return 0.5
    return float(found["n"] or found["n2"]) + (0.5 if found["half"] or found["tail"] else 0.0)


# -- a moment ------------------------------------------------------------------------------------------------

_CLOCK = re.compile(
    r"(?:(?P<noon>正午)|(?P<midnight>午夜|0点整?(?![0-9半]|过))"
    r"|差(?P<less>1刻|[1-5]?\d分?)(?:钟)?(?:到)?(?P<h1>2[0-4]|1\d|\d)点"
    r"|(?P<h2>2[0-4]|1\d|0?\d)点(?:钟)?差(?P<less2>1刻|[1-5]?\d分?)(?:钟)?"
    r"|(?P<h>2[0-4]|1\d|0?\d)(?:点钟?|時|时(?!间|候))(?:(?P<half>半)|(?P<quarter>[13])刻|过?(?P<m>[0-5]?\d)(?:分(?![钟之])|(?!\d|分钟|个|小时|度|点|%))|(?P<sharp>整|正))?"
    r"|(?P<h4>[01]?\d|2[0-4]):(?P<m4>[0-5]\d))(?:的时候|左右|钟)?"
)
_PARTS = (
    (Part.SMALL_HOURS, re.compile(r"凌晨|清早前|大半夜|半夜里?|后半夜|夜里|深夜")),
    (Part.MORNING, re.compile(r"大?清早|清晨|早上|早晨|一早|1早|大早上|早间|上午|1大早|早")),
    (Part.NOON, re.compile(r"中午|午间|晌午")),
    (Part.AFTERNOON, re.compile(r"下午|午后")),
    (Part.EVENING, re.compile(r"傍晚|黄昏|晚上|晚间|晚")),
    (Part.NIGHT, re.compile(r"临睡前|睡前|睡觉前")),
)
_DAY = re.compile(
    r"(?:(?P<three>大后天)|(?P<two>后天|后儿)|(?P<one>明天|明儿个?|明日|明(?=[早晚]|下午|上午|中午))|(?P<zero>今天|今儿个?|今日|当天|今(?=[早晚]|夜))"
    r"|(?P<next>下个?|这个?|本)?(?:周|星期|礼拜)(?:(?P<weekday>[1-6])(?!个|[、,，]?[1-6日天]|天|至|到)|(?P<sunday>[日天])|(?P<weekend>末))"
    r"|(?P<month>1[0-2]|\d)月(?P<dom>[1-3]?\d)[日号]|(?P<dom2>[1-3]?\d)[号](?!线|楼|灯|门|台))"
)
_EVERY = re.compile(
    r"(?:(?P<daily>每天|天天|每日|每1天)|(?P<part>每(?=[早晚])|每个(?=早上|晚上|上午|下午))|(?P<workdays>(?:每个?)?工作日|上班日|每个?上学日|平时上班)"
    r"|(?P<weekends>每个?(?:周|星期|礼拜)末)"
    r"|(?:每个?)?(?:周|星期|礼拜)(?P<first>[1-6一二三四五六])(?:到|至)(?:周|星期|礼拜)?(?P<last>[1-6日天一二三四五六])"
    r"|每个?(?:周|星期|礼拜)(?P<series>[1-6日天一二三四五六](?:[、,，和跟]?(?:周|星期|礼拜)?[1-6日天一二三四五六])*)(?!个|点))"
)
_EXCEPT = re.compile(
    r"[，,]?(?:除了|除去|除开|不(?:包括|含|算)|但(?:是)?不?要?|就)?(?:每个?)?(?:周|星期|礼拜)(?P<gone>[1-6日天末](?:[、,，和跟]?(?:周|星期|礼拜)?[1-6日天])*)"
    r"(?:除外|不算|例外|不要|不用|别|以外|之外|外)(?:都)?(?:叫我?|响|提醒我?|起|定|设)?(?:了|的)?"
)
_LEAD = re.compile(r"(?:[，,]|在|的|到了|大概|大约|于)?的?")

_MORE_SO = tuple("声小大高低轻响亮暗快慢冷热暖凉近远多少重深浅柔浓淡长短强弱清静吵干湿")
"""Behind these, 一点 is a little, and no hour."""


def moment(text: str, at: int, *, loose: bool) -> tuple[Spoken, int] | None:  # noqa: ARG001 - hours say 点 here
    """Return the moment that is said from a place on, and where it ends."""
    spoken, end = Spoken(), at
    while True:
        more = _add(spoken, text, end)
        if more is None and not spoken.empty:
            lead = _LEAD.match(text, end)
            more = _add(spoken, text, lead.end()) if lead is not None else None
        if more is None:
            break
        spoken, end = more
    if spoken.clock is not None and text[at:end] in ("1点", "一点") and text[:at].endswith(_MORE_SO):
        return None  # 大声一点
    if spoken.empty or (
        spoken.clock is None
        and spoken.day is None
        and not spoken.days
        and text[at:end] in ("早", "晚", "夜里", "睡前")
    ):
        return None
    return spoken, end


def led(text: str, at: int) -> bool:  # noqa: ARG001 - nothing stands before a moment
    """Whether a preposition stands there."""
    return False


def _add(spoken: Spoken, text: str, at: int) -> tuple[Spoken, int] | None:
    less = _EXCEPT.match(text, at) if len(spoken.days) > 1 else None
    if less is not None:
        gone = frozenset(_NAMES[each] for each in less["gone"] if each in _NAMES)
        gone |= WEEKEND if "末" in less["gone"] else frozenset()
        return (replace(spoken, days=spoken.days - gone), less.end()) if spoken.days - gone else None
    every = _EVERY.match(text, at) if not spoken.days and spoken.day is None else None
    if every is not None:
        return replace(spoken, days=_days(every)), every.end()
    day = _DAY.match(text, at) if spoken.day is None and not spoken.days else None
    if day is not None:
        return replace(spoken, day=_day(day)), day.end()
    if spoken.part is None:
        for part, pattern in _PARTS:
            found = pattern.match(text, at)
            if found is not None:
                tonight = part is Part.EVENING and spoken.day == Day(ahead=0)
                return replace(spoken, part=Part.TONIGHT if tonight else part), found.end()
    clock = _CLOCK.match(text, at) if spoken.clock is None else None
    return None if clock is None else (replace(spoken, clock=_clock(clock)), clock.end())


def _clock(found: re.Match[str]) -> ClockTime:
    if found["noon"]:
        return ClockTime(12, 0, 12)
    if found["midnight"]:
        return ClockTime(0)
    less = found["less"] or found["less2"]
    if less:
        hour = int(found["h1"] or found["h2"])
        return ClockTime((hour - 1) or 12, 60 - (15 if "刻" in less else int(less.rstrip("分"))))
    if found["h4"]:
        return ClockTime(int(found["h4"]), int(found["m4"]), 0 if found["h4"][0] == "0" else None)
    minute = 30 if found["half"] else 15 * int(found["quarter"] or 0) or int(found["m"] or 0)
    return ClockTime(int(found["h"]), minute)


_NAMES = {
    **{str(n): n - 1 for n in range(1, 7)},
    **dict(zip("一二三四五六", range(6), strict=True)),
    "日": 6,
    "天": 6,
}


def _day(found: re.Match[str]) -> Day:
    for ahead, name in ((3, "three"), (2, "two"), (1, "one"), (0, "zero")):
        if found[name]:
            return Day(ahead=ahead)
    weeks = 1 if (found["next"] or "").startswith("下") else 0
    if found["weekend"]:
        return Day(weekday=5, weeks=weeks)
    if found["weekday"] or found["sunday"]:
        return Day(weekday=_NAMES[found["weekday"] or found["sunday"]], weeks=weeks)
    if found["month"]:
        return Day(month=int(found["month"]), day=int(found["dom"]))
    return Day(day=int(found["dom2"]))


def _days(found: re.Match[str]) -> frozenset[int]:
    if found["daily"] or found["part"]:
        return EVERY_DAY
    if found["workdays"]:
        return WEEKDAYS
    if found["weekends"]:
        return WEEKEND
    if found["first"]:
        begin = _NAMES[found["first"]]
        return frozenset((begin + n) % 7 for n in range((_NAMES[found["last"]] - begin) % 7 + 1))
    return frozenset(_NAMES[each] for each in found["series"] if each in _NAMES)


# -- when ----------------------------------------------------------------------------------------------------

_WHO = r"(?:我们?|咱们?|大家|所有人|人|家里人|全家|你)"
_MARK = r"(?:的?时候|之后|以后|后|时|了?就|了|了?再|的话|那会儿)"
_LEAVE = re.compile(
    rf"(?:等|当|要是|如果|每次)?(?:{_WHO}(?:都|1|一)?(?:离开|出了?门|出去|走|不在家|离家|前脚走)(?:家|公司|了)?{_MARK}+|(?:离开家|离家|出门|下车|出去){_MARK}+|(?:我|我们|人)(?:前脚)?[一1](?:离开|出门|出去|走)(?:家|公司)?{_MARK}*|家里没人{_MARK}*|没人在家{_MARK}*)"
)
_ARRIVE = re.compile(
    rf"(?:等|当|要是|如果|每次)?(?:{_WHO}(?:1|一|都|快)?)?(?:回到家|到家|回家|回来|进家门|进门){_MARK}+"
)
_SUN = r"(?:(?P<{0}>日落|太阳[一1]?下山|太阳[一1]?落山|天[一1]?黑|太阳[一1]?落下去?)|(?P<{1}>日出|太阳[一1]?出来|天[一1]?亮|太阳[一1]?升起来?))"
_SUNS = re.compile(r"(?:等|当)?" + _SUN.format("set", "rise") + rf"{_MARK}*")
_SUN_BY = re.compile(r"(?:等|在)?" + _SUN.format("set", "rise") + r"(?P<side>之前|以前|前|之后|以后|后)")
_STATES = {
    State.FINISHED: "洗完|洗好|烘完|烘干|烘好|跑完|做完|做好|结束|完成|完事|忙完|停下来|停下|停止|停|好|完|煮好|烤好|打扫完|扫完|干完",
    State.UNLOCKED: "解锁|开锁|没锁|被打开锁",
    State.LOCKED: "上锁|锁上|锁好",
    State.ON: "开机|亮起来|亮|通电",
    State.OPEN: "被打开|打开|被人打开|被推开|开着|开",
    State.CLOSED: "被关上|关上|关好|关闭|合上|关",
    State.OFF: "关机|灭|熄|断电",
    State.FULL: "充满电|充满|满电|充好电|充好|充完电|满",
    State.EMPTY: "没电|用完|空",
    State.WET: "漏水|湿|进水",
    State.DRY: "干",
    State.PRESENT: "有人|有动静|检测到人",
    State.ABSENT: "没有人|没人",
    State.RINGS: "响起来|响|被按",
}
_STATE = "|".join(f"(?P<s{n}>{each})" for n, each in enumerate(_STATES.values()))
_THING = r"(?P<thing>[^，,。；;！!？?、我你他她]{1,12}?)"
_CHANGES = (
    re.compile(
        rf"(?:等到?|当|如果|要是|一旦|1旦|只要|假如|若){_THING}(?:里|的时候)?(?:1|一|被|都|全)?(?:{_STATE}){_MARK}*"
    ),
    re.compile(rf"(?<![^，,。；;！!？?、])(?:有人(?P<by>把))?{_THING}(?:1|一)(?:{_STATE})(?:了)?就?"),
    re.compile(
        rf"(?<![^，,。；;！!？?、]){_THING}(?:被|都|全)?(?:{_STATE})(?:了?(?:的?时候|之后|以后|后|时|的话)|了?(?=就|让[它他她]|叫[它他她]|[，,]?(?:你|请|要|记得|再|赶紧|马上)?(?:告诉我|通知我|提醒我|叫我|喊我|跟我说)))"
    ),
)
_SOMEBODY = re.compile(
    r"(?:等|当|如果|要是|一旦|1旦|只要)?有人(?:把)?(?P<thing>[^，,。；;！!？?、我你]{1,10}?)?(?P<do>打开|开|关上|关|锁上|解锁|按)(?P<object>[^，,。；;！!？?、我你就]{1,8}?)?(?:了|就|的时候|的话)+"
)
_DO = {
    "打开": State.OPEN,
    "开": State.OPEN,
    "关上": State.CLOSED,
    "关": State.CLOSED,
    "锁上": State.LOCKED,
    "解锁": State.UNLOCKED,
    "按": State.RINGS,
}
_AFTER = re.compile(r"(?:之后|以后|过后|后)(?!天)")
_PASSED = re.compile(r"(?:等|再)?(?:过个?|再等?|等个?)")
_UNTIL = re.compile(r"(?:1直|一直)?(?:直到|到)")


def whens(text: str, now: datetime, *, waking: bool) -> Iterator[tuple[When, int, int]]:
    """Yield what a canonical text says of when, in its order; the places are in that text."""
    at = 0
    while at < len(text):
        found = (
            when(text, at, now, waking=waking) if at == 0 or not (text[at - 1 : at + 1]).isdecimal() else None
        )
        if found is not None:
            yield found[0], at, found[1]
        at = found[1] if found is not None else at + 1


def when(text: str, at: int, now: datetime, *, waking: bool) -> tuple[When, int] | None:
    """Return what is said of when from a place on, and where it ends."""
    return _sun(text, at) or _delay(text, at) or _event(text, at) or _at_moment(text, at, now, waking)


def _delay(text: str, at: int) -> tuple[When, int] | None:
    passed = _PASSED.match(text, at)
    if passed is not None:
        length = duration(text, passed.end())
        if length is not None:
            after = _AFTER.match(text, length[1])
            return When(Cause.IN, length[0]), after.end() if after is not None else length[1]
    length = duration(text, at)
    if length is None:
        return None
    after = _AFTER.match(text, length[1])
    if after is not None:
        return When(Cause.IN, length[0]), after.end()
    return When(Cause.FOR, length[0], sure=False), length[1]


def _sun(text: str, at: int) -> tuple[When, int] | None:
    found = _SUN_BY.match(text, at)
    if found is not None:
        length = duration(text, found.end())
        if length is not None:
            sign = -1 if "前" in found["side"] else 1
            return When(Cause.SUNSET if found["set"] else Cause.SUNRISE, sign * length[0]), length[1]
    found = _SUNS.match(text, at)
    return None if found is None else (When(Cause.SUNSET if found["set"] else Cause.SUNRISE), found.end())


def _event(text: str, at: int) -> tuple[When, int] | None:
    for cause, pattern in ((Cause.ARRIVE, _ARRIVE), (Cause.LEAVE, _LEAVE)):
        found = pattern.match(text, at)
        if found is not None:
            return When(cause), found.end()
    found = _SOMEBODY.match(text, at)
    thing = (found["thing"] or found["object"]) if found is not None else None
    if found is not None and thing:
        return When(Cause.CHANGE, thing=thing.removesuffix("的"), state=_DO[found["do"]]), found.end()
    for pattern in _CHANGES:
        found = pattern.match(text, at)
        if found is not None and duration(text, at) is None and moment(text, at, loose=False) is None:
            state = next(state for n, state in enumerate(_STATES) if found[f"s{n}"] is not None)
            return When(Cause.CHANGE, thing=found["thing"], state=state), found.end()
    return None


def _at_moment(text: str, at: int, now: datetime, waking: bool) -> tuple[When, int] | None:
    until = _UNTIL.match(text, at)
    found = moment(text, at if until is None else until.end(), loose=False)
    said = None if found is None else found[0].at(now, waking=waking)
    if found is None or said is None:
        return None
    if until is not None and not said.vague:
        return When(Cause.UNTIL, at=said.at), found[1]
    return None if until is not None else (said, found[1])
