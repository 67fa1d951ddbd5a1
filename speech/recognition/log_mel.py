"""Whisper's log-mel spectrogram, in numpy.

The numbers are openai/whisper's (`audio.py`): 25 ms windows every 10 ms, 80 mel bands up to 8 kHz on
Slaney's scale, logarithm, the range cut to 80 dB below the loudest, then brought to about -1..1.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from speech.audio import RATE_HZ, Samples

WINDOW = 400  # 25 ms
HOP = 160  # 10 ms
FRAMES_PER_S = RATE_HZ // HOP  # 100
BANDS = 80

Mel = npt.NDArray[np.float32]


def log_mel(samples: Samples) -> Mel:
    """Return the spectrogram, shape (80, frames), one frame for each whole 10 ms."""
    sound = np.pad(samples.astype(np.float32) / 32_768.0, (WINDOW // 2, WINDOW // 2), mode="reflect")
    frames = len(samples) // HOP
    windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP][:frames]
    power = np.abs(np.fft.rfft(windows * _hann(), axis=1)) ** 2
    levels = np.log10(np.maximum(_filters() @ power.T.astype(np.float32), 1e-10))
    levels = np.maximum(levels, levels.max() - 8.0)
    return np.ascontiguousarray((levels + 4.0) / 4.0, dtype=np.float32)


@lru_cache(maxsize=1)
def _hann() -> npt.NDArray[np.float32]:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)  # periodic, as torch's


@lru_cache(maxsize=1)
def _filters() -> npt.NDArray[np.float32]:
    """Triangles on Slaney's mel scale, each of area one; shape (80, 201)."""
    bins_hz = np.linspace(0.0, RATE_HZ / 2, WINDOW // 2 + 1)
    edges_hz = _hz(np.linspace(0.0, _mel(RATE_HZ / 2), BANDS + 2))
    width = np.diff(edges_hz)
    slope = edges_hz[:, None] - bins_hz[None, :]
    triangles = np.maximum(0.0, np.minimum(-slope[:-2] / width[:-1, None], slope[2:] / width[1:, None]))
    return (triangles * (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]).astype(np.float32)


_LINEAR_BELOW_HZ = 1_000.0
_MEL_PER_HZ = 3.0 / 200.0
_STEP = math.log(6.4) / 27.0  # above 1 kHz


def _mel(hz: float) -> float:
    if hz < _LINEAR_BELOW_HZ:
        return hz * _MEL_PER_HZ
    return _LINEAR_BELOW_HZ * _MEL_PER_HZ + math.log(hz / _LINEAR_BELOW_HZ) / _STEP


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    bend = _LINEAR_BELOW_HZ * _MEL_PER_HZ
    return np.where(mel < bend, mel / _MEL_PER_HZ, _LINEAR_BELOW_HZ * np.exp(_STEP * (mel - bend)))
