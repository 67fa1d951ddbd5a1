"""Which things an order means: a named one, a room's, those where it was said, or all of them.

What its owner keeps away from voice is not there for any of this.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from skills.api import Ability, Context, Device, DeviceCommand, Kind, Say, SkillError

Fits = Callable[[Device], bool]

_OF_THE_HOME = frozenset({Kind.CLIMATE, Kind.ALARM, Kind.VACUUM})
"""Of these, the one that is in no room serves the whole home."""


@dataclass(frozen=True, slots=True)
class Target:
    """The things meant, never none, and the room when the order was for a room's things."""

    devices: tuple[Device, ...]
    room: str | None = None
    everywhere: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The things' names."""
        return tuple(device.name for device in self.devices)

    @property
    def several(self) -> bool:
        """Whether more than one thing is meant."""
        return len(self.devices) > 1


@dataclass(frozen=True, slots=True)
class Where:
    """The words of an order that tell where: a thing's name, a room, everywhere."""

    device: str | None = None
    room: str | None = None
    everywhere: bool = False


def of_kind(*kinds: Kind) -> Fits:
    """Return what fits any of these kinds."""
    return lambda device: device.kind in kinds


def known(context: Context, fits: Fits = lambda _device: True) -> tuple[Device, ...]:
    """Return everything that may be named and fits."""
    return tuple(device for device in context.home if device.exposed and fits(device))


def find(context: Context, where: Where, fits: Fits, missing: str) -> Target:
    """Return what is meant, of all that fits. A thing's name goes before a room.

    Where nobody said where, it is what is here, or the only one that there is, or the one that belongs to the
    whole home. Raises `SkillError` (replies `unknown_device`, `not_for_me`, `which_one`, `which_room`,
    `missing`, and `missing`_in_room) when there is no such thing, or when it takes a room to know.
    """
    if where.device is not None:
        return Target((named(context, where.device, where.room, fits),))
    fitting = known(context, fits)
    if not fitting:
        raise SkillError(Say(missing))
    if where.everywhere:
        return Target(fitting, everywhere=True)
    if where.room is not None:
        found = in_room(fitting, room_called(context, where.room))
        if not found:
            raise SkillError(Say(f"{missing}_in_room", {"room": where.room}))
        return Target(found, where.room)
    here = in_room(fitting, context.room) if context.room is not None else ()
    if here:
        return Target(here, context.room)
    alone = fitting if len(fitting) == 1 else tuple(each for each in fitting if _is_the_homes(each))
    if len(alone) == 1:
        return Target(alone)
    raise SkillError(Say("which_room"))


def able(target: Target, ability: Ability, refusal: str) -> Target:
    """Return the things of a target that can do it. Raises `SkillError` (reply `refusal`) when none can."""
    found = tuple(device for device in target.devices if ability in device.abilities)
    if not found:
        raise SkillError(Say(refusal, {"names": target.names}))
    return Target(found, target.room, target.everywhere)


def named(context: Context, name: str, room: str | None, fits: Fits) -> Device:
    """Return the thing of that name. Raises `SkillError`: `unknown_device`, `not_for_me`, `which_one`."""
    wanted = name.casefold()
    found = known(context, lambda device: wanted in _names(device))
    if not found:
        raise SkillError(Say("unknown_device", {"name": name}))
    fitting = [each for each in found if fits(each)]
    if not fitting:
        raise SkillError(Say("not_for_me", {"name": found[0].name}))
    # Two things of one name: the one in the room that was said, else where it was said.
    for place in (room and room_called(context, room), context.room):
        near = [each for each in fitting if place is not None and each.room == place]
        if near:
            return near[0]
    if len(fitting) > 1:
        raise SkillError(Say("which_one", {"name": fitting[0].name}))
    return fitting[0]


def room_called(context: Context, said: str) -> str:
    """Return the home's own name of a room; a name that it does not know stays as it is."""
    wanted = said.casefold()
    for room, others in context.home.rooms.items():
        if wanted in (room.casefold(), *(other.casefold() for other in others)):
            return room
    return said


def in_room(devices: Iterable[Device], room: str) -> tuple[Device, ...]:
    """Return those of a room. One that no room claims belongs where its own name says: "Kitchen Light"."""
    prefix = room.casefold()
    return tuple(
        device
        for device in devices
        if device.room == room or (device.room is None and device.name.casefold().startswith(prefix))
    )


def without_group_members(devices: Collection[Device]) -> tuple[Device, ...]:
    """Return the things without those that a group among them orders anyway."""
    grouped = {member for device in devices for member in device.members}
    return tuple(device for device in devices if device.id not in grouped)


def how_many(what: str, target: Target) -> Say:
    """Return the reply for one thing (`what`_one), several (`what`_several), or all of them
    (`what`_everywhere).
    """
    values = {"name": target.devices[0].name, "names": target.names, "room": target.room}
    if target.everywhere:
        return Say(f"{what}_everywhere", values)
    return Say(f"{what}_several" if target.several else f"{what}_one", values)


def switched(device: Device, on: bool, modes: Collection[str] = ()) -> DeviceCommand | None:
    """Return what turns a thing on or off, None when nothing does.

    What has no switch is turned off by its mode and on by the first of `modes` that it has, else by what it
    does by itself; a player plays or stops; a scene can only be turned on.
    """
    if Ability.ON in device.abilities:
        return DeviceCommand(device.id, Ability.ON, on)
    if device.kind is Kind.CLIMATE and Ability.MODE in device.abilities:
        has = device.options.get(Ability.MODE, ())
        wished = (*modes, "auto", "heat_cool", "heat", "cool", *has)
        mode = next((each for each in wished if each in has and each != "off"), "heat")
        return DeviceCommand(device.id, Ability.MODE, mode if on else "off")
    if device.kind is Kind.MEDIA_PLAYER and Ability.PLAYBACK in device.abilities:
        return DeviceCommand(device.id, Ability.PLAYBACK, "playing" if on else "stopped")
    if on and device.kind is Kind.SCENE and Ability.PRESSED in device.abilities:
        return DeviceCommand(device.id, Ability.PRESSED, True)
    return None


def _is_the_homes(device: Device) -> bool:
    return device.room is None and device.kind in _OF_THE_HOME


def _names(device: Device) -> tuple[str, ...]:
    return (device.name.casefold(), *(alias.casefold() for alias in device.aliases))
