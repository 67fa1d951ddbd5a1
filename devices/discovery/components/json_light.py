"""Home Assistant's `light` with `schema: json`: one topic each way, with JSON objects on them."""

import json
from collections.abc import Mapping
from typing import Any

from devices.discovery.components.colours import Rgb
from devices.discovery.components.entity import Report, State
from devices.discovery.components.lighting import WAYS, Lamp, puts_out
from devices.discovery.components.settings import Settings, sound_text
from devices.discovery.components.values import as_colour, json_object
from devices.home import Ability, Value
from devices.message import Message

_WHITE_MODE = "color_temp"
_DIMMED = frozenset({"brightness", "white", _WHITE_MODE, *WAYS})
"""The modes of a light that has a brightness; without one are only `onoff` and what nobody knows."""

_NAMES = {
    "rgb": ("r", "g", "b"),
    "hs": ("h", "s"),
    "xy": ("x", "y"),
    "rgbw": ("r", "g", "b", "w"),
    "rgbww": ("r", "g", "b", "c", "w"),
}


class JsonLight(Lamp):
    """A light that speaks JSON. Raises `BadConfigError`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        listed = settings.words("supported_color_modes")
        older = [mode for mode in (*WAYS, _WHITE_MODE, "brightness") if settings.flag(mode)]
        self._modes = frozenset(listed or older) & _DIMMED  # a list says all, whatever the older flags say
        self._way = next((way for way in WAYS if way in self._modes), "")
        if self._modes:
            self._claims.add(Ability.BRIGHTNESS)
        if self._way:
            self._claims.add(Ability.COLOUR)
        if _WHITE_MODE in self._modes:
            self._claims.add(Ability.COLOUR_TEMPERATURE)
        self._hear("state_topic", "", tuple(self._claims), self._take)

    def _take(self, text: str) -> Report:
        """What a message says; nothing when it is no JSON object."""
        said = json_object(text)
        report: dict[Ability, Value | None] = {}
        word, brightness = said.get("state"), self._take_brightness(said.get("brightness"))
        if word in ("ON", "OFF"):
            report[Ability.ON] = word == "ON"
        elif word is None and "state" in said:
            report[Ability.ON] = None
        if brightness is not None:
            report[Ability.BRIGHTNESS] = brightness
        report |= self._take_colours(said)
        return {ability: value for ability, value in report.items() if ability in self._claims}

    def _take_colours(self, said: Mapping[str, Any]) -> Report:
        """In white a lamp may also tell a colour, and in colour a white: only its present mode counts."""
        mode = sound_text(said.get("color_mode"))
        white, colour = self._take_white(said.get("color_temp")), _colour_of(said.get("color"))
        report: dict[Ability, Value | None] = {}
        if mode in WAYS:
            report[Ability.COLOUR_TEMPERATURE] = None
        elif white is not None:
            report[Ability.COLOUR_TEMPERATURE] = white
        if mode == _WHITE_MODE:
            report[Ability.COLOUR] = None
        elif colour is not None:
            report[Ability.COLOUR] = colour
        return report

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:  # noqa: ARG002 - JSON says it whole
        """One JSON object for one order."""
        if puts_out(ability, value):
            order: dict[str, Any] = {"state": "OFF"}
        else:
            order = {"state": "ON", **self._raw(ability, value)}
        if ability is Ability.COLOUR:
            numbers = WAYS[self._way].numbers(as_colour(value)).values()
            order["color"] = dict(zip(_NAMES[self._way], numbers, strict=True))
        return (Message(self._command, json.dumps(order), self._qos),)


def _colour_of(said: Any) -> Rgb | None:
    """A colour in whichever way it is written; a lamp's own white beside it does not matter."""
    if not isinstance(said, Mapping):
        return None
    found = (WAYS[way].colour([said.get(name) for name in _NAMES[way]]) for way in ("rgb", "hs", "xy"))
    return next((colour for colour in found if colour is not None), None)
