"""What is kept of timers, alarms and reminders, and which of them somebody means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from skills.api import Say
from skills.schedule import Entry
from skills.times import read_duration, say_clock, say_day, say_days, say_duration, say_moment


class Sort(StrEnum):
    """What an entry of the schedule is to a person."""

    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"


_HAN = re.compile(r"[㐀-鿿]")
_SMALL = frozenset({"the", "a", "an", "my", "our", "your", "for", "of", "to", "timer", "one", "that", "this"})
_SMALL |= {"please", "on", "it", "is", "in", "and", "的", "个", "那", "这", "计", "时", "器", "定"}


def called(entries: Iterable[Entry], name: str) -> list[Entry]:
    """Return the entries that a name may mean: those that have all its words, or else any of them."""
    wanted = _words(name)
    length_s = read_duration(re.sub(r"\b(timer|one|the)\b", " ", name))
    all_of = [
        each
        for each in entries
        if (wanted and wanted <= _words(each.data.get("name", "")))
        or (length_s is not None and length_s == each.data.get("length_s"))
    ]
    return all_of or [each for each in entries if wanted & _words(each.data.get("name", ""))]


def _words(text: str) -> frozenset[str]:
    lowered = text.lower()
    words = re.findall(r"[㐀-鿿]|[^\W_]+", lowered)
    return frozenset(each.removesuffix("s") if len(each) > 3 else each for each in words) - _SMALL


def without_article(name: str) -> str:
    """Return a name as it stands in "the … timer"."""
    return re.sub(r"^(?:the|my|our|a|an|some)\s+", "", name, flags=re.IGNORECASE)


def to_person(text: str) -> str:
    """Return a person's words as they are said to them: "call my mum" is "call your mum"."""
    if _HAN.search(text):
        return text.replace("我", "你")
    swapped = {"my": "your", "me": "you", "i": "you", "mine": "yours", "myself": "yourself", "i'm": "you're"}
    swapped |= {"i've": "you've", "our": "your", "am": "are"}
    return re.sub(r"[A-Za-z']+", lambda word: swapped.get(word.group().lower(), word.group()), text)


@dataclass(frozen=True, slots=True)
class RunningTimer:
    """A timer, for whoever shows it by a light or a number."""

    id: str
    name: str
    room: str | None
    length_s: float
    left_s: float
    is_paused: bool


def running_timer(entry: Entry, now: datetime) -> RunningTimer:
    """Return a timer as it is now."""
    left = left_s(entry, now)
    length_s = max(left, float(entry.data.get("length_s", 0.0)))
    name = entry.data.get("name", "")
    return RunningTimer(str(entry.id), name, entry.room, length_s, left, entry.due_s is None)


# -- in words ------------------------------------------------------------------------------------------------


def left_s(entry: Entry, now: datetime) -> float:
    """Return the seconds that a timer has left, also of one that is paused."""
    late_s = entry.late_s(now)
    return float(entry.data.get("left_s", 0.0)) if late_s is None else max(0.0, -late_s)


def timer_name(entry: Entry) -> Say:
    """Return "the pasta timer" or "the 10 minute timer"."""
    name = entry.data.get("name")
    if name:
        return Say("timer_named", {"name": name})
    return Say("timer_of", {"length": of_length(entry)})


def of_length(entry: Entry) -> str:
    """Return the length as it stands before a noun: "10 minute"."""
    length = say_duration(entry.data.get("length_s", 0), entry.language)
    return length if entry.language == "zh" or " and " in length else length.removesuffix("s")


def when_words(entry: Entry, now: datetime, language: str) -> str:
    """Return when an alarm or a reminder comes: "at 7 am tomorrow", "every day at 7 am"."""
    at = entry.moment(now)
    if at is None:
        return ""
    if entry.days:
        space = "" if language == "zh" else " at "
        return f"{say_days(frozenset(entry.days), language)}{space}{say_clock(at, language)}"
    return say_moment(at, now, language)


def told_when(entry: Entry, now: datetime, language: str) -> str | Say:
    """Return when it comes, for what waits for an event too."""
    event = Say(f"on_{(entry.event or {}).get('state', 'event')}", {"thing": entry.data.get("thing", "")})
    return when_words(entry, now, language) or event


def was_words(entry: Entry, now: datetime, language: str) -> str:
    """Return when it should have rung: "at 7 am", "at 7 am on 3 May"."""
    at = entry.moment(now)
    if at is None:
        return ""
    day = "" if at.date() == now.date() else say_day(at, now, language)
    if language == "zh":
        return f"{day}{say_clock(at, language)}"
    return f"at {say_clock(at, language)} {day}".rstrip()


def listed(entries: Sequence[Entry], now: datetime, language: str) -> tuple[Any, ...]:
    """Return what is read out of several entries."""
    return tuple(Say(_line(each), item(each, now, language)) for each in entries)


def _line(entry: Entry) -> str:
    paused = entry.sort == Sort.TIMER and entry.due_s is None
    return "timer_item_paused" if paused else f"{entry.sort}_item"


def item(entry: Entry, now: datetime, language: str) -> dict[str, Any]:
    """Return the values of one entry's line."""
    return {
        "what": timer_name(entry) if entry.sort == Sort.TIMER else to_person(entry.data.get("name", "")),
        "left": say_duration(left_s(entry, now), language),
        "when": told_when(entry, now, language),
    }
