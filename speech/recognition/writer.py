"""What turns encoded sound into tokens: CTranslate2's decoder, or ours on onnxruntime (`onnx_writer.py`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ctranslate2
import numpy as np

from speech.recognition.silence import Encoded

TOKENS_AT_MOST = 448  # the decoder's positions


@dataclass(frozen=True, slots=True)
class Text:
    """Tokens without the end, and the mean of the logarithms of their chances, the end's counted in."""

    tokens: Sequence[int]
    log_probability: float


@dataclass(frozen=True, slots=True)
class Writing:
    """Texts, likeliest first, at least one; and the chance that there was no speech at all."""

    texts: Sequence[Text]
    no_speech: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What to write: `prompt` are the tokens before the first, `limit` is how many there may be, `texts` how
    many are wanted; at least as many `beams`.
    """

    prompt: Sequence[int]
    limit: int
    beams: int = 1
    texts: int = 1


class Writer(Protocol):
    """A loaded decoder. Thread-safe. `own` is a clip's encoding, `behind` the silence that it is given."""

    name: str
    beams: int
    """How many beams it has time for."""
    multilingual: bool

    def languages(self, own: Encoded, behind: Encoded) -> Mapping[str, float]:
        """Return how likely each language is, by its ISO 639-1 code."""
        ...

    def write(self, own: Encoded, behind: Encoded, wish: Wish) -> Writing:
        """Return what may have been said. Raises RuntimeError."""
        ...


class CTranslate2Writer:
    """The decoder of the model that encodes."""

    name = "ctranslate2"
    beams = 1

    def __init__(self, model: Any) -> None:
        self._model = model
        self.multilingual = bool(model.is_multilingual)

    def languages(self, own: Encoded, behind: Encoded) -> Mapping[str, float]:  # noqa: ARG002 - see below
        """Heard in the clip itself; the silence behind it only costs time here (124 ms against 26)."""
        return {token.strip("<|>"): chance for token, chance in self._model.detect_language(_view(own))[0]}

    def write(self, own: Encoded, behind: Encoded, wish: Wish) -> Writing:
        """Let CTranslate2 write from the first token to the last."""
        result = self._model.generate(
            _view(np.concatenate([own, behind], axis=1)),
            [list(wish.prompt)],
            beam_size=wish.beams,
            num_hypotheses=wish.texts,
            # CTranslate2 writes at most half of this, as Whisper's authors, and counts the prompt in.
            max_length=min(TOKENS_AT_MOST, max(2 * wish.limit, len(wish.prompt) + wish.limit)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        texts = [
            Text(ids, float(score)) for ids, score in zip(result.sequences_ids, result.scores, strict=True)
        ]
        return Writing(texts, float(result.no_speech_prob))


def _view(encoded: Encoded) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(encoded))
