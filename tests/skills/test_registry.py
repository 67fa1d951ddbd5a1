import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from devices.adapters.adapter import AdapterError
from skills.api import Say, SkillError
from skills.registry import BadCall, Registry, SkillFailed
from skills.web import WebRefused
from tests.skills.surroundings import context_of

GOOD = '''
from skills.api import AdapterCommand, Answer, Context, Manifest, MqttCommand, Say, Skill, tool
import asyncio

class Bell(Skill):
    """Rings."""

    name = "bell"
    api = 1
    manifest = Manifest(adapters=frozenset({"chime"}), topics=frozenset({"bell/+/set"}))

    @tool()
    async def ring(self, context: Context, times: int = 1) -> Answer:
        """Ring the bell."""
        return Answer(commands=(MqttCommand("bell/door/set", str(times)),), say=Say("rung", {"times": times}))

    @tool()
    async def misbehave(self, context: Context, how: str) -> Answer:
        """Do what the manifest does not allow."""
        if how == "topic":
            return Answer(commands=(MqttCommand("heating/set", "0"),))
        if how == "wildcard":
            return Answer(commands=(MqttCommand("bell/#", "0"),))
        if how == "adapter":
            return Answer(commands=(AdapterCommand("mpd", "play"),))
        if how == "ask":
            await context.ask("mpd", "status")
        if how == "chime":
            await context.ask("chime", "status")
        if how == "web":
            await context.web.get_json("https://example.org")
        if how == "sleep":
            await asyncio.sleep(60)
        if how == "nothing":
            return None
        raise RuntimeError("broke\\nin two lines")
'''
ENGLISH = """
[[tools.ring.sentences]]
templates = ["ring [the] bell"]

[[tools.ring.examples]]
text = "ring twice"
arguments = { times = 2 }

[replies]
rung = "Rung {times} times."
offline = "The chime is away."
"""


class Plugins:
    """Real distributions on the import path: a package each, with its entry point."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, code: str, language: str = ENGLISH, attribute: str = "Bell") -> None:
        package = self._folder / f"plugin_{name}"
        package.mkdir()
        (package / "__init__.py").write_text(code, "utf-8")
        (package / "en.toml").write_text(language, "utf-8")
        info = self._folder / f"plugin_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[sotto.skills]\n{name} = plugin_{name}:{attribute}\n")


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    yield Plugins(tmp_path)
    for module in [each for each in sys.modules if each.startswith("plugin_")]:
        del sys.modules[module]


def test_the_built_in_skills_come_by_entry_points_and_have_no_problems():
    registry = Registry.load({})
    assert {"lights", "weather", "music"} <= set(registry.skills)
    assert registry.problems == ()
    assert not registry.tools["lights.state"].acts


def test_every_reply_of_a_built_in_skill_is_there_in_every_language():
    for skill in Registry.load({}).skills.values():
        replies = {code: set(language.replies) for code, language in skill.languages().items()}
        assert replies["en"] == replies["zh"], skill.name


async def test_a_plugin_is_called_like_a_built_in_skill(plugins):
    plugins.add("bell", GOOD)
    registry = Registry.load({})
    answer = await registry.call("bell", "ring", {"times": 2}, context_of())
    assert answer.say is not None
    assert registry.reply("bell", answer.say, "zh") == "Rung 2 times."


@pytest.mark.parametrize(
    ("code", "language", "told"),
    [
        ("import nothing_of_that_name", ENGLISH, "ModuleNotFoundError"),
        ("Bell = 3", ENGLISH, "is no skills.api.Skill"),
        (GOOD.replace("api = 1", "api = 99"), ENGLISH, "version 99"),
        (GOOD.replace("    api = 1\n", ""), ENGLISH, "does not state its 'api'"),
        (GOOD.replace('"bell"', '"lights"', 1), ENGLISH, "already a skill 'lights', from sotto-voce"),
        (GOOD, "[replies", "TOMLDecodeError"),
        (GOOD, ENGLISH.replace("ring [the] bell", "ring [the bell"), "en.toml"),
        (GOOD, ENGLISH.replace("ring [the] bell", "ring bell[s]"), "whole words"),
        (GOOD, ENGLISH.replace("ring [the] bell", "ring {volume}"), "volume"),
        (GOOD, ENGLISH.replace("ring [the] bell", "<ring> bell"), "no rule 'ring'"),
        (GOOD, ENGLISH.replace("times = 2", 'times = "often"'), "example 'ring twice'"),
        (GOOD, ENGLISH.replace("{times}", "{times.__class__}"), "plain {name} fields"),
        (GOOD, ENGLISH.replace("offline", "online"), "needs a reply 'offline'"),
        (GOOD, ENGLISH.replace("tools.ring", "tools.sing"), "no tool 'sing'"),
    ],
)
def test_a_broken_plugin_is_told_in_one_line_and_left_out(plugins, code, language, told):
    plugins.add("bell", code, language)
    registry = Registry.load({})
    assert len(registry.problems) == 1
    assert registry.problems[0].startswith("plugin-bell: bell: ")
    assert told in registry.problems[0]
    assert "\n" not in registry.problems[0]
    assert {"lights", "weather", "music"} <= set(registry.skills)


async def test_arguments_that_do_not_fit_are_a_bad_call(plugins):
    plugins.add("bell", GOOD)
    registry = Registry.load({})
    for tool, arguments in [
        ("ring", {"times": "x"}),
        ("ring", {"loud": True}),
        ("sing", {}),
        ("misbehave", {}),
    ]:
        with pytest.raises(BadCall, match=f"bell.{tool}"):
            await registry.call("bell", tool, arguments, context_of())
    with pytest.raises(BadCall):
        await registry.call("nobody", "ring", {}, context_of())


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("topic", "heating/set"),
        ("wildcard", "bell/#"),
        ("adapter", "'mpd'"),
        ("ask", "does not name the adapter 'mpd'"),
        ("web", WebRefused.__name__),
        ("nothing", "NoneType"),
        ("raise", "RuntimeError: broke"),
    ],
)
async def test_a_skill_that_breaks_the_contract_fails_in_one_line_that_names_it(plugins, how, told):
    plugins.add("bell", GOOD)
    registry = Registry.load({})
    with pytest.raises(SkillFailed) as caught:
        await registry.call("bell", "misbehave", {"how": how}, context_of())
    assert str(caught.value).startswith("skill 'bell' ")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_skill_that_takes_too_long_fails(plugins, monkeypatch):
    plugins.add("bell", GOOD)
    monkeypatch.setattr("skills.registry.CALL_TIMEOUT_S", 0.05)
    with pytest.raises(SkillFailed, match="took longer"):
        await Registry.load({}).call("bell", "misbehave", {"how": "sleep"}, context_of())


async def test_a_cancelled_call_is_no_failure_of_the_skill(plugins):
    plugins.add("bell", GOOD)
    calling = asyncio.ensure_future(
        Registry.load({}).call("bell", "misbehave", {"how": "sleep"}, context_of())
    )
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_an_adapter_that_is_away_is_told_in_the_skills_own_words(plugins):
    async def away(_adapter: str, _question: str) -> Mapping[str, Any]:
        raise AdapterError("nobody there")

    plugins.add("bell", GOOD)
    registry = Registry.load({})
    with pytest.raises(SkillError) as caught:
        await registry.call("bell", "misbehave", {"how": "chime"}, context_of(ask=away))
    assert registry.reply("bell", caught.value.say, "en") == "The chime is away."


def test_a_reply_reads_lists_and_replies_within_replies(plugins):
    replies = '[replies]\nrung = "{names}: {inner}"\ninner = "{x}!"\noffline = ""\n'
    plugins.add("bell", GOOD, replies)
    registry = Registry.load({})
    say = Say("rung", {"names": ("A", "B", Say("inner", {"x": "C"})), "inner": Say("inner", {"x": "{x}"})})
    assert registry.reply("bell", say, "en") == "A, B and C!: {x}!"


@pytest.mark.parametrize("say", [Say("sung"), Say("rung", {"time": 1})])
def test_a_reply_that_is_not_there_is_the_skills_failure(plugins, say):
    plugins.add("bell", GOOD)
    with pytest.raises(SkillFailed):
        Registry.load({}).reply("bell", say, "en")
