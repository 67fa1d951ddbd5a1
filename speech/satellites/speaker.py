"""The loudspeaker of a satellite: one pace for all of them, and what Wyoming's are sent."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from speech.audio import Samples, SpeechChunk
from speech.clock import Clock
from speech.sound.formats import RateConverter
from speech.sound.ports import SoundError
from speech.sound.speaker import Turns

AHEAD_S = 0.4
"""So much more is sent than was heard: what a network may stutter, and what `stop` is late."""
SLICE_S = 0.064
PLAYED_S = 2.0
"""A satellite that tells when it has played is waited for so much longer than the sound lasts."""

Send = Callable[[Event], Awaitable[None]]
"""Sends an event. Raises `SoundError` where the satellite is away."""


class Wire(Protocol):
    """How sound comes to a satellite. All raise `SoundError` where it is away."""

    rate_hz: int | None
    """The one rate that it takes; None: whatever comes."""
    ahead_s: float
    """So much more may be sent than was heard."""
    played_s: float
    """So much longer than the sound lasts a satellite that tells when it has played is waited for."""

    async def begin(self, rate_hz: int) -> None:
        """Sound of this rate comes."""
        ...

    async def sound(self, pcm: bytes) -> None:
        """A piece, 16 bit mono."""
        ...

    async def end(self, *, cut: bool) -> None:
        """That was all; with `cut` what was not yet heard is to be dropped."""
        ...


class SatelliteSpeaker:
    """Sends sound as fast as it is heard. What was sent may be heard all the same: `stop` may come as late as
    the wire is ahead. `volume` 1.0 leaves the voice as it is.
    """

    def __init__(self, wire: Wire, clock: Clock, volume: float = 1.0) -> None:
        self.volume = volume
        self.on_begin: Callable[[], None] = lambda: None
        """Called before the first sound of each stretch."""
        self._wire = wire
        self._clock = clock
        self._turns = Turns()
        self._converter: RateConverter | None = None  # there is one while something is being said
        self._rate_hz = 0
        self._heard_until_s = 0.0
        self._silenced = asyncio.Event()
        self._tells_played = False
        self._played = asyncio.Event()

    async def play(self, chunk: SpeechChunk) -> None:
        """Send a piece; returns when it is at most `AHEAD_S` ahead. Raises `SoundError`."""
        if not self._turns.admits(chunk.turn_id):
            return
        if self._converter is None:
            await self._begin(chunk.rate_hz)
        assert self._converter is not None
        sound = self._converter.convert(chunk.samples, chunk.rate_hz)
        if chunk.last_of_clause:
            sound = np.concatenate([sound, self._converter.flush()])
        await self._sound(sound)

    async def drain(self) -> None:
        """Wait until everything should have been heard, or `stop` was called. Raises `SoundError`."""
        if self._converter is None:
            return
        await self._sound(self._converter.flush())
        if self._silenced.is_set():
            return
        self._converter = None
        self._played.clear()
        await self._wire.end(cut=False)
        await self._until(self._heard_until_s)
        if self._tells_played and not self._silenced.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wire.played_s):
                    await self._played.wait()

    async def stop(self) -> None:
        """Send no more of what is being said."""
        self._turns.stop()
        was_open = self._converter is not None
        self.lose()
        if was_open:
            with contextlib.suppress(SoundError):  # one that is gone is silent
                await self._wire.end(cut=True)

    async def close(self) -> None:
        """Nothing to let go: the connection is the satellite's."""

    def played(self) -> None:
        """The satellite tells that it has played everything."""
        self._tells_played = True
        self._played.set()

    def lose(self) -> None:
        """Forget what was being said: the satellite is gone, or is to be silent."""
        self._converter = None
        self._silenced.set()
        self._played.set()

    async def _begin(self, rate_hz: int) -> None:
        self._rate_hz = self._wire.rate_hz or rate_hz
        self._converter = RateConverter(self._rate_hz)
        self._silenced.clear()
        self._heard_until_s = self._clock.now()
        self.on_begin()
        try:
            await self._wire.begin(self._rate_hz)
        except BaseException:
            self._converter = None
            raise

    async def _sound(self, sound: Samples) -> None:
        loud = np.clip(sound * np.float32(self.volume), -32_768, 32_767).astype("<i2")
        length = round(SLICE_S * self._rate_hz)
        for start in range(0, len(loud), length):
            await self._until(self._heard_until_s - self._wire.ahead_s)
            if self._silenced.is_set():
                return
            piece = loud[start : start + length]
            await self._wire.sound(piece.tobytes())
            self._heard_until_s = max(self._heard_until_s, self._clock.now()) + len(piece) / self._rate_hz

    async def _until(self, moment_s: float) -> None:
        """Wait for a moment, or for `stop`."""
        remaining_s = moment_s - self._clock.now()
        if remaining_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(remaining_s):
                    await self._silenced.wait()


class _WyomingWire:
    """Sound as Wyoming events."""

    rate_hz: int | None = None
    ahead_s = AHEAD_S
    played_s = PLAYED_S

    def __init__(self, send: Send) -> None:
        self._send = send
        self._rate_hz = 0

    async def begin(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        await self._send(AudioStart(rate_hz, 2, 1).event())

    async def sound(self, pcm: bytes) -> None:
        await self._send(AudioChunk(self._rate_hz, 2, 1, pcm).event())

    async def end(self, *, cut: bool) -> None:  # noqa: ARG002 - the protocol cannot take anything back
        await self._send(AudioStop().event())


class WyomingSpeaker(SatelliteSpeaker):
    """The loudspeaker of a Wyoming satellite."""

    def __init__(self, send: Send, clock: Clock, volume: float = 1.0) -> None:
        super().__init__(_WyomingWire(send), clock, volume)
