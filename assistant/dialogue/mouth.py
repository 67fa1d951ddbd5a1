"""The mouth of one place: says one thing at a time, clause by clause; it can be held, go on, and be ended.

What is being said is one of three states, independent of what is being heard: a timer may ring while somebody
speaks, and somebody may speak while an answer is being given. `_MOVES` is all that can happen between them.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from assistant.scheduler import Lane, Work
from speech.audio import Samples, SpeechChunk
from speech.sound.chime import RATE_HZ as CHIME_HZ
from speech.sound.chime import SECONDS, chime
from speech.sound.ports import Loudspeaker, Pausable, SoundError
from speech.sound.speaker import LATENCY_S
from speech.synthesis.clauses import pause_s
from speech.synthesis.engine import SynthesisError

_log = logging.getLogger(__name__)


class Saying(StrEnum):
    """What is being said."""

    SILENT = "silent"
    SPEAKING = "speaking"
    PAUSED = "paused"  # there is something to say, and somebody else has the floor


class Cue(StrEnum):
    """What can happen to a mouth."""

    BEGIN = "begin"
    BEGIN_LATER = "begin later"
    HOLD = "hold"
    GO_ON = "go on"
    END = "end"


_MOVES: dict[tuple[Saying, Cue], Saying] = {
    (Saying.SILENT, Cue.BEGIN): Saying.SPEAKING,
    (Saying.SILENT, Cue.BEGIN_LATER): Saying.PAUSED,
    (Saying.SPEAKING, Cue.HOLD): Saying.PAUSED,
    (Saying.PAUSED, Cue.GO_ON): Saying.SPEAKING,
    (Saying.SPEAKING, Cue.END): Saying.SILENT,
    (Saying.PAUSED, Cue.END): Saying.SILENT,
}


class Speaks(Protocol):
    """What the mouth needs of a voice: the clause's sound in pieces, each with its rate in Hz."""

    def speak(self, clause: str, language: str) -> Iterator[tuple[Samples, int]]:
        """Yield the clause's sound; blocks while it works; raises `SynthesisError`."""
        ...


class Mouth:
    """Speaks through one loudspeaker. Without voices it stays silent and everything else goes on."""

    def __init__(
        self,
        voices: Speaks | None,
        loudspeaker: Loudspeaker,
        lane: Lane,
        on_change: Callable[[], None] = lambda: None,
        gain: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """`gain` is asked before each piece: what its samples are multiplied by, 0 to 1."""
        self._gain = gain
        self._on_change = on_change  # it began to speak, or ended
        self._voices = self._lent = voices
        self._loudspeaker = loudspeaker
        self._lane = lane
        self._one_at_a_time = asyncio.Lock()
        self._speech: asyncio.Task[None] | None = None
        self._clear = asyncio.Event()  # nobody else has the floor
        self._clear.set()
        self._said: list[str] = []
        self.chimes = False
        """Whether `chime` is heard."""
        self.state = Saying.SILENT

    @property
    def words(self) -> str:
        """What is being said, as far as it was begun; empty while nothing is."""
        return " ".join(self._said) if self._speech is not None else ""

    async def say(
        self, turn_id: str, clauses: AsyncIterator[str], language: str, on_first_audio: Callable[[], None]
    ) -> tuple[str, bool]:
        """Say the clauses as they come, once nobody else speaks. Returns the text, and whether it was ended
        before its end.
        """
        async with self._one_at_a_time:
            said = self._said = []
            self._move(Cue.BEGIN if self._clear.is_set() else Cue.BEGIN_LATER)
            self._speech = asyncio.create_task(
                self._speak(turn_id, clauses, language, said, on_first_audio), name=f"say {turn_id}"
            )
            speech = self._speech
            self._on_change()
            try:
                await asyncio.wait([speech])
            finally:
                whole = speech.done() and not speech.cancelled()
                speech.cancel()
                self._speech = None
                held = self.state is Saying.PAUSED
                self._move(Cue.END)
                if held and isinstance(self._loudspeaker, Pausable):  # or nothing would be heard any more
                    await (self._loudspeaker.resume() if whole else self._loudspeaker.stop())
                self._on_change()
        if not speech.cancelled() and (error := speech.exception()) is not None:
            raise error
        return _joined(said, language), speech.cancelled()

    def lend(self, voices: Speaks | None) -> None:
        """Speak by another's voice from the next clause on; None: by our own again."""
        self._lent = voices if voices is not None and self._voices is not None else self._voices

    async def hold(self) -> bool:
        """Be silent for now, since somebody else speaks; tell whether something was being said.

        A loudspeaker that cannot pause is stopped: what was being said has ended then.
        """
        self._clear.clear()
        if self.state is Saying.SPEAKING:
            if not isinstance(self._loudspeaker, Pausable):
                return await self.interrupt()
            self._move(Cue.HOLD)
            await self._loudspeaker.pause()
            self._on_change()
        return self.state is Saying.PAUSED

    async def go_on(self) -> None:
        """Nobody else speaks any more: say what is to be said, from a little before where it was."""
        self._clear.set()
        if self.state is Saying.PAUSED:
            self._move(Cue.GO_ON)
            if isinstance(self._loudspeaker, Pausable):
                await self._loudspeaker.resume()
            self._on_change()

    async def interrupt(self) -> bool:
        """End what is being said, at once; tell whether there was something."""
        speech = self._speech
        if speech is None:
            return False
        speech.cancel()
        await self._loudspeaker.stop()
        return True

    async def chime(self) -> float:
        """Tell by a sound that we listen, if that is wanted and nothing is being said. Returns how many
        seconds from now on it is heard; 0 when it is not.
        """
        if not self.chimes or self.state is not Saying.SILENT:
            return 0.0
        try:
            await self._loudspeaker.play(
                SpeechChunk(f"chime {uuid.uuid4().hex[:12]}", chime(), CHIME_HZ, last_of_clause=True)
            )
        except SoundError as error:
            _log.warning("the chime cannot be heard: %s", error)
            return 0.0
        return LATENCY_S + SECONDS

    def _move(self, cue: Cue) -> None:
        following = _MOVES.get((self.state, cue))
        if following is None:
            raise AssertionError(f"the mouth cannot {cue} while it is {self.state}")
        self.state = following

    async def _speak(
        self,
        turn_id: str,
        clauses: AsyncIterator[str],
        language: str,
        said: list[str],
        on_first_audio: Callable[[], None],
    ) -> None:
        async for clause in clauses:
            pause = pause_s(said[-1]) if said else 0.0
            said.append(clause)
            try:
                await self._speak_clause(turn_id, clause, language, pause, on_first_audio)
            except (SynthesisError, SoundError) as error:
                # The words still reach whoever reads them; the rest of the answer may yet be heard.
                _log.warning("could not say %r: %s", clause, error)
        try:
            await self._loudspeaker.drain()
        except SoundError as error:  # it went while it spoke; the turn has been taken all the same
            _log.warning("the end was not heard: %s", error)

    async def _speak_clause(
        self, turn_id: str, clause: str, language: str, pause: float, on_first_audio: Callable[[], None]
    ) -> None:
        """Play a clause behind `pause` seconds of silence; each piece waits for the next to know the last."""
        waiting: SpeechChunk | None = None
        work = Work.LATER_CLAUSE if pause else Work.FIRST_CLAUSE
        async for samples, rate_hz in self._sound(clause, language, work):
            if waiting is None:
                samples = np.concatenate([np.zeros(int(pause * rate_hz), np.int16), samples])
            else:
                await self._play(waiting)
            await self._clear.wait()
            on_first_audio()
            waiting = SpeechChunk(turn_id, (samples * self._gain()).astype(np.int16), rate_hz)
        if waiting is not None:
            await self._play(replace(waiting, last_of_clause=True))

    async def _play(self, chunk: SpeechChunk) -> None:
        await self._clear.wait()
        await self._loudspeaker.play(chunk)

    async def _sound(self, clause: str, language: str, work: Work) -> AsyncIterator[tuple[Samples, int]]:
        if self._lent is None:
            return
        pieces = self._lent.speak(clause, language)
        while (piece := await self._lane.run(work, next, pieces, None)) is not None:
            yield piece


def _joined(clauses: list[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(clause.strip() for clause in clauses)
