"""How likely tokens are, one step after the other, as a search over given sentences asks for it.

Ours on onnxruntime is there anyway where it decodes; elsewhere the decoder in numpy takes its place, with
some 130 MB of its own.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from speech.recognition.decoder import Array, Beams, Decoder, Memory, Tokens
from speech.recognition.onnx_decoder import Next, OnnxDecoder, Past, Sound
from speech.recognition.silence import Encoded

_COMMON = 16_000
"""Tokens that stand for all in the sum of probabilities in numpy, besides those that are told apart: the
commonest, as byte pair encoding numbers them. Behind 25 orders a sentence's score is 0.3 nats too high so,
and 0.8 at most.
"""


class Steps(Protocol):
    """One search's. Chances are logarithms, (beams, columns); a token's stand in its `column`."""

    most_tokens: int

    def column(self, token: int) -> int:
        """Return where a token's chance stands."""
        ...

    def columns(self, tokens: Tokens) -> list[int]:
        """Return where the chances of tokens stand."""
        ...

    def begin(self, tokens: Sequence[int]) -> Array:
        """Read the first tokens, of one beam."""
        ...

    def step(self, parents: Tokens, tokens: Tokens) -> Array:
        """Go on with new beams, each from one of those before by one token."""
        ...


class Stepper(Protocol):
    """A loaded decoder. Thread-safe."""

    def steps(self, encoded: Encoded, tokens: Iterable[int]) -> Steps:
        """Return steps over a clip's encoding, at which these tokens are told apart."""
        ...


class NumpyStepper:
    """The decoder in numpy."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._common = decoder.embedding(np.arange(_COMMON)).T.copy()

    def steps(self, encoded: Encoded, tokens: Iterable[int]) -> Steps:
        """Return steps over a clip's encoding."""
        return _NumpySteps(self._decoder, self._common, self._decoder.memory(encoded), tokens)


class OnnxStepper:
    """The decoder on onnxruntime."""

    def __init__(self, decoder: OnnxDecoder) -> None:
        self._decoder = decoder

    def steps(self, encoded: Encoded, tokens: Iterable[int]) -> Steps:
        """Return steps over a clip's encoding."""
        return _OnnxSteps(self._decoder, self._decoder.sound(encoded, None), tokens)


class _NumpySteps:
    def __init__(self, decoder: Decoder, common: Array, memory: Memory, tokens: Iterable[int]) -> None:
        self.most_tokens = decoder.most_tokens
        self._decoder = decoder
        self._memory = memory
        self._common = common
        rare = sorted({token for token in tokens if token >= _COMMON})
        self._rare = decoder.embedding(np.array(rare, np.int64)).T
        self._at = {token: _COMMON + at for at, token in enumerate(rare)}
        self._beams: Beams | None = None

    def column(self, token: int) -> int:
        return token if token < _COMMON else self._at[token]

    def columns(self, tokens: Tokens) -> list[int]:
        return [self.column(token) for token in tokens.tolist()]

    def begin(self, tokens: Sequence[int]) -> Array:
        self._beams = self._decoder.begin(self._memory, tokens)
        return self._chances(self._beams)

    def step(self, parents: Tokens, tokens: Tokens) -> Array:
        assert self._beams is not None
        self._beams = self._decoder.step(self._memory, self._beams, parents, tokens)
        return self._chances(self._beams)

    def _chances(self, beams: Beams) -> Array:
        scores = np.concatenate([beams.hidden @ self._common, beams.hidden @ self._rare], axis=1)
        highest = scores.max(axis=1, keepdims=True)
        result: Array = scores - highest - np.log(np.exp(scores - highest).sum(axis=1, keepdims=True))
        return result


class _OnnxSteps:
    def __init__(self, decoder: OnnxDecoder, sound: Sound, tokens: Iterable[int]) -> None:
        self.most_tokens = decoder.most_tokens
        self._decoder = decoder
        self._sound = sound
        known = sorted(set(tokens))
        self._told_by = decoder.embedding(np.array(known, np.int64)).T
        self._at = {token: at for at, token in enumerate(known)}
        self._past: Past | None = None

    def column(self, token: int) -> int:
        return self._at[token]

    def columns(self, tokens: Tokens) -> list[int]:
        return [self._at[token] for token in tokens.tolist()]

    def begin(self, tokens: Sequence[int]) -> Array:
        read = np.array([tokens])
        self._past, found = self._decoder.read(self._sound, None, read, [0], [len(tokens) - 1])
        return self._chances(found)

    def step(self, parents: Tokens, tokens: Tokens) -> Array:
        self._past, found = self._decoder.read(
            self._sound, self._past, tokens[:, None], parents.tolist(), [0]
        )
        return self._chances(found)

    def _chances(self, found: Next) -> Array:
        result: Array = found.hidden[:, -1] @ self._told_by - found.mass
        return result
