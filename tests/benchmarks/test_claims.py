import json
from pathlib import Path

import pytest

from benchmarks import claims
from benchmarks.claims import BEGIN, END, Claim, ClaimsError, Kind

CHECKOUT = Path(__file__).resolve().parents[2]

PROMISES = """
[[claim]]
id = "help"
says = "`sotto --help` is there in {help_s}."
kind = "real counterpart"
command = "python -m benchmarks startup"
result = "startup"
readme = true

[[claim]]
id = "gpu"
says = "A GPU makes it faster."
kind = "unmeasured"
"""
MACHINE = {"processor": "A processor", "cores": 2}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "claims.toml").write_text(PROMISES, "utf-8")
    (tmp_path / "README.md").write_text(f"# It\n\n{BEGIN}\n{END}\n\nMore.\n", "utf-8")
    return tmp_path


def measured(checkout: Path, value: float) -> None:
    folder = checkout / "benchmarks" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    result = {
        "benchmark": "startup",
        "date": "2026-11-23",
        "machine": MACHINE,
        "conditions": {},
        "figures": {"help_s": {"value": value, "unit": "s", "n": 20, "p95": 0.2, "low": 0.1, "high": 0.15}},
        "samples": {"help_s": [value]},
    }
    (folder / "startup.json").write_text(json.dumps(result), "utf-8")


def made(checkout: Path) -> tuple[str, str]:
    return (checkout / "docs" / "claims.md").read_text("utf-8"), (checkout / "README.md").read_text("utf-8")


def test_a_measured_figure_reaches_the_page_and_the_readme(checkout: Path) -> None:
    measured(checkout, 0.12)
    assert claims.main([], checkout) == 0
    page, readme = made(checkout)
    assert "`sotto --help` is there in 0.12 s." in page
    assert "n 20" in page
    assert "A processor" in page
    assert "0.12 s. (Median of 20; 95th percentile 0.20 s.)" in readme
    assert readme.startswith("# It\n")
    assert readme.endswith("\n\nMore.\n")


def test_a_promise_without_a_result_is_shown_as_unmeasured(checkout: Path) -> None:
    assert claims.main([], checkout) == 0
    page, readme = made(checkout)
    assert "| unmeasured (meant: real counterpart) |" in page
    assert "there in (unmeasured)." in readme


def test_a_clean_clone_renders_the_same_without_results(checkout: Path) -> None:
    measured(checkout, 0.12)
    claims.main([], checkout)
    before = made(checkout)
    (checkout / "benchmarks" / "results" / "startup.json").unlink()
    assert claims.main([], checkout) == 0
    assert made(checkout) == before
    assert claims.main(["--check"], checkout) == 0


def test_a_page_changed_by_hand_is_stale(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claims.main([], checkout)
    page = checkout / "docs" / "claims.md"
    page.write_text(page.read_text("utf-8").replace("faster", "much faster"), "utf-8")
    assert claims.main(["--check"], checkout) == 1
    assert "docs/claims.md is stale" in capsys.readouterr().out
    assert "much faster" in page.read_text("utf-8")


def test_a_readme_without_a_place_for_the_figures_is_told(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "README.md").write_text("# It\n", "utf-8")
    assert claims.main([], checkout) == 1
    assert BEGIN in capsys.readouterr().err


def test_a_promise_whose_test_is_gone_is_unmeasured(checkout: Path) -> None:
    (checkout / "tests").mkdir()
    (checkout / "tests" / "test_it.py").write_text("def test_it_works() -> None: ...\n", "utf-8")
    there = Claim("a", "It works.", Kind.CONTRACT, tests=("tests/test_it.py::test_it_works",))
    gone = Claim("b", "It works.", Kind.CONTRACT, tests=("tests/test_it.py::test_it_worked",))
    assert claims.shown(there, {}, checkout).kind is Kind.CONTRACT
    assert claims.shown(gone, {}, checkout).kind is Kind.UNMEASURED


@pytest.mark.parametrize(
    "line",
    [
        'result = "startup"',  # and no figure of it
        'kind = "unmeasured"\ntests = ["tests/test_it.py::test_it"]',
        'wording = "x"',
    ],
)
def test_a_promise_that_contradicts_itself_is_refused(line: str) -> None:
    kind = "" if "kind" in line else 'kind = "contract only"\n'
    with pytest.raises(ClaimsError):
        claims.read(f'[[claim]]\nid = "x"\nsays = "It works."\n{kind}{line}\n')


def test_the_committed_pages_are_what_the_committed_figures_say() -> None:
    assert claims.main(["--check"], CHECKOUT) == 0, "make claims"
