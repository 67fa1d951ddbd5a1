"""Makes recognition fast on this machine, once: folds the silence behind short clips for the model in use.

The recogniser needs a minute of speech for that, which the voices at hand say. Nothing is recorded, and
nothing is kept but the folded silence, in the cache folder.
"""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

from assistant.config.schema import Config
from assistant.opening.engines import load_recogniser, load_voices, silence_folder
from assistant.weights.store import open_store
from speech.audio import RATE_HZ, Samples
from speech.recognition.silence import fingerprint, folded_file

if TYPE_CHECKING:
    from speech.recognition.whisper import WhisperRecogniser
    from speech.synthesis.voices import Voices

_SENTENCES = Path(__file__).with_name("tuning.toml")
_QUIET_S = (0.05, 0.4)  # before and behind a sentence, at least and at most
_SPEAKING = 0.4  # of the work; the rest is folding


def tune(config: Config, progress: Callable[[float], None]) -> float | None:
    """Fold the silence of the configured recogniser; blocks for half a minute.

    Returns how far it is from the real one; None where there is nothing to do. Raises `WeightsError`,
    `RecognitionError`, `SynthesisError`.
    """
    from speech.recognition.whisper import WhisperRecogniser

    with closing(load_recogniser(config)) as recogniser:
        if not isinstance(recogniser, WhisperRecogniser) or recogniser.folded:
            return None
        if recogniser.abilities.device != "cpu":
            return None  # a GPU is not held up by silence
        plain = config.voice.model_copy(update={"keep_on_disk": False, "variation": 0.0, "rate": 1.0})
        with closing(load_voices(config.model_copy(update={"voice": plain}))) as voices:
            return _folded(recogniser, voices, progress)


def is_tuned(config: Config) -> bool:
    """Whether that was done for the configured model. Raises `WeightsError`, OSError."""
    weights = fingerprint(open_store(config.models).require(config.recognition.model) / "model.bin")
    return folded_file(silence_folder(), weights).exists()


def decoder_of(config: Config) -> str:
    """Who decodes: "onnxruntime" once our own decoder was made for the configured model, which the first
    start does where it can be; else "CTranslate2". Raises `WeightsError`, OSError.
    """
    from speech.recognition.onnx_decoder import files
    from speech.recognition.onnx_writer import quick_here

    weights = fingerprint(open_store(config.models).require(config.recognition.model) / "model.bin")
    ours = config.recognition.engine == "auto" and config.recognition.compute_type in ("auto", "int8")
    made = all(each.exists() for each in files(silence_folder(), weights))
    return "onnxruntime" if ours and made and quick_here() else "CTranslate2"


def _folded(recogniser: "WhisperRecogniser", voices: "Voices", progress: Callable[[float], None]) -> float:
    sentences = sentences_of(recogniser)

    def counted() -> Iterator[tuple[Samples, str]]:
        for number, (text, language) in enumerate(sentences, 1):
            yield spoken(voices, text, language, number), language
            progress(_SPEAKING * number / len(sentences))

    return recogniser.fold_silence(counted(), lambda share: progress(_SPEAKING + (1 - _SPEAKING) * share))


def sentences_of(recogniser: "WhisperRecogniser") -> list[tuple[str, str]]:
    """What is spoken to it: (text, language)."""
    said = tomllib.loads(_SENTENCES.read_text("utf-8"))["sentences"]
    languages = sorted(recogniser.abilities.languages & set(said))
    return [(text, language) for language in languages for text in said[language]]


def spoken(voices: "Voices", text: str, language: str, number: int) -> Samples:
    """Return a sentence with some quiet around it, another each time but the same on every machine."""
    pieces = [soxr.resample(piece, rate_hz, RATE_HZ) for piece, rate_hz in voices.speak(text, language)]
    before, behind = np.random.default_rng(number).uniform(*_QUIET_S, 2) * RATE_HZ
    padded: Samples = np.pad(np.concatenate(pieces), (int(before), int(behind)))
    return padded
