import json
import logging
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, CannotError, Reachable, Reported, Vanished
from devices.discovery.homeassistant import HomeAssistant
from devices.home import Ability, Device, Kind, Value

LAMP = {"command_topic": "lamp/set", "state_topic": "lamp", "unique_id": "lamp"}


def announce(
    convention: HomeAssistant, config: dict[str, Any] | str, topic: str = "homeassistant/light/lamp/config"
) -> list[Any]:
    payload = config if isinstance(config, str) else json.dumps(config)
    return list(convention.heard(topic, payload.encode()))


def appeared(config: dict[str, Any], component: str = "light") -> tuple[HomeAssistant, Device]:
    convention = HomeAssistant()
    (change,) = announce(convention, config, f"homeassistant/{component}/lamp/config")
    assert isinstance(change, Appeared)
    return convention, change.device


def told(convention: HomeAssistant, device: Device, ability: Ability, value: Value) -> list[tuple[str, str]]:
    messages = convention.messages(DeviceCommand(device.id, ability, value), device.state)
    assert not any(message.retain for message in messages)
    return [(message.topic, message.payload) for message in messages]


def said(convention: HomeAssistant, topic: str, payload: str) -> dict[Ability, Value | None]:
    state: dict[Ability, Value | None] = {}
    for change in convention.heard(topic, payload.encode()):
        if isinstance(change, Reported):
            state |= change.state
    return state


def satisfied(
    convention: HomeAssistant, device: Device, ability: Ability, value: Value, state: dict[Ability, Any]
) -> bool:
    return convention.satisfied(DeviceCommand(device.id, ability, value), state)


# -- who it is


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"name": None, "device": {"name": "Kitchen Light"}}, "Kitchen Light"),
        ({"name": "Glow", "device": {"name": "Kitchen Lamp"}}, "Kitchen Lamp Glow"),
        ({"name": "Kitchen Lamp Glow", "device": {"name": "Kitchen Lamp"}}, "Kitchen Lamp Glow"),
        ({"name": "Glow"}, "Glow"),
        ({"device": {"name": "Kitchen Lamp"}}, "Kitchen Lamp"),
        ({}, "lamp"),
        ({"name": "two\nlines\tof  it"}, "two lines of it"),
        ({"name": 7}, "7"),
    ],
)
def test_names_are_composed_as_home_assistant_does(config: dict[str, Any], name: str) -> None:
    _, device = appeared({**LAMP, **config})
    assert device.name == name


def test_a_nameless_sensor_is_named_for_what_it_measures() -> None:
    config = {"state_topic": "t", "device_class": "temperature", "device": {"name": "Porch"}}
    _, device = appeared(config, "sensor")
    assert device.name == "Porch Temperature"


def test_the_suggested_area_is_the_room_and_the_convention_is_noted() -> None:
    _, device = appeared({**LAMP, "device": {"suggested_area": "Living Room"}})
    assert (device.room, device.convention, device.kind) == ("Living Room", "homeassistant", Kind.LIGHT)
    assert device.id == "light.lamp"


def test_topics_with_a_node_count_and_others_do_not() -> None:
    convention = HomeAssistant()
    assert announce(convention, LAMP, "homeassistant/light/node/lamp/config")
    for topic in ("homeassistant/light/config", "homeassistant/a/b/c/d/config", "other/light/x/config"):
        assert announce(convention, LAMP | {"unique_id": "x"}, topic) == []


def test_an_empty_payload_takes_the_thing_back() -> None:
    convention = HomeAssistant()
    assert announce(convention, "") == []
    announce(convention, LAMP)
    assert announce(convention, "") == [Vanished("light.lamp")]
    assert announce(convention, "") == []
    assert len(announce(convention, LAMP)) == 1


def test_the_same_announcement_again_changes_nothing_and_another_replaces_it() -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    assert announce(convention, LAMP) == []
    (change,) = announce(convention, {**LAMP, "name": "New"})
    assert change.device.name == "New"
    changes = announce(convention, {**LAMP, "unique_id": "other"})
    assert [type(change) for change in changes] == [Appeared, Vanished]


def test_a_thing_announced_at_two_places_stays_the_first(caplog: pytest.LogCaptureFixture) -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    assert announce(convention, LAMP, "homeassistant/light/copy/config") == []
    assert "announced elsewhere" in caplog.text


@pytest.mark.parametrize(
    "payload",
    [
        "not json",
        "[]",
        "7",
        '{"command_topic": "a/#"}',
        '{"command_topic": ""}',
        '{"command_topic": 7}',
        '{"state_topic": "a"}',
        '{"command_topic": "a", "brightness_scale": "bright"}',
        '{"command_topic": "a", "brightness_scale": 0}',
        '{"command_topic": "a", "state_topic": "b", "state_value_template": "{% for a in b %}{% endfor %}"}',
        '{"command_topic": "a", "schema": "template"}',
        '{"command_topic": "a", "state_topic": "\\ud800"}',
        '{"command_topic": "a", "min_mireds": -3}',
        '{"command_topic": "a", "payload_on": {"a": 1}}',
        "[" * 5000,
    ],
)
def test_what_is_no_device_is_ignored_with_one_line(payload: str, caplog: pytest.LogCaptureFixture) -> None:
    assert announce(HomeAssistant(), payload) == []
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert "\n" not in caplog.records[0].getMessage()


def test_what_is_for_setting_up_or_switched_off_is_left_out() -> None:
    convention = HomeAssistant()
    for more in ({"entity_category": "config"}, {"ent_cat": "diagnostic"}, {"en": False}):
        assert announce(convention, {**LAMP, **more}) == []


def test_a_bad_update_takes_the_old_thing_away() -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    assert announce(convention, "{") == [Vanished("light.lamp")]


# -- device announcements


def device_announcement() -> dict[str, Any]:
    return {
        "dev": {"ids": ["strip"], "name": "Desk", "sa": "Office"},
        "o": {"name": "maker"},
        "~": "desk",
        "avty_t": "~/up",
        "cmps": {
            "one": {
                "p": "light",
                "name": "Lamp",
                "uniq_id": "desk_lamp",
                "cmd_t": "~/lamp/set",
                "stat_t": "~/lamp",
            },
            "two": {"p": "switch", "name": "Fan", "uniq_id": "desk_fan", "cmd_t": "~/fan/set"},
            "gone": {"p": "sensor"},
        },
    }


def test_a_device_announcement_brings_all_its_things() -> None:
    convention = HomeAssistant()
    topic = "homeassistant/device/strip/config"
    changes = announce(convention, device_announcement(), topic)
    devices = {change.device.id: change for change in changes}
    assert set(devices) == {"light.desk_lamp", "switch.desk_fan"}
    assert devices["light.desk_lamp"].device.name == "Desk Lamp"
    assert devices["light.desk_lamp"].topics == {"desk/up", "desk/lamp"}
    assert devices["switch.desk_fan"].device.room == "Office"
    assert told(convention, devices["switch.desk_fan"].device, Ability.ON, True) == [("desk/fan/set", "ON")]
    assert convention.heard("desk/up", b"offline") == [
        Reachable("light.desk_lamp", False),
        Reachable("switch.desk_fan", False),
    ]


def test_a_thing_that_a_device_no_longer_names_is_taken_away() -> None:
    convention = HomeAssistant()
    topic = "homeassistant/device/strip/config"
    announce(convention, device_announcement(), topic)
    smaller = device_announcement()
    smaller["cmps"]["two"] = {"p": "switch"}
    assert Vanished("switch.desk_fan") in announce(convention, smaller, topic)
    assert announce(convention, "", topic) == [Vanished("light.desk_lamp")]


def test_a_thing_can_move_into_a_device_announcement() -> None:
    convention = HomeAssistant()
    announce(convention, {**LAMP, "unique_id": "desk_lamp"})
    assert announce(convention, '{"migrate_discovery": true}') == [Vanished("light.desk_lamp")]
    assert len(announce(convention, device_announcement(), "homeassistant/device/strip/config")) == 2


# -- availability


@pytest.mark.parametrize(
    ("mode", "words", "available"),
    [
        ("latest", [("a", "online"), ("b", "0")], [True, False]),
        ("all", [("a", "online"), ("b", "1")], [False, True]),
        ("any", [("a", "offline"), ("b", "1"), ("a", "nonsense")], [False, True]),
    ],
)
def test_availability_follows_its_mode(
    mode: str, words: list[tuple[str, str]], available: list[bool]
) -> None:
    both = [{"t": "a"}, {"t": "b", "pl_avail": "1", "pl_not_avail": 0}]
    convention, device = appeared({**LAMP, "avty": both, "avty_mode": mode})
    heard = [change for topic, word in words for change in convention.heard(topic, word.encode())]
    assert heard == [Reachable(device.id, each) for each in available]


def test_one_topic_may_tell_both_state_and_availability_through_templates() -> None:
    convention, device = appeared(
        {
            **LAMP,
            "state_value_template": "{{ value_json.state }}",
            "availability_topic": "lamp",
            "availability_template": "{{ 'online' if value_json.up else 'offline' }}",
        }
    )
    changes = convention.heard("lamp", b'{"state": "ON", "up": 1}')
    assert changes == [Reachable(device.id, True), Reported(device.id, {Ability.ON: True})]


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
        ((topic, sent),) = told(convention, device, ability, value)
        assert (topic, json.loads(sent)) == ("lamp/set", payload)
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
    ((_, sent),) = told(convention, device, Ability.COLOUR, (255, 0, 0))
    assert json.loads(sent)["color"] == colour


def test_older_json_lights_say_their_modes_as_flags() -> None:
    _, device = appeared({**LAMP, "schema": "json", "rgb": True, "color_temp": "true"})
    assert device.abilities == {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE}
    _, device = appeared({**LAMP, "schema": "json"})
    assert device.abilities == {Ability.ON}


# -- switches and sensors


def test_a_switch_may_report_in_other_words_than_it_is_told() -> None:
    config = {**LAMP, "state_on": "running", "state_off": "idle", "cmd_tpl": '{"power": "{{ value }}"}'}
    convention, device = appeared(config, "switch")
    assert (device.kind, device.abilities) == (Kind.SWITCH, {Ability.ON})
    assert told(convention, device, Ability.ON, True) == [("lamp/set", '{"power": "ON"}')]
    assert said(convention, "lamp", "running") == {Ability.ON: True}
    assert satisfied(convention, device, Ability.ON, True, {Ability.ON: True})
    assert not satisfied(convention, device, Ability.ON, True, {})


@pytest.mark.parametrize(
    ("payload", "reading"), [("21", 21), ("21.50", 21.5), ("docked", "docked"), ("1e3", 1000)]
)
def test_a_sensor_reads_numbers_and_words(payload: str, reading: Value) -> None:
    convention, device = appeared({"state_topic": "t", "unit_of_meas": "°C", "qos": "2"}, "sensor")
    assert (device.kind, device.unit) == (Kind.SENSOR, "°C")
    assert said(convention, "t", payload) == {Ability.READING: reading}
    with pytest.raises(CannotError, match="only be read"):
        told(convention, device, Ability.READING, 3)


def test_a_binary_sensor_reads_on_and_off() -> None:
    convention, _ = appeared(
        {"state_topic": "t", "payload_on": "open", "payload_off": "shut"}, "binary_sensor"
    )
    assert said(convention, "t", "open") == {Ability.READING: "on"}
    assert said(convention, "t", "shut") == {Ability.READING: "off"}
    assert said(convention, "t", "ajar") == {}


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


def test_the_quality_of_service_is_the_configured_one_and_retain_is_never_taken_over() -> None:
    for asked, qos in ((0, 0), ("2", 2), (7, 1), (None, 1)):
        convention, device = appeared({**LAMP, "qos": asked, "retain": True})
        (message,) = convention.messages(DeviceCommand(device.id, Ability.ON, True), {})
        assert (message.qos, message.retain) == (qos, False)


def test_binary_words_from_a_device_are_ignored() -> None:
    convention, _ = appeared(LAMP)
    assert convention.heard("lamp", b"\xff\xfe") == ()
    assert convention.heard("nobody/asked", b"ON") == ()
