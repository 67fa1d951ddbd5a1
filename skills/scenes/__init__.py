"""Scenes and buttons: things that are called by their name, and never say how they are."""

from typing import Annotated

from skills.api import Ability, Answer, AreaName, Context, Device, DeviceCommand, Kind, Say, Skill, Slot, tool
from skills.targets import named

SceneName = Annotated[str, Slot("scene")]
ButtonName = Annotated[str, Slot("device")]


class Scenes(Skill):
    """Activate a scene, press a button."""

    name = "scenes"
    api = 1

    @tool()
    async def activate(self, context: Context, scene: SceneName, room: AreaName | None = None) -> Answer:
        """Activate a scene by its name, such as "movie night"."""
        one = named(context, scene, room, lambda each: each.kind is Kind.SCENE and _can_be_pressed(each))
        return Answer((DeviceCommand(one.id, Ability.PRESSED, True),), Say("activated", {"name": one.name}))

    @tool(offered=False)
    async def press(self, context: Context, device: ButtonName, room: AreaName | None = None) -> Answer:
        """Press a button."""
        one = named(context, device, room, _can_be_pressed)
        return Answer((DeviceCommand(one.id, Ability.PRESSED, True),), Say("pressed", {"name": one.name}))


def _can_be_pressed(device: Device) -> bool:
    return Ability.PRESSED in device.abilities
