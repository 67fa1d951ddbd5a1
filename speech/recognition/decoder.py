"""Whisper's decoder in numpy, one step at a time, so that every step may be led.

CTranslate2 decodes from the first word to the last by itself and takes no list of what may come next. A
second look at an order has such a list (`second_look.py`), is rare, and is short: twenty steps of a dozen
beams are half a billion multiplications each. The arithmetic is that of openai/whisper's `model.py`, in
float32, on the weights of the same file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech.recognition.ct2_weights import Tensor, read_tensors
from speech.recognition.engine import RecognitionError

Array = npt.NDArray[np.float32]
Tokens = npt.NDArray[np.int64]
Pair = tuple[Array, Array]
"""Keys and values."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One clip as each layer sees it: keys (heads, width, positions), values (heads, positions, width)."""

    layers: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Beams:
    """Where some beams have come to. `hidden` is (beams, width); `past` holds keys and values of the tokens
    so far, (beams, heads, tokens, width of a head) for each layer.
    """

    hidden: Array
    past: tuple[Pair, ...]
    length: int


@dataclass(frozen=True, slots=True)
class _Norm:
    gain: Array
    shift: Array

    def __call__(self, x: Array) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.square(centred).mean(-1, keepdims=True)
        result: Array = centred / np.sqrt(spread + np.float32(1e-5)) * self.gain + self.shift
        return result


@dataclass(frozen=True, slots=True)
class _Linear:
    weight: Array  # (in, out)
    bias: Array

    def __call__(self, x: Array) -> Array:
        result: Array = x @ self.weight + self.bias
        return result


@dataclass(frozen=True, slots=True)
class _Layer:
    """One block: attention to the words so far, to the sound, and two layers over each position."""

    words_norm: _Norm
    words_in: _Linear
    words_out: _Linear
    sound_norm: _Norm
    sound_query: _Linear
    sound_memory: _Linear
    sound_out: _Linear
    wide_norm: _Norm
    widen: _Linear
    narrow: _Linear


class Decoder:
    """The weights. About 100 MB for `base`, and what is read of the file. Thread-safe: nothing changes."""

    def __init__(self, weights: Path) -> None:
        """Read a model of CTranslate2's. Raises `RecognitionError`."""
        tensors = read_tensors(weights)
        try:
            self._heads = int(np.ravel(tensors["decoder/num_heads"])[0])
            self._embedding = tensors["decoder/embeddings/weight"]  # as it is on disk: half the memory
            self._positions = _array(tensors["decoder/position_encodings/encodings"])
            self._norm = _norm(tensors, "decoder/layer_norm")
            self._layers = tuple(_layers(tensors))
        except KeyError as error:
            raise RecognitionError(f"{weights} holds no Whisper model: sotto models verify") from error
        if self._embedding.dtype.kind != "f":
            raise RecognitionError(f"{weights} is quantised already, and cannot be read here")

    @property
    def most_tokens(self) -> int:
        """How many tokens there can be in all."""
        return len(self._positions)

    def embedding(self, tokens: Tokens) -> Array:
        """Return what tokens are, (tokens, width), which is also what they are told by."""
        return _array(self._embedding[tokens])

    def memory(self, encoded: Array) -> Memory:
        """Return a clip's encoding, (1, positions, width), as the layers see it."""
        positions, width = encoded.shape[1:]
        layers = []
        for layer in self._layers:
            keys, values = np.split(layer.sound_memory(encoded[0]), 2, axis=1)
            split = (positions, self._heads, width // self._heads)
            layers.append(
                (
                    np.ascontiguousarray(keys.reshape(split).transpose(1, 2, 0)),
                    np.ascontiguousarray(values.reshape(split).transpose(1, 0, 2)),
                )
            )
        return Memory(tuple(layers))

    def begin(self, memory: Memory, tokens: Sequence[int]) -> Beams:
        """Return one beam that has read the first tokens."""
        beams = None
        for token in tokens:
            beams = self._step(memory, beams, np.array([token]))
        assert beams is not None
        return beams

    def step(self, memory: Memory, beams: Beams, parents: Tokens, tokens: Tokens) -> Beams:
        """Return new beams: each goes on from one of those before, by one token."""
        past = tuple((keys[parents], values[parents]) for keys, values in beams.past)
        return self._step(memory, Beams(beams.hidden, past, beams.length), tokens)

    def ask(self, tokens: Sequence[int], answer: Callable[[int, Array], Array]) -> None:
        """Read tokens one after the other, and have somebody else answer what is asked of the sound.

        `answer` gets a layer's number and its question, (heads, 1, width of a head), and returns what is
        heard, alike.
        """
        past: list[Pair | None] = [None] * len(self._layers)
        for place, token in enumerate(tokens):
            x: Array = self.embedding(np.array([token])) + self._positions[place]
            for number, layer in enumerate(self._layers):
                x, past[number] = self._attend_words(layer, x, past[number])
                heard = answer(number, self._question(layer, x))
                x = x + layer.sound_out(heard.transpose(1, 0, 2).reshape(x.shape))
                x = x + layer.narrow(_gelu(layer.widen(layer.wide_norm(x))))

    def sound(self, number: int) -> tuple[Pair, Array]:
        """Return how a layer sees sound: weight (width, twice the width) and bias of keys and values, and the
        weight of what it puts out, (width, width).
        """
        layer = self._layers[number]
        return (layer.sound_memory.weight, layer.sound_memory.bias), layer.sound_out.weight

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    def _step(self, memory: Memory, beams: Beams | None, tokens: Tokens) -> Beams:
        length = 0 if beams is None else beams.length
        x: Array = self.embedding(tokens) + self._positions[length]
        past = []
        for number, layer in enumerate(self._layers):
            x, kept = self._attend_words(layer, x, None if beams is None else beams.past[number])
            past.append(kept)
            x = self._attend_sound(layer, x, memory.layers[number])
            x = x + layer.narrow(_gelu(layer.widen(layer.wide_norm(x))))
        return Beams(self._norm(x), tuple(past), length + 1)

    def _attend_words(self, layer: _Layer, x: Array, past: Pair | None) -> tuple[Array, Pair]:
        count, width = x.shape
        split = (count, self._heads, 1, width // self._heads)
        query, keys, values = (
            each.reshape(split) for each in np.split(layer.words_in(layer.words_norm(x)), 3, axis=1)
        )
        if past is not None:
            keys = np.concatenate([past[0], keys], axis=2)
            values = np.concatenate([past[1], values], axis=2)
        scaled: Array = query * self._scale(width)
        alike: Array = scaled @ keys.transpose(0, 1, 3, 2)
        chances = _softmax(alike)
        return x + layer.words_out((chances @ values).reshape(count, width)), (keys, values)

    def _attend_sound(self, layer: _Layer, x: Array, memory: Pair) -> Array:
        alike: Array = self._question(layer, x) @ memory[0]
        chances = _softmax(alike)
        seen = (chances @ memory[1]).transpose(1, 0, 2).reshape(x.shape)
        result: Array = x + layer.sound_out(seen)
        return result

    def _question(self, layer: _Layer, x: Array) -> Array:
        count, width = x.shape
        query = layer.sound_query(layer.sound_norm(x)).reshape(count, self._heads, width // self._heads)
        scaled: Array = query.transpose(1, 0, 2) * self._scale(width)
        return scaled

    def _scale(self, width: int) -> np.float32:
        return np.float32((width // self._heads) ** -0.5)


def _layers(tensors: Mapping[str, Tensor]) -> list[_Layer]:
    count = sum(
        name.startswith("decoder/layer_") and name.endswith("/ffn/linear_0/weight") for name in tensors
    )
    return [
        _Layer(
            words_norm=_norm(tensors, f"{at}/self_attention/layer_norm"),
            words_in=_linear(tensors, f"{at}/self_attention/linear_0"),
            words_out=_linear(tensors, f"{at}/self_attention/linear_1"),
            sound_norm=_norm(tensors, f"{at}/attention/layer_norm"),
            sound_query=_linear(tensors, f"{at}/attention/linear_0"),
            sound_memory=_linear(tensors, f"{at}/attention/linear_1"),
            sound_out=_linear(tensors, f"{at}/attention/linear_2"),
            wide_norm=_norm(tensors, f"{at}/ffn/layer_norm"),
            widen=_linear(tensors, f"{at}/ffn/linear_0"),
            narrow=_linear(tensors, f"{at}/ffn/linear_1"),
        )
        for at in (f"decoder/layer_{number}" for number in range(count))
    ]


def _array(tensor: Tensor) -> Array:
    return np.ascontiguousarray(tensor, np.float32)


def _norm(tensors: Mapping[str, Tensor], name: str) -> _Norm:
    return _Norm(_array(tensors[f"{name}/gamma"]), _array(tensors[f"{name}/beta"]))


def _linear(tensors: Mapping[str, Tensor], name: str) -> _Linear:
    return _Linear(_array(tensors[f"{name}/weight"].T), _array(tensors[f"{name}/bias"]))


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    result: Array = powers / powers.sum(-1, keepdims=True)
    return result


def _gelu(x: Array) -> Array:
    """Return x Phi(x), with the error function of Abramowitz and Stegun 7.1.26, exact to 1.5e-7."""
    size: Array = np.abs(x) * np.float32(0.5**0.5)
    t: Array = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * size)
    series: Array = np.full_like(t, 1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = series * t + np.float32(factor)
    erf: Array = np.sign(x) * (1 - series * t * np.exp(-np.square(size)))
    result: Array = np.float32(0.5) * x * (1 + erf)
    return result
