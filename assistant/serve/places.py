"""All places that speak: what is said by itself goes to the room that it is for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A place that can speak. `is_there` tells whether it would be heard now."""

    name: str
    room: str | None
    announce: Callable[[str, str], Awaitable[None]]
    is_there: Callable[[], bool] = lambda: True


class Places:
    """Knows who speaks where."""

    def __init__(self) -> None:
        self._speakers: list[Speaker] = []

    def joins(self, speaker: Speaker) -> None:
        """Take another place."""
        self._speakers.append(speaker)

    def leaves(self, name: str) -> None:
        """Forget a place."""
        self._speakers = [each for each in self._speakers if each.name != name]

    def in_room(self, room: str | None) -> list[Speaker]:
        """Return who is to say what is for a room: those in it, else, and without a room, everybody."""
        there = [each for each in self._speakers if each.is_there()]
        here = [each for each in there if room is not None and _same(each.room, room)]
        return here or there

    async def announce(self, text: str, language: str, room: str | None = None) -> None:
        """Say it there; a place that fails silences no other."""
        speakers = self.in_room(room)
        if not speakers:
            _log.warning("nobody is there to say: %s", text)
        came = await asyncio.gather(
            *(each.announce(text, language) for each in speakers), return_exceptions=True
        )
        for speaker, result in zip(speakers, came, strict=True):
            if isinstance(result, Exception):
                _log.warning("%s could not say %r: %s", speaker.name, text, result)


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()
