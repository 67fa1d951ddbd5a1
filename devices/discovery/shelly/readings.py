"""What a device measures: one thing for each value that somebody might ask for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import as_number
from devices.discovery.convention import CannotError
from devices.discovery.shelly.components import Call, Component, Status
from devices.home import Ability, Kind, Value


@dataclass(frozen=True, slots=True)
class Quantity:
    """Where a value stands in a component's status, and what it is. `word` names it beside the device."""

    path: tuple[str, ...]
    device_class: str
    unit: str
    word: str


_POWER = Quantity(("apower",), "power", "W", "Power")
_ENERGY = Quantity(("aenergy", "total"), "energy", "Wh", "Energy")
_METER = (_POWER, _ENERGY)

QUANTITIES: Mapping[str, tuple[Quantity, ...]] = {
    **dict.fromkeys(("switch", "light", "rgb", "rgbw", "cct", "rgbcct", "cover", "pm1"), _METER),
    "em": (Quantity(("total_act_power",), "power", "W", "Power"),),
    "emdata": (Quantity(("total_act",), "energy", "Wh", "Energy"),),
    "em1": (Quantity(("act_power",), "power", "W", "Power"),),
    "em1data": (Quantity(("total_act_energy",), "energy", "Wh", "Energy"),),
    "temperature": (Quantity(("tC",), "temperature", "°C", "Temperature"),),
    "humidity": (Quantity(("rh",), "humidity", "%", "Humidity"),),
    "illuminance": (Quantity(("lux",), "illuminance", "lx", "Illuminance"),),
    "voltmeter": (Quantity(("voltage",), "voltage", "V", "Voltage"),),
    "devicepower": (Quantity(("battery", "percent"), "battery", "%", "Battery"),),
    "smoke": (Quantity(("alarm",), "smoke", "", "Smoke"),),
    "flood": (Quantity(("alarm",), "moisture", "", "Water"),),
}
"""A component's kind -> what it may measure; a meter is there only where its status has the value."""


class Reading:
    """One value. A yes or a no reads "on" or "off"."""

    def __init__(self, of: Component, quantity: Quantity) -> None:
        self.component, self._path = of.key, quantity.path
        suffix = "_".join(quantity.path)
        self.device = replace(
            of.device,
            id=f"{of.device.id}_{suffix}",
            name=f"{of.device.name} {quantity.word}",
            kind=Kind.SENSOR,
            abilities=frozenset({Ability.READING}),
            unit=quantity.unit,
            device_class=quantity.device_class,
        )

    def read(self, said: Status) -> Report:
        """What a status says; a sensor in trouble says null."""
        found, value = _at(said, self._path)
        if not found:
            return {}
        if value is None:
            return {Ability.READING: None}
        if isinstance(value, bool):
            return {Ability.READING: "on" if value else "off"}
        number = as_number(value) if isinstance(value, int | float) else None
        return {} if number is None else {Ability.READING: value if isinstance(value, int) else number}

    def call(self, ability: Ability, value: Value) -> Call:  # noqa: ARG002 - never
        """A sensor obeys nobody."""
        raise CannotError("a sensor can only be read")

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether it reads exactly that."""
        return state.get(ability) == value


def of(component: Component) -> Iterator[Reading]:
    """All that a component measures."""
    for quantity in QUANTITIES.get(component.type, ()):
        if _at(component.status, quantity.path)[0]:
            yield Reading(component, quantity)


def _at(said: Status, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether there is a value at that place, and which."""
    value: Any = said
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return False, None
        value = value[step]
    return True, value
