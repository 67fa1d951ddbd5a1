"""What an action is for one thing: which ability, brought where or moved how far."""

from collections.abc import Mapping
from dataclasses import replace

from assistant.understanding.frames.frame import Action, Said, Step, Wants
from devices.home import Ability, Device, Kind
from skills.lights.colours import KELVIN, RGB

A = Ability

STEPS: Mapping[Ability, float] = {
    A.BRIGHTNESS: 20.0, A.POSITION: 20.0, A.TILT: 20.0, A.SETPOINT: 1.0, A.FAN_SPEED: 20.0, A.VOLUME: 10.0,
    A.COLOUR_TEMPERATURE: 600.0,
}  # fmt: skip
"""How far "a little brighter" goes, in the ability's own unit; half as far for a bit, twice for a lot."""

LEVELS: Mapping[str, float] = {"low": 33.0, "medium": 66.0, "high": 100.0}
BRIGHTNESS_LEVELS: Mapping[str, float] = {"low": 20.0, "medium": 50.0, "high": 100.0}
VOLUME_LEVELS: Mapping[str, float] = {"low": 15.0, "medium": 40.0, "high": 75.0}
MODES: Mapping[str, tuple[str, ...]] = {
    "fan_only": ("fan_only", "fan"),
    "auto": ("auto", "heat_cool"),
    "heat_cool": ("heat_cool", "auto"),
}
SPEED_NUMBERS = {1: 33.0, 2: 66.0, 3: 100.0}

_USUAL: Mapping[Kind, tuple[Ability, ...]] = {
    Kind.LIGHT: (A.BRIGHTNESS,),
    Kind.CLIMATE: (A.SETPOINT, A.PRESET, A.FAN_SPEED),
    Kind.FAN: (A.FAN_SPEED, A.PRESET),
    Kind.MEDIA_PLAYER: (A.VOLUME,),
    Kind.COVER: (A.POSITION, A.TILT),
}
"""What "up" and "down" and a bare number mean for a thing."""

_ORDERED_LEVELS = ("off", "low", "medium", "high")
_OPENED = frozenset({"open", "open_on", "raise", "on"})
_CLOSED = frozenset({"close", "close_off", "lower", "off"})


def steps_for(device: Device, action: Action) -> tuple[Step, ...]:
    """Return the thing's part in an action; nothing when it cannot do it."""
    if action.said is not None:
        step = _brought(device, action, action.said)
    elif action.sign and action.by is not None:
        step = _by(device, action)
    elif action.sign:
        return _directed(device, action)
    elif action.small or action.large:
        return _a_bit(device, action)
    else:
        step = _done(device, action.verbs)
    return (step,) if step is not None else ()


# -- a value -------------------------------------------------------------------------------------------------


def _brought(device: Device, action: Action, said: Said) -> Step | None:
    match said.wants:
        case Wants.COLOUR:
            return _coloured(device, said) or _worded(device, said)
        case Wants.KELVIN:
            return _if_able(device, A.COLOUR_TEMPERATURE, round(said.number))
        case Wants.WORD:
            return _worded(device, said) or _levelled(device, action, said)
        case Wants.LEVEL:
            return _levelled(device, action, said)
        case Wants.ARMED:
            return _if_able(device, A.ARMED, next(iter(sorted(said.words))))
        case Wants.DEGREES:
            if A.TILT in device.abilities and "tilt" in action.dims:
                return None
            return _within(device, A.SETPOINT, said.number)
        case _:
            return _numbered(device, action, said)


def _numbered(device: Device, action: Action, said: Said) -> Step | None:
    ability = _ability(device, action.dims)
    if ability is None:
        return None
    if ability is A.PRESET:
        return _levelled(
            device,
            action,
            Said(
                Wants.LEVEL, words=frozenset({{1: "low", 2: "medium", 3: "high"}.get(int(said.number), "")})
            ),
        )
    if ability is A.SETPOINT:
        return None if said.wants is Wants.PERCENT else _within(device, ability, said.number)
    if ability is A.FAN_SPEED and said.wants is Wants.NUMBER and said.number in SPEED_NUMBERS:
        return Step(ability, SPEED_NUMBERS[int(said.number)])
    if ability is A.COLOUR_TEMPERATURE:
        return Step(ability, round(said.number))
    if not 0 <= said.number <= 100:
        return None
    number = said.number
    return Step(ability, int(number) if number == int(number) else number)


def _ability(device: Device, dims: frozenset[str]) -> Ability | None:
    """Return the ability that a number or a direction is about."""
    named = [each for each in dims if each not in ("any", "colour", "mode")]
    if named:
        return next((Ability(each) for each in sorted(named) if Ability(each) in device.abilities), None)
    usual = _USUAL.get(device.kind, ())
    return next((each for each in usual if each in device.abilities), None)


def _within(device: Device, ability: Ability, number: float) -> Step | None:
    if ability not in device.abilities:
        return None
    lowest, highest = device.limits.get(ability, (4.0, 40.0))
    return (
        Step(ability, int(number) if number == int(number) else number)
        if lowest <= number <= highest
        else None
    )


def _coloured(device: Device, said: Said) -> Step | None:
    names = sorted(said.words & RGB.keys(), key=len, reverse=True)
    if not names or device.kind is not Kind.LIGHT:
        return None
    name = names[0]
    if name in KELVIN and A.COLOUR_TEMPERATURE in device.abilities:
        return Step(A.COLOUR_TEMPERATURE, KELVIN[name])
    return _if_able(device, A.COLOUR, RGB[name])


def _worded(device: Device, said: Said) -> Step | None:
    for ability in (A.PRESET, A.MODE):
        options = device.options.get(ability, ())
        by_word = {option.casefold(): option for option in options}
        for word in sorted(said.words):
            for option in MODES.get(word, (word,)):
                if option.casefold() in by_word:
                    return Step(ability, by_word[option.casefold()])
    return None


def _levelled(device: Device, action: Action, said: Said) -> Step | None:
    words = said.words & {"low", "medium", "high", "max", "min"}
    if not words:
        return None
    word = next(each for each in ("low", "medium", "high", "max", "min") if each in words)
    options = device.options.get(A.PRESET, ())
    ranked = [each for each in _ORDERED_LEVELS[1:] if each in options]
    option = ranked[-1] if ranked and word == "max" else ranked[0] if ranked and word == "min" else word
    if option in options and not (action.dims - {"any", "preset"}):
        return Step(A.PRESET, option)
    ability = _ability(device, action.dims)
    if ability is None or ability is A.PRESET:
        return None
    if ability is A.SETPOINT:
        limits = device.limits.get(ability)
        return Step(ability, limits[word == "max"]) if limits and word in ("max", "min") else None
    if ability is A.POSITION:
        return Step(ability, 100 if word == "max" else 0) if word in ("max", "min") else None
    if ability is A.COLOUR_TEMPERATURE:
        return None
    if word in ("max", "min"):
        return Step(
            ability,
            100 if word == "max" else 10 if ability is A.FAN_SPEED else 5 if ability is A.VOLUME else 1,
        )
    table = BRIGHTNESS_LEVELS if ability is A.BRIGHTNESS else VOLUME_LEVELS if ability is A.VOLUME else LEVELS
    return Step(ability, int(table[word]))


# -- a direction ---------------------------------------------------------------------------------------------


def _by(device: Device, action: Action) -> Step | None:
    ability = _ability(device, action.dims)
    if ability is None or ability is A.PRESET or action.by is None:
        return None
    if ability is A.SETPOINT and action.by_unit in (Wants.PERCENT, "fraction"):
        return None
    if action.by_unit == Wants.DEGREES and ability is not A.SETPOINT:
        return None
    by = action.by * action.sign
    now = device.state.get(ability)
    if action.by_unit == "fraction" and ability is not A.POSITION and isinstance(now, int | float):
        by = round(now * by / 100)  # 减一半
    if ability is A.FAN_SPEED and action.by_unit == Wants.NUMBER and action.by in SPEED_NUMBERS:
        by *= STEPS[A.FAN_SPEED]
    return Step(ability, by=by)


def _directed(device: Device, action: Action) -> tuple[Step, ...]:
    dims, sign = action.dims - {"any"}, action.sign
    if dims == {"volume"} and A.VOLUME not in device.abilities and A.FAN_SPEED in device.abilities:
        dims = frozenset({"fan_speed"})  # a quieter fan is a slower one
        action = replace(action, dims=dims)
    plain = not action.small and not action.large
    if device.kind is Kind.LIGHT and "setpoint" in dims and A.COLOUR_TEMPERATURE in device.abilities:
        return (Step(A.COLOUR_TEMPERATURE, by=-sign * _size(A.COLOUR_TEMPERATURE, action)),)
    if device.kind is Kind.COVER and not dims and plain:
        return _up_or_down(device, sign)
    if (
        "setpoint" in dims
        and A.SETPOINT not in device.abilities
        and device.kind in (Kind.CLIMATE, Kind.FAN, Kind.SWITCH)
    ):
        return _stepped_level(device, sign) or (
            _if_on_off(device, sign) if device.kind is Kind.SWITCH else ()
        )
    if "position" in dims and device.kind is Kind.COVER and A.POSITION not in device.abilities:
        return ()
    if "brightness" in dims and device.kind is Kind.LIGHT and A.BRIGHTNESS not in device.abilities:
        return ()
    ability = _ability(device, dims)
    if ability is None:
        return ()
    if ability is A.PRESET:
        return _stepped_level(device, sign)
    if ability is A.POSITION and not dims and device.device_class == "window":
        sign = -sign  # a car's window goes up to close
    return (Step(ability, by=sign * _size(ability, action)),)


def _if_on_off(device: Device, sign: int) -> tuple[Step, ...]:
    return (Step(A.ON, sign > 0),) if A.ON in device.abilities else ()


def _up_or_down(device: Device, sign: int) -> tuple[Step, ...]:
    """A blind goes up to open; a car's window goes up to close."""
    opened = sign > 0 if device.device_class != "window" else sign < 0
    step = _opened(device, opened)
    return (step,) if step is not None else ()


def _a_bit(device: Device, action: Action) -> tuple[Step, ...]:
    """Open a bit, close a bit, dim a bit."""
    if action.verbs & {"dim", "brighten"}:
        return _directed(
            device,
            Action(
                dims=frozenset({"brightness"}),
                sign=1 if "brighten" in action.verbs else -1,
                small=action.small,
                large=action.large,
            ),
        )
    if device.kind is Kind.COVER:
        if A.POSITION not in device.abilities:
            return ()
        sign = 1 if action.verbs & (_OPENED | {"raise"}) else -1
        if (
            device.device_class == "window"
            and action.verbs & {"raise", "lower"}
            and not action.verbs & {"open", "close"}
        ):
            sign = -sign
        return (Step(A.POSITION, by=sign * _size(A.POSITION, action)),)
    step = _done(device, action.verbs)
    return (step,) if step is not None else ()


def _stepped_level(device: Device, sign: int) -> tuple[Step, ...]:
    options = [each for each in _ORDERED_LEVELS if each in device.options.get(A.PRESET, ())]
    if not options:
        return ()
    now = device.state.get(A.PRESET)
    at = options.index(now) if now in options else 0
    if device.state.get(A.ON) is False and sign > 0:
        return (Step(A.PRESET, options[0]),)
    return (Step(A.PRESET, options[min(len(options) - 1, max(0, at + sign))]),)


def _size(ability: Ability, action: Action) -> float:
    step = STEPS.get(ability, 10.0)
    if ability is A.SETPOINT:
        return 2.0 if action.large else 1.0
    return step * (2.0 if action.large else 0.5 if action.small else 1.0)


# -- a verb --------------------------------------------------------------------------------------------------


def _done(device: Device, verbs: frozenset[str]) -> Step | None:  # noqa: C901 - a table
    can, kind = device.abilities, device.kind
    if kind is Kind.SCENE:
        return Step(A.PRESSED, True) if A.PRESSED in can and verbs & {"press", "on", "open_on"} else None
    if kind is Kind.VACUUM:
        return _of_vacuum(verbs)
    if kind is Kind.LOCK:
        if verbs & {"unlock", "open", "open_on"}:
            return _if_able(device, A.LOCKED, False)
        return _if_able(device, A.LOCKED, True) if verbs & {"lock", "close", "close_off"} else None
    if kind is Kind.ALARM:
        if verbs & {"disarm", "off", "close_off", "unlock"}:
            return _if_able(device, A.ARMED, "disarmed")
        return _if_able(device, A.ARMED, "armed_away") if verbs & {"arm", "on", "open_on", "press"} else None
    if kind is Kind.COVER:
        return _of_cover(device, verbs)
    if kind is Kind.MEDIA_PLAYER and (step := _of_player(device, verbs)) is not None:
        return step
    if verbs & {"dim", "brighten"}:
        return (
            Step(A.BRIGHTNESS, by=(1 if "brighten" in verbs else -1) * STEPS[A.BRIGHTNESS])
            if A.BRIGHTNESS in can
            else None
        )
    if verbs & {"heat", "cool"} and A.SETPOINT in can and device.state.get(A.ON) is not False:
        return Step(A.SETPOINT, by=1.0 if "heat" in verbs else -1.0)
    if kind is Kind.LIGHT and verbs & _WARMING:
        return None  # "preheat the car" is of no lamp
    switching = frozenset({"on", "open_on"}) if kind is Kind.MEDIA_PLAYER else _SWITCHING_ON
    on = bool(verbs & switching)
    off = bool(verbs & {"off", "close_off", "stop"})
    return _switched(device, on) if on != off else None


def _switched(device: Device, on: bool) -> Step | None:
    can = device.abilities
    if A.ON in can:
        return Step(A.ON, on)
    if A.MODE in can and device.kind is Kind.CLIMATE:
        options = device.options.get(A.MODE, ())
        now = device.state.get(A.MODE)
        first = () if now in (None, "off") else (str(now),)
        only_heats = not {"cool", "heat_cool", "dry"}.intersection(options)
        usual = ("heat", "auto") if only_heats else ("auto", "heat_cool", "heat", "cool")
        wished = next(
            (each for each in (*first, *usual, *options) if each in options and each != "off"), "heat"
        )
        return Step(A.MODE, wished if on else "off")
    if A.PRESET in can:
        options = device.options.get(A.PRESET, ())
        if not on:
            return Step(A.PRESET, "off") if "off" in options else None
        return next((Step(A.PRESET, each) for each in ("medium", "high", "low") if each in options), None)
    if A.PLAYBACK in can:
        return Step(A.PLAYBACK, "playing" if on else "stopped")
    return None


_WARMING = frozenset({"heat", "cool", "defrost"})
_SWITCHING_ON = frozenset({"on", "open_on", "press", "heat", "cool", "defrost"})
_OF_VACUUM: Mapping[str, str] = {
    "dock": "docked",
    "locate": "locate",
    "pause": "paused",
    "stop": "stopped",
    "clean": "cleaning",
    **dict.fromkeys(("off", "close_off"), "docked"),
    **dict.fromkeys(("on", "open_on", "play", "press"), "cleaning"),
}
"""Verb -> what a robot is to do; the first that was said counts."""


def _of_vacuum(verbs: frozenset[str]) -> Step | None:
    return next((Step(A.CLEANING, wanted) for word, wanted in _OF_VACUUM.items() if word in verbs), None)


def _of_cover(device: Device, verbs: frozenset[str]) -> Step | None:
    if "stop" in verbs or "pause" in verbs:
        return Step(A.MOTION, "stopped") if A.MOTION in device.abilities else None
    if "pull" in verbs:  # 拉起来: a blind goes up, a curtain is drawn
        return _opened(device, device.device_class != "curtain" and "帘" not in device.name)
    if (
        device.device_class == "window"
        and verbs & {"raise", "lower"}
        and not verbs & {"open_on", "close_off"}
    ):
        return _opened(device, "lower" in verbs)
    if device.device_class == "awning" and verbs & {"raise", "lower"} and not verbs & {"open", "close"}:
        return _opened(device, "lower" in verbs)  # it shades when it is down
    if verbs & (_OPENED - {"on"}) or ("on" in verbs and device.device_class in ("valve", "water")):
        return _opened(device, True)
    if verbs & (_CLOSED - {"off"}) or ("off" in verbs and device.device_class in ("valve", "water")):
        return _opened(device, False)
    return None


def _of_player(device: Device, verbs: frozenset[str]) -> Step | None:
    can = device.abilities
    if "unmute" in verbs:
        return _if_able(device, A.MUTED, False)
    if "mute" in verbs:
        return _if_able(device, A.MUTED, True)
    if A.PLAYBACK in can:
        for word, wanted in (
            ("pause", "paused"),
            ("next", "next"),
            ("previous", "previous"),
            ("play", "playing"),
        ):
            if word in verbs:
                return Step(A.PLAYBACK, wanted)
        if "stop" in verbs:
            return Step(A.PLAYBACK, "stopped")
    return None


def _opened(device: Device, opened: bool) -> Step | None:
    if A.OPEN in device.abilities:
        return Step(A.OPEN, opened)
    return Step(A.POSITION, 100 if opened else 0) if A.POSITION in device.abilities else None


def _if_able(device: Device, ability: Ability, value: bool | int | str | tuple[int, int, int]) -> Step | None:
    return Step(ability, value) if ability in device.abilities else None
