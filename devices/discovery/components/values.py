"""What is asked of things, checked, and what they say, believed only as far as it makes sense."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.discovery.components import colours
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.convention import CannotError
from devices.home import Value

MOVED_TOLERANCE = 2.0
"""Percent by which a motor or a blade may miss the position that it was given and still have done it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Percent to and from a device that counts from `empty` (0 %) to `full` (100 %), either way round."""

    empty: float
    full: float

    @classmethod
    def of(cls, settings: Settings, empty_key: str, full_key: str) -> "Scale":
        """The scale of a configuration, 0 to 100 where it names none."""
        empty, full = settings.number(empty_key, 0), settings.number(full_key, 100)
        if empty == full:
            raise BadConfigError(f"{empty_key} and {full_key} should not be the same")
        return cls(empty, full)

    def to_device(self, percent: float) -> int:
        """The device's number."""
        return round(self.empty + percent / 100 * (self.full - self.empty))

    def to_percent(self, raw: float) -> int | None:
        """Percent, 0 to 100; None for a number that is not on the scale."""
        part = (raw - self.empty) / (self.full - self.empty)
        return round(part * 100) if 0 <= part <= 1 else None

    def close(self, asked: Value, said: Value) -> bool:
        """Whether two percentages are the same for a device with these steps. Raises `CannotError`."""
        step = 100 / abs(self.full - self.empty)
        tolerance = max(MOVED_TOLERANCE, step / 2 + 1)
        return isinstance(said, int | float) and abs(as_percent(asked) - said) <= tolerance


def json_object(text: str) -> Mapping[str, Any]:
    """A payload that is a JSON object; empty for anything else."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, Mapping) else {}


def as_switch(value: Value) -> bool:
    """A yes or a no. Raises `CannotError` for another kind of value, as those below do."""
    if not isinstance(value, bool):
        raise CannotError(f"on or off is a yes or a no, not {value!r}")
    return value


def as_percent(value: Value) -> float:
    """0 to 100."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise CannotError(f"it takes 0 to 100 percent, not {value!r}")
    return value


def as_kelvin(value: Value) -> float:
    """Kelvin, above 0."""
    if as_real(value) <= 0:
        raise CannotError(f"a colour temperature is a number of kelvin, not {value!r}")
    return as_real(value)


def as_colour(value: Value) -> colours.Rgb:
    """Red, green, blue, each 0 to 255."""
    if not isinstance(value, tuple) or len(value) != 3 or not all(0 <= part <= 255 for part in value):
        raise CannotError(f"a colour is red, green and blue, each 0 to 255, not {value!r}")
    return value


def as_real(value: Value) -> float:
    """A number that is one."""
    number = None if isinstance(value, bool | tuple | str) else as_number(value)
    if number is None:
        raise CannotError(f"it takes a number, not {value!r}")
    return number


def as_option(value: Value, options: Sequence[str]) -> str:
    """One of the words that the device knows."""
    if not isinstance(value, str) or value not in options:
        raise CannotError(f"it takes {', '.join(options) or 'no word at all'}, not {value!r}")
    return value
