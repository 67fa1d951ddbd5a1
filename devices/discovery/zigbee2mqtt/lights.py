"""The abilities of a lamp. An order for any of them turns it on, as a person means it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.discovery.components import colours, lighting
from devices.discovery.components.values import as_colour, as_kelvin, as_percent
from devices.discovery.convention import CannotError
from devices.discovery.zigbee2mqtt.exposes import Feature, number
from devices.discovery.zigbee2mqtt.facets import Facet, OnOff, Report, Said, State
from devices.home import Ability, Value

_COOLEST_MIRED, _WARMEST_MIRED = 153.0, 500.0
_FULL = 254.0
_WHITE_MODE = "color_temp"
_COLOURS = ("color_xy", "color_hs")

_ANY_DIMMER = lighting.Dimmer(_FULL)
_ANY_WHITE = lighting.White(in_kelvin=False, warmest=1, coolest=1_000_000)


@dataclass(frozen=True, slots=True)
class Brightness(Facet):
    """0 to `value_max` (254), told as percent."""

    power: OnOff

    @property
    def limits(self) -> tuple[float, float] | None:
        """As every percent."""
        return (0.0, 100.0)

    @property
    def dimmer(self) -> lighting.Dimmer:
        """Its scale."""
        return lighting.Dimmer(max(1.0, self.feature.high or _FULL))

    def take(self, raw: Any) -> Value | None:
        """Percent."""
        found = number(raw)
        return None if found is None else self.dimmer.to_percent(found)

    def write(self, value: Value, state: State) -> dict[str, Any]:
        """A brightness of nothing is off."""
        percent = as_percent(value)
        order = self.power.write(percent > 0, state)
        return {**order, self.feature.key: self.dimmer.to_device(percent)} if percent else order

    def satisfied(self, value: Value, state: State) -> bool:
        """Within what it can resolve."""
        return lighting.lit_as_asked(self.ability, value, state, self.dimmer, _ANY_WHITE)


@dataclass(frozen=True, slots=True)
class White(Facet):
    """A colour temperature, in mireds on the wire."""

    power: OnOff
    mode: str
    """The key that says whether the lamp shows a white or a colour."""
    beside_colour: bool = False

    @property
    def asked(self) -> tuple[str, ...]:
        """Whoever is asked for its colour tells its white with it; the air is shared by all devices."""
        return (self.feature.key,) if self.feature.gettable and not self.beside_colour else ()

    @property
    def white(self) -> lighting.White:
        """Its range."""
        low, high = self.feature.low or _COOLEST_MIRED, self.feature.high or _WARMEST_MIRED
        if not 1 <= low <= high:
            low, high = _COOLEST_MIRED, _WARMEST_MIRED
        return lighting.White(in_kelvin=False, warmest=colours.kelvin(high), coolest=colours.kelvin(low))

    @property
    def limits(self) -> tuple[float, float] | None:
        """In kelvin."""
        return float(self.white.warmest), float(self.white.coolest)

    def read(self, said: Said) -> Report:
        """While it shows a colour, the white that it also tells is an old one."""
        mode = said.get(self.mode)
        if isinstance(mode, str) and mode != _WHITE_MODE:
            return {self.ability: None}
        return Facet.read(self, said)

    def take(self, raw: Any) -> Value | None:
        """Kelvin."""
        found = number(raw)
        return None if found is None or found < 1 else self.white.to_kelvin(found)

    def write(self, value: Value, state: State) -> dict[str, Any]:
        """Mireds."""
        order = self.power.write(True, state)
        return {**order, self.feature.key: self.white.to_device(as_kelvin(value))}

    def satisfied(self, value: Value, state: State) -> bool:
        """The same to the eye, within its range."""
        return lighting.lit_as_asked(self.ability, value, state, _ANY_DIMMER, self.white)


@dataclass(frozen=True, slots=True)
class Colour(Facet):
    """A colour, as chromaticity (x, y) or as hue and saturation."""

    power: OnOff
    mode: str

    def read(self, said: Said) -> Report:
        """While it shows a white, the colour that it also tells is that of the white."""
        if said.get(self.mode) == _WHITE_MODE:
            return {self.ability: None}
        return Facet.read(self, said)

    def take(self, raw: Any) -> Value | None:
        """Red, green, blue."""
        if not isinstance(raw, Mapping):
            return None
        x, y = number(raw.get("x")), number(raw.get("y"))
        if x is not None and y is not None and 0 <= x <= 1 and 0 <= y <= 1:
            return colours.from_xy(x, y)
        hue, saturation = number(raw.get("hue")), number(raw.get("saturation"))
        return None if hue is None or saturation is None else colours.from_hs(hue, saturation)

    def write(self, value: Value, state: State) -> dict[str, Any]:
        """In the way that the lamp prefers."""
        colour = as_colour(value)
        by_hue = self.feature.name == "color_hs"
        names = ("hue", "saturation") if by_hue else ("x", "y")
        numbers = colours.to_hs(colour) if by_hue else colours.to_xy(colour)
        order = self.power.write(True, state)
        return {**order, self.feature.key: dict(zip(names, numbers, strict=True))}

    def satisfied(self, value: Value, state: State) -> bool:
        """The same to the eye."""
        return lighting.lit_as_asked(self.ability, value, state, _ANY_DIMMER, _ANY_WHITE)


@dataclass(frozen=True, slots=True)
class Power(OnOff):
    """A lamp's on and off."""

    def write(self, value: Value, state: State) -> dict[str, Any]:
        """One of its two words; without them it cannot be switched."""
        if not self.feature.settable:
            raise CannotError("it cannot be switched")
        return OnOff.write(self, value, state)


def facets(light: Feature) -> tuple[Facet, ...]:
    """The abilities of a light. Without on and off it is none."""
    state = light.part("state")
    if state is None:
        return ()
    power = Power(Ability.ON, state)
    mode = f"color_mode_{light.endpoint}" if light.endpoint else "color_mode"
    found: list[Facet] = [power]
    for feature in light.features:
        if feature.name == "brightness":
            found.append(Brightness(Ability.BRIGHTNESS, feature, power))
        elif feature.name == "color_temp":
            coloured = any(each.name in _COLOURS and each.gettable for each in light.features)
            found.append(White(Ability.COLOUR_TEMPERATURE, feature, power, mode, coloured))
        elif feature.name in _COLOURS:  # the first is the one that it prefers
            found.append(Colour(Ability.COLOUR, feature, power, mode))
    return tuple(found)
