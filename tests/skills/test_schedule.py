from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from skills.schedule import MOST_ENTRIES, Entry, Schedule, ScheduleFullError
from skills.storage import MemoryStore, SqliteStore
from tests.skills.clockwork import LONDON, FakeTime


def wall(text: str, *days: int) -> Entry:
    return Entry(0, "alarm", wall=text, days=days)


async def filled(time: FakeTime, *entries: Entry) -> Schedule:
    schedule = Schedule(MemoryStore(), time.elapsed)
    for each in entries:
        await schedule.add(each)
    await schedule.due(time.now())
    return schedule


async def test_an_entry_is_there_after_a_restart(tmp_path):
    time = FakeTime(2026, 11, 23, 18, 0)
    store = SqliteStore(tmp_path / "kept.sqlite3")
    kept = await Schedule(store, time.elapsed).add(
        Entry(0, "timer", "kitchen", "zh", due_s=1.5, data={"name": "面"})
    )
    again = Schedule(SqliteStore(tmp_path / "kept.sqlite3"), time.elapsed)
    await again.read()
    assert list(again) == [kept]


async def test_a_length_is_not_changed_by_a_clock_that_is_set():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time, Entry(0, "timer", due_s=time.now().timestamp() + 600))
    time.set_by(3_600)
    assert await schedule.due(time.now()) == []
    time.pass_by(599)
    assert await schedule.due(time.now()) == []
    time.pass_by(1)
    assert len(await schedule.due(time.now())) == 1


async def test_a_time_of_day_is_what_the_clock_shows_when_it_is_set():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time, wall("2026-11-23T19:00:00"))
    time.set_by(3_600)
    assert len(await schedule.due(time.now())) == 1


async def test_a_time_of_day_moves_with_the_time_zone():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time, wall("2026-11-23T19:00:00"))
    time.zone = ZoneInfo("Europe/Paris")  # where it is seven already
    assert len(await schedule.due(time.now())) == 1


async def test_after_a_restart_the_clock_on_the_wall_is_believed():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time, Entry(0, "timer", due_s=time.now().timestamp() + 600))
    time.pass_by(700)
    time.restarted()
    again = Schedule(schedule.store, time.elapsed)
    assert [each.late_s(time.now()) for each in await again.due(time.now())] == [100]


async def test_what_another_process_has_added_is_seen():
    time = FakeTime(2026, 11, 23, 18, 0)
    daemon = await filled(time)
    await Schedule(daemon.store, time.elapsed).add(wall("2026-11-23T18:00:03"))
    time.pass_by(6)
    assert len(await daemon.due(time.now())) == 1


def test_what_is_repeated_comes_once_in_the_hour_that_comes_twice():
    entry = wall("2026-10-25T01:30:00", 6)
    first = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
    following = entry.again(first)
    assert following is not None
    assert following.wall == "2026-11-01T01:30:00"
    set_back = entry.again(datetime(2026, 10, 25, 1, 10, fold=1, tzinfo=LONDON))
    assert set_back is not None
    assert set_back.wall == "2026-11-01T01:30:00"


def test_a_week_that_was_slept_through_counts_as_its_last_day():
    entry = wall("2026-11-16T07:00:00", *range(7))
    assert entry.caught_up(datetime(2026, 11, 23, 7, 20, tzinfo=LONDON)).wall == "2026-11-23T07:00:00"
    assert entry.caught_up(datetime(2026, 11, 23, 6, 20, tzinfo=LONDON)).wall == "2026-11-22T07:00:00"


async def test_a_broken_entry_does_not_take_the_others_with_it():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time, wall("2026-11-23T19:00:00"))
    kept = await schedule.store.get("entries")
    broken = [
        {"id": 2},
        "no entry",
        {**kept[0], "id": 3, "wall": "noon"},
        {**kept[0], "id": 4, "due_s": 1e99},
    ]
    await schedule.store.put("entries", [*broken, *kept])
    await schedule.read()
    assert [each.id for each in schedule] == [1]


async def test_there_is_an_end_to_what_is_kept():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time)
    await schedule.store.put(
        "entries", [{"id": number, "sort": "timer"} for number in range(1, MOST_ENTRIES + 1)]
    )
    with pytest.raises(ScheduleFullError):
        await schedule.add(wall("2026-11-23T19:00:00"))


async def test_a_number_is_not_given_twice():
    time = FakeTime(2026, 11, 23, 18, 0)
    schedule = await filled(time, wall("2026-11-23T19:00:00"))
    await schedule.remove(list(schedule))
    assert (await schedule.add(replace(wall("2026-11-23T20:00:00")))).id == 2
