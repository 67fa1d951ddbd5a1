"""The database's layout, one step after the other; `PRAGMA user_version` says which were taken."""

import sqlite3

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE turns (
            id INTEGER PRIMARY KEY,
            turn_id TEXT NOT NULL,
            at_s REAL NOT NULL,
            place TEXT NOT NULL,
            room TEXT,
            satellite TEXT,
            heard TEXT NOT NULL,
            language TEXT NOT NULL,
            tier TEXT NOT NULL,
            why TEXT NOT NULL,
            calls TEXT NOT NULL,
            commands TEXT NOT NULL,
            outcomes TEXT NOT NULL,
            reply TEXT NOT NULL,
            failure TEXT,
            interrupted INTEGER NOT NULL,
            timing_ms TEXT NOT NULL
        )""",
        "CREATE INDEX turns_at ON turns (at_s)",
        "CREATE VIRTUAL TABLE turn_words USING fts5 (words, tokenize = 'unicode61 remove_diacritics 2')",
    ),
)
"""A step is never changed once it was released; what is new is another step."""


class FutureVersionError(sqlite3.DatabaseError):
    """The file was written by a newer Sotto Voce; it is left alone."""


def migrate(database: sqlite3.Connection) -> None:
    """Bring the layout up to date, each step whole or not at all. Raises `FutureVersionError`."""
    version = _version(database)
    if version > len(STEPS):
        raise FutureVersionError(
            f"it was written by a newer version ({version}, this one knows {len(STEPS)})"
        )
    for number, step in enumerate(STEPS[version:], start=version + 1):
        with database:
            database.execute("BEGIN IMMEDIATE")
            if _version(database) >= number:  # another program was faster
                continue
            for statement in step:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {number}")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
