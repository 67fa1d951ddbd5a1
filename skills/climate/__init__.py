"""Heating and cooling: set temperatures, modes, and how warm it is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from skills.api import (
    Ability,
    Answer,
    AreaName,
    Context,
    Device,
    DeviceCommand,
    Field,
    Kind,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)
from skills.climate.modes import cooling, heating, wished_modes
from skills.targets import (
    Target,
    Where,
    find,
    how_many,
    in_room,
    known,
    named,
    of_kind,
    room_called,
    switched,
)

ClimateName = Annotated[str, Slot("climate")]
SensorName = Annotated[str, Slot("device")]
Degrees = Annotated[float, Field(ge=-30.0, le=120.0)]
Step = Annotated[float, Field(ge=0.5, le=20.0)]
Mode = Literal["off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only"]
What = Literal["heating", "cooling"]
ModeName = Annotated[Mode, Slot("climate_mode")]
Preset = Annotated[str, Slot("climate_preset")]

PLAUSIBLE_C = (4.0, 40.0)  # for a thermostat that names no limits
GUESSED_C = 20.0  # where a step begins when nobody knows


class ClimateSettings(BaseModel):
    """`[skills.climate]`. Degrees that are said without a unit are meant, and told, in this one."""

    model_config = ConfigDict(extra="forbid")

    unit: Literal["celsius", "fahrenheit"] = "celsius"


class Climate(Skill):
    """Thermostats, radiators, air conditioners."""

    name = "climate"
    api = 1
    settings = ClimateSettings

    @tool(offered=False)
    async def set_temperature(
        self,
        context: Context,
        degrees: Degrees,
        fahrenheit: bool | None = None,
        what: What | None = None,
        device: ClimateName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Set heating or cooling to a temperature in degrees."""
        unit_f = fahrenheit if fahrenheit is not None else _owner_says_fahrenheit(context)
        wanted_c = (degrees - 32.0) / 1.8 if unit_f else degrees
        target = _with_setpoint(_find(context, what, Where(device, room, everywhere)))
        for each in target.devices:
            lowest, highest = each.limits.get(Ability.SETPOINT, PLAUSIBLE_C)
            if not lowest <= round(wanted_c, 1) <= highest:
                values = {
                    "name": each.name,
                    "lowest": _told(context, lowest),
                    "highest": _told(context, highest),
                }
                raise SkillError(Say("out_of_range", values))
        return _ordered(context, target, {each.id: round(wanted_c, 1) for each in target.devices})

    @tool()
    async def change_temperature(
        self,
        context: Context,
        warmer: bool,
        by: Step = 1.0,
        what: What | None = None,
        device: ClimateName | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Make it warmer or cooler by some degrees, one when nobody says how many."""
        target = _with_setpoint(_find(context, what, Where(device, room, everywhere)))
        step = by / 1.8 if _owner_says_fahrenheit(context) else by
        return _ordered(
            context, target, {each.id: _stepped(each, step if warmer else -step) for each in target.devices}
        )

    @tool()
    async def turn(
        self,
        context: Context,
        on: bool,
        what: What | None = None,
        room: AreaName | None = None,
        everywhere: bool = False,
    ) -> Answer:
        """Turn heating or air conditioning on or off."""
        target = _find(context, what, Where(None, room, everywhere))
        orders = {each.id: switched(each, on, wished_modes(what)) for each in target.devices}
        if None in orders.values():
            raise SkillError(Say("cannot_switch", {"names": target.names}))
        commands = tuple(order for order in orders.values() if order is not None)
        return Answer(commands, how_many("on" if on else "off", target))

    @tool(offered=False)
    async def set_mode(
        self,
        context: Context,
        mode: ModeName,
        what: What | None = None,
        device: ClimateName | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Set heating or cooling to a mode: heat, cool, auto, dry, fan_only, off."""
        target = _find(context, what, Where(device, room))
        able = tuple(each for each in target.devices if _fitting_mode(each, mode) is not None)
        if not able:
            raise SkillError(Say("cannot_mode", {"names": target.names, "mode": Say(f"mode_{mode}")}))
        commands = tuple(
            DeviceCommand(each.id, Ability.MODE, _fitting_mode(each, mode) or mode) for each in able
        )
        say = how_many("mode", Target(able, target.room))
        return Answer(commands, Say(say.key, {**say.values, "mode": Say(f"mode_{mode}")}))

    @tool(offered=False)
    async def set_preset(
        self,
        context: Context,
        preset: Preset,
        what: What | None = None,
        device: ClimateName | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Set heating or cooling to a preset such as eco, away, boost, comfort, sleep."""
        target = _find(context, what, Where(device, room))
        options = {
            each.id: option
            for each in target.devices
            for option in each.options.get(Ability.PRESET, ())
            if option.casefold() == preset.casefold()
        }
        able = tuple(each for each in target.devices if each.id in options)
        if not able:
            raise SkillError(Say("cannot_preset", {"names": target.names, "preset": preset}))
        say = how_many("preset", Target(able, target.room))
        return Answer(
            tuple(DeviceCommand(each.id, Ability.PRESET, options[each.id]) for each in able),
            Say(say.key, {**say.values, "preset": preset}),
        )

    @tool(acts=False)
    async def temperature(
        self, context: Context, room: AreaName | None = None, device: SensorName | None = None
    ) -> Answer:
        """Tell how warm it is in a room."""
        if device is not None:
            found: tuple[Device, ...] = (named(context, device, room, _tells_temperature),)
            place = None
        else:
            place = room_called(context, room) if room is not None else context.room
            every = known(context, _tells_temperature)
            found = in_room(every, place) if place is not None else every
            if not found and room is None:
                found, place = every, None
            if not found:
                raise SkillError(
                    Say("no_temperature_in_room", {"room": room}) if room else Say("no_temperature")
                )
        told = [each for each in found if isinstance(each.state.get(Ability.READING), int | float)]
        if not told:
            raise SkillError(Say("not_told", {"names": tuple(each.name for each in found)}))
        if len(told) > 1 and place is None:
            lines = tuple(Say("one_temperature", _reading(context, each)) for each in told)
            return Answer(say=Say("temperatures", {"temperatures": lines}))
        # In a room, a sensor of its own knows better than the thermostat.
        best = min(told, key=lambda each: each.kind is not Kind.SENSOR)
        values = {**_reading(context, best), "room": place}
        return Answer(say=Say("temperature_in_room" if place else "temperature_of", values), facts=values)

    @tool(acts=False, offered=False)
    async def target(
        self,
        context: Context,
        what: What | None = None,
        device: ClimateName | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Tell what heating or cooling is set to."""
        one = _find(context, what, Where(device, room)).devices[0]
        mode, degrees = one.state.get(Ability.MODE), one.state.get(Ability.SETPOINT)
        if mode == "off":
            return Answer(say=Say("is_off", {"name": one.name}))
        if not isinstance(degrees, int | float):
            raise SkillError(Say("not_told", {"names": (one.name,)}))
        values = {"name": one.name, "degrees": _told(context, degrees)}
        return Answer(say=Say("is_set_to", values), facts=values)


def _find(context: Context, what: What | None, where: Where) -> Target:
    """Return the climate devices; "the heating" leaves out what can only cool, and the other way round."""
    if where.device is not None or what is None:
        return find(context, where, of_kind(Kind.CLIMATE), "no_climate")
    fits = heating if what == "heating" else cooling
    missing = f"no_{what}"
    try:
        return find(context, where, fits, missing)
    except SkillError as error:
        if error.say.key == f"{missing}_in_room" and not known(context, fits):
            raise SkillError(Say(missing)) from None
        raise


def _with_setpoint(target: Target) -> Target:
    able = tuple(each for each in target.devices if Ability.SETPOINT in each.abilities)
    if not able:
        raise SkillError(Say("cannot_set", {"names": target.names}))
    return Target(able, target.room, target.everywhere)


def _ordered(context: Context, target: Target, degrees_c: dict[str, float]) -> Answer:
    commands = tuple(DeviceCommand(each.id, Ability.SETPOINT, degrees_c[each.id]) for each in target.devices)
    alike = len(set(degrees_c.values())) == 1
    say = how_many("set" if alike else "changed", target)
    told = _told(context, next(iter(degrees_c.values())))
    return Answer(commands, Say(say.key, {**say.values, "degrees": told}), {"degrees": told})


def _stepped(device: Device, by_c: float) -> float:
    """Return the new temperature in degrees Celsius, within what the device takes."""
    lowest, highest = device.limits.get(Ability.SETPOINT, PLAUSIBLE_C)
    for ability in (Ability.SETPOINT, Ability.READING):
        now = device.state.get(ability)
        if isinstance(now, int | float) and not isinstance(now, bool):
            break
    else:
        now = GUESSED_C
    return round(min(highest, max(lowest, float(now) + by_c)), 1)


def _fitting_mode(device: Device, mode: str) -> str | None:
    """Return the device's own mode for what was said: "auto" is "heat_cool" to some."""
    options = device.options.get(Ability.MODE, ())
    if Ability.MODE not in device.abilities:
        return None
    if not options or mode in options:
        return mode
    twin = {"auto": "heat_cool", "heat_cool": "auto"}.get(mode)
    return twin if twin in options else None


def _tells_temperature(device: Device) -> bool:
    if Ability.READING not in device.abilities:
        return False
    if device.kind is Kind.CLIMATE:
        return True
    return device.kind is Kind.SENSOR and (
        device.device_class == "temperature" or device.unit in ("°C", "°F", "K")
    )


def _reading(context: Context, device: Device) -> dict[str, object]:
    value = device.state[Ability.READING]
    degrees = float(value) if isinstance(value, int | float) else 0.0
    degrees_c = (degrees - 32.0) / 1.8 if device.unit == "°F" else degrees
    return {"name": device.name, "degrees": _told(context, degrees_c)}


def _told(context: Context, degrees_c: float) -> str:
    """Return a temperature in the owner's unit, without a needless ".0"."""
    degrees = degrees_c * 1.8 + 32.0 if _owner_says_fahrenheit(context) else degrees_c
    rounded = round(degrees) if _owner_says_fahrenheit(context) else round(degrees, 1)
    return f"{rounded:g}"


def _owner_says_fahrenheit(context: Context) -> bool:
    return bool(context.settings.get("unit") == "fahrenheit")
