"""One ability of one device: which keys of its JSON tell it, which order it, and when it is as asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from devices.discovery.components.values import Scale, as_option, as_percent, as_switch
from devices.discovery.convention import CannotError
from devices.discovery.zigbee2mqtt.exposes import Feature, number
from devices.home import Ability, Value

Said = Mapping[str, Any]
"""The JSON that a device publishes, or that it is sent."""

Report = Mapping[Ability, Value | None]
State = Mapping[Ability, Value]


@dataclass(frozen=True, slots=True)
class Facet:
    """What all have in common. A facet that says nothing else can only be read."""

    ability: Ability
    feature: Feature

    @property
    def published(self) -> bool:
        """Whether the device tells how it stands."""
        return self.feature.published

    @property
    def asked(self) -> tuple[str, ...]:
        """The keys by which it can be asked for."""
        return (self.feature.key,) if self.feature.gettable else ()

    @property
    def options(self) -> tuple[str, ...]:
        """The words that it takes, where it takes words."""
        return ()

    @property
    def limits(self) -> tuple[float, float] | None:
        """The lowest and the highest that it takes, where it takes a number."""
        return None

    def read(self, said: Said) -> Report:
        """What a message says of it; nothing when its key is missing."""
        if not self.published or self.feature.key not in said:
            return {}
        raw = said[self.feature.key]
        if raw is None:  # the bridge's word for: not known
            return {self.ability: None}
        value = self.take(raw)
        return {} if value is None else {self.ability: value}

    def take(self, raw: Any) -> Value | None:  # noqa: ARG002 - for the others
        """The value behind the device's word, None for a word that makes no sense."""
        return None

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - for the others
        """What to send. Raises `CannotError`."""
        raise CannotError("it can only be read")

    def satisfied(self, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return state.get(self.ability) == value


@dataclass(frozen=True, slots=True)
class OnOff(Facet):
    """Two words of the device's own for yes and no."""

    def take(self, raw: Any) -> Value | None:
        """Its word for yes, its word for no, or neither."""
        for word, means in ((self.feature.on, True), (self.feature.off, False)):
            if raw == word and isinstance(raw, bool) == isinstance(word, bool):  # 1 is not true
                return means
        return None

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - two words say it whole
        """One of the two words."""
        return {self.feature.key: self.feature.on if as_switch(value) else self.feature.off}


@dataclass(frozen=True, slots=True)
class Percent(Facet):
    """A number between the device's lowest and highest, told as percent."""

    @property
    def limits(self) -> tuple[float, float] | None:
        """As every percent."""
        return (0.0, 100.0)

    @property
    def scale(self) -> Scale:
        """The device's own numbers for 0 and 100 percent."""
        low, high = self.feature.low or 0.0, self.feature.high or 100.0
        return Scale(low, high) if low < high else Scale(0.0, 100.0)

    def take(self, raw: Any) -> Value | None:
        """Percent, 0 to 100."""
        found = number(raw)
        return None if found is None else self.scale.to_percent(found)

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - one number says it whole
        """The device's number."""
        return {self.feature.key: self.scale.to_device(as_percent(value))}

    def satisfied(self, value: Value, state: State) -> bool:
        """Within what it can resolve, once it has come to rest."""
        said = state.get(self.ability)
        moving = state.get(Ability.MOTION) in ("opening", "closing")
        return isinstance(said, int | float) and not moving and self.scale.close(as_percent(value), said)


@dataclass(frozen=True, slots=True)
class Words(Facet):
    """One of the device's own words: a mode, a preset."""

    allowed: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """Those that the device lists, or the part of them that is meant here."""
        return self.allowed or self.feature.values

    def read(self, said: Said) -> Report:
        """A word that belongs elsewhere says that none of these holds."""
        word = said.get(self.feature.key)
        if self.published and isinstance(word, str) and word not in self.options:
            return {self.ability: None}
        return Facet.read(self, said)

    def take(self, raw: Any) -> Value | None:
        """The word itself."""
        return raw if isinstance(raw, str) and raw in self.options else None

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - one word says it whole
        """The word itself."""
        return {self.feature.key: as_option(value, self.options)}


@dataclass(frozen=True, slots=True)
class Reading(Facet):
    """A number that nobody orders."""

    def take(self, raw: Any) -> Value | None:
        """The number as it came: 21 is not 21.0."""
        return None if number(raw) is None else cast("Value", raw)


@dataclass(frozen=True, slots=True)
class OnOffReading(OnOff):
    """A yes or no that nobody orders: "on" or "off"."""

    def take(self, raw: Any) -> Value | None:
        """The house's words for the device's."""
        on = OnOff.take(self, raw)
        return None if on is None else "on" if on else "off"

    def write(self, value: Value, state: State) -> dict[str, Any]:
        """Never."""
        return Facet.write(self, value, state)
