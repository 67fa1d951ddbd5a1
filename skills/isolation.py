"""A thread with an event loop of its own for each plugin, so that one that blocks can be cut off.

This is no sandbox. What a plugin does to memory, files and the network by itself is not limited; only what
goes through its `Context` and its answers is. What is held up here is the assistant's own loop: a plugin's
code never runs on it.

To cut off: a task is cancelled; where it does not end within a second, `CutOff` is raised in its thread at
the next line of Python (`PyThreadState_SetAsyncExc`) and the thread is left to itself.
"""

import asyncio
import concurrent.futures
import ctypes
import logging
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from skills.api import Skill, SkillError

GRACE_S = 1.0
"""For so long a call may take to end once it is cancelled."""
PAUSE_S = 10.0
"""A plugin that was cut off is started again after this."""
MOST_RESTARTS = 2
PING_S = 5.0
"""A plugin that works in the background is asked this often whether its loop still turns."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class PluginRaised(Exception):  # noqa: N818 - reads as what happened
    """The plugin raised; the message is what, on one line."""


class PluginOff(Exception):  # noqa: N818 - a state
    """The plugin was cut off, now or before; the message is one line that goes on after its name."""


class CutOff(BaseException):
    """Raised in the thread of a plugin that does not come back. No Exception: it is not for the plugin."""


def told(error: BaseException) -> str:
    """Return an exception as one line."""
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    """What came of a piece of work: a value, or the exception that the caller shall see."""

    value: T | None = None
    error: Exception | None = None

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # None is a T where there is no error


class PluginThread:
    """One thread with its loop. Once `gone` it takes no more work."""

    def __init__(self, name: str) -> None:
        self.gone = False
        self.loop = asyncio.new_event_loop()
        # What an abandoned plugin leaves behind is told in one line already.
        self.loop.set_exception_handler(lambda _, told: _log.debug("%s: %s", name, told.get("message")))
        self._thread = threading.Thread(target=self._turn, name=f"skill {name}", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], T], limit_s: float) -> T:
        """Run a function there and wait for it, blocking. Raises `PluginRaised`, or TimeoutError: then the
        thread is gone.
        """
        done: concurrent.futures.Future[_Outcome[T]] = concurrent.futures.Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(_attempt(work)))
        try:
            outcome = done.result(limit_s)
        except TimeoutError:
            self.abandon()
            raise
        return outcome.result()

    async def call(self, make: Callable[[], Awaitable[T]], limit_s: float) -> T:
        """Run a coroutine there and await it here.

        Raises `SkillError`, `PluginRaised`, or TimeoutError; the thread is gone when the coroutine did not
        even end when it was cancelled. Whoever cancels this call cancels the coroutine, and does not wait.
        """
        job = _Job(self, make)
        try:
            if await job.ended_within(limit_s):
                return job.result()
        except asyncio.CancelledError:
            job.cancel()
            raise
        job.cancel()
        if not await job.ended_within(GRACE_S):
            self.abandon()
        raise TimeoutError

    async def stream(
        self, make: Callable[[], AsyncGenerator[T, None]], answer_s: float
    ) -> AsyncGenerator[T, None]:
        """Iterate there, in one task, and yield here; it is never more than one item ahead.

        Raises as `call` does; TimeoutError when the loop there does not answer within `answer_s`.
        """
        here = asyncio.get_running_loop()
        items: asyncio.Queue[T] = asyncio.Queue(maxsize=1)

        async def pump() -> None:
            async with aclosing(make()) as made:
                async for item in made:
                    await across(here, partial(items.put, item))

        job = _Job(self, pump)
        waiting = asyncio.ensure_future(items.get())
        try:
            while True:
                either: set[asyncio.Future[Any]] = {waiting, job.ended}
                await asyncio.wait(either, timeout=PING_S, return_when="FIRST_COMPLETED")
                if waiting.done():
                    item, waiting = waiting.result(), asyncio.ensure_future(items.get())
                    yield item
                elif not job.ended.done():
                    await self.call(_nothing, answer_s)
                elif items.empty():
                    job.result()
                    return
                else:
                    await asyncio.wait({waiting})
        finally:
            waiting.cancel()
            job.cancel()
            if not self.gone and not await job.ended_within(GRACE_S):
                self.abandon()

    def abandon(self) -> None:
        """Cut off whatever runs there, and never wait for it."""
        if self.gone:
            return
        self.gone = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        ident = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(CutOff))

    def close(self) -> None:
        """End what runs there and wait for it, a second at most."""
        if self.gone:
            return
        asyncio.run_coroutine_threadsafe(self._end(), self.loop)
        self._thread.join(GRACE_S)
        if self._thread.is_alive():
            self.abandon()
        else:
            self.loop.close()

    async def _end(self) -> None:
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.loop.shutdown_asyncgens()
        self.gone = True
        self.loop.stop()

    def _turn(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            while not self.gone:
                try:
                    self.loop.run_forever()
                except (SystemExit, KeyboardInterrupt) as error:  # a task of the plugin's own wants to leave
                    _log.warning("a skill's task raised %s", told(error))
        except CutOff:
            pass


class _Job(Generic[T]):
    """A coroutine on another loop, seen from the loop that made this."""

    def __init__(self, there: PluginThread, make: Callable[[], Awaitable[T]]) -> None:
        self._here = asyncio.get_running_loop()
        self._there = there
        self._make = make
        self._task: asyncio.Task[None] | None = None
        self._unwanted = False
        self.ended: asyncio.Future[_Outcome[T]] = self._here.create_future()
        there.loop.call_soon_threadsafe(self._start)

    async def ended_within(self, limit_s: float) -> bool:
        """Wait until it has ended, this long at most."""
        await asyncio.wait({self.ended}, timeout=limit_s)
        return self.ended.done()

    def result(self) -> T:
        """What came of it; only once it has ended."""
        return self.ended.result().result()

    def cancel(self) -> None:
        """Ask it to end, without waiting."""
        self._unwanted = True
        with suppress(RuntimeError):  # its loop is closed: it has ended
            self._there.loop.call_soon_threadsafe(self._cancel)

    def _start(self) -> None:
        if not self._there.gone:  # what was put to a blocked loop is found by it as it ends
            self._task = self._there.loop.create_task(self._run())

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        outcome: _Outcome[T]
        try:
            outcome = _Outcome(await self._make())
        except SkillError as error:
            outcome = _Outcome(error=error)
        except asyncio.CancelledError as error:
            outcome = _Outcome(
                error=PluginRaised("nothing: it was cancelled" if self._unwanted else told(error))
            )
        # Whatever it is, SystemExit included, it is the plugin's and ends this call alone.
        except BaseException as error:
            outcome = _Outcome(error=_raised(error))
        with suppress(RuntimeError):  # the loop that waited is closed
            self._here.call_soon_threadsafe(self._put, outcome)

    def _put(self, outcome: _Outcome[T]) -> None:
        if not self.ended.done():
            self.ended.set_result(outcome)


class PluginHost:
    """One distribution's thread, and how often it is started again after it was cut off.

    `tell` gets one line each time. After `PAUSE_S` the next call starts it again, with new instances of its
    skills; after `MOST_RESTARTS` it stays off.
    """

    def __init__(
        self, name: str, tell: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self._tell = tell
        self._now = now
        self._thread = PluginThread(name)
        self._instances: dict[type[Skill], Skill] = {}
        self._cut = 0
        self._counted: PluginThread | None = None
        self._off_until_s = 0.0

    @property
    def off(self) -> bool:
        """Whether it is cut off at the moment."""
        return self._thread.gone

    def do(self, work: Callable[[], T], limit_s: float) -> T:
        """Run a function there, blocking. Raises `PluginRaised` or `PluginOff`."""
        thread = self._running()
        try:
            return thread.do(work, limit_s)
        except TimeoutError:
            raise self._cut_off(thread, limit_s) from None

    async def call(self, skill: type[Skill], work: Callable[[Skill], Awaitable[T]], limit_s: float) -> T:
        """Await `work` there, with the skill's instance.

        Raises `SkillError`, `PluginRaised`, `PluginOff` (it was cut off, now or before) or TimeoutError.
        """
        thread = self._running()

        async def there() -> T:
            return await work(self._instance(skill))

        try:
            return await thread.call(there, limit_s)
        except TimeoutError:
            if thread.gone:
                raise self._cut_off(thread, limit_s) from None
            raise

    async def stream(
        self, skill: type[Skill], work: Callable[[Skill], AsyncGenerator[T, None]], answer_s: float
    ) -> AsyncGenerator[T, None]:
        """Yield what `work` yields there. Raises as `call` does."""
        thread = self._running()
        try:
            async with aclosing(thread.stream(lambda: work(self._instance(skill)), answer_s)) as items:
                async for item in items:
                    yield item
        except TimeoutError:
            raise self._cut_off(thread, answer_s) from None

    def keep(self, skill: Skill) -> None:
        """Take an instance that was made there."""
        self._instances[type(skill)] = skill

    def close(self) -> None:
        """End the thread; nothing is started again."""
        self._thread.close()
        self._counted, self._cut = self._thread, MOST_RESTARTS + 1

    def _instance(self, skill: type[Skill]) -> Skill:
        if skill not in self._instances:
            self._instances[skill] = skill()
        return self._instances[skill]

    def _running(self) -> PluginThread:
        if not self._thread.gone:
            return self._thread
        self._count(self._thread, "did not end")
        if self._cut > MOST_RESTARTS:
            raise PluginOff("is off until the assistant starts again")
        wait_s = self._off_until_s - self._now()
        if wait_s > 0:
            raise PluginOff(f"was cut off, and starts again in {wait_s:.0f} s")
        self._instances = {}
        self._thread = PluginThread(self.name)
        return self._thread

    def _cut_off(self, thread: PluginThread, limit_s: float) -> PluginOff:
        why = f"did not come back within {limit_s:g} seconds"
        self._count(thread, why)
        return PluginOff(f"was cut off: it {why}")

    def _count(self, thread: PluginThread, why: str) -> None:
        """Account for a thread that is gone, and tell; only once, whoever notices."""
        if self._counted is thread:
            return
        self._counted = thread
        self._cut += 1
        self._off_until_s = self._now() + PAUSE_S
        then = "stays off until the assistant starts again" if self._cut > MOST_RESTARTS else "starts again"
        self._tell(f"was cut off, since it {why}; it {then}")


async def across(loop: asyncio.AbstractEventLoop, make: Callable[[], Awaitable[T]]) -> T:
    """Await something on another loop; cancelling this cancels that."""

    async def there() -> T:
        return await make()

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), loop))


def read_across(loop: asyncio.AbstractEventLoop, read: Callable[[], T], limit_s: float = 2.0) -> T:
    """Call a function on another thread's loop and wait, blocking. Raises what it raises, or TimeoutError."""
    done: concurrent.futures.Future[T] = concurrent.futures.Future()

    def there() -> None:
        try:
            done.set_result(read())
        except Exception as error:
            done.set_exception(error)

    loop.call_soon_threadsafe(there)
    return done.result(limit_s)


def _attempt(work: Callable[[], T]) -> _Outcome[T]:
    try:
        return _Outcome(work())
    except BaseException as error:
        return _Outcome(error=_raised(error))


def _raised(error: BaseException) -> PluginRaised:
    _log.debug("a plugin raised", exc_info=error)
    return PluginRaised(told(error))


async def _nothing() -> Any:
    return None
