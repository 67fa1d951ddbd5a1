"""Another version's configuration and databases: understood, saved, brought up to date, and brought back."""

import sqlite3
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import backup, upgrade
from assistant.cli.config_verbs import app as config_app
from assistant.config.errors import ConfigError
from assistant.config.load import load
from assistant.config.upgrades import VERSION
from devices.database import FutureVersionError, migrate
from devices.history import History
from skills.storage import SqliteStore

OLD = """\
# how it was
[wyoming]
discover = true   # take them
[listen]
room = "Kitchen"  # where it stands
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "config" / "sotto-voce" / "sotto.toml"
    file.parent.mkdir(parents=True)
    file.write_text(OLD)
    return file


def test_a_file_of_an_older_shape_is_understood_as_it_is(settings: Path) -> None:
    assert load(settings).config.discovery.satellites
    assert settings.read_text() == OLD


def test_the_first_start_of_another_version_saves_everything_and_writes_the_file_anew(settings: Path) -> None:
    told: list[str] = []
    upgrade.prepare(settings, told.append)
    written = settings.read_text()
    assert written.startswith(f"config_version = {VERSION}\n")
    assert "# how it was" in written
    assert "# where it stands" in written
    assert load(settings).config.discovery.satellites
    (kept,) = settings.parent.glob("sotto.toml.before-*")
    assert kept.read_text() == OLD
    (saved,) = upgrade.backups()
    with tarfile.open(saved) as tar:
        assert "settings/sotto.toml" in tar.getnames()
    assert any("wyoming.discover is discovery.satellites now" in line for line in told)
    told.clear()
    upgrade.prepare(settings, told.append)  # the second start
    assert (told, len(upgrade.backups())) == ([], 1)


def test_what_was_before_the_upgrade_is_brought_back(settings: Path) -> None:
    upgrade.prepare(settings, lambda _: None)
    rolled = CliRunner().invoke(backup.app, ["rollback", "--yes"])
    assert rolled.exit_code == 0, rolled.output
    assert settings.read_text() == OLD


def test_without_an_upgrade_there_is_nothing_to_bring_back(settings: Path) -> None:
    rolled = CliRunner().invoke(backup.app, ["rollback", "--yes"])
    assert isinstance(rolled.exception, backup.BackupError)


def test_a_verb_writes_the_file_anew_once(settings: Path) -> None:
    for said in ("the file before is", "nothing to do"):
        done = CliRunner().invoke(config_app, ["upgrade", "--config", str(settings)])
        assert said in done.output


def test_a_newer_file_is_refused_in_one_line_that_says_what_to_do(settings: Path) -> None:
    settings.write_text("config_version = 99\n")
    with pytest.raises(ConfigError, match=r"newer Sotto Voce.*sotto backup rollback"):
        load(settings)


def test_only_the_latest_backups_are_kept(settings: Path) -> None:
    upgrade.folder().mkdir(parents=True)
    for day in (1, 2, 3):
        (upgrade.folder() / f"before-2026010{day}-000000.tar.gz").touch()
    upgrade.prepare(settings, lambda _: None)
    assert len(upgrade.backups()) == upgrade.KEPT


def test_an_upgrade_that_cannot_be_saved_is_told_and_ends_nothing(settings: Path) -> None:
    upgrade.folder().parent.mkdir(parents=True)
    upgrade.folder().touch()  # in the way
    told: list[str] = []
    upgrade.prepare(settings, told.append)
    assert any("was not saved before the upgrade" in line for line in told)
    assert load(settings).config.discovery.satellites


# -- databases -----------------------------------------------------------------------------------------------

FIRST, SECOND = ("CREATE TABLE things (name TEXT)",), ("ALTER TABLE things ADD COLUMN room TEXT",)


def test_a_database_of_an_older_shape_is_brought_up_to_date_and_a_copy_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "things.sqlite"
    database = sqlite3.connect(file)
    assert migrate(database, [FIRST], file) is None  # a new one: nothing to keep
    database.execute("INSERT INTO things VALUES ('lamp')")
    database.commit()
    kept = migrate(database, [FIRST, SECOND], file)
    assert database.execute("SELECT name, room FROM things").fetchall() == [("lamp", None)]
    assert kept is not None
    before = sqlite3.connect(kept)
    assert before.execute("SELECT * FROM things").fetchall() == [("lamp",)]
    assert migrate(before, [FIRST]) is None  # the older version takes it as it is
    with pytest.raises(FutureVersionError, match="newer version"):
        migrate(database, [FIRST])


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "things.sqlite")
    migrate(database, [FIRST])
    with pytest.raises(sqlite3.Error):
        migrate(database, [FIRST, (*SECOND, "no SQL")])
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert [row[1] for row in database.execute("PRAGMA table_info(things)")] == ["name"]


def test_a_history_from_before_there_were_versions_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    old = sqlite3.connect(file)
    old.execute(
        "CREATE TABLE states (device TEXT NOT NULL, ability TEXT NOT NULL, at_s REAL NOT NULL,"
        " value TEXT NOT NULL, PRIMARY KEY (device, ability, at_s)) WITHOUT ROWID"
    )
    old.execute("CREATE TABLE runs (began_s REAL PRIMARY KEY, until_s REAL NOT NULL)")
    old.execute("INSERT INTO states VALUES ('lamp', 'power', 1.0, 'true')")
    old.commit()
    old.close()
    with History(file) as history:
        assert not history.trouble
    kept = sqlite3.connect(file)
    assert kept.execute("SELECT device FROM states").fetchall() == [("lamp",)]
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)


async def test_what_a_skill_kept_before_there_were_versions_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "timers.sqlite3"
    old = sqlite3.connect(file)
    old.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    old.execute("INSERT INTO kept VALUES ('entries', '[1]')")
    old.commit()
    old.close()
    assert await SqliteStore(file).get("entries") == [1]
