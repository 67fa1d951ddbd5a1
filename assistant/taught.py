"""Has hold what people taught: names in the home, the rest in understanding. `skills/taught` keeps it.

It is read when we begin, after each turn in which something was taught or forgotten, and every few seconds
beside the turns, since `sotto taught` may change it meanwhile.
"""

import asyncio
import logging

from assistant.understanding.understanding import Understanding
from devices.home import Home
from skills.api import Store
from skills.taught.book import Book, Taught

TAUGHT = "taught"
"""The skill whose store holds it."""
LOOK_EVERY_S = 5.0

_log = logging.getLogger(__name__)


class TaughtKeeper:
    """Keeps home and understanding at what was taught."""

    def __init__(self, store: Store, home: Home, understanding: Understanding) -> None:
        self._book = Book(store)
        self._home = home
        self._understanding = understanding
        self._known: Taught | None = None

    async def learn(self) -> None:
        """Read what was taught, and have it hold if it is not what held before."""
        try:
            taught = await self._book.read()
        except OSError as error:
            _log.error("what you taught cannot be read: %s", error)
            return
        if taught == self._known:
            return
        self._known = taught
        things: dict[str, tuple[str, ...]] = {}
        rooms: dict[str, tuple[str, ...]] = {}
        for alias in taught.aliases:
            for thing in alias.things:
                things[thing] = (*things.get(thing, ()), alias.name)
            if alias.room:
                rooms[alias.room] = (*rooms.get(alias.room, ()), alias.name)
        self._home.call(things, rooms)
        self._understanding.teaching.learn(taught)

    async def heard(self, skill: str) -> None:
        """Learn anew if it was this skill that was called."""
        if skill == TAUGHT:
            await self.learn()

    async def follow(self) -> None:
        """Learn what is changed elsewhere, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.learn()
