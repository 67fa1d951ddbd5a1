"""Recognition ahead of time: the words so far, at every short pause, since it may turn out to be the end."""

import asyncio
from collections.abc import Callable

from assistant.parts import Parts
from assistant.scheduler import Job, Work
from speech.audio import Samples
from speech.end_of_turn import TurnJudge
from speech.hearing import Ear
from speech.recognition.engine import RecognitionError, Transcript

_NO_RECOGNISER = "there is no recogniser: sotto models pull brings one"


class Guess:
    """The words so far, being recognised ahead of time. Pure, so it may be dropped.

    `may_be_all` tells that the person paused behind them; otherwise they are for those who watch.
    """

    def __init__(
        self, parts: Parts, turn_id: str, samples: Samples, ear: Ear, show: Callable[[Transcript], None]
    ) -> None:
        self.turn_id = turn_id
        self.may_be_all = False
        self._parts = parts
        self._ear = ear
        self._show = show
        self._job = _decode(parts, samples, Work.SPECULATION) if parts.recogniser is not None else None
        self._task = asyncio.create_task(self._follow(), name=f"guess {turn_id}")
        self._asked: asyncio.Task[None] | None = None

    async def transcript(self) -> Transcript | None:
        """The words, or None when they could not be had; waits for them: the turn is over."""
        if self._job is not None:
            self._parts.lane.hurry(self._job, Work.FINAL_DECODE)
        await self.settled()
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
        self._ear.judge_sound(self.turn_id, await self._parts.lane.run(Work.SPECULATION, judge, samples))

    async def _follow(self) -> Transcript:
        if self._job is None:
            raise RecognitionError(_NO_RECOGNISER)
        transcript: Transcript = await self._job.done
        self._show(transcript)
        self._ear.judge(self.turn_id, self._parts.completeness(transcript.text, transcript.language))
        return transcript


async def recognise(parts: Parts, samples: Samples) -> Transcript:
    """Recognise what nobody has looked at yet, before anything that may still change."""
    transcript: Transcript = await _decode(parts, samples, Work.FINAL_DECODE).done
    return transcript


def _decode(parts: Parts, samples: Samples, work: Work) -> Job:
    if parts.recogniser is None:
        raise RecognitionError(_NO_RECOGNISER)
    return parts.lane.submit(work, parts.recogniser.transcribe, samples)
