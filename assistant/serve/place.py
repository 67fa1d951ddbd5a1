"""One room that is served: its microphone, its loudspeaker, its conversation, and who watches them."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.dialogue.mouth import Saying
from assistant.opening.sound import button, open_echo
from assistant.serve.homeassistant_device import Status
from assistant.understanding.normalise import language_of
from devices.policy import Authority
from speech.hearing import Ended, GaveUp, SpeechStarted, Woke
from speech.sound.ports import SoundError
from speech.sound.speaker import SilentSpeaker, SoundCardSpeaker

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.config.listening import Listen
    from assistant.report import TurnReport
    from assistant.turn import Conversation, Observer
    from speech.hearing import Event
    from speech.recognition.engine import Transcript

_log = logging.getLogger(__name__)

HOME_ASSISTANT = "homeassistant"
MICROPHONE_AGAIN_S = 10.0


class Place:
    """Listens until it is told to be deaf, and tells how it is: an observer, and Home Assistant's ports."""

    def __init__(
        self,
        assistant: "Assistant",
        observer: "Observer",
        loudspeaker: SoundCardSpeaker | SilentSpeaker,
        tell: Callable[[str], None],
        *,
        room: str | None = None,
    ) -> None:
        """`tell` takes a line for a person now and then: that it listens, that the microphone is gone."""
        self._assistant = assistant
        self._observer = observer
        self._tell = tell
        self._loudspeaker = loudspeaker
        self._state = "idle"
        self._heard = self._replied = ""
        self._hearing = asyncio.Event()
        self._hearing.set()
        self._listening: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] = lambda: None
        """Called whenever `status` may say something new."""
        config = assistant.config
        self._echo = open_echo(config.listen, loudspeaker, tell)
        self.conversation: Conversation = assistant.conversation(
            self,
            loudspeaker,
            room=room or config.listen.room,
            speech_interrupts=config.listen.barge_in == "speech"
            or (config.listen.barge_in == "auto" and self._echo is not None),
            on_speech=lambda: self.changed(),
        )

    async def serve(self) -> None:
        """Listen for ever. A microphone that is not there is looked for again; the rest goes on meanwhile."""
        while True:
            await self._hearing.wait()
            self._listening = asyncio.create_task(self._listen())
            try:
                await asyncio.wait([self._listening])
            finally:
                self._listening.cancel()
            if not self._listening.cancelled() and (error := self._listening.exception()) is not None:
                if not isinstance(error, SoundError):
                    raise error
                self._tell(f"{error} (looking again every {MICROPHONE_AGAIN_S:.0f} s)")
                await asyncio.sleep(MICROPHONE_AGAIN_S)

    async def _listen(self) -> None:
        from speech.sound.microphone import MicrophoneSource

        listen = self._assistant.config.listen
        ear = self._assistant.ear(addressed=listen.mode == "always")
        microphone = MicrophoneSource(listen.input_device)
        source = microphone if self._echo is None else self._echo.out_of(microphone)
        self._tell(_listening_for(listen))
        with button(self._assistant.link, listen.push_to_talk_topic, self.conversation):
            await self.conversation.listen(source, ear)

    # -- as an observer --------------------------------------------------------------------------------------

    def heard(self, event: "Event") -> None:
        """Follow what is heard."""
        match event:
            case Woke() | SpeechStarted():
                self._become("listening")
            case Ended():
                self._become("thinking")
            case GaveUp():
                self._become("idle")
        self._observer.heard(event)

    def partial(self, transcript: "Transcript") -> None:
        """Hand the words so far on."""
        self._observer.partial(transcript)

    def report(self, report: "TurnReport") -> None:
        """A turn has ended."""
        if report.heard:
            self._heard, self._replied = report.heard, report.reply
        self._become("idle")
        self._observer.report(report)

    def _become(self, state: str) -> None:
        self._state = state
        self.changed()

    # -- as Home Assistant's ports ---------------------------------------------------------------------------

    def status(self) -> Status:
        """How we are now."""
        speaks = self.conversation.saying is Saying.SPEAKING
        return Status(
            state="speaking" if speaks else self._state,
            muted=not self._hearing.is_set(),
            volume_percent=round(100 * self._loudspeaker.volume),
            heard=self._heard,
            replied=self._replied,
        )

    async def say(self, text: str) -> None:
        """Speak a text."""
        await self.conversation.announce(text, language_of(text))

    async def obey(self, text: str) -> None:
        """Take a text as an order. It comes from a satellite of its own, which rules can hold short."""
        by = Authority(satellite=HOME_ASSISTANT)
        await self._assistant.take_text(self.conversation, text, None, by=by)

    async def stop(self) -> None:
        """Fall silent."""
        await self.conversation.silence()

    def set_volume(self, percent: int) -> None:
        """How loud we speak, 0 to 100."""
        self._loudspeaker.volume = percent / 100
        self.changed()

    def set_muted(self, muted: bool) -> None:
        """Whether we are deaf: the microphone is closed then, and nothing reaches anybody."""
        if muted:
            self._hearing.clear()
            if self._listening is not None:
                self._listening.cancel()
        else:
            self._hearing.set()
        _log.info("the microphone is %s", "closed" if muted else "open")
        self._become("idle")


def _listening_for(listen: "Listen") -> str:
    match listen.mode:
        case "always":
            return "listening to everything that is said"
        case "push_to_talk":
            topic = listen.push_to_talk_topic
            return f"listening after a message to {topic}" if topic else "listening when it is told to"
        case _:
            words = " or ".join(f"“{each.word}”" for each in listen.words)
            return f"listening for {words.replace('_', ' ')}"
