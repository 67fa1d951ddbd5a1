"""What people taught: names, what they like, routines, and which of several things a word means where.

One JSON value in the skill's store, with a version. It is read as a whole and written as a whole; a person
teaches a few dozen things in all.
"""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from skills.api import Ability, Store

VERSION = 1
KEY = "taught"
ASIDE = "taught, not readable"
MOST = 200
"""Of each sort; more is a mistake of somebody's program."""

LONGEST_NAME, LONGEST_ORDERS = 60, 400

_log = logging.getLogger(__name__)

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_ORDERS)]
PlainValue = bool | int | float | Annotated[str, Field(max_length=LONGEST_NAME)] | tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name for things (by their ids) or for a room."""

    name: Name
    things: tuple[str, ...] = ()
    room: str = ""


@dataclass(frozen=True, slots=True)
class Preference:
    """How somebody likes it, in their words: an ability brought to a value. It is of `things`, or of what
    can do it in a room; without both, anywhere. Without an ability it is only kept.
    """

    text: Words
    ability: Ability | None = None
    value: PlainValue | None = None
    things: tuple[str, ...] = ()
    room: str = ""

    @property
    def about(self) -> tuple[object, ...]:
        """What two likings of which the newer holds have in common."""
        return (self.ability, frozenset(self.things), self.room, "" if self.ability else self.text)


@dataclass(frozen=True, slots=True)
class Routine:
    """Orders, in the words of the person, for a phrase."""

    phrase: Name
    orders: Words
    language: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of several things some words mean in a room ("": where nobody knows the room)."""

    words: Name
    room: str
    thing: str


@dataclass(frozen=True, slots=True)
class Taught:
    """Everything that was taught."""

    aliases: tuple[Alias, ...] = ()
    preferences: tuple[Preference, ...] = ()
    routines: tuple[Routine, ...] = ()
    choices: tuple[Choice, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def alias(self, name: str) -> Alias | None:
        """The alias of this name, whatever its letters' case and its article."""
        return next((each for each in self.aliases if same(each.name, name)), None)

    def routine(self, phrase: str) -> Routine | None:
        """The routine of this phrase."""
        return next((each for each in self.routines if same(each.phrase, phrase)), None)

    def with_alias(self, new: Alias) -> "Taught":
        """With this alias, in place of one of the same name."""
        return replace(self, aliases=(*_others(self.aliases, "name", new.name), new))

    def with_preference(self, new: Preference) -> "Taught":
        """With this preference, in place of one for the same things."""
        others = (each for each in self.preferences if each.about != new.about)
        return replace(self, preferences=(*others, new))

    def with_routine(self, new: Routine) -> "Taught":
        """With this routine, in place of one of the same phrase."""
        return replace(self, routines=(*_others(self.routines, "phrase", new.phrase), new))

    def with_choice(self, new: Choice) -> "Taught":
        """With this choice, in place of one for the same words in the same room."""
        others = (each for each in self.choices if (each.words, each.room) != (new.words, new.room))
        return replace(self, choices=(*others, new))

    def joined(self, new: "Taught") -> "Taught":
        """With all of another one, which replaces what is of the same name here."""
        taught = self
        for alias in new.aliases:
            taught = taught.with_alias(alias)
        for preference in new.preferences:
            taught = taught.with_preference(preference)
        for routine in new.routines:
            taught = taught.with_routine(routine)
        for choice in new.choices:
            taught = taught.with_choice(choice)
        return taught

    def without(self, name: str) -> "Taught":
        """Without what is called so: a name, a routine, or what a word was found to mean."""
        return replace(
            self,
            aliases=tuple(_others(self.aliases, "name", name)),
            routines=tuple(_others(self.routines, "phrase", name)),
            choices=tuple(_others(self.choices, "words", name)),
        )

    def as_json(self) -> dict[str, Any]:
        """What is kept and exported."""
        return {"version": VERSION, **_plain(asdict(self))}


class NotTaughtError(ValueError):
    """What was read is no such JSON; the message is a line for a person."""


def of_json(kept: Any) -> Taught:
    """What was exported or kept. Raises `NotTaughtError`."""
    if not isinstance(kept, dict) or kept.get("version") != VERSION:
        version = kept.get("version") if isinstance(kept, dict) else None
        raise NotTaughtError(f"version {version!r} of what was taught; this program reads {VERSION}")
    try:
        taught = _adapter().validate_python({key: each for key, each in kept.items() if key != "version"})
    except ValidationError as error:
        first = error.errors()[0]
        raise NotTaughtError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if any(len(getattr(taught, each.name)) > MOST for each in fields(taught)):
        raise NotTaughtError(f"more than {MOST} of one sort")
    return taught


class Book:
    """What was taught, in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self) -> Taught:
        """Everything. What cannot be read is kept aside in the store, told in the log, and begun anew."""
        kept = await self._store.get(KEY)
        if kept is None:
            return Taught()
        try:
            return of_json(kept)
        except NotTaughtError as error:
            _log.error(
                "what you taught cannot be read (%s): it is kept as '%s', and begun anew", error, ASIDE
            )
            await self._store.put(ASIDE, kept)
            await self._store.put(KEY, None)
            return Taught()

    async def write(self, taught: Taught) -> None:
        """Keep everything, in place of what was kept. Raises `FullError` for too much."""
        if any(len(getattr(taught, each.name)) > MOST for each in fields(taught)):
            raise FullError
        await self._store.put(KEY, taught.as_json() if taught else None)


class FullError(Exception):
    """So much was taught that there is no room for more."""


def same(one: str, other: str) -> bool:
    """Whether two names are one, whatever their letters' case, article and spaces."""
    return bare(one) == bare(other)


def bare(name: str) -> str:
    """A name without its article, in small letters."""
    words = name.casefold().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "my", "our") else words)


def _others(entries: Iterable[Any], field: str, name: str) -> tuple[Any, ...]:
    return tuple(each for each in entries if not same(getattr(each, field), name))


def _plain(value: Any) -> Any:
    """Tuples as the lists that JSON has."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _adapter() -> TypeAdapter[Taught]:
    return TypeAdapter(Taught)
