"""Blinds, curtains, garage doors, gates, windows, valves: whatever opens and closes."""

from functools import partial
from typing import Annotated, Literal

from skills.api import (
    Ability,
    Answer,
    AreaName,
    Context,
    Device,
    DeviceCommand,
    Kind,
    Percent,
    Say,
    Skill,
    SkillError,
    Slot,
    Value,
    tool,
)
from skills.targets import Target, Where, able, find, how_many, of_kind, without_group_members

CoverName = Annotated[str, Slot("cover")]
CoverKind = Literal[
    "cover", "blind", "curtain", "shade", "shutter", "garage", "gate", "door", "window", "awning", "valve"
]
What = Annotated[CoverKind, Slot("cover_kind")]

BEFORE_WINDOWS = frozenset({"blind", "curtain", "shade", "shutter"})
"""What people call by each other's names, and what "cover" means when nobody says more."""

STEP_PERCENT = 20


class Covers(Skill):
    """Open, close, stop, and anything between."""

    name = "covers"
    api = 1

    @tool()
    async def move(
        self,
        context: Context,
        open: bool,  # noqa: A002 - the word for it
        device: CoverName | None = None,
        what: What | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Open or close blinds, curtains, shutters, garage doors, gates, windows or valves."""
        target = _find(context, what, Where(device, room, everywhere))
        movable = tuple(each for each in target.devices if {Ability.OPEN, Ability.POSITION} & each.abilities)
        if not movable:
            raise SkillError(Say("cannot_move", {"names": target.names}))
        commands = tuple(
            DeviceCommand(each.id, Ability.OPEN, open)
            if Ability.OPEN in each.abilities
            else DeviceCommand(each.id, Ability.POSITION, 100 if open else 0)
            for each in movable
        )
        say = how_many("opened" if open else "closed", Target(movable, target.room, target.everywhere))
        return Answer(commands, say, {"open": open, "devices": target.names})

    @tool(offered=False)
    async def stop(
        self,
        context: Context,
        device: CoverName | None = None,
        what: What | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Stop blinds, curtains or doors that are moving."""
        target = able(_find(context, what, Where(device, room, everywhere)), Ability.MOTION, "cannot_stop")
        return Answer(_order(target, Ability.MOTION, "stopped"), how_many("stopped", target))

    @tool(offered=False)
    async def set_position(
        self,
        context: Context,
        percent: Percent,
        device: CoverName | None = None,
        what: What | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Open blinds, curtains or doors to a position in percent; 0 is closed."""
        found = _find(context, what, Where(device, room, everywhere))
        target = able(found, Ability.POSITION, "cannot_position")
        say = how_many("positioned", target)
        return Answer(
            _order(target, Ability.POSITION, percent), Say(say.key, {**say.values, "percent": percent})
        )

    @tool(offered=False)
    async def change_position(
        self,
        context: Context,
        open: bool,  # noqa: A002 - as above
        by: Percent = STEP_PERCENT,
        device: CoverName | None = None,
        what: What | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Open or close blinds or curtains a bit further, in percent points from where they are."""
        target = able(_find(context, what, Where(device, room)), Ability.POSITION, "cannot_position")
        moved = tuple(
            DeviceCommand(each.id, Ability.POSITION, _further(each, by if open else -by))
            for each in target.devices
        )
        return Answer(moved, how_many("further_opened" if open else "further_closed", target))

    @tool(offered=False)
    async def set_tilt(
        self,
        context: Context,
        percent: Percent,
        device: CoverName | None = None,
        what: What | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Tilt the slats of blinds, in percent; 100 lets the most light in."""
        target = able(_find(context, what, Where(device, room, everywhere)), Ability.TILT, "cannot_tilt")
        return Answer(_order(target, Ability.TILT, percent), how_many("tilted", target))


def _find(context: Context, what: str | None, where: Where) -> Target:
    """Return the covers that are meant: of the very class, else what goes by its name, else of its family."""
    if where.device is not None:
        return find(context, where, of_kind(Kind.COVER), "no_covers")
    wanted = what or "cover"
    refused: list[SkillError] = []
    for close in (_of_class, _by_name, _of_family):
        try:
            found = find(context, where, partial(close, wanted), "no_covers")
        except SkillError as error:
            refused.append(error)
        else:
            return Target(without_group_members(found.devices), found.room, found.everywhere)
    # "Which room?" tells more than "there are none".
    raise next((each for each in refused if each.say.key != "no_covers"), refused[0])


def _of_class(what: str, device: Device) -> bool:
    if device.kind is not Kind.COVER:
        return False
    if what == "cover":
        return device.device_class in {*BEFORE_WINDOWS, ""}
    return device.device_class == what or (what == "garage" and device.device_class == "garage_door")


def _by_name(what: str, device: Device) -> bool:
    if device.kind is not Kind.COVER or device.device_class:
        return False
    words = device.name.casefold().split()
    # "The door" is not the garage's: who means that one says so.
    return what in words and not (what == "door" and {"garage", "gate"}.intersection(words))


def _of_family(what: str, device: Device) -> bool:
    covers = device.kind is Kind.COVER and what in BEFORE_WINDOWS
    return covers and device.device_class in {*BEFORE_WINDOWS, ""}


def _order(target: Target, ability: Ability, value: Value) -> tuple[DeviceCommand, ...]:
    return tuple(DeviceCommand(each.id, ability, value) for each in target.devices)


def _further(device: Device, by: int) -> int:
    """Return the new position; from a half where nobody knows."""
    reported, is_open = device.state.get(Ability.POSITION), device.state.get(Ability.OPEN)
    if isinstance(reported, int | float):
        now = float(reported)
    else:
        now = 50.0 if is_open is None else 100.0 if is_open else 0.0
    return round(min(100.0, max(0.0, now + by)))
