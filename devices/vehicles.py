"""What is different in a car: who sits where, which window is no way in, and whether it is being driven."""

from collections.abc import Iterable

from devices.home import Ability, Device, Kind, Value

SEATS = frozenset(
    {
        "driver", "passenger", "rear", "rear seat", "rear seats", "back seat", "back seats", "cabin",
        "驾驶位", "驾驶座", "主驾", "主驾驶", "副驾", "副驾驶", "后排", "后座",
    }
)  # fmt: skip
"""Rooms that no house has: they are seats of a car."""

_SHUT = frozenset({"door", "flap", "gate"})
_CONVENTIONS = frozenset({"vss", "viss", "kuksa"})

WHILE_PARKED = "the car is moving: that is done only while it stands"
"""Why an order is not carried out while the vehicle moves."""


def in_car(room: str | None) -> bool:
    """Whether a room is a seat of a car."""
    return room is not None and room.casefold() in SEATS


def car_window(device: Device, spoken_from: str | None) -> bool:
    """Whether it is a window of a car: of a seat, a sunroof, or in no room and ordered from a seat."""
    if device.kind is not Kind.COVER or device.device_class != "window":
        return False
    names = {name.casefold() for name in (device.name, *device.aliases)}
    return in_car(device.room) or (device.room is None and (in_car(spoken_from) or "sunroof" in names))


def stays_shut(device: Device, ability: Ability, value: Value, home: Iterable[Device]) -> bool:
    """Whether it is a door or a flap of a car, to be opened while the car moves."""
    if device.kind is not Kind.COVER or device.device_class not in _SHUT or value in (False, 0):
        return False
    of_car = in_car(device.room) or device.convention in _CONVENTIONS
    return of_car and ability in (Ability.OPEN, Ability.POSITION) and driving(home)


def driving(devices: Iterable[Device]) -> bool:
    """Whether a vehicle among them says that it moves: by a sensor of the class "speed"."""
    for device in devices:
        if device.kind is Kind.SENSOR and device.device_class == "speed":
            speed = device.state.get(Ability.READING)
            if isinstance(speed, int | float) and not isinstance(speed, bool) and abs(speed) > 0:
                return True
    return False
