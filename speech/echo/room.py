"""The canceller that is used: the adaptive filter for everything, guarded until it knows the room.

For a second or two, after the start or when something was moved, the filter lets our own voice through.
Meanwhile the detectors are shown what WebRTC's canceller leaves, which is deaf to those who speak over it but
never takes our own voice for somebody else's.
"""

from copy import copy, deepcopy

import numpy as np

from speech.audio import RATE_HZ, Samples
from speech.echo.engine import FRAME, Cleaned, EchoCanceller
from speech.echo.kalman import KalmanFilter

KNOWN = 6.0
"""Power before over power behind the filter, from which on it knows the room: 8 dB."""
LOST = 1.3
"""Below it for `LOST_S` the room is another one. Who speaks over us lowers the ratio, too: 0.15 s of a loud
voice are enough, and the guard would be deaf to the rest of it.
"""
LOST_S = 1.5
RISE = 0.04  # within half a second the ratio follows a room that was learnt
WORSE = 1.25
"""A filter that makes it so much louder is of another room."""
GRACE_S = 4.0
"""A filter that has just begun is given time."""
LOUD = 30.0
"""Root mean square of 32,767: what is softer tells nothing of the room."""


class RoomCanceller:
    """An `EchoCanceller`. Without a `guard` it may hear itself until it knows the room."""

    def __init__(self, guard: EchoCanceller | None = None) -> None:
        self._filter = KalmanFilter()
        self._guard = guard
        self._knows = False
        self._before = self._behind = 0.0
        self._learnt = 0  # samples since it began anew
        self._lost = 0  # samples for which the ratio has been below `LOST`

    def clean(self, near: Samples, far: Samples) -> Cleaned:
        """Take the echo of `far` out of `near`."""
        samples = self._filter.clean(near, far)
        self._learn(near, samples, far)
        if self._behind > self._before:  # the card has stumbled, say: no filter is better than a wrong one
            samples = near
            if self._learnt > GRACE_S * RATE_HZ and self._behind > WORSE * self._before:
                self._forget()
        if self._guard is None:
            return Cleaned(samples, samples)
        guarded = self._guard.clean(near, far).detection  # also when it is not used: it must know the room
        return Cleaned(samples, samples if self._knows else guarded)

    def with_guard(self, guard: EchoCanceller | None) -> "RoomCanceller":
        """Return another that knows as much of the room, with a guard of its own."""
        other = copy(self)
        other._filter, other._guard = deepcopy(self._filter), guard  # noqa: SLF001 - one of our own
        return other

    def reset(self) -> None:
        """Forget the room."""
        self._forget()
        if self._guard is not None:
            self._guard.reset()

    def _forget(self) -> None:
        self._filter.reset()
        self._knows = False
        self._before = self._behind = 0.0
        self._learnt = self._lost = 0

    def _learn(self, near: Samples, cleaned: Samples, far: Samples) -> None:
        if _power(far) < LOUD**2 or _power(near) < LOUD**2:
            return
        self._learnt += len(near)
        share = 1 - (1 - RISE) ** (len(near) / FRAME)
        self._before += share * (_power(near) - self._before)
        self._behind += share * (_power(cleaned) - self._behind)
        self._lost = self._lost + len(near) if self._before < LOST * self._behind else 0
        if self._before > KNOWN * self._behind:
            self._knows = True
        elif self._lost > LOST_S * RATE_HZ:
            self._knows = False


def _power(samples: Samples) -> float:
    return float(np.square(samples.astype(np.float64)).mean())
