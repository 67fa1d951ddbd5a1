"""Speech made on the spot with the real voice, for tests that need some sound with known words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soxr

from speech.audio import RATE_HZ, Samples
from speech.synthesis.espeak import EspeakProcess, EspeakVoice
from speech.synthesis.piper import PiperVoice


def spoken(text: str, weights: Callable[[str], Path], *, language: str = "en") -> Samples:
    """Return the spoken text at 16 kHz, with a quarter of a second of quiet around it, always the same."""
    process = EspeakProcess()
    try:
        voice = (
            PiperVoice(weights("piper-en_US-joe-medium"), process, variation=0.0)
            if language == "en"
            else EspeakVoice(process)
        )
        sound = np.concatenate(list(voice.synthesise(text, language)))
    finally:
        process.close()
    at_rate = soxr.resample(sound, voice.rate_hz, RATE_HZ)
    return np.pad(at_rate, RATE_HZ // 4)
