"""Whether our voices can be understood: numbers, times and names, read back by the recogniser.

What a voice says is what an answer writes ("21.5 °C"); what it should have said was written beside it by
hand (`intelligibility.toml`). The recogniser writes numbers in its own way, so what it wrote is read out as
an answer would be before the two are compared. Its own mistakes count as the voice's.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import intervals
from benchmarks.plots import OURS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.weights import folder_of, missing
from benchmarks.words import errors, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from speech.audio import Samples
    from speech.recognition.whisper import WhisperRecogniser
    from speech.synthesis.voices import Voices

MODEL = "whisper-base"
PIPER = "piper-en_US-joe-medium"
MANDARIN = "fastspeech2-baker"
RATE_HZ = 16_000
QUIET_S = 0.25
SENTENCES = Path(__file__).with_name("intelligibility.toml")
LABELS = {"piper": "en", "espeak_en": "en", "espeak_zh": "zh", "mandarin": "zh"}
"""Who speaks, and in which language."""
_SPELT = {"metre": "meter", "litre": "liter", "kilometre": "kilometer"}
_AS_A_TIME = re.compile(r"\b(\d{1,2})[.]?([0-5]\d)(?=\s?(?:[ap]\.?m|分))", re.IGNORECASE)
"""The recogniser writes 7.05 AM, 230 pm and 10.15分 for times."""
_SAME_SAID = str.maketrans({"两": "二", "幺": "一", "〇": "零"})


def syllables(characters: Sequence[str]) -> list[str]:
    """Pinyin without tones."""
    from pypinyin import lazy_pinyin

    return [str(each) for each in lazy_pinyin("".join(characters))]


UNITS: Mapping[str, Mapping[str, Callable[[Sequence[str]], list[str]]]] = {
    "en": {"words": list},
    "zh": {"characters": list, "syllables": syllables},
}
"""What is counted in a language, and how a text is cut into them."""


class Intelligibility:
    """Words wrong of what each voice says, and in Chinese characters and syllables."""

    name = "intelligibility"

    def __init__(self, most: int | None = None) -> None:
        """With `most` only so many sentences a language."""
        self._most = most

    def lacks(self) -> str | None:
        """A recogniser and the English voice."""
        return missing([MODEL, PIPER])

    def run(self, tell: Tell) -> Results:
        """Have every voice say every sentence of its language."""
        from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

        figures: dict[str, Figure] = {}
        settings = WhisperSettings("cpu", "int8", 2, 1, ("en", "zh"), None)
        with closing(WhisperRecogniser(folder_of(MODEL), settings)) as recogniser:
            for who, language in LABELS.items():
                if who == "mandarin" and missing([MANDARIN]):
                    continue
                said = list(sentences(language).items())[: self._most]
                with _voices(who) as voices:
                    figures |= _measured(recogniser, voices, said, who, language, tell)
        return Results(
            figures,
            {},
            {
                "sentences": "benchmarks/intelligibility.toml",
                "read back by": f"{MODEL}, which counts its own mistakes too; no names to expect",
                "syllables": "Chinese by its pinyin without tones: a homophone is heard right",
            },
        )

    def draw(self, results: Results, axes: "Axes") -> None:
        """A bar a voice, with its interval."""
        keys = list(results.figures)
        values = [results.figures[key].value * 100 for key in keys]
        axes.barh(range(len(keys)), values, color=OURS)
        for row, key in enumerate(keys):
            figure = results.figures[key]
            low, high = (figure.low or 0) * 100, (figure.high or 0) * 100
            axes.plot([low, high], [row, row], color="black", linewidth=1)
        axes.set(yticks=range(len(keys)), yticklabels=[key.replace("_", " ") for key in keys])
        axes.set(xlabel="wrong, % (95 % interval)")


def sentences(language: str) -> Mapping[str, str]:
    """What is written -> how a person reads it."""
    found: dict[str, dict[str, str]] = tomllib.loads(SENTENCES.read_text("utf-8"))
    return found[language]


def compared(text: str, language: str) -> list[str]:
    """Words, or in Chinese characters, in one spelling, numbers as they are read."""
    from assistant.understanding.normalise import words_of
    from speech.synthesis.spoken import spoken

    said = spoken(_AS_A_TIME.sub(r"\1:\2", text), language).lower()
    if language == "zh":
        simple = said.translate(dict(words_of("zh").twins))
        return [each for each in simple.translate(_SAME_SAID) if each.isalnum()]
    for british, american in _SPELT.items():
        said = said.replace(british, american)
    return words(said.replace("o'clock", "o clock"))


def _measured(
    recogniser: "WhisperRecogniser",
    voices: "Voices",
    said: Sequence[tuple[str, str]],
    who: str,
    language: str,
    tell: Tell,
) -> dict[str, Figure]:
    wrong: dict[str, list[float]] = {}
    lengths: dict[str, list[float]] = {}
    for written, meant in said:
        heard = recogniser.transcribe(_sound(voices, written, language), language=language).text
        wanted, got = compared(meant, language), compared(heard, language)
        for unit, cut in UNITS[language].items():
            count = errors(cut(wanted), cut(got))
            wrong.setdefault(unit, []).append(count)
            lengths.setdefault(unit, []).append(len(cut(wanted)))
        if wanted != got:
            tell(f"{who}: {written} was heard as {heard.strip()}")
    return {f"{who}_{unit}_wrong": intervals.rate(wrong[unit], lengths[unit]) for unit in wrong}


def _sound(voices: "Voices", text: str, language: str) -> "Samples":
    import soxr

    pieces = [soxr.resample(piece, rate_hz, RATE_HZ) for piece, rate_hz in voices.speak(text, language)]
    samples: Samples = np.pad(np.concatenate(pieces), int(QUIET_S * RATE_HZ))
    return samples


@contextmanager
def _voices(who: str) -> "Iterator[Voices]":
    from speech.synthesis.espeak import EspeakProcess, EspeakVoice
    from speech.synthesis.fastspeech2 import MandarinVoice
    from speech.synthesis.piper import PiperVoice
    from speech.synthesis.voices import Voices

    with closing(EspeakProcess()) as process:
        match who:
            case "piper":
                yield Voices({"en": PiperVoice(folder_of(PIPER), process, variation=0.0)})
            case "mandarin":
                yield Voices({"zh": MandarinVoice(folder_of(MANDARIN))})
            case _:
                yield Voices({LABELS[who]: EspeakVoice(process)})
