"""`sotto history`, in a data folder of its own."""

import json
import stat
import time

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.report import TurnReport
from assistant.store.conversations import Conversations
from assistant.store.record import record_of
from assistant.understanding.plan import Tier
from devices.commands import DeviceCommand, Outcome, Result
from devices.home import Ability

RUNNER = CliRunner()
DAY_S = 86_400.0


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = Conversations(tmp_path / "data" / "sotto-voce" / "conversations.sqlite")
    lamp = Outcome(DeviceCommand("a", Ability.ON, True), Result.DONE, "Desk Lamp")
    for number, (heard, language) in enumerate([("turn it on", "en"), ("打开客厅的灯", "zh")]):
        report = TurnReport(str(number), heard, language, Tier.FAST, outcomes=(lamp,), reply="好的", why="x")
        store.note(record_of(report, "microphone", "Study", None, time.time() - (3 - number) * DAY_S))
    assert store.flush()
    return store


def history(*arguments, **options):
    return RUNNER.invoke(app, ["history", *arguments], **options)


def test_turns_are_shown_the_newest_first_with_what_was_done():
    shown = history("search").stdout.splitlines()
    assert [line.split()[0] for line in shown[:1]] == ["when"]
    assert "打开客厅的灯" in shown[1]
    assert "Desk Lamp: done" in shown[1]
    assert "turn it on" in shown[2]


def test_words_rooms_and_days_narrow_it():
    assert json.loads(history("search", "客厅", "--json").stdout)[0]["heard"] == "打开客厅的灯"
    assert [each["heard"] for each in json.loads(history("search", "--days", "2.5", "--json").stdout)] == [
        "打开客厅的灯"
    ]
    assert json.loads(history("search", "--room", "Attic", "--json").stdout) == []
    assert history("search", "nonsense").stdout == "Nothing is recorded that has these words.\n"


def test_everything_is_exported_for_its_owner_alone(tmp_path):
    file = tmp_path / "out.jsonl"
    file.write_text("older")
    file.chmod(0o644)
    assert history("export", str(file)).stdout == f"2 turns written to {file}\n"
    assert [json.loads(line)["heard"] for line in file.read_text().splitlines()] == [
        "turn it on",
        "打开客厅的灯",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_erased_without_a_yes(kept):
    assert history("erase", input="n\n").exit_code == 1
    assert len(kept.search()) == 2


def test_old_turns_turns_with_words_and_all_turns_are_erased(kept):
    assert history("erase", "--older-than", "2.5", "--yes").stdout == "1 turn forgotten\n"
    assert history("erase", "--words", "厅客", "--yes").stdout == "0 turns forgotten\n"
    assert history("erase", "--older-than", "1", "--words", "x", "--yes").exit_code == 2
    assert history("erase", "--words", "客厅", "--yes").stdout == "1 turn forgotten\n"
    assert history("erase", "--yes").stdout == "0 turns forgotten\n"
    assert kept.search() == []


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "blocked"))
    done = history("search")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
