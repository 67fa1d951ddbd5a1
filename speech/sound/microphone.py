"""The microphone, through PortAudio."""

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.clock import Clock
from speech.sound.formats import RateConverter
from speech.sound.portaudio import describe, in_use, let_go, look_again, portaudio
from speech.sound.ports import SoundError

LATENCY_S = 0.05
QUEUED_S = 10.0
"""Sound kept for a listener that is busy; what is older is lost."""
FIRST_CHUNK_S = 5.0
"""How long a device may take to begin; Bluetooth headsets need seconds."""
SILENT_DEVICE_S = 2.0
"""A device that hands nothing over for this long has vanished: a live one also hands over silence."""
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
REPORT_EVERY_S = 60.0

_log = logging.getLogger(__name__)


class MicrophoneSource:
    """A microphone that is there until it is closed, for one listener. `device` is PortAudio's name or
    number; None its default.

    When the device vanishes it is opened again and again, ever more slowly; sample numbers then go on where
    they stopped. The constructor raises `SoundError` when there is no PortAudio or no microphone.
    """

    stream_id = "microphone"

    def __init__(
        self, device: str | int | None = None, chunk_ms: int = 20, *, clock: Clock | None = None
    ) -> None:
        self.clock = clock or Clock()
        self._device = device
        self._chunk_ms = chunk_ms
        self._queue = _Queue(round(QUEUED_S * 1000 / chunk_ms))
        self._capture = _Capture(device, chunk_ms, self._queue, self.clock)
        self._closed = False

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield chunks as they come, until the source is closed."""
        start_sample = 0
        patience_s = FIRST_CHUNK_S
        self._queue.attach(asyncio.get_running_loop())
        try:
            while not self._closed:
                try:
                    async with asyncio.timeout(patience_s):
                        samples, arrived_s = await self._queue.get()
                except TimeoutError:
                    await self._reopen()
                    patience_s = FIRST_CHUNK_S
                    continue
                patience_s = SILENT_DEVICE_S
                if len(samples):
                    yield AudioChunk(self.stream_id, start_sample, samples, arrived_s)
                    start_sample += len(samples)
        finally:
            self._capture.close()

    async def close(self) -> None:
        """End the stream and let the device go."""
        self._closed = True
        self._capture.close()
        self._queue.put(np.zeros(0, dtype=np.int16), self.clock.now())

    async def _reopen(self) -> None:
        _log.warning("%s is silent: it is opened again", describe(self._device, "microphone"))
        tries = 0
        while not self._closed:
            self._capture.close()
            try:
                # In a thread: a device that is half gone may take its time.
                await asyncio.to_thread(self._open_again)
            except SoundError:
                await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
                tries += 1
                continue
            _log.warning("%s is open again", describe(self._device, "microphone"))
            return

    def _open_again(self) -> None:
        """Open the device once more. Whoever closes the source meanwhile finds the new one, or this finds
        the source closed: nothing stays open.
        """
        look_again()
        self._capture = _Capture(self._device, self._chunk_ms, self._queue, self.clock)
        if self._closed:
            self._capture.close()


class _Queue:
    """From the sound card's thread to the event loop; when full the oldest chunk is lost, and counted."""

    def __init__(self, longest: int) -> None:
        self._chunks: deque[tuple[Samples, float]] = deque(maxlen=longest)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._filled = asyncio.Event()
        self._lock = threading.Lock()
        self._lost = 0
        self._reported_s = float("-inf")

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake this loop from now on, and forget what was said before anybody listened."""
        with self._lock:
            self._chunks.clear()
            self._loop = loop

    def put(self, samples: Samples, arrived_s: float) -> None:
        """Called from any thread; never blocks."""
        with self._lock:
            if len(self._chunks) == self._chunks.maxlen:
                self._lost += 1
            self._chunks.append((samples, arrived_s))
            loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended; the stream is about to
                loop.call_soon_threadsafe(self._filled.set)

    async def get(self) -> tuple[Samples, float]:
        """The oldest chunk and when it arrived."""
        while True:
            with self._lock:
                if self._chunks:
                    self._report()
                    return self._chunks.popleft()
                self._filled.clear()
            await self._filled.wait()

    def _report(self) -> None:
        if self._lost and time.monotonic() - self._reported_s > REPORT_EVERY_S:
            _log.warning("the listener was too slow: %d chunks from the microphone were lost", self._lost)
            self._lost, self._reported_s = 0, time.monotonic()


class _Capture:
    """One open stream: at 16 kHz, else at the device's own rate and resampled as it comes."""

    def __init__(self, device: str | int | None, chunk_ms: int, queue: _Queue, clock: Clock) -> None:
        sound = portaudio()
        self._queue = queue
        self._clock = clock
        self._length = RATE_HZ * chunk_ms // 1000
        self._rest = np.zeros(0, dtype=np.int16)
        try:
            found = sound.query_devices(device, "input")
        except (sound.PortAudioError, ValueError) as error:
            look_again()  # for the next try
            raise SoundError(
                f"there is {describe(device, 'microphone', missing=True)}: plug one in or set "
                "listen.input_device, and see `sotto doctor`"
            ) from error
        rate_hz, self._channels = _accepted(sound, device, found)
        self._converter = RateConverter(RATE_HZ)
        self._rate_hz = rate_hz
        try:
            self._stream = in_use(
                sound.RawInputStream(
                    samplerate=rate_hz,
                    blocksize=rate_hz * chunk_ms // 1000,
                    device=device,
                    channels=self._channels,
                    dtype="int16",
                    latency=LATENCY_S,
                    callback=self._take,
                )
            )
            self._stream.start()
        except sound.PortAudioError as error:
            raise SoundError(
                f"{describe(device, 'microphone')} cannot be opened ({error}): is another program using it?"
            ) from error

    def close(self) -> None:
        """Let the device go; safe to call again."""
        let_go(self._stream)

    def _take(self, data: Any, _frames: int, _times: Any, _status: Any) -> None:
        """Called by PortAudio's thread with a block."""
        arrived_s = self._clock.now()
        samples = np.frombuffer(data, dtype=np.int16).reshape(-1, self._channels)[:, 0]
        samples = self._converter.convert(np.ascontiguousarray(samples), self._rate_hz)
        self._rest = np.concatenate([self._rest, samples])  # a copy: PortAudio takes its buffer back
        while len(self._rest) >= self._length:
            self._queue.put(self._rest[: self._length], arrived_s)
            self._rest = self._rest[self._length :]


def _accepted(sound: Any, device: str | int | None, found: Any) -> tuple[int, int]:
    """The first rate and number of channels that the device takes, 16 kHz mono if it can be had."""
    own_hz = int(found["default_samplerate"])
    for rate_hz in (RATE_HZ, own_hz):
        for channels in (1, min(2, int(found["max_input_channels"]))):
            try:
                sound.check_input_settings(device, channels=channels, dtype="int16", samplerate=rate_hz)
            except (sound.PortAudioError, ValueError):
                continue
            return rate_hz, channels
    raise SoundError(
        f"{describe(device, 'microphone')} gives neither 16000 Hz nor {own_hz} Hz: set listen.input_device"
    )
