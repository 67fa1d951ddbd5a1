"""What a satellite sends, turned into a stream of chunks: its gaps are silence, and its end has a reason."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.clock import Clock
from speech.sound.ports import SoundError

QUEUED = 512
"""Pieces kept for a listener that is busy: half a minute of 64 ms each; what is older is lost."""
LONGEST_CHUNK = RATE_HZ * 80 // 1000
STUTTER_S = 0.7
"""A stream that stops for longer has stopped: what follows is silence, so that a turn under way ends."""
TRAILING_S = 3.0
"""So much silence: longer than any pause that a turn waits for."""


@dataclass(frozen=True, slots=True)
class _Sound:
    samples: Samples
    arrived_s: float


@dataclass(frozen=True, slots=True)
class _Woken:
    """It has heard its wake word by itself; sound follows."""

    word: str


@dataclass(frozen=True, slots=True)
class _Stopped:
    """It streams no more for now."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """The connection is over."""

    why: str


_Item = _Sound | _Woken | _Stopped | _Gone


class Incoming:
    """Filled by whoever reads the connection, read by one listener. Sample numbers go on over connections."""

    def __init__(self, stream_id: str, name: str, clock: Clock) -> None:
        self._stream_id = stream_id
        self._name = name
        self._clock = clock
        self._items: asyncio.Queue[_Item] = asyncio.Queue(QUEUED)
        self._at = 0

    def begin(self) -> None:
        """A new connection: nothing of the one before counts."""
        self._items = asyncio.Queue(QUEUED)

    def sound(self, samples: Samples) -> None:
        """A piece of sound, at `RATE_HZ`, has come now."""
        self._put(_Sound(samples, self._clock.now()))

    def woken(self, word: str) -> None:
        """It has heard its wake word by itself."""
        self._put(_Woken(word))

    def stopped(self) -> None:
        """It streams no more for now."""
        self._put(_Stopped())

    def gone(self, why: str) -> None:
        """The connection is over."""
        self._put(_Gone(why))

    def _put(self, item: _Item) -> None:
        if self._items.full():
            self._items.get_nowait()
        self._items.put_nowait(item)

    async def chunks(self, on_woken: Callable[[str], None]) -> AsyncIterator[AudioChunk]:
        """Yield what it hears, until the connection is over. Raises `SoundError`."""
        stopped = True  # nothing comes, and nothing is expected
        heard_s = quiet_until_s = self._clock.now()
        while True:
            item = await self._next(0.08 if self._clock.now() < quiet_until_s else None)
            match item:
                case _Sound():
                    if stopped:
                        self._at += RATE_HZ  # a gap in the stream
                    stopped = False
                    heard_s = item.arrived_s
                    quiet_until_s = heard_s + STUTTER_S + TRAILING_S
                    for chunk in self._cut(item):
                        yield chunk
                case _Woken():
                    on_woken(item.word)
                case _Stopped():
                    heard_s = float("-inf")
                    quiet_until_s = self._clock.now() + TRAILING_S
                case _Gone():
                    raise SoundError(f"the satellite {self._name} is gone: {item.why}")
                case None if self._clock.now() - heard_s >= STUTTER_S:
                    for chunk in self._cut(_Sound(np.zeros(LONGEST_CHUNK, np.int16), self._clock.now())):
                        yield chunk
                    stopped = self._clock.now() >= quiet_until_s

    async def _next(self, patience_s: float | None) -> _Item | None:
        """The next item; None when nothing came in so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                return await self._items.get()
        return None

    def _cut(self, sound: _Sound) -> list[AudioChunk]:
        cut = []
        for start in range(0, len(sound.samples), LONGEST_CHUNK):
            piece = sound.samples[start : start + LONGEST_CHUNK]
            behind_s = (len(sound.samples) - start - len(piece)) / RATE_HZ
            cut.append(AudioChunk(self._stream_id, self._at, piece, sound.arrived_s - behind_s))
            self._at += len(piece)
        return cut
