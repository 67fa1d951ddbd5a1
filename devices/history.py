"""What was: a short local history of states, in SQLite, so that the past can be asked about.

A row says: from this moment on it was so. It holds until the next row of the same thing, and at most until
the end of the run of the program in which it was heard, since nobody knows what happened while we slept.
"""

import contextlib
import json
import logging
import sqlite3
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from devices.commands import DeviceCommand
from devices.database import migrate
from devices.home import Ability, Device, Value
from devices.undo import OrderLog

logger = logging.getLogger(__name__)

WRITE_EVERY_S = 1.0
TIDY_EVERY_S = 600.0
READING_STEP = 0.01
"""A number is written again when it has changed by this part of itself, or after `READING_EVERY_S`."""
READING_EVERY_S = 300.0
MAX_SPANS = 1_000
"""Of a longer answer the newest are told; nobody listens to more, and the event loop waits for it."""
DAY_S = 86_400.0

_STEPS = (
    (
        """CREATE TABLE IF NOT EXISTS states (
            device TEXT NOT NULL, ability TEXT NOT NULL, at_s REAL NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (device, ability, at_s)) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS states_by_time ON states (at_s)",
        "CREATE TABLE IF NOT EXISTS runs (began_s REAL PRIMARY KEY, until_s REAL NOT NULL)",
    ),
)
_TIDY = """
DELETE FROM states WHERE at_s < :before_s AND EXISTS (
    SELECT 1 FROM states AS later WHERE later.device = states.device AND later.ability = states.ability
    AND later.at_s > states.at_s AND later.at_s <= :before_s)
"""
_SPANS = """
SELECT value, at_s FROM states
WHERE device = :device AND ability = :ability AND at_s < :until_s AND at_s >= coalesce((
    SELECT max(at_s) FROM states
    WHERE device = :device AND ability = :ability AND at_s <= :since_s), :since_s)
ORDER BY at_s DESC LIMIT :most
"""
_RUNS = "SELECT began_s, until_s FROM runs WHERE until_s >= ? ORDER BY began_s"


@dataclass(frozen=True, slots=True)
class Span:
    """A device was so from `since_s` until `until_s`, in seconds since 1970. What is so now ends now."""

    value: Value
    since_s: float
    until_s: float


class HistoryView(Protocol):
    """The past, to read."""

    def spans(self, device_id: str, ability: Ability, since_s: float, until_s: float) -> tuple[Span, ...]:
        """How it was between two moments, oldest first, cut to them; empty where nothing is known."""
        ...

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:
        """What brings back the state before the last order given in that room (None: anywhere).

        Empty when there is nothing to take back. Each order is taken back once.
        """
        ...

    def withdraw(self, turn_id: str, for_turn: str, but: Collection[str]) -> tuple[DeviceCommand, ...]:
        """What takes back one turn, but for what it did to the things `but`: that is `for_turn`'s now."""
        ...


_Row = tuple[str, str, float, str]


class History:
    """`with History(path) as history:`; without a path it lives in memory. Not more than `keep_days` back,
    nor more than `max_rows`.

    Writing happens in a thread of its own, once a second. A file that cannot be used is never in the way:
    what is broken is moved aside, what is locked or read-only is left alone, and the history goes on in
    memory; `trouble` says so in one line. `now` is the clock, in seconds since 1970.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        keep_days: float = 7.0,
        max_rows: int = 500_000,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.trouble = ""
        self._path = path
        self._keep_s = keep_days * DAY_S
        self._max_rows = max_rows
        self._now = now
        self._orders = OrderLog()
        self._last: dict[tuple[str, Ability], tuple[Value | None, float]] = {}
        self._pending: list[_Row] = []
        self._lock = threading.Lock()  # of `_pending`; never held while SQLite works
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._began_s = 0.0
        self._tidied_s = 0.0
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._began_s = self._now()
        self._open()
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join(5.0)
        self.flush()
        for connection in {self._writer, self._reader} - {None}:
            assert connection is not None
            connection.close()
        self._writer = self._reader = None

    def note(self, device_id: str, state: Mapping[Ability, Value | None], at_s: float) -> None:
        """Take down how a device says it is; what did not change is not written again.

        None says that it is no longer known.
        """
        for ability, value in state.items():
            last = self._last.get((device_id, ability))
            if last is not None and not _tells_more(ability, last, value, at_s):
                continue
            self._last[device_id, ability] = (value, at_s)
            with self._lock:
                self._pending.append((device_id, ability.value, at_s, json.dumps(value)))

    def spans(self, device_id: str, ability: Ability, since_s: float, until_s: float) -> tuple[Span, ...]:
        """How it was between two moments, oldest first, cut to them; empty where nothing is known."""
        now_s = self._now()
        with self._lock:  # first what waits: it may be written meanwhile, and is then seen twice, not never
            waiting = [row for row in self._pending if row[:2] == (device_id, ability.value)]
        earliest_s = max(since_s, now_s - self._keep_s)
        with self._reading:
            rows, runs = self._read(device_id, ability, earliest_s, until_s)
        rows += [(value, at_s) for _, _, at_s, value in waiting]
        rows.sort(key=lambda row: row[1])
        ends = {began_s: end_s for began_s, end_s in runs if began_s != self._began_s}
        began = sorted({*ends, self._began_s})
        spans: list[Span] = []
        for index, (text, at_s) in enumerate(rows):
            run = bisect_right(began, at_s) - 1
            end_s = min(ends.get(began[max(run, 0)], now_s), until_s, now_s)
            if index + 1 < len(rows):
                end_s = min(end_s, rows[index + 1][1])
            value, from_s = _value(text), max(at_s, earliest_s)
            if value is None or end_s <= from_s:
                continue
            if spans and spans[-1].value == value and spans[-1].until_s == from_s:
                from_s = spans.pop().since_s
            spans.append(Span(value, from_s, end_s))
        return tuple(spans)

    def ordered(self, turn_id: str, room: str | None, device: Device, command: DeviceCommand) -> None:
        """Take down an order that went out, given in `room`; `device` is how the thing was before it."""
        self._orders.note(turn_id, room, device, command)

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:
        """What brings back the state before the last order given in that room (None: anywhere).

        Empty when there is nothing to take back. Each order is taken back once.
        """
        return self._orders.undo(room)

    def withdraw(self, turn_id: str, for_turn: str, but: Collection[str]) -> tuple[DeviceCommand, ...]:
        """What takes back one turn, but for what it did to the things `but`: that is `for_turn`'s now."""
        return self._orders.withdraw(turn_id, for_turn, but)

    def flush(self) -> None:
        """Write what is waiting. Blocks; never raises."""
        with self._writing:
            try:
                self._write()
            except sqlite3.Error as error:
                self._fall_back(error)
                with contextlib.suppress(sqlite3.Error):
                    self._write()

    # -- the file --------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch(mode=0o600)  # when who was home is nobody else's business
                self._writer, self._reader = _connect(str(self._path)), None
                self._writer.execute("PRAGMA journal_mode = WAL")
                self._writer.execute("PRAGMA synchronous = NORMAL")
                migrate(self._writer, _STEPS, self._path)
                self._writer.execute("SELECT count(*) FROM states").fetchone()
                self._begin_run()
                self._reader = _connect(str(self._path))
            except (sqlite3.Error, OSError) as error:
                self._fall_back(error)
            else:
                return
        if self._writer is None:
            self._to_memory()

    def _fall_back(self, error: Exception) -> None:
        """Go on in memory; a broken file is moved aside, so that the next start has a good one."""
        broken = type(error) is sqlite3.DatabaseError  # its subclasses are troubles, not damage
        said = f"the history in {self._path} cannot be used ({error})"
        with self._reading:
            for connection in {self._writer, self._reader} - {None}:
                assert connection is not None
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
            if broken and self._path is not None:
                with contextlib.suppress(OSError):
                    said += f"; it was moved to {_move_aside(self._path).name}"
            self._to_memory()
        self.trouble = f"{said}; what happens now is kept only until the assistant ends"
        logger.warning("history: %s", self.trouble)

    def _to_memory(self) -> None:
        self._path = None
        self._writer = self._reader = _connect(":memory:")
        migrate(self._writer, _STEPS)
        self._begin_run()

    def _begin_run(self) -> None:
        assert self._writer is not None
        with self._writer:
            self._writer.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (self._began_s, self._began_s))

    def _run(self) -> None:
        while not self._ending.wait(WRITE_EVERY_S):
            self.flush()

    def _write(self) -> None:
        """One batch. What is being written stays among the waiting until it can be read from the file."""
        if self._writer is None:
            return
        with self._lock:
            rows = list(self._pending)
        now_s = self._now()
        shared = self._reading if self._writer is self._reader else contextlib.nullcontext()
        with shared, self._writer:
            self._writer.executemany("INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)", rows)
            self._writer.execute("UPDATE runs SET until_s = ? WHERE began_s = ?", (now_s, self._began_s))
            if now_s - self._tidied_s >= TIDY_EVERY_S:
                self._tidied_s = now_s
                self._tidy(now_s)
        with self._lock:
            del self._pending[: len(rows)]

    def _tidy(self, now_s: float) -> None:
        """Forget what is too old and what is too much; how each thing is by now stays known."""
        assert self._writer is not None
        self._writer.execute(_TIDY, {"before_s": now_s - self._keep_s})
        self._writer.execute("DELETE FROM runs WHERE until_s < ?", (now_s - self._keep_s,))
        (rows,) = self._writer.execute("SELECT count(*) FROM states").fetchone()
        if rows > self._max_rows:
            sql = "SELECT at_s FROM states ORDER BY at_s LIMIT 1 OFFSET ?"
            (before_s,) = self._writer.execute(sql, (rows - self._max_rows,)).fetchone()
            self._writer.execute(_TIDY, {"before_s": before_s})

    def _read(
        self, device_id: str, ability: Ability, since_s: float, until_s: float
    ) -> tuple[list[tuple[str, float]], list[tuple[float, float]]]:
        """Rows (value, moment), and the runs (beginning, end). Called with `_reading` held."""
        if self._reader is None:
            return [], []
        asked = {
            "device": device_id,
            "ability": ability.value,
            "since_s": since_s,
            "until_s": until_s,
            "most": MAX_SPANS,
        }
        try:
            rows = self._reader.execute(_SPANS, asked).fetchall()
            return rows, self._reader.execute(_RUNS, (since_s,)).fetchall()
        except sqlite3.Error as error:
            logger.warning("history: it could not be read: %s", error)
            return [], []


class NoHistory:
    """Where nothing is kept."""

    def spans(self, device_id: str, ability: Ability, since_s: float, until_s: float) -> tuple[Span, ...]:  # noqa: ARG002 - nothing is known of anything
        """Nothing is known."""
        return ()

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:  # noqa: ARG002 - as above
        """Nothing can be taken back."""
        return ()

    def withdraw(self, turn_id: str, for_turn: str, but: Collection[str]) -> tuple[DeviceCommand, ...]:  # noqa: ARG002
        """Nothing can be taken back."""
        return ()


def _connect(where: str) -> sqlite3.Connection:
    return sqlite3.connect(where, timeout=0.25, check_same_thread=False)


def _move_aside(path: Path) -> Path:
    """Rename a file and what SQLite keeps beside it; the last few broken ones are kept."""
    aside = path.with_name(f"{path.name}.broken")
    path.replace(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return aside


def _tells_more(ability: Ability, last: tuple[Value | None, float], value: Value | None, at_s: float) -> bool:
    before, before_s = last
    numbers = isinstance(value, int | float) and isinstance(before, int | float)
    if ability is not Ability.READING or not numbers or isinstance(value, bool):
        return value != before or type(value) is not type(before)
    assert isinstance(value, int | float)
    assert isinstance(before, int | float)
    if at_s - before_s >= READING_EVERY_S:
        return value != before
    return abs(value - before) > READING_STEP * abs(before)


def _value(text: str) -> Value | None:
    """A value as it was: a colour is a tuple again."""
    value = json.loads(text)
    if isinstance(value, list):
        return (int(value[0]), int(value[1]), int(value[2]))
    assert value is None or isinstance(value, bool | int | float | str)
    return value
