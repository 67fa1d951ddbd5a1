"""[vehicle]: how a car is spoken to."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from assistant.config.errors import ConfigError


def _from_here(path: Path, info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", Path.cwd()), path.expanduser())


class Vehicle(BaseModel):
    """A car. `topics` is what stands before "Vehicle/…" where each signal has a topic; none, where none has.
    `viss` is the vehicle's name on the broker for VISS version 3; `kuksa` the "host:port" of a databroker.
    `token_file` goes with either, where it asks for one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: Annotated[str, Field(pattern=r"^[^#+]{1,100}$")] | None = "car/vss"
    viss: Annotated[str, Field(pattern=r"^[^#+]{1,100}$")] | None = None
    kuksa: Annotated[str, Field(pattern=r"^[^\s/]+:\d{1,5}$")] | None = None
    token_file: Annotated[Path, AfterValidator(_from_here)] | None = None

    def token(self) -> str:
        """What the token file holds, empty without one. Raises `ConfigError`."""
        if self.token_file is None:
            return ""
        try:
            return self.token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ConfigError(f"cannot read vehicle.token_file {self.token_file}: {why}") from error
