"""What a device measures: one thing for each value that somebody might ask for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import as_number, plain_text
from devices.discovery.convention import CannotError
from devices.discovery.tasmota.announced import Announced, Sensors
from devices.discovery.tasmota.things import Thing, status_polls
from devices.home import Ability, Device, Kind, Value
from devices.message import Message

MAX_SENSORS = 100
"""Of one device; real ones have up to about 30."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Home Assistant's class for a quantity, and its unit; `unit_from` names the key that tells another."""

    device_class: str
    unit: str
    unit_from: str = ""


_TEMPERATURE = Quantity("temperature", "°C", "TempUnit")
_PRESSURE = Quantity("pressure", "hPa", "PressureUnit")
_ENERGY = Quantity("energy", "kWh")

QUANTITIES: Mapping[str, Quantity] = {
    "Temperature": _TEMPERATURE,
    "DewPoint": _TEMPERATURE,
    "Humidity": Quantity("humidity", "%"),
    "Moisture": Quantity("moisture", "%"),
    "Illuminance": Quantity("illuminance", "lx"),
    "Ambient": Quantity("illuminance", "lx"),
    "Pressure": _PRESSURE,
    "SeaPressure": _PRESSURE,
    "Power": Quantity("power", "W"),
    "Today": _ENERGY,
    "Yesterday": _ENERGY,
    "Total": _ENERGY,
    "Voltage": Quantity("voltage", "V"),
    "Current": Quantity("current", "A"),
    "CarbonDioxide": Quantity("carbon_dioxide", "ppm"),
    "TVOC": Quantity("volatile_organic_compounds_parts", "ppb"),
    "PM2.5": Quantity("pm25", "µg/m³"),
    "PM10": Quantity("pm10", "µg/m³"),
    "Battery": Quantity("battery", "%"),
}
"""Tasmota's word for a quantity -> what it is. What is not here nobody asks for by voice."""

_SPOKEN = {
    "DewPoint": "Dew Point",
    "SeaPressure": "Sea-Level Pressure",
    "Today": "Energy Today",
    "Yesterday": "Energy Yesterday",
    "Total": "Energy",
    "CarbonDioxide": "CO2",
}

_NO_SENSORS = frozenset({"Time", "PN532", "RDM6300"})
_FOLLOWING = frozenset({1, 2, 3, 4, 5, 6, 9, 10, 15, 16})
"""Switch modes in which a switch stays in one position or the other. The others pulse or toggle."""


_NOTHING = object()


def _inner(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(step, _NOTHING)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return _NOTHING


class Sensor:
    """A number at one place in what the sensors say."""

    def __init__(
        self, about: Announced, path: tuple[str | int, ...], quantity: Quantity, name: str, unit: str
    ) -> None:
        own_id = "sensor_sensor_" + "_".join(str(step) for step in path)
        self._path = path
        self._fahrenheit = unit == "F"
        shown = "°C" if quantity.unit == "°C" else unit
        device = about.device(own_id[:150], name, Kind.SENSOR)
        self.device: Device = replace(
            device,
            abilities=frozenset({Ability.READING}),
            unit=shown,
            device_class=quantity.device_class,
        )
        self.topics = _spoken_on(about)
        self.polls = status_polls(about)

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says; a sensor that answers null has no reading."""
        value: Any = said
        for step in self._path:
            inner = _inner(value, step)
            if inner is not _NOTHING:
                value = inner
            elif step == 0 and as_number(value) is not None:
                continue  # announced for each phase, told for one
            else:
                return {}
        if value is None:
            return {Ability.READING: None}
        number = None if isinstance(value, bool) else as_number(value)
        if number is None:
            return {}
        if self._fahrenheit:
            number = round((number - 32) / 1.8, 1)
        return {Ability.READING: int(number) if isinstance(value, int) and number.is_integer() else number}

    def write(self, ability: Ability, value: Value) -> tuple[Message, ...]:  # noqa: ARG002 - never
        """A sensor obeys nobody."""
        raise CannotError("a sensor can only be read")

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether it reads exactly that."""
        return state.get(ability) == value


class Switch(Sensor):
    """A switch, a contact or the like that is wired to the device: it reads "on" or "off"."""

    def __init__(self, about: Announced, index: int) -> None:
        given = about.switch_names[index] if index < len(about.switch_names) else None
        key = given or f"Switch{index + 1}"
        name = given or f"{about.plain_name} Switch {index + 1}"
        super().__init__(about, (key,), Quantity("", ""), plain_text(name, 200), "")
        self.device = replace(self.device, id=f"tasmota.{about.mac}_binary_sensor_switch_{index}")
        self.topics |= {f"{about.topics.stat}RESULT"}
        if about.option(4):
            self.topics |= {f"{about.topics.stat}SWITCH{index + 1}"}
        self._words = {about.words[1]: "on", about.words[0]: "off"}

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says: the position, or what it was just brought to."""
        word = said.get(str(self._path[0]))
        if isinstance(word, Mapping):
            word = word.get("Action")
        if not isinstance(word, str) or word not in self._words:
            return {}
        return {Ability.READING: self._words[word]}


def of(about: Announced, sensors: Sensors | None) -> list[Thing]:
    """All that a device measures."""
    found: list[Thing] = [
        Switch(about, index) for index, mode in enumerate(about.switches) if mode in _FOLLOWING
    ]
    if sensors is not None:
        found += list(_measured(about, sensors))[:MAX_SENSORS]
    return found


def _measured(about: Announced, sensors: Sensors) -> Iterator[Sensor]:
    wanted = [
        (path, name)
        for path, _ in sensors.values()
        if path[0] not in _NO_SENSORS and (name := quantity_of(path)) in QUANTITIES
    ]
    names = [name for _, name in wanted]
    for path, name in wanted:
        quantity = QUANTITIES[name]
        unit = quantity.unit
        told = sensors.sample.get(quantity.unit_from) if quantity.unit_from else None
        if isinstance(told, str) and told in ("C", "F", "hPa", "mmHg", "inHg", "kPa"):
            unit = told
        spoken = _SPOKEN.get(name, name)
        which = f"{path[0]} " if names.count(name) > 1 else ""
        phase = f" {path[-1] + 1}" if isinstance(path[-1], int) and len(path) > 2 else ""
        yield Sensor(about, path, quantity, f"{about.plain_name} {which}{spoken}{phase}", unit)


def quantity_of(path: tuple[str | int, ...]) -> str:
    """Tasmota's word for what stands at that place."""
    sensor, key = str(path[0]), str(path[1])
    if sensor in ("AS3935", "LD2410") and key == "Energy":
        return ""  # not what the word says
    inner = path[2] if len(path) > 2 else None
    if isinstance(inner, str) and inner in QUANTITIES:
        return inner
    if sensor == "ANALOG" and key[-1:].isdigit():
        return key[:-1]  # the number of the pin
    return key


def _spoken_on(about: Announced) -> frozenset[str]:
    return frozenset({f"{about.topics.tele}SENSOR", f"{about.topics.stat}STATUS10"})
