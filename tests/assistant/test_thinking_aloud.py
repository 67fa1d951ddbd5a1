"""A second of thinking in the middle of an order, in real sound: from the ear to the device."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from assistant.app import Assistant, open_assistant
from assistant.config.schema import Config, Home, Mqtt, Understanding
from assistant.dialogue.mouth import Mouth
from assistant.scheduler import Lane
from assistant.turn import Conversation
from speech.audio import RATE_HZ, Samples
from speech.recognition.whisper import WhisperRecogniser
from tests.assistant.test_turn import PatientSpeaker, Stream
from tests.brokers import free_port
from tests.fakes import Watcher
from tests.speaking import spoken

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def recogniser(weights: Callable[[str], Path]) -> Iterator[WhisperRecogniser]:
    made = WhisperRecogniser(weights("whisper-base"))
    yield made
    made.close()


def room_tone(seconds: float) -> Samples:
    return np.random.default_rng(3).normal(0.0, 8.0, int(seconds * RATE_HZ)).astype(np.int16)


def with_room_tone(sound: Samples) -> Samples:
    louder: Samples = sound + room_tone(len(sound) / RATE_HZ)[: len(sound)]
    return louder


@asynccontextmanager
async def conversation(
    recogniser: WhisperRecogniser,
) -> AsyncIterator[tuple[Conversation, Watcher, Assistant]]:
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
    )
    async with AsyncExitStack() as stack:
        assistant = await stack.enter_async_context(open_assistant(config))
        lane = Lane("voice")
        stack.callback(lane.close)
        watcher = Watcher()
        parts = assistant.parts_with(recogniser)
        yield Conversation(parts, Mouth(None, PatientSpeaker(), lane), watcher), watcher, assistant


@pytest.mark.parametrize(
    ("begun", "finished"),
    [("Turn on the,", "kitchen lights."), ("Turn on the lights in the,", "kitchen.")],
)
async def test_a_second_of_thinking_inside_an_order_does_not_cut_it_in_two(
    begun: str, finished: str, recogniser: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    # `spoken` has a quarter of a second of quiet around it: a second lies between the two.
    pieces = [spoken(begun, weights), np.zeros(RATE_HZ // 2, np.int16), spoken(finished, weights)]
    samples = np.concatenate([with_room_tone(np.concatenate(pieces)), room_tone(2.0)])
    async with conversation(recogniser) as (place, watcher, assistant):
        await place.listen(Stream(samples), assistant.ear(addressed=True))
    (report,) = watcher.reports
    assert "kitchen" in report.heard.lower()
    assert report.outcomes
    assert all(outcome.result == "done" for outcome in report.outcomes)


async def test_a_whole_order_does_not_wait_for_a_second_of_thinking(
    recogniser: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = np.concatenate([with_room_tone(spoken("Turn on the kitchen lights.", weights)), room_tone(2.0)])
    async with conversation(recogniser) as (place, watcher, assistant):
        await place.listen(Stream(samples), assistant.ear(addressed=True))
    (report,) = watcher.reports
    assert report.timing_ms["endpoint"] - report.timing_ms["speech_end"] < 400  # type: ignore[operator]
