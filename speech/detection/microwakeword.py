"""Wake words by microWakeWord (github.com/kahrendt/microWakeWord), as pymicro-wakeword ships them."""

from collections.abc import Sequence
from pathlib import Path

import pymicro_wakeword
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures

from speech.audio import Samples

_BUILT_IN = Path(pymicro_wakeword.__file__).parent / "models"


class WakeWordError(Exception):
    """A wake word could not be loaded; the message is one line for a person."""


def built_in_words() -> tuple[str, ...]:
    """Names of the words that need no file."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.json")))


class MicroWakeWords:
    """Several words on one stream; they share the features, which are most of the cost.

    A word is a built-in's name or the path of a model's JSON file. `sensitivity` (0 to 1, for all words or
    for each) moves a word's own threshold: 0.5 leaves it, more wakes easier.
    """

    def __init__(self, words: Sequence[str], sensitivity: float | Sequence[float] = 0.5) -> None:
        each = [sensitivity] * len(words) if isinstance(sensitivity, float | int) else sensitivity
        self._features = MicroWakeWordFeatures()
        self._models = [_load(word, eager) for word, eager in zip(words, each, strict=True)]
        self.words = tuple(model.wake_word for model in self._models)

    def detect(self, samples: Samples) -> str | None:
        """Take the next piece, of any length; return the word that ended within it, else None."""
        found: str | None = None
        for features in self._features.process_streaming(samples.tobytes()):
            for model in self._models:
                if model.process_streaming(features):
                    found = model.wake_word
        if found is not None:
            self.reset()
        return found

    def reset(self) -> None:
        """Forget what was heard."""
        self._features.reset()
        for model in self._models:
            model.reset()


def _load(word: str, sensitivity: float) -> MicroWakeWord:
    path = Path(word) if word.endswith(".json") else _BUILT_IN / f"{word}.json"
    if not path.is_file():
        raise WakeWordError(
            f'there is no wake word "{word}": use one of {", ".join(built_in_words())}, '
            "or the path of a microWakeWord JSON file"
        )
    model = MicroWakeWord.from_config(path)
    # Half way leaves the author's threshold; the ends reach a third of it and nearly 1.
    cutoff = model.probability_cutoff
    model.probability_cutoff = (
        cutoff + (0.995 - cutoff) * (0.5 - sensitivity) * 2
        if sensitivity < 0.5
        else cutoff * (1 - (sensitivity - 0.5) * 4 / 3)
    )
    return model
