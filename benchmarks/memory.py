"""The most memory that `sotto` and its helper processes hold while they work."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS
from benchmarks.profiles import CONDITIONS, DEFAULT, PI, PROFILES
from benchmarks.program import environment, sotto
from benchmarks.protocol import BenchmarkError, Results, Tell
from benchmarks.recordings import recordings, spoken
from benchmarks.turn import SIMULATED
from benchmarks.weights import missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PROC = Path("/proc")
TIMES = 3
LOOK_EVERY_S = 0.05
LIMIT_S = 180.0
ORDER = "turn on the Kitchen lights"
INDIRECT = "it is far too dark in the hall"
WAYS = {
    "fast_path_mb": "sotto ask, fast path",
    "listen_mb": "sotto listen",
    "language_model_mb": "sotto ask, language model",
}
LABELS = {
    f"{profile.key}{key}": f"{label}, {profile.label}" if profile is PI else label
    for profile in PROFILES
    for key, label in WAYS.items()
    if profile is DEFAULT or key != "language_model_mb"
}


class Memory:
    """Peaks of three ways to use it as it comes, and of two with the small profile."""

    name = "memory"

    def lacks(self) -> str | None:
        """Linux's own bookkeeping, and weights."""
        if not (PROC / "self" / "smaps_rollup").exists():
            return "memory is read from Linux's /proc/PID/smaps_rollup"
        return missing(sorted({each for profile in PROFILES for each in profile.models}))

    def run(self, tell: Tell) -> Results:
        """Run each way `TIMES` times and look twenty times a second."""
        samples: dict[str, list[float]] = {}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            real = {clip.text: clip for clip in recordings("orders", named_by_text=True)}
            clip = real.get(ORDER) or spoken([ORDER], folder)[0]
            commands: dict[str, Sequence[str]] = {}
            for profile in PROFILES:
                config = folder / f"{profile.key}sotto.toml"
                config.write_text(SIMULATED + profile.config, "utf-8")
                given = ("--json", "--config", str(config))
                commands[f"{profile.key}fast_path_mb"] = sotto("ask", *given, ORDER)
                commands[f"{profile.key}listen_mb"] = sotto("listen", *given, str(clip.path))
                commands[f"{profile.key}language_model_mb"] = sotto("ask", *given, INDIRECT)
            for key, label in LABELS.items():
                tell(f"{label}, {TIMES} times")
                samples[key] = [_peak_mb(commands[key]) for _ in range(TIMES)]
        figures = {key: intervals.of_samples(those, "MB") for key, those in samples.items()}
        how = "peak of the proportional set size of all processes, weights mapped from disk included"
        return Results(figures, samples, {"what": how, **CONDITIONS})

    def draw(self, results: Results, axes: "Axes") -> None:
        """One bar a way."""
        values = [results.figures[key].value for key in LABELS]
        colours = [OTHER if key.startswith(PI.key) else OURS for key in LABELS]
        bars = axes.barh(list(LABELS.values()), values, color=colours, height=0.6)
        axes.bar_label(bars, labels=[f"{value:.0f} MB" for value in values], padding=4)
        axes.set(xlabel="MB at the peak, all processes")
        axes.set_xlim(right=max(values) * 1.2)


def _peak_mb(command: Sequence[str]) -> float:
    """Run a command to its end; the most that it and its descendants held together."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    peak_mb = 0.0
    began_s = time.monotonic()
    try:
        while process.poll() is None:
            peak_mb = max(peak_mb, held_mb(process.pid))
            if time.monotonic() - began_s > LIMIT_S:
                raise BenchmarkError(f"sotto {command[1]} took more than {LIMIT_S:.0f} s")
            time.sleep(LOOK_EVERY_S)
    finally:
        process.kill()
        process.wait()
    if process.returncode not in (0, 1):  # 1: the turn failed, say because the model took too long
        raise BenchmarkError(f"sotto {command[1]} ended with {process.returncode}")
    return peak_mb


def held_mb(pid: int) -> float:
    """What a process and its descendants hold now."""
    return sum(_held_kb(each) for each in _family(pid)) / 1000


def _family(root: int) -> set[int]:
    """A process and all its descendants."""
    parents = dict(_parents())
    family = {root}
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
    return family


def _parents() -> Iterator[tuple[int, int]]:
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            # The command's name stands in brackets and may hold anything; what follows it is orderly.
            yield int(stat.parent.name), int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):  # it ended while we looked
            continue


def _held_kb(pid: int) -> int:
    """Proportional set size: pages that two processes share count half in each."""
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:  # it ended while we looked
        pass
    return 0
