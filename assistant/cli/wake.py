"""`sotto wake`: where recordings hold a wake word."""

import json as json_module
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_error


def wake(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings of any common format.")],
    config: ConfigFile = None,
    json: Json = False,
    word: Annotated[
        list[str] | None, typer.Option("--word", help="A word to look for, instead of the configured ones.")
    ] = None,
) -> None:
    """Find wake words in recordings. Each is told with the second at which it was noticed."""
    from speech.sound.ports import SoundError

    settings = load_config(config).config.listen
    good = True
    for file in files:
        try:
            if word:
                found = _find(file, word, [settings.wake_sensitivity] * len(word))
            else:
                found = _find(file, [each.word for each in settings.words], settings.sensitivities)
        except SoundError as error:
            print_error(str(error))
            good = False
            continue
        if json:
            print(json_module.dumps({"file": str(file), "wakes": found}), flush=True)
        else:
            told = ", ".join(f"{each['word']} at {each['at_s']:.2f} s" for each in found)
            print(f"{file}: {told or 'no wake word'}", flush=True)
    if not good:
        raise typer.Exit(1)


def _find(file: Path, words: Sequence[str], sensitivity: Sequence[float]) -> list[dict[str, Any]]:
    from speech.audio import RATE_HZ
    from speech.detection.microwakeword import MicroWakeWords
    from speech.sound.file import decode

    detector = MicroWakeWords(words, sensitivity)
    found: list[dict[str, Any]] = []
    position = 0
    for samples in decode(file):
        for start in range(0, len(samples), RATE_HZ // 50):
            piece = samples[start : start + RATE_HZ // 50]
            position += len(piece)
            if (word := detector.detect(piece)) is not None:
                found.append({"word": word, "at_s": round(position / RATE_HZ, 2)})
    return found
