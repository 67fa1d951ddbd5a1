"""Sentences that people say, as data (`utterances/`), with the real skills and a home of 30 things."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.understanding.fast_path import FastPath
from assistant.understanding.plan import Plan, Tier
from devices.commands import DeviceCommand
from devices.home import Ability, Device, Home, Kind
from skills.api import Context
from skills.registry import Registry
from skills.web import HttpWeb

UTTERANCES = Path(__file__).parent / "utterances"
REGISTRY = Registry.load({})
LAMP = frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR})


ABILITIES = {
    "light": LAMP,
    "cover": frozenset({Ability.OPEN, Ability.POSITION, Ability.MOTION}),
    "climate": frozenset({Ability.MODE, Ability.SETPOINT, Ability.READING}),
    "lock": frozenset({Ability.LOCKED}),
    "alarm": frozenset({Ability.ARMED}),
    "vacuum": frozenset({Ability.CLEANING}),
    "scene": frozenset({Ability.PRESSED}),
    "sensor": frozenset({Ability.READING}),
}


def read_home() -> Home:
    data = tomllib.loads((UTTERANCES / "home.toml").read_text("utf-8"))
    home = Home({room: tuple(others) for room, others in data.pop("rooms").items()})
    for kind, groups in data.items():
        for group in groups:
            abilities = frozenset(map(Ability, group["abilities"])) if "abilities" in group else None
            for name in group["names"]:
                home.put(
                    Device(
                        f"{kind}-{len(home)}",
                        name,
                        Kind(kind),
                        abilities or ABILITIES.get(kind, frozenset({Ability.ON})),
                        group.get("room"),
                        device_class=group.get("device_class", ""),
                        unit=group.get("unit", ""),
                    )
                )
    return home


def read_utterances(name: str, language: str) -> list[Any]:
    data = tomllib.loads((UTTERANCES / f"{name}.toml").read_text("utf-8"))
    return [
        pytest.param(
            language, text, group.get("room"), group["calls"], group.get("ignore", []), id=text or "nothing"
        )
        for group in data["means"]
        for text in group["texts"]
    ]


HOME = read_home()
FAST_PATH = FastPath(REGISTRY, HOME)
ALL = [
    each
    for language in ("en", "zh")
    for name in (language, f"house.{language}")
    for each in read_utterances(name, language)
]


def understand(
    text: str, language: str = "en", room: str | None = None, fast_path: FastPath = FAST_PATH
) -> Plan | None:
    return fast_path.understand(text, language, room, "turn-1")


def calls_of(plan: Plan | None, ignore: list[str] | None = None) -> list[dict[str, Any]]:
    return [
        {
            "tool": f"{call.skill}.{call.tool}",
            "arguments": {
                name: value for name, value in call.arguments.items() if name not in (ignore or [])
            },
        }
        for call in (plan.calls if plan is not None else ())
    ]


@pytest.mark.parametrize(("language", "text", "room", "calls", "ignore"), ALL)
def test_a_sentence_becomes_the_calls_that_it_means(language, text, room, calls, ignore):
    expected = [
        {
            **call,
            "arguments": {name: value for name, value in call["arguments"].items() if name not in ignore},
        }
        for call in calls
    ]
    assert calls_of(understand(text, language, room), ignore) == expected


def test_a_plan_carries_its_turn_and_says_why():
    plan = understand("turn on the kitchen lights")
    assert plan is not None
    assert (plan.turn_id, plan.tier, plan.language) == ("turn-1", Tier.FAST, "en")
    assert "match" in plan.why


def test_chinese_is_understood_as_chinese_whatever_the_hint_says():
    plan = understand("打开厨房的灯", language="en")
    assert plan is not None
    assert plan.language == "zh"


async def _nobody(adapter: str, question: str) -> dict[str, Any]:
    raise AssertionError((adapter, question))


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("turn on the kitchen lights", None, {("Kitchen Lights", Ability.ON, True)}),
        (
            "lights off in the kitchen",
            None,
            {("Kitchen Lights", Ability.ON, False), ("Kitchen Counter Light", Ability.ON, False)},
        ),
        ("车库灯打开", None, {("Garage Light", Ability.ON, True)}),
        ("turn on the ceiling light", "Study", {("Ceiling Light", Ability.ON, True)}),
        ("把卫生间的灯调到百分之二十", None, {("Bathroom Mirror", Ability.BRIGHTNESS, 20)}),
        ("make it blue in the hall", None, set()),
        (
            "make the hall blue",
            None,
            {("Hallway Light", Ability.COLOUR, (0, 0, 255)), ("Stairs", Ability.COLOUR, (0, 0, 255))},
        ),
    ],
)
async def test_a_sentence_reaches_the_right_things(text, room, expected):
    plan = understand(text, room=room)
    commanded = set()
    for call in plan.calls if plan is not None else ():
        context = Context("en", room, HOME, HttpWeb(), _nobody, {}, lambda: pytest.fail("asked for the time"))
        for command in (await REGISTRY.call(call.skill, call.tool, call.arguments, context)).commands:
            assert isinstance(command, DeviceCommand)
            device = HOME.get(command.device_id)
            assert device is not None
            commanded.add((device.name, command.ability, command.value))
    assert commanded == expected


def test_names_that_come_and_go_are_known_at_once():
    home = read_home()
    fast_path = FastPath(REGISTRY, home)
    assert understand("turn on the disco ball", fast_path=fast_path) is None
    ball = Device("ball", "Disco Ball", Kind.LIGHT, LAMP, "Study")
    home.put(ball)
    assert calls_of(understand("turn on the disco ball", fast_path=fast_path)) == [
        {"tool": "lights.turn", "arguments": {"on": True, "device": "Disco Ball"}}
    ]
    home.put(replace(ball, name="Mirror Ball", aliases=("Saturday Night",)))
    assert understand("turn on the disco ball", fast_path=fast_path) is None
    assert understand("turn on saturday night", fast_path=fast_path) is not None
    home.remove("ball")
    assert understand("turn on saturday night", fast_path=fast_path) is None


def test_an_empty_home_understands_what_needs_no_names():
    fast_path = FastPath(REGISTRY, Home())
    assert understand("turn on the kitchen lights", fast_path=fast_path) is None
    assert calls_of(understand("pause the music", fast_path=fast_path)) == [
        {"tool": "music.pause", "arguments": {}}
    ]


def test_a_name_full_of_template_signs_harms_nobody():
    home = Home()
    home.put(Device("x", "Light (big) [old] {area} <what> | 50%", Kind.LIGHT, LAMP))
    home.put(Device("y", "¡!", Kind.LIGHT, LAMP))
    fast_path = FastPath(REGISTRY, home)
    assert understand("turn on light big old area what 50 percent", fast_path=fast_path) is not None
    assert understand("turn on", fast_path=fast_path) is None


def test_two_lamps_of_one_short_name_are_told_apart_by_where_it_was_said():
    home = Home({"Attic": (), "Cellar": ()})
    home.put(Device("a", "Attic Reading Lamp", Kind.LIGHT, LAMP, "Attic"))
    home.put(Device("c", "Cellar Reading Lamp", Kind.LIGHT, LAMP, "Cellar"))
    fast_path = FastPath(REGISTRY, home)
    heard_in_cellar = understand("turn on the reading lamp", room="Cellar", fast_path=fast_path)
    assert calls_of(heard_in_cellar)[0]["arguments"]["device"] == "Cellar Reading Lamp"
    assert understand("turn on the reading lamp", fast_path=fast_path) is None
    named = understand("turn on the reading lamp in the attic", room="Cellar", fast_path=fast_path)
    assert calls_of(named)[0]["arguments"]["device"] == "Attic Reading Lamp"


def test_the_words_of_the_home_are_told_in_every_language():
    words = FAST_PATH.words()
    assert {"kitchen", "厨房"} <= set(words["area"]["Kitchen"])
    assert {"coffee maker", "咖啡机"} <= set(words["switch"]["Coffee Maker"])
    assert {"blue", "蓝色"} <= set(words["colour"]["blue"])
    assert "客 厅" not in words["area"]["Living Room"]
