"""What a source of sound and a loudspeaker are."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from speech.audio import AudioChunk, SpeechChunk
from speech.clock import Clock


class SoundError(Exception):
    """Sound could not be read or played; the message is one line for a person, with the next thing to do."""


class SoundSource(Protocol):
    """A stream of chunks. Ends when the file ends; a live source ends only when it is closed."""

    stream_id: str
    clock: Clock

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield chunks in order. Raises `SoundError` when the source is gone."""
        ...


class Loudspeaker(Protocol):
    """Plays the assistant's voice."""

    async def play(self, chunk: SpeechChunk) -> None:
        """Hand over a piece; returns when there is room for the next one, not when it was heard."""
        ...

    async def drain(self) -> None:
        """Wait until everything handed over has been heard."""
        ...

    async def stop(self) -> None:
        """Fall silent at once and drop what was not yet heard. Safe to call at any time."""
        ...

    async def close(self) -> None:
        """Let the device go."""
        ...


@runtime_checkable
class Pausable(Protocol):
    """A loudspeaker that can fall silent and go on. One that cannot is stopped instead."""

    async def pause(self) -> None:
        """Fall silent at once, and keep what was not yet heard. `drain` waits on. Safe to call twice."""
        ...

    async def resume(self) -> None:
        """Go on a little before the place where it was, if it was paused. `stop` ends the pause, too."""
        ...
