"""`sotto skills new`: what it writes installs, tests itself and is understood; and what it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.cli.new_skill import NewSkillError, new_skill, write
from tests.skills.workshop import Workshop

RUNNER = CliRunner()
CONFIG = '[home]\nsimulated = true\n[understanding]\norder = "local-only"\n'


def test_a_new_skill_installs_tests_itself_and_is_understood_at_once(tmp_path):
    workshop = Workshop(tmp_path)
    (workshop.folder / "sotto.toml").write_text(CONFIG)
    made = workshop.run(
        "sotto skills new coffee_machine --says-zh 咖啡机 --folder mine\n"
        "pip install --quiet mine/sotto-coffee-machine\n"
        "pytest -q mine/sotto-coffee-machine"
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "8 passed" in made.stdout

    listed = json.loads(workshop.run("sotto skills --json").stdout)
    (skill,) = [each for each in listed["skills"] if each["name"] == "coffee_machine"]
    assert skill == {
        "name": "coffee_machine",
        "api": 1,
        "distribution": "sotto-coffee-machine",
        "languages": ["en", "zh"],
        "manifest": {"topics": ["coffee_machine/set"]},
    }
    assert listed["problems"] == []

    orders = "please start the coffee machine with the quick program\\n启动咖啡机\\n"
    asked = workshop.run(f"printf '{orders}' | sotto ask --json --config sotto.toml")
    turns = [json.loads(line) for line in asked.stdout.splitlines()]
    assert [turn["commands"][0]["payload"] for turn in turns] == ["quick", "normal"], (
        asked.stdout + asked.stderr
    )
    assert {turn["commands"][0]["topic"] for turn in turns} == {"coffee_machine/set"}
    assert {turn["tier"] for turn in turns} == {"fast"}


def test_without_other_words_a_skill_is_called_by_its_name(tmp_path):
    package = write(new_skill("tea_kettle"), tmp_path)
    assert package.name == "sotto-tea-kettle"
    assert 'thing = "tea kettle"' in (package / "sotto_tea_kettle" / "en.toml").read_text("utf-8")
    assert "$" not in "".join(file.read_text("utf-8") for file in package.rglob("*.*"))


@pytest.mark.parametrize(
    "name",
    ["", "Tea", "tea-kettle", "../tea", "tea/kettle", "茶", "1tea", "tea_", "t__ea", "x" * 41, "tea kettle"],
)
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(NewSkillError, match="is no name for a skill"):
        new_skill(name)


@pytest.mark.parametrize(
    "says", ['te"a', "te[a]", "<tea>", "{tea}", "tea|pot", "", "tea\npot", "te\\a", "x" * 70]
)
def test_words_that_would_break_a_template_are_refused(says):
    for given in ({"says": says}, {"says_zh": says}):
        with pytest.raises(NewSkillError, match="is not what a thing is called"):
            new_skill("tea", **given)


def test_a_name_that_is_taken_is_refused(monkeypatch, tmp_path):
    with pytest.raises(NewSkillError, match="there is a skill 'lights' already"):
        new_skill("lights")
    with pytest.raises(NewSkillError, match="there is a Python package 'sotto_voce' already"):
        new_skill("voce")


def test_what_is_there_is_never_written_over(tmp_path):
    (tmp_path / "sotto-tea").mkdir()
    done = RUNNER.invoke(app, ["skills", "new", "tea", "--folder", str(tmp_path)])
    assert done.exit_code == 2
    assert "cannot make" in done.stderr
    assert list((tmp_path / "sotto-tea").iterdir()) == []


def test_it_says_what_to_do_next(tmp_path):
    done = RUNNER.invoke(app, ["skills", "new", "tea", "--folder", str(tmp_path), "--says", "Tea Kettle"])
    assert done.exit_code == 0
    assert f"pip install --editable {Path(tmp_path) / 'sotto-tea'}" in done.stdout
    assert 'sotto ask "start the tea kettle"' in done.stdout
