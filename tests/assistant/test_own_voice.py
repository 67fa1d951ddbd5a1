"""The assistant's own voice, as skills see it."""

import pytest

from assistant.dialogue.own_voice import OwnVoice
from assistant.report import TurnReport
from assistant.understanding.plan import Call, Tier
from devices.adapters.adapter import AdapterError
from devices.commands import Result


def turn(heard: str, reply: str, *calls: Call) -> TurnReport:
    return TurnReport("t", heard, "en", Tier.FAST, calls=calls, reply=reply)


async def test_half_the_percents_are_a_quarter_of_the_sound() -> None:
    voice = OwnVoice()
    assert (await voice.act("set_volume", {"percent": 50}))[0] is Result.DONE
    assert voice.gain == pytest.approx(0.25)


async def test_a_voice_is_never_turned_down_to_nothing() -> None:
    voice = OwnVoice(10)
    await voice.act("change_volume", {"delta": -100})
    assert voice.gain > 0


async def test_a_voice_that_is_as_loud_as_it_goes_says_so() -> None:
    assert (await OwnVoice().act("change_volume", {"delta": 10}))[0] is Result.ALREADY


async def test_quiet_silences_every_place() -> None:
    voice, silent = OwnVoice(), []

    async def hall() -> None:
        silent.append("hall")

    async def kitchen() -> None:
        silent.append("kitchen")

    voice.joins(hall)
    voice.joins(kitchen)
    await voice.act("quiet", {})
    assert silent == ["hall", "kitchen"]


async def test_each_room_remembers_what_was_said_there() -> None:
    voice = OwnVoice()
    voice.said("hall", turn("is it warm", "It is 21 degrees."))
    voice.said("kitchen", turn("lights on", "On."))
    assert (await voice.ask("last hall"))["reply"] == "It is 21 degrees."
    assert (await voice.ask("last"))["reply"] == "On."
    assert await voice.ask("last attic") == {}


async def test_a_question_about_the_last_turn_does_not_become_it() -> None:
    voice = OwnVoice()
    voice.said("hall", turn("lights on", "On."))
    voice.said("hall", turn("say that again", "On.", Call("self", "repeat", {})))
    assert (await voice.ask("last hall"))["heard"] == "lights on"


async def test_what_it_does_not_know_is_told() -> None:
    assert (await OwnVoice().act("sing", {}))[0] is Result.CANNOT
    with pytest.raises(AdapterError):
        await OwnVoice().ask("mood")
