"""Homes that are nobody's, for sentences that a model learns from."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.understanding.grounding import SpokenForms

_DATA = Path(__file__).with_name("homes.toml")
_ROOMS, _EACH = 6, 3
KINDS = ("light", "switch", "fan", "cover", "climate", "media_player", "lock", "vacuum", "scene", "sensor")


class Part(StrEnum):
    """What a home, and a sentence, is used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class MadeUpHome:
    """Rooms, and things by their kind. The words for each are its name."""

    language: str
    rooms: Sequence[str]
    things: Mapping[str, Sequence[str]]

    def words(self) -> SpokenForms:
        """What everything is called, as a real home tells it."""
        found = {kind: {name: (name.casefold(),) for name in names} for kind, names in self.things.items()}
        every = {name: forms for values in found.values() for name, forms in values.items()}
        return {"area": {room: (room.casefold(),) for room in self.rooms}, "device": every, **found}


def make_home(language: str, part: Part, chance: random.Random) -> MadeUpHome:
    """Make one up; rooms and owners of one part occur in no other."""
    data = data_of(language)
    known = _share(data["rooms"], part)
    rooms = chance.sample(known, min(_ROOMS, len(known)))
    things = {kind: tuple(_named(data, kind, rooms, part, chance) for _ in range(_EACH)) for kind in KINDS}
    return MadeUpHome(
        language, tuple(rooms), {kind: tuple(dict.fromkeys(names)) for kind, names in things.items()}
    )


def _named(
    data: Mapping[str, Any], kind: str, rooms: Sequence[str], part: Part, chance: random.Random
) -> str:
    """Bare, or with a room or a person before it."""
    name: str = chance.choice(data[kind])
    if kind in ("scene", "vacuum"):
        return name
    blank = " " if name.isascii() else ""
    way = chance.random()
    if way < 0.4:
        return f"{chance.choice(list(rooms))}{blank}{name}"
    if way < 0.6:
        return f"{chance.choice(_share(data['owners'], part))}{blank}{name}"
    return name


def _share(names: Sequence[str], part: Part) -> Sequence[str]:
    """Most for training, every sixth for validation, every sixth for the test."""
    wanted = {Part.TRAIN: (0, 1, 2, 3), Part.VALIDATION: (4,), Part.TEST: (5,)}[part]
    return [name for at, name in enumerate(names) if at % 6 in wanted] or list(names)


@lru_cache(maxsize=4)
def data_of(language: str) -> Mapping[str, Any]:
    """A language's lists."""
    data: Mapping[str, Any] = tomllib.loads(_DATA.read_text("utf-8"))[language]
    return data
