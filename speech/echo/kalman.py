"""The linear part of an echo, taken out by an adaptive filter: what remains of a voice is not coloured by it.

WebRTC's canceller follows its filter by a suppressor, which makes a call pleasant and words hard to recognise
while both speak. For recognition only the filter is wanted, and one long enough for a living room.

Partitioned-block frequency-domain Kalman filter: Enzner, G. and Vary, P. (2006), "Frequency-domain adaptive
Kalman filter for acoustic echo control in hands-free telephones", Signal Processing 86; in partitions as in
Kuech, F., Mabande, E. and Enzner, G. (2014), "State-space architecture of the partitioned-block-based
acoustic echo controller", ICASSP. Its step follows from what it is unsure of, so it needs no detector of who
speaks.
"""

import numpy as np
import numpy.typing as npt

from speech.audio import Samples
from speech.echo.engine import FRAME

PARTITIONS = 24
"""Of 20 ms: the room's echo, the air and what the sound card is late must fit within 0.48 s."""
STAYS = 0.9995
"""How much of the room is the same 20 ms later: 0.9995 forgets it within 20 s."""
SMOOTHING = 0.7
"""Of the power of what is no echo, from frame to frame."""
FIRST_UNSURE = 0.05
FIRST_OTHER = 0.01
"""How unsure it is at first of the room, and how much else it expects: with more, or less, its first steps
are so long that they make a second of echo louder.
"""
_LEAST_POWER = 1e-6
_SCALE = 32_768.0

Spectra = npt.NDArray[np.complex128]
Powers = npt.NDArray[np.float64]


class KalmanFilter:
    """One stream's filter. 20 ms a step."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the room."""
        bins = FRAME + 1
        self._far: Spectra = np.zeros((PARTITIONS, bins), np.complex128)  # the newest block first
        self._filter: Spectra = np.zeros((PARTITIONS, bins), np.complex128)
        # Late echoes are weaker: the filter is told to expect less of them.
        fall = FIRST_UNSURE * 10 ** (-np.arange(PARTITIONS) / PARTITIONS * 2.0)
        self._unsure: Powers = np.tile(fall[:, np.newaxis], (1, bins))
        self._other: Powers = np.full(bins, FIRST_OTHER)
        self._last = np.zeros(FRAME)

    def clean(self, near: Samples, far: Samples) -> Samples:
        """Take the echo of `far` out of `near`: pieces of the same time and length, a multiple of `FRAME`."""
        cleaned = np.concatenate(
            [
                self._step(near[at : at + FRAME] / _SCALE, far[at : at + FRAME] / _SCALE)
                for at in range(0, len(near), FRAME)
            ]
        )
        return (cleaned * _SCALE).clip(-32_768, 32_767).astype(np.int16)

    def _step(self, near: npt.NDArray[np.float64], far: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        self._far = np.roll(self._far, 1, axis=0)
        self._far[0] = np.fft.rfft(np.concatenate([self._last, far]))
        self._last = far
        echo = np.fft.irfft((self._far * self._filter).sum(axis=0))[FRAME:]
        rest = near - echo
        spectrum = np.fft.rfft(np.concatenate([np.zeros(FRAME), rest]))
        self._other = SMOOTHING * self._other + (1 - SMOOTHING) * np.square(np.abs(spectrum))
        power = np.square(np.abs(self._far))
        # Half of each transformed block is real sound: powers of the other half are none of it.
        total = 0.5 * (power * self._unsure).sum(axis=0) + self._other + _LEAST_POWER
        gain = self._unsure / total
        change = np.fft.irfft(gain * self._far.conj() * spectrum)
        change[:, FRAME:] = 0  # a filter of one block's length: no wrapping around
        self._filter += np.fft.rfft(change)
        self._unsure = STAYS**2 * (1 - 0.5 * gain * power) * self._unsure + (1 - STAYS**2) * np.square(
            np.abs(self._filter)
        )
        return rest
