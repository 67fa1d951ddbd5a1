"""A Wyoming satellite (github.com/OHF-Voice/wyoming): we call it, as Home Assistant does, and it streams.

    we      describe, run-satellite                 detection, voice-started, voice-stopped, transcript,
    it      info, run-pipeline, audio-chunk ...     audio-start, audio-chunk ..., audio-stop; ping both ways

It knows no rooms: who it is for is somebody else's matter.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from wyoming.asr import Transcript
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.timer import TimerCancelled, TimerFinished, TimerStarted, TimerUpdated
from wyoming.vad import VoiceStarted, VoiceStopped
from wyoming.wake import Detection

from speech.audio import RATE_HZ, AudioChunk
from speech.clock import Clock
from speech.satellites.address import Address
from speech.satellites.frames import LONGEST_LINE, FrameError, audio_of, read_frame, text_of, write_frame
from speech.satellites.incoming import QUEUED, Incoming
from speech.satellites.satellite import TimerNews, TimerSeen
from speech.satellites.speaker import WyomingSpeaker
from speech.sound.formats import RateConverter
from speech.sound.ports import SoundError

CONNECT_S = 5.0
DESCRIBE_S = 10.0
PING_EVERY_S = 5.0
MISSED_PONGS = 3
"""Only of a satellite that has ever answered a ping: older ones do not know it."""
_HUNG_UP = "it hung up (only one assistant at a time can have it)"


_Outgoing = tuple[Event, asyncio.Future[None] | None]


class WyomingSatellite:
    """A source of sound and, in `speaker`, a loudspeaker, over any number of connections.

        async with satellite.connected():
            async for chunk in satellite.chunks(): ...

    Sample numbers go on over connections. `stream_id` and `clock` as in `SoundSource`.
    """

    def __init__(self, name: str, address: Address, *, clock: Clock | None = None) -> None:
        self.name = name
        self.address = address
        self.stream_id = f"satellite {name}"
        self.clock = clock or Clock()
        self.speaker = WyomingSpeaker(self.send, self.clock)
        self.on_woken: Callable[[str], None] = lambda _word: None
        """Called with the wake word that the satellite itself has heard, before the sound behind it."""
        self.on_connected: Callable[[], None] = lambda: None
        self.on_stop: Callable[[], None] = lambda: None
        """Never called: the protocol knows no word for it."""
        self._outgoing: asyncio.Queue[_Outgoing] | None = None
        self._introduced = False
        self._incoming = Incoming(self.stream_id, name, self.clock)
        self._info: asyncio.Future[dict[str, Any]] | None = None
        self._pong_s: float | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it hears and can be heard now."""
        return self._introduced

    # -- the connection --------------------------------------------------------------------------------------

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connect and have it run. Raises `SoundError` where it is not there, or is no satellite."""
        reader, writer = await self._call()
        self._incoming.begin()
        outgoing: asyncio.Queue[_Outgoing] = asyncio.Queue()
        self._outgoing = outgoing
        self._pong_s = None
        self._info = asyncio.get_running_loop().create_future()
        works = {"reads": self._read(reader), "writes": self._write(writer, outgoing)}
        tasks = [asyncio.create_task(work, name=f"{self.stream_id} {what}") for what, work in works.items()]
        try:
            await self._introduce()
            self._introduced = True
            tasks.append(asyncio.create_task(self._ping(), name=f"{self.stream_id} pings"))
            self.on_connected()
            yield
        finally:
            self._introduced = False
            self._outgoing = None
            self.speaker.lose()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            _refuse(outgoing)
            await _goodbye(writer)

    async def send(self, event: Event) -> None:
        """Send an event, behind all that was posted before. Raises `SoundError` where it is away."""
        if self._outgoing is None:
            raise SoundError(f"the satellite {self.name} is not connected")
        sent = asyncio.get_running_loop().create_future()
        self._outgoing.put_nowait((event, sent))
        try:
            await sent
        except OSError as error:
            raise SoundError(f"the satellite {self.name} takes nothing more: is it switched off?") from error

    def post(self, event: Event) -> None:
        """Have an event sent soon; nothing where it is away."""
        if self._outgoing is not None and self._outgoing.qsize() < QUEUED:
            self._outgoing.put_nowait((event, None))

    async def _call(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self.address.host, self.address.port
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_LINE)
        except OSError as error:
            why = "no answer" if isinstance(error, TimeoutError) else (error.strerror or str(error))
            raise SoundError(
                f"the satellite {self.name} at {self.address} cannot be reached ({why}): is it switched on?"
            ) from error
        _keep_alive(writer)
        return reader, writer

    async def _introduce(self) -> None:
        assert self._info is not None
        self.post(Describe().event())
        try:
            async with asyncio.timeout(DESCRIBE_S):
                info = await self._info
        except TimeoutError as error:
            raise SoundError(f"{self.address} does not speak Wyoming: look at its port") from error
        except OSError as error:
            raise SoundError(f"the satellite {self.name} at {self.address} hung up: {error}") from error
        if not isinstance(info.get("satellite"), dict):
            raise SoundError(
                f"at {self.address} is no satellite but another Wyoming service: look at its port"
            )
        await self.send(RunSatellite().event())

    async def _write(self, writer: asyncio.StreamWriter, outgoing: asyncio.Queue[_Outgoing]) -> None:
        """Send what is posted, in its order."""
        while True:
            event, sent = await outgoing.get()
            try:
                await write_frame(event, writer)
            except OSError as error:
                self._incoming.gone("it takes nothing more")
                if sent is not None and not sent.done():
                    sent.set_exception(error)
                _refuse(outgoing)
                continue
            if sent is not None and not sent.done():
                sent.set_result(None)

    async def _ping(self) -> None:
        while True:
            self.post(Ping().event())
            await asyncio.sleep(PING_EVERY_S)
            if self._pong_s is not None and self.clock.now() - self._pong_s > MISSED_PONGS * PING_EVERY_S:
                self._incoming.gone("it answers no more")
                return

    # -- what comes ------------------------------------------------------------------------------------------

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Take events until the connection ends, and tell why it did."""
        why = "a fault of ours"
        try:
            why = await self._take_all(reader)
        except FrameError as error:
            why = f"it sent what is no Wyoming: {error}"
        except ConnectionError:
            why = _HUNG_UP
        except OSError as error:
            why = error.strerror or str(error)
        finally:
            self._incoming.gone(why)
            if self._info is not None and not self._info.done():
                self._info.set_exception(ConnectionError(why))
                self._info.exception()  # nobody may be left to ask for it

    async def _take_all(self, reader: asyncio.StreamReader) -> str:
        converter = RateConverter(RATE_HZ)
        word = ""
        while (event := await read_frame(reader)) is not None:
            match event.type:
                case "audio-chunk":
                    self._incoming.sound(converter.convert(*audio_of(event)))
                case "audio-stop":
                    self._incoming.stopped()
                case "detection":
                    word = text_of(event, "name")
                case "run-pipeline" if event.data.get("start_stage") == "asr":
                    self._incoming.woken(text_of(event, "wake_word_name") or word)
                case "info" if self._info is not None and not self._info.done():
                    self._info.set_result(event.data)
                case "played":
                    self.speaker.played()
                case "ping":
                    self.post(Pong(text_of(event, "text") or None).event())
                case "pong":
                    self._pong_s = self.clock.now()
        return _HUNG_UP

    # -- as a satellite --------------------------------------------------------------------------------------

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield what it hears, until the connection is over. Raises `SoundError`."""
        return self._incoming.chunks(lambda word: self.on_woken(word))

    def show_woken(self, word: str) -> None:
        """We have heard the wake word."""
        self.post(Detection(name=word).event())

    def show_speech(self) -> None:
        """Somebody speaks."""
        self.post(VoiceStarted().event())

    def show_pause(self) -> None:
        """Whoever spoke has ended."""
        self.post(VoiceStopped().event())

    def show_heard(self, text: str) -> None:
        """This was understood; empty: nothing was. It listens for its wake word again."""
        self.post(Transcript(text).event())

    def show_done(self) -> None:
        """The turn is over: the protocol knows no word for it."""

    def show_timer(self, news: TimerNews, timer: TimerSeen) -> None:
        """A timer of its room has changed."""
        match news:
            case "started":
                self.post(TimerStarted(timer.id, timer.total_s, timer.name or None).event())
            case "updated":
                self.post(TimerUpdated(timer.id, timer.runs, timer.left_s).event())
            case "cancelled":
                self.post(TimerCancelled(timer.id).event())
            case "finished":
                self.post(TimerFinished(timer.id).event())


def _refuse(outgoing: asyncio.Queue[_Outgoing]) -> None:
    """Tell whoever waits for the rest to be sent that it never will be."""
    while not outgoing.empty():
        _, sent = outgoing.get_nowait()
        if sent is not None and not sent.done():
            sent.set_exception(ConnectionError("the connection is over"))


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the system notice an unplugged satellite within half a minute, and send small frames at once."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):  # not on every system
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


async def _goodbye(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        async with asyncio.timeout(1.0):
            await write_frame(PauseSatellite().event(), writer)
    writer.close()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
