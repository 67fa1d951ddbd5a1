from pathlib import Path

import pytest

from benchmarks import mind, plots
from benchmarks.__main__ import ALL
from benchmarks.intervals import share
from benchmarks.mind import Mind, cases
from benchmarks.mind import __main__ as command
from benchmarks.mind.cases import HOMES
from benchmarks.protocol import Results

ORDER = """
[[case]]
id = "t-1"
home = "en_flat"
room = "bedroom"
kind = "plain"
skill = "lights"
[[case.turn]]
say = "Turn on the kitchen light."
do = [{ thing = "kitchen_light", ability = "on", value = true }]
[[case]]
id = "t-2"
home = "en_flat"
room = "bedroom"
kind = "plain"
skill = "lights"
[[case.turn]]
say = "Juggle the kitchen light."
do = [{ thing = "kitchen_light", ability = "on", value = true }]
"""
TALK = '[[sentence]]\nid = "n-1"\nkind = "talk"\nsay = "She lights up every room."\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("study", "held_out"):
        half = tmp_path / part
        half.mkdir()
        for language in ("en", "zh"):
            (half / f"orders.{language}.toml").write_text(ORDER if language == "en" else "", "utf-8")
            (half / f"nothing.{language}.toml").write_text(TALK if language == "en" else "", "utf-8")
        for module in (command, cases):
            monkeypatch.setattr(module, part.upper(), half)
    return tmp_path


def test_it_is_among_the_benchmarks() -> None:
    assert any(isinstance(each, Mind) for each in ALL)
    assert all(folder.is_dir() for folder in HOMES)


def test_the_study_half_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--study", "--show"]) == 0
    told = capsys.readouterr().out
    assert "Juggle the kitchen light." in told
    assert "Turn on the kitchen light." not in told  # it went right
    assert "orders.en: 1 of 2 exact" in told


def test_the_held_out_half_is_never_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--show"], ["--id", "t-1"]):
        with pytest.raises(SystemExit):
            command.main(arguments)
    assert command.main([]) == 0
    told = capsys.readouterr()
    assert "kitchen" not in told.out + told.err
    assert "orders.en: 1 of 2 exact" in told.out


def test_it_counts_both_halves(folder: Path) -> None:
    lines: list[str] = []
    results = Mind().run(lines.append)
    figures = results.figures
    assert figures["held_out_orders_en_exact"].value == 0.5
    assert figures["study_nothing_en_false_actions"].value == 0.0
    assert figures["held_out_plan_ms"].n == 3
    assert not any("kitchen" in line for line in lines)


def test_a_set_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "HELD_OUT", tmp_path / "gone")
    assert "tests/held_out" in (Mind().lacks() or "")


@pytest.mark.parametrize("beside", [True, False])
def test_it_is_drawn_with_and_without_a_peer(tmp_path: Path, beside: bool) -> None:
    figures = {"held_out_kind_plain_exact": share(5, 10), "held_out_kind_later_exact": share(1, 10)}
    if beside:
        figures["held_out_device_kind_plain_ours_exact"] = share(5, 8)
        figures["held_out_device_kind_plain_hassil_exact"] = share(2, 8)
    assert mind.WITHOUT_PEER
    assert plots.draw(Mind(), Results(figures), tmp_path).stat().st_size > 1000
