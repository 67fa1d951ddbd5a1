"""The only place that builds and joins. It holds no logic: what a part does is in the part's own file.

Everything heavy is imported where it is made, so that a verb pays for what it uses. A part that cannot be
made is left out and told in `Assistant.problems`; the rest goes on.
"""

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from assistant.config.schema import Config
from assistant.dialogue.mouth import Mouth
from assistant.failures import Failure
from assistant.language.engine import LanguageModel, LanguageModelError, Sampling
from assistant.marks import Mark, Marks
from assistant.report import TurnReport
from assistant.turn import Conversation, Observer, Parts, recognise
from assistant.understanding.fast_path import FastPath
from assistant.understanding.language_model import LanguageModelPlanner, PlannerSettings
from assistant.understanding.plan import Tier
from assistant.understanding.understanding import Order, Understanding
from assistant.weights.source import WeightsError
from assistant.weights.store import open_store
from devices.home import Home
from devices.mqtt import MqttLink, MqttSettings, Traffic
from devices.outbox import Outbox
from skills.api import Context
from skills.registry import Registry
from skills.web import HttpWeb
from speech.clock import Clock
from speech.recognition.engine import Recogniser, RecognitionError
from speech.sound.ports import Loudspeaker
from speech.sound.speaker import SilentSpeaker, WavFileSpeaker
from speech.sound.utterances import utterances_of
from speech.synthesis.clauses import clauses
from speech.synthesis.engine import SynthesisError

if TYPE_CHECKING:
    from devices.adapters.adapter import Adapter
    from speech.hearing import Ear
    from speech.synthesis.voices import Voices

_log = logging.getLogger(__name__)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_VOICE_THREADS = 2


def language_of(text: str) -> str:
    """Return the language that a written text is in, as far as its script tells."""
    return "zh" if _CHINESE.search(text) else "en"


# -- the home ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenHome:
    """The home, joined to its broker."""

    home: Home
    broker: str
    link: MqttLink
    outbox: Outbox
    adapters: "Mapping[str, Adapter]"


@asynccontextmanager
async def open_home(
    config: Config, observe: Callable[[Traffic], None] | None = None
) -> AsyncIterator[OpenHome]:
    """Join the broker, or start one, and wait until the devices have been heard of. Never fails for an
    absent broker. `observe` sees all MQTT traffic.
    """
    from devices.adapters.mpd import MpdAdapter
    from devices.discovery.homeassistant import HomeAssistant
    from devices.discovery.keeper import Keeper
    from devices.discovery.manual import Manual

    async with AsyncExitStack() as stack:
        settings = _broker(config, stack)
        link = await stack.enter_async_context(MqttLink(settings))
        if observe is not None:
            link.observe(observe)
        home = Home(config.home.room_names)
        if config.home.simulated:
            await _simulate(settings, stack)
        conventions = (HomeAssistant(), Manual(config.devices))
        keeper = await stack.enter_async_context(Keeper(link, home, conventions))
        music = config.skills.get("music", {})
        adapters = {"mpd": MpdAdapter(str(music.get("host", "127.0.0.1")), int(music.get("port", 6600)))}
        stack.push_async_callback(adapters["mpd"].close)
        outbox = Outbox(home, link, keeper, adapters)
        stack.push_async_callback(outbox.close)
        await keeper.settled()
        yield OpenHome(home, f"{settings.host}:{settings.port}", link, outbox, adapters)


def _broker(config: Config, stack: AsyncExitStack) -> MqttSettings:
    """The configured broker, or one of our own on loopback."""
    mqtt = config.mqtt
    if mqtt.host is None:
        from devices.broker import EmbeddedBroker

        own = stack.enter_context(EmbeddedBroker(mqtt.embedded_port))
        return MqttSettings(host="127.0.0.1", port=own.port, expiry_s=mqtt.command_expiry_s)
    return MqttSettings(
        host=mqtt.host,
        port=mqtt.port,
        username=mqtt.username,
        password=mqtt.password(),
        tls=mqtt.tls,
        ca_file=mqtt.ca_file,
        expiry_s=mqtt.command_expiry_s,
    )


async def _simulate(settings: MqttSettings, stack: AsyncExitStack) -> None:
    from devices.simulated import SimulatedHome

    await stack.enter_async_context(SimulatedHome(settings))


# -- the engines ---------------------------------------------------------------------------------------------


def load_recogniser(config: Config) -> Recogniser:
    """Load the configured Whisper. Raises `WeightsError` or `RecognitionError`."""
    from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

    wanted = config.recognition
    folder = open_store(config.models).require(wanted.model)
    languages = ("en", "zh") if config.home.language == "auto" else (config.home.language,)
    return WhisperRecogniser(
        folder,
        WhisperSettings(wanted.device, wanted.compute_type, wanted.threads, wanted.beam_size, languages),
    )


def load_language_model(config: Config) -> LanguageModel:
    """Load the configured GGUF model. Raises `LanguageModelError`."""
    from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

    wanted = config.language_model
    try:
        path = wanted.path or next(open_store(config.models).require(wanted.model).glob("*.gguf"))
    except WeightsError as error:
        raise LanguageModelError(str(error)) from error
    return LlamaCppModel(path, LlamaSettings(wanted.context, wanted.threads, wanted.gpu_layers))


@asynccontextmanager
async def open_voices(config: Config, *, required: bool = False) -> "AsyncIterator[Voices | None]":
    """Load the configured voices; None when there are none, unless they are `required`.

    Raises `WeightsError` or `SynthesisError` when they are.
    """
    try:
        voices = await asyncio.to_thread(_load_voices, config) if config.voice.enabled or required else None
    except (WeightsError, SynthesisError) as error:
        if required:
            raise
        _log.warning("there is no voice: %s", error)
        voices = None
    try:
        yield voices
    finally:
        if voices is not None:
            voices.close()


def _load_voices(config: Config) -> "Voices":
    from speech.synthesis.cache import CachedVoice
    from speech.synthesis.engine import Voice
    from speech.synthesis.espeak import EspeakProcess, EspeakVoice
    from speech.synthesis.piper import PiperVoice
    from speech.synthesis.voices import Voices

    process = EspeakProcess()
    process.start()
    espeak = EspeakVoice(process, rate=config.voice.rate)
    folder = open_store(config.models).require(config.voice.model)
    voice = config.voice
    piper = PiperVoice(folder, process, _VOICE_THREADS, rate=voice.rate, variation=voice.variation)
    kept = user_cache_path("sotto-voce") / "voice" if config.voice.keep_on_disk else None
    cached = CachedVoice(piper, kept)
    by_language: dict[str, Voice] = {
        language: cached for language in piper.languages if config.voice.engine.get(language) != "espeak"
    }
    return Voices(by_language, fallback=CachedVoice(espeak, None))


# -- the assistant -------------------------------------------------------------------------------------------


class Assistant:
    """Everything joined. `problems` tells, a line each, what is missing."""

    def __init__(
        self,
        config: Config,
        opened: OpenHome,
        parts: Parts,
        voices: "Voices | None",
        voice_worker: Executor,
        problems: tuple[str, ...],
    ) -> None:
        self.config = config
        self.home = opened.home
        self.broker = opened.broker
        self.link = opened.link
        self.problems = problems
        self._parts = parts
        self._voices = voices
        self._voice_worker = voice_worker

    def must_hear(self) -> None:
        """Raise `WeightsError` when there is no recogniser."""
        if self._parts.recogniser is None:
            raise WeightsError("; ".join(self.problems) or "there is no recogniser")

    def parts_with(self, recogniser: Recogniser) -> Parts:
        """Return the shared parts with another recogniser: one of a satellite's, or of a test's."""
        return replace(self._parts, recogniser=recogniser)

    def ear(self, *, addressed: bool) -> "Ear":
        """Make an ear for one stream; without `addressed` it waits for a wake word."""
        from speech.detection.microwakeword import MicroWakeWords
        from speech.detection.silero import SileroActivity
        from speech.end_of_turn import EndOfTurnSettings
        from speech.hearing import Ear, EarSettings

        listen, end = self.config.listen, self.config.end_of_turn
        return Ear(
            SileroActivity(),
            None if addressed else MicroWakeWords(listen.wake_words, listen.wake_sensitivity),
            EarSettings(addressed=addressed),
            EndOfTurnSettings(end.complete_ms, end.default_ms, end.open_ms, end.longest_s),
        )

    def conversation(
        self,
        observer: Observer,
        loudspeaker: Loudspeaker | None,
        *,
        room: str | None = None,
        speech_interrupts: bool = True,
    ) -> Conversation:
        """Make one place that listens and speaks; without a loudspeaker nothing is synthesised."""
        voices = self._voices if loudspeaker is not None else None
        mouth = Mouth(voices, loudspeaker or SilentSpeaker(), self._voice_worker)
        return Conversation(
            self._parts,
            mouth,
            observer,
            room=room,
            speech_interrupts=speech_interrupts,
            follow_up_s=self.config.listen.follow_up_s,
        )

    async def take_text(self, conversation: Conversation, text: str, language: str | None) -> TurnReport:
        """Take a written order through the turn, as if it had been heard."""
        clock = Clock()
        marks = Marks(clock, clock.now())
        for mark in (Mark.SPEECH_END, Mark.ENDPOINT, Mark.TRANSCRIPT):
            marks.set(mark)
        return await conversation.take(text, language or language_of(text), uuid.uuid4().hex[:12], marks)

    async def speak_to_file(self, text: str, path: Path) -> None:
        """Write a spoken text as a WAV file. Raises `SynthesisError`."""
        speaker = WavFileSpeaker(path)
        mouth = Mouth(self._voices, speaker, self._voice_worker)
        await mouth.say("", clauses(_once(text)), language_of(text), lambda: None)
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
        language = self.config.home.language
        await self._parts.understanding.warm("en" if language == "auto" else language)

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
) -> AsyncIterator[Assistant]:
    """Build the assistant, with recogniser and voice if wanted. Never fails for a missing part."""
    async with AsyncExitStack() as stack:
        problems: list[str] = []
        recogniser = asyncio.create_task(_recogniser(config, problems)) if ears else None
        voices = await stack.enter_async_context(open_voices(config)) if voice else None
        opened = await stack.enter_async_context(open_home(config, observe))
        problems += _trouble_with(opened)
        registry = Registry.load(config.skills)
        problems += registry.problems
        web = HttpWeb(user_cache_path("sotto-voce"))
        stack.push_async_callback(web.close)
        models: list[LanguageModel] = []
        stack.callback(_close_all, models)
        fast_path = FastPath(registry, opened.home)
        parts = Parts(
            recogniser=await recogniser if recogniser is not None else None,
            recognition_worker=_worker(stack, "recognition"),
            completeness=fast_path.completeness,
            understanding=_understanding(config, fast_path, registry, models),
            registry=registry,
            context=_contexts(config, opened, web),
            outbox=opened.outbox,
        )
        if parts.recogniser is not None:
            stack.enter_context(closing(parts.recogniser))
        yield Assistant(config, opened, parts, voices, _worker(stack, "voice"), tuple(problems))


def _trouble_with(opened: OpenHome) -> list[str]:
    if not opened.link.connected:
        return [f"the MQTT broker at {opened.broker} cannot be reached: {opened.link.trouble}"]
    if not len(opened.home):
        return [
            f"no devices were found at {opened.broker}: name your broker in [mqtt] host, "
            "or try it with [home] simulated = true"
        ]
    return []


async def _recogniser(config: Config, problems: list[str]) -> Recogniser | None:
    try:
        return await asyncio.to_thread(load_recogniser, config)
    except (WeightsError, RecognitionError) as error:
        problems.append(str(error))
        return None


def _understanding(
    config: Config, fast_path: FastPath, registry: Registry, models: list[LanguageModel]
) -> Understanding:
    wanted = config.language_model
    sampling = Sampling(
        wanted.temperature, wanted.top_k, wanted.top_p, wanted.repetition_penalty, wanted.max_new_tokens
    )
    settings = PlannerSettings(wanted.persona or "", config.understanding.timeout_s, sampling)

    async def load() -> LanguageModelPlanner:
        model = await asyncio.to_thread(load_language_model, config)
        models.append(model)
        return LanguageModelPlanner(model, registry, fast_path.words, settings)

    return Understanding(fast_path, load, Order(config.understanding.order))


def _contexts(config: Config, opened: OpenHome, web: HttpWeb) -> Callable[[str, str | None, str], Context]:
    async def ask(adapter: str, question: str) -> Mapping[str, Any]:
        return await opened.adapters[adapter].ask(question)

    def context(language: str, room: str | None, skill: str) -> Context:
        return Context(
            language=language,
            room=room,
            home=opened.home,
            web=web,
            ask=ask,
            settings=config.skills.get(skill, {}),
            now=lambda: datetime.now().astimezone(),
        )

    return context


def _close_all(models: list[LanguageModel]) -> None:
    for model in models:
        model.close()


def _worker(stack: AsyncExitStack, name: str) -> ThreadPoolExecutor:
    """One thread, so that work of a kind is done in order and never twice at once."""
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
    stack.callback(worker.shutdown, wait=True, cancel_futures=True)
    return worker


async def _once(text: str) -> AsyncIterator[str]:
    yield text
