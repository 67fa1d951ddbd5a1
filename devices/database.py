"""A database's layout, brought up to date step by step; `PRAGMA user_version` says which steps were taken.

Before a file that somebody has filled is changed, a copy of it is kept beside it.
"""

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

OWNER_ONLY = 0o600

Steps = Sequence[Sequence[str]]
"""Statements, one list for each version. A step is never changed once it was released; what is new is another
step.
"""


class FutureVersionError(sqlite3.DatabaseError):
    """The file was written by a newer Sotto Voce; it is left alone."""


def migrate(database: sqlite3.Connection, steps: Steps, file: Path | None = None) -> Path | None:
    """Bring the layout up to date, each step whole or not at all. Raises `FutureVersionError`.

    Returns where the copy of `file` from before is; None where nothing was changed, or nothing was there. The
    first step finds either nothing or a file of the time before there were versions: it creates what is
    missing.
    """
    version = _version(database)
    if version > len(steps):
        raise FutureVersionError(
            f"it was written by a newer version ({version}, this one knows {len(steps)}): "
            "`sotto backup rollback` brings back what this one wrote"
        )
    if version == len(steps):
        return None
    kept = _keep(database, file, version) if file is not None and version else None
    for number, step in enumerate(steps[version:], start=version + 1):
        with database:
            database.execute("BEGIN IMMEDIATE")
            if _version(database) >= number:  # another program was faster
                continue
            for statement in step:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {number}")
    return kept


def _keep(database: sqlite3.Connection, file: Path, version: int) -> Path:
    copy = file.with_name(f"{file.name}.before-v{version + 1}")
    copy.unlink(missing_ok=True)
    copy.touch(mode=OWNER_ONLY)
    with contextlib.closing(sqlite3.connect(copy)) as there:
        database.backup(there)
    return copy


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
