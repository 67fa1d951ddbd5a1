"""The only place that builds and joins. It holds no logic: what a part does is in the part's own file.

Everything heavy is imported where it is made, so that a verb pays for what it uses. A part that cannot be
made is left out and told in `Assistant.problems`; the rest goes on.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_data_path

from assistant.config.schema import Config
from assistant.dialogue.asking import Pin
from assistant.dialogue.attention import Attention
from assistant.dialogue.mouth import Mouth
from assistant.dialogue.own_voice import OwnVoice
from assistant.dialogue.ringing import rings
from assistant.failures import Failure, tell_outcomes
from assistant.guess import recognise
from assistant.language.engine import LanguageModel
from assistant.later import Later, Tell
from assistant.marks import Mark, Marks
from assistant.opening.casting import calls_of, speaks_in, voice_of
from assistant.opening.contexts import contexts_of
from assistant.opening.engines import (
    load_recogniser,
    load_second_look,
    load_turn_judge,
    open_voices,
)
from assistant.opening.home import OpenHome, open_home, trouble_with
from assistant.opening.language_model import load_planner
from assistant.opening.skills import load_skills, make_ready
from assistant.opening.sound import detector_of, make_ear, open_ducking
from assistant.parts import Parts
from assistant.report import TurnReport
from assistant.scheduler import Lane, Scheduler
from assistant.second_look import SecondLooks
from assistant.taught import TAUGHT, TaughtKeeper
from assistant.turn import Conversation, Observer
from assistant.understanding.fast_path import FastPath
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.learned.corrections import Corrections
from assistant.understanding.learned.opening import Learned
from assistant.understanding.normalise import language_of
from assistant.understanding.plan import Tier
from assistant.understanding.understanding import Order, Understanding
from assistant.weights.source import WeightsError
from devices.message import Message
from devices.mqtt import Traffic
from devices.policy import Authority
from skills.api import Announcement, Context
from skills.background import Background
from skills.registry import Registry
from skills.times import local_now
from skills.web import HttpWeb
from speech.clock import Clock
from speech.end_of_turn import EndOfTurnSettings, TurnJudge
from speech.memory import give_back
from speech.recognition.engine import Recogniser, RecognitionError
from speech.sound.ports import Loudspeaker
from speech.sound.speaker import SilentSpeaker, WavFileSpeaker
from speech.sound.utterances import utterances_of
from speech.synthesis.clauses import clauses

if TYPE_CHECKING:
    from speech.detection.engine import WakeWordDetector
    from speech.hearing import Ear
    from speech.synthesis.engine import Voice
    from speech.synthesis.voices import Voices

_log = logging.getLogger(__name__)


# -- the assistant -------------------------------------------------------------------------------------------


class Assistant:
    """Everything joined. `problems` tells, a line each, what is missing."""

    def __init__(
        self,
        config: Config,
        opened: OpenHome,
        parts: Parts,
        voices: "Voices | None",
        voice_lane: Lane,
        problems: Sequence[str],
    ) -> None:
        self.config = config
        self.home = opened.home
        self.broker = opened.broker
        self.link = opened.link
        self.outbox = opened.outbox
        self._problems = problems
        self._parts = parts
        self._voices = voices
        self._voice_lane = voice_lane

    @property
    def problems(self) -> tuple[str, ...]:
        """What is missing and what broke, a line each; it grows when a plugin is cut off."""
        return (*self._problems, *self._parts.registry.problems)

    @property
    def hears(self) -> bool:
        """Whether there is a recogniser."""
        return self._parts.recogniser is not None

    @property
    def speaks(self) -> bool:
        """Whether there is a voice."""
        return self._voices is not None

    def must_hear(self) -> None:
        """Raise `WeightsError` when there is no recogniser."""
        if self._parts.recogniser is None:
            raise WeightsError("; ".join(self.problems) or "there is no recogniser")

    def parts_with(self, recogniser: Recogniser) -> Parts:
        """Return the shared parts with another recogniser: one of a satellite's, or of a test's."""
        return replace(self._parts, recogniser=recogniser)

    @property
    def parts(self) -> Parts:
        """What every conversation shares."""
        return self._parts

    @property
    def speakers(self) -> "Sequence[Voice]":
        """The voices, each once."""
        return self._voices.speakers if self._voices is not None else ()

    def mouth(self, loudspeaker: Loudspeaker) -> Mouth:
        """Make a mouth that belongs to no conversation."""
        return Mouth(self._voices, loudspeaker, self._voice_lane)

    def wake_words(self, words: Sequence[str] | None = None) -> "WakeWordDetector":
        """Make a detector for one stream, of the configured wake words unless others are named."""
        return detector_of(self.config.listen, words)

    def ear(
        self,
        *,
        addressed: bool,
        wake_words: "WakeWordDetector | None" = None,
        end_of_turn: EndOfTurnSettings | None = None,
    ) -> "Ear":
        """Make an ear for one stream; without `addressed` it waits for a wake word, or for `attend`. What is
        not given is as configured.
        """
        end = end_of_turn or self.config.end_of_turn.settings(
            recognises=self._parts.recogniser is not None, judges=self._parts.turn_judge is not None
        )
        return make_ear(self.config.listen, end, addressed=addressed, wake_words=wake_words)

    def conversation(
        self,
        observer: Observer,
        loudspeaker: Loudspeaker | None,
        *,
        room: str | None = None,
        satellite: str | None = None,
        speech_interrupts: bool = True,
        on_speech: Callable[[], None] = lambda: None,
    ) -> Conversation:
        """Make one place that listens and speaks; without a loudspeaker nothing is synthesised."""
        voices = speaks_in(self.config, self._voices, room) if loudspeaker is not None else None
        volume = voice_of(self.config, room).volume
        own, registry = self._parts.own_voice, self._parts.registry
        attention = Attention(observer, lambda busy: self._make_way(attention, room, busy))

        def gain() -> float:
            return volume * (own.bell_gain if rings(registry) else own.gain)

        def changed() -> None:
            attention.saying(mouth.state)
            on_speech()

        mouth = Mouth(voices, loudspeaker or SilentSpeaker(), self._voice_lane, changed, gain)
        if loudspeaker is not None:
            own.joins(mouth.interrupt)
        mouth.chimes = self.config.listen.chime and loudspeaker is not None
        conversation = Conversation(
            self._parts,
            mouth,
            attention,
            room=room,
            satellite=satellite,
            speech_interrupts=speech_interrupts,
            follow_up_s=self.config.listen.follow_up_s,
        )
        conversation.calls = calls_of(self.config, self._voices if voices is not None else None, room)
        return conversation

    def _make_way(self, who: object, room: str | None, busy: bool) -> None:
        if not busy:
            asyncio.get_running_loop().run_in_executor(None, give_back)
        if (ducking := self._parts.ducking) is not None:
            ducking.lower(who, room) if busy else ducking.restore(who)

    async def take_text(
        self, conversation: Conversation, text: str, language: str | None, by: Authority | None = None
    ) -> TurnReport:
        """Take a written order through the turn, as if it had been heard."""
        clock = Clock()
        marks = Marks(clock, clock.now())
        for mark in (Mark.SPEECH_END, Mark.ENDPOINT, Mark.TRANSCRIPT):
            marks.set(mark)
        return await conversation.take(text, language or language_of(text), uuid.uuid4().hex[:12], marks, by)

    @asynccontextmanager
    async def background(self, announce: Tell) -> AsyncIterator[None]:
        """Work beside the turns: the skills' own, and orders for later."""
        parts = self._parts
        later = Later(parts.registry, parts.context, parts.outbox, parts.home)
        async with self._skills_work(announce):
            reading = asyncio.to_thread(make_ready, parts.understanding, self.config)
            beside = [asyncio.create_task(later.run(announce), name="orders for later")]
            beside.append(asyncio.create_task(reading, name="reading sentences"))
            if parts.taught is not None:
                beside.append(asyncio.create_task(parts.taught.follow(), name="what was taught"))
            if (learned := parts.understanding.learned) is not None and not learned.is_ready:
                beside.append(asyncio.create_task(learned.fit(), name="fitting the learned tier"))
            if parts.ducking is not None:
                parts.ducking.start()
            try:
                yield
            finally:
                if parts.ducking is not None:
                    await parts.ducking.close()
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    def _skills_work(self, announce: Tell) -> Background:
        language = self.config.home.languages[0]

        async def deliver(skill: str, announcement: Announcement) -> None:
            by, turn_id = Authority(room=announcement.room), f"announced {uuid.uuid4().hex[:12]}"
            came = await self._parts.outbox.carry_out(
                announcement.commands, turn_id=turn_id, now=Clock().now, by=by
            )
            say, spoken = announcement.say, announcement.language or language
            said = self._parts.registry.reply(skill, say, spoken) if say is not None else ""
            told = tell_outcomes(came, said, spoken) if announcement.commands else said
            if told:
                await announce(told, spoken, announcement.room)

        def context(skill: str) -> Context:
            return self._parts.context(language, None, skill)

        return Background(self._parts.registry, context, deliver)

    async def speak_to_file(self, text: str, path: Path) -> None:
        """Write a spoken text as a WAV file. Raises `SynthesisError`."""
        speaker = WavFileSpeaker(path)
        await self.mouth(speaker).say("", clauses(_once(text)), language_of(text), lambda: None)
        await speaker.close()

    async def hear_file(self, path: Path) -> str:
        """Return what the recogniser makes of a recording. Raises `SoundError`."""
        said = [
            await recognise(self._parts, samples)
            for _, samples in await asyncio.to_thread(list, utterances_of(path))
        ]
        return " ".join(transcript.text for transcript in said)

    async def warm(self) -> None:
        """Make the language model ready before anybody needs it."""
        await self._parts.understanding.warm(self.config.home.languages[0])

    def nothing_heard(self) -> TurnReport:
        """The report of a stream in which nobody spoke."""
        failure = Failure.NOTHING_HEARD
        nothing = Marks(Clock(), 0.0).timing_ms()
        return TurnReport("", "", "en", Tier.NONE, failure=failure, timing_ms=nothing)


@asynccontextmanager
async def open_assistant(
    config: Config,
    *,
    ears: bool = False,
    voice: bool = False,
    observe: Callable[[Traffic], None] | None = None,
    will: Message | None = None,
) -> AsyncIterator[Assistant]:
    """Build the assistant, with recogniser and voice if wanted. Never fails for a missing part."""
    async with AsyncExitStack() as stack:
        problems: list[str] = []
        recogniser = asyncio.create_task(_recogniser(config, problems)) if ears else None
        skills = asyncio.create_task(asyncio.to_thread(load_skills, config))
        voices = await stack.enter_async_context(open_voices(config)) if voice else None
        corrections = Corrections(user_data_path("sotto-voce"))
        own_voice = OwnVoice(manner=config.voice.manner(), corrections=corrections, now=local_now)
        opened = await stack.enter_async_context(open_home(config, observe, will, own_voice))
        problems += trouble_with(opened)
        registry = await skills
        stack.callback(registry.close)
        web = HttpWeb(user_cache_path("sotto-voce"))
        stack.push_async_callback(web.close)
        models: list[LanguageModel] = []
        stack.callback(_close_all, models)
        fast_path = FastPath(registry, opened.home)
        heard_by = await recogniser if recogniser is not None else None
        if heard_by is not None:
            stack.enter_context(closing(heard_by))
        scheduler = stack.enter_context(Scheduler())  # closed before the engines whose work it is
        understanding = _understanding(config, fast_path, registry, models)
        if config.understanding.learned:
            understanding.learned = Learned(
                registry, opened.home, fast_path.words, user_data_path("sotto-voce")
            )
            if missing := await understanding.learned.load():
                problems.append(f"no learned tier: {missing}")
        contexts = contexts_of(config, opened, web)
        taught = TaughtKeeper(contexts("en", None, TAUGHT).store, opened.home, understanding)
        await taught.learn()
        parts = Parts(
            recogniser=heard_by,
            lane=scheduler.recognition,
            completeness=fast_path.completeness,
            understanding=understanding,
            registry=registry,
            context=contexts,
            home=opened.home,
            outbox=opened.outbox,
            pin=Pin(config.permissions.pin()),
            own_voice=own_voice,
            turn_judge=await _turn_judge(config, problems) if ears else None,
            second_looks=await _second_looks(
                config, heard_by, scheduler.recognition, fast_path, understanding
            ),
            taught=taught,
            ducking=open_ducking(config.listen.duck, opened),
        )
        yield Assistant(config, opened, parts, voices, scheduler.voice, problems)


async def _recogniser(config: Config, problems: list[str]) -> Recogniser | None:
    try:
        return await asyncio.to_thread(load_recogniser, config)
    except (WeightsError, RecognitionError) as error:
        problems.append(str(error))
        return None


async def _second_looks(
    config: Config,
    recogniser: Recogniser | None,
    lane: Lane,
    fast_path: FastPath,
    understanding: Understanding,
) -> SecondLooks | None:
    if recogniser is None or config.understanding.order == "language-model":
        return None
    try:
        engine = await asyncio.to_thread(load_second_look, config, recogniser)
    except (WeightsError, RecognitionError) as error:
        _log.warning("no second look: %s", error)
        engine = None
    return SecondLooks(engine, lane, fast_path, understanding.understands)


async def _turn_judge(config: Config, problems: list[str]) -> TurnJudge | None:
    from speech.detection.smart_turn import SmartTurnError

    try:
        return await asyncio.to_thread(load_turn_judge, config)
    except (WeightsError, SmartTurnError) as error:
        problems.append(str(error))
        return None


def _understanding(
    config: Config, fast_path: FastPath, registry: Registry, models: list[LanguageModel]
) -> Understanding:
    async def load() -> LanguageModelPlanner:
        planner, loaded = await asyncio.to_thread(load_planner, config, registry, fast_path.words)
        models.extend(loaded)
        return planner

    return Understanding(fast_path, load, Order(config.understanding.order))


def _close_all(models: list[LanguageModel]) -> None:
    for model in models:
        model.close()


async def _once(text: str) -> AsyncIterator[str]:
    yield text
