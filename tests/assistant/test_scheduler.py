"""Who gets the cores first."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from assistant.scheduler import Lane, Threads, Work


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test")
    yield lane
    lane.close()


class Gate:
    """Work that runs until it is let go."""

    def __init__(self) -> None:
        self.began, self.open = threading.Event(), threading.Event()

    def work(self) -> str:
        self.began.set()
        assert self.open.wait(10)
        return "first"


async def test_what_waits_is_taken_by_its_urgency_and_then_by_its_coming(lane: Lane) -> None:
    gate, order = Gate(), list[str]()
    jobs = [lane.submit(Work.SPECULATION, gate.work)]
    for work, name in (
        (Work.SPECULATION, "guess"),
        (Work.LATER_CLAUSE, "clause"),
        (Work.FINAL_DECODE, "words"),
        (Work.FINAL_DECODE, "more words"),
    ):
        jobs.append(lane.submit(work, order.append, name))
    gate.open.set()
    await asyncio.gather(*(job.done for job in jobs))
    assert order == ["words", "more words", "clause", "guess"]


async def test_a_guess_becomes_urgent_when_the_turn_is_over(lane: Lane) -> None:
    gate, order = Gate(), list[str]()
    jobs = [lane.submit(Work.SPECULATION, gate.work)]
    jobs.append(lane.submit(Work.SPECULATION, order.append, "another place's guess"))
    jobs.append(lane.submit(Work.SPECULATION, order.append, "the words"))
    lane.hurry(jobs[-1], Work.FINAL_DECODE)
    gate.open.set()
    await asyncio.gather(*(job.done for job in jobs))
    assert order == ["the words", "another place's guess"]


async def test_what_was_cancelled_before_its_turn_is_never_done(lane: Lane) -> None:
    gate, order = Gate(), list[str]()
    first = lane.submit(Work.SPECULATION, gate.work)
    dropped = asyncio.create_task(lane.run(Work.SPECULATION, order.append, "dropped"))
    await asyncio.sleep(0)
    last = lane.submit(Work.SPECULATION, order.append, "wanted")
    dropped.cancel()
    await asyncio.wait([dropped])
    gate.open.set()
    await asyncio.gather(first.done, last.done)
    assert order == ["wanted"]


async def test_what_runs_when_it_is_cancelled_does_not_hold_up_the_next(lane: Lane) -> None:
    gate = Gate()
    running = asyncio.create_task(lane.run(Work.SPECULATION, gate.work))
    await asyncio.to_thread(gate.began.wait, 10)
    running.cancel()
    await asyncio.wait([running])
    gate.open.set()
    assert await lane.run(Work.FINAL_DECODE, str, 7) == "7"


async def test_an_error_reaches_who_asked_and_the_lane_goes_on(lane: Lane) -> None:
    with pytest.raises(ZeroDivisionError):
        await lane.run(Work.FINAL_DECODE, divmod, 1, 0)
    assert await lane.run(Work.FINAL_DECODE, str, 7) == "7"


@pytest.mark.parametrize(
    ("cores", "recognition", "voice"), [(1, 1, 1), (2, 2, 2), (3, 2, 2), (4, 3, 2), (16, 4, 2)]
)
def test_threads_follow_the_cores(cores: int, recognition: int, voice: int) -> None:
    threads = Threads.for_cores(cores)
    assert (threads.recognition, threads.voice) == (recognition, voice)
