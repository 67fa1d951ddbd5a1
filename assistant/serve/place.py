"""One room that is served: its microphone, its loudspeaker, its conversation, and who watches them."""

import asyncio
import logging
from typing import TYPE_CHECKING

from assistant.dialogue.arbiter import Contender
from assistant.dialogue.mouth import Saying
from assistant.opening.sound import button, open_echo
from assistant.serve.homeassistant_device import Status
from assistant.serve.watch import Moved, Where
from assistant.understanding.normalise import language_of
from devices.policy import Authority
from speech.hearing import Ended, GaveUp, SpeechStarted, Woke
from speech.sound.ports import SoundError
from speech.sound.speaker import SilentSpeaker, SoundCardSpeaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.config.listening import Listen
    from assistant.report import TurnReport
    from assistant.serve.daemon import Daemon
    from assistant.turn import Conversation, Observer
    from speech.clock import Clock
    from speech.hearing import Ear, Event
    from speech.recognition.engine import Transcript

_log = logging.getLogger(__name__)

HOME_ASSISTANT = "homeassistant"
MICROPHONE = "microphone"


class Place:
    """Listens until it is told to be deaf, and tells how it is: an observer, and Home Assistant's ports."""

    def __init__(
        self,
        daemon: "Daemon",
        observer: "Observer",
        loudspeaker: SoundCardSpeaker | SilentSpeaker,
        *,
        room: str | None = None,
    ) -> None:
        """`observer` watches beside the daemon's own watchers."""
        self._daemon = daemon
        self._assistant = daemon.assistant
        self._loudspeaker = loudspeaker
        self._state = "idle"
        self._heard = self._replied = ""
        config = daemon.assistant.config
        self.where = Where(MICROPHONE, room or config.listen.room)
        self._observer = daemon.watch.at(self.where, observer)
        self._hearing = asyncio.Event()
        if not daemon.mutes.has(self.where.name):
            self._hearing.set()
        self._listening: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] = lambda: None
        """Called whenever `status` may say something new."""
        self._echo = open_echo(config.listen, loudspeaker, daemon.tell)
        self.conversation: Conversation = daemon.assistant.conversation(
            self,
            loudspeaker,
            room=self.where.room,
            speech_interrupts=config.listen.barge_in == "speech"
            or (config.listen.barge_in == "auto" and self._echo is not None),
            on_speech=self._tell_change,
        )

    async def serve(self) -> None:
        """Listen for ever, except while muted. Raises `SoundError` when the microphone is gone."""
        while True:
            await self._hearing.wait()
            self._listening = asyncio.create_task(self._listen())
            try:
                await asyncio.wait([self._listening])
            finally:
                self._listening.cancel()
            if not self._listening.cancelled() and (error := self._listening.exception()) is not None:
                raise error

    async def _listen(self) -> None:
        from speech.sound.microphone import MicrophoneSource

        listen = self._assistant.config.listen
        microphone = MicrophoneSource(listen.input_device)
        try:
            source = microphone if self._echo is None else self._echo.out_of(microphone)
            ear = self._ear(listen, source.clock)
            self._daemon.tell(_listening_for(listen))
            with button(self._assistant.link, listen.push_to_talk_topic, self.conversation):
                await self.conversation.listen(source, ear)
        finally:
            # Here, and not when its generator is collected: who is muted is deaf from now on.
            await microphone.close()

    def _ear(self, listen: "Listen", clock: "Clock") -> "Ear":
        if listen.mode != "wake_word":
            return self._assistant.ear(addressed=listen.mode == "always")
        contender = Contender(self.where.name, self._assistant.wake_words(), self._daemon.arbiter, clock.now)
        ear = self._assistant.ear(addressed=False, wake_words=contender)
        contender.on_lost = lambda: ear.attend(0)
        return ear

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
        self._tell_change()

    def _tell_change(self) -> None:
        now = self.status()
        self._daemon.watch.tell(self.where, Moved(now.state, now.muted))
        self.changed()

    # -- as a place of the daemon's, and Home Assistant's ports ----------------------------------------------

    @property
    def is_there(self) -> bool:
        """Whether what is said would be heard: muted or not, we can speak."""
        return isinstance(self._loudspeaker, SilentSpeaker) or self._loudspeaker.is_open

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

    async def say(self, text: str, language: str | None = None) -> None:
        """Speak a text, in the language that it looks like if none is named. Raises `SoundError` when nobody
        could hear it.
        """
        if isinstance(self._loudspeaker, SilentSpeaker):
            raise SoundError("there is no loudspeaker: set [voice] enabled, and see `sotto doctor`")
        await self._loudspeaker.ensure()
        if not self._assistant.speaks:
            raise SoundError("there is no voice: see `sotto doctor`")
        await self.conversation.announce(text, language or language_of(text))

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
        """Whether we are deaf: the microphone is closed then, and nothing reaches anybody. It stays so over a
        restart.
        """
        self._daemon.mutes.set(self.where.name, muted)
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
