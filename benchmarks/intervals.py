"""Medians and 95 % intervals."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.protocol import Figure

Z = 1.959964
"""Two-sided 95 % of a normal distribution."""
_ENOUGH_FOR_INTERVAL = (
    6  # with fewer, even the range of all samples covers the median less than 95 % of the time
)
_ENOUGH_FOR_P95 = 10
_RESAMPLES = 4_000
_SEED = 20_261_123  # the same samples give the same interval

Numbers = npt.NDArray[np.float64]


def of_samples(samples: Sequence[float], unit: str) -> Figure:
    """The median, its bootstrap interval, and the 95th percentile, as far as there are enough samples."""
    n = len(samples)
    low, high = bootstrap(lambda picked: np.median(_at(samples, picked), axis=1), n)
    return Figure(
        value=float(np.median(samples)),
        unit=unit,
        n=n,
        p95=float(np.percentile(samples, 95)) if n >= _ENOUGH_FOR_P95 else None,
        low=low if n >= _ENOUGH_FOR_INTERVAL else None,
        high=high if n >= _ENOUGH_FOR_INTERVAL else None,
    )


def ratio_of_medians(ours: Sequence[float], peers: Sequence[float]) -> Figure:
    """How many times as long the peer takes, on pairs: both heard the same clip."""
    low, high = bootstrap(
        lambda picked: np.median(_at(peers, picked), axis=1) / np.median(_at(ours, picked), axis=1), len(ours)
    )
    return Figure(float(np.median(peers) / np.median(ours)), "x", len(ours), low=low, high=high)


def rate(errors: Sequence[float], words: Sequence[float]) -> Figure:
    """Errors per word over clips; clips are what is resampled, since the words in one clip go together."""
    low, high = bootstrap(
        lambda picked: _at(errors, picked).sum(axis=1) / _at(words, picked).sum(axis=1), len(words)
    )
    return Figure(float(np.sum(errors) / np.sum(words)), "share", len(words), low=low, high=high)


def difference_of_rates(ours: Sequence[float], peers: Sequence[float], words: Sequence[float]) -> Figure:
    """Our errors per word less the peer's, paired by clip."""
    more = np.subtract(ours, peers)
    figure = rate([float(each) for each in more], words)
    return Figure(figure.value, "points", figure.n, low=figure.low, high=figure.high)


def share(found: int, of: int) -> Figure:
    """A share of independent trials with Wilson's score interval.

    Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22.
    """
    p = found / of
    middle = (p + Z**2 / (2 * of)) / (1 + Z**2 / of)
    half = Z / (1 + Z**2 / of) * math.sqrt(p * (1 - p) / of + Z**2 / (4 * of**2))
    # Without a success, or without a failure, the one end is exactly 0 or 1; rounding must not pass it.
    low = 0.0 if found == 0 else middle - half
    high = 1.0 if found == of else middle + half
    return Figure(p, "share", of, low=low, high=high)


def events_per_hour(count: int, hours: float, n: int) -> Figure:
    """Events in a span of time with the exact Poisson interval; with no event, a one-sided upper bound.

    Garwood, F. (1936), "Fiducial limits for the Poisson distribution", Biometrika 28. No event in h hours
    bounds the rate at 3.0 / h with 95 % confidence ("rule of three").
    """
    if count == 0:
        return Figure(0.0, "per hour", n, low=0.0, high=-math.log(0.05) / hours)
    low = _solve(lambda mean: 1.0 - _poisson_cdf(count - 1, mean), 0.025, rising=True)
    high = _solve(lambda mean: _poisson_cdf(count, mean), 0.025, rising=False)
    return Figure(count / hours, "per hour", n, low=low / hours, high=high / hours)


def bootstrap(statistic: Callable[[npt.NDArray[np.int64]], Numbers], n: int) -> tuple[float, float]:
    """The 95 % percentile interval of a statistic over `n` items.

    `statistic` takes rows of picked indices and returns one number a row. Efron, B. (1979), "Bootstrap
    methods: another look at the jackknife", The Annals of Statistics 7.
    """
    picked = np.random.default_rng(_SEED).integers(0, n, (_RESAMPLES, n))
    low, high = np.percentile(statistic(picked), [2.5, 97.5])
    return float(low), float(high)


def _at(values: Sequence[float], picked: npt.NDArray[np.int64]) -> Numbers:
    return np.asarray(values, dtype=np.float64)[picked]


def _poisson_cdf(count: int, mean: float) -> float:
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


def _solve(function: Callable[[float], float], target: float, *, rising: bool) -> float:
    """Where a monotonic function of a mean reaches `target`, by halving."""
    low, high = 1e-9, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if (function(middle) < target) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
