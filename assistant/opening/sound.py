"""Builds what listens: wake words, an ear, no echo, a button, and music that makes way."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from assistant.config.listening import Listen
from assistant.dialogue.ducking import AdapterPlayer, Ducking, Player, players_of
from assistant.opening.home import OpenHome
from devices.adapters.adapter import AdapterError
from devices.commands import Command
from devices.mqtt import MqttLink
from speech.sound.speaker import SoundCardSpeaker

if TYPE_CHECKING:
    from assistant.turn import Conversation
    from speech.detection.engine import WakeWordDetector
    from speech.echo.source import Echo
    from speech.end_of_turn import EndOfTurnSettings
    from speech.hearing import Ear
    from speech.sound.ports import Loudspeaker


def detector_of(listen: Listen, words: Sequence[str] | None = None) -> "WakeWordDetector":
    """Make a detector for one stream, of the configured wake words unless others are named."""
    from speech.detection.microwakeword import MicroWakeWords

    if words is not None:
        return MicroWakeWords(words, listen.wake_sensitivity)
    return MicroWakeWords([each.word for each in listen.words], listen.sensitivities)


def make_ear(
    listen: Listen,
    end_of_turn: "EndOfTurnSettings",
    *,
    addressed: bool,
    wake_words: "WakeWordDetector | None" = None,
) -> "Ear":
    """Make an ear for one stream. It hears everything (`addressed`), what follows a wake word, or, pushed to
    talk, what follows `Ear.attend`.
    """
    from speech.detection.silero import SileroActivity
    from speech.hearing import Ear, EarSettings

    detector = None if addressed else wake_words
    if detector is None and not addressed and listen.mode != "push_to_talk":
        detector = detector_of(listen)
    return Ear(SileroActivity(), detector, EarSettings(addressed=addressed), end_of_turn)


@contextmanager
def button(link: MqttLink, topic: str | None, conversation: "Conversation") -> Iterator[None]:
    """Meanwhile a message to this topic is as good as the wake word. A retained one, which is sent again at
    each reconnection, is nobody's finger on a button.
    """
    pushes: set[asyncio.Task[None]] = set()

    def pushed(_topic: str, _payload: bytes, retained: bool) -> None:
        if not retained:
            push = asyncio.get_running_loop().create_task(conversation.address())
            pushes.add(push)
            push.add_done_callback(pushes.discard)

    if topic is None:
        yield
        return
    link.subscribe(topic, pushed)
    try:
        yield
    finally:
        link.unsubscribe(topic, pushed)


def open_echo(config: Listen, loudspeaker: "Loudspeaker", tell: Callable[[str], None]) -> "Echo | None":
    """Make what takes a sound card's echo out; None where it is off or of no use.

    `tell` takes a line for a person when it is less than it could be.
    """
    from speech.echo.engine import EchoError
    from speech.echo.room import RoomCanceller
    from speech.echo.source import Echo
    from speech.echo.webrtc import WebRtcCanceller

    if config.echo_cancellation == "off" or not isinstance(loudspeaker, SoundCardSpeaker):
        return None
    try:
        guard = WebRtcCanceller()
    except EchoError as error:
        tell(str(error))
        guard = None
    return Echo(RoomCanceller(guard), loudspeaker)


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
