"""Piper voices (VITS in ONNX), run with onnxruntime.

A voice is trained on eSpeak NG's phonemes; those come from a process of their own (`espeak.py`). How text
becomes numbers is told by the voice's JSON: each phoneme's code points, decomposed, are looked up in
`phoneme_id_map` and laid out as `^ _ p _ p _ ... $`, a sentence at a time.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech.audio import Samples
from speech.synthesis.edges import trimmed
from speech.synthesis.engine import SynthesisError
from speech.synthesis.espeak import EspeakProcess

PEAK = 0.8 * 32_767
"""Every sentence is brought to this peak: the network's own level differs from one to the next."""
START, END, PAD = "^", "$", "_"
SENTENCE_ENDS = (".", "!", "?")


@dataclass(frozen=True, slots=True)
class PiperSettings:
    """What a voice's JSON says that matters here."""

    rate_hz: int
    language: str
    espeak_voice: str
    ids: Mapping[str, Sequence[int]]
    noise_scale: float
    length_scale: float
    noise_w: float


class PiperVoice:
    """One voice: a folder with one `*.onnx` and its `*.onnx.json`. `rate` 2.0 speaks twice as fast.

    `variation` is how much two readings of a sentence differ: 1 as the voice was made, 0 not at all.

    Loading includes one silent run, so that the first sentence is as fast as the next.
    """

    def __init__(
        self,
        model_dir: Path,
        phonemizer: EspeakProcess,
        threads: int = 2,
        *,
        rate: float = 1.0,
        variation: float = 1.0,
    ) -> None:
        model = _only_model(model_dir)
        self._settings = read_settings(model.with_name(model.name + ".json"))
        self._phonemizer = phonemizer
        self._length_scale = self._settings.length_scale / rate
        self._variation = variation
        self._session = _session(model, threads)
        self._takes_speaker = "sid" in {each.name for each in self._session.get_inputs()}
        self.name = f"piper-{model.stem}@{rate:g}"
        self.languages = frozenset({self._settings.language})
        self.rate_hz = self._settings.rate_hz
        self._run(phoneme_ids("a.", self._settings.ids))

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        """Yield a piece a sentence."""
        if language not in self.languages:
            raise SynthesisError(f"the voice {self.name} does not speak {language!r}")
        for sentence in sentences(self._phonemizer.phonemes(clause, self._settings.espeak_voice)):
            sound = trimmed(self._run(phoneme_ids(sentence, self._settings.ids)), self.rate_hz)
            if len(sound):
                yield sound

    def paced(self, rate: float) -> "PiperVoice":
        """Return the same voice, so many times as fast."""
        other = copy(self)
        other._length_scale = self._length_scale / rate  # noqa: SLF001 - one of our own
        other.name = f"{self.name}*{rate:g}"
        return other

    def close(self) -> None:
        """Give the memory back; the phonemizer's process is ended by whoever made it."""
        self._session = None

    def _run(self, ids: Sequence[int]) -> Samples:
        if self._session is None:
            raise SynthesisError(f"the voice {self.name} was closed")
        noise, noise_w = self._settings.noise_scale, self._settings.noise_w
        scales = [noise * self._variation, self._length_scale, noise_w * self._variation]
        inputs: dict[str, npt.NDArray[Any]] = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        if self._takes_speaker:
            inputs["sid"] = np.zeros(1, dtype=np.int64)
        try:
            wave = self._session.run(None, inputs)[0].reshape(-1)
        except Exception as error:  # onnxruntime's failures share no class of their own
            raise SynthesisError(f"the voice {self.name} failed: {_first_line(error)}") from error
        loudest = max(0.01, float(np.abs(wave).max(initial=0.0)))  # silence is not blown up to noise
        samples: Samples = (wave * (PEAK / loudest)).astype(np.int16)
        return samples


def read_settings(path: Path) -> PiperSettings:
    """Read a voice's JSON. Raises `SynthesisError` when it is missing or not of this kind."""
    try:
        data = json.loads(path.read_text("utf-8"))
        inference = data["inference"]
        return PiperSettings(
            rate_hz=int(data["audio"]["sample_rate"]),
            language=str(data["language"]["family"]),
            espeak_voice=str(data["espeak"]["voice"]),
            ids=data["phoneme_id_map"],
            noise_scale=float(inference["noise_scale"]),
            length_scale=float(inference["length_scale"]),
            noise_w=float(inference["noise_w"]),
        )
    except OSError as error:
        raise SynthesisError(f"the voice's {path.name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SynthesisError(
            f"the voice's {path.name} is damaged ({_first_line(error)}): get it anew with `sotto models pull`"
        ) from error


def sentences(clauses: Sequence[str]) -> list[str]:
    """Join clauses up to a mark that ends a sentence; Piper speaks a sentence in one breath."""
    found: list[str] = []
    open_sentence: list[str] = []
    for clause in clauses:
        open_sentence.append(clause)
        if clause.endswith(SENTENCE_ENDS):
            found.append(" ".join(open_sentence))
            open_sentence = []
    if open_sentence:
        found.append(" ".join(open_sentence))
    return found


def phoneme_ids(sentence: str, ids: Mapping[str, Sequence[int]]) -> list[int]:
    """The numbers of a sentence. Phonemes that the voice never learnt are left out."""
    laid_out = [*ids[START], *ids[PAD]]
    for phoneme in unicodedata.normalize("NFD", sentence):
        if phoneme in ids:
            laid_out += [*ids[phoneme], *ids[PAD]]
    return [*laid_out, *ids[END]]


def _only_model(model_dir: Path) -> Path:
    models = sorted(model_dir.glob("*.onnx"))
    if len(models) != 1:
        raise SynthesisError(
            f"there are {len(models)} voices in {model_dir}, not one: get it with `sotto models pull`"
        )
    return models[0]


def _session(model: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # every sentence has another length: an arena would only grow
    # Threads that spin after their work would take the processor from the recogniser.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only; warnings of the graph optimiser help nobody here
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's failures share no class of their own
        raise SynthesisError(
            f"the voice {model.name} cannot be loaded ({_first_line(error)}): get it anew with "
            "`sotto models pull`"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
