"""Lights, and the things that are merely on or off: an order becomes one command for each device."""

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
    SkillError,
    Slot,
    tool,
)
from skills.lights.colours import KELVIN, RGB, Colour
from skills.targets import Target, Where, able, find, of_kind, switched, without_group_members

LightName = Annotated[str, Slot("light")]
DeviceName = Annotated[str, Slot("device")]
ColourName = Annotated[Colour, Slot("colour")]
Step = Annotated[int, Field(ge=-100, le=100)]

SWITCHABLE = frozenset(
    {Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.CLIMATE, Kind.MEDIA_PLAYER, Kind.SCENE, Kind.OTHER}
)
"""What "turn on" may mean; nobody switches a lock."""

DIMMEST_PERCENT = 5  # "dimmer" never means off
GUESSED_PERCENT = 50  # for a lamp that is on and never said how bright


class Lights(Skill):
    """On, off, brightness, colour, and how it is now."""

    name = "lights"
    api = 1

    @tool()
    async def turn(
        self,
        context: Context,
        on: bool,
        device: DeviceName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Turn any device, a room's lights, or all lights (everywhere) on or off."""
        if device is not None:
            target = find(context, Where(device, room), lambda each: _can_be(each, on), "no_lights")
        else:
            target = _lights(context, None, room, everywhere)
        orders = (switched(each, on) for each in target.devices)
        return Answer(
            commands=tuple(order for order in orders if order is not None),
            say=Say(_key("on" if on else "off", target, everywhere), _values(target)),
            facts={"on": on, "devices": target.names},
        )

    @tool(offered=False)
    async def set_brightness(
        self,
        context: Context,
        percent: Percent,
        device: LightName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Set lights to a brightness in percent."""
        target = able(_lights(context, device, room, everywhere), Ability.BRIGHTNESS, "cannot_dim")
        return Answer(
            commands=tuple(DeviceCommand(each.id, Ability.BRIGHTNESS, percent) for each in target.devices),
            say=Say(_key("brightness", target, everywhere), {**_values(target), "percent": percent}),
            facts={"percent": percent, "devices": target.names},
        )

    @tool()
    async def change_brightness(
        self,
        context: Context,
        by: Step,
        device: LightName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Make lights brighter (by: 20) or dimmer (by: -20), in percent points from where they are now."""
        target = able(_lights(context, device, room, everywhere), Ability.BRIGHTNESS, "cannot_dim")
        # Dimming a dark lamp would switch it on.
        lit = tuple(each for each in target.devices if by > 0 or _is_on(each) is not False)
        if not lit:
            key = "are_already_dark" if len(target.names) > 1 else "already_dark"
            raise SkillError(Say(key, {"names": target.names}))
        return Answer(
            commands=tuple(DeviceCommand(each.id, Ability.BRIGHTNESS, _changed(each, by)) for each in lit),
            say=Say("brighter" if by > 0 else "dimmer"),
            facts={"devices": tuple(each.name for each in lit)},
        )

    @tool()
    async def set_colour(
        self,
        context: Context,
        colour: ColourName,
        device: LightName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Give lights a colour."""
        found = _lights(context, device, room, everywhere)
        if colour in KELVIN and any(Ability.COLOUR_TEMPERATURE in each.abilities for each in found.devices):
            target = able(found, Ability.COLOUR_TEMPERATURE, "cannot_colour")
        else:
            target = able(found, Ability.COLOUR, "cannot_colour")
        return Answer(
            commands=tuple(_coloured(each, colour) for each in target.devices),
            say=Say(
                _key("coloured", target, everywhere), {**_values(target), "colour": Say(_colour_key(colour))}
            ),
            facts={"colour": colour, "devices": target.names},
        )

    @tool(acts=False)
    async def state(
        self,
        context: Context,
        on: bool | None = None,
        device: DeviceName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Tell whether a device is on, which lights are on, or how bright a light is; changes nothing."""
        if device is not None:
            return _state_of_one(find(context, Where(device, room), _tells_on, "no_lights").devices[0], on)
        target = _lights(context, None, room, everywhere or (room is None and context.room is None))
        wanted = on is not False
        such = tuple(each.name for each in target.devices if _is_on(each) is wanted)
        facts = dict.fromkeys(such, wanted)
        word = "on" if wanted else "off"
        if not such:
            return Answer(say=Say(f"none_{word}"), facts=facts)
        if len(such) == len(target.devices) > 1:
            return Answer(say=Say(f"all_{word}"), facts=facts)
        return Answer(
            say=Say(f"these_{word}" if len(such) > 1 else f"this_{word}", {"names": such}), facts=facts
        )


def _state_of_one(device: Device, asked: bool | None) -> Answer:
    on = _is_on(device)
    if on is None:
        return Answer(say=Say("unknown_state", {"name": device.name}))
    percent = device.state.get(Ability.BRIGHTNESS)
    if on and percent is not None:
        state = Say("is_on_at", {"name": device.name, "percent": percent})
    else:
        state = Say("is_on" if on else "is_off", {"name": device.name})
    say = state if asked is None else Say("yes" if asked is on else "no", {"state": state})
    return Answer(say=say, facts={"name": device.name, "on": on, "percent": percent})


def _lights(context: Context, device: str | None, room: str | None, everywhere: bool) -> Target:
    found = find(context, Where(device, room, everywhere), of_kind(Kind.LIGHT), "no_lights")
    return Target(without_group_members(found.devices), found.room, found.everywhere)


def _can_be(device: Device, on: bool) -> bool:
    return device.kind in SWITCHABLE and switched(device, on) is not None


def _tells_on(device: Device) -> bool:
    return device.kind in SWITCHABLE and bool({Ability.ON, Ability.MODE, Ability.PLAYBACK} & device.abilities)


def _is_on(device: Device) -> bool | None:
    """Whether it is on, None when it never said so."""
    for ability, off in ((Ability.ON, False), (Ability.MODE, "off"), (Ability.PLAYBACK, "stopped")):
        if ability in device.state:
            return device.state[ability] != off
    return None


def _changed(device: Device, by: int) -> int:
    """Return the new brightness in percent."""
    reported = device.state.get(Ability.BRIGHTNESS)
    if _is_on(device) is False:
        now = 0.0
    else:
        now = float(reported) if isinstance(reported, int | float) else float(GUESSED_PERCENT)
    return round(min(100.0, max(float(DIMMEST_PERCENT), now + by)))


def _coloured(device: Device, colour: Colour) -> DeviceCommand:
    if colour in KELVIN and Ability.COLOUR_TEMPERATURE in device.abilities:
        return DeviceCommand(device.id, Ability.COLOUR_TEMPERATURE, KELVIN[colour])
    return DeviceCommand(device.id, Ability.COLOUR, RGB[colour])


def _key(what: str, target: Target, everywhere: bool) -> str:
    """Return the reply for one thing, a room's lights, or all of them."""
    if everywhere:
        return f"{what}_everywhere"
    return f"{what}_in_room" if target.room is not None else f"{what}_one"


def _values(target: Target) -> dict[str, object]:
    return {"name": target.devices[0].name, "room": target.room}


def _colour_key(colour: Colour) -> str:
    return f"colour_{colour.replace(' ', '_')}"
