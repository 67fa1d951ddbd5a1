"""`sotto backup`: everything that would be missed, in one file: before an upgrade, or for another machine."""

import contextlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.daemon import running
from assistant.cli.options import ConfigFile, load_config

MANIFEST = "sotto-backup.json"
OWNER_ONLY = 0o600
MOST_SETTINGS_BYTES = 1_000_000
_DATABASES = (".sqlite", ".sqlite3")
_PASSING = ("daemon.json",)
"""What is of this run alone."""

_ASIDE = re.compile(r"\.damaged-|\.before-v")

app = typer.Typer(
    help="Save settings, history and what was learned to a file, or bring them back.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)


class BackupError(Exception):
    """It was not saved or brought back; the message is one line, and nothing was changed."""


@app.command()
def create(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to, as .tar.gz.")],
    config: ConfigFile = None,
) -> None:
    """Save settings, history, timers, lists and what was taught. The assistant may run meanwhile.

    Passwords, the PIN and tokens that lie beside the settings are in it, too: only you may read the file.
    Weights are not; `sotto models pull` brings them.
    """
    count = save(file, load_config(config).path)
    print(f"{count} files saved to {file}")


def save(file: Path, settings: Path | None) -> int:
    """Write a backup; return how many files are in it. Raises `BackupError`, and leaves nothing half done."""
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        raise BackupError(f"{file} is there already: name another one") from None
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(opened, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as tar:
            about = {"version": version("sotto-voce"), "settings": settings.name if settings else None}
            _add(tar, MANIFEST, json.dumps(about).encode())
            return sum(_saved(tar, each, name) for each, name in _worth_keeping(settings))
    except BaseException:
        file.unlink(missing_ok=True)  # half a backup is worse than none
        raise


@app.command()
def rollback(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Bring back what was saved by itself before the last upgrade. Install the older version first."""
    from assistant.cli.upgrade import backups

    saved = backups()
    if not saved:
        raise BackupError("nothing was upgraded yet, so nothing was saved: `sotto backup restore FILE`")
    restore(saved[-1], yes, config)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `create` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Bring back what was saved. What is here now is set aside, not lost, and may be taken back."""
    from assistant.config.load import default_path

    if running(config) is not None or running(load_config(config).path) is not None:
        raise BackupError("the assistant is running: stop it first (`systemctl --user stop sotto-voce`)")
    data, settings = _data(), config or default_path()
    if not yes:
        typer.confirm(f"Replace {data} and {settings} with what is in {file}?", abort=True)
    data.parent.mkdir(parents=True, exist_ok=True)
    ending = time.strftime(".before-%Y%m%d-%H%M%S")
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        fresh = Path(folder)
        _unpack(file, fresh)
        set_aside = [_replace(fresh / "data", data, ending)]
        for each in sorted((fresh / "settings").glob("*")):
            target = settings if each.name == _named(fresh) else settings.with_name(each.name)
            set_aside.append(_replace(each, target, ending))
    print(
        "it is back. What was here is in " + (", ".join(filter(None, set_aside)) or "no place: nothing was")
    )


def _data() -> Path:
    from platformdirs import user_data_path

    return Path(user_data_path("sotto-voce"))


def _worth_keeping(settings: Path | None) -> Iterator[tuple[Path, str]]:
    """Files, and what they are called in the archive."""
    from assistant.config.load import default_path

    data = _data()
    for file in sorted(data.rglob("*")) if data.is_dir() else ():
        passing = file.name in _PASSING or file.name.endswith(("-wal", "-shm", ".new"))
        if file.is_file() and not file.is_symlink() and not passing and not _ASIDE.search(file.name):
            yield file, f"data/{file.relative_to(data)}"
    if settings is None:
        return
    for file in sorted(settings.parent.iterdir()) if settings == default_path() else [settings]:
        small = file.is_file() and file.stat().st_size < MOST_SETTINGS_BYTES
        if small and ".before-" not in file.name and not file.name.endswith(".new"):
            yield file, f"settings/{file.name}"


def _saved(tar: tarfile.TarFile, file: Path, name: str) -> bool:
    if not file.name.endswith(_DATABASES):
        with contextlib.suppress(FileNotFoundError):  # it was there a moment ago
            _add(tar, name, file.read_bytes())
            return True
        return False
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        try:
            with (
                contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as there,
                contextlib.closing(sqlite3.connect(copy)) as here,
            ):
                there.backup(here)  # whole, whoever writes meanwhile
        except sqlite3.Error as error:
            raise BackupError(f"{file} cannot be read: {error}") from error
        _add(tar, name, copy.read_bytes())
    return True


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), OWNER_ONLY, int(time.time())
    tar.addfile(entry, io.BytesIO(content))


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")  # nothing outside of it, no links, no devices
        about = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise BackupError(f"{file} is no backup of ours: {why}") from error
    if not isinstance(about, dict) or "version" not in about:
        raise BackupError(f"{file} is no backup of ours")


def _named(folder: Path) -> str | None:
    about = json.loads((folder / MANIFEST).read_text("utf-8"))
    named = about.get("settings")
    return named if isinstance(named, str) else None


def _replace(fresh: Path, target: Path, ending: str) -> str | None:
    """Put a file or folder where it belongs; return where what was there is now."""
    if not fresh.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(target.name + ending)
    was_there = target.exists()
    if was_there:
        target.rename(aside)
    shutil.move(fresh, target)
    return str(aside) if was_there else None
