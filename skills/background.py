"""What skills do beside the turns: each one's background work, supervised.

    async with Background(registry, contexts, deliver):
        ...

One that raises is started again after a while, three times; one that floods is ended. Either is told in
`registry.problems`, and the others go on.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Self

from skills.api import Announcement, Context, Skill
from skills.registry import Registry, SkillFailed

AGAIN_AFTER_S = (15.0, 60.0, 240.0)
"""The pauses before it is started again; then it stays off. The first outlasts that of a plugin cut off."""
LONG_S = 3_600.0
"""Who has worked for so long has its pauses from the beginning."""
BURST = 20
PER_SECOND = 1.0
"""So many announcements at once, and then so many a second; more is a flood."""

Deliver = Callable[[str, Announcement], Awaitable[None]]
_log = logging.getLogger(__name__)


class Allowance:
    """A token bucket over a clock in seconds: full at first."""

    def __init__(self, now_s: float) -> None:
        self._left = float(BURST)
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Whether one more is allowed now."""
        self._left = min(float(BURST), self._left + (now_s - self._at_s) * PER_SECOND)
        self._at_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Background:
    """The background work of all skills that have any, from `async with` to its end.

    `contexts` makes the context of a skill by its name. `deliver` says an announcement and carries out its
    commands; while it does, the skill waits. `now` and `pause` are seconds and a sleep, for tests.
    """

    def __init__(
        self,
        registry: Registry,
        contexts: Callable[[str], Context],
        deliver: Deliver,
        *,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._registry = registry
        self._contexts = contexts
        self._deliver = deliver
        self._now = now
        self._pause = pause
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for name, skill in self._registry.skills.items():
            if type(skill).background is not Skill.background:
                self._tasks.append(asyncio.create_task(self._supervise(name), name=f"background of {name}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _supervise(self, name: str) -> None:
        pauses = iter(AGAIN_AFTER_S)
        while True:
            began_s = self._now()
            why = await self._work(name)
            if why is None:
                return
            if self._now() - began_s > LONG_S:
                pauses = iter(AGAIN_AFTER_S)
            pause_s = next(pauses, None)
            if pause_s is None:
                self._registry.note(f"{why}; its background work stays off")
                return
            _log.warning("%s; its background work starts again in %.0f s", why, pause_s)
            await self._pause(pause_s)

    async def _work(self, name: str) -> str | None:
        """Deliver until the work ends; return why it failed, None when it is over."""
        allowance = Allowance(self._now())
        try:
            async with aclosing(self._registry.background(name, self._contexts(name))) as announcements:
                async for announcement in announcements:
                    if not allowance.take(self._now()):
                        self._registry.note(
                            f"skill '{name}' announces more than {PER_SECOND:g} a second; "
                            "its background work was ended"
                        )
                        return None
                    await self._hand_over(name, announcement)
        except SkillFailed as error:
            return str(error)
        return None

    async def _hand_over(self, name: str, announcement: Announcement) -> None:
        try:
            await self._deliver(name, announcement)
        except Exception:  # a fault of ours: the skill is not to blame
            _log.exception("what the skill '%s' announced could not be delivered", name)
