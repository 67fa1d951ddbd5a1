"""How long `sotto` takes to say anything at all, and to have heard and answered a first order.

`--help` and `--version`: whole processes, from start to exit. The first order, for each profile: from the
start of `sotto listen` with a recording, not in real time, to the line that tells what came of it. In that
time the recording is heard, understood and answered; all the rest is loading.
"""

import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.intervals import of_samples
from benchmarks.plots import OTHER, OURS
from benchmarks.profiles import CONDITIONS, PROFILES
from benchmarks.program import environment, sotto
from benchmarks.protocol import BenchmarkError, Results, Tell
from benchmarks.recordings import recordings, spoken
from benchmarks.turn import SIMULATED
from benchmarks.weights import missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIMES = 20
GOAL_S = 0.3
ARGUMENTS = {"help_s": "--help", "version_s": "--version"}
ORDER = "turn on the Kitchen lights"
LISTEN_TIMES = 10
LIMIT_S = 120.0


class Startup:
    """`sotto --help` and `sotto --version`, in turns; then each profile's first order, in turns."""

    name = "startup"

    def lacks(self) -> str | None:
        """Nothing: the command is part of what is measured, and profiles without weights are left out."""
        return None

    def run(self, tell: Tell) -> Results:
        """Run each once to fill the system's file cache, then often."""
        samples: dict[str, list[float]] = {key: [] for key in ARGUMENTS}
        tell(f"{TIMES} times each")
        for time_number in range(TIMES + 1):
            for key, argument in ARGUMENTS.items():
                took_s = _whole_s(argument)
                if time_number > 0:
                    samples[key].append(took_s)
        conditions = self._first_orders(samples, tell)
        return Results({key: of_samples(those, "s") for key, those in samples.items()}, samples, conditions)

    def _first_orders(self, samples: dict[str, list[float]], tell: Tell) -> dict[str, str]:
        lacking = {profile.key: missing(profile.models) for profile in PROFILES}
        there = [profile for profile in PROFILES if lacking[profile.key] is None]
        for profile in PROFILES:
            if (lack := lacking[profile.key]) is not None:
                tell(f"{profile.label}: left out, {lack}")
        if not there:
            return {}
        tell(f"the first order, {LISTEN_TIMES} times each")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            real = {clip.text: clip for clip in recordings("orders", named_by_text=True)}
            clip = real.get(ORDER) or spoken([ORDER], folder)[0]
            for time_number in range(LISTEN_TIMES + 1):
                for profile in there:
                    config = folder / f"{profile.key}sotto.toml"
                    config.write_text(SIMULATED + profile.config, "utf-8")
                    took_s = _first_line_s(sotto("listen", "--json", "--config", str(config), str(clip.path)))
                    if time_number > 0:
                        samples.setdefault(f"{profile.key}first_order_s", []).append(took_s)
        return dict(CONDITIONS)

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


def _whole_s(argument: str) -> float:
    """From a process's start to its exit."""
    began_s = time.perf_counter()
    done = subprocess.run(sotto(argument), capture_output=True, text=True, check=False, env=environment())
    took_s = time.perf_counter() - began_s
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise BenchmarkError(f"sotto {argument} ended with {done.returncode}: {last}")
    return took_s


def _first_line_s(command: Sequence[str]) -> float:
    """From a process's start to the first object that it prints."""
    began_s = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    )
    watchdog = threading.Timer(LIMIT_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                return time.perf_counter() - began_s
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
    raise BenchmarkError(f"{' '.join(command[:2])} told of no turn within {LIMIT_S:.0f} s")
