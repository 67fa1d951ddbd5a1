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
    ALARM = "alarm"
    MEDIA_PLAYER = "media_player"
    VACUUM = "vacuum"
    SCENE = "scene"
    SENSOR = "sensor"
    OTHER = "other"


class Ability(StrEnum):
    """What can be asked of a thing, or about it. The value that goes with each is in `ABILITY_VALUES`."""

    ON = "on"
    BRIGHTNESS = "brightness"
    COLOUR = "colour"
    COLOUR_TEMPERATURE = "colour_temperature"
    OPEN = "open"
    POSITION = "position"
    TILT = "tilt"
    MOTION = "motion"
    SETPOINT = "setpoint"
    MODE = "mode"
    PRESET = "preset"
    FAN_SPEED = "fan_speed"
    LOCKED = "locked"
    ARMED = "armed"
    VOLUME = "volume"
    MUTED = "muted"
    PLAYBACK = "playback"
    CLEANING = "cleaning"
    PRESSED = "pressed"
    READING = "reading"


ABILITY_VALUES: Mapping[Ability, str] = {
    Ability.ON: "bool",
    Ability.BRIGHTNESS: "percent, 0 to 100",
    Ability.COLOUR: "(red, green, blue), each 0 to 255",
    Ability.COLOUR_TEMPERATURE: "kelvin",
    Ability.OPEN: "bool; of a blind, a door, a garage, a valve",
    Ability.POSITION: "percent open, 0 to 100",
    Ability.TILT: "percent open, 0 to 100",
    Ability.MOTION: "stopped (the only one that can be asked), opening, closing, locking, unlocking, jammed",
    Ability.SETPOINT: "degrees Celsius",
    Ability.MODE: "one of the device's options: off, heat, cool, heat_cool, auto, dry, fan_only",
    Ability.PRESET: "one of the device's options, in its own words",
    Ability.FAN_SPEED: "percent, 0 to 100",
    Ability.LOCKED: "bool",
    Ability.ARMED: "disarmed, armed_home, armed_away, armed_night; also said: arming, pending, triggered",
    Ability.VOLUME: "percent, 0 to 100",
    Ability.MUTED: "bool",
    Ability.PLAYBACK: "playing, paused, stopped; next and previous can be asked",
    Ability.CLEANING: "cleaning, paused, stopped, docked; locate can be asked; also said: returning, error",
    Ability.PRESSED: "true; a button or a scene, which never says that it was",
    Ability.READING: "number or word, read only",
}

READ_ONLY = frozenset({Ability.READING})
"""Abilities that nobody can order."""

Value = bool | int | float | str | tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Device:
    """One thing. `state` holds the last value reported for each ability; an ability that was never reported
    is missing there. `reports_state` is false for a thing that never says what it did. `unit` is that of its
    reading, as the convention writes it ("°C"); `device_class` is Home Assistant's finer word for the kind
    ("garage", "blind", "temperature", "moisture"), empty where nobody said.

    `options` are the words that a worded ability takes, `limits` the (lowest, highest) of a numeric one.
    `identities` name the hardware, whoever announces it: "ieee:0x00158d0001a2b3c4", "mac:a4cf12345678". A
    group has `members`, by their ids. `exposed` is false for what its owner keeps away from voice.
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
    device_class: str = ""
    options: Mapping[Ability, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[Ability, tuple[float, float]] = field(default_factory=dict)
    identities: frozenset[str] = frozenset()
    members: tuple[str, ...] = ()
    exposed: bool = True


class Home:
    """Rooms and devices, changed only through the methods below; each change raises `revision`.

    The revision keys whatever was derived from the home (name lists, speculation), so that it can be dropped.
    State changes do not raise it, since no name depends on them.
    """

    def __init__(self, rooms: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._devices: dict[str, Device] = {}
        self._rooms: dict[str, tuple[str, ...]] = dict(rooms or {})
        # Ids by kind and by room, as ordered sets: a home may have a thousand devices.
        self._by_kind: dict[Kind, dict[str, None]] = {}
        self._by_room: dict[str, dict[str, None]] = {}
        # What people call things and rooms beside their own names, and the things' own aliases meanwhile.
        self._called: Mapping[str, tuple[str, ...]] = {}
        self._rooms_called: Mapping[str, tuple[str, ...]] = {}
        self._own_aliases: dict[str, tuple[str, ...]] = {}
        self.revision = 0

    @property
    def rooms(self) -> Mapping[str, tuple[str, ...]]:
        """Room name -> other names for it; those rooms that devices brought, and taught names, included."""
        rooms = {**dict.fromkeys(self._by_room, ()), **self._rooms}
        return {room: _joined(names, self._rooms_called.get(room, ())) for room, names in rooms.items()}

    def __iter__(self) -> Iterator[Device]:
        return iter(list(self._devices.values()))

    def __len__(self) -> int:
        return len(self._devices)

    def get(self, device_id: str) -> Device | None:
        """The device, or None when there is no such."""
        return self._devices.get(device_id)

    def put(self, device: Device) -> None:
        """Add a device, or replace the one with the same id. What `call` called it, it keeps."""
        before = self._devices.get(device.id)
        if (called := self._called.get(device.id)) is not None:
            self._own_aliases[device.id] = device.aliases
            device = replace(device, aliases=_joined(device.aliases, called))
        self._devices[device.id] = device
        if before is None or (before.kind, before.room) != (device.kind, device.room):
            self._unlist(before)
            self._by_kind.setdefault(device.kind, {})[device.id] = None
            if device.room:
                self._by_room.setdefault(device.room, {})[device.id] = None
        if before is None or _naming(before) != _naming(device):
            self.revision += 1

    def remove(self, device_id: str) -> None:
        """Forget a device; unknown ids are ignored."""
        before = self._devices.pop(device_id, None)
        self._own_aliases.pop(device_id, None)
        if before is not None:
            self._unlist(before)
            self.revision += 1

    def call(
        self, things: Mapping[str, tuple[str, ...]], rooms: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        """Call things (by id) and rooms by more names, instead of those that an earlier call gave.

        Things that are not there yet have them as soon as they come.
        """
        rooms = rooms or {}
        if (things, rooms) == (self._called, self._rooms_called):
            return
        for device_id in {**self._called, **things}:
            if (device := self._devices.get(device_id)) is not None:
                own = self._own_aliases.pop(device_id, device.aliases)
                if device_id in things:
                    self._own_aliases[device_id] = own
                aliases = _joined(own, things.get(device_id, ()))
                self._devices[device_id] = replace(device, aliases=aliases)
        self._called, self._rooms_called = dict(things), dict(rooms)
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
        listed: Mapping[str, object] = self._devices
        if room is not None:
            listed = self._by_room.get(room, {})
        elif kind is not None:
            listed = self._by_kind.get(kind, {})
        found = (self._devices[device_id] for device_id in listed)
        return tuple(device for device in found if kind is None or device.kind is kind)

    def _unlist(self, device: Device | None) -> None:
        if device is None:
            return
        self._by_kind[device.kind].pop(device.id, None)
        if device.room and (listed := self._by_room.get(device.room)) is not None:
            listed.pop(device.id, None)
            if not listed:
                del self._by_room[device.room]


def _joined(own: tuple[str, ...], called: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *called))) if called else own


def _naming(device: Device) -> tuple[object, ...]:
    """All that an order may be understood by."""
    return (
        device.name,
        device.kind,
        device.abilities,
        device.room,
        device.aliases,
        device.device_class,
        device.options,
        device.limits,
        device.members,
        device.exposed,
    )
