"""Which things a question means that names none: "are the windows closed?", "how humid is the bathroom?"."""

from collections.abc import Mapping
from typing import Literal

from skills.api import Ability, Context, Device, Kind, Say, SkillError
from skills.home.states import OPENINGS, test_of
from skills.targets import Where, in_room, known, named, room_called

Thing = Literal[
    "blind", "curtain", "shutter", "garage", "gate", "door", "window", "heating", "lock", "alarm", "vacuum",
    "light", "fan", "anything",
]  # fmt: skip

Quantity = Literal[
    "humidity", "battery", "power", "energy", "brightness", "co2", "pressure", "air_quality",
    "motion", "leak", "smoke", "gas",
]  # fmt: skip

CLASSES: Mapping[str, frozenset[str]] = {
    "humidity": frozenset({"humidity"}),
    "battery": frozenset({"battery"}),
    "power": frozenset({"power"}),
    "energy": frozenset({"energy"}),
    "brightness": frozenset({"illuminance"}),
    "co2": frozenset({"carbon_dioxide"}),
    "pressure": frozenset({"pressure", "atmospheric_pressure"}),
    "air_quality": frozenset({"pm25", "pm10", "aqi", "volatile_organic_compounds"}),
    "motion": frozenset({"motion", "occupancy", "presence", "moving"}),
    "leak": frozenset({"moisture"}),
    "smoke": frozenset({"smoke"}),
    "gas": frozenset({"gas", "carbon_monoxide"}),
}

YES_OR_NO = frozenset({"motion", "leak", "smoke", "gas"})
"""Quantities that are there or not."""

_KINDS: Mapping[str, Kind] = {
    "heating": Kind.CLIMATE, "lock": Kind.LOCK, "alarm": Kind.ALARM, "vacuum": Kind.VACUUM,
    "light": Kind.LIGHT,
    "fan": Kind.FAN,
}  # fmt: skip


def asked_about(context: Context, asked: str, what: str | None, where: Where) -> tuple[Device, ...]:
    """Return the things that a question is about, all that could answer it. Raises `SkillError` for none."""
    if where.device is not None:
        try:
            return (
                named(context, where.device, where.room, lambda device: test_of(device, asked) is not None),
            )
        except SkillError as error:
            # Whether the front door is open, its contact knows and its lock does not.
            parts = _parts_that_tell(context, asked, where) if error.say.key == "not_for_me" else ()
            if not parts:
                raise
            return parts
    found = known(context, lambda each: is_such(each, what) and test_of(each, asked) is not None)
    if where.room is not None:
        there = in_room(found, room_called(context, where.room))
        if not there:
            raise SkillError(Say("nothing_such_in_room", {"room": where.room}))
        return there
    if not found:
        raise SkillError(Say("nothing_such"))
    return found


def _parts_that_tell(context: Context, asked: str, where: Where) -> tuple[Device, ...]:
    one = named(context, where.device or "", where.room, lambda _device: True)
    return known(context, lambda each: _belong(each, one) and test_of(each, asked) is not None)


def is_such(device: Device, what: str | None) -> bool:
    """Whether a thing goes by a common word."""
    if what is None or what == "anything":
        return device.kind in (Kind.COVER, Kind.LOCK, Kind.SENSOR, Kind.LIGHT, Kind.SWITCH, Kind.CLIMATE)
    if what in _KINDS:
        return device.kind is _KINDS[what]
    if what == "door":  # a lock is on a door, and a garage's is one too
        return device.kind is Kind.LOCK or device.device_class in {
            "door",
            "garage",
            "garage_door",
            "gate",
            "opening",
        }
    if device.kind not in (Kind.COVER, Kind.SENSOR):
        return False
    if what == "garage":
        return device.device_class in ("garage", "garage_door") or (
            device.kind is Kind.COVER and "garage" in device.name.casefold()
        )
    if device.kind is Kind.SENSOR:
        return device.device_class == what and what in OPENINGS
    return device.device_class == what or (not device.device_class and what in device.name.casefold())


def measuring(context: Context, quantity: str, where: Where) -> tuple[Device, ...]:
    """Return the sensors of a quantity. Raises `SkillError` when there are none."""
    sensors = known(context, lambda each: Ability.READING in each.abilities and _measures(each, quantity))
    if where.device is not None:
        one = named(context, where.device, where.room, lambda _device: True)
        found = tuple(each for each in sensors if each.id == one.id or _belong(each, one))
        if not found:
            raise SkillError(
                Say("does_not_tell", {"name": one.name, "quantity": Say(f"quantity_{quantity}")})
            )
        return found
    if where.room is not None:
        found = in_room(sensors, room_called(context, where.room))
        if not found:
            values = {"room": where.room, "quantity": Say(f"quantity_{quantity}")}
            raise SkillError(Say("nothing_tells_in_room", values))
        return found
    here = in_room(sensors, context.room) if context.room is not None and quantity not in YES_OR_NO else ()
    if not sensors:
        raise SkillError(Say("nothing_tells", {"quantity": Say(f"quantity_{quantity}")}))
    return here or sensors


def _measures(device: Device, quantity: str) -> bool:
    """Whether its reading is of that quantity; a robot's own is its battery's charge."""
    if device.kind is Kind.VACUUM:
        return quantity == "battery"
    return device.device_class in CLASSES[quantity]


def _belong(sensor: Device, thing: Device) -> bool:
    """Whether a sensor is a part of a thing: the same hardware, or named after it."""
    if sensor.identities & thing.identities:
        return True
    return sensor.name.casefold().startswith(f"{thing.name.casefold()} ")
