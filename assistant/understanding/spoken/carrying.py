# ruff: noqa: E501 - a pattern is easier to read on one line
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
from assistant.understanding.spoken.patterns import (
    ANOTHER,
    DAY_WORDS,
    DROP,
    HAN_LEADING,
    HAN_OFF,
    HAN_VIA,
    LEADING,
    OFF,
    PAUSE,
    PLACE_LEADING,
    RESUME,
    SPOKEN_LIKE,
    VIA,
)
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

DROPPED: Mapping[str, tuple[str, tuple[str, ...]]] = {
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
            found = (HAN_VIA if language == "zh" else VIA).match(text.strip(" 。！!"))
            if found is not None and (via := _first(found)):
                return self._checked("navigation", "go", {"place": before.arguments.get("place"), "via": via})
        if name == "timers.start" and (more := ANOTHER.fullmatch(text.strip(" .!"))) is not None:
            length = _in_its_unit(more.group(1), str(before.arguments.get("duration", "")))
            return self._checked("timers", "add", {"duration": length}) if length else None
        times = name in ("timers.start", "timers.add") or (
            name == "timers.change" and read_duration(str(before.arguments.get("when", ""))) is not None
        )
        if times and (tool := _paused(text)):
            return self._checked("timers", tool, {})
        if name == "timers.change" and DROP.match(text.strip()):
            return self._checked("timers", "cancel" if times else "cancel_alarm", {})
        if DROP.match(text.strip()) and (drop := DROPPED.get(name)) is not None:
            kept = {key: before.arguments.get(key) for key in drop[1]}
            skill, _, tool = drop[0].partition(".")
            return self._checked(skill, tool, kept)
        if before.skill == "lists":
            found = (HAN_OFF if language == "zh" else OFF).match(text.strip(" 。！!"))
            if found is not None and (gone := _first(found)) and not SPOKEN_LIKE.match(gone):
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
        was = str(before.arguments.get(parameter, ""))
        when = _length(how.rest, was) if parameter == "duration" else self._moment(how, was, language)
        if when is None:
            return None
        if done and how.link in ("correct", "") and tool.full_name in REVISED:
            return self._checked("timers", "change", {"when": when}) if how.link == "correct" else None
        again = tool.full_name in _AGAIN
        if done and ((again and how.link == "") or (tool.acts and not again)):
            return None
        return self._checked(before.skill, before.tool, {**before.arguments, parameter: when})

    def _moment(self, how: Leaning, was: str, language: str) -> str | None:
        """Return when the words say, with what of the time before they leave out."""
        part = _in_its_hour(how.rest, was)
        if part is not None:
            return part
        found = time_in(how.rest, "when")
        if found is None or not _is_all(how.rest, found):
            return None
        other_day = None if how.link == "correct" else _on_its_day(found, was, self._now(), language)
        return other_day or found

    def _closed(self, before: Call, tool: Tool, how: Leaning, _language: str, _done: bool) -> Call | None:
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
        if parameter is None or not said or _is_long(said, language) or SPOKEN_LIKE.match(said):
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
        if _is_long(new, language) or SPOKEN_LIKE.match(new):
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


def _paused(text: str) -> str:
    """Return what a word or two do to the timer before: "pause it", "carry on"."""
    said = text.strip(" .!?")
    return "pause" if PAUSE.fullmatch(said) else "resume" if RESUME.fullmatch(said) else ""


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


def _length(text: str, was: str) -> str | None:
    found = time_in(text, "duration")
    if found is not None:
        return found if _is_all(text, found) else None
    return _in_its_unit(text, was)


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
    if found is None or not found[0].vague or not DAY_WORDS.search(when):
        return None
    hour = DAY_WORDS.sub("", before).strip(" ,，")
    return f"{when}{'' if language == 'zh' else ' '}{hour}" if hour else None


def _without_lead(text: str, parameter: str, language: str) -> str:
    if language == "zh":
        return text if parameter == "text" and len(text) < 3 else HAN_LEADING.sub("", text)
    return (
        PLACE_LEADING
        if parameter in ("place", "query")
        else LEADING
        if parameter != "text"
        else re.compile("^and ", re.IGNORECASE)
    ).sub("", text)


def _is_long(text: str, language: str) -> bool:
    return len(text) > _MOST_HAN if language == "zh" else len(text.split()) > _MOST_WORDS
