"""Satellites that are served: each a place with its room, its conversation, and its lights and sounds.

They share everything but what was said before. One that is away is called again and again, ever more slowly;
what goes wrong at one is told, and ends nothing elsewhere.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wyoming.asr import Transcript as TranscriptEvent
from wyoming.vad import VoiceStarted, VoiceStopped
from wyoming.wake import Detection

from assistant.config.satellites import Satellite
from assistant.dialogue.arbiter import Arbiter, Contender, WokenElsewhere
from assistant.serve.places import Places, Speaker
from speech.hearing import Ended, Event, GaveUp, SpeechStarted, Woke
from speech.satellites.finding import SERVICE, describe, found
from speech.satellites.frames import FrameError
from speech.satellites.wyoming import Address, WyomingSatellite
from speech.sound.ports import SoundError

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.report import TurnReport
    from assistant.turn import Conversation, Observer
    from speech.hearing import Ear
    from speech.recognition.engine import Transcript

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Between two calls of a satellite that is away."""
STEADY_S = 10.0
"""Who was there for so long is called again at once when it goes."""

_log = logging.getLogger(__name__)


class SatellitePlace:
    """One satellite: an observer of its own conversation, which tells the satellite what it sees."""

    def __init__(
        self,
        assistant: "Assistant",
        settings: Satellite,
        observer: "Observer",
        arbiter: Arbiter,
        tell: Callable[[str], None],
    ) -> None:
        """`tell` takes a line for a person when the satellite comes or goes."""
        self.name = settings.name
        self.room = settings.room
        self.satellite = WyomingSatellite(settings.name, Address.parse(settings.uri))
        self._settings = settings
        self._assistant = assistant
        self._observer = observer
        self._arbiter = arbiter
        self._tell = tell
        self._woken = WokenElsewhere()
        self._words: str | None = None  # of the turn under way, as far as they are known; None: there is none
        config = assistant.config
        speaker = self.satellite.speaker
        speaker.volume = config.voice.volume if settings.volume is None else settings.volume
        speaker.on_begin = self._end_hearing
        self.satellite.on_woken = self._woken.tell
        self.satellite.on_connected = lambda: tell(f"the satellite {self.name} is there")
        self.conversation: Conversation = assistant.conversation(
            self,
            speaker,
            room=self.room,
            satellite=self.name,
            speech_interrupts=config.listen.barge_in == "speech",
        )

    # -- serving ---------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Serve it for ever, over any number of connections."""
        tries = 0
        while True:
            began_s = self.satellite.clock.now()
            why = await self._serve_once()
            steady = self.satellite.clock.now() - began_s > STEADY_S
            tries = 0 if steady else tries + 1
            if steady or tries == 1:
                self._tell(f"{why} (calling it again until it is there)")
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])

    async def _serve_once(self) -> str:
        """Serve one connection; return why it ended."""
        try:
            async with self.satellite.connected():
                await self.conversation.listen(self.satellite, self._ear())
        except SoundError as error:
            return str(error)
        except Exception as error:  # a fault of ours ends one satellite's connection, and nothing else
            _log.exception("serving the satellite %s failed", self.name)
            return f"serving the satellite {self.name} failed: {error}"
        finally:
            self._words = None
        return f"the satellite {self.name} has ended its stream"

    def _ear(self) -> "Ear":
        here = self._settings.wake == "here"
        contender = Contender(
            self.name,
            self._assistant.wake_words() if here else self._woken,
            self._arbiter,
            self.satellite.clock.now,
            has_sound=here,
        )
        ear = self._assistant.ear(addressed=False, wake_words=contender)

        def lost() -> None:
            ear.attend(0)
            if not here:  # it waits for us to say that it may listen for its wake word again
                self._words = ""
            self._end_hearing("")

        contender.on_lost = lost
        return ear

    # -- as an observer --------------------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        """Have the satellite show what is heard."""
        match event:
            case Woke(word=word):
                self._words = ""
                if self._settings.wake == "here":  # else it has told us
                    self.satellite.post(Detection(name=word).event())
            case SpeechStarted():
                self._words = ""
                self.satellite.post(VoiceStarted().event())
            case Ended():
                self.satellite.post(VoiceStopped().event())
            case GaveUp():
                self._end_hearing("")
        self._observer.heard(event)

    def partial(self, transcript: "Transcript") -> None:
        """Remember the words so far: they are shown when the answer begins."""
        if self._words is not None:
            self._words = transcript.text
        self._observer.partial(transcript)

    def report(self, report: "TurnReport") -> None:
        """A turn has ended."""
        self._end_hearing(report.heard)
        self._observer.report(report)

    def _end_hearing(self, words: str | None = None) -> None:
        """Tell the satellite, once a turn, that it was heard: lights go out, and its wake word counts again."""
        if self._words is None:
            return
        shown, self._words = self._words if words is None else words, None
        self.satellite.post(TranscriptEvent(shown).event())


class Satellites:
    """All of them: those that are named, and with `discover` those that announce themselves."""

    def __init__(
        self,
        assistant: "Assistant",
        observer: "Observer",
        places: Places,
        arbiter: Arbiter,
        tell: Callable[[str], None],
    ) -> None:
        self._assistant = assistant
        self._observer = observer
        self._places = places
        self._arbiter = arbiter
        self._tell = tell
        self._known: dict[Address, SatellitePlace] = {}
        for settings in assistant.config.satellites:
            self._add(settings)

    @property
    def served(self) -> Sequence[SatellitePlace]:
        """Every satellite that we call, there or not."""
        return tuple(self._known.values())

    async def serve(self) -> None:
        """Serve them for ever. Without any there is nothing to do, and this returns."""
        async with asyncio.TaskGroup() as group:
            for place in self.served:
                group.create_task(place.serve(), name=f"satellite {place.name}")
            if self._assistant.config.wyoming.discover:
                group.create_task(self._discover(group), name="satellites that announce themselves")

    async def _discover(self, group: asyncio.TaskGroup) -> None:
        try:
            async with found() as addresses:
                async for address in addresses:
                    if (place := await self._discovered(address)) is not None:
                        group.create_task(place.serve(), name=f"satellite {place.name}")
        except OSError as error:
            self._tell(f"satellites cannot be looked for ({error.strerror or error}): name them in [[satellites]]")

    async def _discovered(self, address: Address) -> SatellitePlace | None:
        if address in self._known:
            return None
        try:
            described = await describe(address)
        except (OSError, FrameError) as error:
            _log.info("%s announces %s and does not answer: %s", address, SERVICE, error)
            return None
        if not described.is_satellite:
            return None
        taken = {place.name for place in self.served}
        name = described.name if described.name and described.name not in taken else str(address)
        return self._add(Satellite(name=name[:60], uri=str(address), room=described.area))

    def _add(self, settings: Satellite) -> SatellitePlace:
        place = SatellitePlace(self._assistant, settings, self._observer, self._arbiter, self._tell)
        self._known[place.satellite.address] = place
        self._places.joins(
            Speaker(
                place.name, place.room, place.conversation.announce, lambda: place.satellite.is_connected
            )
        )
        return place
