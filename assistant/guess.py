"""Recognition ahead of time: the words so far, at every short pause, since it may turn out to be the end."""

import asyncio
from collections.abc import Callable
from functools import partial

from assistant.parts import Parts
from assistant.scheduler import Job, Work
from speech.audio import Samples
from speech.end_of_turn import TurnJudge, Wholeness, doubting
from speech.hearing import Ear, GoesOn, Paused, Stretch
from speech.recognition.engine import RecognitionError, Transcript

_NO_RECOGNISER = "there is no recogniser: sotto models pull brings one"


class Guess:
    """The words so far, being recognised ahead of time. Pure, so it may be dropped.

    It holds for one stretch of one stream and for the home as it was: names that came or went since were not
    known to whoever judged it.
    """

    def __init__(
        self,
        parts: Parts,
        heard: Paused | GoesOn,
        ear: Ear,
        show: Callable[[Transcript], None],
        nothing: Callable[[Transcript], bool] = lambda _: False,
        language: str | None = None,
    ) -> None:
        """`nothing` tells whether these words, as they are, would be for nobody: they are not waited upon.
        `language` is the one that is spoken, if that is known.
        """
        self._nothing = nothing
        self._parts = parts
        self._said = heard.said
        self._revision = parts.home.revision
        self._ear = ear
        self._show = show
        self._job = (
            _decode(parts, heard.samples, Work.SPECULATION, language)
            if parts.recogniser is not None
            else None
        )
        self._task = asyncio.create_task(self._follow(), name=f"guess {heard.turn_id}")
        self._asked: asyncio.Task[None] | None = None

    def holds(self, said: Stretch) -> bool:
        """Whether these are the words of that stretch, judged by the home as it is now."""
        return said == self._said and self._revision == self._parts.home.revision

    async def transcript(self) -> Transcript | None:
        """The words, or None when they could not be had; waits for them: the turn is over."""
        if self._job is not None:
            self._parts.lane.hurry(self._job, Work.FINAL_DECODE)
        if self._asked is not None:
            self._asked.cancel()  # it is decided
        await asyncio.wait([self._task])
        if self._task.cancelled() or self._task.exception() is not None:
            return None
        return self._task.result()

    def ask(self, samples: Samples) -> None:
        """Have the sound judged: the words do not tell whether somebody has finished."""
        if (judge := self._parts.turn_judge) is not None:
            self._asked = asyncio.create_task(self._judge(judge, samples))

    async def settled(self) -> None:
        """Wait until there is nothing more to wait for."""
        await asyncio.wait([task for task in (self._task, self._asked) if task is not None])

    def drop(self) -> None:
        """The person went on, so this is void."""
        self._task.cancel()
        if self._asked is not None:
            self._asked.cancel()

    async def _judge(self, judge: TurnJudge, samples: Samples) -> None:
        self._ear.judge_sound(self._said, await self._parts.lane.run(Work.SPECULATION, judge, samples))

    async def _follow(self) -> Transcript:
        wholeness = Wholeness.UNKNOWN  # what cannot be recognised is not waited for
        try:
            if self._job is None:
                raise RecognitionError(_NO_RECOGNISER)
            transcript: Transcript = await self._job.done
            wholeness = doubting(
                self._parts.completeness(transcript.text, transcript.language), transcript.log_probability
            )
            if self._nothing(transcript):
                wholeness = Wholeness.WHOLE
        finally:
            self._ear.judge(self._said, wholeness)
        self._show(transcript)
        return transcript


async def recognise(parts: Parts, samples: Samples, language: str | None = None) -> Transcript:
    """Recognise what nobody has looked at yet, before anything that may still change."""
    transcript: Transcript = await _decode(parts, samples, Work.FINAL_DECODE, language).done
    return transcript


def _decode(parts: Parts, samples: Samples, work: Work, language: str | None) -> Job:
    if parts.recogniser is None:
        raise RecognitionError(_NO_RECOGNISER)
    transcribe = parts.recogniser.transcribe
    if language is not None:
        transcribe = partial(transcribe, language=language)
    return parts.lane.submit(work, transcribe, samples)
