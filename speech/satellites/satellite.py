"""What a satellite is to those that serve it, whatever it speaks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from speech.audio import AudioChunk
from speech.clock import Clock
from speech.satellites.speaker import SatelliteSpeaker


@dataclass(frozen=True, slots=True)
class TimerSeen:
    """A timer as a satellite shows it. Seconds are whole ones; `runs` is false while it is paused."""

    id: str
    name: str
    total_s: int
    left_s: int
    runs: bool = True


TimerNews = Literal["started", "updated", "cancelled", "finished"]


class Satellite(Protocol):
    """A source of sound and a loudspeaker elsewhere, over any number of connections. What is shown is sent
    soon, and lost where it is away.
    """

    name: str
    stream_id: str
    clock: Clock
    speaker: SatelliteSpeaker
    on_woken: Callable[[str], None]
    """Called with the wake word that it has heard itself, before the sound behind it."""
    on_connected: Callable[[], None]
    on_stop: Callable[[], None]
    """Called when somebody stops it there: what is being said ends."""

    @property
    def is_connected(self) -> bool:
        """Whether it hears and can be heard now."""
        ...

    def connected(self) -> AbstractAsyncContextManager[None]:
        """Connect, and stay so. Raises `SoundError` where it is not there."""
        ...

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield what it hears, until the connection is over. Raises `SoundError`."""
        ...

    def show_woken(self, word: str) -> None:
        """We have heard the wake word."""
        ...

    def show_speech(self) -> None:
        """Somebody speaks."""
        ...

    def show_pause(self) -> None:
        """Whoever spoke has ended."""
        ...

    def show_heard(self, text: str) -> None:
        """This was understood; empty: nothing was. It listens for its wake word again."""
        ...

    def show_done(self) -> None:
        """The turn is over."""
        ...

    def show_timer(self, news: TimerNews, timer: TimerSeen) -> None:
        """A timer of its room has changed."""
        ...
