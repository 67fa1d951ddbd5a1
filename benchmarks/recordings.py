"""Sound to measure on: real recordings where the checkout has them, else speech made on the spot."""

import os
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.weights import folder_of

if TYPE_CHECKING:
    from speech.audio import Samples

CHECKOUT = Path(__file__).resolve().parent.parent
HOW = "set SOTTO_SHARED to the folder that holds audio/, or put it beside the checkout as shared/"


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file. `text` is what is said in it, empty where nobody wrote it down."""

    path: Path
    text: str = ""


def recordings(folder: str, *, named_by_text: bool = False) -> list[Recording]:
    """The recordings of one folder below audio/, in the order of their names; empty without it."""
    shared = Path(os.environ.get("SOTTO_SHARED", CHECKOUT.parent / "shared"))
    paths = sorted(path for path in (shared / "audio" / folder).glob("*") if path.suffix in (".wav", ".flac"))
    return [Recording(path, path.stem if named_by_text else "") for path in paths]


def spoken(texts: Sequence[str], folder: Path) -> list[Recording]:
    """Sentences spoken by the Piper voice into WAV files in `folder`.

    Raises `SynthesisError`, and `WeightsError` when the voice is not there.
    """
    from speech.synthesis.espeak import EspeakProcess
    from speech.synthesis.piper import PiperVoice

    phonemizer = EspeakProcess()
    voice = PiperVoice(folder_of("piper-en_US-joe-medium"), phonemizer)
    made = []
    try:
        for number, text in enumerate(texts):
            path = folder / f"{number:03}.wav"
            _write(path, np.concatenate(list(voice.synthesise(text, "en"))), voice.rate_hz)
            made.append(Recording(path, text))
    finally:
        voice.close()
        phonemizer.close()
    return made


def load(recording: Recording) -> "Samples":
    """The whole recording at 16 kHz."""
    from speech.sound.file import load_recording

    return load_recording(recording.path)


def last_sound_s(samples: "Samples", rate_hz: int = 16_000) -> float:
    """When the last audible sound ends, in seconds.

    Audible is 10 ms that lies 10 dB above the recording's own noise (its quietest tenth) and within 35 dB of
    the loudest 10 ms.
    """
    frame = rate_hz // 100
    frames = samples[: len(samples) // frame * frame].astype(np.float64).reshape(-1, frame)
    levels_db = 10 * np.log10(np.square(frames).mean(axis=1) + 1)
    audible = levels_db > max(np.percentile(levels_db, 10) + 10, levels_db.max() - 35)
    return float(np.flatnonzero(audible)[-1] + 1) / 100


def _write(path: Path, samples: "Samples", rate_hz: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
