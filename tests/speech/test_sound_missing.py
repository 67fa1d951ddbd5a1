"""A loudspeaker that is missing, is plugged in and unplugged, with PortAudio's part played by ourselves."""

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from speech.audio import SpeechChunk
from speech.sound import portaudio, speaker
from speech.sound.ports import SoundError
from speech.sound.speaker import SoundCardSpeaker
from tests.satellites import until


class Stream:
    """Takes blocks as soon as they are there."""

    def __init__(self, callback: Any, **_: Any) -> None:
        self._callback = callback
        self.active = False
        self.latency = 0.0
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.active = True
        self._loop = LOOPS[-1]
        self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        self._running = self._loop.create_task(self._take())

    async def _take(self) -> None:
        while self.active:
            out = np.zeros((480, 1), np.int16)
            self._callback(out, 480, SimpleNamespace(outputBufferDacTime=0.01, currentTime=0.0), None)
            await asyncio.sleep(0.001)

    def close(self, ignore_errors: bool = True) -> None:
        self.active = False


LOOPS: list[asyncio.AbstractEventLoop] = []


class Sound:
    """PortAudio with one device that comes and goes, and is seen only after a new look."""

    class PortAudioError(Exception):
        """As PortAudio's."""

    def __init__(self) -> None:
        self.plugged = self._seen = False
        self.streams: list[Stream] = []

    def _terminate(self) -> None:
        """Nothing to end."""

    def _initialize(self) -> None:
        self._seen = self.plugged

    def query_devices(self, *_: Any) -> dict[str, Any]:
        if not self._seen:
            raise self.PortAudioError("no device")
        return {"default_samplerate": 48_000.0, "max_output_channels": 1}

    def OutputStream(self, **settings: Any) -> Stream:  # noqa: N802 - PortAudio's name
        self.streams.append(Stream(**settings))
        return self.streams[-1]


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Sound:
    one = Sound()
    for module in (portaudio, speaker):
        monkeypatch.setattr(module, "portaudio", lambda: one)
    monkeypatch.setattr(speaker, "LOOK_EVERY_S", 0.01)
    return one


def word() -> SpeechChunk:
    return SpeechChunk("t", np.full(480, 1_000, np.int16), 48_000, last_of_clause=True)


async def test_one_that_was_missing_at_the_start_speaks_once_it_is_plugged_in(sound: Sound) -> None:
    LOOPS.append(asyncio.get_running_loop())
    with pytest.raises(SoundError, match="no loudspeaker"):
        SoundCardSpeaker()
    ours = SoundCardSpeaker(may_be_missing=True)
    for _ in range(2):
        with pytest.raises(SoundError, match="no loudspeaker"):
            await ours.keep()
    sound.plugged = True
    with pytest.raises(SoundError):
        await ours.play(word())  # PortAudio has not looked again yet; it has now
    await ours.play(word())
    await ours.drain()
    assert ours.is_open
    await ours.close()


async def test_one_that_is_unplugged_fails_its_part_and_is_taken_again(sound: Sound) -> None:
    LOOPS.append(asyncio.get_running_loop())
    sound.plugged = True
    sound._initialize()
    ours = SoundCardSpeaker(may_be_missing=True)
    keeping = asyncio.create_task(ours.keep())
    await until(lambda: ours.is_open)
    sound.plugged = sound._seen = False
    sound.streams[-1].close()
    with pytest.raises(SoundError, match="no loudspeaker"):
        await keeping
    assert not ours.is_open
    sound.plugged = True
    with pytest.raises(SoundError):
        await ours.ensure()
    await ours.ensure()
    assert ours.is_open
    await ours.close()
