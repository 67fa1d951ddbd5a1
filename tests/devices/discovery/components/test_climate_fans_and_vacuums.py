from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value
from tests.devices.discovery.announcing import appeared, reports, said, satisfied, sent, told

THERMOSTAT = {
    "modes": ["off", "heat", "sauna"],
    "mode_command_topic": "c/mode/set",
    "mode_state_topic": "c/mode",
    "temperature_command_topic": "c/temp/set",
    "temperature_state_topic": "c/temp",
    "current_temperature_topic": "c/now",
    "preset_modes": ["eco", "away"],
    "preset_mode_command_topic": "c/preset/set",
    "preset_mode_state_topic": "c/preset",
    "fan_modes": ["auto", "low", "medium", "high"],
    "fan_mode_command_topic": "c/fan/set",
    "fan_mode_state_topic": "c/fan",
    "min_temp": "10",
    "max_temp": 28,
    "temp_step": 0.5,
}


def test_a_thermostat_has_all_that_its_topics_name() -> None:
    convention, device = appeared(THERMOSTAT, "climate")
    assert (device.kind, device.unit) == (Kind.CLIMATE, "°C")
    assert device.abilities == {
        Ability.MODE,
        Ability.SETPOINT,
        Ability.PRESET,
        Ability.FAN_SPEED,
        Ability.READING,
    }
    assert device.options == {Ability.MODE: ("off", "heat"), Ability.PRESET: ("eco", "away")}
    assert device.limits == {Ability.SETPOINT: (10.0, 28.0)}
    for ability, value, message in (
        (Ability.MODE, "heat", ("c/mode/set", "heat")),
        (Ability.SETPOINT, 21.7, ("c/temp/set", "21.5")),
        (Ability.SETPOINT, 20, ("c/temp/set", "20")),
        (Ability.PRESET, "eco", ("c/preset/set", "eco")),
        (Ability.FAN_SPEED, 60, ("c/fan/set", "medium")),
        (Ability.FAN_SPEED, 100, ("c/fan/set", "high")),
    ):
        assert told(convention, device, ability, value) == [message]
    for topic, word, state in (
        ("c/mode", "off", {Ability.MODE: "off"}),
        ("c/temp", "21.5", {Ability.SETPOINT: 21.5}),
        ("c/now", "19.44", {Ability.READING: 19.4}),
        ("c/preset", "none", {Ability.PRESET: None}),
        ("c/fan", "low", {Ability.FAN_SPEED: 33}),
    ):
        assert said(convention, topic, word) == state


@pytest.mark.parametrize(
    ("ability", "value"),
    [
        (Ability.MODE, "sauna"),
        (Ability.MODE, 1),
        (Ability.SETPOINT, 9.9),
        (Ability.SETPOINT, 28.5),
        (Ability.SETPOINT, True),
        (Ability.SETPOINT, float("nan")),
        (Ability.SETPOINT, "21"),
        (Ability.PRESET, "party"),
        (Ability.FAN_SPEED, 0),
        (Ability.READING, 20),
    ],
)
def test_what_a_thermostat_cannot_be_is_refused(ability: Ability, value: Value) -> None:
    convention, device = appeared(THERMOSTAT, "climate")
    with pytest.raises(CannotError):
        told(convention, device, ability, value)


@pytest.mark.parametrize(
    ("topic", "word"),
    [
        ("c/temp", "NaN"),
        ("c/temp", "1e400"),
        ("c/temp", "900"),
        ("c/now", "-273"),
        ("c/now", "[20]"),
        ("c/now", '{"t": 20}'),
        ("c/mode", '["heat"]'),
        ("c/mode", "sauna"),
        ("c/preset", "party"),
        ("c/fan", "auto"),
        ("c/temp", "2" * 5_000_000),
    ],
)
def test_what_makes_no_sense_is_not_believed(topic: str, word: str) -> None:
    convention, _ = appeared(THERMOSTAT, "climate")
    assert said(convention, topic, word) == {}


def test_fahrenheit_is_counted_in_celsius_here() -> None:
    config = {"temperature_unit": "F", "min_temp": 50, "max_temp": 86, "temp_step": 1}
    convention, device = appeared({**THERMOSTAT, **config}, "climate")
    assert device.limits == {Ability.SETPOINT: (10.0, 30.0)}
    assert sent(convention, device, Ability.SETPOINT, 21) == "70"
    assert said(convention, "c/temp", "70") == {Ability.SETPOINT: 21.1}
    assert said(convention, "c/now", "68") == {Ability.READING: 20.0}
    assert satisfied(convention, device, Ability.SETPOINT, 21, {Ability.SETPOINT: 21.1})
    assert not satisfied(convention, device, Ability.SETPOINT, 21, {Ability.SETPOINT: 21.7})


def test_a_setpoint_is_reached_when_the_device_can_come_no_closer() -> None:
    convention, device = appeared(THERMOSTAT, "climate")
    assert satisfied(convention, device, Ability.SETPOINT, 21.7, {Ability.SETPOINT: 21.5})
    assert not satisfied(convention, device, Ability.SETPOINT, 21.7, {Ability.SETPOINT: 21})
    assert not satisfied(convention, device, Ability.SETPOINT, 21.7, {})


def test_a_switch_of_its_own_counts_only_without_a_mode_for_off() -> None:
    power = {"power_command_topic": "c/power/set", "power_state_topic": "c/power"}
    _, device = appeared({**THERMOSTAT, **power}, "climate")
    assert Ability.ON not in device.abilities
    convention, device = appeared({**THERMOSTAT, **power, "modes": ["heat"]}, "climate")
    assert told(convention, device, Ability.ON, False) == [("c/power/set", "OFF")]
    assert said(convention, "c/power", "ON") == {Ability.ON: True}


def test_fan_words_without_an_order_are_no_speed() -> None:
    _, device = appeared({**THERMOSTAT, "fan_modes": ["low", "breeze"]}, "climate")
    assert Ability.FAN_SPEED not in device.abilities


def test_what_is_said_in_one_message_is_taken_from_it_even_if_one_template_fails() -> None:
    one = {
        "temperature_state_topic": "c",
        "temperature_state_template": "{{ value_json.a.b.c }}",
        "mode_state_topic": "c",
        "mode_state_template": "{{ value_json.mode }}",
    }
    convention, _ = appeared({**THERMOSTAT, **one}, "climate")
    assert said(convention, "c", '{"mode": "heat"}') == {Ability.MODE: "heat"}


@pytest.mark.parametrize(
    "config", [{}, {"min_temp": 30, "max_temp": 20}, {"temp_step": 0}, {"current_temperature_topic": "t"}]
)
def test_a_thermostat_without_sense_is_none(config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    orders = {"temperature_command_topic": "t/set"} if "current_temperature_topic" not in config else {}
    with pytest.raises(ValueError, match="unpack"):
        appeared({**orders, **config} if config else {}, "climate")
    assert len(caplog.records) == 1


FAN = {
    "command_topic": "f/set",
    "state_topic": "f",
    "percentage_command_topic": "f/speed/set",
    "percentage_state_topic": "f/speed",
    "speed_range_max": 3,
    "preset_modes": ["breeze"],
    "preset_mode_command_topic": "f/preset/set",
    "preset_mode_state_topic": "f/preset",
}


@pytest.mark.parametrize(("percent", "raw"), [(33, "1"), (67, "2"), (100, "3"), (5, "1"), (50, "2")])
def test_a_fan_goes_at_the_nearest_of_its_speeds(percent: int, raw: str) -> None:
    convention, device = appeared(FAN, "fan")
    assert device.abilities == {Ability.ON, Ability.FAN_SPEED, Ability.PRESET}
    assert told(convention, device, Ability.FAN_SPEED, percent) == [("f/set", "ON"), ("f/speed/set", raw)]
    report = said(convention, "f/speed", raw)
    state = {Ability.ON: True, **report}
    assert satisfied(convention, device, Ability.FAN_SPEED, percent, state) is (percent != 5)


def test_a_fan_at_no_speed_is_off() -> None:
    convention, device = appeared(FAN, "fan")
    assert told(convention, device, Ability.FAN_SPEED, 0) == [("f/set", "OFF")]
    assert satisfied(convention, device, Ability.FAN_SPEED, 0, {Ability.ON: False, Ability.FAN_SPEED: 67})
    assert not satisfied(
        convention, device, Ability.FAN_SPEED, 67, {Ability.ON: False, Ability.FAN_SPEED: 67}
    )
    assert said(convention, "f/speed", "0") == {Ability.FAN_SPEED: 0}
    assert said(convention, "f/speed", "4") == said(convention, "f/speed", "fast") == {}
    assert said(convention, "f", "OFF") == {Ability.ON: False}


def test_a_fan_that_is_on_is_not_switched_on_again_for_a_speed() -> None:
    convention, device = appeared(FAN, "fan")
    running = convention.messages(DeviceCommand(device.id, Ability.FAN_SPEED, 100), {Ability.ON: True})
    assert [(message.topic, message.payload) for message in running] == [("f/speed/set", "3")]


VACUUM = {
    "command_topic": "v/set",
    "state_topic": "v",
    "supported_features": ["start", "pause", "stop", "return_home", "locate", "fan_speed", "battery"],
    "fan_speed_list": ["quiet", "max"],
    "set_fan_speed_topic": "v/speed/set",
}


def test_a_vacuum_is_told_what_to_do_and_says_what_it_does() -> None:
    convention, device = appeared(VACUUM, "vacuum")
    assert (device.kind, device.unit) == (Kind.VACUUM, "%")
    assert device.abilities == {Ability.CLEANING, Ability.READING, Ability.PRESET}
    assert device.options == {
        Ability.CLEANING: ("cleaning", "paused", "stopped", "docked", "locate"),
        Ability.PRESET: ("quiet", "max"),
    }
    for value, payload in (
        ("cleaning", "start"),
        ("paused", "pause"),
        ("stopped", "stop"),
        ("docked", "return_to_base"),
        ("locate", "locate"),
    ):
        assert sent(convention, device, Ability.CLEANING, value) == payload
    assert told(convention, device, Ability.PRESET, "max") == [("v/speed/set", "max")]
    assert said(convention, "v", '{"state": "idle", "battery_level": 61, "fan_speed": "max"}') == {
        Ability.CLEANING: "stopped",
        Ability.READING: 61,
        Ability.PRESET: "max",
    }
    assert said(convention, "v", '{"state": "returning"}') == {Ability.CLEANING: "returning"}
    assert said(convention, "v", '{"state": null}') == {Ability.CLEANING: None}


@pytest.mark.parametrize(
    "payload",
    [
        "cleaning",
        "[]",
        '{"state": ["docked"]}',
        '{"battery_level": 1e400}',
        '{"fan_speed": {"a": 1}}',
        "[" * 9_000,
    ],
)
def test_a_vacuum_that_talks_nonsense_is_not_believed(payload: str) -> None:
    convention, _ = appeared(VACUUM, "vacuum")
    assert said(convention, "v", payload) == {}


def test_a_vacuum_does_only_what_it_lists() -> None:
    convention, device = appeared({"command_topic": "v/set"}, "vacuum")
    assert device.options == {Ability.CLEANING: ("cleaning", "stopped", "docked")}
    with pytest.raises(CannotError, match="cleaning, stopped, docked"):
        told(convention, device, Ability.CLEANING, "locate")
    assert not device.reports_state


def test_a_vacuum_that_was_asked_where_it_is_says_nothing() -> None:
    convention, device = appeared(VACUUM, "vacuum")
    assert not reports(convention, device, Ability.CLEANING, "locate")
    assert reports(convention, device, Ability.CLEANING, "docked")


def test_a_vacuum_on_its_way_home_is_not_there_yet() -> None:
    convention, device = appeared(VACUUM, "vacuum")
    assert not satisfied(convention, device, Ability.CLEANING, "docked", {Ability.CLEANING: "returning"})
    assert satisfied(convention, device, Ability.CLEANING, "docked", {Ability.CLEANING: "docked"})
    assert satisfied(convention, device, Ability.CLEANING, "stopped", {Ability.CLEANING: "docked"})
