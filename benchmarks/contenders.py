"""Who recognises: ours in int8 and float32, faster-whisper in both, OpenAI's own code, and ours on torch.

All are given the same weights, threads and language, decode greedily, predict no timestamps and look for no
voice activity. The peers pad every clip to 30 s and fall back to higher temperatures when a text looks wrong;
ours encodes the sound that is there, and decodes again, padded at last.
"""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from speech.audio import Samples
    from speech.recognition.engine import Recogniser

PEER_VERSION = "1.2.1"
LABELS = {
    "ours": "Sotto Voce, int8",
    "peer": "faster-whisper, int8",
    "ours_float32": "Sotto Voce, float32",
    "peer_float32": "faster-whisper, float32",
    "openai_whisper": "openai-whisper, float32",
    "ours_torch": "Sotto Voce on torch, float32",
}
Transcribe = Callable[["Samples"], str]


def no_peer() -> str | None:
    """What brings faster-whisper; None when it is there."""
    if find_spec("faster_whisper") is None:
        return f"the peer is not installed: pip install faster-whisper=={PEER_VERSION}"
    return None


def no_torch() -> str | None:
    """What brings torch and openai-whisper; None when they are there."""
    if find_spec("torch") is None or find_spec("whisper") is None:
        return "openai-whisper is not installed and not compared: pip install 'sotto-voce[torch]'"
    return None


def contenders(folder: Path, threads: int) -> tuple[Mapping[str, Transcribe], bool]:
    """Load them all, those on torch only where it is installed. Each takes samples and returns the text.

    The second is whether ours has its silence folded, which is done once for a machine (`folding.py`).
    """
    from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

    ours, exact = (
        WhisperRecogniser(
            folder, WhisperSettings(device="cpu", compute_type=compute_type, threads=threads, cache=kept())
        )
        for compute_type in ("int8", "float32")
    )
    there: dict[str, Transcribe] = {
        "ours": _in_english(ours),
        "peer": _faster_whisper(folder, threads, "int8"),
        "ours_float32": _in_english(exact),
        "peer_float32": _faster_whisper(folder, threads, "float32"),
    }
    if no_torch() is None:
        there |= {"openai_whisper": _openai_whisper(folder, threads), "ours_torch": _ours_on_torch(folder)}
    return there, ours.folded


def kept() -> Path:
    """The folder where the program itself keeps its encoded silence."""
    from platformdirs import user_cache_path

    return user_cache_path("sotto-voce") / "silence"


def _in_english(recogniser: "Recogniser") -> Transcribe:
    return lambda samples: recogniser.transcribe(samples, language="en").text


def _faster_whisper(folder: Path, threads: int, compute_type: str) -> Transcribe:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type=compute_type, cpu_threads=threads)

    def transcribe(samples: "Samples") -> str:
        segments, _ = model.transcribe(
            _as_float(samples), language="en", beam_size=1, vad_filter=False, without_timestamps=True
        )
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe


def _openai_whisper(folder: Path, threads: int) -> Transcribe:
    import torch
    import whisper

    from speech.recognition.openai_whisper import load_model

    torch.set_num_threads(threads)
    model = load_model(folder)

    def transcribe(samples: "Samples") -> str:
        found: Mapping[str, Any] = whisper.transcribe(
            model, _as_float(samples), language="en", without_timestamps=True, fp16=False
        )
        return str(found["text"])

    return transcribe


def _ours_on_torch(folder: Path) -> Transcribe:
    from speech.recognition.openai_whisper import OpenAIWhisperRecogniser

    return _in_english(OpenAIWhisperRecogniser(folder, device="cpu", cache=kept()))


def _as_float(samples: "Samples") -> npt.NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32_768.0)
