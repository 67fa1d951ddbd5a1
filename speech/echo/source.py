"""A source of sound without the assistant's own voice in it."""

import logging
from collections.abc import AsyncIterator

import numpy as np

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.echo.engine import FRAME, EchoCanceller
from speech.echo.reference import Reference
from speech.sound.ports import SoundSource
from speech.sound.speaker import SoundCardSpeaker

LINGER_S = 1.0
"""A room still sounds, and the card's buffers still play, when nothing more is played."""
ASTRAY_S = 0.1
"""Sound that comes so much earlier or later than counted is on another clock by now."""

_log = logging.getLogger(__name__)


class Echo:
    """One loudspeaker's echo, taken out of what a microphone beside it hears."""

    def __init__(self, canceller: EchoCanceller, loudspeaker: SoundCardSpeaker) -> None:
        self._canceller = canceller
        self._reference = Reference()
        loudspeaker.heard = self._reference.played

    def out_of(self, source: SoundSource) -> SoundSource:
        """Return the source without the echo; one at a time."""
        self._canceller.reset()
        return EchoFreeSource(source, self._canceller, self._reference)


class EchoFreeSource:
    """Another source, cleaned. Where nothing is played the sound goes through as it is, and costs nothing."""

    def __init__(self, source: SoundSource, canceller: EchoCanceller, reference: Reference) -> None:
        self.stream_id = source.stream_id
        self.clock = source.clock
        self._source = source
        self._canceller = canceller
        self._reference = reference
        self._rest = np.zeros(0, np.int16)
        self._place: int | None = None  # of the next piece on the clock, in samples; None: not yet known
        self._quiet = round(LINGER_S * RATE_HZ)  # samples since something was played

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield the source's chunks, cut to whole frames."""
        expected = 0
        async for chunk in self._source.chunks():
            if chunk.start_sample != expected:  # a gap: its two sides do not fit
                self._rest = self._rest[:0]
                self._place = None
            expected = chunk.end_sample
            sound = np.concatenate([self._rest, chunk.samples])
            whole = len(sound) // FRAME * FRAME
            near, self._rest = sound[:whole], sound[whole:]
            if whole:
                start = chunk.end_sample - len(self._rest) - whole
                arrived_s = chunk.arrived_s - len(self._rest) / RATE_HZ
                yield self._clean(chunk.stream_id, start, near, arrived_s)

    def _clean(self, stream_id: str, start: int, near: Samples, arrived_s: float) -> AudioChunk:
        far = self._reference.between(self._follow(len(near), arrived_s), len(near))
        self._quiet = 0 if far.any() else self._quiet + len(near)
        if self._quiet > LINGER_S * RATE_HZ:
            return AudioChunk(stream_id, start, near, arrived_s)
        cleaned = self._canceller.clean(near, far)
        return AudioChunk(stream_id, start, cleaned.samples, arrived_s, cleaned.detection)

    def _follow(self, length: int, arrived_s: float) -> int:
        """Where the piece begins on the clock: counted, since the moments of arrival jitter.

        The least delay that was seen is taken for the true one, so a late piece moves nothing.
        """
        arrived = round(arrived_s * RATE_HZ) - length
        if self._place is None or abs(arrived - self._place) > ASTRAY_S * RATE_HZ:
            if self._place is not None:
                _log.debug("the stream is %.0f ms astray", 1000 * (arrived - self._place) / RATE_HZ)
            self._place = arrived
        elif arrived < self._place and self._quiet > LINGER_S * RATE_HZ:
            self._place = arrived
        place = self._place
        self._place += length
        return place
