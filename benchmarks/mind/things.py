"""Orders to things, compared with the effects that are right.

    asked for                      also right
    -----------------------------  ---------------------------------------------------------------
    open, closed                   position 95 and up, position 0; and the other way round
    off                            brightness 0, fan speed 0, mode off; and the other way round
    a colour                       one of nearly that hue
    a colour temperature           within a tenth
    brighter, down by ten          seen from how the thing was before the turn, within its limits

An order that nobody asked for is wrong, unless it changes nothing, or comes with the one that was: whoever
sets a brightness may switch the lamp on first.
"""

import colorsys
from collections.abc import Mapping, Sequence

from benchmarks.mind.cases import Effect
from benchmarks.mind.house import Ordered
from devices.commands import DeviceCommand
from devices.home import Ability, Device, Value

State = Mapping[Ability, Value]

WIDE_OPEN = 95
NEAR_PERCENT = 1.0
NEAR_DEGREES = 0.05
NEAR_KELVIN = 0.1  # of what was asked for
NEAR_HUE = 30 / 360
PALE = 0.15
"""A saturation below which a colour is a white."""

_NEEDS_ON = frozenset(
    {
        Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE, Ability.FAN_SPEED, Ability.MODE,
        Ability.PRESET, Ability.SETPOINT, Ability.VOLUME, Ability.PLAYBACK,
    }
)  # fmt: skip
_PERCENT = frozenset({Ability.BRIGHTNESS, Ability.POSITION, Ability.TILT, Ability.FAN_SPEED, Ability.VOLUME})
_OFF: Mapping[Ability, Value] = {
    Ability.ON: False,
    Ability.BRIGHTNESS: 0,
    Ability.FAN_SPEED: 0,
    Ability.MODE: "off",
    Ability.PRESET: "off",
}


def missing(
    wanted: Sequence[Effect],
    ordered: Sequence[Ordered],
    before: Mapping[str, State],
    known: Mapping[str, Device],
) -> list[Effect]:
    """The effects on things that did not come about. One that held before counts as come about, if another
    one of the same turn was ordered.
    """
    open_ = [
        effect
        for effect in wanted
        if not any(obeys(each.command, effect, before[effect.thing], known[effect.thing]) for each in ordered)
    ]
    if len(open_) == len(wanted):
        return open_
    return [effect for effect in open_ if not holds(effect, before[effect.thing])]


def unasked(
    wanted: Sequence[Effect],
    ordered: Sequence[Ordered],
    before: Mapping[str, State],
    known: Mapping[str, Device],
) -> list[Ordered]:
    """The orders that nobody asked for."""
    return [each for each in ordered if not _explained(each, wanted, before, known)]


def _explained(
    each: Ordered, wanted: Sequence[Effect], before: Mapping[str, State], known: Mapping[str, Device]
) -> bool:
    thing = each.command.device_id
    for effect in wanted:
        if effect.thing == thing and (
            obeys(each.command, effect, before[thing], known[thing]) or _goes_with(each.command, effect)
        ):
            return True
    return bool(wanted) and each.changes_nothing


def _goes_with(command: DeviceCommand, effect: Effect) -> bool:
    """Whether an order comes with an effect by the nature of things."""
    if effect.ability not in _NEEDS_ON or _is_off(effect.ability, effect.value):
        return False
    return command.ability is Ability.ON and command.value is True


def holds(effect: Effect, before: State) -> bool:
    """Whether a thing was as asked already."""
    if effect.ability is None or effect.by is not None:
        return False
    now = _now(effect.ability, before)
    return now is not None and _fits(effect, now, before, None)


def obeys(command: DeviceCommand, effect: Effect, before: State, device: Device) -> bool:
    """Whether an order to a thing brings an effect about."""
    if command.device_id != effect.thing or effect.ability is None:
        return False
    if command.ability is effect.ability:
        return _fits(effect, command.value, before, device)
    value = _as(command, effect.ability)
    return value is not None and _fits(effect, value, before, device)


def _as(command: DeviceCommand, ability: Ability) -> Value | None:
    """What an order means for another ability of the thing; None when nothing."""
    match command.ability, ability:
        case Ability.POSITION, Ability.OPEN if _number(command.value):
            return _open_at(command.value)
        case Ability.OPEN, Ability.POSITION:
            return 100 if command.value else 0
        case _ if _is_off(command.ability, command.value) and ability in _OFF:
            return _OFF[ability]
        case Ability.MODE, Ability.ON if command.value != "off":
            return True
    return None


def _open_at(position: Value) -> bool | None:
    if not isinstance(position, int | float):
        return None
    return True if position >= WIDE_OPEN else False if position == 0 else None


def _is_off(ability: Ability, value: Value | None) -> bool:
    if ability not in _OFF or value is None:
        return False
    return value is False if ability is Ability.ON else not isinstance(value, bool) and value == _OFF[ability]


def _fits(effect: Effect, value: Value, before: State, device: Device | None) -> bool:
    """Whether a value is what an effect asks of its ability."""
    assert effect.ability is not None
    if effect.by is not None:
        return _number(value) and _moved(effect, float(value), before, device)  # type: ignore[arg-type]  # a number
    if effect.low is not None or effect.high is not None:
        if not _number(value):
            return False
        low = effect.low if effect.low is not None else float("-inf")
        high = effect.high if effect.high is not None else float("inf")
        return low <= float(value) <= high  # type: ignore[arg-type]  # a number
    assert effect.value is not None
    if effect.ability is Ability.COLOUR:
        return alike(effect.value, value)
    if _number(effect.value) and _number(value):
        return abs(float(effect.value) - float(value)) <= _near(effect.ability, float(effect.value))  # type: ignore[arg-type]  # numbers
    return _folded(effect.value) == _folded(value)


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value


def _moved(effect: Effect, value: float, before: State, device: Device | None) -> bool:
    """Whether a number lies where "up", "down" or "by ten" leads."""
    assert effect.ability is not None
    was = _now(effect.ability, before)
    if was is None or not isinstance(was, int | float):
        return not isinstance(effect.by, int | float)  # nobody knows how it was: any change will do
    if effect.by == "up":
        return value > was
    if effect.by == "down":
        return value < was
    assert isinstance(effect.by, int | float)
    limits = device.limits.get(effect.ability) if device is not None else None
    low, high = limits or ((0, 100) if effect.ability in _PERCENT else (float("-inf"), float("inf")))
    wanted = min(max(was + effect.by, low), high)
    return abs(value - wanted) <= _near(effect.ability, wanted)


def _now(ability: Ability, state: State) -> Value | None:
    """How a thing is, as a person sees it: a lamp that is off is not bright at all."""
    if ability in (Ability.BRIGHTNESS, Ability.FAN_SPEED) and state.get(Ability.ON) is False:
        return 0
    if ability is Ability.ON and ability not in state and Ability.MODE in state:
        return state[Ability.MODE] != "off"
    if ability is Ability.POSITION and ability not in state and Ability.OPEN in state:
        return 100 if state[Ability.OPEN] else 0
    return state.get(ability)


def _near(ability: Ability, wanted: float) -> float:
    if ability is Ability.COLOUR_TEMPERATURE:
        return wanted * NEAR_KELVIN
    return NEAR_DEGREES if ability is Ability.SETPOINT else NEAR_PERCENT


def _number(value: Value | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def alike(one: Value, other: Value) -> bool:
    """Whether two colours would be called the same: nearly one hue, or both white."""
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        return False
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in one))
    hue2, saturation2, _ = colorsys.rgb_to_hsv(*(part / 255 for part in other))
    if min(saturation, saturation2) < PALE:
        return max(saturation, saturation2) < 2 * PALE
    apart = abs(hue - hue2)
    return min(apart, 1 - apart) <= NEAR_HUE
