"""Synthetic voices that speak what is to be heard: Piper, eSpeak NG in its accents, flite, festival."""

import subprocess
import tempfile
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from benchmarks.weights import folder_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from speech.audio import Samples
    from speech.synthesis.espeak import EspeakProcess

PIPER = "piper-en_US-joe-medium"
RATE_HZ = 16_000
QUIET_S = 0.25  # around each order, as the ear keeps it

FLITE = ("slt", "rms")
"""Voices of flite's and festival's are heard where the programs are installed; nothing was tuned on them."""
VOICES = (  # engine or eSpeak's voice, how fast
    ("piper", 1.0),
    ("piper", 1.25),
    ("en-us", 0.95),
    ("en-gb-x-rp", 0.95),
    ("en-gb-scotland", 0.85),
)


def voices() -> tuple[tuple[str, float], ...]:
    """Return who can speak here."""
    flite = [(f"flite {name}", 1.0) for name in FLITE if which("flite")]
    return (*VOICES, *flite, *([("festival", 1.0)] if which("text2wave") else []))


def speaker(voice: str, rate: float, process: "EspeakProcess") -> "Callable[[str], Samples]":
    """Return what speaks a text at 16 kHz, always the same way."""
    import numpy as np
    import soxr

    from speech.synthesis.espeak import WORDS_PER_MINUTE
    from speech.synthesis.piper import PiperVoice

    if voice == "festival" or voice.startswith("flite "):
        return _by_program(voice)
    piper = PiperVoice(folder_of(PIPER), process, rate=rate, variation=0.0) if voice == "piper" else None

    def speak(text: str) -> "Samples":
        if piper is not None:
            sound, rate_hz = np.concatenate(list(piper.synthesise(text, "en"))), piper.rate_hz
        else:
            sound, rate_hz = process.speak(text, voice, WORDS_PER_MINUTE * rate)
        samples: Samples = np.pad(soxr.resample(sound, rate_hz, RATE_HZ), int(QUIET_S * RATE_HZ))
        return samples

    return speak


def _by_program(voice: str) -> "Callable[[str], Samples]":
    """Return what has a program speak into a file."""
    import numpy as np

    from speech.sound.file import load_recording

    def speak(text: str) -> "Samples":
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "spoken.wav"
            if voice == "festival":
                subprocess.run(["text2wave", "-o", file], input=text, text=True, check=True)
            else:
                subprocess.run(["flite", "-voice", voice.split()[1], "-t", text, "-o", file], check=True)
            samples: Samples = np.pad(load_recording(file), int(QUIET_S * RATE_HZ))
        return samples

    return speak
