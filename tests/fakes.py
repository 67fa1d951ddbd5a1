"""Small real classes that stand where an engine would, for tests of what lies around engines."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.language.engine import LanguageModelError, Message, Sampling
from assistant.report import TurnReport
from speech.audio import RATE_HZ, AudioChunk, Samples, SpeechChunk
from speech.hearing import Event
from speech.recognition.engine import Abilities, Transcript


class LoudnessActivity:
    """Voice activity for made-up sound: whatever is loud is speech."""

    block_samples = 512

    def probability(self, block: Samples) -> float:
        return 1.0 if np.abs(block).mean() > 500 else 0.0

    def reset(self) -> None:
        pass


class WordAt:
    """A wake word that ends at given samples of the stream."""

    words = ("okay nabu",)

    def __init__(self, *ends: int) -> None:
        self._ends = list(ends)
        self._at = 0

    def detect(self, samples: Samples) -> str | None:
        self._at += len(samples)
        if self._ends and self._at >= self._ends[0]:
            self._ends.pop(0)
            return "okay nabu"
        return None

    def reset(self) -> None:
        pass


class ScriptedRecogniser:
    """Says for each sound the text whose length in seconds is nearest; counts its work."""

    abilities = Abilities(frozenset({"en", "zh"}), "cpu")

    def __init__(self, texts: Mapping[float, str]) -> None:
        self.texts = texts
        self.asked: list[float] = []

    def transcribe(self, samples: Samples, *, language: str | None = None) -> Transcript:
        seconds = len(samples) / RATE_HZ
        self.asked.append(seconds)
        nearest = min(self.texts, key=lambda length: abs(length - seconds))
        return Transcript(self.texts[nearest], language or "en")

    def close(self) -> None:
        pass


class ScriptedModel:
    """A language model that writes what it is told, a few characters at a time."""

    name = "scripted"

    def __init__(self, *answers: str, breaks: bool = False) -> None:
        self._answers = list(answers)
        self._breaks = breaks
        self.prompts: list[Sequence[Message]] = []
        self.schemas: list[Mapping[str, Any] | None] = []
        self.closed = 0

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        self.prompts.append(list(messages))
        self.schemas.append(schema)
        answer = self._answers.pop(0)
        try:
            for start in range(0, len(answer), 3):
                yield answer[start : start + 3]
            if self._breaks:
                raise LanguageModelError("it broke")
        finally:
            self.closed += 1

    async def warm(self, messages: Sequence[Message]) -> None:
        self.prompts.append(list(messages))

    def close(self) -> None:
        pass


class ToneVoices:
    """A voice that hums 50 ms a clause."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def tuned(self, rate: float = 1.0, speaker: str | None = None) -> "ToneVoices":
        """It hums alike in every room."""
        del rate, speaker
        return self

    def speak(self, clause: str, language: str) -> Iterator[tuple[Samples, int]]:
        self.said.append(clause)
        yield np.full(800, 1_000, np.int16), RATE_HZ


class HeldSpeaker:
    """A loudspeaker that can pause, and plays until it is told that all was heard."""

    def __init__(self) -> None:
        self.speaking = asyncio.Event()
        self._changed = asyncio.Event()
        self.begin_anew()

    def begin_anew(self) -> None:
        """As if nothing had been said yet."""
        self.played: list[SpeechChunk] = []
        self.paused = False
        self.pauses = 0
        self.stops = 0
        self.speaking.clear()
        self._finished = False

    def finish(self) -> None:
        """From now on everything is heard at once."""
        self._finished = True
        self._changed.set()

    async def heard(self, pieces: int) -> None:
        """Wait until so many pieces were handed over."""
        await self._until(lambda: len(self.played) >= pieces)

    async def play(self, chunk: SpeechChunk) -> None:
        self.played.append(chunk)
        self.speaking.set()
        self._changed.set()

    async def drain(self) -> None:
        stops = self.stops
        await self._until(lambda: (self._finished and not self.paused) or self.stops != stops)

    async def stop(self) -> None:
        self.stops += 1
        self.paused = False
        self._changed.set()

    async def pause(self) -> None:
        self.paused = True
        self.pauses += 1

    async def resume(self) -> None:
        self.paused = False
        self._changed.set()

    async def close(self) -> None:
        pass

    async def _until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not so():
                self._changed.clear()
                await self._changed.wait()


class Watcher:
    """An observer that keeps everything."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.partials: list[Transcript] = []
        self.reports: list[TurnReport] = []

    def heard(self, event: Event) -> None:
        self.events.append(event)

    def partial(self, transcript: Transcript) -> None:
        self.partials.append(transcript)

    def report(self, report: TurnReport) -> None:
        self.reports.append(report)


def sound(*stretches: tuple[str, float]) -> Samples:
    """Made-up sound: ("voice", 1.2), ("quiet", 0.5) one after the other, in seconds."""
    noise = np.random.default_rng(1)
    pieces = [
        (noise.standard_normal(int(seconds * RATE_HZ)) * (4_000 if kind == "voice" else 5)).astype(np.int16)
        for kind, seconds in stretches
    ]
    return np.concatenate(pieces)


def chunks(samples: Samples, *, piece: int = 320) -> Iterator[AudioChunk]:
    """The sound in pieces, stamped as if it arrived in real time from second 0."""
    for start in range(0, len(samples), piece):
        cut = samples[start : start + piece]
        yield AudioChunk("test", start, cut, (start + len(cut)) / RATE_HZ)
