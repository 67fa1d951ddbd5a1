"""Made-up rooms: what a loudspeaker's sound has become when it reaches the microphone beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from speech.audio import Samples

RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Room:
    """`delay_s` from the sound card to the first echo, then echoes that fall by 60 dB within `rt60_s`."""

    name: str
    delay_s: float
    rt60_s: float

    def response(self) -> npt.NDArray[np.float64]:
        """The impulse response, of power 1: the way through the air, and Gaussian noise that dies away.

        Polack, J.-D. (1988), "La transmission de l'énergie sonore dans les salles".
        """
        rng = np.random.default_rng(round(self.rt60_s * 1_000))
        times = np.arange(round(self.rt60_s * RATE_HZ)) / RATE_HZ
        tail = rng.standard_normal(len(times)) * 10 ** (-3 * times / self.rt60_s) * 0.12
        response = np.concatenate([np.zeros(round(self.delay_s * RATE_HZ)), [1.0], tail])
        whole: npt.NDArray[np.float64] = response / np.sqrt(np.square(response).sum())
        return whole

    def heard(self, played: "Samples") -> npt.NDArray[np.float64]:
        """What the microphone hears of it, as long as what was played."""
        size = len(played) + len(response := self.response())
        spectrum = np.fft.rfft(played.astype(np.float64), size) * np.fft.rfft(response, size)
        return np.fft.irfft(spectrum, size)[: len(played)]


ROOMS = (Room("car", 0.06, 0.08), Room("living room", 0.09, 0.35), Room("kitchen", 0.14, 0.6))


def level(sound: npt.ArrayLike) -> float:
    """Root mean square of what is not silence."""
    power = np.square(np.asarray(sound, np.float64))
    return float(np.sqrt(power[power > power.max() / 1_000].mean()))
