"""What the loudspeaker plays, laid on the clock of who listens.

The sound card tells of each block when it will be heard; the listener asks for the same stretch of time that
its own piece lies in. Both clocks are the machine's monotonic one. What remains (the microphone's buffer, the
way through the air) is a constant delay of the echo, which the canceller finds.
"""

import threading
from collections import deque

import numpy as np

from speech.audio import RATE_HZ, Samples
from speech.sound.formats import RateConverter

KEPT_S = 4.0
JITTER_S = 0.06
"""Blocks that come so much early or late still follow each other without a gap."""
SILENCE_S = 0.2
"""Shorter silence is part of what is played: it must be counted."""

_Block = tuple[Samples, int, float]


class Reference:
    """A few seconds of what is played. `played` may be called from any thread, `between` from one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: deque[_Block] = deque()
        self._ring = np.zeros(round(KEPT_S * RATE_HZ), np.int16)
        self._converter = RateConverter(RATE_HZ)
        self._silent_s = SILENCE_S
        self._next = 0  # the sample, since the clock's beginning, that comes next if nothing is interrupted
        self._read = 0  # what lies before it was asked for, and is gone

    def played(self, block: Samples, rate_hz: int, at_s: float) -> None:
        """Take the next block of mono sound, heard from `at_s` on. Long silence costs nothing."""
        self._silent_s = 0.0 if block.any() else self._silent_s + len(block) / rate_hz
        if self._silent_s < SILENCE_S:
            with self._lock:
                self._coming.append((block.copy(), rate_hz, at_s))

    def between(self, start: int, length: int) -> Samples:
        """What was played in those samples since the clock's beginning; zeros where there was nothing.

        Asked for in order: what lies before is forgotten.
        """
        with self._lock:
            coming, self._coming = self._coming, deque()
        if abs(start - self._read) >= len(self._ring):
            self._ring[:] = 0
        elif start > self._read:
            self._ring[self._places(self._read, start - self._read)] = 0
        self._read = start
        for block, rate_hz, at_s in coming:
            self._lay(block, rate_hz, round(at_s * RATE_HZ))
        places = self._places(start, length)
        found = self._ring[places].copy()
        self._ring[places] = 0
        self._read = start + length
        return found

    def _lay(self, block: Samples, rate_hz: int, at: int) -> None:
        # The converter holds a few milliseconds back, which lie well within the jitter.
        if abs(at - self._next) > JITTER_S * RATE_HZ:
            self._put(self._converter.flush())
            self._next = at
        self._put(self._converter.convert(block, rate_hz))

    def _put(self, sound: Samples) -> None:
        late = max(0, self._read - self._next)
        kept = sound[late : late + len(self._ring)]
        self._ring[self._places(self._next + late, len(kept))] = kept
        self._next += len(sound)

    def _places(self, start: int, length: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        return np.arange(start, start + length) % len(self._ring)
