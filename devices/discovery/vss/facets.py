"""How one ability of a thing hangs on a vehicle's signals: which it is read from, and which are set."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from devices.discovery.convention import CannotError
from devices.discovery.vss.catalogue import Raw
from devices.home import Ability, Value

Values = Mapping[str, Raw]
"""Path -> the vehicle's current value of it, of those that it ever told."""
Target = tuple[str, Raw]
"""What a signal is to be set to."""


@dataclass(frozen=True, slots=True)
class Facet:
    """`reads` are the signals that tell, `sets` those that are ordered; a vehicle that has none of `reads`
    and not the first of `sets` has not the ability. `options` and `limits` are those of `Device`.
    """

    ability: Ability
    reads: tuple[str, ...]
    read: Callable[[Values], Value | None]
    sets: tuple[str, ...] = ()
    write: Callable[[Value], Iterable[Target]] = lambda _value: ()
    options: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None

    @property
    def paths(self) -> frozenset[str]:
        """All its signals."""
        return frozenset((*self.reads, *self.sets))


def switch(path: str, ability: Ability = Ability.ON) -> Facet:
    """Yes or no, by a boolean."""
    return Facet(
        ability, (path,), lambda has: _flag(has, path), (path,), lambda value: ((path, value is True),)
    )


def percent(path: str, ability: Ability, *, lowest: int = 0) -> Facet:
    """A percentage; the vehicle's own begins at `lowest`."""
    return Facet(
        ability,
        (path,),
        lambda has: _number(has, path),
        (path,),
        lambda value: ((path, max(lowest, round(_amount(value)))),),
    )


def temperature(path: str, limits: tuple[float, float]) -> Facet:
    """Degrees to aim at."""
    return Facet(
        Ability.SETPOINT,
        (path,),
        lambda has: _number(has, path),
        (path,),
        lambda value: ((path, float(_amount(value))),),
        limits=limits,
    )


def opening(position: str, is_open: str, slide: str) -> Callable[[frozenset[str]], tuple[Facet, ...]]:
    """What slides open: by its position where it takes one, else by its switch, else by yes and no."""

    def facets(has: frozenset[str]) -> tuple[Facet, ...]:
        if has.isdisjoint((position, is_open, slide)):
            return ()

        def read(now: Values) -> Value | None:
            told = now.get(position, now.get(is_open))
            return None if told is None else told not in (0, False)

        def write(value: Value) -> Iterable[Target]:
            if position in has:
                return ((position, 100 if value is True else 0),)
            if slide in has:
                return ((slide, "ONE_SHOT_OPEN" if value is True else "ONE_SHOT_CLOSE"),)
            return ((is_open, value is True),)

        by = position if position in has else slide if slide in has else is_open
        found = [Facet(Ability.OPEN, (position, is_open), read, (by,), write)]
        if position in has:
            found.append(percent(position, Ability.POSITION))
        if slide in has and position in has:
            halt = Facet(Ability.MOTION, (), lambda _now: None, (slide,), lambda value: _halt(slide, value))
            found.append(halt)
        return tuple(found)

    return facets


def heating(path: str, *, cools: bool = False) -> tuple[Facet, ...]:
    """Warmth from -100 to 100, as a switch and in three steps; with `cools` the cold side of it."""
    sign = -1 if cools else 1
    steps = {"low": 33, "medium": 66, "high": 100}

    def amount(has: Values) -> float | None:
        told = _number(has, path)
        return None if told is None else max(0.0, told * sign)

    def on(has: Values) -> Value | None:
        told = amount(has)
        return None if told is None else told > 0

    def step(has: Values) -> Value | None:
        told = amount(has)
        if told is None:
            return None
        return "off" if told == 0 else min(steps, key=lambda each: abs(steps[each] - told))

    return (
        Facet(Ability.ON, (path,), on, (path,), lambda value: ((path, sign * 66 if value is True else 0),)),
        Facet(
            Ability.PRESET,
            (path,),
            step,
            (path,),
            lambda value: ((path, sign * steps.get(str(value), 0)),),
            options=("off", *steps),
        ),
    )


def colour(path: str) -> Facet:
    """A colour as "#RRGGBB"."""

    def read(has: Values) -> Value | None:
        text = str(has.get(path, "")).removeprefix("#")
        try:
            red, green, blue = bytes.fromhex(text)
        except ValueError:
            return None
        return red, green, blue

    def write(value: Value) -> Iterable[Target]:
        if not isinstance(value, tuple):
            raise CannotError("a colour is red, green and blue")
        return ((path, f"#{bytes(value).hex().upper()}"),)

    return Facet(Ability.COLOUR, (path,), read, (path,), write)


def playback(path: str) -> Facet:
    """VSS has no pause: who asks for it is told so."""
    words = {"playing": "PLAY", "stopped": "STOP", "next": "SKIP_FORWARD", "previous": "SKIP_BACKWARD"}
    told = {"PLAY": "playing", "STOP": "stopped", "SKIP_FORWARD": "playing", "SKIP_BACKWARD": "playing"}

    def write(value: Value) -> Iterable[Target]:
        if str(value) not in words:
            raise CannotError("the car's player has no pause")
        return ((path, words[str(value)]),)

    return Facet(
        Ability.PLAYBACK,
        (path,),
        lambda has: told.get(str(has.get(path))),
        (path,),
        write,
        options=("playing", "stopped"),
    )


def locks(paths: tuple[str, ...]) -> Callable[[frozenset[str]], tuple[Facet, ...]]:
    """All doors at once: locked when each is."""

    def facets(has: frozenset[str]) -> tuple[Facet, ...]:
        there = tuple(path for path in paths if path in has)

        def read(now: Values) -> Value | None:
            told = [now[path] for path in there if path in now]
            return all(told) if len(told) == len(there) else None

        def write(value: Value) -> Iterable[Target]:
            return tuple((path, value is True) for path in there)

        return (Facet(Ability.LOCKED, there, read, there, write),) if there else ()

    return facets


def charging(switch_path: str, state_path: str) -> Facet:
    """Ordered by START and STOP, told by what the battery does."""
    return Facet(
        Ability.ON,
        (state_path,),
        lambda has: _flag(has, state_path),
        (switch_path,),
        lambda value: ((switch_path, "START" if value is True else "STOP"),),
    )


def reading(paths: tuple[str, ...], *, divided_by: float = 1, digits: int = 0) -> Facet:
    """A number to be asked about: that of the first signal that tells one."""

    def read(has: Values) -> Value | None:
        told = next((has[path] for path in paths if path in has), None)
        if isinstance(told, str):
            return told
        if told is None or isinstance(told, bool):
            return None
        number = round(told / divided_by, digits)
        return int(number) if digits == 0 else number

    return Facet(Ability.READING, paths, read)


def warning(path: str, alarming: frozenset[Raw] = frozenset({True})) -> Facet:
    """The word "on" while the vehicle warns, "off" while it does not."""
    return Facet(
        Ability.READING,
        (path,),
        lambda has: None if path not in has else "on" if has[path] in alarming else "off",
    )


def place(latitude: str, longitude: str) -> Facet:
    """Where it is, as "latitude,longitude", which the navigation skill reads."""

    def read(has: Values) -> Value | None:
        here = (has.get(latitude), has.get(longitude))
        return None if None in here else f"{here[0]},{here[1]}"

    return Facet(Ability.READING, (latitude, longitude), read)


def _flag(has: Values, path: str) -> bool | None:
    told = has.get(path)
    return told if isinstance(told, bool) else None


def _number(has: Values, path: str) -> float | None:
    told = has.get(path)
    return None if told is None or isinstance(told, bool | str) else told


def _amount(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CannotError("it takes a number")
    return value


def _halt(slide: str, value: Value) -> Iterable[Target]:
    if value != "stopped":
        raise CannotError("its motion can only be stopped")
    return ((slide, "INACTIVE"),)
