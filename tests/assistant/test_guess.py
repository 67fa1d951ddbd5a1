"""A guess holds for one stretch of sound and for the home as it was, and tells the ear what it found."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assistant.app import open_assistant
from assistant.config.schema import Config, Home, Mqtt, Understanding
from assistant.guess import Guess
from assistant.parts import Parts
from devices.home import Ability, Device, Kind
from speech.audio import RATE_HZ
from speech.end_of_turn import Wholeness
from speech.hearing import Paused, Stretch
from speech.recognition.engine import RecognitionError, Transcript
from tests.brokers import free_port
from tests.fakes import ScriptedRecogniser

SAID = Stretch("test", 1_600, 24_000)
PAUSED = Paused("turn", np.zeros(RATE_HZ, np.int16), 1.5, SAID)


class Told:
    """An ear that only remembers what it was told."""

    def __init__(self) -> None:
        self.words: list[tuple[Stretch, Wholeness]] = []

    def judge(self, said: Stretch, wholeness: Wholeness) -> None:
        self.words.append((said, wholeness))


@asynccontextmanager
async def parts(recogniser: Any) -> AsyncIterator[Parts]:
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
    )
    async with open_assistant(config) as assistant:
        yield assistant.parts_with(recogniser)


def guess(among: Parts, ear: Told) -> Guess:
    return Guess(among, PAUSED, ear, lambda _: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        replace(SAID, stream_id="kitchen"),
        replace(SAID, start_sample=1_601),
        replace(SAID, end_sample=24_512),
    ],
)
async def test_a_guess_is_of_one_stretch_of_one_stream(other: Stretch) -> None:
    async with parts(ScriptedRecogniser({1.0: "Turn on the hall light."})) as among:
        made = guess(among, Told())
        await made.settled()
        assert made.holds(SAID)
        assert not made.holds(other)


async def test_a_guess_is_void_when_names_came_or_went_since() -> None:
    async with parts(ScriptedRecogniser({1.0: "Turn on the hall light."})) as among:
        made = guess(among, Told())
        await made.settled()
        light = next(device for device in among.home if device.kind is Kind.LIGHT)
        among.home.report(light.id, {Ability.ON: True})
        assert made.holds(SAID)  # what a lamp says of itself changes no name
        among.home.put(Device("new", "Hall Lightning", Kind.LIGHT, frozenset({Ability.ON})))
        assert not made.holds(SAID)


async def test_the_ear_is_told_how_whole_the_words_are() -> None:
    async with parts(ScriptedRecogniser({1.0: "Turn on the"})) as among:
        ear = Told()
        await guess(among, ear).settled()
        assert ear.words == [(SAID, Wholeness.OPEN)]


async def test_words_that_were_heard_badly_are_not_trusted_to_be_all() -> None:
    class Doubtful(ScriptedRecogniser):
        def transcribe(self, *given: Any, **more: Any) -> Transcript:
            return replace(super().transcribe(*given, **more), log_probability=-0.7)

    async with parts(Doubtful({1.0: "Turn on the hall light."})) as among:
        ear = Told()
        await guess(among, ear).settled()
        assert ear.words == [(SAID, Wholeness.MAY_GO_ON)]


class Failing(ScriptedRecogniser):
    """Out of order."""

    def transcribe(self, *given: Any, **more: Any) -> Transcript:
        raise RecognitionError("out of order")


@pytest.mark.parametrize("recogniser", [Failing({}), None])
async def test_an_ear_does_not_wait_for_words_that_will_never_come(recogniser: Failing | None) -> None:
    async with parts(recogniser) as among:
        ear = Told()
        made = guess(among, ear)
        assert await made.transcript() is None
        assert ear.words == [(SAID, Wholeness.UNKNOWN)]


async def test_a_verdict_on_the_sound_is_not_waited_for_once_the_turn_is_over() -> None:
    told = threading.Event()

    def judge(_: object) -> float:
        told.wait(10.0)
        return 0.5

    async with parts(ScriptedRecogniser({1.0: "Turn on the hall light."})) as among:
        made = guess(replace(among, turn_judge=judge), Told())
        made.ask(PAUSED.samples)
        try:
            async with asyncio.timeout(5.0):
                transcript = await made.transcript()
        finally:
            told.set()
        assert transcript is not None
        assert transcript.text == "Turn on the hall light."
