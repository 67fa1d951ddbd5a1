import json
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import CannotError
from devices.home import Ability
from tests.devices.discovery.announcing import LAMP, appeared, said, satisfied, told

# -- lights with a topic for each ability


def test_a_plain_light_speaks_its_own_words() -> None:
    convention, device = appeared({**LAMP, "payload_on": 1, "payload_off": 0})
    assert device.abilities == {Ability.ON}
    assert told(convention, device, Ability.ON, True) == [("lamp/set", "1")]
    assert told(convention, device, Ability.ON, False) == [("lamp/set", "0")]
    assert said(convention, "lamp", "1") == {Ability.ON: True}
    assert said(convention, "lamp", "ON") == {}
    assert said(convention, "lamp", "None") == {Ability.ON: None}


DIMMED = {**LAMP, "brightness_command_topic": "lamp/bri/set", "brightness_state_topic": "lamp/bri"}


def test_brightness_goes_in_the_devices_scale_before_the_light_goes_on() -> None:
    convention, device = appeared({**DIMMED, "brightness_scale": "100"})
    assert told(convention, device, Ability.BRIGHTNESS, 40) == [("lamp/bri/set", "40"), ("lamp/set", "ON")]
    assert told(convention, device, Ability.BRIGHTNESS, 0) == [("lamp/set", "OFF")]
    assert said(convention, "lamp/bri", "55.0") == {Ability.BRIGHTNESS: 55}
    assert said(convention, "lamp/bri", "dark") == {}


def test_the_order_of_messages_is_the_one_that_the_light_wants() -> None:
    convention, device = appeared({**DIMMED, "on_command_type": "first"})
    assert told(convention, device, Ability.BRIGHTNESS, 100) == [("lamp/set", "ON"), ("lamp/bri/set", "255")]
    convention, device = appeared({**DIMMED, "on_command_type": "brightness"})
    assert told(convention, device, Ability.BRIGHTNESS, 20) == [("lamp/bri/set", "51")]
    assert told(convention, device, Ability.ON, True) == [("lamp/bri/set", "255")]


def test_a_brightness_that_the_scale_cannot_hold_exactly_is_close_enough() -> None:
    convention, device = appeared({**DIMMED, "brightness_scale": 10})
    assert satisfied(convention, device, Ability.BRIGHTNESS, 37, {Ability.ON: True, Ability.BRIGHTNESS: 40})
    assert not satisfied(
        convention, device, Ability.BRIGHTNESS, 37, {Ability.ON: True, Ability.BRIGHTNESS: 50}
    )
    assert not satisfied(
        convention, device, Ability.BRIGHTNESS, 37, {Ability.ON: False, Ability.BRIGHTNESS: 40}
    )
    assert satisfied(convention, device, Ability.BRIGHTNESS, 0, {Ability.ON: False, Ability.BRIGHTNESS: 40})


@pytest.mark.parametrize(
    ("way", "payload", "state"),
    [
        ("rgb", "255,0,0", "250,5,5"),
        ("hs", "0,100", "2.5,98"),
        ("xy", "0.6401,0.33", "0.69,0.30"),
        ("rgbw", "255,0,0,0", "255,0,0,0"),
        ("rgbww", "255,0,0,0,0", "255,0,0,0,0"),
    ],
)
def test_colours_are_written_and_read_in_the_lights_own_way(way: str, payload: str, state: str) -> None:
    topics = {f"{way}_command_topic": "lamp/colour/set", f"{way}_state_topic": "lamp/colour"}
    convention, device = appeared({**LAMP, **topics})
    assert told(convention, device, Ability.COLOUR, (255, 0, 0))[0] == ("lamp/colour/set", payload)
    report = said(convention, "lamp/colour", state)
    assert satisfied(convention, device, Ability.COLOUR, (255, 0, 0), {Ability.ON: True, **report})
    assert said(convention, "lamp/colour", "red") == said(convention, "lamp/colour", "1") == {}


def test_a_colour_template_writes_the_payload() -> None:
    template = "{{ '#%02x%02x%02x' | format(red, green, blue) }}"
    convention, device = appeared({**LAMP, "rgb_cmd_t": "c", "rgb_cmd_tpl": template})
    assert told(convention, device, Ability.COLOUR, (255, 128, 0))[0] == ("c", "#ff8000")


@pytest.mark.parametrize(
    ("more", "asked", "raw", "reported"),
    [
        ({}, 2700, "370", 2703),
        ({"max_mireds": 400}, 2000, "400", 2500),
        ({"color_temp_kelvin": True, "max_kelvin": 6500}, 4000, "4000", 4000),
        ({"color_temp_kelvin": "true", "min_kelvin": "2200"}, 1000, "2200", 2200),
    ],
)
def test_whites_go_in_mireds_or_kelvin_within_what_the_light_can_show(
    more: dict[str, Any], asked: int, raw: str, reported: int
) -> None:
    topics = {"color_temp_command_topic": "lamp/ct/set", "color_temp_state_topic": "lamp/ct"}
    convention, device = appeared({**LAMP, **topics, **more})
    assert told(convention, device, Ability.COLOUR_TEMPERATURE, asked)[0] == ("lamp/ct/set", raw)
    report = said(convention, "lamp/ct", raw)
    assert report == {Ability.COLOUR_TEMPERATURE: reported}
    assert satisfied(convention, device, Ability.COLOUR_TEMPERATURE, asked, {Ability.ON: True, **report})


def test_what_is_not_reported_is_known_to_be_unverifiable() -> None:
    convention, device = appeared({**LAMP, "brightness_command_topic": "lamp/bri/set"})
    assert convention.reports(DeviceCommand(device.id, Ability.ON, True))
    assert not convention.reports(DeviceCommand(device.id, Ability.BRIGHTNESS, 40))


# -- lights that speak JSON

JSON_LAMP = {**LAMP, "schema": "json", "supported_color_modes": ["rgb", "color_temp"], "brightness": True}


def test_a_json_light_is_told_and_read_in_json() -> None:
    convention, device = appeared(JSON_LAMP)
    assert device.abilities == {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE}
    for ability, value, payload in (
        (Ability.ON, False, {"state": "OFF"}),
        (Ability.BRIGHTNESS, 50, {"state": "ON", "brightness": 128}),
        (Ability.BRIGHTNESS, 0, {"state": "OFF"}),
        (Ability.COLOUR, (1, 2, 3), {"state": "ON", "color": {"r": 1, "g": 2, "b": 3}}),
        (Ability.COLOUR_TEMPERATURE, 4000, {"state": "ON", "color_temp": 250}),
    ):
        ((topic, payload_sent),) = told(convention, device, ability, value)
        assert (topic, json.loads(payload_sent)) == ("lamp/set", payload)
    state = said(
        convention, "lamp", '{"state": "ON", "brightness": "128", "color": {"r": 255, "g": 0, "b": "0"}}'
    )
    assert state == {Ability.ON: True, Ability.BRIGHTNESS: 50, Ability.COLOUR: (255, 0, 0)}
    for nothing in ("x", "[]", "7", '{"brightness": null}', '{"color": {"r": 1}}', '{"state": "on"}'):
        assert said(convention, "lamp", nothing) == {}


def test_only_the_present_colour_mode_counts() -> None:
    convention, _ = appeared(JSON_LAMP)
    white = said(
        convention, "lamp", '{"color_mode": "color_temp", "color_temp": 250, "color": {"x": 0.4, "y": 0.4}}'
    )
    assert white == {Ability.COLOUR: None, Ability.COLOUR_TEMPERATURE: 4000}
    red = said(convention, "lamp", '{"color_mode": "rgb", "color_temp": 250, "color": {"h": 0, "s": 100}}')
    assert red == {Ability.COLOUR: (255, 0, 0), Ability.COLOUR_TEMPERATURE: None}


@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ("hs", {"h": 0.0, "s": 100.0}),
        ("xy", {"x": 0.6401, "y": 0.33}),
        ("rgbw", {"r": 255, "g": 0, "b": 0, "w": 0}),
        ("rgbww", {"r": 255, "g": 0, "b": 0, "c": 0, "w": 0}),
    ],
)
def test_a_json_light_gets_its_colour_in_its_own_mode(mode: str, colour: dict[str, float]) -> None:
    convention, device = appeared({**LAMP, "schema": "json", "sup_clrm": [mode]})
    ((_, payload),) = told(convention, device, Ability.COLOUR, (255, 0, 0))
    assert json.loads(payload)["color"] == colour


def test_older_json_lights_say_their_modes_as_flags() -> None:
    _, device = appeared({**LAMP, "schema": "json", "rgb": True, "color_temp": "true"})
    assert device.abilities == {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE}
    _, device = appeared({**LAMP, "schema": "json"})
    assert device.abilities == {Ability.ON}


# -- what cannot be


@pytest.mark.parametrize(
    ("ability", "value"),
    [
        (Ability.ON, 1),
        (Ability.BRIGHTNESS, 101),
        (Ability.BRIGHTNESS, True),
        (Ability.COLOUR, "red"),
        (Ability.COLOUR, (1, 2, 300)),
        (Ability.COLOUR_TEMPERATURE, 0),
        (Ability.LOCKED, True),
    ],
)
def test_values_of_the_wrong_kind_are_refused(ability: Ability, value: Any) -> None:
    convention, device = appeared(JSON_LAMP)
    with pytest.raises(CannotError):
        told(convention, device, ability, value)


def test_a_mode_that_a_json_light_does_not_list_is_not_claimed() -> None:
    flags = {"brightness": True, "rgb": True, "color_temp": True}
    _, device = appeared({**LAMP, "schema": "json", **flags, "supported_color_modes": ["onoff"]})
    assert device.abilities == {Ability.ON}
    _, device = appeared({**LAMP, "schema": "json", **flags, "supported_color_modes": ["brightness"]})
    assert device.abilities == {Ability.ON, Ability.BRIGHTNESS}
    _, device = appeared({**LAMP, "schema": "json", "supported_color_modes": ["sparkle", {"rgb": 1}]})
    assert device.abilities == {Ability.ON}
    _, device = appeared({**LAMP, "schema": "json", "brightness": True})
    assert device.abilities == {Ability.ON, Ability.BRIGHTNESS}


@pytest.mark.parametrize(
    "payload",
    [
        '{"brightness": 1e400}',
        '{"brightness": NaN}',
        '{"brightness": -1}',
        '{"brightness": 256}',
        '{"brightness": [128]}',
        '{"color": {"r": 300, "g": 0, "b": 0}}',
        '{"color": {"x": 1e300, "y": 0}}',
        '{"color": {"h": "a", "s": 100}}',
        '{"color": [255, 0, 0]}',
        '{"color_temp": 0}',
        '{"color_temp": 1e-300}',
        '{"state": ["ON"]}',
        '{"color_mode": ["rgb"]}',
        '{"color_mode": {}}',
        '{"brightness": ' + "9" * 5_000 + "}",
        '{"brightness": 12' + " " * 5_000_000 + "}",
        '{"a": ' * 9_000,
    ],
)
def test_what_a_json_light_cannot_mean_is_not_believed(payload: str) -> None:
    convention, _ = appeared(JSON_LAMP)
    assert said(convention, "lamp", payload) == {}


TEMPLATE_LAMP = {
    **LAMP,
    "schema": "template",
    "command_on_template": "on{% if brightness is defined %},{{ brightness }}{% endif %}"
    "{% if color_temp is defined %},{{ color_temp }}K{% endif %}"
    "{% if red is defined %},{{ red }}-{{ hue }}{% endif %}",
    "command_off_template": "off",
    "state_template": "{{ value.split(',')[0] }}",
    "brightness_template": "{{ value.split(',')[1] }}",
    "color_temp_template": "{{ value.split(',')[2] }}",
    "color_temp_kelvin": True,
    "red_template": "{{ value.split(',')[3] }}",
    "green_template": "{{ value.split(',')[4] }}",
    "blue_template": "{{ value.split(',')[5] }}",
}


def test_a_template_light_is_told_and_read_by_its_templates() -> None:
    convention, device = appeared(TEMPLATE_LAMP)
    assert device.abilities == {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE}
    for ability, value, payload in (
        (Ability.ON, True, "on"),
        (Ability.ON, False, "off"),
        (Ability.BRIGHTNESS, 0, "off"),
        (Ability.BRIGHTNESS, 50, "on,128"),
        (Ability.COLOUR_TEMPERATURE, 4000, "on,4000K"),
        (Ability.COLOUR, (255, 0, 0), "on,255-0.0"),
    ):
        assert told(convention, device, ability, value) == [("lamp/set", payload)]
    assert said(convention, "lamp", "on,128,4000,255,0,0") == {
        Ability.ON: True,
        Ability.BRIGHTNESS: 50,
        Ability.COLOUR_TEMPERATURE: 4000,
        Ability.COLOUR: (255, 0, 0),
    }
    assert said(convention, "lamp", "off") == {Ability.ON: False}
    assert said(convention, "lamp", "ON,900,9,256,x,") == {}


def test_a_template_light_claims_only_what_it_has_templates_for() -> None:
    needed = (
        "command_topic",
        "state_topic",
        "unique_id",
        "schema",
        "command_on_template",
        "command_off_template",
    )
    convention, device = appeared({key: TEMPLATE_LAMP[key] for key in needed})
    assert device.abilities == {Ability.ON}
    assert not convention.reports(DeviceCommand(device.id, Ability.ON, True))


@pytest.mark.parametrize("schema", ["default", "json", "template"])
def test_an_optimistic_light_is_not_taken_at_its_word(schema: str) -> None:
    convention, device = appeared({**TEMPLATE_LAMP, "schema": schema, "optimistic": True})
    assert not convention.reports(DeviceCommand(device.id, Ability.ON, True))
    assert not device.reports_state
