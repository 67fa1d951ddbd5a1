"""What the sections of the configuration are made of."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from assistant.config.errors import ConfigError
from assistant.weights.catalogue import ModelKind, UnknownModelError, find


class Section(BaseModel):
    """A section: nothing changes it, and it knows all of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def from_here(path: Path, info: ValidationInfo) -> Path:
    """A path as its owner meant it: from the folder of the file that names it, `~` being the home folder."""
    folder = (info.context or {}).get("folder", Path.cwd())
    return Path(folder, path.expanduser())


UserPath = Annotated[Path, AfterValidator(from_here)]
Port = Annotated[int, Field(ge=1, le=65535)]
Threads = Annotated[int, Field(ge=0, le=256)]


def in_catalogue(kind: ModelKind) -> AfterValidator:
    """Refuse a model that the catalogue does not know."""

    def check(model_id: str) -> str:
        try:
            return find(model_id, kind).id
        except UnknownModelError as error:
            raise ValueError(str(error)) from error

    return AfterValidator(check)


def secret(path: Path, key: str) -> str:
    """What a secret's file holds. Raises `ConfigError`."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(f"cannot read {key} {path}: {why}") from error
