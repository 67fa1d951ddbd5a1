import json
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import CannotError, Reported
from devices.home import Ability, Kind, Value
from tests.devices.discovery.zigbee2mqtt_words import (
    BATTERY,
    BLIND,
    COLOUR_LAMP,
    LOCK,
    SWITCH,
    Raw,
    binary,
    colour,
    device,
    enum,
    gang,
    heard,
    ieee,
    light,
    listed,
    numeric,
)

State = dict[Ability, Value]


class One:
    """One device by the name of "thing", its first part, and what it was told and said."""

    def __init__(self, *exposes: Raw, **more: Any) -> None:
        self.convention, self.found = listed(device("thing", *exposes, **more))
        self.device = self.found[0]

    def order(self, ability: Ability, value: Value, state: State | None = None) -> dict[str, Any]:
        (message,) = self.convention.messages(self.command(ability, value), state or {})
        assert message.topic == "zigbee2mqtt/thing/set"
        assert not message.retain
        return json.loads(message.payload)

    def says(self, **said: Any) -> dict[Ability, Value | None]:
        (change,) = heard(self.convention, "thing", said) or (Reported(self.device.id, {}),)
        assert isinstance(change, Reported)
        return dict(change.state)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        return self.convention.satisfied(self.command(ability, value), state)

    def command(self, ability: Ability, value: Value) -> DeviceCommand:
        return DeviceCommand(self.device.id, ability, value)


def test_a_bulb_is_one_light_known_by_its_hardware_address() -> None:
    lamp = One(COLOUR_LAMP, numeric("linkquality", 0, 255, access=1, category="diagnostic"))
    (only,) = lamp.found
    assert (only.id, only.name, only.kind) == (f"zigbee2mqtt.{ieee(1)}.light", "thing", Kind.LIGHT)
    assert only.abilities == {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE}
    assert only.identities == {f"ieee:{ieee(1)}"}
    assert only.limits[Ability.COLOUR_TEMPERATURE] == (2000, 6536)


@pytest.mark.parametrize(
    ("ability", "value", "sent"),
    [
        (Ability.ON, True, {"state": "ON"}),
        (Ability.ON, False, {"state": "OFF"}),
        (Ability.BRIGHTNESS, 50, {"state": "ON", "brightness": 127}),
        (Ability.BRIGHTNESS, 100, {"state": "ON", "brightness": 254}),
        (Ability.BRIGHTNESS, 0, {"state": "OFF"}),
        (Ability.COLOUR_TEMPERATURE, 4000, {"state": "ON", "color_temp": 250}),
        (Ability.COLOUR_TEMPERATURE, 20_000, {"state": "ON", "color_temp": 153}),
        (Ability.COLOUR, (255, 0, 0), {"state": "ON", "color": {"x": 0.6401, "y": 0.33}}),
    ],
)
def test_a_lamp_is_told_in_its_own_scales(ability: Ability, value: Value, sent: dict[str, Any]) -> None:
    assert One(COLOUR_LAMP).order(ability, value) == sent


def test_a_lamp_that_prefers_hue_is_told_hue() -> None:
    lamp = One(light(colour("color_hs"), colour("color_xy")))
    assert lamp.order(Ability.COLOUR, (0, 0, 255)) == {
        "state": "ON",
        "color": {"hue": 240.0, "saturation": 100.0},
    }


def test_a_lamps_state_is_read_and_only_what_it_shows_counts() -> None:
    lamp = One(COLOUR_LAMP)
    assert lamp.says(
        state="ON", brightness=254, color_mode="color_temp", color_temp=250, color={"x": 0.3}
    ) == {
        Ability.ON: True,
        Ability.BRIGHTNESS: 100,
        Ability.COLOUR_TEMPERATURE: 4000,
        Ability.COLOUR: None,
    }
    shown = lamp.says(state="ON", color_mode="xy", color_temp=250, color={"x": 0.64, "y": 0.33})
    assert shown[Ability.COLOUR_TEMPERATURE] is None
    red, green, blue = shown[Ability.COLOUR]
    assert (red, green < 20, blue < 20) == (255, True, True)
    assert lamp.says(brightness=None) == {Ability.BRIGHTNESS: None}


def test_what_a_lamp_can_resolve_is_enough() -> None:
    lamp = One(COLOUR_LAMP)
    assert lamp.satisfied(Ability.BRIGHTNESS, 33, {Ability.ON: True, Ability.BRIGHTNESS: 34})
    assert not lamp.satisfied(Ability.BRIGHTNESS, 33, {Ability.ON: True, Ability.BRIGHTNESS: 40})
    assert not lamp.satisfied(Ability.BRIGHTNESS, 33, {Ability.ON: False, Ability.BRIGHTNESS: 33})
    assert lamp.satisfied(Ability.COLOUR, (255, 0, 0), {Ability.ON: True, Ability.COLOUR: (255, 10, 5)})


def test_two_gangs_are_two_switches_each_with_its_own_key() -> None:
    convention, (left, right) = listed(device("hall/switch", gang("left"), gang("right")))
    assert (left.name, right.name) == ("hall switch left", "hall switch right")
    (message,) = convention.messages(DeviceCommand(right.id, Ability.ON, True), {})
    assert json.loads(message.payload) == {"state_right": "ON"}
    changes = heard(convention, "hall/switch", {"state_left": "OFF", "state_right": "ON"})
    assert changes == (Reported(left.id, {Ability.ON: False}), Reported(right.id, {Ability.ON: True}))


def test_numbered_gangs_of_a_device_with_a_chinese_name_are_told_apart() -> None:
    _, found = listed(device("客厅开关", gang("l1"), gang("l2")))
    assert [each.name for each in found] == ["客厅开关 1", "客厅开关 2"]
    _, found = listed(device("客厅开关", gang("left"), gang("right")))
    assert [each.name for each in found] == ["客厅开关左", "客厅开关右"]


def test_a_fan_with_a_lamp_is_two_things_with_two_names() -> None:
    fan = {
        "type": "fan",
        "features": [binary("state", property="fan_state"), enum("mode", "low", "high", "off")],
    }
    _, found = listed(device("bedroom_fan", fan, light()))
    assert [(each.name, each.kind) for each in found] == [
        ("bedroom fan", Kind.FAN),
        ("bedroom fan light", Kind.LIGHT),
    ]


def test_a_setting_that_is_dressed_up_as_a_switch_is_none() -> None:
    window = {"type": "switch", "features": [binary("state", property="window_detection")]}
    assert listed(device("radiator", window))[1] == []


def test_a_sensor_is_one_thing_for_each_reading_that_people_ask_for() -> None:
    _, found = listed(
        device(
            "bath/sensor",
            numeric("temperature", access=1, unit="°C"),
            numeric("humidity", access=1, unit="%"),
            numeric("voltage", access=1, unit="mV", category="diagnostic"),
            numeric("temperature_calibration", -2, 2, category="config"),
            BATTERY,
        )
    )
    assert [(each.name, each.device_class, each.unit) for each in found] == [
        ("bath sensor temperature", "temperature", "°C"),
        ("bath sensor humidity", "humidity", "%"),
        ("bath sensor battery", "battery", "%"),
    ]
    assert {each.kind for each in found} == {Kind.SENSOR}


def test_what_the_owner_said_is_not_said_again() -> None:
    temperature, humidity = numeric("temperature", access=1), numeric("humidity", access=1)
    _, found = listed(device("浴室温度计", temperature, humidity))
    assert [each.name for each in found] == ["浴室温度计", "浴室温度计湿度"]


@pytest.mark.parametrize(
    ("raw", "name", "device_class", "said", "reads"),
    [
        (binary("contact", False, True, access=1), "contact", "door", False, "on"),
        (binary("occupancy", True, False, access=1), "occupancy", "occupancy", True, "on"),
        (binary("water_leak", True, False, access=1), "water_leak", "moisture", False, "off"),
        (binary("smoke", True, False, access=1), "smoke", "smoke", True, "on"),
    ],
)
def test_a_sign_reads_on_or_off_and_bears_the_plain_name(
    raw: Raw, name: str, device_class: str, said: bool, reads: str
) -> None:
    thing = One(raw, BATTERY)
    assert (thing.device.name, thing.device.device_class) == ("thing", device_class)
    (change,) = heard(thing.convention, "thing", {name: said})
    assert change == Reported(thing.device.id, {Ability.READING: reads})


def test_a_reading_keeps_its_number_and_takes_no_other_type() -> None:
    thing = One(numeric("temperature", access=1))
    assert thing.says(temperature=21) == {Ability.READING: 21}
    assert thing.says(temperature=21.5) == {Ability.READING: 21.5}
    for wrong in ("21", True, [21], {"value": 21}, float("nan"), 10**400):
        assert thing.says(temperature=wrong) == {}
    with pytest.raises(CannotError):
        thing.order(Ability.READING, 22)


def test_a_blind_is_opened_placed_and_stopped() -> None:
    blind = One(BLIND, BATTERY)
    assert blind.device.kind is Kind.COVER
    assert blind.order(Ability.OPEN, True) == {"state": "OPEN"}
    assert blind.order(Ability.OPEN, False) == {"state": "CLOSE"}
    assert blind.order(Ability.POSITION, 30) == {"position": 30}
    assert blind.order(Ability.MOTION, "stopped") == {"state": "STOP"}
    with pytest.raises(CannotError):
        blind.order(Ability.MOTION, "opening")
    assert blind.says(position=30, state="OPEN") == {Ability.OPEN: True, Ability.POSITION: 30}
    assert blind.says(position=0, state="CLOSE") == {Ability.OPEN: False, Ability.POSITION: 0}
    assert blind.says(state="STOP") == {}


def test_a_blind_is_not_open_before_it_is_open_all_the_way() -> None:
    blind = One(BLIND)
    assert not blind.satisfied(Ability.OPEN, True, {Ability.OPEN: True, Ability.POSITION: 30})
    assert blind.satisfied(Ability.OPEN, True, {Ability.OPEN: True, Ability.POSITION: 100})
    assert blind.satisfied(Ability.OPEN, False, {Ability.OPEN: False, Ability.POSITION: 0})
    assert not blind.satisfied(Ability.OPEN, False, {Ability.OPEN: True, Ability.POSITION: 4})


def test_a_blind_whose_motor_talks_is_on_its_way_until_it_stops() -> None:
    blind = One(BLIND, enum("motor_state", "opening", "closing", "stopped", access=1))
    assert blind.says(motor_state="opening", position=40)[Ability.MOTION] == "opening"
    moving = {Ability.MOTION: "opening", Ability.POSITION: 100, Ability.OPEN: True}
    assert not blind.satisfied(Ability.OPEN, True, moving)
    assert blind.satisfied(Ability.OPEN, True, {**moving, Ability.MOTION: "stopped"})
    assert blind.convention.reports(blind.command(Ability.MOTION, "stopped"))
    assert not One(BLIND).convention.reports(blind.command(Ability.MOTION, "stopped"))


def test_slats_tilt() -> None:
    slats = {"type": "cover", "features": [*BLIND["features"], numeric("tilt", 0, 100)]}
    blind = One(slats)
    assert blind.order(Ability.TILT, 25) == {"tilt": 25}
    assert blind.says(tilt=25) == {Ability.TILT: 25}


def test_a_lock_is_locked_only_when_its_bolt_says_so_too() -> None:
    lock = One(LOCK, BATTERY)
    assert lock.order(Ability.LOCKED, True) == {"state": "LOCK"}
    assert lock.order(Ability.LOCKED, False) == {"state": "UNLOCK"}
    assert lock.says(state="LOCK", lock_state="locked") == {Ability.LOCKED: True, Ability.MOTION: None}
    assert lock.says(state="UNLOCK", lock_state="not_fully_locked") == {
        Ability.LOCKED: False,
        Ability.MOTION: "jammed",
    }
    assert lock.says(state="LOCK", lock_state="unlocked")[Ability.LOCKED] is None
    assert lock.says(state="LOCK") == {Ability.LOCKED: True}
    with pytest.raises(CannotError):
        lock.order(Ability.MOTION, "stopped")


def radiator(*more: Raw) -> Raw:
    return {
        "type": "climate",
        "features": [
            numeric("local_temperature", access=5, unit="°C"),
            numeric("occupied_heating_setpoint", 5, 30, value_step=0.5, unit="°C"),
            enum("system_mode", "off", "heat", "auto", "emergency_heating"),
            *more,
        ],
    }


def test_a_radiator_has_a_mode_a_setpoint_and_a_temperature() -> None:
    warm = One(radiator(enum("preset", "eco", "comfort"), enum("running_state", "idle", "heat", access=5)))
    assert warm.device.options == {
        Ability.MODE: ("off", "heat", "auto"),
        Ability.PRESET: ("eco", "comfort"),
    }
    assert warm.device.limits == {Ability.SETPOINT: (5, 30)}
    assert warm.device.unit == "°C"
    assert warm.order(Ability.SETPOINT, 21.5) == {"occupied_heating_setpoint": 21.5}
    assert warm.order(Ability.MODE, "auto") == {"system_mode": "auto"}
    assert warm.order(Ability.PRESET, "eco") == {"preset": "eco"}
    for ability, value in ((Ability.SETPOINT, 31), (Ability.MODE, "cool"), (Ability.READING, 20)):
        with pytest.raises(CannotError):
            warm.order(ability, value)
    assert warm.says(local_temperature=19.5, occupied_heating_setpoint=21, system_mode="heat") == {
        Ability.READING: 19.5,
        Ability.SETPOINT: 21,
        Ability.MODE: "heat",
    }
    assert warm.satisfied(Ability.SETPOINT, 21.2, {Ability.SETPOINT: 21.0})
    assert not warm.satisfied(Ability.SETPOINT, 21.5, {Ability.SETPOINT: 21.0})


def test_an_air_conditioner_aims_at_the_temperature_of_its_present_mode() -> None:
    cool = One(
        {
            "type": "climate",
            "features": [
                numeric("occupied_heating_setpoint", 5, 30),
                numeric("occupied_cooling_setpoint", 18, 32),
                enum("system_mode", "off", "heat", "cool"),
                enum("fan_mode", "low", "medium", "high", "auto"),
            ],
        }
    )
    assert cool.order(Ability.SETPOINT, 24, {Ability.MODE: "cool"}) == {"occupied_cooling_setpoint": 24}
    assert cool.order(Ability.SETPOINT, 20, {Ability.MODE: "heat"}) == {"occupied_heating_setpoint": 20}
    both = {"occupied_heating_setpoint": 20, "occupied_cooling_setpoint": 25}
    assert cool.says(system_mode="cool", **both)[Ability.SETPOINT] == 25
    assert cool.says(system_mode="heat", **both)[Ability.SETPOINT] == 20
    assert cool.order(Ability.FAN_SPEED, 60) == {"fan_mode": "medium"}


def test_a_tuya_radiator_names_its_setpoint_otherwise() -> None:
    warm = One({"type": "climate", "features": [numeric("current_heating_setpoint", 5, 35, access=3)]})
    assert warm.order(Ability.SETPOINT, 20) == {"current_heating_setpoint": 20}


def test_a_radiator_without_a_mode_for_off_is_switched_by_what_lies_beside_it() -> None:
    warm = One({"type": "climate", "features": [numeric("current_heating_setpoint", 5, 35)]}, binary("state"))
    assert [each.kind for each in warm.found] == [Kind.CLIMATE]
    assert warm.order(Ability.ON, False) == {"state": "OFF"}


def test_a_fans_words_are_speeds_in_percent() -> None:
    fan = One(
        {
            "type": "fan",
            "features": [
                binary("state", property="fan_state"),
                enum("mode", "off", "low", "medium", "high", "on", "auto", property="fan_mode"),
            ],
        }
    )
    assert fan.device.options == {Ability.PRESET: ("auto",)}
    assert fan.order(Ability.ON, True) == {"fan_state": "ON"}
    assert [fan.order(Ability.FAN_SPEED, percent)["fan_mode"] for percent in (0, 30, 60, 100)] == [
        "off",
        "low",
        "medium",
        "high",
    ]
    assert fan.says(fan_mode="medium") == {Ability.FAN_SPEED: 67, Ability.PRESET: None}
    assert fan.says(fan_mode="auto") == {Ability.FAN_SPEED: None, Ability.PRESET: "auto"}
    assert fan.satisfied(Ability.FAN_SPEED, 60, {Ability.FAN_SPEED: 67})
    assert not fan.satisfied(Ability.FAN_SPEED, 100, {Ability.FAN_SPEED: 67})


def test_numbered_speeds_are_in_the_order_of_their_numbers() -> None:
    fan = One({"type": "fan", "features": [binary("state"), enum("mode", *"213", "off", "10")]})
    assert fan.order(Ability.FAN_SPEED, 100) == {"mode": "10"}
    assert fan.order(Ability.FAN_SPEED, 50) == {"mode": "2"}


def test_a_siren_is_a_switch_that_says_what_it_is() -> None:
    siren = One(binary("alarm", True, False), BATTERY)
    assert (siren.device.kind, siren.device.device_class) == (Kind.SWITCH, "siren")
    assert siren.order(Ability.ON, False) == {"alarm": False}


def test_a_number_is_no_yes_or_no() -> None:
    siren = One(binary("alarm", True, False))
    assert siren.says(alarm=True) == {Ability.ON: True}
    assert siren.says(alarm=1) == siren.says(alarm="true") == {}


def test_what_is_never_published_is_never_confirmed() -> None:
    mute = One({"type": "switch", "features": [binary("state", access=2)]})
    assert not mute.convention.reports(mute.command(Ability.ON, True))
    assert not mute.device.reports_state
    assert One(SWITCH).convention.reports(mute.command(Ability.ON, True))
