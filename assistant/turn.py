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
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from assistant.dialogue.asking import (
    PATIENCE_S,
    SHORTEST_PIN,
    Asked,
    Confirmation,
    Reading,
    Wanted,
    digits_of,
    is_yes,
    may_hold_pin,
    read,
)
from assistant.dialogue.mouth import Mouth, Saying
from assistant.failures import Failure, tell, tell_outcomes
from assistant.guess import Guess, recognise
from assistant.marks import Mark, Marks
from assistant.parts import Parts
from assistant.report import A_PIN, TurnReport
from assistant.sentences import sentence
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_stop
from devices.commands import Command, Outcome, Result
from devices.policy import Authority, Risk
from skills.api import Answer, SkillError
from skills.registry import BadCall, SkillFailed
from speech.audio import Utterance
from speech.clock import Clock
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
from speech.recognition.engine import RecognitionError, Transcript
from speech.sound.ports import SoundSource
from speech.synthesis.clauses import clauses as clauses_of

_log = logging.getLogger(__name__)

_LONGEST_ANSWER_S = 600.0
_ANSWER_S = 8.0
"""For so long after a question of ours no wake word is needed."""


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


class Conversation:
    """One place that listens and speaks."""

    def __init__(
        self,
        parts: Parts,
        mouth: Mouth,
        observer: Observer,
        *,
        room: str | None = None,
        satellite: str | None = None,
        speech_interrupts: bool = True,
        follow_up_s: float = 0.0,
    ) -> None:
        """Join the parts. `room` and `satellite` are where it stands; what may be ordered depends on them.

        With `speech_interrupts` whoever speaks over an answer silences it; otherwise it takes the wake word.
        For `follow_up_s` seconds after an answer no wake word is needed.
        """
        self._parts = parts
        self._mouth = mouth
        self._observer = observer
        self._room = room
        self._authority = Authority(room, satellite)
        self._asked: Asked | None = None
        self._speech_interrupts = speech_interrupts
        self._follow_up_s = follow_up_s
        self._ear: Ear | None = None
        self._guess: Guess | None = None
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
                self._guess = Guess(self._parts, turn_id, samples, ear, self._partial)
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

    def _partial(self, transcript: Transcript) -> None:
        if not (isinstance(self._asked, Confirmation) and self._asked.risk is Risk.PIN):  # a PIN is not shown
            self._observer.partial(transcript)

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
        self, utterance: Utterance, guess: Guess | None, marks: Marks, spoken_over: bool
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

    async def _words(self, utterance: Utterance, guess: Guess | None) -> Transcript:
        """What was said: known already, if the turn's last pause was the one that was looked at."""
        if guess is not None and guess.turn_id == utterance.turn_id and guess.may_be_all:
            known = await guess.transcript()
            if known is not None:
                return known
        return await recognise(self._parts, utterance.samples)

    async def take(
        self, text: str, language: str, turn_id: str, marks: Marks, by: Authority | None = None
    ) -> TurnReport:
        """Understand the words, do what they ask, and say what came of it. `by` is on whose word: that of
        whoever is in the room, if nobody else is named.
        """
        by = by or self._authority
        async with self._turn:  # what was said first is done first
            answered = await self._resume(TurnReport(turn_id, text, language, Tier.FAST), marks, by)
            if answered is not None:
                return await self._close(answered, marks)
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
            return await self._close(await self._act(report, marks, by), marks)

    async def _resume(self, report: TurnReport, marks: Marks, by: Authority) -> TurnReport | None:
        """Take the words as the answer to what was asked; None when they are something else."""
        asked, self._asked = self._asked, None
        now_s = marks.now()
        if asked is None or now_s > asked.until_s:
            return self._stray_pin(report, now_s)
        if isinstance(asked, Wanted):
            registry, question = self._parts.registry, asked.question
            value = registry.answer_to(
                asked.skill, asked.tool, question, report.heard, report.language, self._parts.home
            )
            if value is None:
                return self._stray_pin(report, now_s)
            marks.set(Mark.PLAN)
            call = Call(asked.skill, asked.tool, {**question.arguments, question.parameter: value})
            return await self._act(replace(report, calls=(call,), why="the answer to a question"), marks, by)
        reading = read(asked, report.heard, report.language, self._parts.pin, now_s)
        if reading is Reading.OTHER:
            return self._no_pin_yet(report, asked, now_s) if asked.risk is Risk.PIN else None
        marks.set(Mark.PLAN)
        if asked.risk is Risk.PIN and reading is not Reading.NO:
            report = replace(report, heard=A_PIN)  # it is kept out of logs and reports
        if reading is Reading.NO:
            return replace(report, reply=sentence("left_alone", report.language, {}), why="it was declined")
        if reading is Reading.WRONG:
            return self._wrong_pin(report, asked, now_s)
        by = replace(by, granted=asked.risk)
        came = await self._carry_out(asked.commands, report, marks, by)
        reply = tell_outcomes(came, asked.done, report.language)
        return replace(report, outcomes=came, reply=reply, failure=_failure_of(came), why="it was confirmed")

    def _stray_pin(self, report: TurnReport, now_s: float) -> TurnReport | None:
        """Nobody asked, or not any more: what may be the PIN is not thought about, and shown to nobody."""
        pin = self._parts.pin
        if not pin or len(digits_of(report.heard, report.language)) < SHORTEST_PIN:
            return None
        failure = Failure.NEEDS_PIN if pin.locked(now_s) else Failure.NOT_UNDERSTOOD
        told = sentence("pin_locked" if pin.locked(now_s) else failure, report.language, {})
        return replace(report, heard=A_PIN, tier=Tier.NONE, reply=told, failure=failure)

    def _no_pin_yet(self, report: TurnReport, asked: Confirmation, now_s: float) -> TurnReport | None:
        """The PIN was asked for. A bare yes, or digits in a sentence, is not it: ask again; else None."""
        if may_hold_pin(report.heard, report.language):
            report = replace(report, heard=A_PIN)
        elif not is_yes(report.heard, report.language):
            return None
        self._asked = replace(asked, until_s=now_s + PATIENCE_S)
        told = sentence("just_the_pin", report.language, {})
        return replace(report, reply=told, failure=Failure.NEEDS_PIN, why="it was asked for, and not said")

    def _wrong_pin(self, report: TurnReport, asked: Confirmation, now_s: float) -> TurnReport:
        locked = self._parts.pin.locked(now_s)
        if not locked:
            self._asked = replace(asked, until_s=now_s + PATIENCE_S)
        told = sentence("pin_locked" if locked else "wrong_pin", report.language, {})
        return replace(report, reply=told, failure=Failure.NEEDS_PIN, why="it was not the PIN")

    # -- acting ----------------------------------------------------------------------------------------------

    async def _act(self, report: TurnReport, marks: Marks, by: Authority) -> TurnReport:
        """Run the calls, carry out their commands, and put into words what came of each."""
        outcomes: list[Outcome] = []
        replies: list[str] = []
        questions: list[str] = []  # said last, since the answer follows them
        failure: str | None = None
        for call in report.calls:
            try:
                answer = await self._call(call, report.language)
            except _CallFailedError as error:
                failure = error.failure
                replies.append(error.reply)
                continue
            if answer.question is not None:
                until_s = marks.now() + PATIENCE_S
                self._asked = Wanted(call.skill, call.tool, answer.question, report.language, until_s)
                questions.append(self._parts.registry.reply(call.skill, answer.question.say, report.language))
                continue
            risk = self._parts.registry.tools[f"{call.skill}.{call.tool}"].risk
            came = await self._carry_out(answer.commands, report, marks, replace(by, demanded=risk))
            outcomes += came
            said = self._said(call.skill, answer, report.language)
            asks = self._ask_back(came, said, report.language, marks)
            told = tell_outcomes(came, said, report.language) if answer.commands else said
            (questions if asks else replies).append(told)
        lines = dict.fromkeys(filter(None, (*replies, *questions)))
        joined = (" " if report.language != "zh" else "").join(lines)
        return replace(report, outcomes=outcomes, reply=joined, failure=failure or _failure_of(outcomes))

    async def _carry_out(
        self, commands: Sequence[Command], report: TurnReport, marks: Marks, by: Authority
    ) -> tuple[Outcome, ...]:
        """One outcome for each command, and for a group one for each member."""
        outbox = self._parts.outbox
        came = await outbox.carry_out(commands, turn_id=report.turn_id, now=marks.now, by=by)
        _mark_outcomes(marks, came)
        return came

    def _ask_back(self, came: Sequence[Outcome], done: str, language: str, marks: Marks) -> bool:
        """Remember what waits for a yes or the PIN; of several orders in one sentence all of them. Whether
        there is any.
        """
        results = {each.result for each in came}
        if not results & {Result.NEEDS_CONFIRMATION, Result.NEEDS_PIN}:
            return False
        waiting = [each for each in came if each.result in (Result.NEEDS_CONFIRMATION, Result.NEEDS_PIN)]
        before = self._asked if isinstance(self._asked, Confirmation) else None
        commands = (*(before.commands if before else ()), *(each.command for each in waiting))
        pin = Result.NEEDS_PIN in results or (before is not None and before.risk is Risk.PIN)
        risk = Risk.PIN if pin else Risk.CONFIRM
        self._asked = Confirmation(commands, risk, done, language, marks.now() + PATIENCE_S)
        return True

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

    def _said(self, skill: str, answer: Answer, language: str) -> str:
        return self._parts.registry.reply(skill, answer.say, language) if answer.say is not None else ""

    # -- by itself -------------------------------------------------------------------------------------------

    @property
    def saying(self) -> Saying:
        """Whether something is being said now."""
        return self._mouth.state

    async def announce(self, text: str, language: str) -> None:
        """Say something that nobody asked for; an answer that is being given is finished first."""
        # An id of its own: a loudspeaker that was stopped in one announcement would drop all later ones.
        said_as = f"announcement {uuid.uuid4().hex[:12]}"
        await self._mouth.say(said_as, clauses_of(_once(text)), language, lambda: None)

    async def silence(self) -> None:
        """Fall silent."""
        await self._mouth.interrupt()

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
            self._ear.attend(max(self._follow_up_s, _ANSWER_S if self._asked is not None else 0.0))
        return said, interrupted

    def _end(self, report: TurnReport, marks: Marks) -> TurnReport:
        ended = replace(report, timing_ms=marks.timing_ms())
        _log.info("turn %s: %s, %s", ended.turn_id, ended.failure or ended.tier, dict(ended.timing_ms))
        _log.debug("turn %s heard %r, replied %r: %s", ended.turn_id, ended.heard, ended.reply, ended.why)
        self._observer.report(ended)
        return ended


class _CallFailedError(Exception):
    """A call that ends in a sentence instead of an answer."""

    def __init__(self, reply: str, failure: Failure) -> None:
        super().__init__(reply)
        self.reply = reply
        self.failure = failure


def _failure_of(outcomes: Sequence[Outcome]) -> str | None:
    return next((outcome.result.value for outcome in outcomes if not outcome.result.good), None)


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
