"""The home as it is known now: rooms, devices, what each can do and what state it is in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """What a thing is to a person. Conventions map their own words onto these."""

    LIGHT = "light"
    SWITCH = "switch"
    COVER = "cover"
    CLIMATE = "climate"
    FAN = "fan"
    LOCK = "lock"
    MEDIA_PLAYER = "media_player"
    VACUUM = "vacuum"
    SENSOR = "sensor"
    OTHER = "other"


class Ability(StrEnum):
    """What can be asked of a thing. The value that goes with each is in `ABILITY_VALUES`."""

    ON = "on"
    BRIGHTNESS = "brightness"
    COLOUR = "colour"
    COLOUR_TEMPERATURE = "colour_temperature"
    POSITION = "position"
    LOCKED = "locked"
    READING = "reading"


ABILITY_VALUES: Mapping[Ability, str] = {
    Ability.ON: "bool",
    Ability.BRIGHTNESS: "percent, 0 to 100",
    Ability.COLOUR: "(red, green, blue), each 0 to 255",
    Ability.COLOUR_TEMPERATURE: "kelvin",
    Ability.POSITION: "percent open, 0 to 100",
    Ability.LOCKED: "bool",
    Ability.READING: "number or word, read only",
}

Value = bool | int | float | str | tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Device:
    """One thing. `state` holds the last value reported for each ability; an ability that was never reported
    is missing there. `reports_state` is false for a thing that never says what it did. `unit` is that of its
    reading, as the convention writes it ("°C").
    """

    id: str
    name: str
    kind: Kind
    abilities: frozenset[Ability]
    room: str | None = None
    aliases: tuple[str, ...] = ()
    state: Mapping[Ability, Value] = field(default_factory=dict)
    available: bool = True
    reports_state: bool = True
    convention: str = ""
    unit: str = ""


class Home:
    """Rooms and devices, changed only through the methods below; each change raises `revision`.

    The revision keys whatever was derived from the home (name lists, speculation), so that it can be dropped.
    State changes do not raise it, since no name depends on them.
    """

    def __init__(self, rooms: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._devices: dict[str, Device] = {}
        self._rooms: dict[str, tuple[str, ...]] = dict(rooms or {})
        self.revision = 0

    @property
    def rooms(self) -> Mapping[str, tuple[str, ...]]:
        """Room name -> other names for it, those that devices brought included."""
        found = {device.room: () for device in self._devices.values() if device.room}
        return {**found, **self._rooms}

    def __iter__(self) -> Iterator[Device]:
        return iter(list(self._devices.values()))

    def __len__(self) -> int:
        return len(self._devices)

    def get(self, device_id: str) -> Device | None:
        """The device, or None when there is no such."""
        return self._devices.get(device_id)

    def put(self, device: Device) -> None:
        """Add a device, or replace the one with the same id."""
        before = self._devices.get(device.id)
        self._devices[device.id] = device
        if before is None or _naming(before) != _naming(device):
            self.revision += 1

    def remove(self, device_id: str) -> None:
        """Forget a device; unknown ids are ignored."""
        if self._devices.pop(device_id, None) is not None:
            self.revision += 1

    def report(self, device_id: str, state: Mapping[Ability, Value | None]) -> None:
        """Take what the device said of itself; None forgets what no longer holds. Unknown ids are ignored."""
        device = self._devices.get(device_id)
        if device is not None:
            merged = {**device.state, **state}
            known = {ability: value for ability, value in merged.items() if value is not None}
            self._devices[device_id] = replace(device, state=known)

    def set_available(self, device_id: str, available: bool) -> None:
        """Mark a device reachable or not; unknown ids are ignored."""
        device = self._devices.get(device_id)
        if device is not None and device.available != available:
            self._devices[device_id] = replace(device, available=available)

    def find(self, *, kind: Kind | None = None, room: str | None = None) -> tuple[Device, ...]:
        """All devices of a kind and in a room; None leaves that side open."""
        return tuple(
            device
            for device in self._devices.values()
            if (kind is None or device.kind is kind) and (room is None or device.room == room)
        )


def _naming(device: Device) -> tuple[object, ...]:
    return device.name, device.kind, device.abilities, device.room, device.aliases
