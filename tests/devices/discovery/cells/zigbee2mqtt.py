"""Zigbee2MQTT: a device of its list, a JSON object each way."""

from typing import Any

from devices.home import Ability, Value
from tests.devices.discovery.cells.cell import Cell
from tests.devices.discovery.zigbee2mqtt_words import (
    BLIND,
    COLOUR_LAMP,
    LOCK,
    SWITCH,
    Raw,
    binary,
    device,
    enum,
    light,
    numeric,
)

NAME = "hall thing"
MOTOR = enum("motor_state", "opening", "closing", "stopped", access=1)
SLATS: Raw = {"type": "cover", "features": [*BLIND["features"], numeric("tilt", 0, 100)]}
RADIATOR: Raw = {
    "type": "climate",
    "features": [
        numeric("occupied_heating_setpoint", 5, 30, value_step=0.5),
        numeric("local_temperature", access=5, unit="°C"),
        enum("system_mode", "off", "auto", "heat"),
        enum("preset", "eco", "comfort"),
    ],
}
FAN: Raw = {
    "type": "fan",
    "features": [
        binary("state", property="fan_state"),
        enum("mode", "off", "low", "medium", "high", "on", "auto", property="fan_mode"),
    ],
}
TEMPERATURE = numeric("temperature", access=1, unit="°C")


def cell(
    exposes: tuple[Raw, ...],
    order: Value | None,
    told: dict[str, Any],
    answer: dict[str, Any],
    *,
    state: Value | None = None,
    before: dict[str, Any] | None = None,
) -> Cell:
    """An order is one object on `<name>/set`, and the answer another on `<name>`."""
    return Cell(
        NAME,
        [("zigbee2mqtt/bridge/devices", [device(NAME, *exposes)])],
        order,
        ((f"zigbee2mqtt/{NAME}/set", told),) if told else (),
        (f"zigbee2mqtt/{NAME}", answer),
        state,
        before and (f"zigbee2mqtt/{NAME}", before),
    )


CELLS = {
    Ability.ON: cell((SWITCH,), True, {"state": "ON"}, {"state": "ON"}),
    Ability.BRIGHTNESS: cell(
        (light(),), 40, {"state": "ON", "brightness": 102}, {"state": "ON", "brightness": 102}
    ),
    Ability.COLOUR: cell(
        (COLOUR_LAMP,),
        (255, 0, 0),
        {"state": "ON", "color": {"x": 0.6401, "y": 0.33}},
        {"state": "ON", "color": {"x": 0.6401, "y": 0.33}, "color_mode": "xy"},
    ),
    Ability.COLOUR_TEMPERATURE: cell(
        (COLOUR_LAMP,),
        4000,
        {"state": "ON", "color_temp": 250},
        {"state": "ON", "color_temp": 250, "color_mode": "color_temp"},
    ),
    Ability.OPEN: cell((BLIND,), True, {"state": "OPEN"}, {"state": "OPEN", "position": 100}),
    Ability.POSITION: cell((BLIND,), 40, {"position": 40}, {"state": "OPEN", "position": 40}),
    Ability.TILT: cell((SLATS,), 30, {"tilt": 30}, {"tilt": 30}),
    Ability.MOTION: cell(
        (BLIND, MOTOR),
        "stopped",
        {"state": "STOP"},
        {"motor_state": "stopped", "position": 40},
        before={"motor_state": "opening"},
    ),
    Ability.SETPOINT: cell(
        (RADIATOR,), 21, {"occupied_heating_setpoint": 21.0}, {"occupied_heating_setpoint": 21}, state=21.0
    ),
    Ability.MODE: cell((RADIATOR,), "heat", {"system_mode": "heat"}, {"system_mode": "heat"}),
    Ability.PRESET: cell((RADIATOR,), "eco", {"preset": "eco"}, {"preset": "eco"}),
    Ability.FAN_SPEED: cell(
        (FAN,), 67, {"fan_mode": "medium"}, {"fan_mode": "medium", "fan_state": "ON"}, state=67
    ),
    Ability.LOCKED: cell((LOCK,), True, {"state": "LOCK"}, {"state": "LOCK", "lock_state": "locked"}),
    Ability.READING: cell((TEMPERATURE,), None, {}, {"temperature": 21.5}, state=21.5),
}

NOT_OURS = (
    enum("volume", "low", "medium", "high"),
    enum("action", "single", "double", access=1),
    enum("arm_mode", "disarm", "arm_all_zones"),
    binary("mute"),
    {
        "type": "composite",
        "name": "warning",
        "property": "warning",
        "access": 2,
        "features": [enum("mode", "stop")],
    },
    {"type": "text", "name": "scene", "property": "scene", "access": 2},
)
"""What devices expose that sounds like an ability of the house, and is left out all the same."""

RICH = ((COLOUR_LAMP, *NOT_OURS), (SLATS, MOTOR), (RADIATOR,), (FAN,), (LOCK, *NOT_OURS), (TEMPERATURE,))
EVERYTHING = [
    (
        "zigbee2mqtt/bridge/devices",
        [device(f"thing {number}", *exposes, number=number) for number, exposes in enumerate(RICH)],
    )
]
