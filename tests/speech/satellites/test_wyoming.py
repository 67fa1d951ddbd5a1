"""A satellite as a source of sound: called, heard, lost, and called again."""

import asyncio
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.audio import AudioStop
from wyoming.event import Event
from wyoming.info import Info
from wyoming.ping import Ping

from speech.audio import RATE_HZ, AudioChunk
from speech.satellites.address import Address
from speech.satellites.wyoming import WyomingSatellite
from speech.sound.ports import SoundError
from tests.brokers import free_port
from tests.fakes import sound
from tests.satellites import PATIENT_S, TestSatellite, satellite, until


def calling(there: TestSatellite) -> WyomingSatellite:
    return WyomingSatellite("kitchen", there.address)


async def hear(ours: WyomingSatellite, samples: int) -> list[AudioChunk]:
    """The next chunks, until there are so many samples."""
    heard: list[AudioChunk] = []
    async with asyncio.timeout(PATIENT_S):
        async for chunk in ours.chunks():
            heard.append(chunk)
            if sum(len(each.samples) for each in heard) >= samples:
                break
    return heard


async def test_a_satellite_is_asked_what_it_is_and_told_to_run() -> None:
    async with satellite() as there:
        async with calling(there).connected():
            await until(lambda: there.types() == ["run-satellite"])
        await until(lambda: not there.is_called)
        assert there.types() == ["run-satellite", "pause-satellite"]


async def test_what_it_hears_comes_as_it_was_in_pieces_without_a_gap() -> None:
    said = sound(("voice", 0.5))
    async with satellite() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.speak(said, realtime=False)
            heard = await hear(ours, len(said))
    assert np.array_equal(np.concatenate([each.samples for each in heard]), said)
    assert all(one.end_sample == two.start_sample for one, two in pairwise(heard))
    assert all(len(each.samples) <= RATE_HZ * 80 // 1000 for each in heard)


async def test_a_stream_that_stops_goes_on_as_silence_for_a_while() -> None:
    async with satellite() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.speak(sound(("voice", 0.1)), realtime=False)
            await there.send(AudioStop().event())
            heard = await hear(ours, RATE_HZ // 2)
    assert not np.concatenate([each.samples for each in heard])[-RATE_HZ // 4 :].any()


async def test_a_wake_word_that_it_heard_is_told_before_the_sound_behind_it() -> None:
    async with satellite() as there:
        ours = calling(there)
        order: list[str] = []
        ours.on_woken = order.append
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake("hey_jarvis")
            await there.speak(sound(("voice", 0.1)), realtime=False)
            await hear(ours, 100)
            order.append("sound")
    assert order == ["hey_jarvis", "sound"]


async def test_a_satellite_that_goes_raises_and_can_be_called_again() -> None:
    async with satellite() as there:
        ours = calling(there)
        for _ in range(2):
            async with ours.connected():
                await until(lambda: there.is_called)
                await there.speak(sound(("voice", 0.1)), realtime=False)
                last = (await hear(ours, 100))[-1].end_sample
                await there.stop()
                with pytest.raises(SoundError, match="kitchen is gone"):
                    await hear(ours, 10**9)
            assert not ours.is_connected
            await there.start()
        assert last > 2 * RATE_HZ  # it counts on, with a gap between


async def test_nobody_there_is_one_line_that_says_what_to_do() -> None:
    with pytest.raises(SoundError, match=r"cannot be reached .*: is it switched on"):
        async with WyomingSatellite("kitchen", Address("127.0.0.1", free_port())).connected():
            pass


async def test_another_service_is_no_satellite() -> None:
    async with satellite() as there:
        there.info = Info()
        with pytest.raises(SoundError, match="no satellite"):
            async with calling(there).connected():
                pass


async def test_a_satellite_that_somebody_else_has_says_so() -> None:
    async with satellite() as there, calling(there).connected():
        await until(lambda: there.is_called)
        second = calling(there)
        with pytest.raises(SoundError, match="hung up"):
            async with second.connected():
                await hear(second, 1)


async def test_a_ping_is_answered() -> None:
    async with satellite() as there, calling(there).connected():
        await until(lambda: there.is_called)
        await there.send(Ping("there?").event())
        await until(lambda: "pong" in there.types())
        assert there.events[-1].data == {"text": "there?"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(min_size=1, max_size=200).filter(lambda raw: b"\n" in raw or len(raw) > 1))
def test_a_hostile_satellite_ends_its_own_connection_and_nothing_else(raw: bytes) -> None:
    async def attacked() -> None:
        async with satellite() as hostile, satellite() as good:
            theirs, ours = calling(hostile), calling(good)
            async with ours.connected(), theirs.connected():
                await until(lambda: hostile.is_called and good.is_called)
                await hostile.send_raw(raw + b"\n")
                await hostile.stop()
                with pytest.raises(SoundError):
                    await hear(theirs, 10**9)
                await good.speak(sound(("voice", 0.1)), realtime=False)
                assert await hear(ours, 1_000)

    asyncio.run(attacked())


async def test_a_satellite_that_announces_a_terabyte_is_hung_up_on_at_once() -> None:
    async with satellite() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.send_raw(
                json.dumps({"type": "audio-chunk", "payload_length": 10**12}).encode() + b"\n"
            )
            with pytest.raises(SoundError, match="no Wyoming: its payload_length"):
                await hear(ours, 10**9)


@pytest.mark.parametrize("data", [{"rate": "x"}, {"rate": 16_000, "width": 3, "channels": 1}, {}])
async def test_sound_that_is_none_ends_the_connection(data: dict[str, object]) -> None:
    async with satellite() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.send(Event("audio-chunk", data, b"1234"))
            with pytest.raises(SoundError, match="no Wyoming"):
                await hear(ours, 10**9)


@pytest.mark.parametrize(
    "uri", ["", "kitchen", "http://a:1", "tcp://a", "tcp://:1", "tcp://a:99999", "tcp://a:1/x"]
)
def test_an_address_that_is_none_is_refused(uri: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - some are urllib's own
        Address.parse(uri)


def test_an_address_is_read_and_written_the_same() -> None:
    for uri in ("tcp://192.168.1.20:10700", "tcp://[fe80::1]:10700", "tcp://kitchen.local:1"):
        assert str(Address.parse(uri)) == uri
