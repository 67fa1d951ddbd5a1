"""Where skills keep what they must remember: JSON values by key, a file of its own for each skill."""

import asyncio
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from devices.database import migrate

MOST_STORED_BYTES = 1_000_000
"""What a skill may keep, keys included."""
LONGEST_KEY = 200
BUSY_S = 2.0
OWNER_ONLY, OTHERS = 0o600, 0o077

_STEPS = (("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL)",),)

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class MemoryStore:
    """A store that forgets when the assistant ends: for tests, and where nothing may be written."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default`."""
        return json.loads(self._kept[key]) if key in self._kept else default

    async def put(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it. Raises ValueError for what is no JSON or too much."""
        if value is None:
            self._kept.pop(key, None)
            return
        written = _written(key, value)
        others = sum(_size(name, each) for name, each in self._kept.items() if name != key)
        _check_room(others + _size(key, written))
        self._kept[key] = written

    async def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(sorted(self._kept))


class SqliteStore:
    """A store in one SQLite file, kept over a restart. It may be used from any loop and thread.

    A file that is damaged is moved aside and told in the log, and the store begins anew. What is forgotten
    is overwritten in the file. Nobody but its owner may read it. OSError where the disk does not let it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    async def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default`."""
        found = await asyncio.to_thread(self._do, lambda kept: _read(kept, key))
        return default if found is None else json.loads(found)

    async def put(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it. Raises ValueError for what is no JSON or too much."""
        await asyncio.to_thread(self._put, key, value)

    async def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return await asyncio.to_thread(self._do, _keys)

    async def erase(self) -> None:
        """Forget everything, the file included."""
        await asyncio.to_thread(self._erase)

    def _put(self, key: str, value: Any) -> None:
        written = None if value is None else _written(key, value)  # large ones take a while: off the loop

        def put(kept: sqlite3.Connection) -> None:
            kept.execute("DELETE FROM kept WHERE key = ?", (key,))
            if written is not None:
                _check_room(_total(kept) + _size(key, written))
                kept.execute("INSERT INTO kept VALUES (?, ?)", (key, written))

        self._do(put)

    def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._lock:
            try:
                return self._try(work)
            except sqlite3.DatabaseError as error:
                if type(error) is not sqlite3.DatabaseError:  # busy, full, read-only: the file is sound
                    raise OSError(f"{self._file.name}: {error}") from error
                self._move_aside(error)
            try:
                return self._try(work)
            except sqlite3.Error as error:
                raise OSError(f"{self._file.name}: {error}") from error

    def _try(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._open() as kept:
            return work(kept)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if not self._file.exists():
            self._file.touch(mode=OWNER_ONLY)  # SQLite's -wal and -shm have the mode of the file
        elif self._file.stat().st_mode & OTHERS:
            self._file.chmod(OWNER_ONLY)
        with closing(sqlite3.connect(self._file, timeout=BUSY_S)) as database, database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA secure_delete = ON")
            migrate(database, _STEPS, self._file)
            yield database

    def _move_aside(self, error: sqlite3.Error) -> None:
        aside = self._file.with_name(f"{self._file.name}.damaged-{time.time_ns()}")
        self._file.replace(aside)
        for rest in ("-wal", "-shm"):
            self._file.with_name(self._file.name + rest).unlink(missing_ok=True)
        _log.error("what a skill had kept cannot be read (%s); it is now in %s", error, aside)

    def _erase(self) -> None:
        with self._lock:
            for rest in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + rest).unlink(missing_ok=True)
            for aside in self._file.parent.glob(f"{self._file.name}.damaged-*"):
                aside.unlink(missing_ok=True)


class Stores:
    """The stores of all skills, in one folder: `NAME.sqlite3` each. Without a folder they only remember."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._stores: dict[str, MemoryStore | SqliteStore] = {}

    def of(self, skill: str) -> MemoryStore | SqliteStore:
        """The store of a skill, whose name is checked when it is loaded (`skills.loading`)."""
        if skill not in self._stores:
            self._stores[skill] = (
                MemoryStore() if self._folder is None else SqliteStore(self._folder / f"{skill}.sqlite3")
            )
        return self._stores[skill]


def _read(kept: sqlite3.Connection, key: str) -> str | None:
    row = kept.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def _keys(kept: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in kept.execute("SELECT key FROM kept ORDER BY key"))


def _total(kept: sqlite3.Connection) -> int:
    sizes = kept.execute("SELECT SUM(LENGTH(CAST(key AS BLOB)) + LENGTH(CAST(value AS BLOB))) FROM kept")
    return int(sizes.fetchone()[0] or 0)


def _size(key: str, written: str) -> int:
    return len(key.encode()) + len(written.encode())


def _written(key: str, value: Any) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise ValueError(f"a key is a text of 1 to {LONGEST_KEY} characters")
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"only JSON can be kept: {error}") from None


def _check_room(size: int) -> None:
    if size > MOST_STORED_BYTES:
        raise ValueError(f"more than {MOST_STORED_BYTES:,} bytes cannot be kept")
