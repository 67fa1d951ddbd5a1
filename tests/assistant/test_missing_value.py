"""Orders whose telling word was lost: it is asked, and "off" is then enough."""

import pytest

from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.memory import Memory
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.plan import Plan
from assistant.understanding.understanding import Order, Understanding
from devices.home import Ability, Device, Home, Kind
from tests.assistant.test_language_model import planner, registry
from tests.fakes import ScriptedModel


def home() -> Home:
    made = Home({"Office": ("办公室",), "Hall": ()})
    for name, room, kind, abilities, aliases in (
        ("Standing Light", "Office", Kind.LIGHT, {Ability.ON, Ability.BRIGHTNESS}, ("落地灯",)),
        ("Office Blind", "Office", Kind.COVER, {Ability.OPEN}, ()),
        ("Front Door", "Hall", Kind.LOCK, {Ability.LOCKED}, ()),
    ):
        made.put(
            Device(
                name.lower().replace(" ", "_"),
                name,
                kind,
                frozenset(abilities),
                room=room,
                aliases=aliases,
                convention="test",
            )
        )
    return made


def understanding() -> Understanding:
    async def load() -> LanguageModelPlanner:
        return planner(ScriptedModel(*['{"say": "Hm."}'] * 9))

    return Understanding(FastPath(registry(), home()), load, Order.LOCAL_FIRST)


async def heard(made: Understanding, memory: Memory, text: str, language: str = "en") -> Plan:
    return await made.plan(text, language, "Office", "t", memory)


@pytest.mark.parametrize(
    ("text", "language", "thing", "between"),
    [
        ("Turn the standing light in the office", "en", "standing_light", "on_off"),
        ("Turn the office blind", "en", "office_blind", "open_closed"),
        ("把落地灯弄一下", "zh", "standing_light", "on_off"),
    ],
)
async def test_a_lost_value_is_asked_for(text: str, language: str, thing: str, between: str) -> None:
    plan = await heard(understanding(), Memory(), text, language)
    assert [(call.tool, call.arguments) for call in plan.calls] == [
        ("to_what", {"things": [thing], "between": between})
    ]


@pytest.mark.parametrize(("text", "value"), [("off", False), ("on please", True), ("turn it off", False)])
async def test_one_word_is_then_enough(text: str, value: bool) -> None:
    made, memory = understanding(), Memory()
    await heard(made, memory, "Turn the standing light in the office")
    plan = await heard(made, memory, text)
    assert [dict(call.arguments) for call in plan.calls] == [
        {"things": ["standing_light"], "ability": "on", "value": value}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "the standing light is pretty",
        "turn the front door",
        "turn the page",
        "why does the standing light hum",
        "don't turn the standing light",
    ],
)
async def test_nothing_is_asked_of_other_sentences(text: str) -> None:
    plan = await heard(understanding(), Memory(), text)
    assert not plan.calls
