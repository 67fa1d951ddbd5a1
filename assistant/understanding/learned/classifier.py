"""Which meaning a sentence has: multinomial logistic regression on its embedding.

The regression is fitted with full-batch gradients and L2. One temperature makes its probabilities hold
(Guo et al. 2017, "On Calibration of Modern Neural Networks"); it is chosen on sentences that it was not
fitted on, and so is the threshold from which it is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.understanding.learned.embedding import Vectors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

L2 = 0.1
STEPS = 200
RATE = 0.15
SPREAD = 8.0  # length of an average sentence's vector once its mean is taken off
_TEMPERATURES = np.geomspace(0.2, 20.0, 80)


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted regression: `scores = (x - mean) * scale @ matrix + bias`. Shapes (d,), (d,), (d, c), (c,)."""

    mean: Floats
    scale: float
    matrix: Floats
    bias: Floats
    temperature: float = 1.0

    def scores(self, vectors: Vectors) -> Floats:
        """Return the logits before the temperature, shape (n, c)."""
        return np.asarray((vectors - self.mean) * self.scale @ self.matrix + self.bias, np.float64)

    def probabilities(self, vectors: Vectors) -> Floats:
        """Return the probability of each class, shape (n, c); rows add up to 1."""
        return softmax(self.scores(vectors) / self.temperature)


def softmax(scores: Floats) -> Floats:
    """Return each row's exponentials over their sum."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)


def fit(
    vectors: Vectors, classes: Sequence[int], count: int, weights: Sequence[float] | None = None
) -> Weights:
    """Fit `count` classes on vectors of shape (n, d). Rare classes count as much as common ones, by half.

    Raises ValueError for no vectors.
    """
    wanted = np.asarray(classes, np.int64)
    if not len(wanted):
        raise ValueError("there is nothing to fit on")
    mean = vectors.mean(axis=0, dtype=np.float64)
    scale = SPREAD / max(float((vectors - mean).std()), 1e-9) / float(np.sqrt(vectors.shape[1]))
    x = (vectors - mean) * scale
    frequency = np.bincount(wanted, minlength=count).astype(np.float64)
    each = 1.0 / np.sqrt(np.maximum(frequency, 1.0))[wanted]
    each *= np.ones(len(wanted)) if weights is None else np.asarray(weights, np.float64)
    each /= each.sum()
    target = np.zeros((len(wanted), count))
    target[np.arange(len(wanted)), wanted] = 1.0
    matrix, bias = np.zeros((x.shape[1], count)), np.zeros(count)
    steps = [np.zeros_like(matrix), np.zeros_like(matrix), np.zeros_like(bias), np.zeros_like(bias)]
    for step in range(1, STEPS + 1):
        error = (softmax(x @ matrix + bias) - target) * each[:, None]
        matrix -= _adam(steps, 0, x.T @ error + L2 * matrix / count, step)
        bias -= _adam(steps, 2, error.sum(axis=0), step)
    return Weights(mean, scale, matrix, bias)


def _adam(state: list[Floats], at: int, gradient: Floats, step: int) -> Floats:
    """One step of Adam (Kingma and Ba 2015), with its usual constants and a rate that falls to nothing."""
    state[at] = 0.9 * state[at] + 0.1 * gradient
    state[at + 1] = 0.999 * state[at + 1] + 0.001 * gradient**2
    first, second = state[at] / (1 - 0.9**step), state[at + 1] / (1 - 0.999**step)
    rate = RATE * 0.5 * (1 + np.cos(np.pi * step / STEPS))
    return np.asarray(rate * first / (np.sqrt(second) + 1e-8), np.float64)


def temperature(scores: Floats, wanted: Ints) -> float:
    """Return the temperature with which the probabilities of the wanted classes are the likeliest."""
    if not len(wanted):
        return 1.0
    rows = np.arange(len(wanted))
    losses = [-np.log(softmax(scores / each)[rows, wanted] + 1e-12).mean() for each in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def calibration_error(probabilities: Floats, wanted: Ints, bins: int = 10) -> float:
    """Return the expected calibration error: how far off the top probability is from being right, 0 to 1."""
    if not len(wanted):
        return 0.0
    sure = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == wanted).astype(np.float64)
    placed = np.minimum((sure * bins).astype(np.int64), bins - 1)
    return float(
        sum(
            np.abs(sure[placed == each].mean() - right[placed == each].mean()) * (placed == each).mean()
            for each in range(bins)
            if (placed == each).any()
        )
    )
