"""Satellites in a simulated home: real connections, skills and broker; made-up sound and words."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from assistant.app import Assistant, open_assistant
from assistant.config.satellites import Satellite
from assistant.config.schema import Config, Home, Mqtt, Understanding
from assistant.report import TurnReport
from assistant.serve.daemon import Daemon
from assistant.serve.satellites import SatellitePlace, Satellites
from assistant.serve.supervisor import Health
from speech.audio import RATE_HZ, Samples
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Ear, EarSettings
from tests.brokers import free_port
from tests.fakes import LoudnessActivity, ScriptedRecogniser, ToneVoices, WordAt, sound
from tests.satellites import TestSatellite, satellite, until

TEXTS = {1.5: "Turn on the hall light.", 3.0: "Turn off the hall light."}
WORD_S = 0.5


def order(seconds: float = 1.2, *, seed: int = 1) -> Samples:
    """A wake word that ends after half a second, a breath, an order, and quiet. `seed` is who speaks."""
    word = (np.random.default_rng(seed).standard_normal(int(WORD_S * RATE_HZ)) * 4_000).astype(np.int16)
    return np.concatenate([word, sound(("quiet", 0.5), ("voice", seconds), ("quiet", 1.5))])


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


def hear_with_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    def ear(self: Assistant, *, addressed: bool, wake_words: object = None, **_: object) -> Ear:
        return Ear(LoudnessActivity(), wake_words, EarSettings(addressed=addressed), EndOfTurnSettings())  # type: ignore[arg-type]

    monkeypatch.setattr(Assistant, "ear", ear)
    monkeypatch.setattr(Assistant, "wake_words", lambda *_: WordAt(int(WORD_S * RATE_HZ)))


@asynccontextmanager
async def house(
    monkeypatch: pytest.MonkeyPatch, there: Sequence[TestSatellite], *, wake: str = "here"
) -> AsyncIterator[House]:
    hear_with_fakes(monkeypatch)
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
        satellites=tuple(
            Satellite(
                name=each.info.satellite.name, uri=str(each.address), room=each.info.satellite.area, wake=wake
            )  # type: ignore[union-attr,arg-type]
            for each in there
        ),
    )
    async with open_assistant(config) as assistant:
        assistant._parts = replace(assistant._parts, recogniser=ScriptedRecogniser(TEXTS))
        assistant._voices = ToneVoices()  # type: ignore[assignment]
        ours = House(Daemon(assistant, lambda _: None), [])
        ours.daemon.watch.join(
            lambda where, seen: (
                ours.turns.append((where.name, seen)) if isinstance(seen, TurnReport) else None
            )
        )
        Satellites(ours.daemon)
        running = asyncio.create_task(ours.daemon.supervisor.run())
        try:
            await until(lambda: all(each.is_called for each in there))
            yield ours
        finally:
            running.cancel()
            await asyncio.wait([running])


async def test_an_order_by_satellite_is_obeyed_shown_and_answered_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with satellite("one", "Hall") as one, house(monkeypatch, [one]) as ours:
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


async def test_one_that_wakes_by_itself_needs_no_wake_word_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    async with satellite("one") as one, house(monkeypatch, [one], wake="there") as ours:
        for _ in range(2):
            await one.wake()
            await one.speak(sound(("quiet", 0.2), ("voice", 1.2), ("quiet", 1.5)))
        await until(lambda: one.types().count("audio-stop") == 2)
        assert [report.heard for _, report in ours.turns] == ["Turn on the hall light."] * 2
        # It waits for the transcript before it listens for its wake word again; the wake word it knows itself.
        assert one.types().count("transcript") == 2
        assert "detection" not in one.types()


async def test_who_calls_and_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async with satellite("one") as one, house(monkeypatch, [one], wake="there") as ours:
        await one.wake()
        await one.speak(sound(("quiet", 7.0)), realtime=False)
        await until(lambda: "transcript" in one.types())
        (shown,) = [each for each in one.events if each.type == "transcript"]
        assert shown.data == {"text": ""}
        assert ours.turns == []


async def test_two_that_hear_the_same_words_give_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with satellite("one") as one, satellite("two") as two, house(monkeypatch, [one, two]) as ours:
        await asyncio.gather(one.speak(order()), two.speak(order() // 2))
        await until(lambda: ours.turns)
        assert len(ours.turns) == 1
        assert [len(each.spoken()) > 0 for each in (one, two)].count(True) <= 1


async def test_two_orders_at_once_in_two_rooms_are_both_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with satellite("one") as one, satellite("two") as two, house(monkeypatch, [one, two]) as ours:
        await asyncio.gather(one.speak(order(seed=1)), two.speak(order(2.7, seed=2)))
        await until(lambda: len(ours.turns) == 2)
        assert {where: report.heard for where, report in ours.turns} == {"one": TEXTS[1.5], "two": TEXTS[3.0]}


async def test_one_that_is_unplugged_in_mid_sentence_harms_nobody_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with satellite("one") as one, satellite("two") as two, house(monkeypatch, [one, two]) as ours:
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
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with satellite("one", "Hall") as one, satellite("two", "Kitchen") as two:
        async with house(monkeypatch, [one, two]) as ours:
            await ours.daemon.announce("Dinner is ready.", "en", "kitchen")
            assert (len(one.spoken()), len(two.spoken()) > 0) == (0, True)
            await two.stop()
            await until(lambda: not ours.place("two").is_there)
            await ours.daemon.announce("Dinner is ready.", "en", "Kitchen")
            assert len(one.spoken()) > 0


async def test_a_muted_satellite_is_hung_up_on_until_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    async with satellite("one") as one, house(monkeypatch, [one]) as ours:
        ours.place("one").set_muted(True)
        await until(lambda: not one.is_called)
        assert ours.place("one").status().muted
        ours.place("one").set_muted(False)
        await until(lambda: one.is_called)
        assert one.callers == 2


async def test_one_that_is_away_is_a_failed_part_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    async with satellite("one") as one, house(monkeypatch, [one]) as ours:
        await one.stop()
        await until(lambda: ours.health("one") is Health.FAILED)
        (state,) = [each for each in ours.daemon.supervisor.states if each.name == "satellite one"]
        assert "satellite one" in state.why
