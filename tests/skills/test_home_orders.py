"""The orders that the frames give: by ids, to a value or by so much, within what a thing can."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.home import Ability, Device, Home, Kind
from skills.api import Answer, Context, SkillError
from skills.home.orders import stepped
from skills.registry import Registry
from skills.web import HttpWeb

A = Ability
REGISTRY = Registry.load({})
LAMP = Device(
    "lamp", "Lamp", Kind.LIGHT, frozenset({A.ON, A.BRIGHTNESS, A.COLOUR}), "Kitchen",
    state={A.ON: True, A.BRIGHTNESS: 90},
)  # fmt: skip
DARK = Device("dark", "Spots", Kind.LIGHT, LAMP.abilities, "Kitchen", state={A.ON: False, A.BRIGHTNESS: 0})
HEATER = Device(
    "heater", "Heater", Kind.CLIMATE, frozenset({A.SETPOINT}), "Hall",
    state={A.SETPOINT: 29.5}, limits={A.SETPOINT: (5, 30)},
)  # fmt: skip
WASHER = Device(
    "washer", "Washer", Kind.SENSOR, frozenset({A.READING}), "Kitchen", state={A.READING: "running"}
)


async def _none(adapter: str, question: str) -> dict[str, object]:
    raise AssertionError((adapter, question))


def called(tool: str, **arguments: object) -> Answer:
    home = Home({"Kitchen": (), "Hall": ()})
    for each in (LAMP, DARK, HEATER, WASHER):
        home.put(each)
    context = Context("en", "Kitchen", home, HttpWeb(), _none, {}, lambda: datetime.now(UTC))
    return asyncio.run(REGISTRY.call("home", tool, arguments, context))


def said(answer: Answer, language: str = "en") -> str:
    assert answer.say is not None
    return REGISTRY.reply("home", answer.say, language)


def test_things_are_brought_to_a_value():
    answer = called("order", things=["lamp", "dark"], ability="on", value=False)
    assert answer.commands == (DeviceCommand("lamp", A.ON, False), DeviceCommand("dark", A.ON, False))
    assert said(answer) == "All the lights are off."
    assert said(answer, "zh") == "所有的灯关了。"


def test_a_step_begins_where_the_thing_is_and_ends_at_its_limit():
    assert called("order", things=["lamp"], ability="brightness", by=-30).commands == (
        DeviceCommand("lamp", A.BRIGHTNESS, 60),
    )
    warmer = called("order", things=["heater"], ability="setpoint", by=2)
    assert warmer.commands == (DeviceCommand("heater", A.SETPOINT, 30),)
    assert said(warmer) == "Heater is set to 30 degrees."


def test_dimming_leaves_a_dark_lamp_dark():
    answer = called("order", things=["lamp", "dark"], ability="brightness", by=-10)
    assert [each.device_id for each in answer.commands if isinstance(each, DeviceCommand)] == ["lamp"]
    with pytest.raises(SkillError) as caught:
        called("order", things=["dark"], ability="brightness", by=-10)
    assert caught.value.say.key == "order_already_dark"


def test_a_colour_is_three_numbers():
    answer = called("order", things=["lamp"], ability="colour", value=[255, 0, 0])
    assert answer.commands == (DeviceCommand("lamp", A.COLOUR, (255, 0, 0)),)


def test_what_cannot_do_it_is_told():
    with pytest.raises(SkillError) as caught:
        called("order", things=["washer"], ability="on", value=True)
    assert caught.value.say.key == "order_cannot"


def test_which_of_them_is_asked():
    answer = called("which", things=["lamp", "dark"])
    assert answer.question is not None
    assert not answer.commands
    assert REGISTRY.reply("home", answer.question.say, "en") == "Which one: Lamp and Spots?"


def test_how_a_thing_is_set_is_told():
    assert said(called("tell", things=["lamp"], asked="brightness")) == "Lamp is at 90 percent."
    assert said(called("tell", things=["washer"])) == "Washer: running."
    assert said(called("tell", things=["lamp"], asked="on")) == "Yes, Lamp is on."


@given(st.floats(-1000, 1000), st.floats(0, 100))
def test_a_step_never_leaves_the_limits(by, start):
    lamp = Device("l", "L", Kind.LIGHT, LAMP.abilities, state={A.ON: True, A.BRIGHTNESS: start})
    assert 1 <= stepped(lamp, A.BRIGHTNESS, by) <= 100
