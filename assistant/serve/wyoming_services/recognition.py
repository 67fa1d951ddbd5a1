"""Recognition of a stream whose end somebody else decides.

Whoever waits for 0.7 s of silence gives us that long: what was said is recognised at each pause, so that the
words are there when the stream ends.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import numpy as np

from assistant.parts import Parts
from assistant.scheduler import Job, Work
from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.hearing import Ear, Ended, Paused
from speech.recognition.engine import RecognitionError, Transcript

LONGEST_S = 300.0
"""Of one stream; what follows is not heard."""
_PIECE = RATE_HZ * 80 // 1000
_ENDING = np.zeros(RATE_HZ, np.int16)
"""Silence behind the stream's end, after which the ear has no doubt."""


class Recognition:
    """One stream. `ear` ends utterances by silence alone; `on_text` gets each one's words when known."""

    def __init__(
        self, parts: Parts, ear: Ear, language: str | None, on_text: Callable[[str], Awaitable[None]]
    ) -> None:
        self._parts = parts
        self._ear = ear
        self._language = language
        self._on_text = on_text
        self._at = 0
        self._jobs: list[Job] = []  # one for each utterance that has ended
        self._guess: tuple[object, Job] | None = None  # of the utterance under way, up to its last pause
        self._told = 0

    async def hear(self, samples: Samples) -> None:
        """Take the next piece. Raises `RecognitionError`."""
        if self._at > LONGEST_S * RATE_HZ:
            return
        for start in range(0, len(samples), _PIECE):
            piece = samples[start : start + _PIECE]
            for event in self._ear.hear(AudioChunk("wyoming", self._at, piece, self._at / RATE_HZ)):
                match event:
                    case Paused(samples=said, said=stretch):
                        self._drop()
                        self._guess = (stretch, self._decode(said))
                    case Ended(utterance=utterance, said=stretch):
                        self._end(stretch, utterance.samples)
            self._at += len(piece)
        while self._told < len(self._jobs) and self._jobs[self._told].done.done():
            await self._tell()

    async def end(self) -> Transcript:
        """Return all that was said. Raises `RecognitionError`."""
        await self.hear(_ENDING)
        for job in self._jobs:
            self._parts.lane.hurry(job, Work.FINAL_DECODE)
        while self._told < len(self._jobs):
            await self._tell()
        found: list[Transcript] = [await job.done for job in self._jobs]
        said = [each for each in found if each.text]
        language = said[0].language if said else self._language or "en"
        return Transcript(("" if language == "zh" else " ").join(each.text for each in said), language)

    def drop(self) -> None:
        """Nobody waits for it any more."""
        self._drop()
        for job in self._jobs:
            job.done.cancel()

    def _end(self, stretch: object, samples: Samples) -> None:
        guess, self._guess = self._guess, None
        if guess is not None and guess[0] == stretch:
            self._jobs.append(guess[1])
            return
        if guess is not None:
            guess[1].done.cancel()
        self._jobs.append(self._decode(samples))

    def _decode(self, samples: Samples) -> Job:
        recogniser = self._parts.recogniser
        if recogniser is None:
            raise RecognitionError("there is no recogniser: sotto models pull brings one")
        return self._parts.lane.submit(
            Work.SPECULATION, partial(recogniser.transcribe, language=self._language), samples
        )

    def _drop(self) -> None:
        guess, self._guess = self._guess, None
        if guess is not None:
            guess[1].done.cancel()

    async def _tell(self) -> None:
        transcript: Transcript = await self._jobs[self._told].done
        self._told += 1
        if transcript.text:
            await self._on_text(transcript.text)
