"""Satellites in a simulated home: real connections, skills and broker; made-up sound and words."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pytest
import pytest_asyncio
from aioesphomeapi import api_pb2 as pb

from assistant.app import Assistant, open_assistant
from assistant.config.satellites import Satellite
from assistant.config.schema import Config, Home, Mqtt, Understanding
from assistant.dialogue.attention import Attention
from assistant.report import TurnReport
from assistant.serve.daemon import Daemon
from assistant.serve.satellites import SatellitePlace, Satellites
from assistant.serve.supervisor import Health
from assistant.serve.watch import Where
from speech.audio import RATE_HZ, Samples
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Ear, EarSettings
from tests.brokers import free_port
from tests.esphome_device import TestDevice, device
from tests.fakes import LoudnessActivity, ScriptedRecogniser, ToneVoices, WordAt, sound
from tests.satellites import TestSatellite, satellite, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXTS = {1.5: "Turn on the hall light.", 3.0: "Turn off the hall light."}
WORD_S = 0.5


def order(seconds: float = 1.2, *, seed: int = 1) -> Samples:
    """A wake word that ends after half a second, a breath, an order, and quiet. `seed` is who speaks."""
    word = (np.random.default_rng(seed).standard_normal(int(WORD_S * RATE_HZ)) * 4_000).astype(np.int16)
    return np.concatenate([word, sound(("quiet", 0.5), ("voice", seconds), ("quiet", 1.5))])


def long(_: ToneVoices, clause: str, language: str) -> Iterator[tuple[Samples, int]]:
    """Hum for twenty seconds."""
    del clause, language
    yield np.full(20 * RATE_HZ, 1_000, np.int16), RATE_HZ


@dataclass
class House:
    """A daemon with satellites, and all turns that ended: where, and what came of them."""

    daemon: Daemon
    turns: list[tuple[str, TurnReport]]

    def place(self, name: str) -> SatellitePlace:
        (found,) = [each for each in self.daemon.places if each.where.name == name]
        assert isinstance(found, SatellitePlace)
        return found

    def health(self, name: str) -> Health:
        (found,) = [each for each in self.daemon.supervisor.states if each.name == f"satellite {name}"]
        return found.health


def ear(_: Assistant, *, addressed: bool, wake_words: Any = None, **__: object) -> Ear:
    return Ear(LoudnessActivity(), wake_words, EarSettings(addressed=addressed), EndOfTurnSettings())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def assistant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assistant]:
    """One for all tests here, with made-up ears and a made-up voice."""
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setattr(Assistant, "ear", ear)
        patch.setattr(Assistant, "wake_words", lambda *_: WordAt(int(WORD_S * RATE_HZ)))
        async with open_assistant(config) as ours:
            ours._parts = replace(ours._parts, recogniser=ScriptedRecogniser(TEXTS))
            ours._voices = ToneVoices()  # type: ignore[assignment]
            yield ours


@asynccontextmanager
async def house(
    assistant: Assistant, *there: TestSatellite | TestDevice, wake: Literal["here", "there"] | None = None
) -> AsyncIterator[House]:
    satellites = [
        Satellite(name=each.name, uri=str(each.address), room=each.area or None, wake=wake) for each in there
    ]
    assistant.config = assistant.config.model_copy(update={"satellites": tuple(satellites)})
    ours = House(Daemon(assistant, lambda _: None), [])

    def watch(where: Where, seen: object) -> None:
        if isinstance(seen, TurnReport):
            ours.turns.append((where.name, seen))

    ours.daemon.watch.join(watch)
    Satellites(ours.daemon)
    running = asyncio.create_task(ours.daemon.supervisor.run())
    try:
        await until(lambda: all(each.is_called for each in there))
        yield ours
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_an_order_by_satellite_is_obeyed_shown_and_answered_there(assistant: Assistant) -> None:
    async with satellite("one", "Hall") as one, house(assistant, one) as ours:
        await one.speak(order())
        await until(lambda: ours.turns)
        ((where, report),) = ours.turns
        assert (where, report.heard) == ("one", "Turn on the hall light.")
        assert [each.result for each in report.outcomes] == ["done"]
        assert report.by is not None
        assert (report.by.room, report.by.satellite) == ("Hall", "one")
    assert one.types()[:7] == [
        "run-satellite",
        "detection",
        "voice-started",
        "voice-stopped",
        "transcript",
        "audio-start",
        "audio-stop",
    ]
    assert len(one.spoken()) >= 800


async def test_one_that_wakes_by_itself_needs_no_wake_word_of_ours(assistant: Assistant) -> None:
    async with satellite("one") as one, house(assistant, one, wake="there") as ours:
        for _ in range(2):
            await one.wake()
            await one.speak(sound(("quiet", 0.2), ("voice", 1.2), ("quiet", 1.5)))
            await until(lambda: one.types()[-1] == "audio-stop")
        await until(lambda: len(ours.turns) == 2)
        assert [report.heard for _, report in ours.turns] == ["Turn on the hall light."] * 2
        # It waits for the transcript before it listens for its wake word again.
        assert one.types().count("transcript") == 2
        assert "detection" not in one.types()


async def test_who_calls_and_says_nothing_is_let_go(assistant: Assistant) -> None:
    async with satellite("one") as one, house(assistant, one, wake="there") as ours:
        await one.wake()
        await one.speak(sound(("quiet", 7.0)), realtime=False)
        await until(lambda: "transcript" in one.types())
        (shown,) = [each for each in one.events if each.type == "transcript"]
        assert shown.data == {"text": ""}
        assert ours.turns == []


async def test_two_that_hear_the_same_words_give_one_answer(assistant: Assistant) -> None:
    async with AsyncExitStack() as stack:
        there = [await stack.enter_async_context(satellite(name)) for name in ("one", "two", "three")]
        ours = await stack.enter_async_context(house(assistant, *there))
        await asyncio.gather(there[0].speak(order()), there[1].speak(order() // 2))
        await until(lambda: ours.turns)
        await there[2].speak(order(2.7, seed=5))  # behind whatever else would have come of the first
        await until(lambda: any(report.heard == TEXTS[3.0] for _, report in ours.turns))
        assert [report.heard for _, report in ours.turns] == [TEXTS[1.5], TEXTS[3.0]]


async def test_two_orders_at_once_in_two_rooms_are_both_obeyed(assistant: Assistant) -> None:
    async with satellite("one") as one, satellite("two") as two, house(assistant, one, two) as ours:
        await asyncio.gather(one.speak(order(seed=1)), two.speak(order(2.7, seed=2)))
        await until(lambda: len(ours.turns) == 2)
        assert {where: report.heard for where, report in ours.turns} == {"one": TEXTS[1.5], "two": TEXTS[3.0]}


async def test_one_that_is_unplugged_in_mid_sentence_harms_nobody_and_comes_back(
    assistant: Assistant,
) -> None:
    async with satellite("one") as one, satellite("two") as two, house(assistant, one, two) as ours:
        sentence = order(seed=1)
        await one.speak(sentence[: int(1.6 * RATE_HZ)])
        await one.stop()
        await until(lambda: not ours.place("one").is_there)
        await two.speak(order(seed=2))
        await until(lambda: ours.turns)
        assert [where for where, _ in ours.turns] == ["two"]
        await one.start()
        await until(lambda: ours.place("one").is_there)
        await one.speak(order(seed=3))
        await until(lambda: len(ours.turns) == 2)
        assert ours.turns[1][0] == "one"


async def test_what_is_announced_for_a_room_is_heard_there_and_elsewhere_where_nobody_is(
    assistant: Assistant,
) -> None:
    halls, kitchens = satellite("one", "Hall"), satellite("two", "Kitchen")
    async with halls as one, kitchens as two, house(assistant, one, two) as ours:
        await ours.daemon.announce("Dinner is ready.", "en", "kitchen")
        assert (len(one.spoken()), len(two.spoken()) > 0) == (0, True)
        await two.stop()
        await until(lambda: not ours.place("two").is_there)
        await ours.daemon.announce("Dinner is ready.", "en", "Kitchen")
        assert len(one.spoken()) > 0


async def test_a_timer_rings_where_it_was_set_and_is_stopped_there(assistant: Assistant) -> None:
    halls, kitchens = satellite("one", "Hall"), satellite("two", "Kitchen")
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(each) for each in (halls, kitchens)]
        ours = await stack.enter_async_context(house(assistant, one, two))
        await stack.enter_async_context(assistant.background(ours.daemon.announce))
        place = ours.place("two")
        await assistant.take_text(place.conversation, "set a timer for one second", "en")
        answered = len(two.spoken())
        await until(lambda: len(two.spoken()) > answered)
        assert len(one.spoken()) == 0
        await assistant.take_text(place.conversation, "stop", "en")
        _, (_, stopped) = ours.turns
        assert [call.tool for call in stopped.calls] == ["hush"]


async def test_a_muted_satellite_is_hung_up_on_until_it_is_opened(assistant: Assistant) -> None:
    async with satellite("one") as one, house(assistant, one) as ours:
        ours.place("one").set_muted(True)
        await until(lambda: not one.is_called)
        assert ours.place("one").status().muted
        ours.place("one").set_muted(False)
        await until(lambda: one.is_called)
        assert one.callers == 2


async def test_one_that_is_away_is_a_failed_part_with_its_reason(assistant: Assistant) -> None:
    async with satellite("one") as one, house(assistant, one) as ours:
        await one.stop()
        await until(lambda: ours.health("one") is Health.FAILED)
        (state,) = [each for each in ours.daemon.supervisor.states if each.name == "satellite one"]
        assert "satellite one" in state.why


async def test_who_calls_again_while_an_answer_is_given_is_not_cut_off_by_its_end(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToneVoices, "speak", long)
    async with satellite("one") as one, house(assistant, one, wake="there") as ours:
        await one.wake()
        await one.speak(sound(("quiet", 0.2), ("voice", 1.2), ("quiet", 1.5)))
        await until(lambda: "audio-start" in one.types())
        await one.wake()
        await one.speak(sound(("quiet", 0.2), ("voice", 2.7), ("quiet", 1.5)))
        await until(lambda: len(ours.turns) == 2)
        shown = [each.data["text"] for each in one.events if each.type == "transcript"]
    assert shown == [TEXTS[1.5], TEXTS[3.0]]


async def test_music_is_turned_back_when_a_satellite_goes_in_mid_sentence(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[Attention] = []
    monkeypatch.setattr(Attention, "forget", forgotten.append)
    async with satellite("one") as one, house(assistant, one) as ours:
        await one.speak(order()[: int(1.2 * RATE_HZ)])
        await until(lambda: ours.place("one").status().state == "listening")
        assert forgotten == []
        await one.stop()
        await until(lambda: forgotten)


# -- ESPHome's -----------------------------------------------------------------------------------------------


async def test_an_esphome_device_gives_an_order_in_its_room_and_plays_the_answer(
    assistant: Assistant,
) -> None:
    async with device("pe", "Hall") as pe, house(assistant, pe) as ours:
        await pe.wake()
        await pe.speak(sound(("quiet", 0.2), ("voice", 1.2), ("quiet", 5.0)))
        await until(lambda: ours.turns and pe.types()[-1] == "RUN_END")
        ((where, report),) = ours.turns
        assert (where, report.heard) == ("pe", "Turn on the hall light.")
        assert [each.result for each in report.outcomes] == ["done"]
        assert report.by is not None
        assert (report.by.room, report.by.satellite) == ("Hall", "pe")
    assert len(pe.played()) >= 800
    assert dict(pe.events)["STT_END"] == {"text": "Turn on the hall light."}


async def test_an_esphome_device_and_a_wyoming_satellite_that_hear_the_same_call_give_one_answer(
    assistant: Assistant,
) -> None:
    async with AsyncExitStack() as stack:
        pe = await stack.enter_async_context(device("pe", "Hall"))
        one = await stack.enter_async_context(satellite("one", "Kitchen"))
        ours = await stack.enter_async_context(house(assistant, pe, one, wake="there"))
        await asyncio.gather(pe.wake(), one.wake())
        order = sound(("quiet", 0.2), ("voice", 1.2), ("quiet", 5.0))
        await asyncio.gather(pe.speak(order), one.speak(order))
        await until(lambda: ours.turns)
        await until(lambda: not pe.streams)
        assert [report.heard for _, report in ours.turns] == ["Turn on the hall light."]


async def test_a_timer_rings_at_the_esphome_device_where_it_was_set_and_is_stopped_there(
    assistant: Assistant,
) -> None:
    async with AsyncExitStack() as stack:
        pe = await stack.enter_async_context(device("pe", "Hall"))
        ours = await stack.enter_async_context(house(assistant, pe))
        await stack.enter_async_context(assistant.background(ours.daemon.announce))
        await assistant.take_text(ours.place("pe").conversation, "set a timer for one second", "en")
        answered = len(pe.plays)
        # Once it rings the device is to listen without its wake word.
        await until(lambda: len(pe.plays) > answered and pe.types().count("RUN_START") > 0)
        await assistant.take_text(ours.place("pe").conversation, "stop", "en")
        await until(lambda: len(pe.of(pb.VoiceAssistantTimerEventResponse)) >= 2)
        kinds = [each.event_type for each in pe.of(pb.VoiceAssistantTimerEventResponse)]  # type: ignore[attr-defined]
        assert (kinds[0], kinds[-1]) == (0, 2)  # started; taken from its list when our voice rings


async def test_a_button_at_an_esphome_device_silences_the_answer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToneVoices, "speak", long)
    async with device("pe", "Hall") as pe, house(assistant, pe) as ours:
        await pe.wake()
        await pe.speak(sound(("quiet", 0.2), ("voice", 1.2), ("quiet", 5.0)))
        await until(lambda: "TTS_END" in pe.types())
        pe.send(pb.VoiceAssistantRequest(start=False))
        await until(lambda: ours.turns)
        ((_, report),) = ours.turns
        assert report.interrupted
