"""A call of the turn before, carried on: other words for one of its parameters.

carried(Call("weather", "rain", {"day": "today"}), Leaning("instead", "Sunday"), …)
    -> Call("weather", "rain", {"day": "sunday"})
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from assistant.understanding.plan import Call
from assistant.understanding.spoken.leaning import Leaning
from skills.api import Question, Say, Tool
from skills.times import find_whens, read_duration, time_in

TEXT: Mapping[str, str] = {
    "lists.add": "text", "lists.note": "text", "lists.remove": "text", "lists.has": "text", "music.play": "query",
    "navigation.go": "place", "navigation.head": "place", "navigation.how_far": "place", "announce.tell": "text",
    "weather.now": "place", "weather.forecast": "place", "weather.rain": "place", "clock.time": "place",
    "clock.local_time": "place", "clock.difference": "place", "clock.days_until": "date", "clock.weekday": "date",
    "dictionary.spell": "word", "dictionary.sound": "word", "timers.remind": "text", "agenda.add": "text",
    "agenda.schedule": "text", "sums.convert": "measure",
}  # fmt: skip
"""Which parameter takes any words."""
TIME: Mapping[str, str] = {
    "timers.start": "duration", "timers.set_alarm": "when", "timers.remind": "when", "agenda.add": "when",
    "agenda.schedule": "when", "agenda.read_on": "when", "agenda.free_at": "when", "timers.add": "duration",
    "timers.change": "when", "timers.snooze": "duration", "timers.alarms": "when", "timers.reminders": "when",
}  # fmt: skip
CLOSED: Mapping[str, str] = {
    "weather.forecast": "day", "weather.rain": "day", "agenda.read": "period", "agenda.free": "period",
    "clock.date": "day", "lists.read": "list",
}  # fmt: skip
"""Which parameter has words of its own."""
LATER = "plans.order"
"""Stands for an order that is kept for later."""
_WITH_DAY = {"weather.now": "forecast"}
REVISED = frozenset({"timers.start", "timers.set_alarm", "timers.remind", "timers.change"})
"""What is set already gets another time."""
MORE = frozenset({"lists.add", "lists.note", "lists.remove"})
_AGAIN = frozenset({"timers.set_alarm", "timers.remind", "agenda.add", "agenda.schedule"})
"""What is set once more, on another day: "Tuesday too"."""
_MOST_WORDS, _MOST_HAN = 8, 14

_LEADING = re.compile(
    r"^(?:(?:and|in|at|for|to|on|over in|of|with|from|the one (?:in|at)|a|an|the|some) )+", re.IGNORECASE
)
_PLACE_LEADING = re.compile(r"^(?:(?:and|in|at|for|to|over in|from|like in|be in|it's|it is) )+", re.IGNORECASE)
_HAN_LEADING = re.compile("^(?:在|去|到|是|要|把|加|来|买|给|一下|个|点|些)+")
_DAY_WORDS = re.compile(
    r"\b(?:on |next |this |every )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tomorrow|tonight|the day after tomorrow)\b|"
    r"(?:下|这|本|每)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|今天|明天|后天|大后天|今晚|明晚|今早|明早|工作日|周末|每天",
    re.IGNORECASE,
)
_SPOKEN_LIKE = re.compile(
    r"^(?:i|we|he|she|they|it|you|there|that|this|what|who|why|how|when|where|is|are|do|does|did|can|could|will|turn|switch|set|play|"
    r"tell|stop|open|close|never|thank|thanks|yes|yeah|ok|okay|no|not|go|call|make|show|read|cancel|don't|please|start|lock|dim|pause)\b"
    r"|(?:你|我|他|她|它|吗|什么|怎么|为什么|打开|关|把.+(?:打开|关)|放|播|取消|停|谢谢|好的|没事|算了|行|不用)",
    re.IGNORECASE,
)
_VIA = re.compile(
    r"^(?:(?:but|and|oh|actually|also|then|first|can (?:we|you)|could (?:we|you)|let's|i need to|i want to|we need to|i have to|we have to|we should|we'll|please|just)[,\s]+)*"
    r"(?:(?:go|drive|head|route (?:me|us|it)|take (?:me|us)|do it|travel|run)?\s*(?:via|through|by way of|past)|(?:stop|stopping|stop off|pop in|swing by|call in|drop by|swing)(?: off| in| by)?(?: at| in| by)?|"
    r"(?:pick up|drop off|fetch|collect) (?:\w+ ){1,3}?(?:at|from|in))\s+(?:the )?(.+?)(?:\s+(?:on the way|along the way|en route|first|please|on our way|too|as well))*[.!?]*$",
    re.IGNORECASE,
)
_HAN_VIA = re.compile(
    r"^(?:(?:但|不过|对了|哦|等等|那)[，,\s]*)*(?:(?:路上|中途|半路|途中|顺路|顺道|半道|先|中间|途径)(?:上)?[，,\s]*)+(?:先|再|要|得|想|帮我|我要|我得)*(?:去|到|绕到|绕去|绕|经过|路过|停|在|拐到|走)(?:一?趟|一?下|个)?(.+?)"
    r"(?:(?:停|接|拿|取|买|吃|加|送|看|办).*|一下|一趟|吧)?$|^(?:先|要)?(?:经过|路过|途经|走|从|绕道?)(.+?)(?:走|过|绕)?(?:吧|一下)?$"
)
_OFF = re.compile(
    r"^(?:(?:oh|and|but|actually|also|then|no|sorry|please|you can)[,\s]+)*(?:take|cross|strike|scratch|remove|delete|drop|knock|tick|scrap|forget|lose|get rid of|bin|leave)\s+(?:off\s+)?(?:the )?(.+?)"
    r"(?:\s+(?:off|out|from it|off it|off again|again|from there|off there|off the list|from the list|after all))*(?:,.*)?[.!?]*$"
    r"|^(?:(?:oh|and|but|actually|no|sorry)[,\s]+)*(?:we|i) (?:don't|do not) need (?:the |any )?(.+?)(?: (?:any ?more|after all|now|actually))?[.!?]*$"
    r"|^(?:(?:oh|and|but|actually|no)[,\s]+)*(?:we|i)(?:'ve| have)? (?:already )?(?:got|have|bought) (?:the |some |any |enough )?(.+?)(?: (?:already|now|in|at home))?[.!?]*$",
    re.IGNORECASE,
)
_HAN_OFF = re.compile(
    r"^(?:(?:哦|对了|那|把|再)[，,]?)*(?:把|将)?(.+?)(?:就)?(?:不要了|不买了|不用了|不用买了|别买了|去掉|删掉|删了|划掉|拿掉|买过了|买好了|已经买了|有了|还有(?:呢|很多)?|家里有)(?:吧)?$|^(?:不要|不买|删掉|去掉|划掉|拿掉)(.+?)了?$"
)

_MORE = re.compile(
    r"(?:(?:actually|oh|no|and|hmm)[,\s]+)*(?:(?:give|make) (?:it|me|them) |add |put (?:on )?|stick (?:on )?)?(?:another|an extra|an additional) ([\w -]{1,14}?)(?: more| on| to it| on it)*",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"^(?:(?:oh|ah|no|actually|wait|sorry|on second thoughts?|hang on|please|right|okay|ok|never mind)[,.!\s]+)*(?:scratch that[,.\s]+)?"
    r"(?:cancel|forget|scrap|scratch|drop|undo|ditch|delete|bin|kill|take|leave|lose|call off|stop|remove)\s+(?:about\s+)?(?:that|it|this|that one|the last one|them)"
    r"(?: (?:one|back|off|again|off again|now|after all|then|timer|alarm|reminder|please|out))*[.!]*$"
    r"|^(?:(?:哦|啊|等等|不|那|还是|算了|刚才那个|刚才的|这个|那个|把它|把那个|刚刚那个|把刚才那个|把刚才的)[，,\s]*)*(?:取消|算了|不要了|取消掉|取消了|取消吧|撤销|撤了|删了|删掉|去掉|不用了|作废|别弄了|停了吧)(?:吧|了|掉|它|那个|刚才那个|刚才的|这个)*[。！!]*$",
    re.IGNORECASE,
)
_DROPPED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "timers.start": ("timers.cancel", ("name",)), "timers.set_alarm": ("timers.cancel_alarm", ("when",)),
    "timers.remind": ("timers.cancel_reminder", ("text",)), "lists.add": ("lists.remove", ("text", "list")),
    "lists.note": ("lists.remove", ("text", "list")), "navigation.go": ("navigation.stop", ()),
    "navigation.head": ("navigation.stop", ()), "music.play": ("music.stop", ()), LATER: ("plans.cancel", ()),
}  # fmt: skip
"""How each is taken back, and with which of its arguments."""

Answer = Callable[[Tool, Question, str], Any]
"""The value of a question's parameter that words name, None when they name none."""


class Carrier:
    """Carries a call on. `tools` are all that there are, by full name."""

    def __init__(self, tools: Mapping[str, Tool], answer: Answer, now: Callable[[], datetime]) -> None:
        self._tools = tools
        self._answer = answer
        self._now = now

    def of_the_same_kind(self, before: Call, text: str, language: str) -> Call | None:
        """Return what a whole sentence orders that only makes sense after this call: "go through Shrewsbury"."""
        name = f"{before.skill}.{before.tool}"
        if name in ("navigation.go", "navigation.head"):
            found = (_HAN_VIA if language == "zh" else _VIA).match(text.strip(" 。！!"))
            if found is not None and (via := _first(found)):
                return self._checked("navigation", "go", {"place": before.arguments.get("place"), "via": via})
        if name == "timers.start" and (more := _MORE.fullmatch(text.strip(" .!"))) is not None:
            length = _in_its_unit(more.group(1), str(before.arguments.get("duration", "")))
            return self._checked("timers", "add", {"duration": length}) if length else None
        if _DROP.match(text.strip()) and (drop := _DROPPED.get(name)) is not None:
            kept = {key: before.arguments.get(key) for key in drop[1]}
            return self._checked(*drop[0].split("."), kept)
        if before.skill == "lists":
            found = (_HAN_OFF if language == "zh" else _OFF).match(text.strip(" 。！!"))
            if found is not None and (gone := _first(found)) and not _SPOKEN_LIKE.match(gone):
                return self._checked("lists", "remove", {"text": gone, **_list_of(before)})
        return None

    def carried(self, before: Call, how: Leaning, language: str, *, done: bool = True) -> Call | None:
        """Return the call that the words make of the one before; None when they make none. `done` tells that
        the call before was carried out.
        """
        if not how.rest:
            return None
        name = f"{before.skill}.{before.tool}"
        tool = self._tools.get(name)
        if tool is None:
            return None
        if before.skill == "lists" and how.link == "correct" and done and name != "lists.remove":
            return self._swapped(before, how, language) if name in MORE else None
        if name == "sums.convert":
            return self._measured(before, how)
        for carry in (self._in_time, self._closed, self._in_words):
            found = carry(before, tool, how, language, done)
            if found is not None:
                return found
        return None

    def _in_time(self, before: Call, tool: Tool, how: Leaning, language: str, done: bool) -> Call | None:
        parameter = TIME.get(tool.full_name)
        if parameter is None:
            return None
        said = how.rest
        if parameter == "duration":
            length = time_in(said, "duration")
            if length is not None and not _is_all(said, length):
                return None
            when = length or _in_its_unit(said, str(before.arguments.get(parameter, ""))) or ""
            if not when:
                return None
        elif part := _in_its_hour(said, str(before.arguments.get(parameter, ""))):
            when = part
        else:
            found = time_in(said, "when")
            if found is None or not _is_all(said, found):
                return None
            when = found
            if how.link != "correct":
                when = (
                    _on_its_day(when, str(before.arguments.get(parameter, "")), self._now(), language) or when
                )
        if not done:
            return self._checked(before.skill, before.tool, {**before.arguments, parameter: when})
        if how.link in ("correct", "") and tool.full_name in REVISED:
            return self._checked("timers", "change", {"when": when}) if how.link == "correct" else None
        if tool.full_name in _AGAIN and how.link == "":
            return None
        if tool.acts and tool.full_name not in _AGAIN:
            return None
        return self._checked(before.skill, before.tool, {**before.arguments, parameter: when})

    def _closed(self, before: Call, tool: Tool, how: Leaning, language: str, _done: bool) -> Call | None:
        other = _WITH_DAY.get(tool.full_name)
        if other is not None:
            tool = self._tools[f"{tool.skill}.{other}"]
        parameter = CLOSED.get(tool.full_name)
        if parameter is None:
            return None
        value = self._answer(tool, Question(Say(""), parameter), how.rest)
        if value is None or len(how.rest.split()) > _MOST_WORDS:
            return None
        arguments = {**before.arguments, parameter: value}
        place = re.search(
            r"\bin (?:the )?([A-Z][\w' -]+?)(?: (?:on|at|for|tomorrow|today|this|next)\b.*)?$", how.rest
        )
        if place is not None and "place" in tool.parameters.model_fields:
            arguments["place"] = place.group(1)
        return self._checked(tool.skill, tool.name, arguments)

    def _measured(self, before: Call, how: Leaning) -> Call | None:
        """Another measure, or another number of the same: "and ten?"."""
        unit = re.sub(
            r"^[\d.,\s零一二两三四五六七八九十百千万半]+|^(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|a hundred)(?:[ -](?:hundred|one|two|three|four|five|six|seven|eight|nine))* ",
            "",
            str(before.arguments.get("measure", "")),
        )
        for said in (how.rest, f"{how.rest} {unit}", f"{how.rest}{unit}"):
            found = self._checked("sums", "convert", {**before.arguments, "measure": said})
            if found is not None:
                return found
        unit_said = re.sub(r"^(?:in|into|to|是|等于|合) ?(?:多少)?", "", how.rest)
        return (
            self._checked("sums", "convert", {**before.arguments, "unit": unit_said}) if unit_said else None
        )

    def _in_words(self, before: Call, tool: Tool, how: Leaning, language: str, done: bool) -> Call | None:
        parameter = TEXT.get(tool.full_name)
        said = _without_lead(how.rest, parameter or "", language)
        if parameter is None or not said or _is_long(said, language) or _SPOKEN_LIKE.match(said):
            return None
        if done and tool.acts:
            if how.link == "also" and tool.full_name not in MORE:
                return None
            if how.link == "" and (
                tool.full_name != "lists.add" or not how.rest.casefold().startswith("and ")
            ):
                return None
            if how.link in ("correct", "instead") and tool.full_name in (*_AGAIN, "lists.remove"):
                return None
        elif done and how.link == "":
            return None
        return self._checked(before.skill, before.tool, {**before.arguments, parameter: said})

    def _swapped(self, before: Call, how: Leaning, language: str) -> Call | None:
        new = _without_lead(how.rest, "text", language)
        if _is_long(new, language) or _SPOKEN_LIKE.match(new):
            return None
        old = how.gone or before.arguments.get("text")
        return self._checked("lists", "swap", {"text": old, "other": new, **_list_of(before)})

    def _checked(self, skill: str, name: str, arguments: Mapping[str, Any]) -> Call | None:
        tool = self._tools.get(f"{skill}.{name}")
        if tool is None:
            return None
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            model = tool.parameters.model_validate(given)
        except ValidationError:
            return None
        return Call(skill, name, model.model_dump(mode="json", exclude_unset=True))


def _first(found: re.Match[str]) -> str:
    return next((each.strip(" ,.，。") for each in found.groups() if each), "")


def _list_of(before: Call) -> dict[str, Any]:
    return {"list": before.arguments["list"]} if "list" in before.arguments else {}


def _is_all(text: str, time: str) -> bool:
    """Whether a text says little but the time."""
    rest = text.replace(time, " ", 1)
    rest = re.sub(
        r"\b(?:for|at|to|the|one|it|and|on|of|a|an|timer|alarm|please|not|another)\b|的|吧|了|个|定|设|在|叫我|起床|提醒我|那|要|是|闹钟|计时",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    return not re.search(r"\w", rest)


def _in_its_unit(text: str, before: str) -> str | None:
    """Return a bare number in the unit of the length before: "fifty" after "fifteen minutes"."""
    number = re.fullmatch(r"(?:for |to )?([\w -]{1,16}?)(?: of them)?", text.strip(), re.IGNORECASE)
    unit = re.search(r"(seconds?|minutes?|mins?|hours?|秒钟?|分钟?|小时|个小时)\s*$", before, re.IGNORECASE)
    if number is None or unit is None:
        return None
    said = (
        f"{number.group(1)} {unit.group(1)}"
        if unit.group(1).isascii()
        else f"{number.group(1)}{unit.group(1)}"
    )
    return said if read_duration(said) is not None else None


_PART_OF_HOUR = re.compile(
    r"(?:at |for )?((?:a )?(?:quarter|half|five|ten|twenty|twenty[ -]five)(?: minutes)? (?:to|past|after))(?: it)?",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"\b(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?! (?:minutes|past|to)\b)|\d{1,2}(?=:|\b))",
    re.IGNORECASE,
)


def _in_its_hour(text: str, before: str) -> str | None:
    """Return a part of the hour with the hour of the time before: "half past" after "at seven"."""
    part = _PART_OF_HOUR.fullmatch(text.strip())
    hours = list(_HOUR.finditer(before))
    if part is None or not hours:
        return None
    rest = before[hours[-1].end() :]
    return f"at {part.group(1)} {hours[-1].group()}{re.sub(r'^(?:[:.]?[0-9]+| (?:thirty|fifteen|forty[ -]five))', '', rest)}"


def _on_its_day(when: str, before: str, now: datetime, language: str) -> str | None:
    """Return a bare day with the hour of the time before: "Tuesday too" after "Monday at seven"."""
    found = next(iter(find_whens(when, language, now)), None)
    if found is None or not found[0].vague or not _DAY_WORDS.search(when):
        return None
    hour = _DAY_WORDS.sub("", before).strip(" ,，")
    return f"{when}{'' if language == 'zh' else ' '}{hour}" if hour else None


def _without_lead(text: str, parameter: str, language: str) -> str:
    if language == "zh":
        return text if parameter == "text" and len(text) < 3 else _HAN_LEADING.sub("", text)
    return (
        _PLACE_LEADING
        if parameter in ("place", "query")
        else _LEADING
        if parameter != "text"
        else re.compile("^and ", re.IGNORECASE)
    ).sub("", text)


def _is_long(text: str, language: str) -> bool:
    return len(text) > _MOST_HAN if language == "zh" else len(text.split()) > _MOST_WORDS
