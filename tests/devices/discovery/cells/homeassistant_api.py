"""Home Assistant's WebSocket API: an entity's state, a call of a service, the entity's next state."""

from typing import Any

from devices.home import Ability, Value
from tests.devices.discovery.cells.cell import Cell
from tests.devices.discovery.homeassistant_server import state as state_of

NAME = "Hall thing"


def cell(
    domain: str,
    attributes: dict[str, Any],
    order: Value | None,
    call: tuple[str, dict[str, Any]] | None,
    was: tuple[str, dict[str, Any]],
    now: tuple[str, dict[str, Any]] | None,
    *,
    state: Value | None = None,
) -> Cell:
    """`attributes` are those that stay; `was` and `now` are the state and the attributes that change."""
    entity_id = f"{domain}.it"

    def entity(said: str, changing: dict[str, Any]) -> dict[str, Any]:
        return state_of(entity_id, said, friendly_name=NAME, **attributes, **changing)

    return Cell(
        NAME,
        entity(*was),
        order,
        () if call is None else ((f"{domain}.{call[0]}", {"entity_id": entity_id, **call[1]}),),
        None if now is None else entity(*now),
        state,
    )


_WHITES = {
    "supported_color_modes": ["color_temp", "rgb"],
    "min_color_temp_kelvin": 2000,
    "max_color_temp_kelvin": 6500,
}
_WHITE = {"color_mode": "color_temp", "color_temp_kelvin": 4000}
_RED = {"color_mode": "rgb", "rgb_color": [255, 0, 0]}
_SHADE = {"supported_features": 255, "device_class": "shade"}
_AIR = {
    "supported_features": 1 | 16,
    "hvac_modes": ["off", "heat"],
    "preset_modes": ["eco", "none"],
    "min_temp": 7,
    "max_temp": 35,
}
_PLAYER = {"supported_features": 4 | 8 | 1 | 16384 | 4096}

CELLS = {
    Ability.ON: cell("switch", {}, True, ("turn_on", {}), ("off", {}), ("on", {})),
    Ability.BRIGHTNESS: cell(
        "light",
        {"supported_color_modes": ["brightness"]},
        40,
        ("turn_on", {"brightness": 102}),
        ("off", {}),
        ("on", {"brightness": 102}),
    ),
    Ability.COLOUR: cell(
        "light", _WHITES, (255, 0, 0), ("turn_on", {"rgb_color": [255, 0, 0]}), ("on", _WHITE), ("on", _RED)
    ),
    Ability.COLOUR_TEMPERATURE: cell(
        "light", _WHITES, 4000, ("turn_on", {"color_temp_kelvin": 4000}), ("on", _RED), ("on", _WHITE)
    ),
    Ability.OPEN: cell(
        "cover",
        _SHADE,
        True,
        ("open_cover", {}),
        ("closed", {"current_position": 0}),
        ("open", {"current_position": 100}),
    ),
    Ability.POSITION: cell(
        "cover",
        _SHADE,
        40,
        ("set_cover_position", {"position": 40}),
        ("closed", {"current_position": 0}),
        ("open", {"current_position": 40}),
    ),
    Ability.TILT: cell(
        "cover",
        _SHADE,
        30,
        ("set_cover_tilt_position", {"tilt_position": 30}),
        ("closed", {"current_tilt_position": 0}),
        ("closed", {"current_tilt_position": 30}),
    ),
    Ability.MOTION: cell(
        "cover",
        _SHADE,
        "stopped",
        ("stop_cover", {}),
        ("opening", {"current_position": 20}),
        ("open", {"current_position": 30}),
    ),
    Ability.SETPOINT: cell(
        "climate",
        _AIR,
        21,
        ("set_temperature", {"temperature": 21.0}),
        ("heat", {"temperature": 19}),
        ("heat", {"temperature": 21}),
        state=21.0,
    ),
    Ability.MODE: cell(
        "climate", _AIR, "heat", ("set_hvac_mode", {"hvac_mode": "heat"}), ("off", {}), ("heat", {})
    ),
    Ability.PRESET: cell(
        "climate",
        _AIR,
        "eco",
        ("set_preset_mode", {"preset_mode": "eco"}),
        ("heat", {"preset_mode": "none"}),
        ("heat", {"preset_mode": "eco"}),
    ),
    Ability.FAN_SPEED: cell(
        "fan",
        {"supported_features": 1 | 16 | 32, "percentage_step": 25},
        50,
        ("set_percentage", {"percentage": 50}),
        ("off", {"percentage": 0}),
        ("on", {"percentage": 50}),
    ),
    Ability.LOCKED: cell("lock", {}, True, ("lock", {}), ("unlocked", {}), ("locked", {})),
    Ability.ARMED: cell(
        "alarm_control_panel",
        {"supported_features": 1 | 2 | 4},
        "armed_away",
        ("alarm_arm_away", {}),
        ("disarmed", {}),
        ("armed_away", {}),
    ),
    Ability.VOLUME: cell(
        "media_player",
        _PLAYER,
        30,
        ("volume_set", {"volume_level": 0.3}),
        ("playing", {"volume_level": 0.8}),
        ("playing", {"volume_level": 0.3}),
    ),
    Ability.MUTED: cell(
        "media_player",
        _PLAYER,
        True,
        ("volume_mute", {"is_volume_muted": True}),
        ("playing", {"is_volume_muted": False}),
        ("playing", {"is_volume_muted": True}),
    ),
    Ability.PLAYBACK: cell(
        "media_player", _PLAYER, "paused", ("media_pause", {}), ("playing", {}), ("paused", {})
    ),
    Ability.CLEANING: cell(
        "vacuum",
        {"supported_features": 8192 | 4 | 8 | 16},
        "cleaning",
        ("start", {}),
        ("docked", {}),
        ("cleaning", {}),
    ),
    Ability.PRESSED: cell("scene", {}, True, ("turn_on", {}), ("unknown", {}), None),
    Ability.READING: cell(
        "sensor", {"unit_of_measurement": "°C"}, None, None, ("20.0", {}), ("21.5", {}), state=21.5
    ),
}

EVERYTHING = [
    {**each.announced, "entity_id": each.announced["entity_id"].replace(".it", f".it_{ability}")}
    for ability, each in CELLS.items()
]
