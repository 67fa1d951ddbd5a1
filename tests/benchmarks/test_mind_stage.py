"""Cases of our own, played through the assistant's real parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from benchmarks.mind.cases import Case, Effect, Expectation, House, Turn, houses
from benchmarks.mind.judge import Verdict, judge
from benchmarks.mind.record import RecordingRegistry
from benchmarks.mind.score import play
from benchmarks.mind.stage import NOW, Stage, open_stage
from devices.home import Ability
from skills.climate import Climate
from skills.covers import Covers
from skills.home import HomeSkill
from skills.lights import Lights
from skills.locks import Locks
from skills.music import Music
from skills.plans import Plans
from skills.timers import Timers

HOUSE = houses()["en_terrace"]
SKILLS = (Climate, Covers, HomeSkill, Lights, Locks, Music, Plans, Timers)
ON = Expectation(do=(Effect(thing="tv_light", ability=Ability.ON, value=True),))
UNLOCKED = Expectation(do=(Effect(thing="front_door", ability=Ability.LOCKED, value=False),))
NOTHING = Expectation(nothing=True)


def case(*turns: tuple[str, Expectation], room: str = "living room") -> Case:
    made = tuple(Turn(say, (right,)) for say, right in turns)
    return Case("t-1", "en", HOUSE.name, room, "plain", "lights", made)


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    from assistant.scheduler import Scheduler

    registry = RecordingRegistry.of(*SKILLS)
    assert isinstance(registry, RecordingRegistry)
    with Scheduler() as scheduler:
        async with open_stage(HOUSE, registry, scheduler) as made:
            yield made


async def verdicts(wanted: Case) -> list[Verdict]:
    async with stage() as made:
        happened = await made.play(wanted)
        pairs = zip(wanted.turns, happened, strict=True)
        return [judge(wanted, turn, came, came.before, HOUSE, NOW) for turn, came in pairs]


async def exact(*turns: tuple[str, Expectation]) -> list[bool]:
    return [each.exact for each in await verdicts(case(*turns))]


async def test_an_order_that_is_obeyed_is_exact() -> None:
    assert await exact(("Turn on the TV light.", ON)) == [True]


async def test_an_order_that_does_something_else_is_a_false_action() -> None:
    (verdict,) = await verdicts(case(("Turn off the big light.", ON)))
    assert (verdict.exact, verdict.false_action) == (False, True)


async def test_an_order_where_none_was_meant_is_a_false_action() -> None:
    (verdict,) = await verdicts(case(("Turn on the TV light.", NOTHING)))
    assert (verdict.exact, verdict.false_action) == (False, True)


async def test_asking_back_where_nothing_was_meant_is_a_false_action() -> None:
    (verdict,) = await verdicts(case(("Unlock the front door.", NOTHING)))
    assert verdict.false_action


async def test_words_that_are_no_order_are_left_alone() -> None:
    (verdict,) = await verdicts(case(("The light of my life has left me.", NOTHING)))
    assert verdict == Verdict(exact=True, false_action=False)


async def test_a_lock_is_asked_for_and_opened_with_a_yes() -> None:
    turns = (("Unlock the front door.", Expectation(ask="confirm")), ("Yes.", UNLOCKED))
    assert await exact(*turns) == [True, True]


async def test_a_house_with_a_pin_takes_the_pin() -> None:
    turns = (("Unlock the front door.", Expectation(ask="pin")), ("two five eight zero", UNLOCKED))
    assert await exact(*turns) == [True, True]


async def test_an_undo_brings_back_what_was_before() -> None:
    back = Expectation(do=(Effect(thing="tv_light", ability=Ability.ON, value=False),))
    assert await exact(("Turn on the TV light.", ON), ("Undo that.", back)) == [True, True]


async def test_an_undo_is_also_right_where_an_undo_was_meant() -> None:
    undo = Expectation(do=(Effect(service="assistant.undo"),))
    assert await exact(("Turn on the TV light.", ON), ("Undo that.", undo)) == [True, True]


async def test_a_question_must_be_answered_about_the_thing() -> None:
    asked = "Is the big light on?"
    assert await exact((asked, Expectation(answer={"about": "big_light", "ability": "on"}))) == [True]
    assert await exact((asked, Expectation(answer={"about": "telly"}))) == [False]


async def test_what_is_not_understood_refuses_a_word_and_no_device() -> None:
    said = "Marmalade seldom frobnicates upstairs."
    assert await exact((said, Expectation(refuse="unknown_word"))) == [True]
    assert await exact((said, Expectation(refuse="unknown_device"))) == [False]


async def test_music_is_a_service() -> None:
    play_it = Expectation(do=(Effect(service="music.play", fields={"artist": "Fleetwood Mac"}),))
    other = Expectation(do=(Effect(service="music.play", fields={"artist": "Blur"}),))
    assert await exact(("Play Fleetwood Mac.", play_it)) == [True]
    assert await exact(("Play Fleetwood Mac.", other)) == [False]


async def test_an_order_for_later_is_read_where_it_is_kept() -> None:
    off = Effect(thing="big_light", ability=Ability.ON, value=False, moment={"in_s": 600})
    on = Effect(thing="big_light", ability=Ability.ON, value=False)
    said = "Turn off the big light in ten minutes."
    assert await exact((said, Expectation(do=(off,)))) == [True]
    assert await exact((said, Expectation(do=(on,)))) == [False]


async def test_a_timer_is_a_service_of_its_length() -> None:
    right, wrong = (
        Expectation(do=(Effect(service="timer.start", fields={"duration_s": length}),))
        for length in (720, 600)
    )
    assert await exact(("Set a timer for twelve minutes.", right)) == [True]
    assert await exact(("Set a timer for twelve minutes.", wrong)) == [False]


async def test_what_this_world_has_not_counts_only_where_it_was_meant() -> None:
    snooze = Expectation(do=(Effect(service="alarm.snooze"),))
    assert await exact(("Snooze the alarm.", snooze)) == [True]
    assert await exact(("Snooze the alarm.", NOTHING)) == [True]


async def test_each_case_begins_in_the_same_home() -> None:
    async with stage() as made:
        wanted = case(("Turn on the TV light.", ON))
        first, second = (await made.play(wanted))[0], (await made.play(wanted))[0]
        assert first.before == second.before
        assert first.orders == second.orders


async def test_cases_are_played_home_by_home_and_told_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(_settings: object) -> RecordingRegistry:
        made = RecordingRegistry.of(*SKILLS)
        assert isinstance(made, RecordingRegistry)
        return made

    monkeypatch.setattr(RecordingRegistry, "load", installed)
    known: dict[str, House] = {"en_flat": houses()["en_flat"], "en_terrace": HOUSE}
    flat = Case("t-2", "en", "en_flat", "", "plain", "lights", (Turn("Hello there.", (NOTHING,)),))
    played = await play([case(("Turn on the TV light.", ON)), flat], known, lambda _line: None)
    assert [each.case.id for each in played] == ["t-1", "t-2"]
    assert [each.exact for each in played] == [True, True]
