"""`sotto run`: the always-on assistant at this machine's microphone."""

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

from assistant.cli.options import ConfigFile, Json, Room, load_config
from assistant.cli.output import print_error
from assistant.cli.turns import MICROPHONE, TurnPrinter, set_up_logging, warn_of

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.config.schema import Config
    from assistant.turn import Conversation
    from speech.sound.ports import Loudspeaker

MICROPHONE_AGAIN_S = 10.0


def run(config: ConfigFile = None, json: Json = False, room: Room = None) -> None:
    """Listen at the microphone, until you press Ctrl-C.

    Say a wake word, then an order. What is missing (microphone, loudspeaker, broker, a model) is told, and
    the rest goes on.
    """
    settings = load_config(config).config
    set_up_logging(settings)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_run(settings, TurnPrinter(as_json=json, show_partial=not json), room))


async def _run(config: "Config", printer: TurnPrinter, room: str | None) -> None:
    from assistant.app import open_assistant

    _end_on(signal.SIGTERM)
    async with open_assistant(config, ears=True, voice=True) as assistant, asyncio.TaskGroup() as parts:
        warn_of(assistant.problems)
        speaker = _loudspeaker(config)
        conversation = assistant.conversation(
            printer,
            speaker,
            room=room or config.listen.room,
            speech_interrupts=config.listen.barge_in == "speech",
        )
        printer.source = {"file": MICROPHONE}
        print_error(f"{len(assistant.home)} devices at {assistant.broker}")
        parts.create_task(assistant.warm())
        parts.create_task(_keep_listening(assistant, conversation, config))


async def _keep_listening(assistant: "Assistant", conversation: "Conversation", config: "Config") -> None:
    """Listen for ever. A microphone that is not there is looked for again; the rest goes on meanwhile."""
    from speech.sound.microphone import MicrophoneSource
    from speech.sound.ports import SoundError

    while True:
        try:
            ear = assistant.ear(addressed=False)
            words = " or ".join(f"“{word}”" for word in config.listen.wake_words)
            source = MicrophoneSource(config.listen.input_device)
            print_error(f"listening for {words.replace('_', ' ')}")
            await conversation.listen(source, ear)
        except SoundError as error:
            print_error(f"{error} (looking again every {MICROPHONE_AGAIN_S:.0f} s)")
            await asyncio.sleep(MICROPHONE_AGAIN_S)


def _loudspeaker(config: "Config") -> "Loudspeaker":
    from speech.sound.ports import SoundError
    from speech.sound.speaker import SilentSpeaker, SoundCardSpeaker

    try:
        return SoundCardSpeaker(config.voice.output_device, config.voice.volume)
    except SoundError as error:
        print_error(str(error))
        return SilentSpeaker()


def _end_on(number: signal.Signals) -> None:
    """End as Ctrl-C does: every part is closed in order."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
