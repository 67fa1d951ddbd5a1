"""Is the microphone loud enough, and can the loudspeaker be heard: what `sotto setup` does with sound."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from speech.sound.portaudio import portaudio
from speech.sound.ports import SoundError

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from speech.audio import Samples

LISTEN_S = 5.0
LOUDEST = 32_768
QUIET_DBFS = -45.0
"""Speech below this is lost in rounding and hiss."""
CLIPS_DBFS = -0.5
CLEAR_DB = 10.0
"""Speech is at least so much louder than the room is without it."""
BLOCK = 320


def devices(kind: str) -> list[str]:
    """The names of all microphones ("input") or loudspeakers ("output"). Raises `SoundError`."""
    channels = f"max_{kind}_channels"
    return list(dict.fromkeys(each["name"] for each in portaudio().query_devices() if each[channels] > 0))


async def recorded(device: str | int | None, seconds: float = LISTEN_S) -> "Samples":
    """What a microphone hears for a while. Raises `SoundError`."""
    from speech.sound.microphone import MicrophoneSource

    source = MicrophoneSource(device)
    pieces: list[Samples] = []
    try:
        async with asyncio.timeout(seconds + 10):
            async for chunk in source.chunks():
                pieces.append(chunk.samples)
                if sum(map(len, pieces)) >= seconds * 16_000:
                    break
    except TimeoutError:
        raise SoundError("the microphone hands nothing over") from None
    finally:
        await source.close()
    return np.concatenate(pieces)


def judged(samples: "Samples") -> tuple[bool, str]:
    """Whether speech was loud and clear enough, and a line that says so or what to do."""
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float64)
    if not len(blocks) or not np.abs(samples).max():
        return False, "nothing at all: is it muted, or another one meant?"
    levels = np.sort(_dbfs(np.sqrt((blocks**2).mean(axis=1))))
    speech, room = float(np.percentile(levels, 90)), float(np.percentile(levels, 10))
    loudest = float(_dbfs(np.abs(samples).astype(np.float64).max()))
    shown = f"speech at {speech:.0f} dB, the room at {room:.0f} dB"
    if loudest > CLIPS_DBFS:
        return False, f"too loud ({shown}): turn the microphone's level down"
    if speech - room < CLEAR_DB:
        return False, f"nobody spoke, or the room is as loud ({shown})"
    if speech < QUIET_DBFS:
        return False, f"too quiet ({shown}): turn its level up, or come nearer"
    return True, f"good: {shown}"


def _dbfs(amplitude: Any) -> Any:
    """Amplitudes as decibels below the loudest that there is."""
    return 20 * np.log10(np.maximum(amplitude, 1e-3) / LOUDEST)


async def speak(config: "Config", text: str, language: str) -> None:
    """Say something through the configured loudspeaker. Raises `SoundError` and `SynthesisError`."""
    from assistant.opening.engines import open_voices
    from speech.audio import SpeechChunk
    from speech.sound.speaker import SoundCardSpeaker

    async with open_voices(config, required=True) as voices:
        assert voices is not None
        speaker = SoundCardSpeaker(config.voice.output_device, config.voice.volume)
        for samples, rate_hz in voices.speak(text, language):
            await speaker.play(SpeechChunk("setup", samples, rate_hz))
        await speaker.drain()
        await speaker.close()


def chosen(names: Sequence[str], answer: str) -> str | None:
    """The device that an answer means: its number in the list from 1 on, its name, or "" for the default.

    Raises ValueError with one line.
    """
    if not answer.strip():
        return None
    if answer.isdecimal() and 1 <= int(answer) <= len(names):
        return names[int(answer) - 1]
    near = [name for name in names if answer.casefold() in name.casefold()]
    if len(near) != 1:
        raise ValueError(f"a number from 1 to {len(names)}, or a name, please")
    return near[0]
