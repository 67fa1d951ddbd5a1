"""Robots that clean the floor."""

from typing import Annotated

from skills.api import (
    Ability,
    Answer,
    AreaName,
    Context,
    DeviceCommand,
    Kind,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)
from skills.targets import Where, find, of_kind

VacuumName = Annotated[str, Slot("vacuum")]


class Vacuum(Skill):
    """Start, pause, stop, send home, find."""

    name = "vacuum"
    api = 1

    @tool()
    async def start(
        self, context: Context, device: VacuumName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Have the robot vacuum clean the floor, or go on with it."""
        return _order(context, Where(device, room), "cleaning", "started")

    @tool(offered=False)
    async def pause(
        self, context: Context, device: VacuumName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Pause the robot vacuum where it is."""
        return _order(context, Where(device, room), "paused", "paused")

    @tool(offered=False)
    async def stop(
        self, context: Context, device: VacuumName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Stop the robot vacuum."""
        return _order(context, Where(device, room), "stopped", "stopped")

    @tool()
    async def dock(
        self, context: Context, device: VacuumName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Send the robot vacuum back to its dock."""
        return _order(context, Where(device, room), "docked", "docked")

    @tool(offered=False)
    async def locate(
        self, context: Context, device: VacuumName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Have the robot vacuum make a sound, to be found."""
        return _order(context, Where(device, room), "locate", "located")


def _order(context: Context, where: Where, wanted: str, said: str) -> Answer:
    target = find(context, where, of_kind(Kind.VACUUM), "no_vacuum")
    one = target.devices[0]
    if target.several:
        raise SkillError(Say("which_vacuum", {"names": target.names}))
    options = one.options.get(Ability.CLEANING, ())
    if Ability.CLEANING not in one.abilities or (options and wanted not in options):
        raise SkillError(Say("cannot", {"name": one.name, "what": Say(f"to_{said}")}))
    return Answer((DeviceCommand(one.id, Ability.CLEANING, wanted),), Say(said, {"name": one.name}))
