"""What a source of weights is. Each lives in a file of its own: `folder`, `hub`, `package_index`."""

from pathlib import Path
from typing import Protocol

from assistant.weights.catalogue import Model, ModelFile


class WeightsError(Exception):
    """Weights are missing, damaged or could not be fetched; the message is one line for a person."""


class SourceError(Exception):
    """A source could not give a file; the message says why, in half a line."""


class SourceUnreachableError(SourceError):
    """The source could not be reached at all, so it need not be asked for the next file."""


class Progress(Protocol):
    """Who is told how a download goes."""

    def at(self, what: str, done: int, total: int) -> None:
        """`done` of `total` bytes of `what` are here."""
        ...

    def note(self, line: str) -> None:
        """Something that a person may want to know, in one line."""
        ...


class Source(Protocol):
    """Somewhere that files come from. `name` is the word for it in the configuration."""

    name: str

    def fetch(self, model: Model, file: ModelFile, part: Path, progress: Progress) -> None:
        """Complete `part`, which may hold the beginning of the file; anything else may lie beside it.

        The caller checks the hash. Raises `SourceError` when the file cannot be had here, and `OSError`
        when it cannot be written.
        """
        ...
