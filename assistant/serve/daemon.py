"""The running daemon, as its own parts see it: what it is made of, its places, and who watches."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.dialogue.arbiter import Arbiter
from assistant.serve.mutes import Mutes
from assistant.serve.supervisor import Supervisor
from assistant.serve.watch import Watch, Where

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.serve.homeassistant_device import Status


class SpeakingPlace(Protocol):
    """A place that listens and speaks: this machine's microphone, or a satellite."""

    where: Where

    @property
    def is_there(self) -> bool:
        """Whether what is said would be heard now."""
        ...

    def status(self) -> "Status":
        """How it is now."""
        ...

    async def say(self, text: str, language: str | None = None) -> None:
        """Speak a text; returns when it was spoken."""
        ...

    async def stop(self) -> None:
        """Fall silent."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Close its microphone, or open it."""
        ...


class Daemon:
    """`tell` takes a line for a person now and then. `data` is the folder in which things are kept."""

    def __init__(self, assistant: "Assistant", tell: Callable[[str], None], data: Path | None = None) -> None:
        self.assistant = assistant
        self._tell = tell
        self.began_s = time.time()
        self.watch = Watch()
        self.mutes = Mutes(data / "muted.json" if data is not None else None)
        self.supervisor = Supervisor(tell=self.tell)
        self.places: list[SpeakingPlace] = []
        self.arbiter = Arbiter()
        self.written = 0
        """Written orders that are under way."""

    def tell(self, line: str) -> None:
        """Tell a person. Where that cannot be written (a full disk, a pipe nobody reads) the line is lost."""
        with contextlib.suppress(OSError, ValueError):
            self._tell(line)

    @property
    def busy(self) -> bool:
        """Whether anybody is being listened to or answered."""
        return self.written > 0 or any(place.status().state != "idle" for place in self.places)

    def places_for(self, room: str | None) -> tuple[SpeakingPlace, ...]:
        """Those in the room; all of them where no room is named, or nobody is in it. Who is away counts only
        where everybody is.
        """
        there = [place for place in self.places if place.is_there] or self.places
        near = [
            place
            for place in there
            if room is not None and (place.where.room or "").casefold() == room.casefold()
        ]
        return tuple(near or there)

    async def announce(self, text: str, language: str | None = None, room: str | None = None) -> None:
        """Say something where it should be heard: in that room, or everywhere. A place that cannot speak
        does not silence the others.
        """
        said: list[Awaitable[None]] = [place.say(text, language) for place in self.places_for(room)]
        for came in await asyncio.gather(*said, return_exceptions=True):
            if isinstance(came, Exception):
                self.tell(f"an announcement was not heard everywhere: {came}")
