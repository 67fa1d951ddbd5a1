"""Orders to things by their ids: brought to a value, or moved from where they are, within what they can."""

from collections.abc import Mapping, Sequence
from typing import Any

from skills.api import Ability, Answer, Context, Device, DeviceCommand, Kind, Say, SkillError, Value
from skills.home.states import described

_RANGE: Mapping[Ability, tuple[float, float]] = {
    Ability.BRIGHTNESS: (1.0, 100.0),
    Ability.POSITION: (0.0, 100.0),
    Ability.TILT: (0.0, 100.0),
    Ability.FAN_SPEED: (5.0, 100.0),
    Ability.VOLUME: (0.0, 100.0),
    Ability.SETPOINT: (4.0, 40.0),
    Ability.COLOUR_TEMPERATURE: (2000.0, 6500.0),
}
"""Where a step ends, for things that name no limits; less is never off."""

_GUESSED: Mapping[Ability, float] = {
    Ability.BRIGHTNESS: 50.0, Ability.POSITION: 50.0, Ability.TILT: 50.0, Ability.FAN_SPEED: 50.0,
    Ability.VOLUME: 30.0, Ability.SETPOINT: 20.0, Ability.COLOUR_TEMPERATURE: 4000.0,
}  # fmt: skip
"""Where a step begins, when the thing never said where it is."""

_TOLD_AS: Mapping[str, Ability] = {
    each.value: each
    for each in (
        Ability.BRIGHTNESS, Ability.SETPOINT, Ability.VOLUME, Ability.FAN_SPEED, Ability.POSITION,
        Ability.MODE, Ability.PRESET,
    )
}  # fmt: skip
"""What a question may be about, besides whether something is so."""

_FROM_NOTHING = frozenset({Ability.BRIGHTNESS, Ability.FAN_SPEED})
_WHOLE = frozenset(_RANGE) - {Ability.SETPOINT}


def order(
    context: Context,
    things: Sequence[str],
    ability: Ability,
    value: Value | Sequence[int] | None,
    by: float | None,
) -> Answer:
    """Return the commands for some things, and what is said of them. Raises `SkillError` for none."""
    devices = [device for each in things if (device := context.home.get(each)) is not None and device.exposed]
    able = [device for device in devices if ability in device.abilities]
    if not able:
        raise SkillError(Say("order_cannot" if devices else "order_nothing", {"names": _names(devices)}))
    if by is not None:
        return _stepped(able, ability, by)
    if value is None:
        raise SkillError(Say("order_nothing"))
    wanted: Value
    if isinstance(value, bool | int | float | str):
        wanted = value
    else:
        red, green, blue = value
        wanted = (red, green, blue)
    commands = tuple(DeviceCommand(each.id, ability, wanted) for each in able)
    return Answer(commands, _told(context, able, ability, wanted), {"devices": _names(able)})


def _stepped(able: Sequence[Device], ability: Ability, by: float) -> Answer:
    moved = [
        each
        for each in able
        if by > 0 or ability is not Ability.BRIGHTNESS or each.state.get(Ability.ON) is not False
    ]
    if not moved:
        raise SkillError(Say("order_already_dark", _about(able)))
    values = {each.id: stepped(each, ability, by) for each in moved}
    commands = tuple(DeviceCommand(each.id, ability, values[each.id]) for each in moved)
    told = set(values.values())
    if len(told) > 1:
        way = "up" if by > 0 else "down"
        return Answer(commands, Say(f"order_several_{way}", _about(moved)), {"devices": _names(moved)})
    say = Say(f"order_{ability.value}", {**_about(moved), "value": _spoken(next(iter(told)))})
    return Answer(commands, say, {"devices": _names(moved)})


def stepped(device: Device, ability: Ability, by: float) -> int | float:
    """Return where a step from how the thing is now leads, within its limits."""
    lowest, highest = device.limits.get(ability, _RANGE.get(ability, (0.0, 100.0)))
    now = device.state.get(ability)
    if ability in _FROM_NOTHING and device.state.get(Ability.ON) is False:
        start = 0.0
    elif isinstance(now, int | float) and not isinstance(now, bool):
        start = float(now)
    elif ability is Ability.POSITION and isinstance(opened := device.state.get(Ability.OPEN), bool):
        start = 100.0 if opened else 0.0
    else:
        start = _GUESSED.get(ability, 50.0)
    reached = min(highest, max(lowest, start + by))
    return round(reached) if ability in _WHOLE else round(reached, 1)


def _told(context: Context, able: Sequence[Device], ability: Ability, value: Value) -> Say:
    about = _about(able)
    if ability in (Ability.ON, Ability.OPEN, Ability.LOCKED, Ability.MUTED):
        about["names"] = _together(context, able)
        return Say(f"order_{ability.value}_{'yes' if value else 'no'}", about)
    if ability in (Ability.PLAYBACK, Ability.CLEANING, Ability.ARMED):
        return Say(f"order_{value}", about)
    if ability in (Ability.COLOUR, Ability.PRESSED, Ability.MOTION):
        return Say(f"order_{ability.value}", about)
    if ability in (Ability.MODE, Ability.PRESET):
        key = f"order_{ability.value}_off" if value == "off" else f"order_{ability.value}"
        return Say(key, {**about, "value": str(value).replace("_", " ")})
    return Say(f"order_{ability.value}", {**about, "value": _spoken(value)})


def _about(devices: Sequence[Device]) -> dict[str, Any]:
    """Return what a sentence about some things names: them, and whether one of them is or several are."""
    names = _names(devices)
    return {"names": names, "are": Say("one_is" if len(names) == 1 else "several_are")}


def _together(context: Context, able: Sequence[Device]) -> Say | tuple[str, ...]:
    """Return "the lights in the kitchen" where that is what they are."""
    names = _names(able)
    if len(able) < 2 or any(each.kind is not Kind.LIGHT for each in able):
        return names
    ids = {each.id for each in able}
    every = {each.id for each in context.home.find(kind=Kind.LIGHT) if each.exposed}
    if ids == every:
        return Say("all_the_lights")
    rooms = {each.room for each in able}
    room = next(iter(rooms)) if len(rooms) == 1 else None
    if room and ids == {each.id for each in context.home.find(kind=Kind.LIGHT, room=room) if each.exposed}:
        return Say("lights_in", {"room": room})
    return names


def _spoken(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _names(devices: Sequence[Device]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(device.name for device in devices))


def told(found: Sequence[Device], asked: str | None) -> Answer:
    """Return what things are set to, or how they are. Raises `SkillError` when none of them ever said."""
    lines: list[Say] = []
    for device in found:
        ability = _TOLD_AS.get(asked or "")
        if ability is not None and ability in device.state:
            value = str(_spoken(device.state[ability])).replace("_", " ")
            lines.append(Say(f"order_{ability.value}", {**_about([device]), "value": value}))
        elif asked == "muted" and Ability.MUTED in device.state:
            key = "order_muted_yes" if device.state[Ability.MUTED] else "is_not_muted"
            lines.append(Say(key, _about([device])))
        elif (state := described(device)) is not None:
            lines.append(Say("statement", {"state": state}))
    if not lines:
        raise SkillError(Say("not_told", {"names": _names(found)}))
    return Answer(say=Say("told_lines", {"lines": lines[0]} if len(lines) == 1 else {"lines": tuple(lines)}))
