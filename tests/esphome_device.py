"""An ESPHome voice device for tests, made of aioesphomeapi's own messages and framing, on a real socket.

It does what the firmware's `voice_assistant` does: it streams between the answer to its request and the end
of speech, plays what it is given an address of, and tells when it has played. For the contract only.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import numpy as np
from aioesphomeapi import api_pb2 as pb
from aioesphomeapi._frame_helper.packets import make_plain_text_packets
from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO
from aioesphomeapi.model import VoiceAssistantEventType, VoiceAssistantFeature
from google.protobuf.message import Message
from noise.connection import NoiseConnection  # type: ignore[import-untyped]

from speech.audio import RATE_HZ, Samples
from speech.satellites.address import Address
from tests.satellites import PATIENT_S

_NUMBERS = {kind: number for number, kind in MESSAGE_TYPE_TO_PROTO.items()}
_QUIET = {"STT_VAD_END", "STT_END", "RUN_END", "ERROR"}

VOICE_PE = (
    VoiceAssistantFeature.VOICE_ASSISTANT
    | VoiceAssistantFeature.API_AUDIO
    | VoiceAssistantFeature.TIMERS
    | VoiceAssistantFeature.ANNOUNCE
    | VoiceAssistantFeature.START_CONVERSATION
)
WITH_A_SPEAKER = (
    VoiceAssistantFeature.VOICE_ASSISTANT | VoiceAssistantFeature.API_AUDIO | VoiceAssistantFeature.SPEAKER
)
KEY = base64.b64encode(bytes(range(32))).decode()
PLAYER = 7


class TestDevice:
    """Keeps what it is told, and does what it should."""

    __test__ = False

    def __init__(
        self, name: str = "test", area: str = "", features: int = VOICE_PE, key: str | None = None
    ) -> None:
        self.name = name
        self.area = area
        self.features = features
        self.key = key
        self.port = 0
        self.events: list[tuple[str, dict[str, str]]] = []
        self.messages: list[Message] = []
        self.plays: list[bytes] = []
        self.spoken_by_api = b""
        self.streams = self.refuses_to_fetch = False
        self._server: asyncio.Server | None = None
        self._line: _Plain | None = None
        self._playing: set[asyncio.Task[None]] = set()
        self._continues = False

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.port, "esphome")

    @property
    def is_called(self) -> bool:
        """Whether somebody has taken its voice."""
        return self._line is not None and any(
            isinstance(each, pb.SubscribeVoiceAssistantRequest) for each in self.messages
        )

    def types(self) -> list[str]:
        """The events of runs, without what they carry."""
        return [kind for kind, _ in self.events]

    def played(self) -> Samples:
        """All that it has fetched and played, without the headers."""
        return np.frombuffer(b"".join(wav[44:] for wav in self.plays), "<i2").astype(np.int16)

    def of(self, kind: type[Message]) -> list[Message]:
        """What it was sent of a kind."""
        return [each for each in self.messages if isinstance(each, kind)]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Vanish."""
        assert self._server is not None
        self._server.close()
        for task in self._playing:
            task.cancel()
        if self._line is not None:
            self._line.writer.transport.abort()

    def send(self, message: Message) -> None:
        assert self._line is not None
        self._line.send(message)

    async def wake(self, word: str = "okay nabu", flags: int = 0) -> None:
        """It has heard its wake word, or its button was pushed; returns when it may stream."""
        self.send(pb.VoiceAssistantRequest(start=True, wake_word_phrase=word, flags=flags))
        async with asyncio.timeout(PATIENT_S):
            while not self.streams:
                await asyncio.sleep(0.01)

    async def speak(self, samples: Samples, *, pace: float = 4.0) -> None:
        """Stream what a microphone hears, `pace` times as fast, until it is told that speech has ended."""
        began_s = asyncio.get_running_loop().time()
        for start in range(0, len(samples), 512):
            if not self.streams:
                return
            cut = samples[start : start + 512]
            self.send(pb.VoiceAssistantAudio(data=cut.astype("<i2").tobytes()))
            due_s = began_s + (start + len(cut)) / RATE_HZ / pace
            await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))

    # -- what it is told -------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Plain(reader, writer) if self.key is None else _Noise(reader, writer, self.key, self.name)
        self._line = line
        try:
            await line.greet()
            while True:
                self._take(await line.next())
        except (OSError, EOFError, ValueError, asyncio.CancelledError):
            pass
        finally:
            self.streams = False
            if self._line is line:
                self._line = None
                self.messages = []
            writer.close()

    def _take(self, message: Message) -> None:  # noqa: C901 - one line for each message
        self.messages.append(message)
        match message:
            case pb.HelloRequest():
                self.send(pb.HelloResponse(api_version_major=1, api_version_minor=10, name=self.name))
            case pb.AuthenticationRequest():
                self.send(pb.AuthenticationResponse())
            case pb.PingRequest():
                self.send(pb.PingResponse())
            case pb.DisconnectRequest():
                self.send(pb.DisconnectResponse())
            case pb.DeviceInfoRequest():
                self.send(
                    pb.DeviceInfoResponse(
                        name=self.name,
                        friendly_name=self.name.title(),
                        mac_address="02:00:00:00:00:01",
                        suggested_area=self.area,
                        voice_assistant_feature_flags=int(self.features),
                    )
                )
            case pb.ListEntitiesRequest():
                self.send(pb.ListEntitiesMediaPlayerResponse(key=PLAYER, name="player", object_id="player"))
                self.send(pb.ListEntitiesDoneResponse())
            case pb.VoiceAssistantResponse():
                self.streams = not message.error and message.port == 0
            case pb.VoiceAssistantEventResponse():
                self._event(message)
            case pb.VoiceAssistantAudio():
                self.spoken_by_api += message.data
            case pb.VoiceAssistantAnnounceRequest():
                self._continues = message.start_conversation
                self._play(message.media_id)

    def _event(self, message: pb.VoiceAssistantEventResponse) -> None:
        kind = VoiceAssistantEventType(message.event_type).name.removeprefix("VOICE_ASSISTANT_")
        data = {each.name: each.value for each in message.data}
        self.events.append((kind, data))
        if kind in _QUIET:
            self.streams = False
        if kind == "INTENT_END":
            self._continues = data.get("continue_conversation") == "1"
        if kind == "TTS_END" and not self.features & VoiceAssistantFeature.SPEAKER:
            self._play(data["url"])

    def _play(self, url: str) -> None:
        task = asyncio.create_task(self._fetch(url))
        self._playing.add(task)
        task.add_done_callback(self._playing.discard)

    async def _fetch(self, url: str) -> None:
        if self.refuses_to_fetch:
            return
        async with httpx.AsyncClient(timeout=PATIENT_S, trust_env=False) as client:
            self.plays.append((await client.get(url)).content)
        self.send(pb.VoiceAssistantAnnounceFinished(success=True))
        if self._continues:
            self.send(pb.VoiceAssistantRequest(start=True))


class _Plain:
    """The framing without a key."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def greet(self) -> None:
        """Nothing comes before the first message."""

    async def next(self) -> Message:
        if (await self.reader.readexactly(1)) != b"\0":
            self.writer.write(b"\0Bad indicator byte")
            await self.writer.drain()
            raise ValueError("this is not the framing without a key")
        length, number = await self._number(), await self._number()
        return MESSAGE_TYPE_TO_PROTO[number].FromString(await self.reader.readexactly(length))

    async def _number(self) -> int:
        number = shift = 0
        while True:
            (byte,) = await self.reader.readexactly(1)
            number |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return number

    def send(self, message: Message) -> None:
        packet = (_NUMBERS[type(message)], message.SerializeToString())
        self.writer.write(b"".join(make_plain_text_packets([packet])))


class _Noise(_Plain):
    """The framing with a key: Noise, as the firmware speaks it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str, name: str
    ) -> None:
        super().__init__(reader, writer)
        self._name = name
        self._noise = NoiseConnection.from_name(b"Noise_NNpsk0_25519_ChaChaPoly_SHA256")
        self._noise.set_as_responder()
        self._noise.set_psks(base64.b64decode(key))
        self._noise.set_prologue(b"NoiseAPIInit\x00\x00")
        self._noise.start_handshake()

    async def _frame(self) -> bytes:
        head = await self.reader.readexactly(3)
        if head[0] != 1:
            self._put(b"\x01plaintext refused")
            raise ValueError("this is not the framing with a key")
        return await self.reader.readexactly(int.from_bytes(head[1:], "big"))

    def _put(self, frame: bytes) -> None:
        self.writer.write(b"\x01" + len(frame).to_bytes(2, "big") + frame)

    async def greet(self) -> None:
        await self._frame()
        self._put(b"\x01" + self._name.encode() + b"\0" + b"020000000001\0")
        asked = await self._frame()
        try:
            self._noise.read_message(asked[1:])
        except Exception as error:  # whatever the noise library finds wrong with a key
            self._put(b"\x01Handshake MAC failure")
            raise ValueError("another key") from error
        self._put(b"\0" + self._noise.write_message())

    async def next(self) -> Message:
        plain = self._noise.decrypt(await self._frame())
        return MESSAGE_TYPE_TO_PROTO[int.from_bytes(plain[:2], "big")].FromString(plain[4:])

    def send(self, message: Message) -> None:
        data = message.SerializeToString()
        head = _NUMBERS[type(message)].to_bytes(2, "big") + len(data).to_bytes(2, "big")
        self._put(self._noise.encrypt(head + data))


@asynccontextmanager
async def device(
    name: str = "test", area: str = "", features: int = VOICE_PE, key: str | None = None
) -> AsyncIterator[TestDevice]:
    """A device that runs."""
    one = TestDevice(name, area, features, key)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()
