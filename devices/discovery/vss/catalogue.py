"""The signals of COVESA's catalogue that are used here: path, type and range, and what older ones are called.

`catalogue.json` is a list made of the Vehicle Signal Specification 6.0 (MPL-2.0, as is that file); `renew.py`
makes it.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Raw = bool | int | float | str
"""A value as a vehicle has it."""

MAX_WORDS = 255
_INTEGERS: Mapping[str, tuple[int, int]] = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


class UnknownSignalError(ValueError):
    """The catalogue has no such path."""


class WrongValueError(ValueError):
    """The value is not of the signal's type, or beyond its range; one line says which."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: `kind` is actuator, sensor or attribute; `low` and `high` bound it, None where nothing
    does; `allowed` are its words, none where any will do.
    """

    path: str
    kind: str
    datatype: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()

    @property
    def can_be_set(self) -> bool:
        """Whether it is an actuator."""
        return self.kind == "actuator"

    def checked(self, value: object) -> Raw:
        """The value, of this signal's own type. Raises `WrongValueError`."""
        if self.datatype == "boolean":
            if isinstance(value, bool):
                return value
        elif self.datatype == "string":
            if (
                isinstance(value, str)
                and len(value) <= MAX_WORDS
                and (value in self.allowed or not self.allowed)
            ):
                return value
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return self._number(value)
        raise WrongValueError(f"{self.path} takes {self._what()}, not {str(value)[:80]!r}")

    def read(self, text: object) -> Raw:
        """The value that a message holds, as JSON or in words. Raises `WrongValueError`."""
        if not isinstance(text, str):
            return self.checked(text)
        word = text.strip()
        if self.datatype == "boolean" and word.casefold() in _TRUE | _FALSE:
            return word.casefold() in _TRUE
        if self.datatype == "string":
            return self.checked(word.strip('"'))
        try:
            return self.checked(float(word))
        except ValueError:
            raise WrongValueError(f"{self.path} takes {self._what()}, not {word[:80]!r}") from None

    def _number(self, value: float) -> Raw:
        low, high = _INTEGERS.get(self.datatype, (-math.inf, math.inf))
        low, high = max(low, _or(self.low, -math.inf)), min(high, _or(self.high, math.inf))
        whole = self.datatype in _INTEGERS
        if not low <= value <= high or (whole and value != round(value)):
            raise WrongValueError(f"{self.path} takes {self._what()}, not {value:g}")
        return round(value) if whole else float(value)

    def _what(self) -> str:
        if self.allowed:
            return f"one of {', '.join(self.allowed)}"
        ends = (self.low, self.high)
        return self.datatype if ends == (None, None) else f"{self.datatype} from {ends[0]} to {ends[1]}"


@cache
def catalogue() -> Mapping[str, Signal]:
    """All signals that are used here, by path."""
    listed = json.loads((Path(__file__).parent / "catalogue.json").read_text("utf-8"))["signals"]
    return {
        path: Signal(
            path=path,
            kind=each["type"],
            datatype=each["datatype"],
            unit=each.get("unit", ""),
            low=each.get("min"),
            high=each.get("max"),
            allowed=tuple(each.get("allowed", ())),
        )
        for path, each in listed.items()
    }


def signal(path: str) -> Signal:
    """The signal of that path, or of an older name for it. Raises `UnknownSignalError`."""
    found = catalogue().get(path) or catalogue().get(renamed(path))
    if found is None:
        raise UnknownSignalError(f"there is no signal {path[:120]!r} in the catalogue")
    return found


# What versions 2 to 5 called what 6 calls otherwise. Left was the driver's side then: who drives on the left
# of the road sits on the other one, and has a vehicle that says so in words of its own.
_RENAMED = (
    (r"^Vehicle\.Cabin\.Lights\b", "Vehicle.Cabin.Light"),
    (r"^(Vehicle\.Cabin\.HVAC\.Station\.Row\d)\.Left\b", r"\1.Driver"),
    (r"^(Vehicle\.Cabin\.HVAC\.Station\.Row\d)\.Right\b", r"\1.Passenger"),
    (r"^(Vehicle\.Cabin\.(?:Door|Seat|Light\.\w+)\.Row\d)\.(?:Left|Pos1)\b", r"\1.DriverSide"),
    (r"^(Vehicle\.Cabin\.(?:Door|Seat|Light\.\w+)\.Row\d)\.(?:Right|Pos[23])\b", r"\1.PassengerSide"),
    (r"^(Vehicle\.Cabin\.Seat\.Row\d\.\w+)\.Heating$", r"\1.HeatingCooling"),
    (r"^Vehicle\.Cabin\.Light\.Spotlight\.(.*)\.Is\w+On$", r"Vehicle.Cabin.Light.Spotlight.\1.IsLightOn"),
    (r"^Vehicle\.Body\.Trunk\.(IsOpen|Switch)$", r"Vehicle.Body.Trunk.Rear.\1"),
    (r"^Vehicle\.Powertrain\.FuelSystem\.Level$", "Vehicle.Powertrain.FuelSystem.RelativeLevel"),
    (r"^Vehicle\.Powertrain\.Battery\b", "Vehicle.Powertrain.TractionBattery"),
    (r"^(Vehicle\.Powertrain\.TractionBattery)\.StateOfCharge$", r"\1.StateOfCharge.Displayed"),
    (r"^(.*)\.ChargingPort\.IsFlapOpen$", r"\1.ChargingPort.AnyPosition.IsFlapOpen"),
    (r"^Vehicle\.(?:AmbientAirTemperature|OBD\.AmbientAirTemperature)$", "Vehicle.Exterior.AirTemperature"),
    (r"^Vehicle\.(?:TravelledDistance|OBD\.DistanceTraveled)$", "Vehicle.TraveledDistance"),
    (r"^Vehicle\.Cabin\.Infotainment\.Navigation\.CurrentLocation\b", "Vehicle.CurrentLocation"),
)


def renamed(path: str) -> str:
    """What the catalogue calls a signal now that an older version called so; else the path as it is."""
    for old, new in _RENAMED:
        path = re.sub(old, new, path)
    return path


def _or(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else bound
