"""What all lights share: brightness in their own scale, white in their own unit, and when it is enough."""

from dataclasses import dataclass

from devices.discovery.components import colours
from devices.discovery.components.entity import State
from devices.discovery.components.settings import BadConfigError, Settings
from devices.discovery.convention import CannotError
from devices.home import Ability, Value


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

    def to_percent(self, raw: float) -> int:
        """Percent, 0 to 100; never 0 for a light that gives some light."""
        percent = min(100, round(max(0.0, raw) / self.scale * 100))
        return max(1, percent) if raw > 0 else 0

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
        if raw <= 0:
            return None
        return round(raw) if self.in_kelvin else colours.kelvin(raw)

    def close(self, asked: float, reported: float) -> bool:
        """Whether two whites are the same to the eye and to rounded mireds."""
        return abs(self.clip(asked) - reported) <= 0.04 * reported


def lit_as_asked(ability: Ability, value: Value, state: State, dimmer: Dimmer, white: White) -> bool:
    """Whether a light's state is what was asked."""
    if ability is Ability.ON:
        return state.get(Ability.ON) is as_switch(value)
    if ability is Ability.BRIGHTNESS and as_percent(value) == 0:
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


def as_switch(value: Value) -> bool:
    """On or off. Raises `CannotError` for another kind of value, as the three below do."""
    if not isinstance(value, bool):
        raise CannotError(f"on or off is a yes or a no, not {value!r}")
    return value


def as_percent(value: Value) -> float:
    """0 to 100."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise CannotError(f"brightness is 0 to 100 percent, not {value!r}")
    return value


def as_kelvin(value: Value) -> float:
    """Kelvin, above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise CannotError(f"a colour temperature is a number of kelvin, not {value!r}")
    return value


def as_colour(value: Value) -> colours.Rgb:
    """Red, green, blue, each 0 to 255."""
    if not isinstance(value, tuple) or len(value) != 3 or not all(0 <= part <= 255 for part in value):
        raise CannotError(f"a colour is red, green and blue, each 0 to 255, not {value!r}")
    return value
