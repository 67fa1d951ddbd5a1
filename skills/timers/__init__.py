"""Timers, alarms and reminders: several at once, named, paused, repeated, and kept over a restart.

Settings: `snooze_minutes`; `latitude` and `longitude` of the home, for the sun ("remind me at sunset").
Without them it is the city that the time zone is named for.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from skills.api import Announcement, Answer, Context, Manifest, Question, Say, Skill, SkillError, tool
from skills.conditions import knows_who_is_home, things_called
from skills.timers.book import FRESH_S, Book, due
from skills.timers.entries import (
    RunningTimer,
    Sort,
    called,
    item,
    left_s,
    listed,
    timer_name,
    to_person,
    told_when,
    when_words,
    without_article,
)
from skills.timers.parameters import ClockTime, Duration, Moment, Name, Text
from skills.timers.picking import at_time, none, on_day, one_of, which
from skills.times import Cause, When, elapsed_s, read_duration, read_when, say_duration

LOOK_EVERY_S = 0.5
"""So soon a clock that somebody set is noticed, and a washing machine that has finished."""
LONGEST_TIMER_S = 7 * 86_400.0


class Settings(BaseModel):
    """[skills.timers] in the user's configuration."""

    snooze_minutes: float = Field(default=9, gt=0, le=120)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class Timers(Skill):
    """Timers, alarms and reminders."""

    name = "timers"
    api = 1
    manifest = Manifest(devices=frozenset())
    settings = Settings

    def __init__(self) -> None:
        self._kept: Book | None = None
        self._asked_day: dict[str | None, tuple[str, datetime]] = {}
        """Room -> the day that was asked about there last, and when."""

    @staticmethod
    def elapsed() -> float:
        """Return the seconds of the clock that nobody sets."""
        return elapsed_s()

    @staticmethod
    async def pause_for(seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    @property
    def ringing(self) -> bool:
        """Whether something rings now: a bare "stop" is for it (`assistant/dialogue/ringing.py`)."""
        return self._kept is not None and bool(self._kept.bell.ringing)

    @property
    def running(self) -> tuple[RunningTimer, ...]:
        """The timers that run, for satellites that show them (`assistant/serve/timers_seen.py`)."""
        return () if self._kept is None else self._kept.running()

    async def background(self, context: Context) -> AsyncIterator[Announcement]:
        """Ring what is due, where it was set."""
        bell = (await self._book(context)).bell
        while True:
            for announcement in await bell.ring(context.now(), self.elapsed(), context.home):
                yield announcement
            wait_s = bell.next_s(context.now(), self.elapsed())
            await self.pause_for(LOOK_EVERY_S if wait_s is None else min(LOOK_EVERY_S, wait_s))

    async def _book(self, context: Context) -> Book:
        if self._kept is None or self._kept.store is not context.store:
            self._kept = Book(context, self.elapsed)
        await self._kept.schedule.read()
        return self._kept

    # -- timers ----------------------------------------------------------------------------------------------

    @tool()
    async def start(
        self, context: Context, duration: Duration | None = None, name: Name | None = None
    ) -> Answer:
        """Start a timer of some length, with a name if one was said."""
        named = {} if name is None else {"name": without_article(name)}
        if duration is None:
            return Answer(question=Question(Say("how_long"), "duration", named))
        seconds = _within_a_week(read_duration(duration) or 0.0)
        book = await self._book(context)
        await book.add(context, Sort.TIMER, When(Cause.IN, seconds), {**named, "length_s": seconds})
        values = {**named, "length": say_duration(seconds, context.language)}
        return Answer(say=Say("started_named" if name else "started", values))

    @tool(acts=False)
    async def left(self, context: Context, name: Name | None = None) -> Answer:
        """Tell how long the timers have left."""
        timers = (await self._book(context)).of(Sort.TIMER)
        if name is not None:
            timers = called(timers, name)
        if not timers:
            gone = Say("no_timer") if name is None else Say("no_timer_named", {"name": without_article(name)})
            return Answer(say=gone)
        now, language = context.now(), context.language
        if len(timers) > 1:
            return Answer(say=Say("timers", {"timers": listed(timers, now, language)}))
        paused = timers[0].due_s is None
        return Answer(say=Say("left_paused" if paused else "left", item(timers[0], now, language)))

    @tool(offered=False)
    async def pause(self, context: Context, name: Name | None = None) -> Answer:
        """Pause a timer."""
        book, now = await self._book(context), context.now()
        running = [each for each in book.of(Sort.TIMER) if each.due_s is not None]
        timer = one_of(running, name, Sort.TIMER)
        if timer is None:
            return which(running, "name", now)
        paused = replace(timer, due_s=None, data={**timer.data, "left_s": left_s(timer, now)})
        await book.change(paused)
        return Answer(say=Say("paused", item(paused, now, context.language)))

    @tool(offered=False)
    async def resume(self, context: Context, name: Name | None = None) -> Answer:
        """Let a paused timer go on."""
        book, now = await self._book(context), context.now()
        paused = [each for each in book.of(Sort.TIMER) if each.due_s is None]
        timer = one_of(paused, name, Sort.TIMER)
        if timer is None:
            return which(paused, "name", now)
        going = replace(timer, due_s=now.timestamp() + left_s(timer, now))
        await book.change(going)
        return Answer(say=Say("resumed", item(going, now, context.language)))

    @tool(offered=False)
    async def add(
        self, context: Context, duration: Duration, name: Name | None = None, less: bool = False
    ) -> Answer:
        """Add time to a timer, or with `less` take some off."""
        book, now = await self._book(context), context.now()
        timers = book.of(Sort.TIMER)
        timer = book.fresh(timers, now) if name is None else None
        timer = timer or one_of(timers, name, Sort.TIMER)
        if timer is None:
            return which(timers, "name", now, duration=duration, less=less)
        seconds = (read_duration(duration) or 0.0) * (-1 if less else 1)
        left = _within_a_week(max(0.0, left_s(timer, now) + seconds))
        paused = replace(timer, data={**timer.data, "left_s": left})
        changed = paused if timer.due_s is None else replace(timer, due_s=now.timestamp() + left)
        await book.change(changed)
        return Answer(say=Say("left", item(changed, now, context.language)))

    @tool()
    async def cancel(self, context: Context, name: Name | None = None, everything: bool = False) -> Answer:
        """Cancel a timer, or with `everything` all of them."""
        book = await self._book(context)
        timers = book.of(Sort.TIMER)
        if everything and timers:
            await book.forget(timers)
            return Answer(say=Say("all_timers_gone"))
        ringing = [each for each in timers if each in book.bell.ringing] if name is None else []
        timer = one_of(ringing or timers, name, Sort.TIMER)
        if timer is None:
            return which(timers, "name", context.now())
        await book.forget([timer])
        return Answer(say=Say("timer_gone", {"what": timer_name(timer)}))

    # -- alarms ----------------------------------------------------------------------------------------------

    @tool()
    async def set_alarm(
        self,
        context: Context,
        when: ClockTime | None = None,
        day: Moment | None = None,
        name: Name | None = None,
    ) -> Answer:
        """Set an alarm for a time of day, once or on days of the week; it wakes the person."""
        said = None if when is None else self._alarm_time(when, day, context)
        if said is None or said.vague or said.cause not in (Cause.AT, Cause.IN, Cause.SUNRISE, Cause.SUNSET):
            given = {} if when is None else {"day": when}
            return Answer(question=Question(Say("at_what_time"), "when", given))
        self._asked_day.pop(context.room, None)
        book = await self._book(context)
        entry = await book.add(context, Sort.ALARM, said, {} if name is None else {"name": name})
        return Answer(say=Say("alarm_set", {"when": told_when(entry, context.now(), context.language)}))

    def _alarm_time(self, when: str, day: str | None, context: Context) -> When | None:
        """Return the moment, on the day that was asked about just before: "then set one for eight"."""
        now, asked = context.now(), self._asked_day.get(context.room)
        if day is None and asked is not None and now - asked[1] < timedelta(seconds=FRESH_S):
            day = asked[0]
        if (length := read_duration(when)) is not None:  # 十分钟的闹钟
            return When(Cause.IN, length)
        together = None if day is None else read_when(f"{day} {when}", now, waking=True)
        return together or read_when(when, now, waking=True)

    @tool(acts=False)
    async def alarms(self, context: Context, when: Moment | None = None) -> Answer:
        """Tell which alarms are set."""
        now = context.now()
        found = on_day((await self._book(context)).of(Sort.ALARM), when, now)
        if when is not None:
            self._asked_day[context.room] = (when, now)
        if not found:
            return Answer(say=Say("no_alarm"))
        return Answer(say=Say("alarms", {"alarms": listed(found, now, context.language)}))

    @tool()
    async def cancel_alarm(
        self, context: Context, when: Moment | None = None, everything: bool = False
    ) -> Answer:
        """Cancel an alarm, or with `everything` all of them."""
        book, now = await self._book(context), context.now()
        found = book.of(Sort.ALARM)
        if everything and found:
            await book.forget(found)
            return Answer(say=Say("all_alarms_gone"))
        if when is not None:
            found = at_time(found, when, now) or none(Sort.ALARM, when)
        if len(found) > 1:
            return which(found, "when", now)
        if not found:
            raise SkillError(Say("no_alarm"))
        await book.forget(found)
        return Answer(say=Say("alarm_gone", {"when": when_words(found[0], now, context.language)}))

    # -- reminders -------------------------------------------------------------------------------------------

    @tool()
    async def remind(self, context: Context, text: Text | None = None, when: Moment | None = None) -> Answer:
        """Remind the person of something at a moment ("at 5", "tomorrow", "when I get home")."""
        now = context.now()
        if text is None:
            return Answer(question=Question(Say("of_what"), "text", {} if when is None else {"when": when}))
        book = await self._book(context)
        said = book.in_same_breath(now) if when is None else read_when(when, now)
        if said is None:
            asks = Say("remind_when", {"text": to_person(text)})
            return Answer(question=Question(asks, "when", {"text": text}))
        entry = await book.add(context, Sort.REMINDER, said, {"name": text})
        values = {"text": to_person(text), "when": told_when(entry, now, context.language)}
        untold = said.cause in (Cause.LEAVE, Cause.ARRIVE) and not knows_who_is_home(context.home)
        return Answer(say=Say(f"reminder_set_{said.cause}" if untold else "reminder_set", values))

    @tool(acts=False)
    async def reminders(self, context: Context, when: Moment | None = None) -> Answer:
        """Tell what the person is to be reminded of."""
        found = on_day((await self._book(context)).of(Sort.REMINDER), when, context.now())
        if not found:
            return Answer(say=Say("no_reminder"))
        return Answer(say=Say("reminders", {"reminders": listed(found, context.now(), context.language)}))

    @tool()
    async def cancel_reminder(
        self, context: Context, text: Text | None = None, everything: bool = False
    ) -> Answer:
        """Cancel a reminder, or with `everything` all of them."""
        book, now = await self._book(context), context.now()
        found = book.of(Sort.REMINDER)
        if everything and found:
            await book.forget(found)
            return Answer(say=Say("all_reminders_gone"))
        fresh = book.fresh(found, now) if text is None else None
        reminder = fresh or one_of(found, text, Sort.REMINDER)
        if reminder is None:
            return which(found, "text", now)
        await book.forget([reminder])
        return Answer(say=Say("reminder_gone", {"text": to_person(reminder.data.get("name", ""))}))

    @tool(offered=False)
    async def notify(self, context: Context, when: Moment) -> Answer:
        """Tell the person when something has happened: "when the washing is finished"."""
        said = read_when(when, context.now())
        if said is None or said.cause in (Cause.FOR, Cause.UNTIL):
            raise SkillError(Say("cannot_tell"))
        things = things_called(said.thing, context.home) if said.thing else []
        thing = things[0].name if len(things) == 1 else said.thing
        await (await self._book(context)).add(context, Sort.REMINDER, said, {"thing": thing})
        return Answer(say=Say("will_tell"))

    # -- whatever was set last, whatever rings ---------------------------------------------------------------

    @tool(offered=False)
    async def change(self, context: Context, when: Moment) -> Answer:
        """Set what was set last to another time."""
        book, now = await self._book(context), context.now()
        entry = book.fresh(list(book.schedule), now)
        if entry is None:
            raise SkillError(Say("change_what"))
        if entry.sort == Sort.TIMER:
            seconds = read_duration(when)
            if seconds is None:
                raise SkillError(Say("how_long"))
            data = {**entry.data, "length_s": _within_a_week(seconds)}
            changed = replace(entry, due_s=now.timestamp() + seconds, data=data)
            await book.change(changed)
            return Answer(say=Say("left", item(changed, now, context.language)))
        said, before = read_when(when, now, waking=entry.sort == Sort.ALARM), entry.moment(now)
        if said is None or (said.at is None and said.cause is not Cause.IN):
            raise SkillError(Say("at_what_time"))
        if said.at is not None and before is not None and not said.sure:
            said = replace(said, at=_on_the_same_half(said.at, before))
        if said.at is not None and before is not None and before.date() > said.at.date():
            said = replace(said, at=said.at + (before.date() - said.at.date()))  # the day stays
        changed = replace(entry, **due(said, context))
        await book.change(changed)
        return Answer(say=Say("changed", {"when": told_when(changed, now, context.language)}))

    @tool(offered=False)
    async def shift(self, context: Context, duration: Duration, earlier: bool = False) -> Answer:
        """Let an alarm or a reminder come later, or with `earlier` sooner: the last one set, or the next."""
        book, now = await self._book(context), context.now()
        waiting = [each for each in book.schedule if each.sort != Sort.TIMER and each.due_s is not None]
        entry = book.fresh(waiting, now) or min(waiting, key=lambda each: each.due_s or 0.0, default=None)
        if entry is None or entry.due_s is None:
            raise SkillError(Say("change_what"))
        seconds = (read_duration(duration) or 0.0) * (-1 if earlier else 1)
        changed = replace(entry, due_s=max(now.timestamp(), entry.due_s + seconds))
        await book.change(changed)
        return Answer(say=Say("changed", {"when": told_when(changed, now, context.language)}))

    @tool(offered=False)
    async def hush(self, context: Context) -> Answer:
        """Stop what rings."""
        if not await (await self._book(context)).bell.stop(context.now()):
            raise SkillError(Say("nothing_rings"))
        return Answer(say=Say("hushed"))

    @tool(offered=False)
    async def snooze(self, context: Context, duration: Duration | None = None) -> Answer:
        """Let what rings ring again in a few minutes."""
        usual_s = float(context.settings.get("snooze_minutes", 9)) * 60
        seconds = (read_duration(duration) if duration is not None else None) or usual_s
        book = await self._book(context)
        if not await book.bell.snooze(context.now(), seconds):
            if duration is not None and len(book.of(Sort.TIMER)) == 1:
                return await self.add(context, duration)  # "five more minutes", while a timer runs
            raise SkillError(Say("nothing_rings"))
        return Answer(say=Say("snoozed", {"length": say_duration(seconds, context.language)}))

    @tool(offered=False)
    async def leaving(self, context: Context) -> Answer:
        """The person says that they leave: what waited for that is due."""
        await (await self._book(context)).happened(Cause.LEAVE, context.now())
        return Answer(say=Say("bye"))

    @tool(offered=False)
    async def arriving(self, context: Context) -> Answer:
        """The person says that they are home."""
        await (await self._book(context)).happened(Cause.ARRIVE, context.now())
        return Answer(say=Say("welcome"))


def _on_the_same_half(at: datetime, before: datetime) -> datetime:
    """Return a bare hour on the half of the day that was meant: "no, seven" after six in the morning."""
    return at + timedelta(hours=12) if (at.hour < 12) != (before.hour < 12) else at


def _within_a_week(seconds: float) -> float:
    if seconds > LONGEST_TIMER_S:
        raise SkillError(Say("too_long"))
    return seconds
