"""`sotto service`, with a systemctl that writes down what it was asked."""

import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.cli.service import unit

RUNNER = CliRunner()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.fixture
def systemd(machine):
    """A user's systemd that does as it is told; `fails` makes a command fail."""

    def put(name: str, fails: str = "nothing") -> Path:
        told = machine / "told"
        program = machine / "bin" / name
        program.write_text(
            f"#!/bin/sh\necho {name} $* >> {shlex.quote(str(told))}\n"
            f'case "$*" in *{fails}*) echo "Unit is masked." >&2; exit 1;; esac\n'
        )
        program.chmod(0o755)
        return told

    return put


def file_of(machine: Path) -> Path:
    return machine / "config" / "systemd" / "user" / "sotto-voce.service"


def test_installing_writes_the_unit_and_starts_it(machine, systemd):
    told = systemd("systemctl")
    done = RUNNER.invoke(app, ["service", "install", "--yes"])
    assert done.exit_code == 0, done.output
    text = file_of(machine).read_text()
    assert "Type=notify" in text
    assert f"ExecStart={sys.executable} -m sotto_voce run\n" in text
    assert text in done.output  # nothing is done that was not shown
    assert told.read_text().splitlines()[1:] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now sotto-voce.service",
    ]
    gone = RUNNER.invoke(app, ["service", "uninstall", "--yes"])
    assert gone.exit_code == 0, gone.output
    assert not file_of(machine).exists()
    assert "systemctl --user disable --now sotto-voce.service" in told.read_text()


def test_nothing_is_done_without_a_yes_or_in_a_dry_run(machine, systemd):
    told = systemd("systemctl")
    assert RUNNER.invoke(app, ["service", "install"], input="n\n").exit_code == 1
    assert RUNNER.invoke(app, ["service", "install", "--dry-run"]).exit_code == 0
    assert not file_of(machine).exists()
    assert "enable" not in told.read_text()


def test_without_systemd_one_line_says_what_to_do(machine):
    done = RUNNER.invoke(app, ["service", "install", "--yes"])
    assert done.exit_code == 1
    assert "have whatever starts programs on this machine run `sotto run`" in done.stderr
    assert not file_of(machine).exists()
    assert RUNNER.invoke(app, ["service", "uninstall"]).exit_code == 1
    assert "standard error" in RUNNER.invoke(app, ["service", "logs"]).stderr


def test_what_systemd_refuses_is_told_in_its_own_words(machine, systemd):
    systemd("systemctl", fails="enable")
    done = RUNNER.invoke(app, ["service", "install", "--yes"])
    assert done.exit_code == 1
    assert done.stderr.endswith("enable --now sotto-voce.service: Unit is masked.\n")


def test_the_status_of_an_assistant_that_is_down_is_a_failure(machine):
    done = RUNNER.invoke(app, ["service", "status"])
    assert done.exit_code == 1
    assert "no assistant answers" in done.stderr


def test_the_log_is_the_units(machine, systemd):
    told = systemd("journalctl")
    assert RUNNER.invoke(app, ["service", "logs", "-n", "5"]).exit_code == 0
    assert told.read_text() == "journalctl --user --user-unit=sotto-voce.service --lines=5 --no-pager\n"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain.toml", "plain.toml"),
        ("my house.toml", '"{folder}/my house.toml"'),
        ("50%$x.toml", '"{folder}/50%%$$x.toml"'),
        ('a"b\\c.toml', '"{folder}/a\\"b\\\\c.toml"'),
    ],
)
def test_a_path_means_itself_to_systemd(tmp_path, name, written):
    line = next(line for line in unit(tmp_path / name).splitlines() if line.startswith("ExecStart"))
    assert line.endswith(written.format(folder=tmp_path))
