import asyncio
import logging
from types import SimpleNamespace

import numpy as np
import pytest

from speech.sound import microphone
from speech.sound.microphone import MicrophoneSource, _Queue
from speech.sound.ports import SoundError


def test_a_microphone_that_is_not_there_is_told_at_once_with_what_to_do() -> None:
    with pytest.raises(SoundError, match=r"no microphone called 'nowhere': plug one in or set listen\."):
        MicrophoneSource("nowhere")


async def test_a_slow_listener_loses_the_oldest_sound_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = _Queue(longest=3)
    queue.attach(asyncio.get_running_loop())
    for number in range(5):
        queue.put(np.full(1, number, dtype=np.int16), float(number))
    with caplog.at_level(logging.WARNING):
        got = [await queue.get() for _ in range(3)]
        for number in range(5):
            queue.put(np.full(1, number, dtype=np.int16), float(number))
        await queue.get()
    assert [arrived_s for _, arrived_s in got] == [2.0, 3.0, 4.0]
    assert [record.getMessage() for record in caplog.records] == [
        "the listener was too slow: 2 chunks from the microphone were lost"
    ]


async def test_sound_put_by_another_thread_wakes_the_listener() -> None:
    queue = _Queue(longest=3)
    queue.attach(asyncio.get_running_loop())
    waiting = asyncio.create_task(queue.get())
    await asyncio.to_thread(queue.put, np.ones(2, dtype=np.int16), 1.0)
    samples, _ = await asyncio.wait_for(waiting, 5)
    assert len(samples) == 2


@pytest.mark.parametrize("steps", range(6))
async def test_listening_ends_when_it_is_cancelled_as_sound_arrives(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "_Capture", lambda *_: SimpleNamespace(close=lambda: None))
    source = MicrophoneSource()

    async def listen() -> None:
        async for _ in source.chunks():
            pass

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.01)
    source._queue.put(np.ones(2, dtype=np.int16), 1.0)
    for _ in range(steps):
        await asyncio.sleep(0)
    listening.cancel()
    done, _ = await asyncio.wait([listening], timeout=1)
    assert listening in done
