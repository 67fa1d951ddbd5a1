"""Recognition ahead of time: the words so far, at every short pause, since it may turn out to be the end."""

import asyncio
from collections.abc import Callable

from assistant.parts import Parts
from speech.audio import Samples
from speech.hearing import Ear
from speech.recognition.engine import RecognitionError, Transcript


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
        self._task = asyncio.create_task(self._recognise(samples), name=f"guess {turn_id}")

    async def transcript(self) -> Transcript | None:
        """The words, or None when they could not be had; waits for them."""
        await self.settled()
        if self._task.cancelled() or self._task.exception() is not None:
            return None
        return self._task.result()

    async def settled(self) -> None:
        """Wait until there is nothing more to wait for."""
        await asyncio.wait([self._task])

    def drop(self) -> None:
        """The person went on, so this is void."""
        self._task.cancel()

    async def _recognise(self, samples: Samples) -> Transcript:
        transcript = await recognise(self._parts, samples)
        self._show(transcript)
        self._ear.judge(self.turn_id, self._parts.completeness(transcript.text, transcript.language))
        return transcript


async def recognise(parts: Parts, samples: Samples) -> Transcript:
    """Run the recogniser in its worker; the next in line waits its turn."""
    if parts.recogniser is None:
        raise RecognitionError("there is no recogniser: sotto models pull brings one")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(parts.recognition_worker, parts.recogniser.transcribe, samples)
