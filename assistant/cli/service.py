"""`sotto service`: a systemd unit of the user's own, so that it starts by itself and is started again."""

import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, load_config
from assistant.cli.output import print_error, print_table

if TYPE_CHECKING:
    from assistant.cli.daemon import Running

UNIT = "sotto-voce.service"
_TEXT = """\
# Written by `sotto service install`.
[Unit]
Description=Sotto Voce, a private voice assistant
After=pipewire.service pulseaudio.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5
WatchdogSec=60
TimeoutStartSec=300
TimeoutStopSec=30
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""

app = typer.Typer(
    help="Have systemd start it and keep it running.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)


class ServiceError(Exception):
    """systemd did not do it, or is not there; the message is one line with what helps."""


@app.command()
def install(
    config: ConfigFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,
) -> None:
    """Write the unit, start it, and have it started whenever you log in.

    It runs as you, and nobody needs to be root. To have it run while nobody is logged in, it names a command.
    """
    loaded = load_config(config)
    file, text = _unit_file(), unit(loaded.path)
    print(f"{file}:\n\n{text}")
    print(f"systemctl --user daemon-reload\nsystemctl --user enable --now {UNIT}")
    if dry_run:
        return
    _must_have_systemd()
    if not yes:
        typer.confirm("Write this file and run these commands?", abort=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", UNIT)
    print(f"it runs. While nobody is logged in, too: loginctl enable-linger {getpass.getuser()}")


@app.command()
def uninstall(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    _config: ConfigFile = None,
) -> None:
    """Stop it, and remove the unit. What it keeps (configuration, history, weights) stays."""
    file = _unit_file()
    if not file.exists():
        raise ServiceError(f"there is no {file}: nothing is installed")
    _must_have_systemd()
    if not yes:
        typer.confirm(f"Stop {UNIT} and remove {file}?", abort=True)
    _systemctl("disable", "--now", UNIT)
    file.unlink()
    _systemctl("daemon-reload")
    print("it is removed")


@app.command()
def status(config: ConfigFile = None) -> None:
    """Show what systemd says, and how each part of the running assistant is. Exit code 1 when it is down."""
    from assistant.cli.daemon import running

    if _unit_file().exists() and _has_systemd():
        show = ["systemctl", "--user", "--no-pager", "--lines=0", "status", UNIT]
        subprocess.run(show, check=False)  # noqa: S603  # our own words
    else:
        print("it is not installed as a service (`sotto service install`)")
    daemon = running(load_config(config).path)
    if daemon is None:
        print_error("no assistant answers: see `sotto service logs`, or start it with `sotto run`")
        raise typer.Exit(1)
    _show(daemon)


@app.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", help="So many of the last ones.", min=1)] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    _config: ConfigFile = None,
) -> None:
    """Show what it wrote to the journal."""
    if shutil.which("journalctl") is None:
        raise ServiceError("there is no journalctl: what `sotto run` writes is on its standard error")
    follows = ["--follow"] if follow else ["--no-pager"]
    done = subprocess.run(  # noqa: S603  # our own words and a number
        ["journalctl", "--user", f"--user-unit={UNIT}", f"--lines={lines}", *follows],  # noqa: S607
        check=False,
    )
    raise typer.Exit(done.returncode)


def unit(config: Path | None) -> str:
    """The unit's text, for this Python and that configuration file."""
    command = [sys.executable, "-m", "sotto_voce", "run"]
    if config is not None:
        command += ["--config", str(config.expanduser().resolve())]
    return _TEXT.format(command=" ".join(map(_quoted, command)))


def _quoted(word: str) -> str:
    """A word as systemd reads it: % and $ mean something there, even in quotes."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != word or any(each in word for each in " \t';") else word


def _show(daemon: "Running") -> None:
    now = daemon.send("GET", "/v1/state")
    parts = [(part["name"], part["health"], part["why"] or "-") for part in now["parts"]]
    print_table(("part", "state", "why"), parts)
    for problem in now["problems"]:
        print_error(problem)


def _unit_file() -> Path:
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "systemd" / "user" / UNIT


def _has_systemd() -> bool:
    if shutil.which("systemctl") is None:
        return False
    asked = subprocess.run(
        ["systemctl", "--user", "show-environment"],  # noqa: S607  # as above
        capture_output=True,
        check=False,
    )
    return asked.returncode == 0


def _must_have_systemd() -> None:
    if not _has_systemd():
        raise ServiceError(
            "no systemd answers for your user here: have whatever starts programs on this machine run "
            "`sotto run` (docs/running.md)"
        )


def _systemctl(*arguments: str) -> None:
    done = subprocess.run(  # noqa: S603  # our own words
        ["systemctl", "--user", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        why = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[0]
        raise ServiceError(f"systemctl --user {' '.join(arguments)}: {why}")
