"""Satellites that are served: each a place with its room, its conversation, and its lights and sounds.

They share everything but what was said before. One that is away is called again and again, ever more slowly;
what goes wrong at one is told, and ends nothing elsewhere.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from assistant.config.satellites import Satellite
from assistant.dialogue.arbiter import Contender, WokenElsewhere
from assistant.dialogue.mouth import Saying
from assistant.serve.homeassistant_device import Status
from assistant.serve.supervisor import Part
from assistant.serve.timers_seen import TimersSeen, same_room
from assistant.serve.watch import Moved, Where
from assistant.understanding.normalise import language_of
from speech.hearing import Ended, Event, GaveUp, SpeechStarted, Woke
from speech.satellites.address import Address
from speech.satellites.esphome import EspHomeSatellite
from speech.satellites.esphome_sound import Spoken
from speech.satellites.finding import describe, found
from speech.satellites.frames import FrameError
from speech.satellites.satellite import TimerNews, TimerSeen
from speech.satellites.wyoming import WyomingSatellite

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.report import TurnReport
    from assistant.serve.daemon import Daemon
    from assistant.turn import Conversation, Observer
    from speech.hearing import Ear
    from speech.recognition.engine import Transcript

_log = logging.getLogger(__name__)


class SatellitePlace:
    """One satellite: an observer of its own conversation, which tells the satellite what it sees."""

    def __init__(self, daemon: "Daemon", settings: Satellite, observer: "Observer | None") -> None:
        """`observer` watches beside the daemon's own watchers."""
        self.where = Where(settings.name, settings.room, settings.name)
        self.satellite = _satellite(settings)
        self._wakes_here = settings.wakes_here
        self._daemon = daemon
        self._observer = daemon.watch.at(self.where, observer)
        self._woken = WokenElsewhere()
        self._words: str | None = None  # of the turn under way, as far as they are known; None: there is none
        self._turn_id: str | None = None
        self._state = "idle"
        self._heard = self._replied = ""
        self._unmuted = asyncio.Event()
        if not daemon.mutes.has(self.where.name):
            self._unmuted.set()
        self._serving: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._unheard: Callable[[], None] = lambda: None
        self.changed: Callable[[], None] = lambda: None
        """Called whenever `status` may say something new."""
        config = daemon.assistant.config
        speaker = self.satellite.speaker
        speaker.volume = config.voice.volume if settings.volume is None else settings.volume
        speaker.on_begin = self._end_hearing
        self.satellite.on_woken = self._woken.tell
        self.on_back: Callable[[], None] = lambda: None
        """Called when it is there, again."""
        self.satellite.on_connected = self._connected
        self.satellite.on_stop = self._be_stopped
        self.conversation: Conversation = daemon.assistant.conversation(
            self,
            speaker,
            room=settings.room,
            satellite=settings.name,
            speech_interrupts=config.listen.barge_in == "speech",
            on_speech=self._tell_change,
        )
        if isinstance(self.satellite, EspHomeSatellite):
            self.satellite.spoken = lambda: Spoken(*self.conversation.being_said)

    # -- serving ---------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Serve it until it is gone, except while muted. Raises `SoundError` when it is not there."""
        while True:
            await self._unmuted.wait()
            self._serving = asyncio.create_task(self._serve(), name=self.satellite.stream_id)
            try:
                await asyncio.wait([self._serving])
            finally:
                self._serving.cancel()
                await asyncio.wait([self._serving])  # it says goodbye
                self._become("idle")
            if not self._serving.cancelled() and (error := self._serving.exception()) is not None:
                raise error

    async def _serve(self) -> None:
        try:
            async with self.satellite.connected():
                await self.conversation.listen(self.satellite, self._ear())
        finally:
            self._words = None

    def _connected(self) -> None:
        self._daemon.tell(f"the satellite {self.where.name} is there")
        self.on_back()

    def _ear(self) -> "Ear":
        assistant = self._daemon.assistant
        contender = Contender(
            self.where.name,
            assistant.wake_words() if self._wakes_here else self._woken,
            self._daemon.arbiter,
            self.satellite.clock.now,
            has_sound=self._wakes_here,
        )
        ear = assistant.ear(addressed=False, wake_words=contender)

        def lost() -> None:
            ear.attend(0)
            if not self._wakes_here:  # it waits for us to say that it may listen for its wake word again
                self._words = ""
            self._end_hearing("")

        contender.on_lost = lost
        self._unheard = lost
        return ear

    def _be_stopped(self) -> None:
        """Somebody has stopped it there: nothing is to come of what it heard, and it is to be silent."""
        self._unheard()
        self._stopping = asyncio.create_task(self.stop(), name=f"silencing {self.where.name}")

    # -- as an observer --------------------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        """Have the satellite show what is heard."""
        match event:
            case Woke(word=word):
                self._become("listening")
                self._words, self._turn_id = "", None
                if self._wakes_here:  # else it has told us
                    self.satellite.show_woken(word)
            case SpeechStarted(turn_id=turn_id):
                self._become("listening")
                self._words, self._turn_id = "", turn_id
                self.satellite.show_speech()
            case Ended():
                self._become("thinking")
                self.satellite.show_pause()
            case GaveUp():
                self._become("idle")
                self._end_hearing("")
        self._observer.heard(event)

    def partial(self, transcript: "Transcript") -> None:
        """Remember the words so far: they are shown when the answer begins."""
        if self._words is not None:
            self._words = transcript.text
        self._observer.partial(transcript)

    def report(self, report: "TurnReport") -> None:
        """A turn has ended."""
        if report.turn_id == self._turn_id:  # else somebody calls again already, and is heard
            self._end_hearing(report.heard)
        self.satellite.show_done()
        if report.heard:
            self._heard, self._replied = report.heard, report.reply
        self._become("idle")
        self._observer.report(report)

    def _end_hearing(self, words: str | None = None) -> None:
        """Tell the satellite, once a turn, that it was heard: its lights go out, its wake word counts."""
        if self._words is None:
            return
        shown, self._words = self._words if words is None else words, None
        self.satellite.show_heard(shown)

    def _become(self, state: str) -> None:
        self._state = state
        self._tell_change()

    def _tell_change(self) -> None:
        now = self.status()
        self._daemon.watch.tell(self.where, Moved(now.state, now.muted))
        self.changed()

    # -- as a place of the daemon's --------------------------------------------------------------------------

    @property
    def is_there(self) -> bool:
        """Whether what is said would be heard."""
        return self.satellite.is_connected

    def status(self) -> Status:
        """How it is now."""
        speaks = self.conversation.saying is Saying.SPEAKING
        return Status(
            state="speaking" if speaks else self._state,
            muted=not self._unmuted.is_set(),
            volume_percent=round(100 * self.satellite.speaker.volume),
            heard=self._heard,
            replied=self._replied,
        )

    async def say(self, text: str, language: str | None = None) -> None:
        """Speak a text, in the language that it looks like if none is named."""
        await self.conversation.announce(text, language or language_of(text))

    async def stop(self) -> None:
        """Fall silent."""
        await self.conversation.silence()

    def set_muted(self, muted: bool) -> None:
        """Whether it is left alone: the connection is closed then, which is all that makes every satellite
        stop its stream; it cannot be spoken through either. It stays so over a restart.
        """
        self._daemon.mutes.set(self.where.name, muted)
        if muted:
            self._unmuted.clear()
            if self._serving is not None:
                self._serving.cancel()
        else:
            self._unmuted.set()
        self._become("idle")


def _satellite(settings: Satellite) -> "WyomingSatellite | EspHomeSatellite":
    """What the configuration says it is. Raises `ConfigError` for a key that cannot be read."""
    address = Address.parse(settings.uri)
    if not settings.is_esphome:
        return WyomingSatellite(settings.name, address)
    return EspHomeSatellite(
        settings.name,
        address,
        key=settings.key(),
        wakes_here=settings.wakes_here,
        media_port=settings.media_port,
    )


class Satellites:
    """All of them: those that are named, and with `discover` those that announce themselves."""

    def __init__(self, daemon: "Daemon", observer: "Callable[[str], Observer] | None" = None) -> None:
        """Take those of the configuration; each becomes a place and a part of the daemon's. `observer` makes
        one that watches a satellite beside the daemon's own watchers.
        """
        self._daemon = daemon
        self._observer = observer
        self._known: dict[Address, SatellitePlace] = {}
        for settings in daemon.assistant.config.satellites:
            self._add(settings)
        if daemon.assistant.config.discovery.satellites:
            daemon.supervisor.add(Part("looking for satellites", self._discover))
        self._timers = TimersSeen(daemon.assistant, self._show_timer)
        daemon.supervisor.add(Part("timers on satellites", self._timers.serve))

    def _show_timer(self, room: str | None, news: TimerNews, timer: TimerSeen) -> None:
        for place in self._known.values():
            if same_room(room, place.where.room):
                place.satellite.show_timer(news, timer)

    async def _discover(self) -> None:
        """Serve whoever announces itself, for ever. Raises `OSError` without a network."""
        async with found() as addresses:
            async for address in addresses:
                if address not in self._known and (settings := await self._settings(address)) is not None:
                    self._add(settings)

    async def _settings(self, address: Address) -> Satellite | None:
        try:
            described = await describe(address)
        except (OSError, FrameError) as error:
            _log.info("%s announces itself and does not answer: %s", address, error)
            return None
        if not described.is_satellite:
            return None
        taken = {place.where.name for place in self._known.values()}
        name = described.name[:60] if described.name and described.name[:60] not in taken else str(address)
        return Satellite(name=name, uri=str(address), room=described.area)

    def _add(self, settings: Satellite) -> None:
        observer = self._observer(settings.name) if self._observer is not None else None
        place = SatellitePlace(self._daemon, settings, observer)
        self._known[Address.parse(settings.uri)] = place
        place.on_back = lambda: self._timers.again(place.where.room, place.satellite.show_timer)
        self._daemon.places.append(place)
        self._daemon.supervisor.add(Part(place.satellite.stream_id, place.serve))
