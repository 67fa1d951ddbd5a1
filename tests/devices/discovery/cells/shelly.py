"""Shelly Gen2+: a device that is asked who it is; an order is a call, and its answer a notification."""

from typing import Any

from devices.home import Ability, Value
from tests.devices.discovery.cells.cell import Cell
from tests.devices.discovery.fake_shelly import PAYLOADS, FakeShelly

SESSION = "k3x9"
FOURTH = 4
"""An order is the fourth call, behind the three questions who it is, what it has and how it is."""


def cell(
    model: str,
    name: str,
    order: Value | None,
    call: tuple[str, dict[str, Any]] | None,
    *,
    state: Value | None = None,
    before: dict[str, Any] | None = None,
    **answer: dict[str, Any],
) -> Cell:
    """`announced` is the model; `answer` names a component and its status (`switch_0`)."""
    shelly = FakeShelly(model)
    leaves: tuple[tuple[str, Any], ...] = ()
    if call is not None:
        frame = {"id": FOURTH, "src": f"sotto_voce/{SESSION}", "method": call[0], "params": call[1]}
        leaves = ((f"{shelly.prefix}/rpc", frame),)
    (component,) = answer
    first = None if before is None else shelly.notifies(**{component: before})
    return Cell(name, model, order, leaves, shelly.notifies(**answer), state, first)


_BLIND, _BAR, _WALL = ("cover", "客厅百叶窗"), "pro_rgbww", ("wall_display", "Hallway")

CELLS = {
    Ability.ON: cell(
        "plus_1pm",
        "Kitchen Ceiling",
        True,
        ("Switch.Set", {"id": 0, "on": True}),
        switch_0={"id": 0, "output": True},
    ),
    Ability.BRIGHTNESS: cell(
        "dimmer",
        "Bedroom Lamp",
        70,
        ("Light.Set", {"id": 0, "on": True, "brightness": 70}),
        light_0={"id": 0, "output": True, "brightness": 70},
    ),
    Ability.COLOUR: cell(
        _BAR,
        "Bar Colour",
        (255, 0, 0),
        ("RGB.Set", {"id": 0, "on": True, "rgb": [255, 0, 0]}),
        rgb_0={"id": 0, "output": True, "rgb": [255, 0, 0]},
    ),
    Ability.COLOUR_TEMPERATURE: cell(
        _BAR,
        "Bar White",
        5000,
        ("CCT.Set", {"id": 0, "on": True, "ct": 5000}),
        cct_0={"id": 0, "output": True, "ct": 5000},
    ),
    Ability.OPEN: cell(
        *_BLIND, True, ("Cover.Open", {"id": 0}), cover_0={"id": 0, "state": "open", "current_pos": 100}
    ),
    Ability.POSITION: cell(
        *_BLIND,
        70,
        ("Cover.GoToPosition", {"id": 0, "pos": 70}),
        cover_0={"id": 0, "state": "stopped", "current_pos": 70},
    ),
    Ability.TILT: cell(
        *_BLIND, 30, ("Cover.GoToPosition", {"id": 0, "slat_pos": 30}), cover_0={"id": 0, "slat_pos": 30}
    ),
    Ability.MOTION: cell(
        *_BLIND,
        "stopped",
        ("Cover.Stop", {"id": 0}),
        before={"id": 0, "state": "opening"},
        cover_0={"id": 0, "state": "stopped", "current_pos": 60},
    ),
    Ability.SETPOINT: cell(
        *_WALL,
        22.5,
        ("Thermostat.SetConfig", {"id": 0, "config": {"id": 0, "target_C": 22.5}}),
        thermostat_0={"id": 0, "target_C": 22.5},
    ),
    Ability.MODE: cell(
        *_WALL,
        "off",
        ("Thermostat.SetConfig", {"id": 0, "config": {"id": 0, "enable": False}}),
        thermostat_0={"id": 0, "enable": False},
    ),
    Ability.READING: cell(
        "ht_sleeping", "Bathroom Temperature", None, None, state=24.5, temperature_0={"id": 0, "tC": 24.5}
    ),
}

EVERYTHING = [file.stem for file in sorted(PAYLOADS.glob("*.json"))]
