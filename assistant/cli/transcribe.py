"""`sotto transcribe`: what recordings say, of any length."""

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speech.recognition.engine import Recogniser


def transcribe(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings of any common format.")],
    config: ConfigFile = None,
    json: Json = False,
    language: Annotated[
        str | None, typer.Option("--language", help="en or zh; found out without it.", show_default=False)
    ] = None,
) -> None:
    """Write down what recordings say.

    Long recordings are cut where people pause. With --json one object a recording: `file`, `text`, `language`
    and `segments` with their `start_s` and `end_s`.
    """
    from assistant.opening.engines import load_recogniser
    from speech.sound.ports import SoundError

    recogniser = load_recogniser(load_config(config).config)
    good = True
    for file in files:
        try:
            segments = []
            for segment in _segments(file, recogniser, language):
                segments.append(segment)
                if not json:
                    print(segment["text"], flush=True)
        except SoundError as error:
            print_error(str(error))
            good = False
            continue
        if json:
            print(json_module.dumps(_whole(file, segments, language), ensure_ascii=False), flush=True)
    recogniser.close()
    if not good:
        raise typer.Exit(1)


def _segments(file: Path, recogniser: "Recogniser", language: str | None) -> "Iterator[dict[str, Any]]":
    from speech.audio import RATE_HZ
    from speech.sound.utterances import utterances_of

    for start, samples in utterances_of(file):
        heard = recogniser.transcribe(samples, language=language)
        if heard.text:
            yield {
                "start_s": round(start / RATE_HZ, 2),
                "end_s": round((start + len(samples)) / RATE_HZ, 2),
                "text": heard.text,
                "language": heard.language,
            }


def _whole(file: Path, segments: list[dict[str, Any]], language: str | None) -> dict[str, Any]:
    spoken = [segment["language"] for segment in segments]
    return {
        "file": str(file),
        "text": " ".join(segment["text"] for segment in segments),
        "language": max(set(spoken), key=spoken.count) if spoken else language,
        "segments": segments,
    }
