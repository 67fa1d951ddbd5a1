"""Timers, alarms and reminders by a clock that can be set, over days and restarts."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import skills.timers
from devices.home import Ability, Home, Kind
from skills.api import Announcement, Answer, Context, SkillError
from skills.storage import MemoryStore, SqliteStore
from skills.testing import context, home, thing
from tests.skills.clockwork import LONDON, FakeTime, timers_by


class Kitchen:
    """The skill in a home, as the assistant runs it: called, and rung by its background work."""

    def __init__(self, time: FakeTime, store: MemoryStore | SqliteStore, things: Home | None = None) -> None:
        self.time = time
        self.registry = timers_by(time)
        self._context = replace(context(things or Home(), store=store, room="kitchen"), now=time.now)
        self.said: list[tuple[datetime, str]] = []

    def context(self, language: str = "en", room: str | None = "kitchen") -> Context:
        return replace(self._context, language=language, room=room)

    async def call(
        self, tool: str, language: str = "en", room: str | None = "kitchen", **arguments: object
    ) -> str:
        try:
            answer = await self.answer(tool, language, room, **arguments)
        except SkillError as error:
            return self.registry.reply("timers", error.say, language)
        say = answer.question.say if answer.question is not None else answer.say
        assert say is not None
        return self.registry.reply("timers", say, language)

    async def answer(
        self, tool: str, language: str = "en", room: str | None = "kitchen", **arguments: object
    ) -> Answer:
        return await self.registry.call("timers", tool, arguments, self.context(language, room))

    async def ring_until(self, *moment: int, stops: bool = True) -> list[Announcement]:
        """Let time pass, and return what was announced; whoever hears it stops it, if `stops`."""
        until = datetime(*moment, tzinfo=self.time.zone)  # type: ignore[misc]  # a date and a time
        heard: list[Announcement] = []

        class DayOverError(Exception):
            pass

        def look() -> None:
            if self.time.now() >= until:
                raise DayOverError

        self.time.meanwhile = look
        announcements = self.registry.skills["timers"].background(self.context())
        try:
            async for each in announcements:
                heard.append(each)
                assert each.say is not None
                text = self.registry.reply("timers", each.say, each.language or "en")
                self.said.append((self.time.now(), text))
                if stops:
                    await self.call("hush")
        except DayOverError:
            pass
        return heard

    def texts(self) -> list[str]:
        return [text for _at, text in self.said]


@pytest.fixture(autouse=True)
def _seldom(monkeypatch):
    """Look every ten seconds, so that a day is short."""
    monkeypatch.setattr(skills.timers, "LOOK_EVERY_S", 10.0)


def kitchen(time: FakeTime, things: Home | None = None) -> Kitchen:
    return Kitchen(time, MemoryStore(), things)


# -- timers ------------------------------------------------------------------------------------------------


async def test_timers_ring_on_time_where_they_were_set_and_in_the_language_of_who_set_them():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    assert (
        await here.call("start", duration="12 minutes", name="pasta") == "12 minutes for pasta, starting now."
    )
    await here.call("start", language="zh", room="bedroom", duration="五分钟", name="面")
    heard = await here.ring_until(2026, 11, 23, 19, 0)
    assert [(at.strftime("%H:%M:%S"), text) for at, text in here.said] == [
        ("18:35:00", "面的计时到了。"),
        ("18:42:00", "Your pasta timer is done."),
    ]
    assert [each.room for each in heard] == ["bedroom", "kitchen"]


async def test_a_timer_without_a_length_asks_for_it():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    asked = await here.answer("start")
    assert asked.question is not None
    value = here.registry.answer_to("timers", "start", asked.question, "oh, an hour and a quarter", "en")
    assert value == "an hour and a quarter"
    assert here.registry.answer_to("timers", "start", asked.question, "turn on the light", "en") is None


async def test_what_is_left_is_told_and_a_pause_does_not_count():
    time = FakeTime(2026, 11, 23, 18, 30)
    here = kitchen(time)
    await here.call("start", duration="10 minutes")
    time.pass_by(240)
    assert await here.call("left") == "6 minutes left on the 10 minute timer."
    await here.call("pause")
    time.pass_by(3_600)
    assert "6 minutes" in await here.call("left")
    await here.call("resume")
    await here.ring_until(2026, 11, 23, 20, 0)
    assert [at.strftime("%H:%M:%S") for at, _text in here.said] == ["19:40:00"]


async def test_several_timers_are_told_in_one_sentence():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("start", duration="10 minutes", name="the rice")
    await here.call("start", duration="1 hour")
    await here.call("pause", name="rice")
    assert await here.call("left") == (
        "Timers: the rice timer, paused with 10 minutes left and 1 hour left on the 1 hour timer."
    )


async def test_time_is_added_and_taken_off():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("start", duration="10 minutes", name="rice")
    await here.call("start", duration="20 minutes", name="roast")
    await here.call("add", duration="5 minutes")  # to the one that was set last
    await here.call("add", duration="2 minutes", name="the rice", less=True)
    await here.ring_until(2026, 11, 23, 19, 0)
    assert [(at.strftime("%H:%M"), text) for at, text in here.said] == [
        ("18:38", "Your rice timer is done."),
        ("18:55", "Your roast timer is done."),
    ]


async def test_of_several_timers_it_asks_which():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("start", duration="10 minutes", name="rice")
    await here.call("start", duration="20 minutes", name="the peas")
    asked = await here.answer("cancel")
    assert asked.question is not None
    told = here.registry.answer_to("timers", "cancel", asked.question, "the peas one", "en")
    assert await here.call("cancel", name=told) == "I cancelled the peas timer."
    assert "rice" in await here.call("left")


async def test_a_timer_that_nobody_knows_is_told_so():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    assert await here.call("left") == "There is no timer."
    await here.call("start", duration="10 minutes", name="rice")
    assert await here.call("cancel", name="roast") == "There is no timer called roast."


async def test_a_ring_is_repeated_and_ends_by_itself():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("start", duration="1 minute")
    await here.ring_until(2026, 11, 23, 20, 0, stops=False)
    assert len(here.said) == 30
    assert here.said[-1][0].strftime("%H:%M:%S") == "18:35:50"
    assert await here.call("left") == "There is no timer."


async def test_a_snooze_rings_again():
    here = kitchen(FakeTime(2026, 11, 23, 6, 0))
    await here.call("set_alarm", when="6:30 am")
    bell = here.registry.skills["timers"].background(here.context())
    await anext(bell)
    assert await here.call("snooze") == "I'll ring again in 9 minutes."
    await bell.aclose()
    await here.ring_until(2026, 11, 23, 8, 0)
    assert [at.strftime("%H:%M") for at, _text in here.said] == ["06:39"]


async def test_nothing_rings_that_was_cancelled():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("start", duration="1 minute")
    await here.call("set_alarm", when="7 pm")
    await here.call("remind", text="call mum", when="at 7 pm")
    for tool in ("cancel", "cancel_alarm", "cancel_reminder"):
        await here.call(tool, everything=True)
    await here.ring_until(2026, 11, 23, 20, 0)
    assert here.said == []


# -- alarms and reminders ----------------------------------------------------------------------------------


async def test_an_alarm_is_set_for_the_morning_and_told():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    assert await here.call("set_alarm", when="half six tomorrow") == "The alarm rings at 6:30 am tomorrow."
    assert await here.call("set_alarm", when="seven") == "The alarm rings at 7 am tomorrow."
    assert await here.call("alarms") == "Alarms: at 6:30 am tomorrow and at 7 am tomorrow."
    assert await here.call("cancel_alarm", when="seven") == "The alarm at 7 am tomorrow is cancelled."
    assert await here.call("alarms", language="zh") == "闹钟有：明天早上6点30分。"


async def test_after_a_question_about_tomorrow_one_is_set_for_tomorrow():
    here = kitchen(FakeTime(2026, 11, 22, 5, 30))
    assert await here.call("alarms", when="tomorrow") == "No alarm is set."
    assert await here.call("set_alarm", when="eight o'clock") == "The alarm rings at 8 am tomorrow."


async def test_an_alarm_without_a_time_asks_and_keeps_the_day():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    asked = await here.answer("set_alarm", when="on Wednesday")
    assert asked.question is not None
    told = here.registry.answer_to("timers", "set_alarm", asked.question, "at seven", "en")
    arguments = {**asked.question.arguments, "when": told}
    assert await here.call("set_alarm", **arguments) == "The alarm rings at 7 am on Wednesday."


async def test_a_reminder_in_one_breath_with_an_alarm_comes_with_it():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("set_alarm", when="明早七点", language="zh")
    assert await here.call("remind", text="带伞", language="zh") == "好，明天早上7点提醒你：带伞。"
    here.time.pass_by(60)
    assert await here.call("remind", text="带钥匙", language="zh") == "什么时候提醒你？"


async def test_what_was_set_last_is_changed():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    await here.call("remind", text="浇花", when="今晚八点", language="zh")
    assert await here.call("change", when="九点", language="zh") == "改好了：今天晚上9点。"
    await here.ring_until(2026, 11, 23, 23, 0)
    assert [(at.hour, text) for at, text in here.said] == [(21, "提醒你：浇花。")]


async def test_a_reminder_says_to_the_person_what_the_person_said():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    said = await here.call("remind", text="call my mum", when="in an hour")
    assert said == "I'll remind you at 7:30 pm: call your mum."
    await here.ring_until(2026, 11, 23, 20, 0)
    assert here.texts() == ["A reminder: call your mum."]


async def test_a_reminder_comes_when_the_person_comes_home():
    anna = replace(thing("Anna", Kind.SENSOR, reading="not_home"), device_class="person")
    things = home(anna)
    time = FakeTime(2026, 11, 23, 18, 30)
    here = kitchen(time, things)
    said = await here.call("remind", text="feed the fish", when="when I get home")
    assert said == "I'll remind you when you come home: feed the fish."
    await here.ring_until(2026, 11, 23, 19, 0)
    assert here.said == []
    arrives = datetime(2026, 11, 23, 19, 30, tzinfo=LONDON)

    await _meanwhile(here, arrives, lambda: things.report("anna", {Ability.READING: "home"}))
    assert [(at.strftime("%H:%M"), text) for at, text in here.said] == [
        ("19:30", "A reminder: feed the fish.")
    ]


async def test_where_nothing_tells_who_is_home_the_person_says_so():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    assert "say “I'm home”" in await here.call("remind", text="feed the fish", when="when I get home")
    await here.call("arriving")
    await here.ring_until(2026, 11, 23, 19, 0)
    assert here.texts() == ["A reminder: feed the fish."]


async def test_the_washing_is_told_of_when_it_is_finished_and_only_then():
    washer = replace(thing("Washing Machine", Kind.SENSOR, reading="running"), device_class="washing_machine")
    things = home(washer)
    here = kitchen(FakeTime(2026, 11, 23, 18, 30), things)
    assert await here.call("notify", when="when the washing's done") == "I'll tell you."
    finished = datetime(2026, 11, 23, 19, 12, tzinfo=LONDON)
    await _meanwhile(here, finished, lambda: things.report("washing_machine", {Ability.READING: "idle"}))
    assert [(at.strftime("%H:%M"), text) for at, text in here.said] == [
        ("19:12", "Washing Machine has finished.")
    ]


async def test_a_thing_that_is_not_there_is_told_so():
    here = kitchen(FakeTime(2026, 11, 23, 18, 30))
    assert "called the dishwasher" in await here.call("notify", when="when the dishwasher is done")


async def test_a_reminder_at_sunset_knows_the_sun_of_the_time_zone():
    here = kitchen(FakeTime(2026, 6, 21, 12, 0))
    await here.call("remind", text="close the hens in", when="at sunset")
    await here.ring_until(2026, 6, 22, 0, 0)
    assert [at.strftime("%H") for at, _text in here.said] == ["21"]  # London, 21:21


async def _meanwhile(here: Kitchen, moment: datetime, happens) -> None:
    """Let it happen at a moment, and time pass for an hour after it."""
    done = False
    until = moment.replace(hour=moment.hour + 1)

    class DayOverError(Exception):
        pass

    def look() -> None:
        nonlocal done
        if here.time.now() >= moment and not done:
            done = True
            happens()
        if here.time.now() >= until:
            raise DayOverError

    here.time.meanwhile = look
    try:
        async for each in here.registry.skills["timers"].background(here.context()):
            assert each.say is not None
            here.said.append(
                (here.time.now(), here.registry.reply("timers", each.say, each.language or "en"))
            )
            await here.call("hush")
    except DayOverError:
        pass


# -- restarts and clock changes ----------------------------------------------------------------------------


async def test_after_a_restart_in_the_middle_all_ring_on_time(tmp_path: Path):
    time = FakeTime(2026, 11, 23, 18, 0)
    file = tmp_path / "timers.sqlite3"
    before = Kitchen(time, SqliteStore(file))
    await before.call("start", duration="10 minutes", name="pasta")
    await before.call("start", duration="30 minutes", name="bread")
    await before.call("start", duration="45 minutes", room="bath", name="bath")
    await before.call("set_alarm", when="half seven")
    await before.call("set_alarm", when="6:50 pm")
    await before.call("remind", text="call mum", when="at 6:40 pm")
    await before.ring_until(2026, 11, 23, 18, 5)

    time.pass_by(240)
    time.restarted()
    after = Kitchen(time, SqliteStore(file))
    heard = await after.ring_until(2026, 11, 23, 19, 0)
    assert [(at.strftime("%H:%M:%S"), text) for at, text in after.said] == [
        ("18:10:00", "Your pasta timer is done."),
        ("18:30:00", "Your bread timer is done."),
        ("18:40:00", "A reminder: call mum."),
        ("18:45:00", "Your bath timer is done."),
        ("18:50:00", "It's 6:50 pm, time to get up."),
    ]
    assert [each.room for each in heard][3] == "bath"
    assert await after.call("alarms") == "Alarms: at 7:30 am tomorrow."


async def test_what_was_missed_for_less_than_an_hour_rings_at_once_and_says_when_it_should_have(tmp_path):
    time = FakeTime(2026, 11, 23, 6, 0)
    before = Kitchen(time, SqliteStore(tmp_path / "timers.sqlite3"))
    await before.call("set_alarm", when="7 am")
    await before.call("start", duration="65 minutes", name="bread")
    time.pass_by(90 * 60)
    time.restarted()
    after = Kitchen(time, SqliteStore(tmp_path / "timers.sqlite3"))
    await after.ring_until(2026, 11, 23, 7, 40)
    assert after.texts() == [
        "Your alarm: this should have rung at 7 am.",
        "Your bread timer is done; it should have rung at 7:05 am.",
    ]


async def test_what_was_missed_for_longer_is_told_once(tmp_path):
    time = FakeTime(2026, 11, 23, 6, 0)
    before = Kitchen(time, SqliteStore(tmp_path / "timers.sqlite3"))
    await before.call("set_alarm", when="every day at 7 am")
    await before.call("remind", text="pay the rent", when="tomorrow at noon")
    time.pass_by(3 * 86_400 + 3 * 3_600)  # the 26th, at nine
    time.restarted()
    after = Kitchen(time, SqliteStore(tmp_path / "timers.sqlite3"))
    await after.ring_until(2026, 11, 26, 12, 0, stops=False)
    assert after.texts() == [
        "While I was off, the alarm at 7 am did not ring.",
        "While I was off, you missed a reminder at noon on 24 November: pay the rent.",
    ]
    assert await after.call("alarms") == "Alarms: every day at 7 am."


async def test_a_day_with_the_clock_change_of_autumn():
    time = FakeTime(2026, 10, 24, 20, 0)
    here = kitchen(time)
    await here.call("start", duration="8 hours", name="dough")  # over the change: until three
    await here.call("set_alarm", when="1:30 am")
    await here.call("set_alarm", when="every day at 7 am")
    await here.call("remind", text="take the pills", when="every day at 9 pm")
    await here.ring_until(2026, 10, 25, 22, 0)
    assert [at.strftime("%d %H:%M %Z") for at, _text in here.said] == [
        "24 21:00 BST",
        "25 01:30 BST",  # the first of two, and once
        "25 03:00 GMT",
        "25 07:00 GMT",
        "25 21:00 GMT",
    ]


async def test_a_day_with_the_clock_change_of_spring():
    time = FakeTime(2027, 3, 27, 20, 0)
    here = kitchen(time)
    await here.call("set_alarm", when="1:30 am")  # which there is not
    await here.call("set_alarm", when="every day at 7 am")
    await here.ring_until(2027, 3, 28, 22, 0)
    assert [at.strftime("%d %H:%M %Z") for at, _text in here.said] == ["28 02:30 BST", "28 07:00 BST"]


async def test_somebody_sets_the_clock_in_the_middle_of_a_timer():
    time = FakeTime(2026, 11, 23, 18, 0)
    here = kitchen(time)
    await here.call("start", duration="30 minutes")
    await here.call("set_alarm", when="8 pm")
    began = time.elapsed()
    await here.ring_until(2026, 11, 23, 18, 10)
    time.set_by(3_600)  # it was an hour slow
    rung: list[float] = []

    class DayOverError(Exception):
        pass

    def look() -> None:
        if time.elapsed() > began + 2 * 3_600:
            raise DayOverError

    time.meanwhile = look
    try:
        async for _each in here.registry.skills["timers"].background(here.context()):
            rung.append(time.elapsed() - began)
            await here.call("hush")
    except DayOverError:
        pass
    assert [round(each) for each in rung] == [1_800, 3_600]  # half an hour of true time; at eight by the wall


async def test_an_alarm_keeps_its_time_of_day_when_the_home_moves_to_another_zone():
    time = FakeTime(2026, 11, 23, 18, 0)
    here = kitchen(time)
    await here.call("set_alarm", when="7 am")
    await here.call("start", duration="3 hours")
    time.zone = ZoneInfo("America/New_York")
    await here.ring_until(2026, 11, 24, 8, 0)
    assert [at.strftime("%d %H:%M") for at, _text in here.said] == ["23 16:00", "24 07:00"]
