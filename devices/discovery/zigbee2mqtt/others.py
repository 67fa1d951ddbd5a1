"""The abilities of what is neither lamp nor plain switch: covers, locks, radiators, fans."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from devices.discovery.components.opening import FULLY_OPEN
from devices.discovery.components.values import as_percent, as_real, as_switch
from devices.discovery.convention import CannotError
from devices.discovery.zigbee2mqtt.exposes import Feature, number
from devices.discovery.zigbee2mqtt.facets import (
    Facet,
    OnOff,
    Percent,
    Reading,
    Report,
    Said,
    State,
    Words,
)
from devices.home import Ability, Value

_MOVES = {
    **dict.fromkeys(("opening", "open", "forward", "up"), "opening"),
    **dict.fromkeys(("closing", "close", "backward", "reverse", "down"), "closing"),
    **dict.fromkeys(("stopped", "stop", "paused", "pause"), "stopped"),
    "blocked": "jammed",
}
"""What motors say of themselves, in lower case."""

_MODES = ("off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only")
_SPEEDS = ("low", "medium", "high")
_HALF_STEP = 0.25


@dataclass(frozen=True, slots=True)
class Opening(Facet):
    """Open or closed, of a cover. With a position, that is believed: "OPEN" is said of a gap too."""

    position: Feature | None

    @property
    def published(self) -> bool:
        """By its word or by its position."""
        return self.feature.published or (self.position is not None and self.position.published)

    @property
    def asked(self) -> tuple[str, ...]:
        """The position, where there is one, is asked for by itself."""
        return (self.feature.key,) if self.feature.gettable and self.position is None else ()

    def read(self, said: Said) -> Report:
        """Closed is what is closed entirely."""
        if self.position is not None and (at := number(said.get(self.position.key))) is not None:
            return {self.ability: at > 0}
        on = {"OPEN": True, "CLOSE": False}.get(str(said.get(self.feature.key)))
        return {} if on is None else {self.ability: on}

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - one word says it whole
        """One word."""
        return {self.feature.key: "OPEN" if as_switch(value) else "CLOSE"}

    def satisfied(self, value: Value, state: State) -> bool:
        """At rest, and open all the way, as far as it tells."""
        if state.get(Ability.MOTION) in ("opening", "closing"):
            return False
        at = state.get(Ability.POSITION)
        if as_switch(value) and isinstance(at, int | float):
            return at >= FULLY_OPEN
        return state.get(self.ability) is value


@dataclass(frozen=True, slots=True)
class Motion(Facet):
    """Stopping a cover; where its motor tells, also whether it moves."""

    motor: Feature | None

    @property
    def published(self) -> bool:
        """Only by its motor."""
        return self.motor is not None and self.motor.published

    @property
    def asked(self) -> tuple[str, ...]:
        """By its motor."""
        return (self.motor.key,) if self.motor is not None and self.motor.gettable else ()

    @property
    def options(self) -> tuple[str, ...]:
        """All that can be asked."""
        return ("stopped",)

    def read(self, said: Said) -> Report:
        """What the motor says."""
        word = said.get(self.motor.key) if self.motor is not None else None
        moves = _MOVES.get(word.lower()) if isinstance(word, str) else None
        return {} if moves is None else {self.ability: moves}

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - one word says it whole
        """Stop."""
        if value != "stopped" or "STOP" not in self.feature.values:
            raise CannotError("it can only be stopped" if "STOP" in self.feature.values else "it cannot stop")
        return {self.feature.key: "STOP"}


@dataclass(frozen=True, slots=True)
class Locked(OnOff):
    """A lock. Its bolt's own word, where there is one, has to agree with the plain one."""

    bolt: Feature | None

    def read(self, said: Said) -> Report:
        """Locked only when nothing speaks against it; when the two contradict each other it is not known."""
        plain = OnOff.read(self, said)
        bolt = _bolt(self.bolt, said)
        if bolt is None:
            return plain
        locked = bolt == "locked"
        return {self.ability: locked if plain.get(self.ability, locked) is locked else None}


@dataclass(frozen=True, slots=True)
class Bolt(Facet):
    """What stands between locked and unlocked: "jammed". Nobody orders it."""

    def read(self, said: Said) -> Report:
        """A bolt that has arrived somewhere says nothing of a motion."""
        bolt = _bolt(self.feature, said)
        return {} if bolt is None else {self.ability: "jammed" if bolt == "not_fully_locked" else None}


def _bolt(feature: Feature | None, said: Said) -> str | None:
    word = said.get(feature.key) if feature is not None else None
    return word if word in ("locked", "unlocked", "not_fully_locked") else None


@dataclass(frozen=True, slots=True)
class Setpoint(Facet):
    """The temperature to be kept; where heating and cooling have one each, that of the present mode.

    `feature` is the one that there is always, `cooling` the second.
    """

    cooling: Feature | None
    mode: Feature | None

    @property
    def limits(self) -> tuple[float, float] | None:
        """Of the first; the second is held to its own when it is ordered."""
        low, high = self.feature.low, self.feature.high
        return (low, high) if low is not None and high is not None and low < high else None

    def read(self, said: Said) -> Report:
        """Of the mode that the same message tells; else whichever it names."""
        mode = said.get(self.mode.key) if self.mode is not None else None
        if self.cooling is not None and mode == "cool":
            return Setpoint(self.ability, self.cooling, None, None).read(said)
        return Facet.read(self, said)

    def take(self, raw: Any) -> Value | None:
        """Degrees."""
        return number(raw)

    def write(self, value: Value, state: State) -> dict[str, Any]:
        """Degrees, within what it takes."""
        feature = self.feature
        if self.cooling is not None and state.get(Ability.MODE) == "cool":
            feature = self.cooling
        degrees = as_real(value)
        low, high = feature.low, feature.high
        if low is not None and high is not None and low < high and not low <= degrees <= high:
            raise CannotError(f"it takes {low:g} to {high:g} degrees, not {degrees:g}")
        return {feature.key: degrees}

    def satisfied(self, value: Value, state: State) -> bool:
        """Within half a step."""
        said = state.get(self.ability)
        half = (self.feature.step or 2 * _HALF_STEP) / 2
        return isinstance(said, int | float) and abs(said - as_real(value)) <= half + 0.01


@dataclass(frozen=True, slots=True)
class Speed(Facet):
    """A fan's speed in a few words, told as percent. What is no speed ("auto") is no percent."""

    speeds: tuple[str, ...]

    @property
    def limits(self) -> tuple[float, float] | None:
        """As every percent."""
        return (0.0, 100.0)

    def read(self, said: Said) -> Report:
        """Which of the words, as percent."""
        word = said.get(self.feature.key)
        if not self.published or not isinstance(word, str):
            return {}
        if word in self.speeds:
            return {self.ability: self._percent(word)}
        return {self.ability: 0 if word == "off" else None}

    def write(self, value: Value, state: State) -> dict[str, Any]:  # noqa: ARG002 - one word says it whole
        """The word that is nearest."""
        return {self.feature.key: self._word(as_percent(value))}

    def satisfied(self, value: Value, state: State) -> bool:
        """Whether the same word is meant."""
        said = state.get(self.ability)
        asked = as_percent(value)
        if isinstance(said, bool) or not isinstance(said, int | float):
            return False
        return said == 0 if asked == 0 else said > 0 and self._word(said) == self._word(asked)

    def _percent(self, word: str) -> int:
        return round((self.speeds.index(word) + 1) / len(self.speeds) * 100)

    def _word(self, percent: float) -> str:
        if percent == 0:
            if "off" not in self.feature.values:
                raise CannotError("it has no speed of nothing")
            return "off"
        return min(self.speeds, key=lambda word: abs(self._percent(word) - percent))


def cover(expose: Feature, beside: Sequence[Feature]) -> Iterator[Facet]:
    """The abilities of a cover; what its motor says lies beside it."""
    state, position, tilt = expose.part("state"), expose.part("position"), expose.part("tilt")
    if state is not None and "OPEN" in state.values and "CLOSE" in state.values:
        yield Opening(Ability.OPEN, state, position)
    if position is not None:
        yield Percent(Ability.POSITION, position)
    if tilt is not None:
        yield Percent(Ability.TILT, tilt)
    names = ("motor_state", "moving")
    motor = next((each for each in beside if each.name in names and each.endpoint == expose.endpoint), None)
    if state is not None and ("STOP" in state.values or motor is not None):
        yield Motion(Ability.MOTION, state, motor)


def lock(expose: Feature) -> Iterator[Facet]:
    """The abilities of a lock."""
    state, bolt = expose.part("state"), expose.part("lock_state")
    if state is not None:
        yield Locked(Ability.LOCKED, state, bolt)
        if bolt is not None:
            yield Bolt(Ability.MOTION, bolt)


def climate(expose: Feature) -> Iterator[Facet]:
    """The abilities of a radiator, a floor, an air conditioner."""
    mode = expose.part("system_mode")
    heating = expose.part("occupied_heating_setpoint") or expose.part("current_heating_setpoint")
    cooling = expose.part("occupied_cooling_setpoint")
    if setpoint := heating or cooling:
        yield Setpoint(Ability.SETPOINT, setpoint, cooling if heating else None, mode)
    modes = tuple(word for word in mode.values if word in _MODES) if mode else ()
    if mode is not None and modes:
        yield Words(Ability.MODE, mode, modes)
    if (preset := expose.part("preset")) is not None and preset.values:
        yield Words(Ability.PRESET, preset)
    if (fan_mode := expose.part("fan_mode")) is not None and (speeds := _speeds(fan_mode)):
        yield Speed(Ability.FAN_SPEED, fan_mode, speeds)
    if (temperature := expose.part("local_temperature")) is not None:
        yield Reading(Ability.READING, temperature)


def fan(expose: Feature) -> Iterator[Facet]:
    """The abilities of a fan."""
    state, mode, speed = expose.part("state"), expose.part("mode"), expose.part("speed")
    if state is not None:
        yield OnOff(Ability.ON, state)
    speeds = _speeds(mode) if mode is not None else ()
    if speed is not None:
        yield Percent(Ability.FAN_SPEED, speed)
    elif mode is not None and speeds:
        yield Speed(Ability.FAN_SPEED, mode, speeds)
    presets = tuple(word for word in mode.values if word not in ("on", "off", *speeds)) if mode else ()
    if mode is not None and presets:
        yield Words(Ability.PRESET, mode, presets)


def _speeds(mode: Feature) -> tuple[str, ...]:
    """The words of a mode that are speeds, slowest first."""
    counted = sorted((word for word in mode.values if word.isascii() and word.isdigit()), key=int)
    return tuple(counted) or tuple(word for word in _SPEEDS if word in mode.values)
