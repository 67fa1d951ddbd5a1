"""Who gets the cores, in what order: two of them have to do for everything.

    wake word and voice activity   at once, on the event loop; a few per cent of a core
    final decode                   the words of a turn that is over: somebody waits in silence
    first clause                   the beginning of the answer
    later clauses                  the loudspeaker has something to say meanwhile
    speculation                    words that may still change; dropped when they do
    language model                 its threads step back behind all the others (`language/llama_cpp.py`)

Understanding takes milliseconds and runs on the event loop. An engine is one model in memory and works on
one thing at a time, so each has a lane; within a lane what is more urgent goes first, and nothing that runs
is broken off: it is short.
"""

import asyncio
import heapq
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Self, TypeVar

_T = TypeVar("_T")


class Work(IntEnum):
    """How urgent a piece of work is; the lowest goes first."""

    FINAL_DECODE = 0
    FIRST_CLAUSE = 1
    LATER_CLAUSE = 2
    SPECULATION = 3


@dataclass(order=True, slots=True)
class Job:
    """A piece of work that waits or runs."""

    work: Work
    number: int
    function: Callable[[], Any] = field(compare=False)
    done: asyncio.Future[Any] = field(compare=False)


class Lane:
    """One thread. All calls come from one event loop."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[Job] = []
        self._numbers = itertools.count()
        self._busy = False

    async def run(self, work: Work, function: Callable[..., _T], *arguments: Any) -> _T:
        """Call a function that blocks. Cancelled while it waits, it is never called."""
        result: _T = await self.submit(work, function, *arguments).done
        return result

    def submit(self, work: Work, function: Callable[..., Any], *arguments: Any) -> Job:
        """Queue a call; the result comes in `Job.done`."""
        done = asyncio.get_running_loop().create_future()
        job = Job(work, next(self._numbers), lambda: function(*arguments), done)
        heapq.heappush(self._waiting, job)
        self._advance()
        return job

    def hurry(self, job: Job, work: Work) -> None:
        """Make a job more urgent; one that runs already is not changed by it."""
        if work < job.work:
            job.work = work
            heapq.heapify(self._waiting)

    def close(self) -> None:
        """Wait for what runs; what waits is given up."""
        for job in self._waiting:
            job.done.cancel()
        self._waiting.clear()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _advance(self) -> None:
        while self._waiting and not self._busy:
            job = heapq.heappop(self._waiting)
            if job.done.cancelled():
                continue
            self._busy = True
            loop = job.done.get_loop()
            self._thread.submit(self._work, job, loop)

    def _work(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        """In the lane's thread."""
        result, error = None, None
        try:
            result = job.function()
        except BaseException as raised:  # crosses a thread; raised again on the other side
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._finish, job, result, error)

    def _finish(self, job: Job, result: Any, error: BaseException | None) -> None:
        self._busy = False
        if not job.done.done():
            if error is not None:
                job.done.set_exception(error)
            else:
                job.done.set_result(result)
        self._advance()


class Scheduler:
    """The lanes of all engines. `with Scheduler() as scheduler:` waits, at its end, for what runs."""

    def __init__(self) -> None:
        self.recognition = Lane("recognition")
        self.voice = Lane("voice")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.recognition.close()
        self.voice.close()


@dataclass(frozen=True, slots=True)
class Threads:
    """How many threads each engine computes with, where the configuration leaves it to us."""

    recognition: int
    voice: int
    language_model: int

    @classmethod
    def for_cores(cls, cores: int | None = None) -> "Threads":
        """More than four make none of these models faster; from three cores on, one is left for the ear."""
        cores = cores or os.cpu_count() or 1
        spare = cores if cores <= 2 else cores - 1
        return cls(recognition=min(4, spare), voice=min(2, cores), language_model=min(4, spare))
