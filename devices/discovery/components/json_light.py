"""Home Assistant's `light` with `schema: json`: one topic each way, with JSON objects on them."""

import json
from collections.abc import Mapping
from typing import Any

from devices.discovery.components import colours, lighting
from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.home import Ability, Kind, Value
from devices.message import Message

_COLOUR_MODES = ("rgb", "hs", "xy", "rgbw", "rgbww")
_WHITE_MODE = "color_temp"
_PLAIN_MODES = frozenset({"onoff", "unknown"})


class JsonLight:
    """A light that speaks JSON. Raises `BadConfigError`."""

    kind = Kind.LIGHT
    unit = ""

    def __init__(self, settings: Settings) -> None:
        command = settings.topic("command_topic")
        if command is None:
            raise BadConfigError("a light needs a command_topic")
        self._command = command
        self._state = settings.topic("state_topic")
        self._qos = settings.qos
        self._dimmer = lighting.Dimmer.of(settings)
        self._white = lighting.White.of(settings)
        older = [mode for mode in (*_COLOUR_MODES, _WHITE_MODE) if settings.flag(mode)]
        modes = settings.words("supported_color_modes") or older
        self._colour_mode = next((mode for mode in _COLOUR_MODES if mode in modes), "")
        found = {Ability.ON}
        if settings.flag("brightness") or set(modes) - _PLAIN_MODES:
            found.add(Ability.BRIGHTNESS)
        if self._colour_mode:
            found.add(Ability.COLOUR)
        if _WHITE_MODE in modes:
            found.add(Ability.COLOUR_TEMPERATURE)
        self.abilities = frozenset(found)
        self.topics = frozenset({self._state} if self._state else ())

    def read(self, topic: str, payload: str) -> Report:
        """What a message says; nothing when it is no JSON object."""
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            return {}
        if topic != self._state or not isinstance(said, Mapping):
            return {}
        report: dict[Ability, Value | None] = {}
        if "state" in said:
            word = said["state"]
            if word in ("ON", "OFF"):
                report[Ability.ON] = word == "ON"
            elif word is None:
                report[Ability.ON] = None
        brightness = as_number(said.get("brightness"))
        if brightness is not None:
            report[Ability.BRIGHTNESS] = self._dimmer.to_percent(brightness)
        report |= self._read_colour(said)
        return {ability: value for ability, value in report.items() if ability in self.abilities}

    def _read_colour(self, said: Mapping[str, Any]) -> Report:
        """In white a lamp may also tell a colour, and in colour a white: only its present mode counts."""
        mode = said.get("color_mode")
        white = as_number(said.get("color_temp"))
        colour = _colour_of(said.get("color"))
        kelvin = None if white is None else self._white.to_kelvin(white)
        if mode == _WHITE_MODE:
            return {Ability.COLOUR: None, **({Ability.COLOUR_TEMPERATURE: kelvin} if kelvin else {})}
        if mode in _COLOUR_MODES:
            return {Ability.COLOUR_TEMPERATURE: None, **({Ability.COLOUR: colour} if colour else {})}
        report: dict[Ability, Value | None] = {}
        if colour is not None:
            report[Ability.COLOUR] = colour
        if kelvin is not None:
            report[Ability.COLOUR_TEMPERATURE] = kelvin
        return report

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:  # noqa: ARG002 - JSON says it whole
        """One JSON object for one order."""
        order: dict[str, Any] = {"state": "ON"}
        if (ability is Ability.ON and not lighting.as_switch(value)) or (
            ability is Ability.BRIGHTNESS and lighting.as_percent(value) == 0
        ):
            order["state"] = "OFF"
        elif ability is Ability.BRIGHTNESS:
            order["brightness"] = self._dimmer.to_device(lighting.as_percent(value))
        elif ability is Ability.COLOUR:
            order["color"] = self._write_colour(lighting.as_colour(value))
        elif ability is Ability.COLOUR_TEMPERATURE:
            order["color_temp"] = self._white.to_device(lighting.as_kelvin(value))
        return (Message(self._command, json.dumps(order), self._qos),)

    def _write_colour(self, colour: colours.Rgb) -> dict[str, float]:
        if self._colour_mode == "hs":
            return dict(zip(("h", "s"), colours.to_hs(colour), strict=True))
        if self._colour_mode == "xy":
            return dict(zip(("x", "y"), colours.to_xy(colour), strict=True))
        parts: dict[str, float] = dict(zip(("r", "g", "b"), colour, strict=True))
        whites = {"rgbw": ("w",), "rgbww": ("c", "w")}.get(self._colour_mode, ())
        return parts | dict.fromkeys(whites, 0)

    def reports(self, ability: Ability) -> bool:
        """With a state topic it says everything."""
        return self._state is not None and ability in self.abilities

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return lighting.lit_as_asked(ability, value, state, self._dimmer, self._white)


def _colour_of(said: Any) -> colours.Rgb | None:
    if not isinstance(said, Mapping):
        return None
    for names, make in (
        (("r", "g", "b"), colours.rgb),
        (("h", "s"), colours.from_hs),
        (("x", "y"), colours.from_xy),
    ):
        numbers = [number for name in names if (number := as_number(said.get(name))) is not None]
        if len(numbers) == len(names):
            return make(*numbers)
    return None
