"""The conversations, in one SQLite file of the owner's: kept for some days, searched, exported, erased.

    with Conversations(path) as kept:
        kept.note(record)       # at once; a thread of its own writes
        kept.search("kitchen")

Whoever speaks never waits for the disk, and no turn fails because of it. A file that is damaged is set aside
and a new one begun; a disk that is full loses records, and says so. The file is the same for the daemon and
for `sotto history`, at the same time (WAL).
"""

import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from assistant.store.migrations import STEPS
from assistant.store.record import COLUMNS, Record, of_row, row_of
from assistant.store.words import indexed, query
from devices.database import FutureVersionError, migrate

DAY_S = 86_400.0
TIDY_EVERY_S = 3_600.0
MOST_WAITING = 1_000
"""Records kept in memory while the disk does not take them; then the oldest are lost."""
TRY_AGAIN_S = 5.0
BUSY_S = 2.0
OWNER_ONLY, OTHERS = 0o600, 0o077

_INSERT = f"INSERT INTO turns ({', '.join(COLUMNS)}) VALUES ({', '.join(':' + each for each in COLUMNS)})"  # noqa: S608  # our own names, no input
_log = logging.getLogger(__name__)


class Conversations:
    """The record. `trouble` is one line when something is wrong with it, else empty.

    `now` is the clock, in seconds since 1970. All but `note` may block for the disk; what reads or erases
    raises OSError with one line when the disk does not let it.
    """

    def __init__(self, path: Path, *, keep_days: float = 30.0, now: Callable[[], float] = time.time) -> None:
        self.trouble = ""
        self._path = path
        self._keep_s = keep_days * DAY_S
        self._now = now
        self._waiting: deque[Record] = deque()
        self._lost = 0
        self._tidied_s = float("-inf")
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="conversations", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5.0)

    # -- writing ---------------------------------------------------------------------------------------------

    def note(self, record: Record) -> None:
        """Keep a record. Returns at once, from any thread."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self._lost += 1
            self._waiting.append(record)
        self._wake.set()

    def flush(self) -> bool:
        """Write what waits, and forget what is too old; whether that worked. Never raises."""
        with self._lock:
            records = list(self._waiting)
        try:
            with self._sound() as database:
                for record in records:
                    _insert(database, record)
                if self._now() - self._tidied_s >= TIDY_EVERY_S:
                    _forget(database, self._now() - self._keep_s)
                    self._tidied_s = self._now()
        except (sqlite3.Error, OSError) as error:
            self._is_troubled(f"conversations are not kept at the moment: {error}")
            return False
        with self._lock:
            written = set(map(id, records))
            self._waiting = deque(each for each in self._waiting if id(each) not in written)
            lost, self._lost = self._lost, 0
        if lost:
            _log.warning("%d turns were not recorded while the disk took none", lost)
        self.trouble = ""
        return True

    def _run(self) -> None:
        well = self.flush()
        while not self._ending:
            self._wake.wait(TIDY_EVERY_S if well else TRY_AGAIN_S)
            self._wake.clear()
            well = self.flush()

    def _is_troubled(self, line: str) -> None:
        if line != self.trouble:
            _log.warning("%s", line)
        self.trouble = line

    # -- reading and erasing ---------------------------------------------------------------------------------

    def search(
        self, text: str = "", *, since_s: float | None = None, room: str | None = None, most: int = 50
    ) -> list[Record]:
        """Return the newest turns first that have all these words: in what was heard, answered or done."""
        wanted, values = ["1"], {"most": most, "since": since_s, "room": room}
        words = query(text)
        if text.strip() and words is None:
            return []
        if words is not None:
            wanted.append("id IN (SELECT rowid FROM turn_words WHERE turn_words MATCH :words)")
            values["words"] = words
        if since_s is not None:
            wanted.append("at_s >= :since")
        if room is not None:
            wanted.append("room = :room COLLATE NOCASE")
        sql = f"SELECT * FROM turns WHERE {' AND '.join(wanted)} ORDER BY id DESC LIMIT :most"  # noqa: S608  # our own words
        with self._readable() as database:
            return [of_row(row) for row in database.execute(sql, values)]

    def everything(self) -> Iterator[Record]:
        """All turns, the oldest first, a few at a time."""
        last = 0
        while True:
            with self._readable() as database:
                rows = database.execute(
                    "SELECT * FROM turns WHERE id > ? ORDER BY id LIMIT 500", (last,)
                ).fetchall()
            if not rows:
                return
            yield from map(of_row, rows)
            last = rows[-1]["id"]

    def erase(self, *, before_s: float | None = None, text: str = "") -> int:
        """Forget turns for good: all, those before a moment, those with certain words. Returns how many.

        What was set aside goes too when all goes. Nothing of it stays in the file.
        """
        with self._lock:
            if before_s is None and not text:
                self._waiting.clear()
        gone = 0
        with self._readable() as database:
            if text:
                for turn in self._with_words(database, text):
                    gone += _delete(database, "id = ?", turn)
            else:
                gone = _delete(database, "at_s < ?", float("inf") if before_s is None else before_s)
            database.commit()
            _leave_no_trace(database)
        if before_s is None and not text:
            for ending in ("damaged-*", "before-v*"):
                for aside in self._path.parent.glob(f"{self._path.name}.{ending}"):
                    aside.unlink(missing_ok=True)
        return gone

    def _with_words(self, database: sqlite3.Connection, text: str) -> list[int]:
        found = database.execute(
            "SELECT rowid FROM turn_words WHERE turn_words MATCH ?", (query(text) or '""',)
        )
        return [int(row[0]) for row in found]

    # -- the file --------------------------------------------------------------------------------------------

    @contextmanager
    def _readable(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._sound() as database:
                yield database
        except sqlite3.Error as error:
            raise OSError(f"{self._path}: {error}") from error

    @contextmanager
    def _sound(self) -> Iterator[sqlite3.Connection]:
        """One transaction on a file that is sound: what is damaged is set aside first."""
        try:
            database = self._open()
        except FutureVersionError:
            raise
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # busy, full, read-only: the file is sound
                raise
            self._set_aside(error)
            database = self._open()
        try:
            with database:
                yield database
        except sqlite3.DatabaseError as error:
            if type(error) is sqlite3.DatabaseError:  # found only now: the next one has a new file
                self._set_aside(error)
            raise
        finally:
            database.close()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            self._path.touch(mode=OWNER_ONLY)  # SQLite's -wal and -shm have the mode of the file
        elif self._path.stat().st_mode & OTHERS:
            self._path.chmod(OWNER_ONLY)
        database = sqlite3.connect(self._path, timeout=BUSY_S)
        try:
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA secure_delete = ON")
            migrate(database, STEPS, self._path)
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self, error: sqlite3.Error) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged-{time.time_ns()}")
        with contextlib.suppress(FileNotFoundError):
            self._path.replace(aside)
        for rest in ("-wal", "-shm"):
            self._path.with_name(self._path.name + rest).unlink(missing_ok=True)
        _log.error("the conversations cannot be read (%s); they are now in %s", error, aside)


def _insert(database: sqlite3.Connection, record: Record) -> None:
    cursor = database.execute(_INSERT, row_of(record))
    names = " ".join(str(each.get("name", "")) for each in record.outcomes)
    words = indexed(record.heard, record.reply, record.room, record.place, names)
    database.execute("INSERT INTO turn_words (rowid, words) VALUES (?, ?)", (cursor.lastrowid, words))


def _delete(database: sqlite3.Connection, condition: str, value: float) -> int:
    found = f"SELECT id FROM turns WHERE {condition}"  # noqa: S608  # our own words
    database.execute(f"DELETE FROM turn_words WHERE rowid IN ({found})", (value,))  # noqa: S608
    return database.execute(f"DELETE FROM turns WHERE {condition}", (value,)).rowcount  # noqa: S608


def _forget(database: sqlite3.Connection, before_s: float) -> None:
    if _delete(database, "at_s < ?", before_s):
        database.execute("INSERT INTO turn_words (turn_words) VALUES ('rebuild')")


def _leave_no_trace(database: sqlite3.Connection) -> None:
    """Write index and file anew: a deleted word would otherwise stay in the index's old pages."""
    database.execute("INSERT INTO turn_words (turn_words) VALUES ('rebuild')")
    database.commit()
    database.execute("VACUUM")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
