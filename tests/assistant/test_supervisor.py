import asyncio

import pytest

from assistant.serve.supervisor import PAUSES_S, Health, Part, Supervisor
from tests.devices.waiting import until

LONG_S = 30.0


class Pauses:
    """Pauses that last until they are let go, and are remembered."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.go = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.go.wait()


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def health(supervisor: Supervisor) -> dict[str, Health]:
    return {state.name: state.health for state in supervisor.states}


async def for_ever() -> None:
    await asyncio.Event().wait()


async def stopped(running: asyncio.Task) -> None:
    running.cancel()
    await asyncio.wait([running])


async def test_a_part_that_dies_is_told_in_one_line_and_comes_back_alone():
    tries, told, pauses = [], [], Pauses()

    async def breaks_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the cable was pulled\nand more of it")
        await for_ever()

    begun = []

    async def sibling() -> None:
        begun.append(1)
        await for_ever()

    supervisor = Supervisor(
        [Part("radio", breaks_once), Part("other", sibling)], told.append, pause=pauses, well_after_s=0.0
    )
    running = asyncio.create_task(supervisor.run())
    await until(lambda: health(supervisor)["radio"] is Health.FAILED, timeout=LONG_S)
    await until(lambda: health(supervisor)["other"] is Health.WELL, timeout=LONG_S)
    failed = supervisor.states[0]
    assert (failed.why, failed.failures) == ("the cable was pulled", 1)
    assert (told, pauses.asked) == (["radio: the cable was pulled (it is tried again by itself)"], [1.0])
    pauses.go.set()
    await until(lambda: health(supervisor)["radio"] is Health.WELL, timeout=LONG_S)
    assert told[1:] == ["radio: well again"]
    assert supervisor.states[0].failures == 1
    assert begun == [1]
    await stopped(running)


async def test_the_pauses_grow_and_then_stay_and_the_same_reason_is_told_once():
    asked = []

    async def pause(seconds: float) -> None:
        asked.append(seconds)
        await asyncio.sleep(0)
        if len(asked) > len(PAUSES_S) + 1:
            await for_ever()

    async def breaks() -> None:
        raise OSError("no")

    told = []
    supervisor = Supervisor([Part("x", breaks)], told.append, pause=pause, now=lambda: 0.0)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: len(asked) == len(PAUSES_S) + 2, timeout=LONG_S)
    assert asked == [*PAUSES_S, PAUSES_S[-1], PAUSES_S[-1]]
    assert len(told) == 1  # the same reason is not told every minute
    await stopped(running)


async def test_a_part_whose_work_is_done_is_not_started_again():
    done = []

    async def once() -> None:
        done.append(1)

    supervisor = Supervisor([Part("once", once)], pause=at_once)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: health(supervisor)["once"] is Health.ENDED, timeout=LONG_S)
    assert done == [1]
    await stopped(running)


async def test_a_part_that_is_cancelled_from_inside_comes_back_and_the_daemon_still_ends():
    tries = []

    async def cancels_itself() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise asyncio.CancelledError
        await for_ever()

    supervisor = Supervisor([Part("x", cancels_itself)], lambda _: None, pause=at_once)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: len(tries) == 3, timeout=LONG_S)
    await stopped(running)
    assert running.cancelled()


async def test_parts_join_and_leave_while_the_others_serve():
    supervisor = Supervisor([Part("first", for_ever)], well_after_s=0.0)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: health(supervisor)["first"] is Health.WELL, timeout=LONG_S)
    ended = asyncio.Event()

    async def second() -> None:
        try:
            await for_ever()
        finally:
            ended.set()

    supervisor.add(Part("second", second))
    await until(lambda: health(supervisor).get("second") is Health.WELL, timeout=LONG_S)
    with pytest.raises(ValueError, match="already"):
        supervisor.add(Part("second", second))
    await supervisor.remove("second")
    assert ended.is_set()
    assert list(health(supervisor)) == ["first"]
    await stopped(running)


async def test_who_watches_the_parts_and_fails_harms_none():
    def breaks(_state: object) -> None:
        raise RuntimeError

    supervisor = Supervisor([], well_after_s=0.0)
    supervisor.changed = breaks
    running = asyncio.create_task(supervisor.run())
    supervisor.add(Part("x", for_ever))
    await until(lambda: health(supervisor)["x"] is Health.WELL, timeout=LONG_S)
    await stopped(running)
