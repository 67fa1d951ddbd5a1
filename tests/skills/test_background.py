import asyncio
import threading

import pytest

from skills import background as module
from skills import isolation, registry
from skills.api import Announcement, Language, Manifest, MqttCommand, Say, Skill
from skills.background import BURST, Allowance, Background
from skills.registry import Registry
from tests.skills.surroundings import context_of

REPLIES = {"en": Language({}, {}, {}, {}, {"rung": "Somebody rang {times} times."})}

PLUGIN = '''
import asyncio, threading
from skills.api import Announcement, MqttCommand, Say, Skill

class Bell(Skill):
    """Rings by itself."""

    name = "bell"
    api = 1

    async def background(self, context):
        """Ring twice."""
        how = context.settings.get("how")
        if how == "spin":
            while True:
                pass
        if how == "topic":
            yield Announcement(commands=(MqttCommand("heating/set", "0"),))
        try:
            for _ in range(2):
                yield Announcement(Say("rung", {"times": threading.current_thread().name}), room=context.room)
            if how == "wait":
                await asyncio.sleep(600)
        finally:
            await context.store.put("ended", True)
        if how == "raise":
            raise RuntimeError("broke")
'''


class Rings(Skill):
    """Rings by itself, as often as it is told to."""

    name = "rings"
    api = 1
    manifest = Manifest(topics=frozenset({"rings/set"}))
    times = 2
    breaks = False
    begun = 0

    def languages(self):
        """No files."""
        return REPLIES

    async def background(self, context):
        """Ring."""
        type(self).begun += 1
        for number in range(self.times):
            yield Announcement(Say("rung", {"times": number}), (MqttCommand("rings/set", str(number)),))
        if self.breaks:
            raise RuntimeError("broke")


class Collector:
    """Keeps what is delivered; `wanted` tells when there is so much of it."""

    def __init__(self, wanted: int = 0) -> None:
        self.delivered: list[tuple[str, Announcement]] = []
        self._wanted = wanted
        self.enough = asyncio.Event()

    async def __call__(self, skill: str, announcement: Announcement) -> None:
        self.delivered.append((skill, announcement))
        if len(self.delivered) >= self._wanted:
            self.enough.set()


class Clock:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds
        await asyncio.sleep(0)


async def ended(background: Background) -> None:
    # Our own skills, which an installed assistant has too, work for ever.
    skills = background._registry.skills
    own = {name for name, skill in skills.items() if type(skill).__module__.startswith("skills.")}
    works = [each for each in background._tasks if each.get_name().removeprefix("background of ") not in own]
    async with asyncio.timeout(20):
        await asyncio.gather(*works)


def supervised(found: Registry, collector: Collector, clock: Clock, **given) -> Background:
    return Background(found, lambda _skill: context_of(**given), collector, now=clock, pause=clock.pause)


async def test_what_a_skill_announces_is_delivered_in_order():
    collector = Collector()
    async with supervised(Registry.of(Rings), collector, Clock()) as background:
        await ended(background)
    assert [(skill, each.commands[0].payload) for skill, each in collector.delivered] == [
        ("rings", "0"),
        ("rings", "1"),
    ]


async def test_skills_without_background_work_cost_nothing():
    class Quiet(Rings):
        name = "quiet"
        background = Skill.background

    async with supervised(Registry.of(Quiet), Collector(), Clock()) as background:
        assert background._tasks == []


async def test_one_that_raises_is_started_again_three_times_and_told():
    class Breaks(Rings):
        breaks = True
        begun = 0

    found, clock = Registry.of(Breaks), Clock()
    async with supervised(found, Collector(), clock) as background:
        await ended(background)
    assert Breaks.begun == 4
    assert clock.pauses == [15.0, 60.0, 240.0]
    assert found.problems == ("skill 'rings' raised RuntimeError: broke; its background work stays off",)


async def test_one_that_worked_for_long_has_its_pauses_again(monkeypatch):
    monkeypatch.setattr(module, "LONG_S", -1.0)

    class Heals(Rings):
        begun = 0

        async def background(self, context):
            type(self).begun += 1
            if type(self).begun < 9:
                raise RuntimeError("broke")
            yield Announcement()

    found, clock = Registry.of(Heals), Clock()
    async with supervised(found, Collector(), clock) as background:
        await ended(background)
    assert clock.pauses == [15.0] * 8
    assert found.problems == ()


async def test_one_that_floods_is_ended_and_named():
    class Floods(Rings):
        times = 10_000

    found, collector = Registry.of(Floods), Collector()
    async with supervised(found, collector, Clock()) as background:
        await ended(background)
    assert len(collector.delivered) == BURST
    assert found.problems == ("skill 'rings' announces more than 1 a second; its background work was ended",)


def test_an_allowance_is_a_burst_and_then_one_a_second():
    allowance = Allowance(100.0)
    assert [allowance.take(100.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
    assert [allowance.take(at) for at in (100.5, 101.1, 101.2, 103.1, 103.2)] == [
        False,
        True,
        False,
        True,
        True,
    ]
    assert allowance.take(1e9)


async def test_a_fault_of_the_delivery_is_not_the_skills():
    class Broken(Collector):
        async def __call__(self, skill: str, announcement: Announcement) -> None:
            await super().__call__(skill, announcement)
            raise RuntimeError("no voice")

    found, collector = Registry.of(Rings), Broken()
    async with supervised(found, collector, Clock()) as background:
        await ended(background)
    assert len(collector.delivered) == 2
    assert found.problems == ()


async def test_a_reply_that_is_not_there_is_told_before_anything_is_done():
    class Wrong(Rings):
        async def background(self, context):
            yield Announcement(Say("sung"), (MqttCommand("rings/set", "1"),))

    found, collector = Registry.of(Wrong), Collector()
    async with supervised(found, collector, Clock()) as background:
        await ended(background)
    assert collector.delivered == []
    assert "has no reply 'sung'" in found.problems[0]


# -- plugins -------------------------------------------------------------------------------------------------


@pytest.fixture
def plugin(plugins):
    def load(how: str | None = None) -> Registry:
        plugins.add("bell", PLUGIN, '[replies]\nrung = "Rung: {times}."\n')
        return Registry.load({"bell": {"how": how}})

    return load


async def test_a_plugins_background_work_runs_in_its_own_thread(plugin):
    collector = Collector()
    async with supervised(plugin(), collector, Clock(), room="Hall") as background:
        await ended(background)
    said = Announcement(Say("rung", {"times": "skill plugin-bell"}), room="Hall")
    assert collector.delivered == [("bell", said)] * 2


async def test_it_is_ended_with_the_assistant(plugin):
    found, collector = plugin("wait"), Collector(wanted=2)
    context = context_of()
    async with Background(found, lambda _skill: context, collector), asyncio.timeout(20):
        await collector.enough.wait()
    assert await context.store.get("ended") is True


async def test_a_plugin_that_orders_what_it_may_not_is_told(plugin):
    found, collector = plugin("topic"), Collector()
    async with supervised(found, collector, Clock()) as background:
        await ended(background)
    assert collector.delivered == []
    assert "heating/set" in found.problems[0]


async def test_a_plugin_that_raises_is_told(plugin):
    found, collector = plugin("raise"), Collector()
    async with supervised(found, collector, Clock()) as background:
        await ended(background)
    assert len(collector.delivered) == 8
    assert "raised RuntimeError: broke; its background work stays off" in found.problems[0]


async def test_background_work_that_blocks_is_cut_off(plugin, monkeypatch):
    for name, value in {"PING_S": 0.05, "GRACE_S": 0.05, "PAUSE_S": 0.0}.items():
        monkeypatch.setattr(isolation, name, value)
    monkeypatch.setattr(registry, "CALL_TIMEOUT_S", 0.1)
    found, collector = plugin("spin"), Collector()
    (thread,) = [each for each in threading.enumerate() if each.name == "skill plugin-bell"]
    async with supervised(found, collector, Clock()) as background:
        await ended(background)
    assert "was cut off, since it did not come back within 0.1 seconds; it starts again" in found.problems[0]
    assert "stays off until the assistant starts again" in found.problems[1]
    thread.join(10)
    assert not thread.is_alive()
