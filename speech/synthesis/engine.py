"""What a voice is."""

from collections.abc import Iterator
from typing import Protocol

from speech.audio import Samples


class SynthesisError(Exception):
    """The voice could not be loaded or failed; the message is one line for a person."""


class Voice(Protocol):
    """Turns a clause into sound. Thread-safe; `synthesise` blocks while it works."""

    name: str
    languages: frozenset[str]
    rate_hz: int

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        """Yield mono int16 pieces of the spoken clause, silence at both ends trimmed.

        Raises `SynthesisError` when the engine fails.
        """
        ...

    def paced(self, rate: float) -> "Voice":
        """Return the same voice, so many times as fast; the two share what is heavy."""
        ...

    def close(self) -> None:
        """End helper processes and give the memory back."""
        ...
