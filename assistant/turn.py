"""One utterance, from the microphone to MQTT to the loudspeaker, top to bottom.

    sound -> ear -> recogniser -> understanding -> skills -> outbox -> devices
                                                                  `-> reply -> voice -> loudspeaker

A `Conversation` is one place that listens and speaks. Only pure work is done ahead of time: at every short
pause the words so far are recognised, since the pause may turn out to have been the end. Nothing leaves for
the devices before the turn is over, and what has left is the outbox's: interrupting a turn ends its speech,
never its commands. Who speaks over an answer makes it pause; what they said decides whether it goes on
(`dialogue/floor.py`).
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace

from assistant.acting import Acting
from assistant.dialogue.attention import Attention
from assistant.dialogue.caller import USUAL, Call
from assistant.dialogue.continuing import CONTINUES_S, Continuing
from assistant.dialogue.driving import first_sentence, on_the_road, one_sentence
from assistant.dialogue.floor import Floor, is_echo, means_nothing
from assistant.dialogue.mouth import Mouth, Saying
from assistant.dialogue.ringing import hushed, rings
from assistant.dialogue.talking import Talk
from assistant.failures import Failure, tell
from assistant.guess import Guess, recognise
from assistant.marks import Mark, Marks
from assistant.parts import Parts
from assistant.report import Observer as Observer
from assistant.report import TurnReport, no_more, nothing_said
from assistant.understanding.frames.memory import Memory
from assistant.understanding.plan import Plan, Tier
from assistant.understanding.questions import is_stop
from devices.policy import Authority
from speech.audio import RATE_HZ, Utterance
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
    Undecided,
    Woke,
)
from speech.recognition.engine import RecognitionError, Transcript
from speech.sound.ports import SoundSource
from speech.synthesis.clauses import clauses as clauses_of

_log = logging.getLogger(__name__)

PUSHED = "push to talk"
"""What is told to have woken us where nobody said a word."""

_STOPPED = "it silenced the answer before, and asks for no more"
_POLITE = "courtesy behind an order"
_LONGEST_ANSWER_S = 600.0
_LONGEST_HOLD_S = 8.0
"""An answer that pauses for somebody who speaks on goes on after so long."""
_ANSWER_S = 8.0
"""For so long after a question of ours no wake word is needed."""


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

        With `speech_interrupts` whoever speaks over an answer makes it pause; otherwise it takes the wake
        word. For `follow_up_s` seconds after an answer none is needed.
        """
        self._parts = parts
        self._mouth = mouth
        self._observer = observer
        self._room = room
        self._authority = Authority(room, satellite)
        self._acting = Acting(parts, room)
        self._memory = Memory()
        self._continuing = Continuing(parts.understanding, parts.registry, room, self._memory)
        self._speech_interrupts = speech_interrupts
        self._follow_up_s = follow_up_s
        self._ear: Ear | None = None
        self._guess: Guess | None = None
        self._floor = Floor(mouth, self._went_on)
        self.calls: Mapping[str, Call] = {}
        """Wake word -> who is called by it, and in which language, where that is known."""
        self._language: str | None = None
        self._clock = Clock()
        self._spoken_over = False  # the utterance under way began over our answer, which pauses
        self._answers: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    # -- hearing ---------------------------------------------------------------------------------------------

    async def listen(self, source: SoundSource, ear: Ear) -> None:
        """Hear a stream until it ends, and answer what is said. Raises `SoundError` when the source fails."""
        began_s = source.clock.now()
        self._ear, self._clock = ear, source.clock
        try:
            async for chunk in source.chunks():
                try:
                    for event in ear.hear(chunk):
                        self._observer.heard(event)
                        await self._follow(event, ear, source.clock, began_s)
                except IllegalMoveError as error:
                    _log.error("a turn was given up: %s", error)
                    await self._floor.gave_up()
                if not source.clock.realtime:
                    await self._settled()  # a recording waits for us: its pauses are as long as they were
            await self._settled()
        finally:
            self._ear = None
            self._forget()
            await self._floor.empty()
            for answer in self._answers:
                answer.cancel()
            if isinstance(self._observer, Attention):
                self._observer.forget()  # music is turned back: nobody is heard here any more

    async def _settled(self) -> None:
        if self._guess is not None:
            await self._guess.settled()
        await asyncio.gather(*self._answers, return_exceptions=True)

    async def _follow(self, event: Event, ear: Ear, clock: Clock, began_s: float) -> None:
        match event:
            case Woke(word=word):
                self._forget()
                self._language = self.calls.get(word, USUAL).answered_by(self._mouth, self._memory)
                self._parts.understanding.wake()
                self._spoken_over = await self._yield_to(word, clock)
                if clock.realtime and (rings_s := await self._mouth.chime()):
                    ear.cut_out(rings_s)
            case SpeechStarted(turn_id=turn_id):
                if self._spoken_over or self._speech_interrupts:
                    self._spoken_over = await self._yield_to(turn_id, clock) or self._spoken_over
            case GoesOn() | Paused():
                await self._guess_at(event, ear)
            case Resumed():
                self._forget()
            case Undecided(samples=samples) if self._guess is not None:
                self._guess.ask(samples)
            case Ended():
                self._take_up(event, ear, Marks(clock, began_s))
            case GaveUp():
                self._spoken_over = False
                await self._floor.gave_up()

    async def _yield_to(self, whom: str, clock: Clock) -> bool:
        """Give the floor to whoever speaks; tell whether an answer is silent for that."""
        # A recording waits for each answer: nobody speaks over one.
        return clock.realtime and await self._floor.speaks(whom)

    def _went_on(self) -> None:
        if self._ear is not None and self._speech_interrupts:
            self._ear.attend(_LONGEST_ANSWER_S, over_answer=True)

    async def _guess_at(self, heard: GoesOn | Paused, ear: Ear) -> None:
        self._forget()
        over = self._spoken_over

        def nothing(words: Transcript) -> bool:
            return over and self._nothing_to_us(words) is not None

        self._guess = Guess(self._parts, heard, ear, self._partial, nothing, self._language)
        if len(heard.samples) > _LONGEST_HOLD_S * RATE_HZ:
            await self._floor.gave_up()  # a television: nobody waits for its end

    def _take_up(self, ended: Ended, ear: Ear, marks: Marks) -> None:
        if self._guess is not None and not self._guess.holds(ended.said):
            self._forget()
        guess, self._guess = self._guess, None
        over, self._spoken_over = self._spoken_over, False
        self._floor.finished(ended.utterance.turn_id)
        ear.await_rest(CONTINUES_S)
        if self._speech_interrupts:
            ear.attend(_LONGEST_ANSWER_S)  # who says more before the answer is heard, too
        answer = asyncio.create_task(self._answer(ended.utterance, guess, marks, over))
        self._answers.add(answer)
        answer.add_done_callback(self._answered)

    def _partial(self, transcript: Transcript) -> None:
        if not self._acting.waits_for_pin:  # it is shown to nobody
            self._observer.partial(transcript)

    def _answered(self, answer: asyncio.Task[None]) -> None:
        self._answers.discard(answer)
        if not self._answers and self._mouth.state is Saying.SILENT and self._speech_interrupts:
            self._open_window()
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
        try:
            await self._understood(utterance, guess, marks, spoken_over)
        finally:
            await self._floor.judged(utterance.turn_id)  # whatever came of it, nobody stays silent for it

    async def _understood(
        self, utterance: Utterance, guess: Guess | None, marks: Marks, spoken_over: bool
    ) -> None:
        marks.set(Mark.SPEECH_END, utterance.speech_end_s)
        marks.set(Mark.ENDPOINT, utterance.endpoint_s)
        try:
            transcript = await self._words(utterance, guess)
            if (looks := self._parts.second_looks) is not None and not self._acting.waits:
                transcript = await looks.heard(transcript, utterance.samples, self._room)
        except RecognitionError as error:
            _log.error("%s", error)
            transcript = Transcript("", "en", suspect=True)
        marks.set(Mark.TRANSCRIPT)
        over = spoken_over or self._mouth.state is Saying.PAUSED
        if (over or is_echo(transcript.text, self._mouth.words)) and (
            why := self._nothing_to_us(transcript)
        ) is not None:
            failure = None if transcript.text else Failure.NOTHING_HEARD
            said = TurnReport(utterance.turn_id, transcript.text, transcript.language, Tier.NONE)
            self._end(replace(said, failure=failure, why=why), marks)
            return
        if over:
            await self._mouth.interrupt()
        await self._floor.judged(utterance.turn_id)
        ringing = rings(self._parts.registry)  # a "stop" is then for what rings, not for our words alone
        heard = (transcript.text, transcript.language)
        if over and not ringing and is_stop(*heard):
            self._end(no_more(utterance.turn_id, *heard, _STOPPED), marks)  # we are silent already
        elif transcript.text:
            await self.take(*heard, utterance.turn_id, marks, span_s=utterance.span_s)
        elif self._parts.recogniser is None:
            told = tell(Failure.CANNOT_HEAR, "en")
            await self._close(nothing_said(utterance.turn_id, Failure.CANNOT_HEAR, told), marks)
        else:  # a door, a cough: it was no speech, and is not answered
            self._end(nothing_said(utterance.turn_id, Failure.NOTHING_HEARD), marks)

    def _nothing_to_us(self, heard: Transcript) -> str | None:
        """Why what was said over our answer does not end it; None when it does."""
        if heard.text.strip() and (self._acting.waits or rings(self._parts.registry)):
            return None  # "right" is an answer, and "ok" is for what rings
        return means_nothing(heard, self._mouth.words)

    async def _words(self, utterance: Utterance, guess: Guess | None) -> Transcript:
        """What was said: known already, if the turn's last pause was the one that was looked at."""
        if guess is not None:
            known = await guess.transcript()
            if known is not None:
                return known
        return await recognise(self._parts, utterance.samples, self._language)

    async def take(
        self,
        text: str,
        language: str,
        turn_id: str,
        marks: Marks,
        by: Authority | None = None,
        *,
        span_s: tuple[float, float] | None = None,
    ) -> TurnReport:
        """Understand the words, do what they ask, and say what came of it. `by` is on whose word: that of
        whoever is in the room, if nobody else is named; `span_s` is where they lie in what is heard.
        """
        by = by or self._authority
        async with self._turn:  # what was said first is done first
            answered = await self._acting.resume(
                TurnReport(turn_id, text, language, Tier.FAST, by=by), marks, by
            )
            if answered is not None:
                return await self._close(answered, marks)
            plan = hushed(self._parts.registry, text, language, turn_id)
            if plan is None and self._continuing.adds_nothing(text, span_s):
                return self._end(no_more(turn_id, text, language, _POLITE), marks)
            if plan is None and (whole := self._continuing.whole(text, turn_id, span_s)) is not None:
                text, plan = whole
            if plan is None:
                plan = await self._parts.understanding.plan(text, language, self._room, turn_id, self._memory)
            marks.set(Mark.PLAN)
            report = TurnReport(
                turn_id, text, plan.language, plan.tier, calls=plan.calls, why=plan.why, by=by
            )
            if plan.talk is not None:
                return await self._talk(report, plan, marks)
            if plan.failure is not None:
                failed = replace(
                    report, failure=plan.failure, reply=tell(plan.failure, plan.language, plan.failure_values)
                )
                return await self._close(failed, marks)
            return await self._close(await self._acting.act(report, marks, by), marks)

    # -- by itself -------------------------------------------------------------------------------------------

    @property
    def saying(self) -> Saying:
        """Whether something is being said now."""
        return self._mouth.state

    @property
    def being_said(self) -> tuple[str, bool]:
        """The words, as far as they were begun, and whether somebody is expected to answer."""
        return self._mouth.words, self._acting.waits or rings(self._parts.registry)

    async def announce(self, text: str, language: str) -> None:
        """Say something that nobody asked for; an answer that is being given is finished first."""
        # An id of its own: a loudspeaker that was stopped in one announcement would drop all later ones.
        said_as = f"announcement {uuid.uuid4().hex[:12]}"
        ringing = rings(self._parts.registry)
        if ringing and self._ear is not None and self._speech_interrupts:
            self._ear.attend(_LONGEST_ANSWER_S)
        await self._mouth.say(said_as, clauses_of(_once(text)), language, lambda: None)
        if ringing and self._ear is not None:
            self._ear.attend(_ANSWER_S)  # "stop" needs no wake word

    async def address(self) -> None:
        """Listen as after the wake word: somebody has pushed the button. Does nothing while nobody hears."""
        if self._ear is not None:
            self._ear.attend()
            pushed = Woke(PUSHED, 0)
            self._observer.heard(pushed)
            await self._follow(pushed, self._ear, self._clock, self._clock.now())

    async def silence(self) -> None:
        """Fall silent."""
        await self._mouth.interrupt()

    # -- answering -------------------------------------------------------------------------------------------

    async def _talk(self, report: TurnReport, plan: Plan, marks: Marks) -> TurnReport:
        """Say the model's own words while it is still writing them."""
        assert plan.talk is not None
        self._continuing.note(report)
        async with aclosing(Talk(plan.talk, plan.language)) as talk:
            told = talk.told()
            pieces = first_sentence(told) if on_the_road(self._parts.home, self._room) else told
            said, interrupted = await self._say(plan.turn_id, clauses_of(pieces), plan.language, marks)
        return self._end(replace(report, reply=said, interrupted=interrupted, failure=talk.failure), marks)

    async def _close(self, report: TurnReport, marks: Marks) -> TurnReport:
        """Say the reply, and report the turn."""
        self._continuing.note(report)
        if on_the_road(self._parts.home, self._room):
            report = one_sentence(report)
        words = clauses_of(_once(self._parts.own_voice.manner.spoken(report)))
        _, interrupted = await self._say(report.turn_id, words, report.language, marks)
        return self._end(replace(report, interrupted=interrupted), marks)

    async def _say(
        self, turn_id: str, clauses: AsyncIterator[str], language: str, marks: Marks
    ) -> tuple[str, bool]:
        if self._ear is not None and self._speech_interrupts:
            self._ear.attend(_LONGEST_ANSWER_S, over_answer=True)
        elif self._ear is not None and self._clock.realtime:  # our own voice is heard
            self._ear.await_rest(0.0)
        said, interrupted = await self._mouth.say(
            turn_id, clauses, language, lambda: marks.set(Mark.FIRST_AUDIO)
        )
        if not interrupted:
            self._open_window()
        return said, interrupted

    def _open_window(self) -> None:
        """For a while no wake word is needed; or it is from now on."""
        if self._ear is not None:
            self._ear.attend(max(self._follow_up_s, _ANSWER_S if self._acting.waits else 0.0))

    def _end(self, report: TurnReport, marks: Marks) -> TurnReport:
        ended = replace(report, timing_ms=marks.timing_ms())
        _log.info("turn %s: %s, %s", ended.turn_id, ended.failure or ended.tier, dict(ended.timing_ms))
        _log.debug("turn %s heard %r, replied %r: %s", ended.turn_id, ended.heard, ended.reply, ended.why)
        self._parts.own_voice.said(self._room, ended)
        self._observer.report(ended)
        return ended


async def _once(text: str) -> AsyncIterator[str]:
    yield text
