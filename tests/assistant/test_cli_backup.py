"""`sotto backup`, in folders of its own."""

import io
import stat
import tarfile

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.report import TurnReport
from assistant.store.conversations import Conversations
from assistant.store.record import record_of
from assistant.understanding.plan import Tier

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    data, settings = tmp_path / "data" / "sotto-voce", tmp_path / "config" / "sotto-voce"
    settings.mkdir(parents=True)
    (settings / "sotto.toml").write_text('[listen]\nroom = "厨房"\n')
    (settings / "mqtt-password").write_text("geheim")
    kept = Conversations(data / "conversations.sqlite")
    kept.note(record_of(TurnReport("1", "打开灯", "zh", Tier.FAST), "microphone", None, None))
    assert kept.flush()
    (data / "daemon.json").write_text("{}")
    (data / "skills").mkdir()
    (data / "skills" / "lists.sqlite3").write_bytes(b"")
    return tmp_path


def backup(*arguments, **options):
    return RUNNER.invoke(app, ["backup", *map(str, arguments)], **options)


def heard(home):
    kept = Conversations(home / "data" / "sotto-voce" / "conversations.sqlite")
    return [record.heard for record in kept.search()]


def test_what_was_saved_comes_back_and_what_was_there_is_set_aside(home):
    file = home / "saved.tar.gz"
    assert backup("create", file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        assert "data/daemon.json" not in tar.getnames()
    Conversations(home / "data" / "sotto-voce" / "conversations.sqlite").erase()
    (home / "config" / "sotto-voce" / "sotto.toml").write_text('[listen]\nroom = "Attic"\n')
    done = backup("restore", file, "--yes")
    assert done.exit_code == 0, done.output
    assert heard(home) == ["打开灯"]
    assert "厨房" in (home / "config" / "sotto-voce" / "sotto.toml").read_text()
    assert (home / "config" / "sotto-voce" / "mqtt-password").read_text() == "geheim"
    (aside,) = (home / "config" / "sotto-voce").glob("sotto.toml.before-*")
    assert "Attic" in aside.read_text()
    assert len(list((home / "data").glob("sotto-voce.before-*"))) == 1


def test_nothing_is_overwritten_and_nothing_is_restored_without_a_yes(home):
    file = home / "saved.tar.gz"
    assert backup("create", file).exit_code == 0
    again = backup("create", file)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    assert backup("restore", file, input="n\n").exit_code == 1
    assert not list((home / "data").glob("*.before-*"))


@pytest.mark.parametrize("name", ["../outside", "/outside", "data/../../outside"])
def test_an_archive_that_reaches_outside_changes_nothing(home, name):
    file = home / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    done = backup("restore", file, "--yes")
    assert (done.exit_code, "no backup of ours" in done.stderr) == (1, True)
    assert not (home / "outside").exists()
    assert heard(home) == ["打开灯"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1f\x8b" + b"\0" * 50])
def test_what_is_no_backup_is_one_line(home, content):
    file = home / "none.tar.gz"
    file.write_bytes(content)
    done = backup("restore", file, "--yes")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert heard(home) == ["打开灯"]


def test_a_running_assistant_keeps_what_it_has(home, monkeypatch):
    file = home / "saved.tar.gz"
    assert backup("create", file).exit_code == 0
    monkeypatch.setattr("assistant.cli.backup.running", lambda _config: object())
    done = backup("restore", file, "--yes")
    assert (done.exit_code, "stop it first" in done.stderr) == (1, True)
