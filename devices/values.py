"""What can be asked of a thing: the right sort of value, within its limits, among its options."""

import math

from devices.home import ABILITY_VALUES, READ_ONLY, Ability, Device, Value

_YES_OR_NO = frozenset({Ability.ON, Ability.OPEN, Ability.LOCKED, Ability.MUTED, Ability.PRESSED})
_PERCENT = frozenset({Ability.BRIGHTNESS, Ability.POSITION, Ability.TILT, Ability.FAN_SPEED, Ability.VOLUME})
_NUMBERS = _PERCENT | {Ability.COLOUR_TEMPERATURE, Ability.SETPOINT}
_ASKED_BESIDES = {Ability.PLAYBACK: ("next", "previous"), Ability.CLEANING: ("locate",)}
"""Words that are asked and never reported, and so may be missing among the options."""


def objection(device: Device, ability: Ability, value: Value) -> str:
    """Why the thing cannot be asked for that, one line that names what is possible; empty when it can."""
    if ability not in device.abilities:
        return f"it has no {ability.value}"
    if ability in READ_ONLY:
        return f"its {ability.value} can only be asked about"
    if ability in _YES_OR_NO:
        return "" if isinstance(value, bool) else _wrong(ability, value)
    if ability in _NUMBERS:
        return _number_objection(device, ability, value)
    if ability is Ability.COLOUR:
        return "" if _is_colour(value) else _wrong(ability, value)
    if not isinstance(value, str):
        return _wrong(ability, value)
    if ability is Ability.MOTION:
        return "" if value == "stopped" else "its motion can only be stopped"
    options = device.options.get(ability, ())
    if options and value not in options and value not in _ASKED_BESIDES.get(ability, ()):
        return f"its {ability.value} is one of {', '.join(options)}, not {value[:80]!r}"
    return ""


def _number_objection(device: Device, ability: Ability, value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _wrong(ability, value)
    low, high = device.limits.get(ability, (0, 100) if ability in _PERCENT else (-math.inf, math.inf))
    if low <= value <= high:
        return ""
    return f"its {ability.value.replace('_', ' ')} goes from {low:g} to {high:g}, not to {value:g}"


def _is_colour(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 3
        and all(isinstance(part, int) and 0 <= part <= 255 for part in value)
    )


def _wrong(ability: Ability, value: object) -> str:
    return f"its {ability.value} takes {ABILITY_VALUES[ability]}, not {str(value)[:80]!r}"
