"""Which things an order means: a named one, a room's, those where it was said, or all of them."""

from collections.abc import Collection
from dataclasses import dataclass

from skills.api import Ability, Context, Device, Kind, Say, SkillError

SWITCHABLE = (Kind.LIGHT, Kind.SWITCH, Kind.FAN)
LIGHTS = (Kind.LIGHT,)


@dataclass(frozen=True, slots=True)
class Target:
    """The things meant, never none, and the room when the order was for a room's lights."""

    devices: tuple[Device, ...]
    room: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The things' names."""
        return tuple(device.name for device in self.devices)


def find(
    context: Context,
    device: str | None,
    room: str | None,
    everywhere: bool,
    kinds: Collection[Kind] = LIGHTS,
) -> Target:
    """Return what is meant. A device's name goes before a room; lights alone are meant where none is named.

    Raises `SkillError` when there is no such thing, or when it takes a room to know.
    """
    if device is not None:
        return Target((_named(context, device, room, kinds),))
    lights = context.home.find(kind=Kind.LIGHT)
    if everywhere:
        if not lights:
            raise SkillError(Say("no_lights"))
        return Target(lights)
    if room is not None:
        found = _lights_in(context, _room(context, room))
        if not found:
            raise SkillError(Say("no_lights_in_room", {"room": room}))
        return Target(found, room)
    here = _lights_in(context, context.room) if context.room is not None else ()
    if here:
        return Target(here, context.room)
    if len(lights) == 1:
        return Target(lights)
    raise SkillError(Say("which_room" if lights else "no_lights"))


def with_ability(target: Target, ability: Ability, refusal: str) -> Target:
    """Return the things of a target that can do it. Raises `SkillError` (reply `refusal`) when none can."""
    able = tuple(device for device in target.devices if ability in device.abilities)
    if not able:
        raise SkillError(Say(refusal, {"names": target.names}))
    return Target(able, target.room)


def _named(context: Context, name: str, room: str | None, kinds: Collection[Kind]) -> Device:
    wanted = name.casefold()
    found = [
        each
        for each in context.home
        if wanted in (each.name.casefold(), *(alias.casefold() for alias in each.aliases))
    ]
    if not found:
        raise SkillError(Say("unknown_device", {"name": name}))
    fitting = [each for each in found if each.kind in kinds]
    if not fitting:
        raise SkillError(Say("not_for_me", {"name": found[0].name}))
    # Two things of one name: the one in the room that was said, else where it was said.
    for place in (room, context.room):
        near = [each for each in fitting if place is not None and each.room == place]
        if near:
            return near[0]
    if len(fitting) > 1:
        raise SkillError(Say("which_one", {"name": fitting[0].name}))
    return fitting[0]


def _room(context: Context, said: str) -> str:
    """Return the home's own name of a room; a name that it does not know stays as it is."""
    wanted = said.casefold()
    for room, others in context.home.rooms.items():
        if wanted in (room.casefold(), *(other.casefold() for other in others)):
            return room
    return said


def _lights_in(context: Context, room: str) -> tuple[Device, ...]:
    """The room's lights. A light that no room claims belongs where its own name says: "Kitchen Light"."""
    prefix = room.casefold()
    return tuple(
        light
        for light in context.home.find(kind=Kind.LIGHT)
        if light.room == room or (light.room is None and light.name.casefold().startswith(prefix))
    )
