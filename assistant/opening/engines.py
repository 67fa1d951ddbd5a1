"""Builds the engines: recogniser, voices. The language model is built in `language_model.py`."""

import asyncio
import logging
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from assistant.config.schema import Config
from assistant.config.speaking import ESPEAK
from assistant.scheduler import Threads
from assistant.weights.source import WeightsError
from assistant.weights.store import open_store
from speech.memory import give_back
from speech.recognition.engine import Recogniser
from speech.synthesis.engine import SynthesisError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from speech.end_of_turn import TurnJudge
    from speech.recognition.engine import SecondLook
    from speech.synthesis.engine import Voice
    from speech.synthesis.espeak import EspeakProcess
    from speech.synthesis.voices import Voices

_log = logging.getLogger(__name__)


def silence_folder() -> Path:
    """Where recognisers keep the silence that they have encoded."""
    return user_cache_path("sotto-voce") / "silence"


def load_recogniser(config: Config) -> Recogniser:
    """Load the configured Whisper. Raises `WeightsError` or `RecognitionError`."""
    wanted = config.recognition
    folder = open_store(config.models).require(wanted.model)
    languages = config.home.languages
    if wanted.engine == "openai-whisper":
        from speech.recognition.openai_whisper import OpenAIWhisperRecogniser

        return OpenAIWhisperRecogniser(
            folder, device=wanted.device, languages=languages, cache=silence_folder()
        )
    from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

    settings = WhisperSettings(
        wanted.device,
        wanted.compute_type,
        wanted.threads or Threads.for_cores().recognition,
        wanted.beam_size,
        languages,
        silence_folder(),
        "ctranslate2" if wanted.engine == "ctranslate2" else "auto",
    )
    recogniser = WhisperRecogniser(folder, settings)
    give_back()  # the weights in the precision of their file
    return recogniser


def load_second_look(config: Config, recogniser: Recogniser) -> "SecondLook | None":
    """Load what asks the same sound again, if wanted and if the engine can. Raises as `load_recogniser`."""
    from speech.recognition.whisper import WhisperRecogniser

    if not config.recognition.second_look or not isinstance(recogniser, WhisperRecogniser):
        return None
    from speech.recognition.second_look import WhisperSecondLook

    return WhisperSecondLook(open_store(config.models).require(config.recognition.model), recogniser)


def load_turn_judge(config: Config) -> "TurnJudge | None":
    """Load what judges the end of a turn by its sound, if wanted. Raises `WeightsError`, `SmartTurnError`."""
    from speech.detection.smart_turn import SmartTurn

    model = config.end_of_turn.model
    if not model:
        return None
    return SmartTurn(open_store(config.models).require(model), Threads.for_cores().voice)


@asynccontextmanager
async def open_voices(config: Config, *, required: bool = False) -> "AsyncIterator[Voices | None]":
    """Load the configured voices; None when there are none, unless they are `required`.

    Raises `WeightsError` or `SynthesisError` when they are.
    """
    try:
        voices = await asyncio.to_thread(load_voices, config) if config.voice.enabled or required else None
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


def load_voices(config: Config) -> "Voices":
    """Load the configured voices. Raises `WeightsError` or `SynthesisError`."""
    from speech.synthesis.cache import CachedVoice
    from speech.synthesis.engine import Voice
    from speech.synthesis.espeak import EspeakProcess, EspeakVoice
    from speech.synthesis.spoken import spoken
    from speech.synthesis.voices import Voices

    process = EspeakProcess()
    process.start()
    voice = config.voice
    espeak = CachedVoice(EspeakVoice(process, rate=voice.rate), None)
    kept = user_cache_path("sotto-voce") / "voice" if voice.keep_on_disk else None
    wanted = [voice.model, *(each for each in config.speakers if each != ESPEAK)]
    if voice.engine.get("zh") == "fastspeech2":
        wanted.append(voice.mandarin_model)
    loaded: dict[str, Voice] = {
        model: CachedVoice(_load_voice(config, model, process), kept) for model in dict.fromkeys(wanted)
    }
    give_back()
    usual = loaded[voice.model]
    by_language: dict[str, Voice] = {
        language: usual for language in usual.languages if voice.engine.get(language) != "espeak"
    }
    if voice.engine.get("zh") == "fastspeech2":
        by_language["zh"] = loaded[voice.mandarin_model]
    for language in ("en", "zh"):
        spoken("1", language)  # how numbers are read is loaded now, not in the first answer
    return Voices(by_language, espeak, {**loaded, ESPEAK: espeak})


def _load_voice(config: Config, model: str, process: "EspeakProcess") -> "Voice":
    """Load one voice of the catalogue: what kind it is, its files tell."""
    from speech.synthesis.fastspeech2 import SYMBOLS, MandarinVoice
    from speech.synthesis.piper import PiperVoice

    folder = open_store(config.models).require(model)
    threads, rate = Threads.for_cores().voice, config.voice.rate
    if (folder / SYMBOLS).exists():
        return MandarinVoice(folder, threads, rate=rate)
    return PiperVoice(folder, process, threads, rate=rate, variation=config.voice.variation)
