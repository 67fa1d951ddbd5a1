"""What we say of ourselves when somebody sends `describe`."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)

if TYPE_CHECKING:
    from assistant.app import Assistant

PROGRAM = "sotto-voce"
_OURS = Attribution(name="Sotto Voce", url="")
_UNDERSTOOD = ("en", "zh")


def info_of(assistant: "Assistant", services: Sequence[str]) -> Info:
    """Describe the wanted services, as far as we have what they need."""
    return Info(
        asr=_asr(assistant) if "asr" in services else [],
        tts=_tts(assistant) if "tts" in services else [],
        wake=_wake(assistant) if "wake" in services else [],
        handle=_handle() if "handle" in services else [],
    )


def _asr(assistant: "Assistant") -> list[AsrProgram]:
    recogniser = assistant.parts.recogniser
    if recogniser is None:
        return []
    model = AsrModel(
        name=assistant.config.recognition.model,
        attribution=Attribution(name="OpenAI", url=""),
        installed=True,
        description="Whisper, of which only what was said is encoded",
        version=None,
        languages=sorted(recogniser.abilities.languages),
    )
    return [
        AsrProgram(
            name=PROGRAM,
            attribution=_OURS,
            installed=True,
            description="Sotto Voce's recognition",
            version=version(PROGRAM),
            models=[model],
            supports_transcript_streaming=True,
            prefers_auto_gain_enabled=False,
            prefers_noise_reduction_enabled=False,
        )
    ]


def _tts(assistant: "Assistant") -> list[TtsProgram]:
    voices = [
        TtsVoice(
            name=voice.name,
            attribution=_OURS,
            installed=True,
            description=None,
            version=None,
            languages=sorted(voice.languages),
        )
        for voice in assistant.speakers
    ]
    if not voices:
        return []
    return [
        TtsProgram(
            name=PROGRAM,
            attribution=_OURS,
            installed=True,
            description="Sotto Voce's voices",
            version=version(PROGRAM),
            voices=voices,
            supports_synthesize_streaming=True,
        )
    ]


def wake_words_of(assistant: "Assistant") -> tuple[str, ...]:
    """Return the names of all wake words that we can listen for."""
    from speech.detection.microwakeword import built_in_words

    return tuple(dict.fromkeys((*built_in_words(), *assistant.config.listen.wake_words)))


def _wake(assistant: "Assistant") -> list[WakeProgram]:
    models = [
        WakeModel(
            name=word,
            attribution=Attribution(name="microWakeWord", url="https://github.com/kahrendt/microWakeWord"),
            installed=True,
            description=None,
            version=None,
            languages=["en"],
            phrase=word.replace("_", " "),
        )
        for word in wake_words_of(assistant)
    ]
    return [
        WakeProgram(
            name=PROGRAM,
            attribution=_OURS,
            installed=True,
            description="Sotto Voce's wake words",
            version=version(PROGRAM),
            models=models,
        )
    ]


def _handle() -> list[HandleProgram]:
    model = HandleModel(
        name=PROGRAM,
        attribution=_OURS,
        installed=True,
        description="Understands orders and questions, and carries them out",
        version=version(PROGRAM),
        languages=list(_UNDERSTOOD),
    )
    return [
        HandleProgram(
            name=PROGRAM,
            attribution=_OURS,
            installed=True,
            description="Sotto Voce's understanding",
            version=version(PROGRAM),
            models=[model],
            supports_home_control=True,
        )
    ]
