"""Home Assistant's `climate`: a mode, a temperature to aim at, presets, a fan. The house counts in Celsius.

What it does at the moment (`action`), humidity and the two temperatures of a range have no ability here.
"""

from dataclasses import dataclass

from devices.discovery.components.component import Component, Put, one, plain
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.components.values import as_percent, as_real, as_switch
from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value

_MODES = ("auto", "off", "cool", "heat", "dry", "fan_only", "heat_cool")
_SPEEDS = (
    "quiet",
    "silent",
    "min",
    "low",
    "medium_low",
    "medium",
    "mid",
    "medium_high",
    "high",
    "max",
    "turbo",
)
"""Words for the speed of a fan, slow ones first."""

_COLDEST, _HOTTEST = -60.0, 150.0
"""Degrees Celsius outside which no thing in a home says the truth: a heater's water, a freezer's air."""


@dataclass(frozen=True, slots=True)
class Degrees:
    """Celsius to and from a device's own unit, `step` being the device's."""

    fahrenheit: bool
    step: float

    @classmethod
    def of(cls, settings: Settings) -> "Degrees":
        """The unit and the step of a configuration."""
        step = settings.number("temp_step", 1.0)
        if not 0 < step <= 10:
            raise BadConfigError("temp_step should be above 0 and no more than 10")
        return cls(settings.text("temperature_unit", "C").upper() == "F", step)

    def to_celsius(self, raw: float) -> float | None:
        """Degrees Celsius to a tenth; None for what no thing in a home can mean."""
        celsius = (raw - 32) / 1.8 if self.fahrenheit else raw
        return round(celsius, 1) if _COLDEST <= celsius <= _HOTTEST else None

    def to_device(self, celsius: float) -> float:
        """The device's number, at a whole step."""
        raw = celsius * 1.8 + 32 if self.fahrenheit else celsius
        return round(round(raw / self.step) * self.step, 4)

    def close(self, asked: Value, said: Value) -> bool:
        """Whether a device with this step can come no closer."""
        step = self.step / 1.8 if self.fahrenheit else self.step
        return isinstance(said, int | float) and abs(as_real(asked) - said) <= step / 2 + 0.06


class Climate(Component):
    """A thermostat, a radiator's valve, an air conditioner. Raises `BadConfigError`."""

    kind = Kind.CLIMATE
    unit = "°C"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._degrees = Degrees.of(settings)
        self._fan_speeds = _ladder(settings.options("fan_modes") or ("low", "medium", "high"))
        modes = tuple(word for word in settings.options("modes") or _MODES[:-1] if word in _MODES)
        self._worded(Ability.MODE, modes, "mode_command", "mode_state_topic", "mode_state_template")
        self._worded(
            Ability.PRESET,
            settings.options("preset_modes"),
            "preset_mode_command",
            "preset_mode_state_topic",
            "preset_mode_value_template",
        )
        self._aim()
        self._power()
        self._blow()
        reading = one(Ability.READING, self._take_degrees)
        self._hear("current_temperature_topic", "current_temperature_template", [Ability.READING], reading)
        if not self._orders:
            raise BadConfigError("a climate device needs a command topic for its mode or its temperature")

    def _aim(self) -> None:
        if not self._tell(Ability.SETPOINT, "temperature_command", self._put_degrees, self._degrees.close):
            return
        usual = (44.6, 95.0) if self._degrees.fahrenheit else (7.0, 35.0)
        lowest, highest = (
            self._degrees.to_celsius(self._settings.number(key, default))
            for key, default in zip(("min_temp", "max_temp"), usual, strict=True)
        )
        if lowest is None or highest is None or lowest >= highest:
            raise BadConfigError("min_temp should lie below max_temp, and both be temperatures")
        self.limits[Ability.SETPOINT] = (lowest, highest)
        take = one(Ability.SETPOINT, self._take_degrees)
        self._hear("temperature_state_topic", "temperature_state_template", [Ability.SETPOINT], take)

    def _power(self) -> None:
        """A switch only where there is no mode for being off: two ways would contradict each other."""
        if "off" in self.options.get(Ability.MODE, ()):
            return
        text = self._settings.text
        payloads = {True: text("payload_on", "ON"), False: text("payload_off", "OFF")}
        if self._tell(Ability.ON, "power_command", lambda value: plain(payloads[as_switch(value)])):
            words = {payload: on for on, payload in payloads.items()}
            take = one(Ability.ON, words.get)
            self._hear("power_state_topic", "power_state_template", [Ability.ON], take)

    def _blow(self) -> None:
        """A speed in percent, where the words of the fan are steps that have an order."""
        if self._fan_speeds and self._tell(
            Ability.FAN_SPEED, "fan_mode_command", lambda value: plain(self._speed(value)), self._as_fast
        ):
            take = one(Ability.FAN_SPEED, self._fan_speeds.get)
            self._hear("fan_mode_state_topic", "fan_mode_state_template", [Ability.FAN_SPEED], take)

    def _put_degrees(self, value: Value) -> Put:
        lowest, highest = self.limits[Ability.SETPOINT]
        if not lowest <= as_real(value) <= highest:
            raise CannotError(f"it takes {lowest:g} to {highest:g} degrees, not {value!r}")
        raw = self._degrees.to_device(as_real(value))
        return f"{raw:g}", {"value": raw}

    def _take_degrees(self, text: str) -> float | None:
        raw = as_number(text)
        return None if raw is None else self._degrees.to_celsius(raw)

    def _speed(self, value: Value) -> str:
        wanted = as_percent(value)
        if wanted == 0:
            raise CannotError("its fan cannot be stopped alone")
        return min(self._fan_speeds, key=lambda word: abs(self._fan_speeds[word] - wanted))

    def _as_fast(self, asked: Value, said: Value) -> bool:
        return as_percent(asked) > 0 and said == self._fan_speeds[self._speed(asked)]


def _ladder(words: tuple[str, ...]) -> dict[str, int]:
    """The words that are speeds -> percent, evenly spaced; empty when one has no place among the rest."""
    steps = [word for word in words if word not in ("auto", "off", "on")]
    if all(word.isdecimal() and len(word) < 4 for word in steps):
        ordered = sorted(steps, key=int)
    elif all(word.lower() in _SPEEDS for word in steps):
        ordered = sorted(steps, key=lambda word: _SPEEDS.index(word.lower()))
    else:
        return {}
    return {word: round((place + 1) / len(ordered) * 100) for place, word in enumerate(ordered)}
