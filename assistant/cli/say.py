"""`sotto say`: the voice alone."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.daemon import SPEAKING_S, Here, running
from assistant.cli.options import ConfigFile, load_config

if TYPE_CHECKING:
    from assistant.config.schema import Config


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write a WAV file instead.")
    ] = None,
    config: ConfigFile = None,
    language: Annotated[
        str | None, typer.Option("--language", help="en or zh; seen from the text without it.")
    ] = None,
    here: Here = False,
) -> None:
    """Speak a text, or write it to a sound file.

    A running assistant speaks it, if there is one and no file is wanted.
    """
    loaded = load_config(config)
    daemon = None if here or output is not None else running(loaded.path)
    if daemon is None:
        asyncio.run(_say(text, output, loaded.config, language))
    else:
        daemon.send("POST", "/v1/say", {"text": text, "language": language}, SPEAKING_S)


async def _say(text: str, output: Path | None, config: "Config", language: str | None) -> None:
    from assistant.opening.engines import open_voices
    from assistant.understanding.normalise import language_of
    from speech.audio import SpeechChunk
    from speech.sound.speaker import SoundCardSpeaker, WavFileSpeaker
    from speech.synthesis.clauses import ClauseCutter

    async with open_voices(config, required=True) as voices:
        assert voices is not None
        if output is None:
            speaker: SoundCardSpeaker | WavFileSpeaker = SoundCardSpeaker(
                config.voice.output_device, config.voice.volume
            )
        else:
            speaker = WavFileSpeaker(output)
        cutter = ClauseCutter()
        for clause in filter(None, (*cutter.feed(text), cutter.finish())):
            for samples, rate_hz in voices.speak(clause, language or language_of(text)):
                await speaker.play(SpeechChunk("say", samples, rate_hz))
        await speaker.drain()
        await speaker.close()
