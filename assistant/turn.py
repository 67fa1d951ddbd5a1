"""One utterance, from the microphone to MQTT to the loudspeaker, top to bottom.

    sound -> ear -> recogniser -> understanding -> skills -> outbox -> devices
                                                                  `-> reply -> voice -> loudspeaker

A `Conversation` is one place that listens and speaks. Only pure work is done ahead of time: at every short
pause the words so far are recognised, since the pause may turn out to have been the end. Nothing leaves for
the devices before the turn is over, and what has left is the outbox's: interrupting a turn ends its speech,
never its commands.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.dialogue.mouth import Mouth
from assistant.failures import Failure, tell, tell_outcomes
from assistant.marks import Mark, Marks
from assistant.report import TurnReport
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_stop
from assistant.understanding.understanding import Understanding
from devices.commands import Outcome
from devices.outbox import Outbox
from skills.api import Answer, Context, SkillError
from skills.registry import BadCall, Registry, SkillFailed
from speech.audio import Samples, Utterance
from speech.clock import Clock
from speech.end_of_turn import Completeness
from speech.hearing import (
    Ear,
    Ended,
    Event,
    GaveUp,
    GoesOn,
    IllegalMoveError,
    Paused,
    Resumed,
    SpeechStarted,
    Woke,
)
from speech.recognition.engine import Recogniser, RecognitionError, Transcript
from speech.sound.ports import SoundSource
from speech.synthesis.clauses import clauses as clauses_of

_log = logging.getLogger(__name__)

_LONGEST_ANSWER_S = 600.0


class Observer(Protocol):
    """Whoever wants to watch: logs, the demo, later the page."""

    def heard(self, event: Event) -> None:
        """Something happened in the sound."""
        ...

    def partial(self, transcript: Transcript) -> None:
        """The words so far; they may still change."""
        ...

    def report(self, report: TurnReport) -> None:
        """A turn has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What every conversation shares; `assistant.app` makes it. A missing part is None and said aloud."""

    recogniser: Recogniser | None
    recognition_worker: Executor
    completeness: Completeness
    understanding: Understanding
    registry: Registry
    context: Callable[[str, str | None, str], Context]
    outbox: Outbox


class Conversation:
    """One place that listens and speaks."""

    def __init__(
        self,
        parts: Parts,
        mouth: Mouth,
        observer: Observer,
        *,
        room: str | None = None,
        speech_interrupts: bool = True,
        follow_up_s: float = 0.0,
    ) -> None:
        """Join the parts.

        With `speech_interrupts` whoever speaks over an answer silences it; otherwise it takes the wake word.
        For `follow_up_s` seconds after an answer no wake word is needed.
        """
        self._parts = parts
        self._mouth = mouth
        self._observer = observer
        self._room = room
        self._speech_interrupts = speech_interrupts
        self._follow_up_s = follow_up_s
        self._ear: Ear | None = None
        self._guess: _Guess | None = None
        self._spoken_over = False  # the utterance under way began over our answer, and silenced it
        self._answers: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    # -- hearing ---------------------------------------------------------------------------------------------

    async def listen(self, source: SoundSource, ear: Ear) -> None:
        """Hear a stream until it ends, and answer what is said. Raises `SoundError` when the source fails."""
        began_s = source.clock.now()
        self._ear = ear
        try:
            async for chunk in source.chunks():
                try:
                    for event in ear.hear(chunk):
                        self._observer.heard(event)
                        await self._follow(event, ear, source.clock, began_s)
                except IllegalMoveError as error:
                    _log.error("a turn was given up: %s", error)
                if not source.clock.realtime:
                    await self._settled()  # a recording waits for us: its pauses are as long as they were
            await self._settled()
        finally:
            self._forget()
            for answer in self._answers:
                answer.cancel()

    async def _settled(self) -> None:
        if self._guess is not None:
            await self._guess.settled()
        await asyncio.gather(*self._answers, return_exceptions=True)

    async def _follow(self, event: Event, ear: Ear, clock: Clock, began_s: float) -> None:
        match event:
            case Woke():
                self._forget()
                self._spoken_over = await self._mouth.interrupt()
            case SpeechStarted():
                if self._speech_interrupts and await self._mouth.interrupt():
                    self._spoken_over = True
            case GoesOn(turn_id=turn_id, samples=samples) | Paused(turn_id=turn_id, samples=samples):
                self._forget()
                self._guess = _Guess(self._parts, turn_id, samples, ear, self._observer)
                self._guess.may_be_all = isinstance(event, Paused)
            case Resumed():
                self._forget()
            case Ended(utterance=utterance):
                guess, self._guess = self._guess, None
                over, self._spoken_over = self._spoken_over, False
                answer = asyncio.create_task(self._answer(utterance, guess, Marks(clock, began_s), over))
                self._answers.add(answer)
                answer.add_done_callback(self._answered)
            case GaveUp():
                self._spoken_over = False

    def _answered(self, answer: asyncio.Task[None]) -> None:
        self._answers.discard(answer)
        if not answer.cancelled() and (error := answer.exception()) is not None:
            _log.error("a turn failed: %s", error, exc_info=error)  # a fault of ours ends that turn only

    def _forget(self) -> None:
        if self._guess is not None:
            self._guess.drop()
            self._guess = None

    # -- the turn --------------------------------------------------------------------------------------------

    async def _answer(
        self, utterance: Utterance, guess: "_Guess | None", marks: Marks, spoken_over: bool
    ) -> None:
        marks.set(Mark.SPEECH_END, utterance.speech_end_s)
        marks.set(Mark.ENDPOINT, utterance.endpoint_s)
        try:
            transcript = await self._words(utterance, guess)
        except RecognitionError as error:
            _log.error("%s", error)
            transcript = Transcript("", "en", suspect=True)
        marks.set(Mark.TRANSCRIPT)
        if spoken_over and is_stop(transcript.text, transcript.language):
            self._end(_stopped(utterance.turn_id, transcript), marks)  # we are silent already
        elif transcript.text:
            await self.take(transcript.text, transcript.language, utterance.turn_id, marks)
        elif self._parts.recogniser is None:
            told = tell(Failure.CANNOT_HEAR, "en")
            await self._close(_nothing(utterance.turn_id, Failure.CANNOT_HEAR, told), marks)
        else:  # a door, a cough: it was no speech, and is not answered
            self._end(_nothing(utterance.turn_id, Failure.NOTHING_HEARD), marks)

    async def _words(self, utterance: Utterance, guess: "_Guess | None") -> Transcript:
        """What was said: known already, if the turn's last pause was the one that was looked at."""
        if guess is not None and guess.turn_id == utterance.turn_id and guess.may_be_all:
            known = await guess.transcript()
            if known is not None:
                return known
        return await recognise(self._parts, utterance.samples)

    async def take(self, text: str, language: str, turn_id: str, marks: Marks) -> TurnReport:
        """Understand the words, do what they ask, and say what came of it."""
        async with self._turn:  # what was said first is done first
            plan = await self._parts.understanding.plan(text, language, self._room, turn_id)
            marks.set(Mark.PLAN)
            report = TurnReport(turn_id, text, plan.language, plan.tier, calls=plan.calls, why=plan.why)
            if plan.talk is not None:
                return await self._talk(report, plan, marks)
            if plan.failure is not None:
                failed = replace(
                    report, failure=plan.failure, reply=tell(plan.failure, plan.language, plan.failure_values)
                )
                return await self._close(failed, marks)
            return await self._close(await self._act(report, plan, marks), marks)

    # -- acting ----------------------------------------------------------------------------------------------

    async def _act(self, report: TurnReport, plan: Plan, marks: Marks) -> TurnReport:
        """Run the calls, carry out their commands, and put into words what came of each."""
        outcomes: list[Outcome] = []
        replies: list[str] = []
        failure: str | None = None
        for call in plan.calls:
            try:
                answer = await self._call(call, plan.language)
            except _CallFailedError as error:
                failure = error.failure
                replies.append(error.reply)
                continue
            came = await self._parts.outbox.carry_out(answer.commands, turn_id=plan.turn_id, now=marks.now)
            outcomes += came
            replies.append(self._reply(call.skill, answer, came, plan.language))
        bad = next((outcome.result.value for outcome in outcomes if not outcome.result.good), None)
        _mark_outcomes(marks, outcomes)
        joined = (" " if plan.language != "zh" else "").join(dict.fromkeys(filter(None, replies)))
        return replace(report, outcomes=outcomes, reply=joined, failure=failure or bad)

    async def _call(self, call: Call, language: str) -> Answer:
        context = self._parts.context(language, self._room, call.skill)
        registry = self._parts.registry
        try:
            return await registry.call(call.skill, call.tool, call.arguments, context)
        except SkillError as error:
            failure = Failure.SERVICE_AWAY if error.say.key == "offline" else Failure.CANNOT_ANSWER
            raise _CallFailedError(registry.reply(call.skill, error.say, language), failure) from error
        except (SkillFailed, BadCall) as error:
            _log.error("%s", error)
            told = tell(Failure.SKILL_FAILED, language, {"skill": call.skill})
            raise _CallFailedError(told, Failure.SKILL_FAILED) from error

    def _reply(self, skill: str, answer: Answer, outcomes: Sequence[Outcome], language: str) -> str:
        said = self._parts.registry.reply(skill, answer.say, language) if answer.say is not None else ""
        return tell_outcomes(outcomes, said, language) if answer.commands else said

    # -- answering -------------------------------------------------------------------------------------------

    async def _talk(self, report: TurnReport, plan: Plan, marks: Marks) -> TurnReport:
        """Say the model's own words while it is still writing them."""
        assert plan.talk is not None
        async with aclosing(plan.talk) as pieces:
            said, interrupted = await self._say(plan.turn_id, clauses_of(pieces), plan.language, marks)
        return self._end(replace(report, reply=said, interrupted=interrupted), marks)

    async def _close(self, report: TurnReport, marks: Marks) -> TurnReport:
        """Say the reply, and report the turn."""
        _, interrupted = await self._say(
            report.turn_id, clauses_of(_once(report.reply)), report.language, marks
        )
        return self._end(replace(report, interrupted=interrupted), marks)

    async def _say(
        self, turn_id: str, clauses: AsyncIterator[str], language: str, marks: Marks
    ) -> tuple[str, bool]:
        if self._ear is not None and self._speech_interrupts:
            self._ear.attend(_LONGEST_ANSWER_S)
        said, interrupted = await self._mouth.say(
            turn_id, clauses, language, lambda: marks.set(Mark.FIRST_AUDIO)
        )
        if self._ear is not None and not interrupted:
            self._ear.attend(self._follow_up_s)
        return said, interrupted

    def _end(self, report: TurnReport, marks: Marks) -> TurnReport:
        ended = replace(report, timing_ms=marks.timing_ms())
        _log.info("turn %s: %s, %s", ended.turn_id, ended.failure or ended.tier, dict(ended.timing_ms))
        _log.debug("turn %s heard %r, replied %r: %s", ended.turn_id, ended.heard, ended.reply, ended.why)
        self._observer.report(ended)
        return ended


class _Guess:
    """The words so far, being recognised ahead of time. Pure, so it may be dropped.

    `may_be_all` tells that the person paused behind them; otherwise they are for those who watch.
    """

    def __init__(self, parts: Parts, turn_id: str, samples: Samples, ear: Ear, observer: Observer) -> None:
        self.turn_id = turn_id
        self.may_be_all = False
        self._parts = parts
        self._ear = ear
        self._observer = observer
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
        self._observer.partial(transcript)
        self._ear.judge(self.turn_id, self._parts.completeness(transcript.text, transcript.language))
        return transcript


class _CallFailedError(Exception):
    """A call that ends in a sentence instead of an answer."""

    def __init__(self, reply: str, failure: Failure) -> None:
        super().__init__(reply)
        self.reply = reply
        self.failure = failure


async def recognise(parts: Parts, samples: Samples) -> Transcript:
    """Run the recogniser in its worker; the next in line waits its turn."""
    if parts.recogniser is None:
        raise RecognitionError("there is no recogniser: sotto models pull brings one")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(parts.recognition_worker, parts.recogniser.transcribe, samples)


def _mark_outcomes(marks: Marks, outcomes: Sequence[Outcome]) -> None:
    published = [outcome.published_s for outcome in outcomes if outcome.published_s is not None]
    confirmed = [outcome.confirmed_s for outcome in outcomes if outcome.confirmed_s is not None]
    if published:
        marks.set(Mark.PUBLISHED, max(published))
    if confirmed and len(confirmed) == len(outcomes):
        marks.set(Mark.CONFIRMED, max(confirmed))


def _nothing(turn_id: str, failure: Failure, reply: str = "") -> TurnReport:
    return TurnReport(turn_id, "", "en", Tier.NONE, failure=failure, reply=reply)


def _stopped(turn_id: str, transcript: Transcript) -> TurnReport:
    why = "it silenced the answer before, and asks for no more"
    return TurnReport(turn_id, transcript.text, transcript.language, Tier.FAST, why=why)


async def _once(text: str) -> AsyncIterator[str]:
    yield text
