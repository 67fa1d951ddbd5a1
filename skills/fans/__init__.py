"""How fast fans turn. On and off is the skill `lights`' business."""

from typing import Annotated

from skills.api import (
    Ability,
    Answer,
    AreaName,
    Context,
    Device,
    DeviceCommand,
    Field,
    Kind,
    Percent,
    Say,
    Skill,
    Slot,
    tool,
)
from skills.targets import Target, Where, able, find, how_many

FanName = Annotated[str, Slot("fan")]
Step = Annotated[int, Field(ge=1, le=100)]

STEP_PERCENT = 20
SLOWEST_PERCENT = 10  # "slower" never means off
GUESSED_PERCENT = 50


class Fans(Skill):
    """Faster, slower, low, medium, high."""

    name = "fans"
    api = 1

    @tool(offered=False)
    async def set_speed(
        self,
        context: Context,
        percent: Percent,
        device: FanName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Set a fan's speed in percent: low is 33, medium 66, high 100."""
        target = _find(context, Where(device, room, everywhere))
        say = how_many("speed", target)
        return Answer(
            tuple(DeviceCommand(each.id, Ability.FAN_SPEED, percent) for each in target.devices),
            Say(say.key, {**say.values, "percent": percent}),
        )

    @tool(offered=False)
    async def change_speed(
        self,
        context: Context,
        faster: bool,
        by: Step = STEP_PERCENT,
        device: FanName | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Make a fan faster or slower, in percent points from where it is."""
        target = _find(context, Where(device, room))
        return Answer(
            tuple(
                DeviceCommand(each.id, Ability.FAN_SPEED, _stepped(each, by if faster else -by))
                for each in target.devices
            ),
            Say("faster" if faster else "slower"),
        )


def _find(context: Context, where: Where) -> Target:
    return able(
        find(context, where, lambda device: device.kind is Kind.FAN, "no_fans"),
        Ability.FAN_SPEED,
        "cannot_speed",
    )


def _stepped(device: Device, by: int) -> int:
    reported = device.state.get(Ability.FAN_SPEED)
    if device.state.get(Ability.ON) is False:
        now = 0.0
    else:
        now = float(reported) if isinstance(reported, int | float) else float(GUESSED_PERCENT)
    return round(min(100.0, max(float(SLOWEST_PERCENT), now + by)))
