"""What was said is kept, found and forgotten; and no disk ever stops a turn."""

import os
import sqlite3
import stat
import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.report import A_PIN, TurnReport
from assistant.store.conversations import MOST_WAITING, Conversations
from assistant.store.migrations import STEPS
from assistant.store.record import record_of
from assistant.store.words import indexed, query
from assistant.understanding.plan import Call, Tier
from devices.commands import DeviceCommand, Outcome, Result, Sent
from devices.home import Ability
from devices.policy import Authority

NOW_S = 1_790_000_000.0
DAY_S = 86_400.0


def turn(heard, *, reply="", language="en", at_s=NOW_S, room="Kitchen", did=True):
    outcome = Outcome(
        DeviceCommand("a", Ability.ON, True), Result.DONE, "Ceiling Lamp", (Sent("mqtt", "a/set", "ON", 1),)
    )
    report = TurnReport(
        heard[:12],
        heard,
        language,
        Tier.FAST,
        (Call("lights", "switch", {"on": True}),),
        (outcome,) if did else (),
        reply,
        why="a template",
        timing_ms={"speech_end": 0.0, "published": 312.5, "confirmed": None},
    )
    return record_of(report, "microphone", room, None, at_s)


@pytest.fixture
def kept(tmp_path):
    return Conversations(tmp_path / "data" / "conversations.sqlite", now=lambda: NOW_S)


def fill(kept, *records):
    for record in records:
        kept.note(record)
    assert kept.flush()
    return kept


def heard(records):
    return [record.heard for record in records]


def test_a_turn_is_kept_whole(kept):
    record = turn("turn on the lamp", reply="Done.")
    fill(kept, record)
    assert kept.search() == [record]
    assert record.as_json()["commands"] == [{"via": "mqtt", "topic": "a/set", "payload": "ON", "qos": 1}]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("lamp", ["turn on the lamp"]),
        ("LAMP turn", ["turn on the lamp"]),
        ("lam", ["turn on the lamp"]),
        ("amp", []),
        ("客厅", ["打开客厅的灯"]),
        ("厅客", []),
        ("灯 打开", ["打开客厅的灯"]),
        ("cafe", ["play the café playlist"]),
        ("好的", ["打开客厅的灯"]),
        ("bathroom lamp", []),
        ("???", []),
        ('lamp" OR "x', []),
    ],
)
def test_words_are_found_in_both_languages(kept, asked, found):
    fill(
        kept,
        turn("turn on the lamp", did=False),
        turn("打开客厅的灯", reply="好的", language="zh", did=False),
        turn("play the café playlist", did=False),
    )
    assert heard(kept.search(asked)) == found


def test_what_was_done_is_found_by_the_name_of_the_thing(kept):
    fill(kept, turn("make it bright"))
    assert heard(kept.search("ceiling")) == ["make it bright"]


def test_turns_are_found_by_room_and_time_the_newest_first(kept):
    fill(kept, turn("one", at_s=NOW_S - 50), turn("two"), turn("three", room="Hall"))
    assert heard(kept.search()) == ["three", "two", "one"]
    assert heard(kept.search(room="kitchen")) == ["two", "one"]
    assert heard(kept.search(since_s=NOW_S - 10)) == ["three", "two"]
    assert heard(kept.search(most=1)) == ["three"]


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_nothing_that_a_person_types_breaks_the_search(asked):
    database = sqlite3.connect(":memory:")
    database.execute(STEPS[0][-1])
    wanted = query(asked)
    if wanted is not None:
        database.execute("INSERT INTO turn_words (words) VALUES (?)", (indexed(asked),))
        database.execute("SELECT rowid FROM turn_words WHERE turn_words MATCH ?", (wanted,)).fetchall()
    database.close()


def test_what_is_too_old_is_forgotten(kept):
    fill(kept, turn("old", at_s=NOW_S - 31 * DAY_S), turn("new", at_s=NOW_S - 29 * DAY_S))
    assert heard(kept.search()) == ["new"]
    assert kept.search("old") == []


def test_what_is_erased_is_nowhere_in_the_file(kept, tmp_path):
    fill(kept, turn("my secretword is here", reply="秘密"), turn("keep this"))
    assert kept.erase(text="secretword") == 1
    assert heard(kept.search()) == ["keep this"]
    left = b"".join(each.read_bytes() for each in (tmp_path / "data").iterdir())
    assert b"secretword" not in left
    assert kept.erase() == 1
    assert kept.search() == []


def test_turns_before_a_moment_are_erased_alone(kept):
    fill(kept, turn("one", at_s=NOW_S - 50), turn("two"))
    assert kept.erase(before_s=NOW_S - 10) == 1
    assert heard(kept.search()) == ["two"]


def test_a_pin_is_never_kept(kept):
    report = TurnReport("1", A_PIN, "en", Tier.FAST, by=Authority("Hall", "tablet"))
    fill(kept, record_of(report, "api", None, None))
    (record,) = kept.search()
    assert (record.heard, record.room, record.satellite) == (A_PIN, "Hall", "tablet")


@pytest.mark.parametrize("damage", [b"no database", b"SQLite format 3\0" + os.urandom(5_000)])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(kept, tmp_path, damage):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "conversations.sqlite").write_bytes(damage)
    fill(kept, turn("hello"))
    assert heard(kept.search()) == ["hello"]
    (aside,) = folder.glob("*.damaged-*")
    assert aside.read_bytes() == damage
    kept.erase()
    assert not aside.exists()


def test_a_file_that_is_damaged_in_the_middle_loses_no_later_turn(kept, tmp_path):
    fill(kept, *(turn(f"number {number} " + "x" * 500) for number in range(200)))
    file = tmp_path / "data" / "conversations.sqlite"
    whole = bytearray(file.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    file.write_bytes(whole)
    kept.note(turn("after"))
    assert kept.flush() or kept.flush()
    assert heard(kept.search()) == ["after"]


def test_a_disk_that_takes_nothing_is_told_and_what_waits_is_written_later(kept, tmp_path):
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")
    kept.note(turn("one"))
    assert not kept.flush()
    assert "not kept at the moment" in kept.trouble
    with pytest.raises(OSError, match="data"):
        kept.search()
    blocked.unlink()
    assert kept.flush()
    assert (heard(kept.search()), kept.trouble) == (["one"], "")


def test_a_full_disk_keeps_no_more_than_so_many_in_memory(kept, tmp_path):
    (tmp_path / "data").write_text("")
    for number in range(MOST_WAITING + 5):
        kept.note(replace(turn("x"), turn_id=str(number)))
    (tmp_path / "data").unlink()
    assert kept.flush()
    assert len(kept.search(most=5_000)) == MOST_WAITING


def test_a_file_of_a_newer_version_is_left_alone(kept, tmp_path):
    fill(kept, turn("hello"))
    file = tmp_path / "data" / "conversations.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(OSError, match="newer version"):
        kept.search()
    assert not list(file.parent.glob("*.damaged-*"))


def test_nobody_else_may_read_it(kept, tmp_path):
    fill(kept, turn("hello"))
    for file in (tmp_path / "data").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_command_line_reads_and_erases_while_the_daemon_writes(kept, tmp_path):
    beside = Conversations(tmp_path / "data" / "conversations.sqlite", now=lambda: NOW_S)
    with kept:
        for number in range(50):
            kept.note(turn(f"number {number}"))
            if number % 10 == 0:
                beside.search("number")
        deadline = time.monotonic() + 30
        while len(beside.search(most=99)) < 50 and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        assert beside.erase() == 50
        kept.note(turn("later"))
    assert heard(beside.search()) == ["later"]


def test_everything_comes_the_oldest_first(kept):
    fill(kept, *(turn(f"number {number}") for number in range(3)))
    assert heard(kept.everything()) == ["number 0", "number 1", "number 2"]
