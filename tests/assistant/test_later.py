"""Orders for later, by a clock that can be set, through real skills and the real policy."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.failures import Failure
from assistant.later import Kept, Later
from assistant.understanding.plan import Call
from assistant.understanding.when import Cause, When, find, without
from devices.commands import Command, DeviceCommand, Outcome, Result
from devices.home import Ability, Home, Kind
from devices.policy import Authority, Policy
from skills.api import Context
from skills.climate import Climate
from skills.covers import Covers
from skills.fans import Fans
from skills.lights import Lights
from skills.locks import Locks
from skills.plans import Plans
from skills.registry import Registry
from skills.storage import MemoryStore, SqliteStore
from skills.testing import context, home, thing
from skills.timers import Timers
from skills.weather import Weather
from tests.skills.clockwork import LONDON, FakeTime

KITCHEN = Authority(room="kitchen")


@lru_cache(maxsize=1)
def registry() -> Registry:
    return Registry.of(Lights, Locks, Covers, Fans, Climate, Plans, Timers, Weather)


class ObedientOutbox:
    """Does at once what the policy lets it, and says so; `broken` says no."""

    def __init__(self, here: Home) -> None:
        self._home = here
        self._policy = Policy()
        self.done: list[tuple[str, Ability, Any]] = []
        self.broken = False

    def refusal(self, command: Command, by: Authority) -> Result | None:
        assert isinstance(command, DeviceCommand)
        device = self._home.get(command.device_id)
        return None if device is None else self._policy.verdict(command, device, by)

    async def carry_out(
        self, commands: Sequence[Command], *, turn_id: str, now: Callable[[], float], by: Authority
    ) -> tuple[Outcome, ...]:
        outcomes = []
        for each in commands:
            assert isinstance(each, DeviceCommand)
            device = self._home.get(each.device_id)
            refused = self.refusal(each, by) or (Result.NO_ANSWER if self.broken else None)
            if refused is None:
                self._home.report(each.device_id, {each.ability: each.value})
                self.done.append((each.device_id, each.ability, each.value))
            outcomes.append(Outcome(each, refused or Result.DONE, device.name if device else "?"))
        return tuple(outcomes)


class House:
    """A home in which orders are kept; `told` is what the person heard by itself."""

    def __init__(self, time: FakeTime, store: MemoryStore | SqliteStore | None = None) -> None:
        self.time = time
        self.home = home(
            thing("Hall Light", Kind.LIGHT, "hall", on=True),
            thing("Fan", Kind.FAN, "kitchen", on=False),
            thing("Front Door", Kind.LOCK, "hall", locked=False),
            replace(thing("Washing Machine", Kind.SENSOR, reading="running"), device_class="washing_machine"),
            replace(thing("Anna", Kind.SENSOR, reading="home"), device_class="person"),
        )
        self.store = store or MemoryStore()
        self.outbox = ObedientOutbox(self.home)
        self.told: list[str] = []
        self.later = self.after_a_restart()

    def after_a_restart(self) -> Later:
        self.later = Later(
            registry(),
            self.context,
            self.outbox,
            self.home,
            elapsed=self.time.elapsed,
            pause=self.time.pause,  # type: ignore[arg-type]  # a small outbox
        )
        return self.later

    def context(self, language: str, room: str | None, skill: str) -> Context:
        store = self.store if skill == "plans" else MemoryStore()
        return replace(context(self.home, language=language, room=room, store=store), now=self.time.now)

    async def order(self, call: Call, words: str, language: str = "en", by: Authority = KITCHEN) -> Kept:
        """Keep a call for when these words say."""
        found = find(words, language, self.time.now())
        assert found is not None
        return await self.later.keep(replace(call, when=found[0]), language, by.room, by)

    async def until(self, *moment: int) -> None:
        until = datetime(*moment, tzinfo=self.time.zone)  # type: ignore[misc]  # a date and a time
        while self.time.now() < until:
            await self.later.step(self.tell)
            self.time.pass_by(10)

    async def tell(self, text: str, language: str, room: str | None = None) -> None:
        self.told.append(text)

    def ordered(self) -> list[tuple[str, Ability, Any]]:
        return self.outbox.done


@pytest.fixture(scope="module")
def calls() -> dict[str, Call]:
    """The calls as the templates make them."""
    from assistant.understanding.fast_path import FastPath

    house = House(FakeTime(2026, 11, 23, 18, 0))
    fast_path = FastPath(registry(), house.home)
    found = {}
    for text in (
        "turn off the hall light",
        "lock the front door",
        "unlock the front door",
        "turn on the fan",
        "what is the weather",
        "set a timer for ten minutes",
    ):
        plan = fast_path.understand(text, "en", "kitchen", "test")
        assert plan is not None, text
        (found[text],) = plan.calls
    return found


async def test_an_order_for_later_is_done_then_and_not_before(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    kept = await house.order(calls["turn off the hall light"], "in ten minutes")
    assert kept == Kept("I'll do that at 6:10 pm.")
    await house.until(2026, 11, 23, 18, 9)
    assert house.ordered() == []
    await house.until(2026, 11, 23, 18, 12)
    assert house.ordered() == [("hall_light", Ability.ON, False)]
    assert house.told == []


async def test_an_order_is_there_after_a_restart(calls, tmp_path: Path):
    time = FakeTime(2026, 11, 23, 18, 0)
    house = House(time, SqliteStore(tmp_path / "plans.sqlite3"))
    await house.order(calls["turn off the hall light"], "at 7 pm")
    time.pass_by(600)
    time.restarted()
    again = House(time, SqliteStore(tmp_path / "plans.sqlite3"))
    await again.until(2026, 11, 23, 19, 1)
    assert again.ordered() == [("hall_light", Ability.ON, False)]


async def test_what_was_missed_for_long_is_told_and_not_done(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    await house.order(calls["turn off the hall light"], "at 7 pm")
    house.time.pass_by(4 * 3_600)
    house.after_a_restart()
    await house.until(2026, 11, 23, 22, 1)
    assert house.ordered() == []
    assert house.told == ["While I was off, I missed what you ordered at 7 pm today: Hall Light."]


async def test_what_was_missed_for_a_while_is_done_and_told(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    await house.order(calls["turn off the hall light"], "at 7 pm")
    house.time.pass_by(100 * 60)
    house.after_a_restart()
    await house.until(2026, 11, 23, 19, 41)
    assert house.ordered() == [("hall_light", Ability.ON, False)]
    assert house.told == ["This should have happened at 7 pm today: Hall Light."]


async def test_what_takes_a_yes_is_refused_at_once(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    kept = await house.order(calls["unlock the front door"], "in ten minutes")
    assert kept == Kept("I only do that at once, when you confirm it.", Result.NEEDS_CONFIRMATION)
    await house.until(2026, 11, 23, 18, 20)
    assert house.ordered() == []


async def test_a_question_and_a_timer_are_not_kept_for_later(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    for each in ("what is the weather", "set a timer for ten minutes"):
        kept = await house.order(calls[each], "at 7 pm")
        assert kept.failure == Failure.CANNOT
    assert await house.store.keys() == ()


async def test_an_order_comes_when_the_washing_is_finished(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    assert (
        await house.order(calls["turn on the fan"], "when the washing is done")
    ).reply == "I'll do that then."
    await house.until(2026, 11, 23, 18, 30)
    assert house.ordered() == []
    house.home.report("washing_machine", {Ability.READING: "idle"})
    await house.until(2026, 11, 23, 18, 31)
    assert house.ordered() == [("fan", Ability.ON, True)]
    house.home.report("washing_machine", {Ability.READING: "running"})
    await house.until(2026, 11, 23, 18, 32)
    house.home.report("washing_machine", {Ability.READING: "idle"})
    await house.until(2026, 11, 23, 18, 33)
    assert len(house.ordered()) == 1


async def test_the_door_is_locked_when_the_last_has_left(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    await house.order(calls["lock the front door"], "when I leave")
    await house.until(2026, 11, 23, 18, 5)
    assert house.ordered() == []
    house.home.report("anna", {Ability.READING: "not_home"})
    await house.until(2026, 11, 23, 18, 6)
    assert house.ordered() == [("front_door", Ability.LOCKED, True)]


async def test_where_nothing_tells_who_is_home_the_person_says_it(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    house.home.remove("anna")
    kept = await house.order(calls["lock the front door"], "when I leave")
    assert kept.failure is None
    assert "say “I'm leaving”" in kept.reply
    await house.later.heard("timers", "leaving")
    await house.until(2026, 11, 23, 18, 1)
    assert house.ordered() == [("front_door", Ability.LOCKED, True)]


async def test_a_thing_that_nobody_knows_cannot_be_waited_for(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    kept = await house.order(calls["turn on the fan"], "when the dishwasher is done")
    assert kept == Kept("There is nothing here called the dishwasher that could tell me.", Failure.CANNOT)


async def test_for_ten_minutes_is_now_and_back_again():
    house = House(FakeTime(2026, 11, 23, 18, 0))
    on = DeviceCommand("fan", Ability.ON, True)
    back = house.later.opposites([on])
    assert back == (DeviceCommand("fan", Ability.ON, False),)
    kept = await house.later.keep_back(When(Cause.FOR, 600.0), back, "en", KITCHEN)
    assert kept.reply == "I'll do that at 6:10 pm."
    await house.until(2026, 11, 23, 18, 11)
    assert house.ordered() == [("fan", Ability.ON, False)]


async def test_what_may_not_be_undone_later_is_told():
    house = House(FakeTime(2026, 11, 23, 18, 0))
    back = house.later.opposites([DeviceCommand("front_door", Ability.LOCKED, True)])
    kept = await house.later.keep_back(When(Cause.FOR, 600.0), back, "en", KITCHEN)
    assert kept.failure == Result.NEEDS_CONFIRMATION


async def test_an_order_that_fails_later_is_told(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    await house.order(calls["turn off the hall light"], "in ten minutes")
    house.outbox.broken = True
    await house.until(2026, 11, 23, 18, 20)
    assert house.told == ["I sent it, but Hall Light didn't answer."]


async def test_an_order_is_repeated_over_the_clock_change_at_the_same_time_of_day(calls):
    house = House(FakeTime(2026, 10, 24, 18, 0))
    await house.order(calls["turn off the hall light"], "every day at 11 pm")
    at: list[str] = []
    until = datetime(2026, 10, 27, 0, 0, tzinfo=LONDON)
    while house.time.now() < until:
        before = len(house.ordered())
        await house.later.step(house.tell)
        if len(house.ordered()) > before:
            at.append(house.time.now().strftime("%d %H:%M %Z"))
            house.home.report("hall_light", {Ability.ON: True})
        house.time.pass_by(60)
    assert at == ["24 23:00 BST", "25 23:00 GMT", "26 23:00 GMT"]


async def test_at_sunset_is_the_sun_of_the_time_zones_own_city(calls):
    house = House(FakeTime(2026, 6, 21, 12, 0, zone=ZoneInfo("Europe/Helsinki")))
    kept = await house.order(calls["turn off the hall light"], "at sunset")
    assert kept.reply in ("I'll do that at 10:49 pm.", "I'll do that at 10:50 pm.")  # by the almanac 22:50


async def test_what_is_planned_is_told_and_cancelled(calls):
    house = House(FakeTime(2026, 11, 23, 18, 0))
    await house.order(calls["turn off the hall light"], "at 7 pm")
    await house.order(calls["turn on the fan"], "when the washing is done")
    assert await _plans(house, "planned") == (
        "Planned: Hall Light at 7 pm and Fan when what it waits for happens."
    )
    assert await _plans(house, "cancel") == "Cancelled: Fan when what it waits for happens."
    assert await _plans(house, "cancel", thing="Hall Light") == "Cancelled: Hall Light at 7 pm."
    assert await _plans(house, "planned", language="zh") == "没有计划。"
    await house.until(2026, 11, 23, 19, 5)
    assert house.ordered() == []


async def _plans(house: House, tool: str, language: str = "en", **arguments: object) -> str:
    answer = await registry().call("plans", tool, arguments, house.context(language, "kitchen", "plans"))
    assert answer.say is not None
    return registry().reply("plans", answer.say, language)


def test_the_words_for_when_are_taken_out_of_a_sentence():
    now = datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)
    for text, language, rest, seconds in (
        ("In ten minutes, turn off the lights.", "en", "turn off the lights.", 600),
        ("turn off the lights in ten minutes", "en", "turn off the lights", 600),
        ("十分钟后关掉大灯", "zh", "关掉大灯", 600),
        ("风扇一个半小时以后停", "zh", "风扇停", 5_400),
    ):
        found = find(text, language, now)
        assert found is not None
        assert found[0].moment(now) == now + timedelta(seconds=seconds)
        assert without(text, found[1], found[2]) == rest
