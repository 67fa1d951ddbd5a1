"""Who may do what: which things are open to voice, and what an order takes to be carried out.

The outbox asks here before anything is sent, whoever understood the order: no skill, no plugin and no
language model can go around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from devices.commands import DeviceCommand, Result
from devices.home import READ_ONLY, Ability, Device, Kind, Value
from devices.vehicles import car_window


class Risk(StrEnum):
    """What an order takes: nothing, the person's yes, or the PIN."""

    LOW = "low"
    CONFIRM = "confirm"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose word an order is carried out. `room` and `satellite` are where it was said, None where nobody
    knows; `granted` is the highest risk that the person has answered for. `demanded` is what the skill itself
    demands for the order, at least.
    """

    room: str | None = None
    satellite: str | None = None
    granted: Risk = Risk.LOW
    demanded: Risk = Risk.LOW


UNKNOWN = Authority()
"""Nobody in particular, from nowhere in particular, who has answered for nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the owner's own: for the devices, rooms, kinds and abilities that it names (empty: any),
    ordered from the rooms and satellites that it names (empty: anywhere), it says whether they are open to
    voice and what an order takes. `devices` are ids or names. Names are compared without regard to case.
    """

    devices: frozenset[str] = frozenset()
    in_rooms: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    abilities: frozenset[Ability] = frozenset()
    from_rooms: frozenset[str] = frozenset()
    from_satellites: frozenset[str] = frozenset()
    exposed: bool | None = None
    risk: Risk | None = None


OPENS_THE_HOUSE = frozenset({"garage", "door", "gate", "window", "garage_door"})
"""Device classes of covers through which somebody could come in."""

_WAYS_IN = ("garage", "gate", "front door", "back door", "车库", "大门", "院门", "前门", "后门")
"""What covers of no class are judged by: many conventions never say that a cover is a garage door."""

_ORDER = (Risk.LOW, Risk.CONFIRM, Risk.PIN)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """The owner's rules, the last that fits wins; `has_pin` tells whether there is a PIN to ask for."""

    rules: tuple[Rule, ...] = ()
    has_pin: bool = False


class Policy:
    """Answers for each order. Pure: it looks at the order, the device and the authority, and nothing else."""

    def __init__(self, settings: PolicySettings | None = None) -> None:
        self._settings = settings or PolicySettings()

    def risk(self, command: DeviceCommand, device: Device, by: Authority) -> Risk:
        """What the order takes: the owner's last rule that fits, else what is sensible.

        To stop something that moves never takes anything.
        """
        if command.ability is Ability.MOTION:
            return Risk.LOW
        said = Risk.PIN if self._settings.has_pin else Risk.CONFIRM
        risk = said if _lets_somebody_in(command, device, by) else Risk.LOW
        for rule in self._settings.rules:
            if rule.risk is not None and _orders(rule, command) and _fits(rule, device, by):
                risk = rule.risk
        return risk

    def exposed(self, device: Device, by: Authority) -> bool:
        """Whether the device is open to voice from there. Rules for single abilities say nothing of that."""
        return self._open(device, by, None)

    def verdict(self, command: DeviceCommand, device: Device, by: Authority) -> Result | None:
        """Why the order may not go out now; None when it may."""
        if not self._open(device, by, command):
            return Result.NOT_ALLOWED
        return self._asking(self.risk(command, device, by), by)

    def raw_verdict(self, by: Authority) -> Result | None:
        """The same for what is no device: only what the skill itself demands counts."""
        return self._asking(Risk.LOW, by)

    def _asking(self, risk: Risk, by: Authority) -> Result | None:
        demanded = by.demanded
        if demanded is Risk.PIN and not self._settings.has_pin:
            demanded = Risk.CONFIRM  # a skill cannot know whether there is one
        risk = max(risk, demanded, key=_ORDER.index)
        if _ORDER.index(by.granted) >= _ORDER.index(risk):
            return None
        return Result.NEEDS_PIN if risk is Risk.PIN else Result.NEEDS_CONFIRMATION

    def _open(self, device: Device, by: Authority, command: DeviceCommand | None) -> bool:
        exposed = device.exposed
        for rule in self._settings.rules:
            meant = not rule.abilities if command is None else _orders(rule, command)
            if rule.exposed is not None and meant and _fits(rule, device, by):
                exposed = rule.exposed
        return exposed

    def guarded(self, device: Device) -> Iterator[DeviceCommand]:
        """Orders to the device that take more than anybody's word, wherever they come from."""
        rules = [rule for rule in self._settings.rules if _fits_thing(rule, device)]
        for command in self.examples(device):
            if self.verdict(command, device, UNKNOWN) is not None or any(
                rule.exposed is False or rule.risk not in (None, Risk.LOW)
                for rule in rules
                if _orders(rule, command)
            ):
                yield command

    @staticmethod
    def examples(device: Device) -> Iterator[DeviceCommand]:
        """An order of each sort that the device takes."""
        for ability in sorted(device.abilities - READ_ONLY):
            for value in _EXAMPLES.get(ability, ()) + device.options.get(ability, ()):
                yield DeviceCommand(device.id, ability, value)


_EXAMPLES: dict[Ability, tuple[Value, ...]] = {
    Ability.ON: (True, False),
    Ability.BRIGHTNESS: (50,),
    Ability.COLOUR: ((255, 0, 0),),
    Ability.COLOUR_TEMPERATURE: (3000,),
    Ability.OPEN: (True, False),
    Ability.POSITION: (50, 100),
    Ability.TILT: (50,),
    Ability.SETPOINT: (20,),
    Ability.FAN_SPEED: (50,),
    Ability.LOCKED: (False, True),
    Ability.ARMED: ("disarmed",),
    Ability.VOLUME: (50,),
    Ability.MUTED: (True,),
    Ability.PLAYBACK: ("playing",),
    Ability.CLEANING: ("cleaning",),
    Ability.PRESSED: (True,),
}
"""One order of each sort. Of things without options, that is; theirs are tried as well."""


def _lets_somebody_in(command: DeviceCommand, device: Device, by: Authority) -> bool:
    ability, value = command.ability, command.value
    if ability in (Ability.OPEN, Ability.POSITION) and car_window(device, by.room):
        return False  # people sit behind it, and want air
    if ability is Ability.LOCKED:
        return value is not True
    if ability is Ability.ARMED:
        return value == "disarmed"
    if ability is Ability.OPEN:
        return value is not False and _way_in(device)
    return ability is Ability.POSITION and _opens_further(value, device) and _way_in(device)


def _opens_further(value: Value, device: Device) -> bool:
    now = device.state.get(Ability.POSITION)
    known = isinstance(now, (int, float)) and isinstance(value, (int, float))
    return value > now if known else value != 0  # type: ignore[operator]  # numbers, as `known` says


def _way_in(device: Device) -> bool:
    if device.kind is not Kind.COVER:
        return device.kind is Kind.LOCK  # one that can also pull the door open
    if device.device_class:
        return device.device_class in OPENS_THE_HOUSE
    names = " ".join((device.name, *device.aliases)).casefold().replace("_", " ")
    return any(way in names for way in _WAYS_IN)


def _orders(rule: Rule, command: DeviceCommand) -> bool:
    return not rule.abilities or command.ability in rule.abilities


def _fits(rule: Rule, device: Device, by: Authority) -> bool:
    return (
        _fits_thing(rule, device)
        and _names(rule.from_rooms, by.room)
        and _names(rule.from_satellites, by.satellite)
    )


def _fits_thing(rule: Rule, device: Device) -> bool:
    return (
        _names(rule.devices, device.id, device.name, *device.aliases)
        and _names(rule.in_rooms, device.room)
        and (not rule.kinds or device.kind in rule.kinds)
    )


def _names(named: frozenset[str], *found: str | None) -> bool:
    """Whether one of what was found is named, or nothing is."""
    return not named or not {each.casefold() for each in named}.isdisjoint(
        {each.casefold() for each in found if each}
    )
