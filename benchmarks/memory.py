"""The most memory that `sotto` and its helper processes hold while they work.

Of each peak it is told how much of it are files' pages (`…_mapped_mb`): programs, and weights that are read
in place. The system takes these back when memory is short. What the language model is asked is found first:
a sentence that nobody else here understands.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.understanding.plan import Tier
from benchmarks import intervals
from benchmarks.plots import OTHER, OURS
from benchmarks.profiles import CONDITIONS, DEFAULT, PI, PROFILES
from benchmarks.program import environment, sotto, turns
from benchmarks.protocol import BenchmarkError, Results, Tell
from benchmarks.recordings import recordings, spoken
from benchmarks.turn import SIMULATED
from benchmarks.weights import missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PROC = Path("/proc")
TIMES = 3
THINKING_TIMES = 1
"""With the language model, which takes longest and hardly varies: its weights and its prompt."""
LOOK_EVERY_S = 0.1
LIMIT_S = 120.0
LOCAL = '[understanding]\norder = "local-only"\n'
ORDER = "turn on the Kitchen lights"
INDIRECT = (
    "we are having people over and the hall ought to feel welcoming",
    "grandma is asleep upstairs, behave accordingly",
    "the telly has been on since breakfast and nobody is looking at it",
    "somebody should think of the bill when it is this bright in the kitchen",
    "get the place prepared for a long weekend away",
)
"""The first of them that no local tier understands goes to the language model."""
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
        """Run each way a few times and look ten times a second."""
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
                if profile is DEFAULT:
                    indirect = left_over(folder)
                    commands["language_model_mb"] = sotto("ask", *given, indirect)
            for key, label in LABELS.items():
                times = THINKING_TIMES if key == "language_model_mb" else TIMES
                tell(f"{label}, {times} times")
                peaks = [_peak(commands[key], key.removesuffix("_mb")) for _ in range(times)]
                samples[key] = [each.total_mb for each in peaks]
                samples[f"{key.removesuffix('_mb')}_mapped_mb"] = [each.mapped_mb for each in peaks]
        figures = {key: intervals.of_samples(those, "MB") for key, those in samples.items()}
        how = "peak of the proportional set size of all processes; mapped: of these, pages of files"
        return Results(figures, samples, {"what": how, "language_model": indirect, **CONDITIONS})

    def draw(self, results: Results, axes: "Axes") -> None:
        """One bar a way."""
        values = [results.figures[key].value for key in LABELS]
        colours = [OTHER if key.startswith(PI.key) else OURS for key in LABELS]
        bars = axes.barh(list(LABELS.values()), values, color=colours, height=0.6)
        axes.bar_label(bars, labels=[f"{value:.0f} MB" for value in values], padding=4)
        axes.set(xlabel="MB at the peak, all processes")
        axes.set_xlim(right=max(values) * 1.2)


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """What processes hold; `mapped_mb` of it are pages of files."""

    total_mb: float = 0.0
    mapped_mb: float = 0.0


def left_over(folder: Path) -> str:
    """Return the first of `INDIRECT` that only a language model may understand. Raises `BenchmarkError`."""
    config = folder / "local.toml"
    config.write_text(
        SIMULATED + '[understanding]\norder = "local-only"\n[history]\nenabled = false\n', "utf-8"
    )
    asked = turns(sotto("ask", "--json", "--config", str(config)), given="\n".join(INDIRECT), limit_s=LIMIT_S)
    for turn in asked:
        if turn["tier"] == Tier.NONE:
            return str(turn["text"])
    raise BenchmarkError("every sentence for the language model is understood without it")


def _peak(command: Sequence[str], way: str = "") -> Held:
    """Run a command to its end; the most that it and its descendants held together."""
    peak, began_s = Held(), time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        process = subprocess.Popen(command, stdout=told, stderr=subprocess.DEVNULL, env=environment())
        try:
            while process.poll() is None:
                peak = max(peak, held(process.pid))
                if time.monotonic() - began_s > LIMIT_S:
                    raise BenchmarkError(f"sotto {command[1]} took more than {LIMIT_S:.0f} s")
                time.sleep(LOOK_EVERY_S)
        finally:
            process.kill()
            process.wait()
        told.seek(0)
        reached = Tier.LANGUAGE_MODEL.value in told.read()
    if process.returncode not in (0, 1):  # 1: the turn failed, say because the model took too long
        raise BenchmarkError(f"sotto {command[1]} ended with {process.returncode}")
    if way == "language_model" and not reached:
        raise BenchmarkError(f"{command[-1]!r} did not reach the language model")
    return peak


def held_mb(pid: int) -> float:
    """What a process and its descendants hold now."""
    return held(pid).total_mb


def held(pid: int) -> Held:
    """What a process and its descendants hold now, and how much of it are pages of files."""
    found = [_held_kb(each) for each in _family(pid)]
    return Held(sum(total for total, _ in found) / 1000, sum(mapped for _, mapped in found) / 1000)


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


def _held_kb(pid: int) -> tuple[int, int]:
    """Proportional set size, all and of files: pages that two processes share count half in each."""
    said = {"Pss:": 0, "Pss_File:": 0}
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text("ascii").splitlines():
            name, value = line.split()[:2]
            if name in said:
                said[name] = int(value)
    except (OSError, ValueError):  # it ended while we looked
        pass
    return said["Pss:"], said["Pss_File:"]
