"""A satellite's loudspeaker: in step with what is heard, and silent when told."""

import asyncio

import numpy as np
import pytest
from wyoming.event import Event

from speech.audio import SpeechChunk
from speech.clock import Clock
from speech.satellites.speaker import AHEAD_S, WyomingSpeaker
from speech.sound.ports import SoundError


class Wire:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.is_broken = False

    async def send(self, event: Event) -> None:
        if self.is_broken:
            raise SoundError("gone")
        self.events.append(event)

    def types(self) -> list[str]:
        """Without repetitions."""
        kinds = [each.type for each in self.events]
        return [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]

    def seconds(self, rate_hz: int = 22_050) -> float:
        return sum(len(each.payload or b"") for each in self.events) / 2 / rate_hz


def speech(seconds: float, turn: str = "t", rate_hz: int = 22_050, *, last: bool = True) -> SpeechChunk:
    return SpeechChunk(turn, np.full(int(seconds * rate_hz), 1_000, np.int16), rate_hz, last)


async def test_a_reply_is_one_stream_and_all_of_it_is_sent() -> None:
    wire, begun = Wire(), []
    speaker = WyomingSpeaker(wire.send, Clock())
    speaker.on_begin = lambda: begun.append(wire.types())
    await speaker.play(speech(0.1, last=False))
    await speaker.play(speech(0.1))
    await speaker.drain()
    assert wire.types() == ["audio-start", "audio-chunk", "audio-stop"]
    assert wire.seconds() == pytest.approx(0.2, abs=0.001)
    assert begun == [[]]  # once, before anything was sent


async def test_it_sends_little_more_than_was_heard() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    playing = asyncio.create_task(speaker.play(speech(60)))
    while not wire.seconds():
        await asyncio.sleep(0.001)
    began_s, before = asyncio.get_running_loop().time(), wire.seconds()
    await asyncio.sleep(0.3)
    sent = wire.seconds()
    assert sent - before <= asyncio.get_running_loop().time() - began_s + AHEAD_S + 0.1
    await speaker.stop()
    await playing
    assert wire.events[-1].type == "audio-stop"


async def test_a_stopped_turn_is_dropped_and_the_next_is_heard() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    await speaker.play(speech(0.1, "one"))
    await speaker.stop()
    await speaker.play(speech(0.1, "one"))
    assert wire.seconds() == pytest.approx(0.1, abs=0.001)
    await speaker.play(speech(0.1, "two"))
    await speaker.drain()
    assert wire.seconds() == pytest.approx(0.2, abs=0.001)


async def test_voices_of_two_rates_make_one_stream_of_one_rate() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    await speaker.play(speech(0.1))
    await speaker.play(speech(0.1, rate_hz=16_000))
    await speaker.drain()
    assert {each.data["rate"] for each in wire.events if each.type == "audio-chunk"} == {22_050}
    assert wire.seconds() == pytest.approx(0.2, abs=0.01)


async def test_half_the_volume_is_half_the_sample() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock(), volume=0.5)
    await speaker.play(speech(0.05))
    (chunk,) = [each for each in wire.events if each.type == "audio-chunk"]
    assert set(np.frombuffer(chunk.payload or b"", "<i2")) == {500}


async def test_a_satellite_that_tells_when_it_has_played_is_waited_for() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    speaker.played()  # it is one that tells
    await speaker.play(speech(0.05))
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0.2)
    assert not draining.done()
    speaker.played()
    async with asyncio.timeout(30):
        await draining


async def test_a_satellite_that_is_gone_is_a_sound_error_and_leaves_no_stream_open() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    wire.is_broken = True
    with pytest.raises(SoundError):
        await speaker.play(speech(0.05))
    wire.is_broken = False
    await speaker.play(speech(0.05))
    assert wire.types() == ["audio-start", "audio-chunk"]


async def test_one_that_is_gone_can_be_silenced() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    await speaker.play(speech(0.05))
    wire.is_broken = True
    await speaker.stop()


async def test_one_that_is_lost_while_it_speaks_ends_the_wait() -> None:
    wire = Wire()
    speaker = WyomingSpeaker(wire.send, Clock())
    playing = asyncio.create_task(speaker.play(speech(60)))
    while not wire.seconds():
        await asyncio.sleep(0.001)
    speaker.lose()
    async with asyncio.timeout(30):
        await playing
        await speaker.drain()
