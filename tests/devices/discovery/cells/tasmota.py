"""Tasmota: the announcement of a whole device, plain words on `cmnd`, JSON on `stat` and `tele`."""

import json
from typing import Any

from devices.home import Ability, Value
from tests.devices.discovery.cells.cell import Cell, Said
from tests.devices.discovery.fake_tasmota import PAYLOADS


def announced(model: str) -> list[Said]:
    """What the device in `payloads/tasmota/<model>.json` says of itself."""
    said = json.loads((PAYLOADS / f"{model}.json").read_text())
    base = f"tasmota/discovery/{said['config']['mac']}"
    sensors = [(f"{base}/sensors", said["sensors"])] if said["sensors"] else []
    return [(f"{base}/config", said["config"]), *sensors]


def cell(
    model: str,
    name: str,
    topic: str,
    order: Value | None,
    command: str,
    argument: str,
    answer: dict[str, Any],
    *,
    state: Value | None = None,
    before: dict[str, Any] | None = None,
) -> Cell:
    """An order is one command on its own topic."""
    heard = f"stat/{topic}/RESULT" if command else f"tele/{topic}/SENSOR"
    leaves = ((f"cmnd/{topic}/{command}", argument),) if command else ()
    return Cell(name, announced(model), order, leaves, (heard, answer), state, before and (heard, before))


def blind(position: int, direction: int, tilt: int) -> dict[str, Any]:
    """What a shutter says."""
    return {"Shutter1": {"Position": position, "Direction": direction, "Target": position, "Tilt": tilt}}


_BLIND = ("tilt_shutter", "Office Blind", "tasmota_34560F")
_RGB = "NoDelay;Power1 ON;NoDelay;HsbColor1 0;NoDelay;HsbColor2 100"

CELLS = {
    Ability.ON: cell(
        "two_relays", "Kitchen Ceiling", "tasmota_345601", True, "Power1", "ON", {"POWER1": "ON"}
    ),
    Ability.BRIGHTNESS: cell(
        "dimmer", "Hall Lamp", "tasmota_345604", 40, "Dimmer", "40", {"POWER": "ON", "Dimmer": 40}
    ),
    Ability.COLOUR: cell(
        "rgb",
        "Strip",
        "tasmota_345607",
        (255, 0, 0),
        "Backlog",
        _RGB,
        {"POWER": "ON", "Dimmer": 100, "Color": "FF0000", "HSBColor": "0,100,100"},
    ),
    Ability.COLOUR_TEMPERATURE: cell(
        "whites",
        "Study Lamp",
        "tasmota_345606",
        4000,
        "Backlog",
        "NoDelay;Power1 ON;NoDelay;CT 250",
        {"POWER": "ON", "Dimmer": 100, "CT": 250},
    ),
    Ability.OPEN: cell(*_BLIND, True, "ShutterOpen1", "", blind(100, 0, 0)),
    Ability.POSITION: cell(*_BLIND, 40, "ShutterPosition1", "40", blind(40, 0, 0)),
    Ability.TILT: cell(*_BLIND, 30, "ShutterTilt1", "-36", blind(40, 0, -36)),
    Ability.MOTION: cell(*_BLIND, "stopped", "ShutterStop1", "", blind(40, 0, 0), before=blind(30, 1, 0)),
    Ability.FAN_SPEED: cell(
        "fan", "Bedroom Fan", "tasmota_345610", 67, "FanSpeed", "2", {"FanSpeed": 2}, state=67
    ),
    Ability.READING: cell(
        "plug_with_meter",
        "Washing Machine Humidity",
        "tasmota_345612",
        None,
        "",
        "",
        {"AM2301": {"Humidity": 48.5}},
        state=48.5,
    ),
}

EVERYTHING = [said for file in sorted(PAYLOADS.glob("*.json")) for said in announced(file.stem)]
