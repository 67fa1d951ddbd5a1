"""What a car tells of itself: how far it goes, whether it charges, its tyres, its speed, what it warns of.

Its windows, seats and climate are things like any other, and are for the skills that order those.
"""

from collections.abc import Iterator

from skills.api import (
    Ability,
    Answer,
    Context,
    Device,
    DeviceCommand,
    Kind,
    Manifest,
    Say,
    Skill,
    SkillError,
    Value,
    tool,
)

_TYRES = ("tyre pressure", "tire pressure", "胎压")
_DOORS = frozenset({"doors", "car doors", "central locking", "车门", "中控锁", "车锁"})
_FLAT = ("tyre warning", "tire warning", "轮胎警告")


class Car(Skill):
    """The car, asked about itself."""

    name = "car"
    api = 1
    manifest = Manifest(devices=frozenset({Kind.LOCK}))

    @tool(offered=False)
    async def lock(self, context: Context, locked: bool) -> Answer:
        """Lock the car, or unlock it."""
        doors = [
            each
            for each in context.home
            if each.exposed and each.kind is Kind.LOCK and not _DOORS.isdisjoint(_names(each))
        ]
        if not doors:
            raise SkillError(Say("no_lock"))
        orders = tuple(DeviceCommand(each.id, Ability.LOCKED, locked) for each in doors)
        return Answer(orders, Say("locked" if locked else "unlocked"))

    @tool(acts=False)
    async def range(self, context: Context) -> Answer:
        """Tell how far the car still goes."""
        range_of = _told(context, ("range", "续航", "remaining range"))
        if range_of is None:
            raise SkillError(Say("not_told"))
        return Answer(say=Say("range", {"km": _number(range_of)}), facts={"km": range_of})

    @tool(acts=False)
    async def charge(self, context: Context) -> Answer:
        """Tell how full the car's battery is, whether it charges, and how long that takes."""
        level = _told(context, ("battery", "car battery", "电量"))
        charging = _told(context, ("charging", "充电"))
        minutes = _told(context, ("charging time", "充电时间"))
        if level is None and charging is None:
            raise SkillError(Say("not_told"))
        lasts = charging is True and isinstance(minutes, int | float) and minutes > 0
        how = "charging_for" if lasts else "charging" if charging is True else "not_charging"
        values = {"percent": _number(level), "minutes": _number(minutes)}
        if level is None:
            return Answer(say=Say(how, values))
        return Answer(say=Say("level" if charging is None else f"level_{how}", values))

    @tool(acts=False, offered=False)
    async def fuel(self, context: Context) -> Answer:
        """Tell how full the tank is."""
        level = _told(context, ("fuel tank", "fuel", "油量"))
        if level is None:
            raise SkillError(Say("not_told"))
        return Answer(say=Say("fuel", {"percent": _number(level)}))

    @tool(acts=False, offered=False)
    async def speed(self, context: Context) -> Answer:
        """Tell how fast the car goes."""
        speed = _told(context, ("speed", "车速"))
        if speed is None:
            raise SkillError(Say("not_told"))
        return Answer(say=Say("speed", {"kmh": _number(speed)}))

    @tool(acts=False)
    async def tyres(self, context: Context) -> Answer:
        """Tell the pressure in the car's tyres, and which of them has too little."""
        flat = [each.name for each in _sensors(context, _FLAT) if each.state.get(Ability.READING) == "on"]
        pressures = [
            pressure
            for each in _sensors(context, _TYRES)
            if isinstance(pressure := each.state.get(Ability.READING), int | float)
        ]
        if flat:
            return Answer(say=Say("flat", {"names": tuple(flat)}))
        if not pressures:
            raise SkillError(Say("not_told"))
        low, high = min(pressures), max(pressures)
        if high - low < 0.15:
            return Answer(say=Say("tyres_alike", {"bar": f"{high:g}"}))
        return Answer(say=Say("tyres", {"low": f"{low:g}", "high": f"{high:g}"}))

    @tool(acts=False)
    async def warnings(self, context: Context) -> Answer:
        """Tell what the car warns of."""
        warning = [each for each in context.home if each.exposed and each.device_class == "problem"]
        if not warning:
            raise SkillError(Say("not_told"))
        names = tuple(each.name for each in warning if each.state.get(Ability.READING) == "on")
        return Answer(say=Say("warnings", {"names": names}) if names else Say("no_warnings"))


def _sensors(context: Context, words: tuple[str, ...]) -> Iterator[Device]:
    """The things that are called so, the wheel before it left aside."""
    for each in context.home:
        names = " ".join((each.name, *each.aliases)).casefold()
        if each.exposed and each.kind is Kind.SENSOR and any(word in names for word in words):
            yield each


def _told(context: Context, names: tuple[str, ...]) -> Value | None:
    """What the thing of one of these names tells: its reading, or whether it is on."""
    for each in context.home:
        if each.exposed and not _names(each).isdisjoint(names):
            told = each.state.get(Ability.READING, each.state.get(Ability.ON))
            if told is not None:
                return told
    return None


def _names(device: Device) -> frozenset[str]:
    return frozenset(name.casefold() for name in (device.name, *device.aliases))


def _number(value: Value | None) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else str(value)
