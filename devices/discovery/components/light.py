"""Home Assistant's `light` in its default schema: a topic for each ability."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devices.discovery.components import colours, lighting
from devices.discovery.components.entity import Report, Source, State, switch_words
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.home import Ability, Kind, Value
from devices.message import Message

if TYPE_CHECKING:
    from devices.discovery.templates import Template


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of writing a colour: its numbers by the names that templates use."""

    write: Callable[[colours.Rgb], Mapping[str, float]]
    read: Callable[..., colours.Rgb]


def _parts(*whites: str) -> Callable[[colours.Rgb], Mapping[str, float]]:
    return lambda c: {"red": c[0], "green": c[1], "blue": c[2], **dict.fromkeys(whites, 0)}


_WAYS: Mapping[str, _Way] = {
    "rgb": _Way(_parts(), colours.rgb),
    "hs": _Way(lambda c: dict(zip(("hue", "sat"), colours.to_hs(c), strict=True)), colours.from_hs),
    "xy": _Way(lambda c: dict(zip(("x", "y"), colours.to_xy(c), strict=True)), colours.from_xy),
    "rgbw": _Way(_parts("white"), lambda r, g, b, _white: colours.rgb(r, g, b)),
    "rgbww": _Way(_parts("cold_white", "warm_white"), lambda r, g, b, _c, _w: colours.rgb(r, g, b)),
}


class Light:
    """A light that is told each thing on its own topic. Raises `BadConfigError`."""

    kind = Kind.LIGHT
    unit = ""

    def __init__(self, settings: Settings) -> None:
        command = settings.topic("command_topic")
        if command is None:
            raise BadConfigError("a light needs a command_topic")
        self._command = command
        self._qos = settings.qos
        self._on, self._off = settings.text("payload_on", "ON"), settings.text("payload_off", "OFF")
        self._on_command_type = settings.text("on_command_type", "last")
        self._dimmer = lighting.Dimmer.of(settings)
        self._white = lighting.White.of(settings)
        self._way = next((way for way in _WAYS if settings.topic(f"{way}_command_topic")), "")
        self._styles: dict[Ability, tuple[str, Template]] = {}
        sources = [
            self._style(settings, Ability.BRIGHTNESS, "brightness", self._take_brightness),
            self._style(settings, Ability.COLOUR_TEMPERATURE, "color_temp", self._take_white),
            self._style(settings, Ability.COLOUR, self._way, self._take_colour) if self._way else None,
        ]
        if state := settings.topic("state_topic"):
            words = switch_words(self._on, self._off)
            template = settings.template("state_value_template")
            sources.append(Source(state, template, Ability.ON, words))
        self._sources = tuple(source for source in sources if source is not None)
        self.abilities = frozenset({Ability.ON, *self._styles})
        self.topics = frozenset(source.topic for source in self._sources)

    def _style(
        self, settings: Settings, ability: Ability, word: str, take: Callable[[str], Value | None]
    ) -> Source | None:
        command = settings.topic(f"{word}_command_topic")
        if command is None:
            return None
        self._styles[ability] = (command, settings.template(f"{word}_command_template"))
        state = settings.topic(f"{word}_state_topic")
        if state is None:
            return None
        return Source(state, settings.template(f"{word}_value_template"), ability, take)

    def read(self, topic: str, payload: str) -> Report:
        """What a message says."""
        report: dict[Ability, Value | None] = {}
        for source in self._sources:
            report |= source.read(topic, payload)
        return report

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:
        """The messages for one order, in the order that the device wants."""
        if ability is Ability.ON and not lighting.as_switch(value):
            return (Message(self._command, self._off, self._qos),)
        if ability is Ability.BRIGHTNESS and lighting.as_percent(value) == 0:
            return (Message(self._command, self._off, self._qos),)
        styles = () if ability is Ability.ON else (self._message(ability, value),)
        switch = Message(self._command, self._on, self._qos)
        if self._on_command_type == "brightness" and Ability.BRIGHTNESS in self._styles:
            if ability is Ability.BRIGHTNESS:
                return styles
            last = state.get(Ability.BRIGHTNESS) or 100
            return (*styles, self._message(Ability.BRIGHTNESS, last))
        return (switch, *styles) if self._on_command_type == "first" else (*styles, switch)

    def reports(self, ability: Ability) -> bool:
        """Whether there is a topic on which it says so."""
        return any(source.ability is ability for source in self._sources)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return lighting.lit_as_asked(ability, value, state, self._dimmer, self._white)

    def _message(self, ability: Ability, value: Value) -> Message:
        topic, template = self._styles[ability]
        if ability is Ability.COLOUR:
            numbers = _WAYS[self._way].write(lighting.as_colour(value))
            plain = ",".join(f"{number:g}" for number in numbers.values())
            return Message(topic, template.write(plain, numbers), self._qos)
        raw = (
            self._dimmer.to_device(lighting.as_percent(value))
            if ability is Ability.BRIGHTNESS
            else self._white.to_device(lighting.as_kelvin(value))
        )
        return Message(topic, template.write(str(raw), {"value": raw}), self._qos)

    def _take_brightness(self, text: str) -> int | None:
        raw = as_number(text)
        return None if raw is None else self._dimmer.to_percent(raw)

    def _take_white(self, text: str) -> int | None:
        raw = as_number(text)
        return None if raw is None else self._white.to_kelvin(raw)

    def _take_colour(self, text: str) -> colours.Rgb | None:
        numbers = [as_number(part) for part in text.split(",")]
        wanted = len(_WAYS[self._way].write((0, 0, 0)))
        if len(numbers) != wanted or None in numbers:
            return None
        return _WAYS[self._way].read(*numbers)
