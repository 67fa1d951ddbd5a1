"""The set: homes, orders and sentences that are none, read and checked. The format is told in
`tests/held_out/README.md`.

What is wrong with a file is told by the case's id alone: the held-out sentences are shown to nobody.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.home import Ability, Device, Kind, Value

TESTS = Path(__file__).resolve().parents[2] / "tests"
HELD_OUT, STUDY = TESTS / "held_out", TESTS / "study"
PRACTICE, VALIDATION = TESTS / "practice", TESTS / "validation"
HOMES = (HELD_OUT / "homes", PRACTICE / "homes")
LANGUAGES = ("en", "zh")
SEATS = frozenset({"driver", "主驾", "驾驶座", "驾驶位", "front"})
ASKS = frozenset({"which", "what", "confirm", "pin"})
REFUSALS = frozenset({"unknown_device", "cannot", "unknown_word"})
MOMENT_KEYS = frozenset({"in_s", "at", "day", "days", "when"})
_SORTS = ("do", "answer", "ask", "refuse", "nothing")
_CONVENTION = "held_out"


class SetError(Exception):
    """The set is broken, or is not there; one line says where, without the sentence."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What is to happen to a thing, or by a service.

    Of a thing: `value`, or `by` ("up", "down" or a signed amount), or any number from `low` to `high`. Of a
    service: `fields`. `moment` (in_s, at, day, when) is empty for now.
    """

    thing: str = ""
    ability: Ability | None = None
    value: Value | None = None
    by: str | float | None = None
    low: float | None = None
    high: float | None = None
    service: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    moment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One right way to take a turn; exactly one of these is set."""

    do: tuple[Effect, ...] = ()
    answer: Mapping[str, Any] | None = None
    ask: str = ""
    refuse: str = ""
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said, and all that is right then."""

    say: str
    right: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A dialogue in a home. `skill` is "" for a sentence that is no order, and `home` any home then."""

    id: str
    language: str
    home: str
    room: str
    kind: str
    skill: str
    turns: tuple[Turn, ...]

    @property
    def has_pin(self) -> bool:
        """Whether the house has a PIN: where the dialogue says one."""
        return any(right.ask == "pin" for turn in self.turns for right in turn.right[:1])


@dataclass(frozen=True, slots=True)
class House:
    """A home as its file tells it."""

    name: str
    language: str
    rooms: Mapping[str, tuple[str, ...]]
    things: tuple[Device, ...]

    @property
    def is_car(self) -> bool:
        """Whether its rooms are seats."""
        return not SEATS.isdisjoint(self.rooms)


def houses(folders: Sequence[Path] = HOMES) -> Mapping[str, House]:
    """All homes, by name. Raises `SetError`."""
    return {file.stem: _house(file) for folder in folders for file in sorted(folder.glob("*.toml"))}


def orders(folder: Path, language: str, known: Mapping[str, House]) -> tuple[Case, ...]:
    """The orders of a language. Raises `SetError`."""
    name = f"orders.{language}.toml"
    return tuple(_checked(name, raw, language, known) for raw in _read(folder / name).get("case", ()))


def sentences(folder: Path, language: str, known: Mapping[str, House]) -> tuple[Case, ...]:
    """The sentences that are no orders, each in the home that it names, or else in the one that its turn
    brings: a house, where television and talk are heard. Raises `SetError`.
    """
    name = f"nothing.{language}.toml"
    homes = [each for each in known.values() if each.language == language and not each.is_car]
    found = []
    for number, raw in enumerate(_read(folder / name).get("sentence", ())):
        if not {"id", "kind", "say"} <= raw.keys():
            raise SetError(f"{name}: sentence {number + 1} lacks id, kind or say")
        if raw.get("home", homes[0].name) not in known:
            raise SetError(f"{name}: {raw['id']}: there is no home {raw['home']}")
        home = known[raw["home"]] if "home" in raw else homes[number % len(homes)]
        rooms = list(home.rooms)
        room = raw.get("room", rooms[number % len(rooms)] if rooms else "")
        turn = Turn(raw["say"], (Expectation(nothing=True),))
        found.append(Case(raw["id"], language, home.name, room, raw["kind"], "", (turn,)))
    return tuple(found)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SetError(f"{file.name}: {type(error).__name__}") from None


# -- homes ---------------------------------------------------------------------------------------------------


def _house(file: Path) -> House:
    raw = _read(file)
    try:
        things = tuple(_thing(each) for each in raw["thing"])
        rooms = {room: tuple(others) for room, others in raw["rooms"].items()}
        house = House(raw["name"], raw["language"].split("-")[0], rooms, things)
    except (KeyError, ValueError, TypeError) as error:
        raise SetError(f"{file.name}: {error}") from error
    if len({thing.id for thing in things}) < len(things):
        raise SetError(f"{file.name}: two things have one id")
    return house


def _thing(raw: Mapping[str, Any]) -> Device:
    state = {Ability(key): value_of(value) for key, value in raw.get("state", {}).items()}
    return Device(
        id=raw["id"],
        name=raw["name"],
        kind=Kind(raw["kind"]),
        abilities=frozenset(Ability(each) for each in raw["abilities"]),
        room=raw.get("room") or None,
        aliases=tuple(raw.get("aliases", ())),
        state=state,
        convention=_CONVENTION,
        unit=raw.get("unit", ""),
        device_class=raw.get("device_class", ""),
        options={Ability(key): tuple(words) for key, words in raw.get("options", {}).items()},
        limits={
            Ability(key): (float(low), float(high)) for key, (low, high) in raw.get("limits", {}).items()
        },
    )


def value_of(raw: Any) -> Value:
    """A value as the home has it: a colour is a tuple. Raises ValueError."""
    if isinstance(raw, list):
        if len(raw) != 3:
            raise ValueError(f"{len(raw)} numbers are no colour")
        return (int(raw[0]), int(raw[1]), int(raw[2]))
    if not isinstance(raw, bool | int | float | str):
        raise ValueError("no value that a thing could have")  # noqa: TRY004 - it is the file's value
    return raw


# -- cases ---------------------------------------------------------------------------------------------------


def _checked(name: str, raw: Mapping[str, Any], language: str, known: Mapping[str, House]) -> Case:
    where = f"{name}: {raw.get('id', 'a case without an id')}"
    try:
        house = known[raw["home"]]
        turns = tuple(_turn(each, house) for each in raw["turn"])
        case = Case(raw["id"], language, house.name, raw["room"], raw["kind"], raw["skill"], turns)
    except KeyError as error:
        raise SetError(f"{where}: there is no {error}") from None
    except (ValueError, TypeError) as error:
        raise SetError(f"{where}: {error}") from None
    if not turns:
        raise SetError(f"{where}: it says nothing")
    return case


def _turn(raw: Mapping[str, Any], house: House) -> Turn:
    right = [_expectation({key: raw[key] for key in _SORTS if key in raw}, house)]
    right += [_expectation(each, house) for each in raw.get("or", ())]
    return Turn(raw["say"], tuple(right))


def _expectation(raw: Mapping[str, Any], house: House) -> Expectation:
    if len(raw) != 1 or not raw.keys() <= set(_SORTS):
        raise ValueError(f"one of {', '.join(_SORTS)} is wanted, not {', '.join(raw) or 'nothing'}")
    ((sort, value),) = raw.items()
    match sort:
        case "do":
            if not value:
                raise ValueError("it does nothing")
            return Expectation(do=tuple(_effect(each, house) for each in value))
        case "answer":
            _about(value, house)
            return Expectation(answer=value)
        case "ask" if value in ASKS:
            return Expectation(ask=value)
        case "refuse" if value in REFUSALS:
            return Expectation(refuse=value)
        case "nothing" if value is True:
            return Expectation(nothing=True)
    raise ValueError(f"there is no such {sort}")


def _effect(raw: Mapping[str, Any], house: House) -> Effect:
    if "service" in raw:
        return Effect(service=raw["service"], fields={key: raw[key] for key in raw if key != "service"})
    thing = next((each for each in house.things if each.id == raw["thing"]), None)
    if thing is None:
        raise ValueError(f"{house.name} has no {raw['thing']}")
    ability = Ability(raw["ability"])
    wanted = [key for key in ("value", "by", "min", "max") if key in raw]
    if not wanted or raw.keys() - {"thing", "ability", "value", "by", "min", "max", *MOMENT_KEYS}:
        raise ValueError(f"an effect on {thing.id} is not told in full, or in words that are not known")
    return Effect(
        thing=thing.id,
        ability=ability,
        value=value_of(raw["value"]) if "value" in raw else None,
        by=raw.get("by"),
        low=raw.get("min"),
        high=raw.get("max"),
        moment={key: raw[key] for key in raw if key in MOMENT_KEYS},
    )


def _about(raw: Mapping[str, Any], house: House) -> None:
    if not isinstance(raw.get("about"), str | list):
        raise ValueError("an answer is about a thing, several or a service")  # noqa: TRY004
    for each in things_about(raw):
        if "_" in each and not any(thing.id == each for thing in house.things):
            raise ValueError(f"{house.name} has no {each}")


def things_about(answer: Mapping[str, Any]) -> Sequence[str]:
    """The ids, or the one word, that an answer is about."""
    about = answer["about"]
    return list(about) if isinstance(about, list) else [about]


def all_cases(folder: Path, known: Mapping[str, House]) -> Iterator[Case]:
    """Everything in a folder; not each has sentences that are no orders. Raises `SetError`."""
    for language in LANGUAGES:
        yield from orders(folder, language, known)
        if (folder / f"nothing.{language}.toml").exists():
            yield from sentences(folder, language, known)
