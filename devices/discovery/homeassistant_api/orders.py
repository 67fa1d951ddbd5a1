"""Which of Home Assistant's actions brings an entity to a value, and when it has got there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.discovery.components import colours
from devices.discovery.components.opening import FULLY_OPEN
from devices.discovery.components.values import (
    as_colour,
    as_kelvin,
    as_option,
    as_percent,
    as_real,
    as_switch,
)
from devices.discovery.convention import CannotError
from devices.discovery.homeassistant_api.things import MOVED_PERCENT, Thing
from devices.home import READ_ONLY, Ability, Value

State = Mapping[Ability, Value]


@dataclass(frozen=True, slots=True)
class Action:
    """A call of one service ("turn_on") of an entity's domain, with its data."""

    service: str
    data: Mapping[str, Any] = field(default_factory=dict)


def action(domain: str, thing: Thing, ability: Ability, value: Value) -> Action:
    """What to call for an order. Raises `CannotError`."""
    if ability not in thing.abilities or ability in READ_ONLY:
        raise CannotError(f"it has no {ability.value} that could be ordered")
    return _ACTIONS[ability](domain, thing, value)


def reports(thing: Thing, ability: Ability, value: Value) -> bool:
    """Whether there will be a word about it: a skipped song and a beep leave no trace."""
    return ability in thing.state and value not in ("next", "previous", "locate")


def satisfied(thing: Thing, ability: Ability, value: Value, state: State) -> bool:
    """Whether `state` is what was asked, within what the thing can resolve."""
    said = state.get(ability)
    if ability in (Ability.BRIGHTNESS, Ability.FAN_SPEED) and value == 0:
        return state.get(Ability.ON) is False or said == 0
    if said is None:
        return False
    if ability in _WHILE_ON and state.get(Ability.ON) is False:
        return False
    if ability in _AT_REST and state.get(Ability.MOTION) in ("opening", "closing"):
        return False
    if (
        ability is Ability.OPEN
        and value is True
        and isinstance(at := state.get(Ability.POSITION), int | float)
    ):
        return at >= FULLY_OPEN
    if ability is Ability.CLEANING:  # one that stands in its dock has stopped, too
        return said == value or (value, said) == ("stopped", "docked")
    close = _CLOSE.get(ability)
    return close(thing, value, said) if close else said == value and type(said) is type(value)


_WHILE_ON = frozenset({Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE, Ability.FAN_SPEED})
_AT_REST = frozenset({Ability.OPEN, Ability.POSITION, Ability.TILT})


def _power(_: str, __: Thing, value: Value) -> Action:
    return Action("turn_on" if as_switch(value) else "turn_off")


def _brightness(domain: str, thing: Thing, value: Value) -> Action:
    percent = as_percent(value)
    if percent == 0:
        return _power(domain, thing, False)
    return Action("turn_on", {"brightness": max(1, round(percent * 2.55))})


def _colour(_: str, __: Thing, value: Value) -> Action:
    return Action("turn_on", {"rgb_color": list(as_colour(value))})


def _white(_: str, thing: Thing, value: Value) -> Action:
    lowest, highest = thing.limits.get(Ability.COLOUR_TEMPERATURE, (1_000, 20_000))
    return Action("turn_on", {"color_temp_kelvin": round(min(highest, max(lowest, as_kelvin(value))))})


def _open(domain: str, _: Thing, value: Value) -> Action:
    return Action(f"open_{domain}" if as_switch(value) else f"close_{domain}")


def _position(domain: str, _: Thing, value: Value) -> Action:
    return Action(f"set_{domain}_position", {"position": round(as_percent(value))})


def _tilt(_: str, __: Thing, value: Value) -> Action:
    return Action("set_cover_tilt_position", {"tilt_position": round(as_percent(value))})


def _stop(domain: str, _: Thing, value: Value) -> Action:
    if value != "stopped":
        raise CannotError("motion can only be stopped")
    return Action(f"stop_{domain}")


def _setpoint(_: str, thing: Thing, value: Value) -> Action:
    if thing.state.get(Ability.SETPOINT) is None and thing.state.get(Ability.MODE) == "heat_cool":
        raise CannotError("it keeps between two temperatures now, and takes no single one")
    return Action("set_temperature", {"temperature": thing.degrees.to_device(as_real(value))})


def _mode(_: str, thing: Thing, value: Value) -> Action:
    return Action("set_hvac_mode", {"hvac_mode": _option(thing, Ability.MODE, value)})


def _preset(domain: str, thing: Thing, value: Value) -> Action:
    word = _option(thing, Ability.PRESET, value)
    if domain == "vacuum":
        return Action("set_fan_speed", {"fan_speed": word})
    if domain == "humidifier":
        return Action("set_mode", {"mode": word})
    return Action("set_preset_mode", {"preset_mode": word})


def _speed(_: str, __: Thing, value: Value) -> Action:
    return Action("set_percentage", {"percentage": round(as_percent(value))})


def _lock(_: str, __: Thing, value: Value) -> Action:
    return Action("lock" if as_switch(value) else "unlock")


def _arm(_: str, thing: Thing, value: Value) -> Action:
    word = _option(thing, Ability.ARMED, value)
    return Action("alarm_disarm" if word == "disarmed" else f"alarm_{word.replace('armed', 'arm')}")


def _volume(_: str, __: Thing, value: Value) -> Action:
    return Action("volume_set", {"volume_level": round(as_percent(value) / 100, 2)})


def _mute(_: str, __: Thing, value: Value) -> Action:
    return Action("volume_mute", {"is_volume_muted": as_switch(value)})


_PLAYBACK = {
    "playing": "media_play",
    "paused": "media_pause",
    "stopped": "media_stop",
    "next": "media_next_track",
    "previous": "media_previous_track",
}
_CLEANING = {
    "cleaning": "start",
    "paused": "pause",
    "stopped": "stop",
    "docked": "return_to_base",
    "locate": "locate",
}


def _playback(_: str, thing: Thing, value: Value) -> Action:
    return Action(_PLAYBACK[_option(thing, Ability.PLAYBACK, value)])


def _cleaning(_: str, thing: Thing, value: Value) -> Action:
    return Action(_CLEANING[_option(thing, Ability.CLEANING, value)])


def _press(domain: str, _: Thing, value: Value) -> Action:
    if value is not True:
        raise CannotError("it can only be pressed")
    return Action("turn_on" if domain in ("scene", "script") else "press")


def _option(thing: Thing, ability: Ability, value: Value) -> str:
    return as_option(value, thing.options.get(ability, ()))


_ACTIONS: Mapping[Ability, Callable[[str, Thing, Value], Action]] = {
    Ability.ON: _power,
    Ability.BRIGHTNESS: _brightness,
    Ability.COLOUR: _colour,
    Ability.COLOUR_TEMPERATURE: _white,
    Ability.OPEN: _open,
    Ability.POSITION: _position,
    Ability.TILT: _tilt,
    Ability.MOTION: _stop,
    Ability.SETPOINT: _setpoint,
    Ability.MODE: _mode,
    Ability.PRESET: _preset,
    Ability.FAN_SPEED: _speed,
    Ability.LOCKED: _lock,
    Ability.ARMED: _arm,
    Ability.VOLUME: _volume,
    Ability.MUTED: _mute,
    Ability.PLAYBACK: _playback,
    Ability.CLEANING: _cleaning,
    Ability.PRESSED: _press,
}


def _near(thing: Thing, ability: Ability, asked: Value, said: Value) -> bool:
    """Whether two numbers are the same for a thing with its steps."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return False
    return abs(as_real(asked) - said) <= max(MOVED_PERCENT, thing.steps.get(ability, 0) / 2 + 1)


def _same_white(thing: Thing, asked: Value, said: Value) -> bool:
    """The same to the eye and to rounded mireds, within what the light can show."""
    lowest, highest = thing.limits.get(Ability.COLOUR_TEMPERATURE, (1_000, 20_000))
    clipped = min(highest, max(lowest, as_kelvin(asked)))
    return isinstance(said, int | float) and abs(clipped - said) <= 0.04 * said


def _same_colour(_: Thing, asked: Value, said: Value) -> bool:
    return isinstance(said, tuple) and colours.alike(as_colour(asked), said)


def _nearly(ability: Ability) -> Callable[[Thing, Value, Value], bool]:
    return lambda thing, asked, said: _near(thing, ability, asked, said)


_CLOSE: Mapping[Ability, Callable[[Thing, Value, Value], bool]] = {
    Ability.BRIGHTNESS: lambda _, asked, said: isinstance(said, int) and abs(as_percent(asked) - said) <= 1.2,
    Ability.COLOUR: _same_colour,
    Ability.COLOUR_TEMPERATURE: _same_white,
    Ability.SETPOINT: lambda thing, asked, said: thing.degrees.close(asked, said),
    **{
        ability: _nearly(ability)
        for ability in (Ability.POSITION, Ability.TILT, Ability.FAN_SPEED, Ability.VOLUME)
    },
}
