"""What a benchmark is, and what it returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Tell = Callable[[str], None]
"""Takes a line about how far the work is."""


class BenchmarkError(Exception):
    """A benchmark could not be carried out; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: a median where several were measured, else a share, a ratio or a count.

    `unit` is "s", "ms", "MB", "tokens/s", "per hour",
    "x", "share" (of 1) or "points" (a difference of shares). `low` and `high` are the ends of its 95 %
    interval, `p95` the 95th percentile of what was measured, `n` how many measurements there were.
    """

    value: float
    unit: str
    n: int
    p95: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """What a benchmark found. `samples` are the measurements behind the figures, by the figure's key.

    `conditions` say what it was measured on and with, in words.
    """

    figures: Mapping[str, Figure]
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)


class Benchmark(Protocol):
    """One thing that is measured, in a file of its own."""

    name: str

    def lacks(self) -> str | None:
        """What this machine lacks for it, and what brings that; None when nothing."""
        ...

    def run(self, tell: Tell) -> Results:
        """Measure. Raises `BenchmarkError`."""
        ...

    def draw(self, results: Results, axes: "Axes") -> None:
        """Draw the results."""
        ...


def figure_from_json(data: Mapping[str, Any]) -> Figure:
    """A figure as `figure_as_json` wrote it. Raises TypeError when it is not one."""
    return Figure(**data)


def figure_as_json(figure: Figure) -> dict[str, Any]:
    """Four significant digits are more than any of these measurements carries."""
    told = {
        "value": _rounded(figure.value),
        "unit": figure.unit,
        "n": figure.n,
        "p95": _rounded(figure.p95),
        "low": _rounded(figure.low),
        "high": _rounded(figure.high),
    }
    return {key: value for key, value in told.items() if value is not None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
