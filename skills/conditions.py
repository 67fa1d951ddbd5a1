"""Conditions in the home: "when the washing is finished", "when I leave", and when the sun goes down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from skills.api import Ability, Device, HomeView, Kind
from skills.times import Cause, State, When, later

WHO_IS_HOME = frozenset({"person", "device_tracker"})
"""Device classes that tell whether somebody is at home."""
_FINISHED = frozenset(
    {"idle", "off", "finished", "done", "complete", "completed", "end", "ended", "standby", "stopped", "stop"}
    | {
        "ready",
        "program_finished",
        "docked",
        "charging_complete",
        "完成",
        "结束",
        "空闲",
        "待机",
        "停止",
        "关闭",
    }
)
_YES = frozenset(
    {"on", "true", "yes", "open", "opened", "detected", "motion", "wet", "occupied", "ringing", "pressed"}
    | {"unlocked", "1", "开", "打开", "有人"}
)
_NO = frozenset(
    {"off", "false", "no", "closed", "shut", "clear", "dry", "locked", "0", "关", "关闭", "没人", "无人"}
)
_CHARGED = frozenset({"charged", "charge_complete", "fully_charged", "满"})
_IDLE_W = 5.0
"""A machine that draws less than this has finished."""

_SAID_OF: Mapping[str, tuple[str, ...]] = {
    "washing_machine": ("washing", "washer", "laundry", "wash", "洗衣机", "衣服", "洗衣服", "洗衣"),
    "washer": ("washing", "washing machine", "laundry", "wash", "洗衣机", "衣服", "洗衣服", "洗衣"),
    "dryer": ("dryer", "tumble dryer", "drying", "laundry", "烘干机", "衣服", "烘衣机"),
    "dishwasher": ("dishwasher", "dishes", "洗碗机", "碗", "洗碗"),
    "oven": ("oven", "烤箱"),
    "battery": ("battery", "charge", "charging", "car", "it", "电", "电池", "电量", "车", "车子"),
    "garage": ("garage", "garage door", "车库", "车库门"),
    "doorbell": ("doorbell", "door bell", "bell", "door", "front door", "门铃"),
    "vacuum": (
        "vacuum",
        "hoover",
        "hoovering",
        "vacuuming",
        "cleaning",
        "robot",
        "扫地机",
        "扫地",
        "打扫",
        "机器人",
    ),
}
"""What people call such things when they wait for them, besides the names that the owner gave."""
_ARTICLES = frozenset({"the", "my", "our", "a", "an", "all", "any", "some"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `device_ids` comes to be in `state`; for people `leave` and `arrive`. Kept as JSON."""

    state: str
    device_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Condition":
        """Read one that was kept. Raises KeyError and TypeError."""
        return cls(str(kept["state"]), tuple(kept["device_ids"]))

    def holds(self, home: HomeView) -> bool | None:
        """Whether it is so now; None where nobody knows."""
        if self.state in (Cause.LEAVE, Cause.ARRIVE):
            there = [_is_home(each) for each in _people(home)]
            known = [each for each in there if each is not None]
            if not known:
                return None
            return not any(known) if self.state == Cause.LEAVE else any(known)
        devices = [device for each in self.device_ids if (device := home.get(each)) is not None]
        found = [so for each in devices if (so := is_so(each, State(self.state))) is not None]
        return any(found) if found else None


class CannotTellError(Exception):
    """Nothing tells when that is: `no_place` for the sun, `no_such_thing` for a change."""


def due_fields(
    when: When, now: datetime, home: HomeView, place: tuple[float, float] | None
) -> dict[str, Any]:
    """Return the fields of a schedule's entry that say when it comes. Raises `CannotTellError`.

    `place` is the (latitude, longitude) of the home, as far as anybody said.
    """
    nothing: dict[str, Any] = {"due_s": None, "wall": None, "days": (), "event": None}
    if when.cause in (Cause.IN, Cause.FOR):
        return {**nothing, "due_s": now.timestamp() + when.seconds}
    at = when.at
    if when.cause in (Cause.SUNSET, Cause.SUNRISE):
        at = sun_moment(when, now, place)
        if at is None:
            raise CannotTellError("no_place")
    if at is not None:
        wall = at.replace(tzinfo=None, microsecond=0, fold=0).isoformat()
        return {**nothing, "wall": wall, "days": tuple(sorted(when.days))}
    condition = condition_of(when, home)
    if condition is None:
        raise CannotTellError("no_such_thing")
    return {**nothing, "event": {"state": condition.state, "device_ids": list(condition.device_ids)}}


def place_of(settings: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return `latitude` and `longitude` of some settings, None unless both are there."""
    latitude, longitude = settings.get("latitude"), settings.get("longitude")
    return None if latitude is None or longitude is None else (float(latitude), float(longitude))


class Watch:
    """Sees conditions come true: those that hold already are waited for to come again."""

    def __init__(self) -> None:
        self._held: dict[object, bool] = {}

    def came(self, key: object, condition: Condition, home: HomeView) -> bool:
        """Whether the condition has become true since it was last looked at."""
        now = condition.holds(home)
        if now is None:
            return False
        before = self._held.get(key)
        self._held[key] = now
        return now and before is False

    def forget(self, keep: Iterable[object]) -> None:
        """Forget the conditions that nobody waits for any more."""
        kept = set(keep)
        self._held = {key: value for key, value in self._held.items() if key in kept}


def condition_of(when: When, home: HomeView) -> Condition | None:
    """Return the condition that is meant; None when the home has no such thing, or it cannot become so."""
    if when.cause in (Cause.LEAVE, Cause.ARRIVE):
        return Condition(when.cause.value)
    if when.state is None:
        return None
    found = things_called(when.thing, home)
    able = [each for each in found if is_so(each, when.state, unknown=True) is not None]
    return Condition(when.state.value, tuple(each.id for each in able)) if able else None


def knows_who_is_home(home: HomeView) -> bool:
    """Whether anything tells if people are at home."""
    return any(True for _each in _people(home))


# -- things --------------------------------------------------------------------------------------------------


def things_called(words: str, home: HomeView) -> list[Device]:
    """Return the things that words may mean, those that are called just so alone if there are any."""
    said = _plain(words)
    if not said:
        return []
    scored = [(score, each) for each in home if each.exposed and (score := _likeness(said, each))]
    best = max((score for score, _each in scored), default=0)
    return [each for score, each in scored if score == best]


def _likeness(said: tuple[str, ...], device: Device) -> int:
    """3 for a name, 2 for what such things are called, 1 for a part of its name; 0 for none of that."""
    room = () if device.room is None else _plain(device.room)
    names = [_plain(each) for each in (device.name, *device.aliases)]
    if said in names or said in [(*room, *name) for name in names]:
        return 3
    classes = (device.device_class, device.kind.value)
    if any(said == _plain(word) for each in classes for word in _SAID_OF.get(each, ())):
        return 2
    return int(any(set(said) <= {*name, *room} and set(said) & set(name) for name in names))


def _plain(words: str) -> tuple[str, ...]:
    if any(ord(each) > 0x2E80 for each in words):
        return tuple(each for each in words if not each.isspace() and each != "的")
    return tuple(each for each in words.lower().replace("’", "'").split() if each not in _ARTICLES)


def is_so(device: Device, state: State, *, unknown: bool = False) -> bool | None:
    """Whether a thing is in a state; None where it cannot be or nobody knows.

    With `unknown` a state that was not reported yet is False instead: the question is whether it can be so.
    """
    if state is State.FINISHED:
        return _finished(device, unknown)
    ability, wanted = _ASKED.get(state, (None, False))
    if ability in device.abilities:
        told = ability in device.state
        return device.state[ability] == wanted if told and ability else (False if unknown else None)
    if Ability.READING not in device.abilities:
        return None
    reading = device.state.get(Ability.READING)
    if reading is None:
        return False if unknown else None
    return _reads(reading, state)


_ASKED: Mapping[State, tuple[Ability, bool]] = {
    State.OPEN: (Ability.OPEN, True),
    State.CLOSED: (Ability.OPEN, False),
    State.LOCKED: (Ability.LOCKED, True),
    State.UNLOCKED: (Ability.LOCKED, False),
    State.ON: (Ability.ON, True),
    State.OFF: (Ability.ON, False),
}


def _finished(device: Device, unknown: bool) -> bool | None:
    state = device.state
    if Ability.CLEANING in device.abilities:
        return state.get(Ability.CLEANING) in ("docked", "stopped")
    if Ability.PLAYBACK in device.abilities:
        return state.get(Ability.PLAYBACK) == "stopped"
    reading = state.get(Ability.READING)
    if isinstance(reading, bool):
        return not reading
    if isinstance(reading, int | float):
        return reading < _IDLE_W if device.device_class == "power" or device.unit == "W" else reading >= 100
    if reading is not None:
        return str(reading).lower() in _FINISHED
    if Ability.ON in state:
        return not state[Ability.ON]
    return False if unknown else None


def _reads(reading: object, state: State) -> bool | None:
    if isinstance(reading, int | float) and not isinstance(reading, bool):
        return {State.FULL: reading >= 100, State.EMPTY: reading <= 0}.get(state)
    word = str(reading).lower()
    if word == state.value or (state is State.FULL and word in _CHARGED):
        return True
    if word not in _YES and word not in _NO:
        return False
    yes = state in (State.OPEN, State.UNLOCKED, State.ON, State.WET, State.PRESENT, State.RINGS)
    return word in (_YES if yes else _NO)


def _people(home: HomeView) -> Iterable[Device]:
    return (each for each in home.find(kind=Kind.SENSOR) if each.device_class in WHO_IS_HOME)


def _is_home(person: Device) -> bool | None:
    """Whether somebody is at home. Whoever is in another place, by its name, is not."""
    reading = person.state.get(Ability.READING)
    if reading is None or str(reading).lower() in ("unknown", "unavailable", "none"):
        return None
    return str(reading).lower() in ("home", "true", "on")


# -- the sun -------------------------------------------------------------------------------------------------


def sun_moment(when: When, now: datetime, place: tuple[float, float] | None) -> datetime | None:
    """Return the next sunset or sunrise (and `when.seconds` after it) at a place, (latitude, longitude).

    Without a place it is that of the city that the time zone is named for: within half an hour or so. None
    where neither is known, and where the sun does not set for a week.
    """
    where = place if place is not None else zone_city(str(getattr(now.tzinfo, "key", "")))
    if where is None:
        return None
    from astral import Observer
    from astral.sun import sunrise, sunset

    rule = sunset if when.cause is Cause.SUNSET else sunrise
    for ahead in range(-1, 8):
        try:
            found = rule(Observer(*where), _day(now, ahead), tzinfo=now.tzinfo or UTC)
        except ValueError:  # it does not on that day
            continue
        moment = later(found.replace(microsecond=0), when.seconds)
        if moment > now:
            return moment
    return None


def _day(now: datetime, ahead: int) -> date:
    return now.date() + timedelta(days=ahead)


@lru_cache(maxsize=8)
def zone_city(zone: str) -> tuple[float, float] | None:
    """Return where the city is that a time zone is named for, from the zone database's own table."""
    try:
        table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    except (ModuleNotFoundError, OSError):
        return None
    for line in table.splitlines():
        columns = line.split("\t")
        if len(columns) > 2 and columns[2] == zone:
            return _coordinates(columns[1])
    return None


def _coordinates(written: str) -> tuple[float, float]:
    """Read ISO 6709: "+513030-0000731"."""
    split = max(written.rfind("+"), written.rfind("-"))
    return _degrees(written[:split], 2), _degrees(written[split:], 3)


def _degrees(written: str, digits: int) -> float:
    number = written[1:]
    parts = (number[:digits], number[digits : digits + 2], number[digits + 2 :])
    degrees = sum(int(part or 0) / 60.0**n for n, part in enumerate(parts))
    return -degrees if written.startswith("-") else degrees
