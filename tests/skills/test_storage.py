import asyncio
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.storage import MOST_STORED_BYTES, MemoryStore, SqliteStore, Stores

JSON = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "skills" / "bell.sqlite3")


async def test_what_is_kept_is_there(store):
    assert await store.get("times", 3) == 3
    await store.put("times", [1, {"两": None}])
    await store.put("again", False)
    assert await store.get("times") == [1, {"两": None}]
    assert await store.get("again", True) is False
    assert await store.keys() == ("again", "times")


async def test_nothing_is_kept_of_what_is_forgotten(store):
    await store.put("times", 1)
    await store.put("times", None)
    await store.put("never", None)
    assert await store.keys() == ()


@pytest.mark.parametrize("value", [object(), float("nan"), {1: object()}, {1, 2}])
async def test_what_is_no_json_is_refused(store, value):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own words
        await store.put("times", value)
    assert await store.keys() == ()


async def test_a_megabyte_is_the_most_and_what_was_there_stays(store):
    await store.put("a", "x" * (MOST_STORED_BYTES // 2))
    with pytest.raises(ValueError, match="1,000,000 bytes"):
        await store.put("b", "x" * (MOST_STORED_BYTES // 2))
    with pytest.raises(ValueError, match="1,000,000 bytes"):
        await store.put("a", "x" * MOST_STORED_BYTES)
    assert len(await store.get("a")) == MOST_STORED_BYTES // 2
    await store.put("a", "x" * (MOST_STORED_BYTES - 10))
    assert await store.keys() == ("a",)


async def test_keys_count_too(store):
    with pytest.raises(ValueError, match="key"):
        await store.put("k" * 201, 1)
    with pytest.raises(ValueError, match="key"):
        await store.put("", 1)


@given(JSON)
def test_any_json_comes_back_as_it_was(value):
    async def there_and_back():
        store = MemoryStore()
        await store.put("x", [value])
        return await store.get("x")

    assert asyncio.run(there_and_back()) == [value]


async def test_it_is_there_after_a_restart(tmp_path):
    await Stores(tmp_path).of("bell").put("times", 2)
    again = Stores(tmp_path)
    assert await again.of("bell").get("times") == 2
    assert await again.of("other").get("times") is None
    assert await Stores().of("bell").get("times") is None


async def test_many_at_once_do_not_lose_anything(tmp_path):
    store = SqliteStore(tmp_path / "bell.sqlite3")
    await asyncio.gather(*(store.put(f"key {number}", number) for number in range(30)))
    assert len(await store.keys()) == 30


async def test_a_damaged_file_is_moved_aside_and_told(tmp_path, caplog):
    file = tmp_path / "bell.sqlite3"
    file.write_bytes(b"not a database at all, but long enough to look like something" * 50)
    store = SqliteStore(file)
    assert await store.get("times", 0) == 0
    await store.put("times", 1)
    assert await store.get("times") == 1
    (aside,) = tmp_path.glob("bell.sqlite3.damaged-*")
    assert aside.read_bytes().startswith(b"not a database")
    assert str(aside) in caplog.text


async def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError):  # noqa: PT011 - the system's own words
        await SqliteStore(tmp_path / "file" / "bell.sqlite3").put("times", 1)


async def test_a_file_that_another_holds_is_not_taken_for_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr("skills.storage.BUSY_S", 0.05)
    store = SqliteStore(tmp_path / "bell.sqlite3")
    await store.put("times", 1)
    with sqlite3.connect(tmp_path / "bell.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked"):
            await store.put("times", 2)
        other.execute("ROLLBACK")
    other.close()
    assert await store.get("times") == 1
    assert not list(tmp_path.glob("*.damaged-*"))


async def test_what_is_erased_is_gone_from_the_disk(tmp_path):
    store = SqliteStore(tmp_path / "bell.sqlite3")
    await store.put("times", "a secret")
    await store.put("times", None)
    assert b"a secret" not in (tmp_path / "bell.sqlite3").read_bytes()
    await store.put("times", "a secret")
    await store.erase()
    assert list(tmp_path.iterdir()) == []
    assert await store.get("times") is None


async def test_nobody_but_its_owner_may_read_what_is_kept(tmp_path):
    file = tmp_path / "bell.sqlite3"
    await SqliteStore(file).put("a", 1)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)  # as an earlier version made it
    await SqliteStore(file).put("a", 2)
    assert file.stat().st_mode & 0o777 == 0o600
