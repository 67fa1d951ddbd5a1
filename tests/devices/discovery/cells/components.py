"""Home Assistant's components, which its discovery announces and which can be written by hand."""

from typing import Any

from devices.discovery.entities import COMPONENTS
from devices.discovery.manual import _KEYS
from devices.home import Ability
from tests.devices.discovery.cells.cell import Cell, Said

NAME = "Hall Thing"


def thing(component: str, ability_topics: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A configuration: `it/set` is what it obeys, `it` where it speaks."""
    basic = {"command_topic": "it/set", "state_topic": "it"}
    return {"component": component, **basic, **(ability_topics or {}), **more}


def two(word: str, command: str = "_command_topic", state: str = "_state_topic") -> dict[str, str]:
    """A topic each way for one ability."""
    return {f"{word}{command}": f"it/{word}/set", f"{word}{state}": f"it/{word}"}


ON: Said = ("it/set", "ON")
COVER = thing(
    "cover",
    set_position_topic="it/position/set",
    position_topic="it/position",
    tilt_command_topic="it/tilt/set",
    tilt_status_topic="it/tilt",
)
CLIMATE: dict[str, Any] = {
    "component": "climate",
    **two("mode"),
    **two("temperature"),
    **two("preset_mode"),
    "modes": ["off", "heat"],
    "preset_modes": ["eco", "boost"],
    "current_temperature_topic": "it/air",
}

LISTS: dict[str, Any] = {
    "modes": ["off", "heat"],
    "fan_modes": ["low", "high"],
    "preset_modes": ["eco"],
    "fan_speed_list": ["max"],
    "supported_color_modes": ["rgb", "color_temp"],
    "supported_features": ["start", "locate", "arm_home"],
}

CELLS = {
    Ability.ON: Cell(NAME, thing("switch"), True, (ON,), ("it", "ON")),
    Ability.BRIGHTNESS: Cell(
        NAME,
        thing("light", two("brightness")),
        40,
        (("it/brightness/set", "102"), ON),
        ("it/brightness", "102"),
    ),
    Ability.COLOUR: Cell(
        NAME, thing("light", two("rgb")), (255, 0, 0), (("it/rgb/set", "255,0,0"), ON), ("it/rgb", "255,0,0")
    ),
    Ability.COLOUR_TEMPERATURE: Cell(
        NAME,
        thing("light", two("color_temp")),
        4000,
        (("it/color_temp/set", "250"), ON),
        ("it/color_temp", "250"),
    ),
    Ability.OPEN: Cell(NAME, thing("cover"), True, (("it/set", "OPEN"),), ("it", "open")),
    Ability.POSITION: Cell(NAME, COVER, 40, (("it/position/set", "40"),), ("it/position", "40")),
    Ability.TILT: Cell(NAME, COVER, 30, (("it/tilt/set", "30"),), ("it/tilt", "30")),
    Ability.MOTION: Cell(
        NAME, COVER, "stopped", (("it/set", "STOP"),), ("it", "stopped"), before=("it", "opening")
    ),
    Ability.SETPOINT: Cell(
        NAME, CLIMATE, 21, (("it/temperature/set", "21"),), ("it/temperature", "21.0"), state=21.0
    ),
    Ability.MODE: Cell(NAME, CLIMATE, "heat", (("it/mode/set", "heat"),), ("it/mode", "heat")),
    Ability.PRESET: Cell(NAME, CLIMATE, "eco", (("it/preset_mode/set", "eco"),), ("it/preset_mode", "eco")),
    Ability.FAN_SPEED: Cell(
        NAME, thing("fan", two("percentage")), 50, (ON, ("it/percentage/set", "50")), ("it/percentage", "50")
    ),
    Ability.LOCKED: Cell(NAME, thing("lock"), True, (("it/set", "LOCK"),), ("it", "LOCKED")),
    Ability.ARMED: Cell(
        NAME, thing("alarm_control_panel"), "armed_away", (("it/set", "ARM_AWAY"),), ("it", "armed_away")
    ),
    Ability.CLEANING: Cell(
        NAME, thing("vacuum"), "cleaning", (("it/set", "start"),), ("it", {"state": "cleaning"})
    ),
    Ability.PRESSED: Cell(NAME, {"component": "scene", "command_topic": "it/set"}, True, (ON,)),
    Ability.READING: Cell(
        NAME,
        {"component": "sensor", "state_topic": "it", "unit_of_measurement": "°C"},
        answer=("it", "21.5"),
        state=21.5,
    ),
}

EVERYTHING = [
    thing(
        component,
        {key: f"it/{key}" for key in sorted(_KEYS) if key.endswith("_topic")},
        **{"schema": schema} if schema else {},
        **LISTS,
    )
    for component, schema in (*((each, "") for each in COMPONENTS), ("light", "json"))
]
"""One of each component, with every topic that any of them knows."""
