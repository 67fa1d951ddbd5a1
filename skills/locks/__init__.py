"""Locks and the alarm. What opens the house or disarms it takes a yes or a PIN; the outbox sees to that."""

from typing import Annotated, Literal

from skills.api import (
    Ability,
    Answer,
    AreaName,
    Context,
    DeviceCommand,
    Kind,
    Risk,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)
from skills.targets import Where, able, find, how_many, of_kind

LockName = Annotated[str, Slot("lock")]
AlarmName = Annotated[str, Slot("alarm")]
Arming = Annotated[Literal["armed_home", "armed_away", "armed_night"], Slot("arming")]


class Locks(Skill):
    """Lock, unlock, arm, disarm. How they are now is told by the skill `home`."""

    name = "locks"
    api = 1

    @tool()
    async def lock(
        self,
        context: Context,
        device: LockName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Lock a door, or all doors (everywhere)."""
        target = able(
            find(context, Where(device, room, everywhere), of_kind(Kind.LOCK), "no_locks"),
            Ability.LOCKED,
            "cannot_lock",
        )
        orders = tuple(DeviceCommand(each.id, Ability.LOCKED, True) for each in target.devices)
        return Answer(orders, how_many("locked", target))

    @tool(risk=Risk.CONFIRM, offered=False)
    async def unlock(
        self, context: Context, device: LockName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Unlock one door."""
        target = able(
            find(context, Where(device, room), of_kind(Kind.LOCK), "no_locks"), Ability.LOCKED, "cannot_lock"
        )
        if target.several:  # nobody opens several doors without naming them
            raise SkillError(Say("which_lock", {"names": target.names}))
        one = target.devices[0]
        return Answer(
            (DeviceCommand(one.id, Ability.LOCKED, False),), Say("unlocked_one", {"name": one.name})
        )

    @tool(offered=False)
    async def arm(
        self,
        context: Context,
        mode: Arming = "armed_away",
        device: AlarmName | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Arm the alarm: armed_away, armed_home (somebody stays), armed_night."""
        return _alarm(context, Where(device, room), mode)

    @tool(risk=Risk.PIN, offered=False)
    async def disarm(
        self, context: Context, device: AlarmName | None = None, room: AreaName | None = None
    ) -> Answer:
        """Disarm the alarm."""
        return _alarm(context, Where(device, room), "disarmed")


def _alarm(context: Context, where: Where, wanted: str) -> Answer:
    target = able(find(context, where, of_kind(Kind.ALARM), "no_alarm"), Ability.ARMED, "cannot_arm")
    one = target.devices[0]
    options = one.options.get(Ability.ARMED, ())
    if options and wanted not in options:
        raise SkillError(Say("cannot_mode", {"name": one.name, "mode": Say(f"mode_{wanted}")}))
    return Answer((DeviceCommand(one.id, Ability.ARMED, wanted),), Say(wanted, {"name": one.name}))
