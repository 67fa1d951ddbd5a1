"""What all sections of the configuration share."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo


def from_here(path: Path, info: ValidationInfo) -> Path:
    """A path as its owner meant it: from the folder of the file that names it, `~` being the home folder."""
    folder = (info.context or {}).get("folder", Path.cwd())
    return Path(folder, path.expanduser())


UserPath = Annotated[Path, AfterValidator(from_here)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A section: nothing changes it, and it knows all of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
