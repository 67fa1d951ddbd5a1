"""`sotto listen`: the turn, from recordings."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, Json, Room, load_config
from assistant.cli.output import print_error
from assistant.cli.turns import TurnPrinter, set_up_logging, warn_of

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.config.schema import Config


def listen(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings of any common format.")],
    config: ConfigFile = None,
    json: Json = False,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="As fast as a microphone, not faster.")
    ] = False,
    wake: Annotated[bool, typer.Option("--wake", help="Only what follows a wake word counts.")] = False,
    room: Room = None,
    replies: Annotated[
        Path | None,
        typer.Option("--replies", metavar="FOLDER", help="Keep each spoken answer there, as WAV."),
    ] = None,
) -> None:
    """Obey recordings instead of the microphone.

    Without --wake a recording is taken as said to the assistant. With --json one object a turn is printed;
    a recording in which nothing was said gives one object with an empty `heard`.
    """
    settings = load_config(config).config
    set_up_logging(settings)
    printer = TurnPrinter(as_json=json, show_partial=not json)
    if not asyncio.run(_listen_to(files, settings, printer, realtime, wake, room, replies)):
        raise typer.Exit(1)


async def _listen_to(
    files: list[Path],
    config: "Config",
    printer: TurnPrinter,
    realtime: bool,
    wake: bool,
    room: str | None,
    replies: Path | None,
) -> bool:
    from assistant.app import open_assistant
    from speech.sound.ports import SoundError

    good = True
    async with open_assistant(config, ears=True, voice=True) as assistant:
        assistant.must_hear()
        warn_of(assistant.problems)
        for file in files:
            try:
                await _one(file, assistant, printer, realtime, wake, room, replies)
            except SoundError as error:  # the other recordings may be sound
                print_error(str(error))
                good = False
    return good


async def _one(
    file: Path,
    assistant: "Assistant",
    printer: TurnPrinter,
    realtime: bool,
    wake: bool,
    room: str | None,
    replies: Path | None,
) -> None:
    from speech.sound.file import RecordingSource
    from speech.sound.speaker import SilentSpeaker, WavFileSpeaker

    printer.source = {"file": str(file)}
    before = printer.turns
    speaker = SilentSpeaker() if replies is None else WavFileSpeaker(_reply_file(replies, file))
    conversation = assistant.conversation(printer, speaker, room=room)
    await conversation.listen(RecordingSource(file, realtime=realtime), assistant.ear(addressed=not wake))
    await speaker.close()
    if printer.turns == before:
        printer.report(assistant.nothing_heard())


def _reply_file(folder: Path, recording: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{recording.stem}.reply.wav"
