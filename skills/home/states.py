"""What the states of things are called, and which of them answers a question such as "is it open?"."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from skills.api import Ability, Device, Kind, Say, Value

Asked = Literal[
    "open", "closed", "locked", "unlocked", "on", "off", "running", "cleaning", "docked",
    "armed", "disarmed", "triggered", "wet", "dry", "playing",
]  # fmt: skip

OPENINGS = frozenset({"door", "window", "garage_door", "garage", "opening", "gate"})
"""Device classes of sensors that say "on" for open."""

_NOT: Mapping[str, str] = {
    "closed": "open",
    "unlocked": "locked",
    "off": "on",
    "disarmed": "armed",
    "dry": "wet",
}

# Device class of an on-or-off sensor -> the replies for on and off.
_ON_OFF_WORDS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(OPENINGS, ("is_open", "is_closed")),
    "moisture": ("is_wet", "is_dry"),
    "motion": ("sees_motion", "sees_no_motion"),
    "moving": ("sees_motion", "sees_no_motion"),
    "occupancy": ("is_occupied", "is_empty"),
    "presence": ("is_occupied", "is_empty"),
    "smoke": ("smells_smoke", "smells_no_smoke"),
    "gas": ("smells_gas", "smells_no_gas"),
    "carbon_monoxide": ("smells_gas", "smells_no_gas"),
    "running": ("is_running", "is_not_running"),
    "power": ("is_running", "is_not_running"),
    "plug": ("is_plugged_in", "is_unplugged"),
    "battery": ("is_low", "is_fine"),
    "battery_charging": ("is_charging", "is_not_charging"),
    "lock": ("is_unlocked", "is_locked"),
    "connectivity": ("is_connected", "is_disconnected"),
    "problem": ("has_a_problem", "is_fine"),
    "safety": ("has_a_problem", "is_fine"),
    "tamper": ("has_a_problem", "is_fine"),
}

_UNITS: Mapping[str, str] = {
    "%": "percent", "°C": "celsius", "°F": "fahrenheit", "W": "watts", "kW": "kilowatts",
    "kWh": "kilowatt_hours",
    "lx": "lux", "ppm": "ppm", "hPa": "hectopascals", "V": "volts", "A": "amperes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Test:
    """Where a thing tells what was asked, and whether a value is a yes."""

    ability: Ability
    holds: Callable[[Value], bool]


def test_of(device: Device, asked: str) -> Test | None:
    """Return how a question about a thing is answered, None when it is none that this thing could answer."""
    if asked in _NOT:
        opposite = test_of(device, _NOT[asked])
        return opposite and Test(opposite.ability, lambda value: not opposite.holds(value))
    can = device.abilities
    if Ability.READING in can and device.kind is Kind.SENSOR:
        return _sensor_test(device, asked)
    simple: Mapping[str, tuple[tuple[Ability, Callable[[Value], bool]], ...]] = {
        "open": (
            (Ability.OPEN, lambda value: value is True),
            (Ability.POSITION, lambda value: isinstance(value, int | float) and value > 0),
        ),
        "locked": ((Ability.LOCKED, lambda value: value is True),),
        "on": (
            (Ability.ON, lambda value: value is True),
            (Ability.MODE, lambda value: value != "off"),
            (Ability.PLAYBACK, lambda value: value != "stopped"),
            (Ability.CLEANING, lambda value: value == "cleaning"),
            (Ability.ARMED, lambda value: value != "disarmed"),
        ),
        "running": (
            (Ability.CLEANING, lambda value: value == "cleaning"),
            (Ability.ON, lambda value: value is True),
            (Ability.MODE, lambda value: value != "off"),
        ),
        "cleaning": ((Ability.CLEANING, lambda value: value == "cleaning"),),
        "docked": ((Ability.CLEANING, lambda value: value == "docked"),),
        "armed": ((Ability.ARMED, lambda value: str(value).startswith("armed")),),
        "triggered": ((Ability.ARMED, lambda value: value == "triggered"),),
        "playing": ((Ability.PLAYBACK, lambda value: value == "playing"),),
    }
    return next((Test(*each) for each in simple.get(asked, ()) if each[0] in can), None)


def _sensor_test(device: Device, asked: str) -> Test | None:
    classes: Mapping[str, frozenset[str]] = {
        "open": OPENINGS,
        "wet": frozenset({"moisture"}),
        "locked": frozenset({"lock"}),
        "running": frozenset({"running", "power", "plug"}),
        "on": frozenset({"running", "power", "plug", "connectivity", "light", ""}),
        "triggered": frozenset({"smoke", "gas", "carbon_monoxide", "safety", "tamper"}),
    }
    if device.device_class not in classes.get(asked, frozenset()):
        return None
    yes = "off" if asked == "locked" else "on"  # Home Assistant's "lock" sensor says on for unlocked
    return Test(Ability.READING, lambda value: value in (yes, asked))


def answer_of(device: Device, asked: str) -> bool | None:
    """Return whether it is so now; None when nobody knows."""
    test = test_of(device, asked)
    if test is None or test.ability not in device.state:
        return None
    return test.holds(device.state[test.ability])


def described(device: Device) -> Say | None:
    """Return how a thing is, as a clause without its full stop; None when it never said."""
    state, name = device.state, {"name": device.name}
    if (moved := _movement(device)) is not None:
        return moved
    if device.kind is Kind.SENSOR and Ability.READING in state:
        return _sensor(device, state[Ability.READING])
    for ability, yes, no in (
        (Ability.OPEN, "is_open", "is_closed"),
        (Ability.LOCKED, "is_locked", "is_unlocked"),
        (Ability.ON, "is_on", "is_off"),
    ):
        if ability in state:
            return Say(yes if state[ability] else no, name)
    for ability in (Ability.ARMED, Ability.CLEANING, Ability.PLAYBACK):
        if ability in state:
            return Say(f"is_{state[ability]}", name)
    if Ability.MODE in state:
        return Say("is_off" if state[Ability.MODE] == "off" else "is_on", name)
    if Ability.READING in state:
        return Say("is_value", {**name, "value": value_of(device)})
    return None


def _movement(device: Device) -> Say | None:
    """Return how a thing moves, or how far it is open where it is neither open nor closed."""
    moving, position = device.state.get(Ability.MOTION), device.state.get(Ability.POSITION)
    if moving in ("opening", "closing", "locking", "unlocking", "jammed"):
        return Say(f"is_{moving}", {"name": device.name})
    if not isinstance(position, int | float):
        return None
    if 0 < position < 100:
        return Say("is_at", {"name": device.name, "percent": round(position)})
    return Say("is_open" if position else "is_closed", {"name": device.name})


def value_of(device: Device) -> Say:
    """Return a reading with its unit, as it is spoken."""
    value = device.state[Ability.READING]
    number = f"{round(value, 1):g}" if isinstance(value, float) else str(value)
    unit = _UNITS.get(device.unit)
    key = f"value_{unit}" if unit else "value_plain" if device.unit else "value_bare"
    return Say(key, {"value": number, "unit": device.unit})


def _sensor(device: Device, value: Value) -> Say:
    words = _ON_OFF_WORDS.get(device.device_class, ("is_on", "is_off"))
    if value in ("on", "off"):
        return Say(words[0] if value == "on" else words[1], {"name": device.name})
    if device.device_class in OPENINGS and value in ("open", "closed"):
        return Say(f"is_{value}", {"name": device.name})
    return Say("is_value", {"name": device.name, "value": value_of(device)})
