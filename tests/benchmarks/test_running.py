import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks import __main__ as running
from benchmarks import machine, memory, plots, store, turn
from benchmarks.intervals import of_samples
from benchmarks.program import sotto, turns
from benchmarks.protocol import BenchmarkError, Results, Tell
from benchmarks.recordings import last_sound_s
from benchmarks.table import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Steady:
    """A benchmark that finds what it is given."""

    def __init__(
        self, name: str = "steady", samples: Sequence[float] = (1.0, 2.0, 3.0), lack: str | None = None
    ):
        self.name = name
        self._samples = samples
        self._lack = lack

    def lacks(self) -> str | None:
        return self._lack

    def run(self, tell: Tell) -> Results:
        if not self._samples:
            raise BenchmarkError("there was nothing to measure")
        return Results({"wait_s": of_samples(self._samples, "s")}, {"wait_s": self._samples})

    def draw(self, results: Results, axes: "Axes") -> None:
        axes.plot(results.samples["wait_s"])


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store.save, "__defaults__", (tmp_path,))
    monkeypatch.setattr(plots.draw, "__defaults__", (tmp_path,))
    return tmp_path


def test_a_benchmark_is_printed_and_kept(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert running.main([], [Steady()]) == 0
    assert "2.00 s" in capsys.readouterr().out
    kept = json.loads((results / "steady.json").read_text("utf-8"))
    assert kept["figures"]["wait_s"]["n"] == 3
    assert kept["samples"]["wait_s"] == [1.0, 2.0, 3.0]


def test_what_the_machine_lacks_is_said_and_skipped(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running.main([], [Steady(lack="no weights: sotto models pull x")]) == 0
    assert "steady: skipped, no weights: sotto models pull x" in capsys.readouterr().out
    assert not list(results.iterdir())


def test_a_benchmark_that_breaks_down_leaves_the_others_alone(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running.main([], [Steady("broken", samples=()), Steady()]) == 1
    assert "broken: broke down, there was nothing to measure" in capsys.readouterr().out
    assert (results / "steady.json").exists()


def test_only_what_is_named_is_measured(results: Path) -> None:
    assert running.main(["two"], [Steady("one"), Steady("two")]) == 0
    assert [path.name for path in results.iterdir()] == ["two.json"]


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        running.main(["nothing"], [Steady()])
    assert "there is no benchmark 'nothing'" in capsys.readouterr().err


def test_a_plot_is_drawn_when_asked_for(results: Path) -> None:
    assert running.main(["--plots"], [Steady()]) == 0
    assert (results / "steady.png").read_bytes().startswith(b"\x89PNG")


def test_the_facts_of_the_machine_tell_no_names_and_no_places() -> None:
    told = json.dumps(machine.facts())
    assert Path.home().name not in told
    assert str(Path(__file__).resolve().parents[2]) not in told
    assert machine.facts()["cores"]


def test_the_last_sound_is_found_where_it_ends() -> None:
    sound = np.zeros(16_000, np.int16)
    sound[4_000:8_000] = (8_000 * np.sin(np.arange(4_000) / 5)).astype(np.int16)
    sound[8_000:] = 20  # the room
    assert last_sound_s(sound) == pytest.approx(0.5, abs=0.011)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.123, "s", "0.12 s"),
        (1234.5, "MB", "1,234 MB"),
        (0.031, "share", "3.1 %"),
        (0.005, "points", "+0.5 points"),
    ],
)
def test_a_figure_is_told_with_the_digits_that_mean_something(value: float, unit: str, told: str) -> None:
    assert number(value, unit) == told


def test_a_stage_lasts_from_the_mark_before_it_that_was_reached() -> None:
    timing: dict[str, Any] = dict.fromkeys(("speech_end", "confirmed", "first_audio"))
    timing |= {"endpoint": 2_250.0, "transcript": 2_250.0, "plan": 2_255.0, "published": 2_257.0}
    took = turn._stages(timing, 2_000.0)
    assert took == {"endpoint": 250.0, "transcript": 0.0, "plan": 5.0, "published": 2.0}


@pytest.mark.parametrize(
    ("commands", "right"),
    [
        ([("simulated/hall_light/set", "ON")], True),
        ([("simulated/hall_light/set", '{"state": "ON"}')], True),
        ([("simulated/hall_light/set", "OFF")], False),
        ([("simulated/hall_light/set", "ON"), ("simulated/bedroom_light/set", "ON")], False),
        ([], False),
    ],
)
def test_a_sentence_is_right_when_its_command_left_and_no_other(
    commands: list[tuple[str, str]], right: bool
) -> None:
    sent = [{"topic": topic, "payload": payload} for topic, payload in commands]
    assert turn._right({"commands": sent}, "hall_light", "ON") is right


def test_memory_counts_a_process_and_its_children() -> None:
    if not (memory.PROC / "self" / "smaps_rollup").exists():
        pytest.skip("there is no /proc/PID/smaps_rollup on this system")
    child = "import time; held = bytearray(60_000_000); time.sleep(1)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert memory._peak([sys.executable, "-c", parent]).total_mb > 60


def test_a_command_that_fails_is_told_in_one_line() -> None:
    with pytest.raises(BenchmarkError, match=r"sotto .*ended with 2"):
        turns(sotto("ask", "--no-such-option"), limit_s=60)
