"""Whether a thing that was told to do something is on its way there. Pure.

    asked for                on its way when it says
    -----------------------  ----------------------------------------------------
    open, close              opening, closing
    a position or a tilt     opening or closing that way, or a value nearer than before
    lock, unlock             locking, unlocking
    arm                      arming, or pending
    back to the dock         returning
    a brightness, a volume   a value nearer than before (a slow fade)

Jammed is the end of it, whatever was asked of a lock or a cover.
"""

from collections.abc import Mapping

from devices.commands import DeviceCommand
from devices.home import Ability, Value

State = Mapping[Ability, Value]

MOVERS = frozenset(
    {Ability.OPEN, Ability.POSITION, Ability.TILT, Ability.LOCKED, Ability.ARMED, Ability.CLEANING}
)
"""What takes its time: that it moves is the answer. A lamp that fades is waited for instead."""

_WORDS: Mapping[tuple[Ability, Value], tuple[Ability, frozenset[str]]] = {
    (Ability.OPEN, True): (Ability.MOTION, frozenset({"opening"})),
    (Ability.OPEN, False): (Ability.MOTION, frozenset({"closing"})),
    (Ability.LOCKED, True): (Ability.MOTION, frozenset({"locking"})),
    (Ability.LOCKED, False): (Ability.MOTION, frozenset({"unlocking"})),
    (Ability.ARMED, "armed_home"): (Ability.ARMED, frozenset({"arming", "pending"})),
    (Ability.ARMED, "armed_away"): (Ability.ARMED, frozenset({"arming", "pending"})),
    (Ability.ARMED, "armed_night"): (Ability.ARMED, frozenset({"arming", "pending"})),
    (Ability.CLEANING, "docked"): (Ability.CLEANING, frozenset({"returning"})),
}
_NUMBERS = frozenset({Ability.POSITION, Ability.TILT, Ability.BRIGHTNESS, Ability.VOLUME, Ability.FAN_SPEED})
_CAN_JAM = frozenset({Ability.OPEN, Ability.POSITION, Ability.TILT, Ability.LOCKED})
_COVER = frozenset({Ability.OPEN, Ability.POSITION, Ability.MOTION})
_NEEDS_ON = frozenset({Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE, Ability.FAN_SPEED})
_AGAIN = frozenset({Ability.PRESSED})
_AGAIN_WORDS = frozenset({"next", "previous", "locate"})


def on_its_way(command: DeviceCommand, before: State, now: State) -> bool:
    """Whether a thing that was so `before` the order and is so `now` does what it was told."""
    ability, value = command.ability, command.value
    if (ability, value) in _WORDS and not _is_number(value):
        where, words = _WORDS[ability, value]
        return now.get(where) in words
    if ability not in _NUMBERS or not _is_number(value):
        return False
    was, there = before.get(ability), now.get(ability)
    if ability is Ability.POSITION and now.get(Ability.MOTION) in ("opening", "closing"):
        stood = there if _is_number(there) else was
        return _is_number(stood) and (now[Ability.MOTION] == "opening") == (_real(value) > _real(stood))
    if not _is_number(was) or not _is_number(there):
        return False
    return abs(_real(value) - _real(there)) < abs(_real(value) - _real(was))


def jammed(command: DeviceCommand, now: State) -> bool:
    """Whether it got stuck."""
    return command.ability in _CAN_JAM and now.get(Ability.MOTION) == "jammed"


def replaces(later: DeviceCommand, earlier: DeviceCommand) -> bool:
    """Whether a later order takes the place of an earlier one, which then need not come true any more.

    "Stop" takes the place of "open", "brighter" that of "off".
    """
    if later.device_id != earlier.device_id or later == earlier:
        return False
    if later.ability is earlier.ability:
        return True
    both = {later.ability, earlier.ability}
    if both <= _COVER:
        return True
    off = DeviceCommand(later.device_id, Ability.ON, False)
    return off in (later, earlier) and bool(both & _NEEDS_ON)


def repeatable(command: DeviceCommand) -> bool:
    """Whether saying it twice means doing it twice, as with "next" or the press of a button."""
    return command.ability in _AGAIN or command.value in _AGAIN_WORDS


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _real(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
