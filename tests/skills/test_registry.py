import asyncio
import re
from collections.abc import Mapping
from typing import Any

import pytest

from devices.adapters.adapter import AdapterError
from skills.api import Say, SkillError
from skills.registry import BadCall, Registry, SkillFailed
from skills.web import WebRefused
from tests.skills.surroundings import BELL as GOOD
from tests.skills.surroundings import ENGLISH, context_of


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


SET = GOOD.replace(
    "class Bell(Skill):",
    """from pydantic import BaseModel, Field

class Settings(BaseModel):
    times: int = Field(default=3, ge=1)
    url: str = "https://default.example"

class Bell(Skill):""",
).replace("    api = 1\n", "    api = 1\n    settings = Settings\n")


def test_settings_are_checked_and_filled_in(plugins):
    plugins.add("bell", SET)
    found = Registry.load({"bell": {"times": "5"}})
    assert found.problems == ()
    assert found._loaded["bell"].settings == {"times": 5, "url": "https://default.example"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"times": 0}, "configuration [skills.bell]: times: Input should be greater than or equal to 1"),
        ({"tims": 2}, "configuration [skills.bell]: there is no 'tims'; there are times, url"),
    ],
)
def test_wrong_settings_are_told_with_their_key_and_the_skill_is_left_out(plugins, given, told):
    plugins.add("bell", SET)
    found = Registry.load({"bell": given})
    assert "bell" not in found.skills
    assert told in found.problems[0]


async def test_an_address_of_the_users_own_may_be_reached_but_not_one_that_is_only_a_default(plugins):
    reach = SET.replace(
        'await context.web.get_json("https://example.org")',
        'await context.web.get_json(context.settings["url"])',
    )
    plugins.add("bell", reach)
    with pytest.raises(SkillFailed, match="WebRefused"):
        await Registry.load({}).call("bell", "misbehave", {"how": "web"}, context_of())
    own = Registry.load({"bell": {"url": "http://127.0.0.1:1/x"}})
    with pytest.raises(SkillError):  # nobody there, but it was asked
        await own.call("bell", "misbehave", {"how": "web"}, context_of())


@pytest.mark.parametrize("name", ["../bell", "Bell", "b l", "", "x" * 41])
def test_a_name_that_is_none_is_told(plugins, name):
    plugins.add("bell", GOOD.replace('"bell"', f'"{name}"', 1))
    assert "is no name for a skill" in Registry.load({}).problems[0]


def test_a_filter_that_is_none_is_told_when_the_skill_is_loaded(plugins):
    plugins.add("bell", GOOD.replace("bell/+/set", "bell/#/set"))
    assert "'bell/#/set' is no MQTT filter" in Registry.load({}).problems[0]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('Answer(commands=(MqttCommand("bell/a/set", "1"),) * 51)', "51 things at once"),
        ('Answer(say=Say("rung", {"times": "ding " * 500}))', "says 2,512 characters"),
        ('Answer(say=Say("sung"))', "has no reply 'sung'"),
        ('Answer(question=Question(Say("rung", {"times": 1}), "loud"))', "does not take"),
        ('Answer(question=Question(Say("sung"), "times"))', "has no reply 'sung'"),
    ],
)
async def test_an_answer_that_cannot_be_said_or_carried_out_is_refused_before_anything_is_done(
    plugins, answer, told
):
    code = GOOD.replace("import asyncio", "from skills.api import Question\nimport asyncio")
    plugins.add(
        "bell", re.sub(r"return Answer\(commands=\(MqttCommand\(\"bell/door.*", f"return {answer}", code)
    )
    with pytest.raises(SkillFailed, match=told):
        await Registry.load({}).call("bell", "ring", {}, context_of())


async def test_a_refusal_that_cannot_be_said_is_the_skills_failure(plugins):
    code = GOOD.replace(
        "raise RuntimeError", "from skills.api import SkillError; raise SkillError(Say('sung'))\n#"
    )
    plugins.add("bell", code)
    with pytest.raises(SkillFailed, match="has no reply 'sung'"):
        await Registry.load({}).call("bell", "misbehave", {"how": "raise"}, context_of())


def test_words_of_the_skills_own_join_those_of_its_files(plugins):
    words = """
    def vocabulary(self, settings):
        return {"room": {"den": ["den"], "attic": ["loft"]}, "new": {"x": ["y"]}}

    @tool()
    async def misbehave"""
    english = ENGLISH.replace("ring [the] bell", "ring {room:times}") + '\n[words.room]\nattic = ["attic"]\n'
    plugins.add("bell", GOOD.replace("\n    @tool()\n    async def misbehave", words), english)
    language = Registry.load({}).language("bell", "en")
    assert language is not None
    assert language.words["room"] == {"attic": ("attic", "loft"), "den": ("den",)}
    assert language.words["new"] == {"x": ("y",)}
