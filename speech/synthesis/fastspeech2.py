"""A neural Mandarin voice: FastSpeech2 makes a spectrogram of syllables, MB-MelGAN makes it sound (TFLite).

The networks (github.com/TensorSpeech/TensorFlowTTS, trained on the Baker corpus) expect initials and finals
with their tone; `baker_mapper.json` numbers them. Which reading a character has, and how tones change beside
each other, pypinyin knows. The voice speaks Chinese alone: a clause with Latin letters is another voice's.

The corpus is for non-commercial use; whoever wants this voice names it in the configuration.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech.audio import Samples
from speech.synthesis.edges import trimmed
from speech.synthesis.engine import SynthesisError
from speech.synthesis.reading.chinese import read

EXTRA = "pip install 'sotto-voce[mandarin]'"
RATE_HZ = 24_000
PEAK = 0.8 * 32_767
SPECTROGRAM, VOCODER, SYMBOLS = "fastspeech2_quan.tflite", "mb_melgan.tflite", "baker_mapper.json"
_FLEX = b"FlexRandomUniform"
"""TensorFlow's own operator, which the interpreter lacks; it has one of its own that does the same."""
_SENTENCE = re.compile(r"[^。！？!?;；\n]+[。！？!?;；\n]*")
_LATIN = re.compile(r"[A-Za-z]")
_HUMS = {"n": "en", "ng": "eng", "m": "en", "hm": "hen"}
"""Syllables without a vowel, which the voice never learnt, and what is like them."""


class MandarinVoice:
    """The voice in a folder. `rate` 2.0 speaks twice as fast. Loading includes one silent run.

    Raises `SynthesisError`, also where the extra is not installed.
    """

    languages = frozenset({"zh"})
    rate_hz = RATE_HZ

    def __init__(self, folder: Path, threads: int = 2, *, rate: float = 1.0) -> None:
        self.name = f"fastspeech2-{folder.name}@{rate:g}"
        self._slowness = 1 / rate
        self._alone = threading.Lock()  # an interpreter has one set of tensors
        try:
            self._symbols = Symbols.read(folder / SYMBOLS)
            self._spectrogram: Any = _interpreter((folder / SPECTROGRAM).read_bytes(), threads)
            self._vocoder: Any = _interpreter((folder / VOCODER).read_bytes(), threads)
        except ImportError as error:
            raise SynthesisError(f"the Mandarin voice needs ai-edge-litert: {EXTRA}") from error
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise SynthesisError(
                f"the Mandarin voice cannot be loaded ({_first_line(error)}): get it anew with "
                "`sotto models pull`"
            ) from error
        self._say(self._symbols.ids("好"))

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        """Yield a piece a sentence."""
        if language not in self.languages:
            raise SynthesisError(f"the voice {self.name} does not speak {language!r}")
        if _LATIN.search(clause):
            raise SynthesisError("the Mandarin voice does not read Latin letters")
        for sentence in _SENTENCE.findall(clause):
            ids = self._symbols.ids(sentence)
            if ids and len(sound := trimmed(self._say(ids), RATE_HZ)):
                yield sound

    def paced(self, rate: float) -> "MandarinVoice":
        """Return the same voice, so many times as fast."""
        other = copy(self)
        other._slowness = self._slowness / rate  # noqa: SLF001 - one of our own
        other.name = f"{self.name}*{rate:g}"
        return other

    def close(self) -> None:
        """Give the memory back."""
        self._spectrogram = self._vocoder = None

    def _say(self, ids: Sequence[int]) -> Samples:
        with self._alone:
            if self._spectrogram is None:
                raise SynthesisError(f"the voice {self.name} was closed")
            try:
                one = np.ones(1, np.float32)
                inputs = (
                    np.array([ids], np.int32),
                    np.zeros(1, np.int32),  # the speaker
                    one * self._slowness,
                    one,  # pitch and loudness, as they are
                    one,
                )
                spectrogram = _run(self._spectrogram, inputs, output=1)
                wave = _run(self._vocoder, (spectrogram,), output=0).reshape(-1)
            except (RuntimeError, ValueError) as error:
                raise SynthesisError(f"the voice {self.name} failed: {_first_line(error)}") from error
        loudest = max(0.01, float(np.abs(wave).max(initial=0.0)))  # silence is not blown up to noise
        samples: Samples = (wave * (PEAK / loudest)).astype(np.int16)
        return samples


class Symbols:
    """How Chinese text becomes numbers."""

    def __init__(self, ids: Mapping[str, int], syllables: Mapping[str, Sequence[str]]) -> None:
        """`ids` by symbol; `syllables` are initial and final by toneless pinyin."""
        self._ids = ids
        self._syllables = syllables

    @classmethod
    def read(cls, file: Path) -> "Symbols":
        """Read the voice's JSON. Raises OSError, ValueError, KeyError."""
        data = json.loads(file.read_text("utf-8"))
        return cls(data["symbol_to_id"], data["pinyin_dict"])

    def ids(self, sentence: str) -> list[int]:
        """Return the numbers of a sentence; none where there is nothing to say."""
        from pypinyin import Style, lazy_pinyin

        said = ["sil"]
        for syllable in lazy_pinyin(
            read(sentence),  # a voice that learnt no digits
            style=Style.TONE3,
            neutral_tone_with_five=True,
            tone_sandhi=True,
            errors=lambda _other: "#",
        ):
            if syllable == "#":
                said[-1] = "#3" if len(said) > 1 else said[-1]  # a pause in place of the syllable's end
            else:
                said += self._sounds(syllable)
        if len(said) == 1:
            return []
        return [self._ids[each] for each in [*said[:-1], "sil", "eos"]]

    def _sounds(self, syllable: str) -> list[str]:
        base, tone = syllable[:-1], syllable[-1]
        initial, final = self._syllables.get(_HUMS.get(base, base), ("", ""))
        if final + tone not in self._ids:
            return []  # half a dozen old characters
        return [initial, final + tone, "#0"]


def _interpreter(model: bytes, threads: int) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    if _FLEX in model:
        model = _without_flex(model)
    return Interpreter(model_content=model, num_threads=threads)


def _without_flex(model: bytes) -> bytes:
    """Return a network whose dropout draws its numbers by the interpreter's own operator."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    read = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
    (code,) = (at for at, each in enumerate(read.operatorCodes) if each.customCode == _FLEX)
    operator = read.operatorCodes[code]
    operator.customCode, operator.version = None, 1
    operator.deprecatedBuiltinCode = schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES
    operator.builtinCode = schema.BuiltinOperator.RANDOM_UNIFORM
    for graph in read.subgraphs:
        for each in graph.operators:
            if each.opcodeIndex == code:
                each.customOptions = None
                each.builtinOptionsType = schema.BuiltinOptions.RandomOptions
                each.builtinOptions = schema.RandomOptionsT()
    builder = flatbuffers.Builder(len(model))
    builder.Finish(read.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _run(interpreter: Any, inputs: Sequence[npt.NDArray[Any]], output: int) -> npt.NDArray[np.float32]:
    details = interpreter.get_input_details()
    interpreter.resize_tensor_input(details[0]["index"], inputs[0].shape)
    interpreter.allocate_tensors()
    for detail, value in zip(details, inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    found: npt.NDArray[np.float32] = interpreter.get_tensor(interpreter.get_output_details()[output]["index"])
    return found


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
