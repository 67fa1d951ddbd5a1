"""What was taught holds: in the home, in understanding, turn by turn, over a restart."""

from typing import Any

import pytest

from assistant.taught import TaughtKeeper
from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.memory import Memory
from assistant.understanding.understanding import Order, Understanding
from devices.home import Ability, Home, Kind
from skills.home import HomeSkill
from skills.registry import Registry
from skills.storage import SqliteStore
from skills.taught import TaughtSkill
from skills.taught.book import Alias, Book, Routine, Taught
from skills.testing import context, home, thing


async def _no_model() -> Any:
    raise AssertionError("no model is asked")


def kept(store: SqliteStore) -> tuple[TaughtKeeper, Home, Understanding]:
    ours = home(thing("Floor Lamp", Kind.LIGHT, "Study"), thing("Desk Lamp", Kind.LIGHT, "Study"))
    registry = Registry.of(HomeSkill, TaughtSkill)
    understanding = Understanding(FastPath(registry, ours), _no_model, Order.LOCAL_ONLY)
    return TaughtKeeper(store, ours, understanding), ours, understanding


@pytest.fixture
def store(tmp_path) -> SqliteStore:
    return SqliteStore(tmp_path / "taught.sqlite3")


async def _calls(understanding: Understanding, text: str) -> list[tuple[str, Any]]:
    plan = await understanding.plan(text, "en", "Study", "turn", Memory())
    return [(each.tool, each.arguments.get("things")) for each in plan.calls]


async def test_what_was_taught_in_one_turn_holds_in_the_next(store):
    keeper, ours, understanding = kept(store)
    await keeper.learn()
    plan = await understanding.plan("call the floor lamp Bertie", "en", "Study", "turn", Memory())
    await Registry.of(TaughtSkill).call(
        "taught", "alias", plan.calls[0].arguments, context(ours, store=store)
    )
    await keeper.heard("lights")
    assert ours.get("floor_lamp").aliases == ()
    await keeper.heard("taught")
    assert ours.get("floor_lamp").aliases == ("Bertie",)
    assert await _calls(understanding, "turn off Bertie") == [("order", ["floor_lamp"])]


async def test_it_holds_after_a_restart(store):
    await Book(store).write(
        Taught(
            (Alias("Bertie", ("floor_lamp",)), Alias("the den", room="Study")),
            (),
            (Routine("bye", "turn off Bertie", "en"),),
        )
    )
    keeper, ours, understanding = kept(store)
    await keeper.learn()
    assert ours.rooms["Study"] == ("the den",)
    assert await _calls(understanding, "bye") == [("order", ["floor_lamp"])]


async def test_what_is_erased_elsewhere_is_forgotten(store):
    await Book(store).write(Taught((Alias("Bertie", ("floor_lamp",)),)))
    keeper, ours, _understanding = kept(store)
    await keeper.learn()
    await store.erase()
    await keeper.learn()
    assert ours.get("floor_lamp").aliases == ()


async def test_a_damaged_file_is_moved_aside_and_all_goes_on(store, tmp_path):
    (tmp_path / "taught.sqlite3").write_bytes(b"no database" * 100)
    keeper, ours, _understanding = kept(store)
    await keeper.learn()
    assert ours.get("floor_lamp").abilities >= {Ability.ON}
    assert list(tmp_path.glob("taught.sqlite3.damaged-*"))
