import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import history as module
from devices.history import DAY_S, History, Span
from devices.home import Ability, Value

NOW_S = 1_700_000_000.0
ON, READING = Ability.ON, Ability.READING


class Clock:
    def __init__(self) -> None:
        self.s = NOW_S

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def spans(history: History, ability: Ability = ON, since_s: float = 0.0, until_s: float = 2e9) -> list[Span]:
    return list(history.spans("lamp", ability, since_s, until_s))


@pytest.mark.parametrize("on_disk", [True, False])
def test_the_past_is_told_in_spans_that_are_cut_to_what_was_asked(
    tmp_path: Path, clock: Clock, on_disk: bool
) -> None:
    with History(tmp_path / "history.db" if on_disk else None, now=clock) as history:
        for at_s, on in ((0, True), (10, True), (20, False), (30, True)):
            clock.s = NOW_S + at_s
            history.note("lamp", {ON: on}, clock.s)
        clock.s = NOW_S + 100
        for _ in ("waiting", "written"):
            assert spans(history) == [
                Span(True, NOW_S, NOW_S + 20),
                Span(False, NOW_S + 20, NOW_S + 30),
                Span(True, NOW_S + 30, NOW_S + 100),
            ]
            assert spans(history, since_s=NOW_S + 5, until_s=NOW_S + 25) == [
                Span(True, NOW_S + 5, NOW_S + 20),
                Span(False, NOW_S + 20, NOW_S + 25),
            ]
            assert spans(history, until_s=NOW_S) == []
            assert spans(history, Ability.LOCKED) == []
            history.flush()


@pytest.mark.parametrize(
    ("ability", "value"),
    [
        (ON, True),
        (Ability.POSITION, 40),
        (Ability.SETPOINT, 20.5),
        (Ability.MODE, "heat"),
        (Ability.COLOUR, (1, 2, 3)),
        (Ability.MODE, "制热"),
    ],
)
def test_values_keep_their_sort_over_a_restart(
    tmp_path: Path, clock: Clock, ability: Ability, value: Value
) -> None:
    with History(tmp_path / "h.db", now=clock) as history:
        history.note("lamp", {ability: value}, NOW_S)
        clock.s += 5
    clock.s += 5
    with History(tmp_path / "h.db", now=clock) as history:
        (span,) = spans(history, ability)
        assert (span.value, type(span.value)) == (value, type(value))


def test_what_happened_while_nobody_listened_is_not_known(tmp_path: Path, clock: Clock) -> None:
    with History(tmp_path / "h.db", now=clock) as history:
        history.note("lamp", {ON: True}, NOW_S)
        clock.s = NOW_S + 50
    clock.s = NOW_S + 500
    with History(tmp_path / "h.db", now=clock) as history:
        history.note("lamp", {ON: True}, clock.s)
        clock.s = NOW_S + 600
        assert spans(history) == [
            Span(True, NOW_S, NOW_S + 50),
            Span(True, NOW_S + 500, NOW_S + 600),
        ]


def test_what_is_no_longer_known_ends(clock: Clock) -> None:
    with History(now=clock) as history:
        history.note("lamp", {ON: True}, NOW_S)
        history.note("lamp", {ON: None}, NOW_S + 5)
        clock.s += 50
        assert spans(history) == [Span(True, NOW_S, NOW_S + 5)]


def test_a_meter_that_trembles_is_written_when_it_means_it_or_now_and_then(clock: Clock) -> None:
    with History(now=clock) as history:
        for at_s, value in ((0, 100.0), (1, 100.5), (2, 102.0), (3, 102.1), (400, 102.2)):
            history.note("lamp", {READING: value}, NOW_S + at_s)
        clock.s += 500
        assert [(span.value, span.since_s - NOW_S) for span in spans(history, READING)] == [
            (100.0, 0),
            (102.0, 2),
            (102.2, 400),
        ]


def test_days_that_are_over_are_forgotten_but_not_what_still_holds(tmp_path: Path, clock: Clock) -> None:
    with History(tmp_path / "h.db", keep_days=1, now=clock) as history:
        history.note("lamp", {ON: False}, NOW_S)
        history.note("lamp", {ON: True}, NOW_S + 10)
        clock.s = NOW_S + 3 * DAY_S
        assert spans(history) == [Span(True, NOW_S + 2 * DAY_S, clock.s)]
        history.flush()
        assert spans(history) == [Span(True, NOW_S + 2 * DAY_S, clock.s)]
    rows = sqlite3.connect(tmp_path / "h.db").execute("SELECT count(*) FROM states").fetchone()
    assert rows == (1,)


def test_there_are_never_many_more_rows_than_allowed(tmp_path: Path, clock: Clock) -> None:
    with History(tmp_path / "h.db", max_rows=100, now=clock) as history:
        history.note("slow", {ON: True}, NOW_S)
        for number in range(1000):
            history.note("lamp", {Ability.POSITION: number}, NOW_S + number)
        clock.s = NOW_S + 1000
        history.flush()
        assert len(spans(history, Ability.POSITION)) <= 101
        assert history.spans("slow", ON, 0, 2e9) == (Span(True, NOW_S, clock.s),)


def test_a_broken_file_is_moved_aside_and_said(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "h.db"
    path.write_bytes(b"this is no database" * 100)
    with History(path, now=clock) as history:
        history.note("lamp", {ON: True}, NOW_S)
        history.flush()
        clock.s += 5
        assert len(spans(history)) == 1
        assert "h.db.broken" in history.trouble
    with History(path, now=clock) as history:
        assert history.trouble == ""
    assert (tmp_path / "h.db.broken").read_bytes().startswith(b"this is no database")


def test_a_file_that_somebody_else_holds_is_left_alone(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "h.db"
    with History(path, now=clock):
        pass
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    with History(path, now=clock) as history:
        history.note("lamp", {ON: True}, NOW_S)
        clock.s += 5
        assert len(spans(history)) == 1
        assert "locked" in history.trouble
    other.close()
    assert path.exists()


def test_a_place_where_nothing_can_be_written_is_no_reason_to_fail(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("x")
    with History(tmp_path / "file" / "h.db", now=clock) as history:
        history.note("lamp", {ON: True}, NOW_S)
        clock.s += 5
        assert len(spans(history)) == 1
        assert history.trouble


def test_a_file_that_breaks_under_way_loses_no_more_than_what_was_in_it(tmp_path: Path, clock: Clock) -> None:
    with History(tmp_path / "h.db", now=clock) as history:
        assert history._writer is not None
        history._writer.execute("DROP TABLE states")
        history._writer.commit()
        history.note("lamp", {ON: True}, NOW_S)
        history.flush()
        clock.s += 5
        assert len(spans(history)) == 1
        assert history.trouble


def test_nothing_waits_for_a_writer_that_is_busy(tmp_path: Path, clock: Clock) -> None:
    with History(tmp_path / "h.db", now=clock) as history:
        history.note("lamp", {ON: True}, NOW_S)
        history.flush()
        clock.s += 5
        with history._writing:  # the writer is at it, for as long as it likes
            done = threading.Event()

            def used() -> None:
                history.note("lamp", {ON: False}, clock.s)
                spans(history)
                done.set()

            threading.Thread(target=used, daemon=True).start()
            assert done.wait(5)


def test_the_thread_writes_by_itself_and_closing_writes_the_rest(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITE_EVERY_S", 0.01)
    path = tmp_path / "h.db"
    wrote = threading.Event()
    with History(path, now=clock) as history:
        write = history._write

        def watched() -> None:
            waiting = bool(history._pending)
            write()
            if waiting:
                wrote.set()

        monkeypatch.setattr(history, "_write", watched)
        history.note("lamp", {ON: True}, NOW_S)
        assert wrote.wait(5)
        history.note("lamp", {ON: False}, NOW_S + 1)
    assert sqlite3.connect(path).execute("SELECT value FROM states ORDER BY at_s").fetchall() == [
        ("true",),
        ("false",),
    ]
    assert path.stat().st_mode & 0o077 == 0


@given(
    st.lists(st.tuples(st.floats(0, 1000), st.sampled_from([True, False, None])), max_size=20),
    st.floats(0, 1000),
    st.floats(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_spans_are_in_order_apart_and_within_what_was_asked(
    said: list[tuple[float, bool | None]], since_s: float, until_s: float
) -> None:
    clock = Clock()
    with History(now=clock) as history:
        for number, (at_s, on) in enumerate(said):
            history.note("lamp", {ON: on}, NOW_S + at_s)
            if number % 3 == 0:
                history.flush()
        clock.s = NOW_S + 900
        found = spans(history, since_s=NOW_S + since_s, until_s=NOW_S + until_s)
    edges = [edge for span in found for edge in (span.since_s, span.until_s)]
    assert edges == sorted(edges)
    assert all(span.since_s < span.until_s for span in found)
    assert all(NOW_S + since_s <= edge <= NOW_S + min(until_s, 900) for edge in edges)
