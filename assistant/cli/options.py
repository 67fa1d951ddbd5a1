"""Options that several verbs share."""

from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assistant.config.load import Loaded

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Use this configuration file.", show_default=False, dir_okay=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Room = Annotated[
    str | None,
    typer.Option("--room", metavar="ROOM", help="The room in which it is said.", show_default=False),
]

config_before_verb: ContextVar[Path | None] = ContextVar("config_before_verb", default=None)
"""What `sotto --config FILE verb` named; a verb's own `--config` wins."""


def load_config(config: Path | None) -> "Loaded":
    """The configuration in force for a verb. Raises `ConfigError`."""
    from assistant.config.load import load

    return load(config or config_before_verb.get())
