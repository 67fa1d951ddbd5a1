"""`sotto taught`, in a data folder of its own."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from skills.api import Ability
from skills.storage import SqliteStore
from skills.taught.book import Alias, Book, Choice, Preference, Routine, Taught

RUNNER = CliRunner()
EVERYTHING = Taught(
    (Alias("Bertie", ("floor_lamp",)),),
    (Preference("I like it at 21", Ability.SETPOINT, 21),),
    (Routine("晚安", "把灯关掉", "zh"),),
    (Choice("lamp", "Study", "desk_lamp"),),
)


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return SqliteStore(tmp_path / "data" / "sotto-voce" / "skills" / "taught.sqlite3")


def read(store):
    return asyncio.run(Book(store).read())


def test_what_was_taught_is_listed_a_line_each(store):
    asyncio.run(Book(store).write(EVERYTHING))
    shown = RUNNER.invoke(app, ["taught", "list"])
    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()] == [
        "what",
        "name",
        "liking",
        "routine",
        "which",
    ]
    assert "晚安" in shown.stdout


def test_nothing_taught_is_said_so():
    assert RUNNER.invoke(app, ["taught", "list"]).stdout.strip() == "Nothing was taught."
    assert json.loads(RUNNER.invoke(app, ["taught", "list", "--json"]).stdout)["aliases"] == []


def test_it_is_exported_erased_and_imported_again(store, tmp_path):
    asyncio.run(Book(store).write(EVERYTHING))
    file = tmp_path / "mine.json"
    file.write_text("before")
    file.chmod(0o644)
    assert RUNNER.invoke(app, ["taught", "export", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert RUNNER.invoke(app, ["taught", "erase", "--yes"]).exit_code == 0
    assert read(store) == Taught()
    assert RUNNER.invoke(app, ["taught", "import", str(file)]).exit_code == 0
    assert read(store) == EVERYTHING


def test_an_import_keeps_what_was_there_unless_it_replaces(store, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(EVERYTHING.as_json()))
    asyncio.run(Book(store).write(Taught((Alias("Rosie", ("vacuum",)),))))
    RUNNER.invoke(app, ["taught", "import", str(file)])
    assert [each.name for each in read(store).aliases] == ["Rosie", "Bertie"]
    RUNNER.invoke(app, ["taught", "import", "--replace", str(file)])
    assert read(store) == EVERYTHING


@pytest.mark.parametrize("text", ["no json", "{}", '{"version": 99}', '{"version": 1, "aliases": 3}'])
def test_what_is_no_export_is_refused_and_changes_nothing(store, tmp_path, text):
    asyncio.run(Book(store).write(EVERYTHING))
    file = tmp_path / "mine.json"
    file.write_text(text)
    refused = RUNNER.invoke(app, ["taught", "import", str(file)])
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1
    assert read(store) == EVERYTHING


def test_nothing_is_erased_without_a_yes(store):
    asyncio.run(Book(store).write(EVERYTHING))
    assert RUNNER.invoke(app, ["taught", "erase"], input="n\n").exit_code == 1
    assert read(store) == EVERYTHING
