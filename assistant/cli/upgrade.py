"""The first start of another version: everything is saved, then the configuration gets its new shape.

Databases get theirs when they are opened (`devices/database.py`). `sotto backup rollback` brings all of it
back, for the version before.
"""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import tomlkit

from assistant.cli.backup import BackupError, save
from assistant.config.load import load
from assistant.config.upgrades import VERSION, upgrade

KEPT = 2
"""So many backups are kept; those before are deleted."""
STAMP = "version.json"
_OWNER_ONLY = 0o600


def folder() -> Path:
    """Where backups lie that were made by themselves: beside the data, which a restore replaces."""
    from platformdirs import user_data_path

    data = Path(user_data_path("sotto-voce"))
    return data.with_name(data.name + "-backups")


def backups() -> list[Path]:
    """Backups that were made by themselves, the latest last."""
    return sorted(folder().glob("before-*.tar.gz")) if folder().is_dir() else []


def prepare(settings: Path | None, tell: Callable[[str], None]) -> None:
    """Save everything if another version ran here before, and bring the configuration up to date.

    What cannot be saved or written is told, and ends nothing: the file is understood as it is.
    """
    from platformdirs import user_data_path

    data = Path(user_data_path("sotto-voce"))
    now = {"version": version("sotto-voce"), "config": VERSION}
    try:
        before = _stamp(data)
        if before != now and (data.is_dir() or _is_old(settings)):
            _save(settings, tell)
        if settings is not None:
            upgrade_settings(settings, tell)
        if before != now:
            _write(data / STAMP, json.dumps(now))
    except (OSError, BackupError) as error:
        tell(f"what is here was not saved before the upgrade: {error}")


def upgrade_settings(settings: Path, tell: Callable[[str], None]) -> Path | None:
    """Write a configuration in this version's shape, comments and all; return where the one before is."""
    text = settings.read_text("utf-8")
    document = tomlkit.parse(text)
    changed = upgrade(document, settings.name)
    if not changed:
        return None
    document["config_version"] = VERSION
    kept = settings.with_name(settings.name + time.strftime(".before-%Y%m%d-%H%M%S"))
    fresh = settings.with_name(f"{settings.name}.new")
    try:
        _write(kept, text)
        _write(fresh, _first(tomlkit.dumps(document)))
        load(fresh)
        fresh.replace(settings)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    for line in changed:
        tell(f"{settings.name}: {line}")
    return kept


def _first(text: str) -> str:
    """The file with its version in front of the first section, where TOML wants it."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("config_version")]
    return f"config_version = {VERSION}\n" + "".join(lines)


def _is_old(settings: Path | None) -> bool:
    return settings is not None and bool(upgrade(tomlkit.parse(settings.read_text("utf-8")), settings.name))


def _stamp(data: Path) -> object:
    with suppress(OSError, ValueError):
        return json.loads((data / STAMP).read_text("utf-8"))
    return None


def _save(settings: Path | None, tell: Callable[[str], None]) -> None:
    where = folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = where / time.strftime("before-%Y%m%d-%H%M%S.tar.gz")
    save(file, settings)
    tell(f"another version ran here before: what it had is saved in {file}")
    for old in backups()[:-KEPT]:
        old.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w") as out:
        out.write(text)
