"""What is said to somebody who drives."""

from dataclasses import replace

import pytest

from assistant.dialogue.driving import first_sentence, on_the_road, one_sentence
from assistant.failures import tell_outcomes
from assistant.report import TurnReport
from assistant.understanding.plan import Tier
from devices.commands import DeviceCommand, Outcome, Result
from devices.home import Ability, Device, Home, Kind
from devices.vehicles import WHILE_PARKED

BLANK = TurnReport("t", "", "en", Tier.FAST)
LOCK = Outcome(DeviceCommand("x", Ability.LOCKED, False), Result.NEEDS_CONFIRMATION, "Doors")


def car(speed: float) -> Home:
    home = Home()
    home.put(
        Device(
            "vss.speed",
            "Speed",
            Kind.SENSOR,
            frozenset({Ability.READING}),
            device_class="speed",
            state={Ability.READING: speed},
        )
    )
    return home


@pytest.mark.parametrize(
    ("speed", "room", "driving"),
    [
        (0, "driver", False),
        (30, "driver", True),
        (30, "后排", True),
        (30, None, True),
        (30, "Kitchen", False),
    ],
)
def test_only_who_sits_in_the_moving_car_is_on_the_road(
    speed: float, room: str | None, driving: bool
) -> None:
    assert on_the_road(car(speed), room) is driving


def test_a_home_without_a_car_is_never_on_the_road() -> None:
    assert not on_the_road(Home(), None)


@pytest.mark.parametrize(
    ("reply", "language", "said"),
    [
        ("It is 2.4 bar. Check them monthly. See page 40.", "en", "It is 2.4 bar."),
        ("At 7 a.m. it rains. Later not.", "en", "At 7 a.m. it rains."),
        ("明天有雨。带伞吧。", "zh", "明天有雨。"),
        ("Just this", "en", "Just this"),
        ("", "en", ""),
    ],
)
def test_an_answer_is_its_first_sentence(reply: str, language: str, said: str) -> None:
    assert one_sentence(replace(BLANK, reply=reply, language=language)).reply == said


def test_what_came_of_orders_and_a_question_is_kept_whole() -> None:
    reply = "Done for Driver Window. Shall I unlock Doors?"
    told = one_sentence(replace(BLANK, reply=reply, outcomes=(LOCK,)))
    assert told.reply == "Done for Driver Window; Shall I unlock Doors?"


async def test_the_models_talk_ends_with_its_first_sentence() -> None:
    async def pieces():  # type: ignore[no-untyped-def]
        for piece in ("The first ", "one. The", " second one. The third."):
            yield piece

    assert "".join([each async for each in first_sentence(pieces())]) == "The first one."


def test_what_waits_for_a_standing_car_says_so() -> None:
    boot = Outcome(DeviceCommand("x", Ability.OPEN, True), Result.CANNOT, "Boot", detail=WHILE_PARKED)
    assert tell_outcomes((boot,), "", "en") == "Not while driving: Boot."
    assert tell_outcomes((boot,), "", "zh") == "行驶中不能操作Boot。"
