"""Loudspeakers: the sound card, a WAV file, and none at all.

All three drop what still comes of a turn after `stop()`: whoever wrote it may not have heard of the stop yet.
"""

import asyncio
import contextlib
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech.audio import RATE_HZ, Samples, SpeechChunk
from speech.sound.formats import RateConverter
from speech.sound.portaudio import describe, in_use, let_go, look_again, portaudio
from speech.sound.ports import SoundError
from speech.sound.ring import Ring

Heard = Callable[[Samples, int, float], None]
"""Is told each block that is really played, mono, with its rate in Hz and the moment at which it is heard."""

LATENCY_S = 0.05
BLOCK_S = 0.02
BUFFERED_S = 0.5
SLICE_S = 0.1
FADE_S = 0.005
LOOK_EVERY_S = 5.0
SILENT_DEVICE_S = 2.0
"""A device that takes no sound for this long has vanished."""


class Turns:
    """Tells the sound of a stopped turn from that of the next one."""

    def __init__(self) -> None:
        self._last: str | None = None
        self._stopped: str | None = None

    def admits(self, turn_id: str) -> bool:
        """Whether sound of this turn may be heard."""
        if turn_id == self._stopped:
            return False
        self._last = turn_id
        return True

    def stop(self) -> None:
        """End the turn that was heard last."""
        self._stopped = self._last


class SoundCardSpeaker:
    """A sound card, through PortAudio. `volume` 1.0 leaves the voice as it is, 0.0 is silence.

    The device stays open and is given silence between replies, so that a reply begins at once. One that has
    vanished raises `SoundError` from `play` or `drain`, and is opened again by the next `play` or `keep`.
    """

    def __init__(
        self, device: str | int | None = None, volume: float = 1.0, *, may_be_missing: bool = False
    ) -> None:
        """Raises `SoundError` when there is none, unless it `may_be_missing` for now."""
        self.volume = volume
        self.heard: Heard | None = None
        """Called from PortAudio's thread with each block, so it must be quick."""
        self._device = device
        self._turns = Turns()
        self._lock = threading.Lock()
        self._moved = asyncio.Event()
        self._waiting: asyncio.AbstractEventLoop | None = None
        self._stops = 0
        self._rate_hz = RATE_HZ
        self._ring = Ring(round(FADE_S * RATE_HZ), RATE_HZ)
        self._converter = RateConverter(RATE_HZ)
        self._stream: Any = None
        with contextlib.suppress(*([SoundError] if may_be_missing else [])):
            self._open()

    @property
    def is_open(self) -> bool:
        """Whether there is a device that takes sound."""
        return self._stream is not None and bool(self._stream.active)

    async def ensure(self) -> None:
        """Open the device if it is not. Raises `SoundError`."""
        if not self.is_open:
            self._let_go()
            await asyncio.to_thread(self._open)

    async def keep(self) -> None:
        """Look after the device for ever. Raises `SoundError` whenever it is not there."""
        while True:
            await self.ensure()
            await asyncio.sleep(LOOK_EVERY_S)

    async def play(self, chunk: SpeechChunk) -> None:
        """Queue a piece; returns when at most `BUFFERED_S` of it remains to be heard."""
        if not self._turns.admits(chunk.turn_id):
            return
        if self._stream is None:
            await asyncio.to_thread(self._open)
        stops = self._stops
        sound = self._converter.convert(chunk.samples, chunk.rate_hz)
        if chunk.last_of_clause:
            sound = np.concatenate([sound, self._converter.flush()])
        await self._queue(sound, stops)

    async def drain(self) -> None:
        """Wait until everything was heard, or `stop` was called."""
        if self._stream is None:
            return
        stops = self._stops
        await self._queue(self._converter.flush(), stops)
        await self._until(lambda: self._ring.finished or self._stops != stops)
        if self._stops == stops and self._stream is not None:
            await asyncio.sleep(self._stream.latency)

    async def stop(self) -> None:
        """Fade out within `FADE_S`, from the next block on."""
        self._turns.stop()
        self._stops += 1
        with self._lock:
            self._ring.cut(round(FADE_S * self._rate_hz))
        self._converter.flush()

    async def pause(self) -> None:
        """Fade out within `FADE_S`, from the next block on, and keep the rest."""
        with self._lock:
            self._ring.hold(round(FADE_S * self._rate_hz))

    async def resume(self) -> None:
        """Go on a little before the pause (`ring.REWIND_S`)."""
        with self._lock:
            self._ring.release()

    async def close(self) -> None:
        """Let the device go."""
        self._stops += 1
        self._let_go()

    async def _queue(self, sound: Samples, stops: int) -> None:
        loud = np.clip(sound * np.float32(self.volume), -32_768, 32_767).astype(np.int16)
        length = round(SLICE_S * self._rate_hz)
        room = round(BUFFERED_S * self._rate_hz) - length
        for start in range(0, len(loud), length):
            await self._until(lambda: self._ring.length <= room or self._stops != stops)
            if self._stops != stops:
                return
            with self._lock:
                self._ring.put(loud[start : start + length])

    async def _until(self, ready: Callable[[], bool]) -> None:
        """Wait for the sound card to take blocks until `ready`."""
        while not ready():
            self._moved.clear()
            self._waiting = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(SILENT_DEVICE_S):
                    await self._moved.wait()
            except TimeoutError:
                self._let_go()
                raise SoundError(
                    f"{describe(self._device, 'loudspeaker')} takes no more sound: is it still connected?"
                ) from None

    def _open(self) -> None:
        sound = portaudio()
        try:
            found = sound.query_devices(self._device, "output")
        except (sound.PortAudioError, ValueError) as error:
            look_again()  # for the next try
            raise SoundError(
                f"there is {describe(self._device, 'loudspeaker', missing=True)}: connect one or set "
                "voice.output_device, and see `sotto doctor`"
            ) from error
        self._rate_hz = int(found["default_samplerate"])
        self._ring = Ring(round(FADE_S * self._rate_hz), self._rate_hz)
        self._converter = RateConverter(self._rate_hz)
        try:
            stream = in_use(
                sound.OutputStream(
                    samplerate=self._rate_hz,
                    blocksize=round(BLOCK_S * self._rate_hz),
                    device=self._device,
                    channels=min(2, int(found["max_output_channels"])),
                    dtype="int16",
                    latency=LATENCY_S,
                    callback=self._give,
                )
            )
            stream.start()
        except sound.PortAudioError as error:
            raise SoundError(
                f"{describe(self._device, 'loudspeaker')} cannot be opened ({error}): is another program "
                "using it?"
            ) from error
        self._stream = stream

    def _let_go(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            let_go(stream)

    def _give(self, out: npt.NDArray[np.int16], frames: int, times: Any, _status: Any) -> None:
        """Called by PortAudio's thread for the next block."""
        with self._lock:
            block = self._ring.take(frames)
        out[:] = block[:, np.newaxis]
        if self.heard is not None:
            ahead_s = times.outputBufferDacTime - times.currentTime
            if not 0 < ahead_s < 1:  # some hosts do not know
                ahead_s = LATENCY_S
            self.heard(block, self._rate_hz, time.monotonic() + ahead_s)
        loop, self._waiting = self._waiting, None
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended; the stream is about to
                loop.call_soon_threadsafe(self._moved.set)


class WavFileSpeaker:
    """Collects everything into one WAV file, at the rate of the first piece. All of it counts as heard."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds = 0.0
        self._turns = Turns()
        self._file: wave.Wave_write | None = None
        self._converter: RateConverter | None = None

    async def play(self, chunk: SpeechChunk) -> None:
        """Write a piece. Raises `SoundError` when the file cannot be written."""
        if not self._turns.admits(chunk.turn_id):
            return
        if self._converter is None:
            self._open(chunk.rate_hz)
        assert self._converter is not None
        self._write(self._converter.convert(chunk.samples, chunk.rate_hz))
        if chunk.last_of_clause:
            self._write(self._converter.flush())

    async def drain(self) -> None:
        """Nothing to wait for."""

    async def stop(self) -> None:
        """Take no more of the turn that is being written."""
        self._turns.stop()

    async def close(self) -> None:
        """Complete the file. Without a single piece none is made."""
        if self._file is None or self._converter is None:
            return
        self._write(self._converter.flush())
        file, self._file = self._file, None
        file.close()
        self._handle.close()

    def _open(self, rate_hz: int) -> None:
        try:
            self._handle = self.path.open("wb")
        except OSError as error:
            raise SoundError(
                f"{self.path} cannot be written ({error.strerror}): name another file"
            ) from error
        self._file = wave.open(self._handle, "wb")  # noqa: SIM115 - open until close()
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(rate_hz)
        self._converter = RateConverter(rate_hz)

    def _write(self, samples: Samples) -> None:
        assert self._file is not None
        try:
            self._file.writeframes(samples.astype("<i2").tobytes())
        except OSError as error:
            raise SoundError(f"{self.path} cannot be written ({error.strerror}): make room for it") from error
        self.seconds += len(samples) / self._file.getframerate()


class SilentSpeaker:
    """Where there is no device: says nothing, waits for nothing, counts the seconds."""

    def __init__(self) -> None:
        self.volume = 1.0
        self.seconds = 0.0
        self._turns = Turns()

    async def play(self, chunk: SpeechChunk) -> None:
        """Count a piece."""
        if self._turns.admits(chunk.turn_id):
            self.seconds += len(chunk.samples) / chunk.rate_hz

    async def drain(self) -> None:
        """Nothing to wait for."""

    async def stop(self) -> None:
        """Count no more of the turn that is being counted."""
        self._turns.stop()

    async def close(self) -> None:
        """Nothing to let go."""
