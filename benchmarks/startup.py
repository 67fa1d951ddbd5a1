"""How long `sotto` takes to say anything at all: whole processes, from start to exit."""

import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.intervals import of_samples
from benchmarks.plots import OTHER, OURS
from benchmarks.program import environment, sotto
from benchmarks.protocol import BenchmarkError, Results, Tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIMES = 20
GOAL_S = 0.3
ARGUMENTS = {"help_s": "--help", "version_s": "--version"}


class Startup:
    """`sotto --help` and `sotto --version`, in turns."""

    name = "startup"

    def lacks(self) -> str | None:
        """Nothing: the command is part of what is measured."""
        return None

    def run(self, tell: Tell) -> Results:
        """Run each once to fill the system's file cache, then `TIMES` times."""
        tell(f"{TIMES} times each")
        samples: dict[str, list[float]] = {key: [] for key in ARGUMENTS}
        for time_number in range(TIMES + 1):
            for key, argument in ARGUMENTS.items():
                began_s = time.perf_counter()
                done = subprocess.run(
                    sotto(argument), capture_output=True, text=True, check=False, env=environment()
                )
                took_s = time.perf_counter() - began_s
                if done.returncode != 0:
                    last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
                    raise BenchmarkError(f"sotto {argument} ended with {done.returncode}: {last}")
                if time_number > 0:
                    samples[key].append(took_s)
        return Results({key: of_samples(those, "s") for key, those in samples.items()}, samples)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Every process as a dot, and the goal."""
        for row, key in enumerate(ARGUMENTS):
            those = results.samples[key]
            axes.plot(those, [row] * len(those), "o", color=OURS, alpha=0.5)
            axes.plot(results.figures[key].value, row, "|", color="black", markersize=24)
        axes.axvline(GOAL_S, color=OTHER, linestyle="--", label=f"goal: {GOAL_S} s")
        axes.set(yticks=range(len(ARGUMENTS)), yticklabels=[f"sotto {each}" for each in ARGUMENTS.values()])
        axes.set(xlabel="seconds, whole process", ylim=(-0.6, len(ARGUMENTS) - 0.4))
        axes.set_xlim(left=0)
        axes.legend(loc="upper left")
