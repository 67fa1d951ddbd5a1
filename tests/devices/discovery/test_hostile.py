"""Anybody on the broker may announce and say anything: nothing may raise, and nothing absurd be believed."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery.components.settings import MAX_NUMBER, Settings
from devices.discovery.convention import Appeared, CannotError, Reported, Vanished
from devices.discovery.entities import COMPONENTS
from devices.discovery.homeassistant import MAX_NAME, HomeAssistant
from devices.discovery.manual import _KEYS
from devices.home import Ability, Value
from tests.devices.discovery.announcing import LAMP, announce, appeared

TOPICS = ("t/a", "t/b", "t/c")
KEYS = sorted(_KEYS)
WORDS = (
    "ON",
    "OFF",
    "open",
    "closed",
    "opening",
    "closing",
    "stopped",
    "LOCKED",
    "JAMMED",
    "heat",
    "cleaning",
)

text = st.text(max_size=30)
numbers = st.floats() | st.integers() | st.sampled_from([1e400, -1e400, 2**70, -0.0, 1e-300, 10**300])
leaves = st.none() | st.booleans() | numbers | text | st.sampled_from(WORDS) | numbers.map(str)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4)
)
SAID = ("state", "position", "brightness", "color", "color_temp", "color_mode", "battery_level", "fan_speed")
said = st.fixed_dictionaries({}, optional=dict.fromkeys(SAID, trees))
payloads = (
    st.binary(max_size=60)
    | st.sampled_from(WORDS).map(str.encode)
    | (leaves.map(str)).map(lambda each: each.encode(errors="replace"))
    | (said | trees).map(lambda each: json.dumps(each).encode())
)
templates = st.sampled_from(
    [
        "{{ value_json.state }}",
        "{{ value_json.a.b }}",
        "{{ value | int }}",
        "{{ value[::-1] }}",
        "{{ value.__class__ }}",
        "{%",
    ]
)


def everything(component: str) -> dict[str, Any]:
    """A configuration in which every topic that any component knows is there, all on three topics."""
    config: dict[str, Any] = {
        key: TOPICS[place % 3] for place, key in enumerate(KEYS) if key.endswith("_topic")
    }
    return {
        **config,
        "unique_id": "it",
        "modes": ["off", "heat"],
        "fan_modes": ["low", "high"],
        "preset_modes": ["eco"],
        "fan_speed_list": ["max"],
        "supported_color_modes": ["rgb", "color_temp"],
        "supported_features": ["start", "locate", "arm_home"],
    }


def sensible(ability: Ability, value: Value | None) -> bool:
    """Whether a value is one that the ability can have in any home."""
    if value is None:
        return True
    if ability in (Ability.ON, Ability.OPEN, Ability.LOCKED):
        return isinstance(value, bool)
    if ability is Ability.COLOUR:
        return isinstance(value, tuple) and all(isinstance(part, int) and 0 <= part <= 255 for part in value)
    if ability in (Ability.BRIGHTNESS, Ability.POSITION, Ability.TILT, Ability.FAN_SPEED):
        return isinstance(value, int | float) and 0 <= value <= 100
    if ability is Ability.COLOUR_TEMPERATURE:
        return isinstance(value, int) and 500 <= value <= 50_000
    if ability is Ability.SETPOINT:
        return isinstance(value, float) and -60 <= value <= 150
    if isinstance(value, str):
        return 0 < len(value) <= 255 and value.isprintable()
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) <= MAX_NUMBER


@pytest.mark.parametrize("component", [*COMPONENTS, "light json", "light template"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_a_thing_says_nothing_raises_and_nothing_absurd_is_believed(
    component: str, data: st.DataObject
) -> None:
    name, _, schema = component.partition(" ")
    config = everything(name)
    if schema:
        config["schema"] = schema
        config |= {
            f"{word}_template": "{{ value }}" for word in ("state", "red", "green", "blue", "brightness")
        }
        config |= {"command_on_template": "on", "command_off_template": "off"}
    else:
        for key in data.draw(
            st.lists(st.sampled_from(KEYS).filter(lambda key: key.endswith("_template")), max_size=4)
        ):
            config[key] = data.draw(templates)
    convention = HomeAssistant()
    announce(convention, config, f"homeassistant/{name}/it/config")
    for topic in TOPICS:
        for change in convention.heard(topic, data.draw(payloads)):
            if isinstance(change, Reported):
                for ability, value in change.state.items():
                    assert sensible(ability, value), (ability, value)


@given(
    st.sampled_from(sorted(COMPONENTS)),
    st.dictionaries(st.sampled_from(KEYS), trees | st.sampled_from(TOPICS)),
)
def test_whatever_is_announced_nothing_raises_and_what_appears_is_sound(
    component: str, config: dict[str, Any]
) -> None:
    convention = HomeAssistant()
    for change in announce(convention, config, f"homeassistant/{component}/it/config"):
        assert isinstance(change, Appeared)
        device = change.device
        assert device.abilities
        assert 0 < len(device.name) <= MAX_NAME
        assert device.name.isprintable()
        assert set(device.options) | set(device.limits) <= device.abilities
        assert all(low < high for low, high in device.limits.values())


@given(
    st.sampled_from(sorted(COMPONENTS)),
    st.sampled_from(list(Ability)),
    leaves | st.tuples(st.integers(), st.integers(), st.integers()),
)
def test_whatever_is_asked_of_a_thing_it_is_written_or_refused(
    component: str, ability: Ability, value: Any
) -> None:
    convention = HomeAssistant()
    (change, *_) = announce(convention, everything(component), f"homeassistant/{component}/it/config")
    command = DeviceCommand(change.device.id, ability, value)
    try:
        messages = convention.messages(command, {})
    except CannotError:
        return
    else:
        assert messages
        assert not any(message.retain for message in messages)
        convention.satisfied(command, {ability: value})
        convention.reports(command)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Lamp\x00\x1b[2J\x07", "Lamp[2J"),
        ("\u202eLamp\u2066", "Lamp"),
        ("La\u200bmp", "Lamp"),
        ("a\r\nb\u2028c", "a b c"),
        ("x" * 10_000, "x" * MAX_NAME),
        ("卧室的灯", "卧室的灯"),
        ("\ud800", "?"),
        ("\u202e", "light"),
    ],
)
def test_a_name_can_be_shown_and_spoken_whoever_chose_it(name: str, shown: str) -> None:
    _, device = appeared({**LAMP, "name": name})
    assert device.name == shown
    _, device = appeared({**LAMP, "name": "Lamp", "device": {"suggested_area": name}})
    assert device.room == (None if shown == "light" else shown)


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_names_rooms_and_ids_are_always_of_one_line(name: str, room: str, own: str) -> None:
    config = {**LAMP, "unique_id": own, "name": name, "device": {"name": name, "suggested_area": room}}
    for change in announce(HomeAssistant(), config):
        for word in (change.device.name, change.device.room or "", change.device.id):
            assert word.isprintable()
            assert len(word) <= 200


def test_of_two_that_announce_one_id_the_first_stays_and_neither_takes_the_others_word() -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    other = {**LAMP, "command_topic": "evil/set", "state_topic": "evil"}
    assert announce(convention, other, "homeassistant/light/other/config") == []
    assert convention.heard("evil", b"ON") == ()
    (message,) = convention.messages(DeviceCommand("light.lamp", Ability.ON, True), {})
    assert message.topic == "lamp/set"
    assert announce(convention, "", "homeassistant/light/other/config") == []
    assert convention.heard("lamp", b"ON") == [Reported("light.lamp", {Ability.ON: True})]
    assert announce(convention, "") == [Vanished("light.lamp")]


@pytest.mark.parametrize(
    "template",
    [
        "{{ value.__class__.__mro__ }}",
        "{{ value_json.__class__ }}",
        "{% for a in range(10**9) %}{% endfor %}",
        "{{ ''|attr('__class__') }}",
        "{{ [value] * 10**9 }}",
        "{% set a = value ~ value %}" * 30 + "{{ 'ON' }}{{ a.b.c }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ states('light.x') }}",
    ],
)
def test_a_hostile_template_teaches_us_nothing_and_sends_nothing(template: str) -> None:
    convention = HomeAssistant()
    read = {"command_topic": "c", "state_topic": "s", "value_template": template, "unique_id": "read"}
    announce(convention, read, "homeassistant/switch/read/config")
    assert said_of(convention, "s", '{"a": 1}') == []
    written = {"command_topic": "c", "command_template": template, "unique_id": "written"}
    announce(convention, written, "homeassistant/switch/written/config")
    with pytest.raises(CannotError):
        convention.messages(DeviceCommand("switch.written", Ability.ON, True), {})


def said_of(convention: HomeAssistant, topic: str, payload: str) -> list[Any]:
    return [change for change in convention.heard(topic, payload.encode()) if isinstance(change, Reported)]


class Noted(dict[str, Any]):
    """A configuration that notes what is asked of it."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


@pytest.mark.parametrize("component", COMPONENTS)
@pytest.mark.parametrize("schema", [None, "json", "template"])
def test_what_a_component_reads_may_be_written_by_hand(component: str, schema: str | None) -> None:
    templates = {"command_on_template": "on", "command_off_template": "off"}
    noted = Noted({**everything(component), **templates, "schema": schema if component == "light" else None})
    COMPONENTS[component](Settings(noted))
    assert len(noted.asked) > 3
    undocumented = {"", "set_fan_speed_template"}  # Home Assistant has no template there
    assert noted.asked - undocumented <= _KEYS
