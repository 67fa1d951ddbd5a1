"""What all lights share: brightness in their own scale, white in their own unit, and when it is enough."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devices.discovery.components import colours
from devices.discovery.components.component import Component
from devices.discovery.components.entity import State
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.components.values import as_colour, as_kelvin, as_percent, as_switch
from devices.home import Ability, Kind, Value

_COOLEST_EVER, _WARMEST_EVER = 50_000, 500
"""Kelvin outside which no light is a white."""


@dataclass(frozen=True, slots=True)
class Dimmer:
    """Percent to and from a device whose full brightness is `scale`."""

    scale: float

    @classmethod
    def of(cls, settings: Settings) -> "Dimmer":
        """The dimmer of a configuration."""
        scale = settings.number("brightness_scale", 255)
        if scale < 1:
            raise BadConfigError("brightness_scale should be 1 or more")
        return cls(scale)

    def to_device(self, percent: float) -> int:
        """The device's number; never 0 for a light that should be on."""
        return max(1, round(percent / 100 * self.scale))

    def to_percent(self, raw: float) -> int | None:
        """Percent, 0 to 100, never 0 for a light that gives some light; None for what is not on the scale."""
        if not 0 <= raw <= self.scale:
            return None
        return max(1, round(raw / self.scale * 100)) if raw > 0 else 0

    def close(self, asked: float, reported: float) -> bool:
        """Whether two percentages are the same on this scale: half a step of it, and our own rounding."""
        return abs(asked - reported) <= 1 + 50 / self.scale


@dataclass(frozen=True, slots=True)
class White:
    """Kelvin to and from a device that counts in kelvin or in mireds, within what it can show."""

    in_kelvin: bool
    warmest: int
    coolest: int

    @classmethod
    def of(cls, settings: Settings) -> "White":
        """The range of a configuration, whichever unit it is given in."""
        mireds = settings.number("min_mireds", 153), settings.number("max_mireds", 500)
        if min(mireds) <= 0:
            raise BadConfigError("min_mireds and max_mireds should be above 0")
        warmest = round(settings.number("min_kelvin", colours.kelvin(max(mireds))))
        coolest = round(settings.number("max_kelvin", colours.kelvin(min(mireds))))
        if not 0 < warmest <= coolest:
            raise BadConfigError("min_kelvin should lie between 0 and max_kelvin")
        return cls(settings.flag("color_temp_kelvin"), warmest, coolest)

    def clip(self, kelvin: float) -> int:
        """The nearest white that the device can show."""
        return round(min(self.coolest, max(self.warmest, kelvin)))

    def to_device(self, kelvin: float) -> int:
        """The device's number."""
        clipped = self.clip(kelvin)
        return clipped if self.in_kelvin else colours.kelvin(clipped)

    def to_kelvin(self, raw: float) -> int | None:
        """Kelvin, None for a number that is no colour temperature."""
        kelvin = raw if self.in_kelvin else 1e6 / raw if raw > 0 else 0
        return round(kelvin) if _WARMEST_EVER <= kelvin <= _COOLEST_EVER else None

    def close(self, asked: float, reported: float) -> bool:
        """Whether two whites are the same to the eye and to rounded mireds."""
        return abs(self.clip(asked) - reported) <= 0.04 * reported


@dataclass(frozen=True, slots=True)
class Way:
    """One way of writing a colour: its numbers by the names that templates use, and how far each may go."""

    highest: Mapping[str, float]
    write: Callable[[colours.Rgb], Sequence[float]]
    read: Callable[..., colours.Rgb]

    def numbers(self, colour: colours.Rgb) -> dict[str, float]:
        """A colour's numbers by their names; a lamp's own white stays dark."""
        written = list(self.write(colour))
        return dict(zip(self.highest, written + [0] * (len(self.highest) - len(written)), strict=True))

    def colour(self, raw: Sequence[object]) -> colours.Rgb | None:
        """The colour of so many numbers; None when they are not one."""
        found = [as_number(each) for each in raw]
        sound = [
            number
            for number, highest in zip(found, self.highest.values(), strict=False)
            if number is not None and 0 <= number <= highest
        ]
        return self.read(*sound) if len(sound) == len(raw) == len(self.highest) else None


def _bytes(*names: str) -> Mapping[str, float]:
    return dict.fromkeys(("red", "green", "blue", *names), 255)


WAYS: Mapping[str, Way] = {
    "rgb": Way(_bytes(), tuple, colours.rgb),
    "hs": Way({"hue": 360, "sat": 100}, colours.to_hs, colours.from_hs),
    "xy": Way({"x": 1, "y": 1}, colours.to_xy, colours.from_xy),
    "rgbw": Way(_bytes("white"), tuple, lambda r, g, b, _white: colours.rgb(r, g, b)),
    "rgbww": Way(
        _bytes("cold_white", "warm_white"), tuple, lambda r, g, b, _cold, _warm: colours.rgb(r, g, b)
    ),
}


class Lamp(Component):
    """A light, however it is spoken to. Raises `BadConfigError`."""

    kind = Kind.LIGHT

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._command = self._required("command_topic")
        self._dimmer = Dimmer.of(settings)
        self._white = White.of(settings)
        self._claims.add(Ability.ON)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return lit_as_asked(ability, value, state, self._dimmer, self._white)

    def _take_brightness(self, raw: object) -> int | None:
        number = as_number(raw)
        return None if number is None else self._dimmer.to_percent(number)

    def _take_white(self, raw: object) -> int | None:
        number = as_number(raw)
        return None if number is None else self._white.to_kelvin(number)

    def _raw(self, ability: Ability, value: Value) -> dict[str, int]:
        """The device's number for a brightness or a white by its name in JSON and templates; else nothing."""
        if ability is Ability.BRIGHTNESS:
            return {"brightness": self._dimmer.to_device(as_percent(value))}
        if ability is Ability.COLOUR_TEMPERATURE:
            return {"color_temp": self._white.to_device(as_kelvin(value))}
        return {}


def puts_out(ability: Ability, value: Value) -> bool:
    """Whether an order is one to go out: no brightness is none but that. Raises `CannotError`."""
    if ability is Ability.ON:
        return not as_switch(value)
    return ability is Ability.BRIGHTNESS and as_percent(value) == 0


def lit_as_asked(ability: Ability, value: Value, state: State, dimmer: Dimmer, white: White) -> bool:
    """Whether a light's state is what was asked."""
    if ability is Ability.ON:
        return state.get(Ability.ON) is as_switch(value)
    if puts_out(ability, value):
        return state.get(Ability.ON) is False
    said = state.get(ability)
    if said is None or state.get(Ability.ON) is False:
        return False
    if ability is Ability.COLOUR:
        return isinstance(said, tuple) and colours.alike(as_colour(value), said)
    if not isinstance(said, int | float):
        return False
    if ability is Ability.BRIGHTNESS:
        return dimmer.close(as_percent(value), said)
    return white.close(as_kelvin(value), said)
