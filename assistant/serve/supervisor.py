"""Keeps the daemon's parts alive: each may fail and come back alone, and how it is can be seen.

A part is a name and an async callable that serves until it is cancelled. One that raises is told in one line,
once for each reason, and started again after a pause that grows; its siblings do not notice. One that returns
has done its work.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Before it is started again; the last one for ever after."""
WELL_AFTER_S = 1.0
"""Who has served for so long without failing is well."""
LONG_S = 300.0
"""Who was well for so long has its pauses from the beginning."""

LOUDSPEAKER = "loudspeaker"
"""The part without which all can be heard and done, only not told at this machine."""

_log = logging.getLogger(__name__)


class Health(StrEnum):
    """How a part is."""

    STARTING = "starting"
    WELL = "well"
    FAILED = "failed"  # it waits to be started again
    ENDED = "ended"  # its work is done


@dataclass(frozen=True, slots=True)
class Part:
    """Something that serves until it is cancelled, under a name for people."""

    name: str
    serve: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PartState:
    """How a part is, why (one line, empty when nothing is wrong), and since when, in seconds since 1970."""

    name: str
    health: Health
    why: str
    since_s: float
    failures: int


class Supervisor:
    """`run()` serves all parts until it is cancelled; parts may be added and removed meanwhile.

    `tell` takes a line for a person. `pause`, `now` and `well_after_s` are for tests.
    """

    def __init__(
        self,
        parts: Iterable[Part] = (),
        tell: Callable[[str], None] = _log.error,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
        well_after_s: float = WELL_AFTER_S,
    ) -> None:
        self._tell = tell
        self._pause = pause
        self._now = now
        self._well_after_s = well_after_s
        self._waiting: list[Part] = []
        self._states: dict[str, PartState] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, str] = {}
        self._group: asyncio.TaskGroup | None = None
        self.changed: Callable[[PartState], None] = lambda _: None
        """Called with each new state of a part."""
        for part in parts:
            self.add(part)

    @property
    def states(self) -> tuple[PartState, ...]:
        """How all parts are, in the order in which they were added."""
        return tuple(self._states.values())

    def add(self, part: Part) -> None:
        """Take a part, and start it at once if the others run already. Raises ValueError for a known name."""
        if part.name in self._states:
            raise ValueError(f"there is a part {part.name!r} already")
        self._become(part.name, Health.STARTING, failures=0)
        if self._group is None:
            self._waiting.append(part)
        else:
            self._start(part, self._group)

    async def remove(self, name: str) -> None:
        """End a part and forget it; one that is not there is no error."""
        self._waiting = [part for part in self._waiting if part.name != name]
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._states.pop(name, None)
        self._told.pop(name, None)

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                while self._waiting:
                    self._start(self._waiting.pop(0), group)
                await asyncio.Event().wait()
            finally:
                self._group = None

    def _start(self, part: Part, group: asyncio.TaskGroup) -> None:
        self._tasks[part.name] = group.create_task(self._keep(part), name=part.name)

    async def _keep(self, part: Part) -> None:
        pauses = iter(PAUSES_S)
        failures = 0
        while True:
            began_s = self._now()
            self._become(part.name, Health.STARTING, failures=failures)
            why = await self._serve(part, failures)
            if why is None:
                self._become(part.name, Health.ENDED, failures=failures)
                return
            failures += 1
            if self._now() - began_s >= LONG_S:
                pauses = iter(PAUSES_S)
            pause_s = next(pauses, PAUSES_S[-1])
            self._become(part.name, Health.FAILED, why, failures)
            if self._told.get(part.name) != why:
                self._told[part.name] = why
                self._tell(f"{part.name}: {why} (it is tried again by itself)")
            await self._pause(pause_s)

    async def _serve(self, part: Part, failures: int) -> str | None:
        """Serve once; return why it failed, None when its work is done."""
        loop = asyncio.get_running_loop()
        well = loop.call_later(self._well_after_s, self._is_well, part.name, failures)
        try:
            await part.serve()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # we are meant
            return "it was cancelled from inside"
        except Exception as error:  # a supervised boundary: whatever it is, only this part is down
            _log.debug("%s failed", part.name, exc_info=error)
            return _one_line(error)
        finally:
            well.cancel()
        return None

    def _is_well(self, name: str, failures: int) -> None:
        self._become(name, Health.WELL, failures=failures)
        if self._told.pop(name, None) is not None:
            self._tell(f"{name}: well again")

    def _become(self, name: str, health: Health, why: str = "", failures: int = 0) -> None:
        state = PartState(name, health, why, self._now(), failures)
        before = self._states.get(name)
        if before is not None and replace(before, since_s=state.since_s) == state:
            return
        self._states[name] = state
        try:
            self.changed(state)
        except Exception:  # whoever watches must not end what is watched
            _log.exception("a change of %s could not be told", name)


def _one_line(error: BaseException) -> str:
    """What went wrong, for people: the message, or the error's name where it says nothing."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    lines = str(error).strip().splitlines()
    with contextlib.suppress(IndexError):
        return lines[0]
    return type(error).__name__
