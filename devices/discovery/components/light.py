"""Home Assistant's `light` in its default schema: a topic for each ability."""

from collections.abc import Callable

from devices.discovery.components.colours import Rgb
from devices.discovery.components.component import Put, one, plain
from devices.discovery.components.entity import State
from devices.discovery.components.lighting import WAYS, Lamp, puts_out
from devices.discovery.components.settings import Settings
from devices.discovery.components.values import as_colour
from devices.home import Ability, Value
from devices.message import Message

_BRIGHTNESS, _WHITE, _COLOUR = Ability.BRIGHTNESS, Ability.COLOUR_TEMPERATURE, Ability.COLOUR


class Light(Lamp):
    """A light that is told each thing on its own topic. Raises `BadConfigError`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        on, off = settings.text("payload_on", "ON"), settings.text("payload_off", "OFF")
        self._on, self._off = Message(self._command, on, self._qos), Message(self._command, off, self._qos)
        self._on_command_type = settings.text("on_command_type", "last")
        self._way = next((way for way in WAYS if settings.topic(f"{way}_command_topic")), "")
        for ability, word, put, take in (
            (_BRIGHTNESS, "brightness", self._put(_BRIGHTNESS), one(_BRIGHTNESS, self._take_brightness)),
            (_WHITE, "color_temp", self._put(_WHITE), one(_WHITE, self._take_white)),
            (_COLOUR, self._way, self._put_colour, one(_COLOUR, self._take_colour)),
        ):
            if self._tell(ability, f"{word}_command", put):
                self._hear(f"{word}_state_topic", f"{word}_value_template", [ability], take)
        take_on = one(Ability.ON, {on: True, off: False}.get)
        self._hear("state_topic", "state_value_template", [Ability.ON], take_on)

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:
        """The messages for one order, in the order that the device wants."""
        if puts_out(ability, value):
            return (self._off,)
        styles = () if ability is Ability.ON else super().write(ability, value, state)
        if self._on_command_type == "brightness" and _BRIGHTNESS in self._orders:
            if ability is _BRIGHTNESS:
                return styles
            return (*styles, *super().write(_BRIGHTNESS, state.get(_BRIGHTNESS) or 100, state))
        return (self._on, *styles) if self._on_command_type == "first" else (*styles, self._on)

    def _put(self, ability: Ability) -> Callable[[Value], Put]:
        return lambda value: plain(*self._raw(ability, value).values())

    def _put_colour(self, value: Value) -> Put:
        numbers = WAYS[self._way].numbers(as_colour(value))
        return ",".join(f"{number:g}" for number in numbers.values()), numbers

    def _take_colour(self, text: str) -> Rgb | None:
        return WAYS[self._way].colour(text.split(","))
