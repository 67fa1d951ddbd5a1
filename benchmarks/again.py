"""The assistant's second look (`assistant/second_look.py`), without the rest of it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from assistant.understanding.fast_path import FastPath
    from speech.audio import Samples
    from speech.recognition.engine import Recogniser, SecondLook, Transcript

Again = Callable[["Transcript", "Samples"], "Transcript"]
"""The transcript of some sound, as it is, or as a second look has it."""


def load_engine(config: "Config", recogniser: "Recogniser") -> "SecondLook":
    """What looks again, as the assistant would load it."""
    from assistant.opening.engines import load_second_look

    engine = load_second_look(config, recogniser)
    assert engine is not None
    return engine


@contextmanager
def looking_again(engine: "SecondLook", fast_path: "FastPath", room: str | None) -> Iterator[Again]:
    """Look again where the fast path does not understand, through a lane of the scheduler as in a turn."""
    from assistant.scheduler import Scheduler
    from assistant.second_look import SecondLooks

    def understands(text: str, language: str, room: str | None) -> bool:
        return fast_path.understand(text, language, room, "first") is not None

    with Scheduler() as scheduler, asyncio.Runner() as runner:
        looks = SecondLooks(engine, scheduler.recognition, fast_path, understands)

        def again(transcript: "Transcript", samples: "Samples") -> "Transcript":
            return runner.run(looks.heard(transcript, samples, room))

        yield again
