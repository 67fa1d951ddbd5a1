"""Builds what lies between a microphone and a loudspeaker: no echo, and music that makes way."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from assistant.config.listening import Listen
from assistant.dialogue.ducking import AdapterPlayer, Ducking, Player, players_of
from assistant.opening.home import OpenHome
from devices.adapters.adapter import AdapterError
from devices.commands import Command
from speech.sound.speaker import SoundCardSpeaker

if TYPE_CHECKING:
    from speech.echo.source import Echo
    from speech.sound.ports import Loudspeaker


def open_echo(config: Listen, loudspeaker: "Loudspeaker", tell: Callable[[str], None]) -> "Echo | None":
    """Make what takes a sound card's echo out; None where it is off, not possible or of no use.

    `tell` takes a line for a person when the library is missing.
    """
    from speech.echo.engine import EchoError
    from speech.echo.source import Echo
    from speech.echo.webrtc import WebRtcCanceller

    if config.echo_cancellation == "off" or not isinstance(loudspeaker, SoundCardSpeaker):
        return None
    try:
        return Echo(WebRtcCanceller(), loudspeaker)
    except EchoError as error:
        tell(str(error))
        return None


def open_ducking(level: float, opened: OpenHome) -> Ducking | None:
    """Make what turns music down; None for a `level` of 1."""

    async def ask(adapter: str, question: str) -> Mapping[str, Any]:
        known = opened.adapters.get(adapter)
        if known is None:
            raise AdapterError(f"there is no adapter {adapter}")
        return await known.ask(question)

    async def carry(commands: Sequence[Command]) -> object:
        return await opened.outbox.carry_out(commands, turn_id="", now=time.monotonic)

    def players() -> Sequence[Player]:
        return [AdapterPlayer("mpd", ask), *players_of(opened.home)]

    memory = user_data_path("sotto-voce") / "ducked.json"
    return Ducking(players, carry, level, memory) if level < 1 else None
