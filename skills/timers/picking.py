"""Which of the timers, alarms and reminders a person means, and what is asked when it may be several."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from skills.api import Answer, Question, Say, SkillError
from skills.schedule import Entry
from skills.timers.entries import Sort, called, timer_name, to_person, when_words
from skills.times import read_when


def one_of(entries: Sequence[Entry], name: str | None, sort: Sort) -> Entry | None:
    """The one that is meant; None where it may be several. Raises `SkillError` when there is none."""
    found = list(entries) if name is None else called(entries, name)
    if not found:
        none(sort, name)
    return found[0] if len(found) == 1 else None


def none(sort: Sort, name: str | None) -> list[Entry]:
    """Raise `SkillError`: there is none, or none of that name."""
    raise SkillError(Say(f"no_{sort}") if name is None else Say(f"no_{sort}_named", {"name": name}))


def which(entries: Sequence[Entry], parameter: str, now: datetime, **arguments: Any) -> Answer:
    """Ask which of several is meant; its `parameter` is asked for."""
    names = tuple(Say("choice", {"what": _choice(each, now)}) for each in entries)
    return Answer(question=Question(Say("which", {"names": names}), parameter, arguments))


def _choice(entry: Entry, now: datetime) -> str | Say:
    if entry.sort == Sort.TIMER:
        return timer_name(entry)
    if entry.sort == Sort.ALARM:
        return when_words(entry, now, entry.language)
    return to_person(entry.data.get("name", ""))


def on_day(entries: Sequence[Entry], when: str | None, now: datetime) -> list[Entry]:
    """Those that come on a day; all of them when no day was said."""
    said = None if when is None else read_when(when, now)
    if said is None or said.at is None:
        return list(entries)
    return [each for each in entries if (at := each.moment(now)) is not None and at.date() == said.at.date()]


def at_time(alarms: Sequence[Entry], when: str, now: datetime) -> list[Entry]:
    """The alarms at a time of day, on a day, or on days of the week."""
    said = read_when(when, now, waking=True)
    if said is None or said.at is None:
        return []
    wanted = said.at
    found = [
        each
        for each in alarms
        if (at := each.moment(now)) is not None
        and (
            at.date() == wanted.date()
            if said.vague
            else (at.hour % 12, at.minute) == (wanted.hour % 12, wanted.minute)
        )
    ]
    exact = [each for each in found if (at := each.moment(now)) is not None and at.date() == wanted.date()]
    return exact or found
