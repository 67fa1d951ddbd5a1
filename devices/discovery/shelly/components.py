"""What a device consists of: each component's words for its state, and the call that brings it about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from devices.discovery import covering
from devices.discovery.components import colours, lighting
from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import as_number
from devices.discovery.components.values import (
    as_colour,
    as_kelvin,
    as_option,
    as_percent,
    as_real,
    as_switch,
)
from devices.home import Ability, Device, Kind, Value

DEFAULT_WHITES = (2700, 6500)
"""Kelvin, of a light that does not say what it can show."""

SETPOINTS = (5.0, 35.0)
"""Degrees Celsius that the thermostats of the wall displays take."""

Status = Mapping[str, Any]
Call = tuple[str, Mapping[str, Any]]
"""A method and its parameters."""


class Part(Protocol):
    """One thing: a component, or what it measures. `component` is its key, "switch:0"."""

    device: Device
    component: str

    def read(self, said: Status) -> Report:
        """What a status says, whole or in part."""
        ...

    def call(self, ability: Ability, value: Value) -> Call:
        """The call for an order. Raises `CannotError`."""
        ...

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        ...


@dataclass(frozen=True, slots=True)
class Component:
    """What is known of a component before a thing is made of it. `device` has its id, name and identities."""

    key: str
    device: Device
    config: Status
    status: Status

    @property
    def type(self) -> str:
        """Its kind, "switch"."""
        return self.key.partition(":")[0]

    @property
    def number(self) -> int:
        """Which of its kind."""
        return int(self.key.partition(":")[2])


class Switch:
    """A relay. `kind` is light where its owner has said that it feeds one."""

    def __init__(self, of: Component, kind: Kind = Kind.SWITCH) -> None:
        self.component, self._number = of.key, of.number
        self.device = replace(of.device, kind=kind, abilities=frozenset({Ability.ON}))

    def read(self, said: Status) -> Report:
        """What a status says."""
        return _output(said)

    def call(self, ability: Ability, value: Value) -> Call:  # noqa: ARG002 - it has but one
        """Switch.Set."""
        return "Switch.Set", {"id": self._number, "on": as_switch(value)}

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return state.get(ability) is as_switch(value)


_NAMESPACES = {"light": "Light", "rgb": "RGB", "rgbw": "RGBW", "cct": "CCT", "rgbcct": "RGBCCT"}
_COLOURED = frozenset({"rgb", "rgbw", "rgbcct"})
_WHITE = frozenset({"cct", "rgbcct"})
_BESIDE_COLOUR: Mapping[str, Status] = {"rgbw": {"white": 0}, "rgbcct": {"mode": "rgb"}}
_BESIDE_WHITE: Mapping[str, Status] = {"rgbcct": {"mode": "cct"}}
"""What the kinds that have both must be told, so that they show the one and not the other."""


class Light:
    """A light of one of the five kinds. Brightness is percent, white is kelvin, as in the house."""

    def __init__(self, of: Component) -> None:
        self.component, self._number, self._type = of.key, of.number, of.type
        warmest, coolest = _whites(of.config)
        self._white = lighting.White(True, warmest, coolest)
        abilities = {Ability.ON}
        limits: dict[Ability, tuple[float, float]] = {}
        if "brightness" in of.status:
            abilities.add(Ability.BRIGHTNESS)
        if self._type in _COLOURED:
            abilities.add(Ability.COLOUR)
        if self._type in _WHITE:
            abilities.add(Ability.COLOUR_TEMPERATURE)
            limits[Ability.COLOUR_TEMPERATURE] = (warmest, coolest)
        self.device = replace(of.device, kind=Kind.LIGHT, abilities=frozenset(abilities), limits=limits)

    def read(self, said: Status) -> Report:
        """What a status says; of colour and white only what the light shows at present."""
        report: dict[Ability, Value | None] = {**_output(said)}
        brightness = as_number(said.get("brightness"))
        if brightness is not None and 0 <= brightness <= 100:
            report[Ability.BRIGHTNESS] = round(brightness)
        mode, colour, white = said.get("mode"), _rgb(said.get("rgb")), as_number(said.get("ct"))
        kelvin = self._white.to_kelvin(white) if white is not None else None
        if colour is not None and mode != "cct":
            report |= {Ability.COLOUR: colour, Ability.COLOUR_TEMPERATURE: None}
        if kelvin is not None and mode != "rgb":
            report |= {Ability.COLOUR_TEMPERATURE: kelvin, Ability.COLOUR: None}
        return {ability: value for ability, value in report.items() if ability in self.device.abilities}

    def call(self, ability: Ability, value: Value) -> Call:
        """Its Set. Whoever asks for a brightness or a colour wants it lit."""
        order: dict[str, Any] = {"id": self._number, "on": True}
        if ability is Ability.ON:
            order["on"] = as_switch(value)
        elif ability is Ability.BRIGHTNESS and as_percent(value) == 0:
            order["on"] = False
        elif ability is Ability.BRIGHTNESS:
            order["brightness"] = max(1, round(as_percent(value)))
        elif ability is Ability.COLOUR:
            order |= {"rgb": list(as_colour(value)), **_BESIDE_COLOUR.get(self._type, {})}
        else:
            order |= {"ct": self._white.to_device(as_kelvin(value)), **_BESIDE_WHITE.get(self._type, {})}
        return f"{_NAMESPACES[self._type]}.Set", order

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return lighting.lit_as_asked(ability, value, state, lighting.Dimmer(100), self._white)


_COVER_STATES: Mapping[str, Report] = {
    "opening": {Ability.MOTION: "opening"},
    "closing": {Ability.MOTION: "closing"},
    "calibrating": {Ability.OPEN: None},
    "stopped": {Ability.MOTION: "stopped"},
    "open": {Ability.MOTION: "stopped", Ability.OPEN: True},
    "closed": {Ability.MOTION: "stopped", Ability.OPEN: False},
}


class Cover:
    """A cover; one that has been calibrated knows its position, one with slats their angle."""

    def __init__(self, of: Component) -> None:
        self.component, self._number = of.key, of.number
        abilities = {Ability.OPEN, Ability.MOTION}
        if of.status.get("pos_control") is True:
            abilities.add(Ability.POSITION)
            if "slat_pos" in of.status:
                abilities.add(Ability.TILT)
        options = {Ability.MOTION: covering.MOTIONS}
        self.device = replace(of.device, kind=Kind.COVER, abilities=frozenset(abilities), options=options)

    def read(self, said: Status) -> Report:
        """What a status says."""
        state = said.get("state")
        report = dict(_COVER_STATES.get(state, {})) if isinstance(state, str) else {}
        for key, ability in (("current_pos", Ability.POSITION), ("slat_pos", Ability.TILT)):
            percent = as_number(said.get(key))
            if ability in self.device.abilities and percent is not None and 0 <= percent <= 100:
                report[ability] = round(percent)
                if ability is Ability.POSITION:
                    report[Ability.OPEN] = percent > 0
        return report

    def call(self, ability: Ability, value: Value) -> Call:
        """Open, Close, Stop or GoToPosition."""
        if ability is Ability.OPEN:
            return f"Cover.{'Open' if as_switch(value) else 'Close'}", {"id": self._number}
        if ability is Ability.MOTION:
            covering.must_be_stop(value)
            return "Cover.Stop", {"id": self._number}
        key = "slat_pos" if ability is Ability.TILT else "pos"
        return "Cover.GoToPosition", {"id": self._number, key: round(as_percent(value))}

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return covering.placed_as_asked(ability, value, state)


class Thermostat:
    """The thermostat of a wall display: on or off, and a temperature."""

    def __init__(self, of: Component) -> None:
        self.component, self._number = of.key, of.number
        self._working = "cool" if of.config.get("type") == "cooling" else "heat"
        self._modes = ("off", self._working)
        self.device = replace(
            of.device,
            kind=Kind.CLIMATE,
            abilities=frozenset({Ability.SETPOINT, Ability.MODE, Ability.READING}),
            options={Ability.MODE: self._modes},
            limits={Ability.SETPOINT: SETPOINTS},
            unit="°C",
        )

    def read(self, said: Status) -> Report:
        """What a status says."""
        report: dict[Ability, Value | None] = {}
        enabled = said.get("enable")
        if isinstance(enabled, bool):
            report[Ability.MODE] = self._working if enabled else "off"
        for key, ability in (("target_C", Ability.SETPOINT), ("current_C", Ability.READING)):
            degrees = as_number(said.get(key))
            if degrees is not None:
                report[ability] = degrees
        return report

    def call(self, ability: Ability, value: Value) -> Call:
        """Thermostat.SetConfig."""
        change: dict[str, Any] = (
            {"target_C": as_real(value)}
            if ability is Ability.SETPOINT
            else {"enable": as_option(value, self._modes) != "off"}
        )
        return "Thermostat.SetConfig", {"id": self._number, "config": {"id": self._number, **change}}

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked; it counts in halves or tenths of a degree."""
        said = state.get(ability)
        if ability is Ability.SETPOINT and isinstance(said, int | float):
            return abs(as_real(value) - said) <= 0.25
        return said == value


def of(component: Component, *, feeds_light: bool) -> Iterator[Part]:
    """What a component is beside what it measures: one thing or none."""
    match component.type:
        case "switch":
            yield Switch(component, Kind.LIGHT if feeds_light else Kind.SWITCH)
        case "cover":
            yield Cover(component)
        case "thermostat":
            yield Thermostat(component)
        case known if known in _NAMESPACES:
            yield Light(component)


def _output(said: Status) -> Report:
    output = said.get("output")
    return {Ability.ON: output} if isinstance(output, bool) else {}


def _rgb(raw: Any) -> colours.Rgb | None:
    numbers = [as_number(each) for each in raw] if isinstance(raw, list) and len(raw) == 3 else []
    sound = [number for number in numbers if number is not None and 0 <= number <= 255]
    return colours.rgb(*sound) if len(sound) == 3 else None


def _whites(config: Status) -> tuple[int, int]:
    given = config.get("ct_range")
    numbers = [as_number(each) for each in given] if isinstance(given, list) and len(given) == 2 else []
    sound = sorted(round(number) for number in numbers if number is not None and 1000 <= number <= 20_000)
    return (sound[0], sound[1]) if len(sound) == 2 else DEFAULT_WHITES
