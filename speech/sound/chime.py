"""The sound that answers the wake word: two soft notes, made here."""

import numpy as np

from speech.audio import Samples

RATE_HZ = 22_050
NOTES_HZ = (1_318.5, 1_760.0)  # a fourth up: E6, A6
NOTE_S = 0.07
FADE_S = 0.015
LEVEL = 0.12
"""Of full scale: well below the voice."""


def chime() -> Samples:
    """Return the sound at `RATE_HZ`; it is over in `len / RATE_HZ` seconds."""
    times = np.arange(round(NOTE_S * RATE_HZ)) / RATE_HZ
    rise = np.minimum(1.0, np.minimum(times, times[::-1]) / FADE_S)
    notes = [np.sin(2 * np.pi * hz * times) * rise for hz in NOTES_HZ]
    return (np.concatenate(notes) * LEVEL * 32_767).astype(np.int16)


SECONDS = len(NOTES_HZ) * NOTE_S
