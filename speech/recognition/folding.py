"""Folds 30 s of encoded silence into a hundred positions that the decoder takes for all of it.

The decoder projects every position into each of its layers and reads them all for every word, so that 1,400
positions of silence cost more than two seconds of speech. What they do there is little: in each head of each
layer they draw some of the attention (a mass) and answer with some value. A few positions can do the same, if
they are chosen for it: those whose mass and values come closest, over the questions (queries) that the
decoder really asks while it writes sentences.

So the decoder's questions are collected from sentences that it writes anyway, and the positions are moved by
gradient descent until the output of each layer's cross-attention is what it was before all of the silence.
No gradient passes through the decoder, each layer being matched by itself: it takes half a minute on two
cores, needs nothing but numpy and the model's own file, and is done once, where the model is used.
`docs/recognition.md` has the measurements.

Kin: attention sinks (Xiao et al. 2023, arXiv:2309.17453), prefix tuning (Li and Liang 2021,
arXiv:2101.00190), gist tokens (Mu et al. 2023, arXiv:2304.08467).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from speech.recognition.decoder import Array, Decoder

POSITIONS = 96
"""With 48 one in ten short words loops; more than 96 only take time."""
STEPS = 250
_AT_ONCE = 256  # questions of one step
_RATE = 0.05
_HEAD = 64  # the width of an attention head, in every size of Whisper
_CHECKED = 8  # every so-many-th question is kept for judging, not for fitting
_FEWEST = 100  # tokens; twenty short sentences
_SHORTEST = 150  # positions of the shortest clips: the silence begins behind them

Matrix = npt.NDArray[np.floating[Any]]
Progress = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that the decoder wrote: the clip's own positions (n, width), and its tokens, the prompt's
    first.
    """

    own: Matrix
    tokens: Sequence[int]


@dataclass(frozen=True, slots=True)
class Folded:
    """The positions (positions, width), and how far the layers' outputs are from those before all of the
    silence: the mean square of the difference by that of the output, over questions that were not fitted.
    """

    positions: Matrix
    error: float


def fold(
    decoder: Decoder,
    silence: Matrix,
    sentences: Sequence[Written],
    progress: Progress,
    positions: int = POSITIONS,
) -> Folded:
    """Return what stands for `silence` (1,500, width) behind the sentences.

    Raises ValueError for too few words.
    """
    if sum(len(each.tokens) for each in sentences) < _FEWEST:
        raise ValueError("too few words to learn from")
    # The matrices are small: a second thread gains nothing, and beside other work it mostly waits.
    with threadpool_limits(1):
        layers = [_Layer(decoder, number, silence) for number in range(decoder.layers)]
        for sentence in sentences:
            decoder.ask(sentence.tokens, _told(layers, sentence.own))
        return _folded(layers, _begin(silence, positions), progress)


def _told(layers: Sequence["_Layer"], own: Matrix) -> Callable[[int, Array], Array]:
    """What answers the decoder's questions about one clip, and remembers them."""
    heard = [layer.sees(own) for layer in layers]
    return lambda number, question: layers[number].answered(question, *heard[number], start=len(own))


def _folded(layers: Sequence["_Layer"], folded: Matrix, progress: Progress) -> Folded:
    matched = [(layer, layer.questions()) for layer in layers]
    every = np.arange(len(matched[0][1].wanted))
    fitted, kept_back = every[every % _CHECKED > 0], every[every % _CHECKED == 0]
    mean, square = np.zeros_like(folded), np.zeros_like(folded)
    chance = np.random.default_rng(0)
    for step in range(1, STEPS + 1):
        some = chance.choice(fitted, min(len(fitted), _AT_ONCE), replace=False)
        slope = sum(layer.slope(folded, asked.at(some)) for layer, asked in matched)
        # Adam (Kingma and Ba 2014), its rate falling to nothing along a cosine.
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * np.square(slope)
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / STEPS))
        steps = mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        folded = np.asarray(folded - rate * steps, np.float32)
        progress(step / STEPS)
    errors = [layer.error(folded, asked.at(kept_back)) for layer, asked in matched]
    return Folded(folded, float(np.mean(errors)))


def _begin(silence: Matrix, positions: int) -> Matrix:
    """Real positions to begin with: half of them those least like the rest, which are the sinks, half evenly
    from the rest.
    """
    behind = silence[_SHORTEST:]
    usual = np.median(silence, axis=0)
    alike = behind @ usual / (np.linalg.norm(behind, axis=1) * np.linalg.norm(usual))
    order = np.argsort(alike)
    sinks, rest = order[: positions // 2], np.sort(order[positions // 2 :])
    even = np.linspace(0, len(rest) - 1, positions - positions // 2).round().astype(int)
    chosen: Matrix = behind[np.sort(np.concatenate([sinks, rest[even]]))]
    return chosen


@dataclass(frozen=True, slots=True)
class _Questions:
    """What one layer asked, and what it heard of the clip itself.

    `query` and `own_value` are (heads, tokens, 64), `own_mass` (heads, tokens) is the logarithm of the clip's
    mass, `wanted` (tokens, width) what came out with all of the silence.
    """

    query: Matrix
    own_mass: Matrix
    own_value: Matrix
    wanted: Matrix

    @classmethod
    def joined(cls, parts: Sequence["_Questions"]) -> "_Questions":
        """The questions of several sentences."""
        return cls(
            np.concatenate([each.query for each in parts], axis=1),
            np.concatenate([each.own_mass for each in parts], axis=1),
            np.concatenate([each.own_value for each in parts], axis=1),
            np.concatenate([each.wanted for each in parts]),
        )

    def at(self, some: npt.NDArray[np.int64]) -> "_Questions":
        """These tokens' alone."""
        return _Questions(
            self.query[:, some], self.own_mass[:, some], self.own_value[:, some], self.wanted[some]
        )


class _Layer:
    """One layer's cross-attention, and what it was asked."""

    def __init__(self, decoder: Decoder, number: int, silence: Matrix) -> None:
        (weight, bias), self._out = decoder.sound(number)
        width = len(weight)
        self._key, self._value, self._value_bias = weight[:, :width], weight[:, width:], bias[width:]
        self._silence = self.sees(silence)
        self._asked: list[_Questions] = []

    def questions(self) -> _Questions:
        """Everything that was asked."""
        return _Questions.joined(self._asked)

    def slope(self, folded: Matrix, asked: _Questions) -> Matrix:
        """The direction in which the positions make the error grow."""
        value, weights, share, heard, off = self._answer(folded, asked)
        scale = 2 / (off.size * np.mean(np.square(asked.wanted)))
        pull = _split(scale * off @ self._out.T)  # by what each head put out
        to_heard = share[..., None] * pull
        # How much of the attention the silence draws, and how it is spread over the positions.
        to_mass = (pull * (heard - asked.own_value)).sum(-1) * share * (1 - share)
        to_weights = to_heard @ _turned(value)
        to_weights -= (weights * to_weights).sum(-1, keepdims=True)
        to_score = weights * (to_weights + to_mass[..., None])
        to_key = _turned(to_score) @ asked.query
        to_value = _turned(weights) @ to_heard
        slope: Matrix = _joined(to_key) @ self._key.T + _joined(to_value) @ self._value.T
        return slope

    def error(self, folded: Matrix, asked: _Questions) -> float:
        """The mean square of what is off, by that of what is wanted."""
        off = self._answer(folded, asked)[-1]
        return float(np.mean(np.square(off)) / np.mean(np.square(asked.wanted)))

    def _answer(self, folded: Matrix, asked: _Questions) -> tuple[Matrix, ...]:
        key, value = self.sees(folded)
        mass, weights, heard = _heard(asked.query, key, value)
        share = _share(mass, asked.own_mass)
        off = self._put_out(_mixed(share, heard, asked.own_value)) - asked.wanted
        return value, weights, share, heard, off

    def answered(self, query: Matrix, own_key: Matrix, own: Matrix, start: int) -> Array:
        """What a question (heads, tokens, 64) hears in a clip and the silence from `start` on behind it."""
        key, value = (each[:, start:] for each in self._silence)
        own_mass, _, own_value = _heard(query, own_key, own)
        mass, _, heard = _heard(query, key, value)
        mixed = _mixed(_share(mass, own_mass), heard, own_value)
        self._asked.append(_Questions(query, own_mass, own_value, self._put_out(mixed)))
        return np.asarray(mixed, np.float32)

    def sees(self, encoded: Matrix) -> tuple[Matrix, Matrix]:
        """Keys and values of an encoding, each (heads, positions, 64)."""
        return _split(encoded @ self._key), _split(encoded @ self._value + self._value_bias)

    def _put_out(self, mixed: Matrix) -> Matrix:
        put_out: Matrix = _joined(mixed) @ self._out
        return put_out


def _mixed(share: Matrix, value: Matrix, own_value: Matrix) -> Matrix:
    mixed: Matrix = own_value + share[..., None] * (value - own_value)
    return mixed


def _heard(query: Matrix, key: Matrix, value: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """The logarithm of the mass that the positions draw, their weights, and the value that comes of them."""
    scores = query @ _turned(key)
    highest = scores.max(-1, keepdims=True)
    weights = np.exp(scores - highest)
    mass = weights.sum(-1, keepdims=True)
    weights = weights / mass
    return (highest + np.log(mass))[..., 0], weights, weights @ value


def _share(mass: Matrix, own_mass: Matrix) -> Matrix:
    return 1 / (1 + np.exp(np.clip(own_mass - mass, -50, 50)))


def _split(x: Matrix) -> Matrix:
    """(tokens, width) as (heads, tokens, 64)."""
    return np.ascontiguousarray(x.reshape(len(x), -1, _HEAD).transpose(1, 0, 2))


def _joined(x: Matrix) -> Matrix:
    """(heads, tokens, 64) as (tokens, width)."""
    return x.transpose(1, 0, 2).reshape(x.shape[1], -1)


def _turned(x: Matrix) -> Matrix:
    return x.transpose(0, 2, 1)
