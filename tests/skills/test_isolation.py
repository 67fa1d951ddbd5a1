"""Plugins that block, hang, leave and lie in wait; and the ports of a context, from a plugin's own loop."""

import asyncio
import threading
from dataclasses import replace

import pytest

from devices.home import Home, Kind
from skills import isolation, registry
from skills.api import Say, SkillError
from skills.registry import Registry, SkillFailed
from skills.storage import SqliteStore
from tests.skills.surroundings import context_of, home_of, lamp

WILD = '''
import asyncio, sys, threading, time
from skills.api import Answer, Context, Kind, Manifest, Say, Skill, SkillError, tool

class Word:
    def __str__(self):
        return f"said in {threading.current_thread().name}"

class Bell(Skill):
    """Does what no skill should."""

    name = "bell"
    api = 1
    manifest = Manifest(adapters=frozenset({"chime"}), hosts=frozenset({"example.org"}))

    def __init__(self):
        self.calls = 0

    @tool()
    async def ring(self, context: Context, times: int = 1) -> Answer:
        """Ring."""
        self.calls += 1
        return Answer(say=Say("rung", {"times": f"{self.calls} in {threading.current_thread().name}"}))

    @tool()
    async def wild(self, context: Context, how: str) -> Answer:
        """Run wild."""
        if how == "spin":
            while True:
                pass
        if how == "deaf":
            while True:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    pass
        if how == "exit":
            sys.exit(3)
        if how == "task":
            async def leave():
                sys.exit(3)
            asyncio.create_task(leave())
            await asyncio.sleep(0.01)
            return Answer(say=Say("rung", {"times": "still"}))
        if how == "interrupt":
            raise KeyboardInterrupt
        if how == "word":
            return Answer(say=Say("rung", {"times": Word()}))
        if how == "refuse":
            raise SkillError(Say("rung", {"times": Word()}))
        if how == "kinds":
            lights = [each.name for each in context.home.find(kind=Kind.LIGHT)]
            return Answer(say=Say("rung", {"times": lights}))
        if how == "ports":
            state = await context.ask("chime", "status")
            rain, _ = await context.web.get_json("https://example.org/rain")
            await context.store.put("seen", [rain, state["on"]])
            rooms = ", ".join(context.home.rooms)
            names = ", ".join(each.name for each in context.home)
            first = context.home.get("k1").name
            kept = await context.store.get("seen")
            return Answer(say=Say("rung", {"times": f"{rooms}; {names}; {first}; {kept}"}))
'''
GOOD = WILD.replace('name = "bell"', 'name = "good"')


@pytest.fixture
def loaded(plugins):
    def load(**code: str) -> Registry:
        for name, each in (code or {"bell": WILD}).items():
            plugins.add(name, each)
        return Registry.load({})

    return load


@pytest.fixture
def impatient(monkeypatch):
    """A call that does not return is given up at once."""
    monkeypatch.setattr(registry, "CALL_TIMEOUT_S", 0.1)
    monkeypatch.setattr(isolation, "GRACE_S", 0.1)
    return monkeypatch


async def wild(registry: Registry, how: str) -> str:
    answer = await registry.call("bell", "wild", {"how": how}, context_of())
    assert answer.say is not None
    return registry.reply("bell", answer.say, "en")


async def ring(registry: Registry, skill: str = "bell") -> str:
    answer = await registry.call(skill, "ring", {}, context_of())
    assert answer.say is not None
    return registry.reply(skill, answer.say, "en")


def threads(name: str) -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == name]


async def test_a_plugin_runs_in_a_thread_of_its_own(loaded):
    assert await ring(loaded()) == "Rung 1 in skill plugin-bell times."


@pytest.mark.parametrize("how", ["spin", "deaf"])
async def test_a_plugin_that_does_not_come_back_is_cut_off_and_named_and_the_rest_goes_on(
    loaded, impatient, how
):
    found = loaded(bell=WILD, good=GOOD)
    (thread,) = threads("skill plugin-bell")
    with pytest.raises(SkillFailed, match="'bell' was cut off: it did not come back"):
        await wild(found, how)
    impatient.undo()
    with pytest.raises(SkillFailed, match="'bell' was cut off, and starts again in"):
        await ring(found)
    assert await ring(found, "good") == "Rung 1 in skill plugin-good times."
    assert found.problems == (
        "plugin-bell was cut off, since it did not come back within 0.1 seconds; it starts again",
    )
    thread.join(10)
    assert not thread.is_alive()


async def test_the_assistant_goes_on_while_a_plugin_blocks(loaded, impatient):
    found = loaded()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    with pytest.raises(SkillFailed):
        await wild(found, "spin")
    ticking.cancel()
    assert ticks > 3


async def test_a_plugin_is_started_again_twice_with_a_new_instance_and_then_stays_off(loaded, impatient):
    found = loaded()
    impatient.setattr(isolation, "PAUSE_S", 0.0)
    for _ in range(2):
        with pytest.raises(SkillFailed, match="was cut off"):
            await wild(found, "spin")
        impatient.setattr(registry, "CALL_TIMEOUT_S", 8.0)
        assert await ring(found) == "Rung 1 in skill plugin-bell times."
        impatient.setattr(registry, "CALL_TIMEOUT_S", 0.1)
    with pytest.raises(SkillFailed, match="was cut off"):
        await wild(found, "spin")
    with pytest.raises(SkillFailed, match="is off until the assistant starts again"):
        await ring(found)
    assert "stays off until the assistant starts again" in found.problems[-1]


async def test_two_calls_that_hang_together_count_once(loaded, impatient):
    found = loaded()
    both = await asyncio.gather(wild(found, "spin"), ring(found), return_exceptions=True)
    assert [type(each) for each in both] == [SkillFailed, SkillFailed]
    assert len(found.problems) == 1


@pytest.mark.parametrize(("how", "told"), [("exit", "SystemExit: 3"), ("interrupt", "KeyboardInterrupt")])
async def test_a_plugin_that_wants_to_leave_takes_nobody_along(loaded, how, told):
    found = loaded()
    with pytest.raises(SkillFailed, match=f"raised {told}"):
        await wild(found, how)
    assert await ring(found) == "Rung 1 in skill plugin-bell times."


async def test_a_task_that_a_plugin_left_behind_takes_nobody_along(loaded):
    assert await wild(loaded(), "task") == "Rung still times."


async def test_the_words_of_an_answer_are_made_in_the_plugins_own_thread(loaded):
    found = loaded()
    assert await wild(found, "word") == "Rung said in skill plugin-bell times."
    with pytest.raises(SkillError) as caught:
        await wild(found, "refuse")
    assert caught.value.say == Say("rung", {"times": "said in skill plugin-bell"})


async def test_the_ports_of_a_context_work_from_a_plugins_own_loop(loaded, tmp_path):
    here = threading.current_thread()

    async def ask(adapter: str, question: str) -> dict[str, bool]:
        assert threading.current_thread() is here
        return {"on": True}

    class Web:
        async def get_json(self, url, parameters=None, *, fresh_for_s=0.0):
            assert threading.current_thread() is here
            return 7, 0.0

    home = home_of(lamp("k1", "Kitchen Light", "Kitchen"))
    context = replace(context_of(home, web=Web(), ask=ask), store=SqliteStore(tmp_path / "bell.sqlite3"))
    found = loaded()
    answer = await found.call("bell", "wild", {"how": "ports"}, context)
    assert answer.say is not None
    assert answer.say.values["times"] == "Kitchen, Bedroom; Kitchen Light; Kitchen Light; [7, True]"


async def test_the_home_is_read_where_it_changes(loaded):
    here = threading.current_thread()

    class Watched(Home):
        def find(self, *, kind: Kind | None = None, room: str | None = None):
            assert threading.current_thread() is here
            return super().find(kind=kind, room=room)

    home = Watched()
    home.put(lamp("k1", "Kitchen Light"))
    answer = await loaded().call("bell", "wild", {"how": "kinds"}, context_of(home))
    assert answer.say is not None
    assert answer.say.values["times"] == ("Kitchen Light",)


# Each has a name of its own: a module that is being imported is locked until its import ends.
@pytest.mark.parametrize(
    ("name", "block"), [("spins", "while True: pass"), ("sleeps", "import time; time.sleep(30)")]
)
def test_an_import_that_blocks_is_told_and_left_out(plugins, monkeypatch, name, block):
    monkeypatch.setattr(registry, "LOAD_TIMEOUT_S", 0.2)
    plugins.add(name, f"{block}\n{WILD}")
    found = Registry.load({})
    assert found.problems == (f"plugin-{name}: {name}: was cut off: it did not come back within 0.2 seconds",)
    assert {"lights", "weather", "music"} <= set(found.skills)


def test_an_import_that_leaves_is_told_and_left_out(plugins):
    plugins.add("leaves", "import sys; sys.exit(1)")
    assert Registry.load({}).problems == ("plugin-leaves: leaves: SystemExit: 1",)


async def test_a_closed_registry_has_no_threads(plugins):
    plugins.add("bell", WILD)
    found = Registry.load({})
    assert await ring(found)
    (thread,) = threads("skill plugin-bell")
    found.close()
    assert not thread.is_alive()
    with pytest.raises(SkillFailed, match="is off"):
        await ring(found)
