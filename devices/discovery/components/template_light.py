"""Home Assistant's `light` with `schema: template`: one topic each way, and templates for both."""

from typing import Any

from devices.discovery.components.component import one
from devices.discovery.components.entity import Report, State
from devices.discovery.components.lighting import WAYS, Lamp, puts_out
from devices.discovery.components.settings import BadConfigError, Settings
from devices.discovery.components.values import as_colour
from devices.discovery.templates import TemplateError
from devices.home import Ability, Value
from devices.message import Message

_PARTS = ("red", "green", "blue")


class TemplateLight(Lamp):
    """A light whose words are made and understood by templates. Raises `BadConfigError`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        for needed in ("command_on_template", "command_off_template"):
            if needed not in settings:
                raise BadConfigError(f"a light of this schema needs a {needed}")
        self._on_template = settings.template("command_on_template")
        self._off_template = settings.template("command_off_template")
        if "state_template" in settings:
            take = one(Ability.ON, {"on": True, "off": False}.get)
            self._hear("state_topic", "state_template", [Ability.ON], take)
        for ability, word, of in (
            (Ability.BRIGHTNESS, "brightness", self._take_brightness),
            (Ability.COLOUR_TEMPERATURE, "color_temp", self._take_white),
        ):
            if f"{word}_template" in settings:
                self._claims.add(ability)
                self._hear("state_topic", f"{word}_template", [ability], one(ability, of))
        self._colours = {part: settings.template(f"{part}_template") for part in _PARTS}
        if all(f"{part}_template" in settings for part in _PARTS):
            self._claims.add(Ability.COLOUR)
            self._hear("state_topic", "", [Ability.COLOUR], self._take_colour)

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:  # noqa: ARG002 - all is in one order
        """One message."""
        if puts_out(ability, value):
            return (Message(self._command, self._off_template.write("", {"state": "off"}), self._qos),)
        names: dict[str, Any] = {"state": "on", **self._raw(ability, value)}
        if ability is Ability.COLOUR:
            for way in ("rgb", "hs"):
                names |= WAYS[way].numbers(as_colour(value))
        return (Message(self._command, self._on_template.write("", names), self._qos),)

    def _take_colour(self, text: str) -> Report:
        """Three templates make one colour."""
        try:
            parts = [template.read(text) for template in self._colours.values()]
        except TemplateError:
            return {}
        colour = WAYS["rgb"].colour(parts)
        return {} if colour is None else {Ability.COLOUR: colour}
