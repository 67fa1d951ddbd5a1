"""The two ends of a spoken clause: silence trimmed to a little margin, faded so that joins do not click."""

import numpy as np

from speech.audio import Samples

MARGIN_S = 0.02
FADE_S = 0.005
QUIET = 200
"""Peak below which a voice says nothing: 44 dB under full scale; quiet fricatives reach above it."""


def trimmed(samples: Samples, rate_hz: int) -> Samples:
    """The sound between the first and the last audible sample, `MARGIN_S` kept at either end."""
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
    if len(audible) == 0:
        return samples[:0]
    margin = round(MARGIN_S * rate_hz)
    kept = samples[max(0, audible[0] - margin) : audible[-1] + 1 + margin]
    return faded(kept, rate_hz)


def faded(samples: Samples, rate_hz: int) -> Samples:
    """A copy that rises from silence and falls back to it, each within `FADE_S`."""
    length = min(round(FADE_S * rate_hz), len(samples) // 2)
    slope = np.linspace(0.0, 1.0, length, endpoint=False)
    sound = samples.astype(np.float32)
    sound[:length] *= slope
    sound[len(sound) - length :] *= slope[::-1]
    return sound.astype(np.int16)
