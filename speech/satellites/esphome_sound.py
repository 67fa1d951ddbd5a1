"""How an ESPHome voice device is spoken through: by an address that it fetches, or by its API connection."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from speech.clock import Clock
from speech.satellites.speaker import AHEAD_S, SatelliteSpeaker
from speech.sound.ports import SoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioesphomeapi.client import APIClient
    from aioesphomeapi.model import VoiceAssistantAnnounceFinished

    from speech.satellites.media import Media, Stream

_log = logging.getLogger(__name__)

MEDIA_AHEAD_S = 3.0
"""A media player wants some sound before it begins; what is too much is dropped by its own stop."""
MEDIA_PLAYED_S = 10.0
"""It begins late (it connects, fills its buffer, plays a chime before an announcement) and ends late."""
FETCH_S = 5.0
ANNOUNCE_S = 300.0
API_RATE_HZ = 16_000
API_PIECE = 2_048
"""Bytes: 64 ms, an eighth of the device's buffer."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is being said, as far as it was begun, and whether an answer to it is wanted."""

    text: str = ""
    asks: bool = False


class Device(Protocol):
    """What the speaker needs of the satellite."""

    name: str
    clock: Clock
    in_run: bool
    spoken: "Callable[[], Spoken]"

    def answer_begins(self, url: str) -> None:
        """What is said from now on is the answer of the run."""
        ...

    def show_done(self) -> None:
        """All of it was sent."""
        ...


class EspHomeSpeaker(SatelliteSpeaker):
    """The loudspeaker of a device; how it is reached is known once it is connected."""

    def __init__(self, device: Device) -> None:
        super().__init__(_Away(device.name), device.clock)
        self._device = device
        self._media: _MediaWire | None = None

    def by_api(self, client: "APIClient") -> None:
        """It has a loudspeaker, and takes sound over its connection."""
        self._wire, self._media = _ApiWire(self._device, client), None
        self._tells_played = False

    def by_media(
        self, client: "APIClient", media: "Media", player: int | None, *, can_announce: bool
    ) -> None:
        """It has a media player, and takes addresses."""
        self._media = _MediaWire(self._device, client, media, player, can_announce=can_announce)
        self._wire = self._media
        self._tells_played = True

    async def finished(self, _message: "VoiceAssistantAnnounceFinished") -> None:
        """It tells that it has played everything."""
        if self._media is None or self._media.was_fetched:  # some tell so before they have begun
            self.played()

    async def give_way(self) -> None:
        """Somebody calls: whatever it still plays has ended there."""
        if self._media is not None:
            self._media.cut()
        self.lose()

    def lose(self) -> None:
        """Forget what was being said: the device is gone, or is to be silent."""
        if self._media is not None:
            self._media.cut()
        super().lose()


class _Away:
    """Before it was ever connected."""

    rate_hz: int | None = None
    ahead_s = AHEAD_S
    played_s = 0.0

    def __init__(self, name: str) -> None:
        self._name = name

    async def begin(self, rate_hz: int) -> None:
        del rate_hz
        raise SoundError(f"the satellite {self._name} is not connected")

    async def sound(self, pcm: bytes) -> None:
        """Nobody is there."""

    async def end(self, *, cut: bool) -> None:
        """Nobody is there."""


class _ApiWire:
    """Sound over the API connection, at the device's one rate; it has a buffer of half a second."""

    rate_hz: int | None = API_RATE_HZ
    ahead_s = AHEAD_S
    played_s = 0.5

    def __init__(self, device: Device, client: "APIClient") -> None:
        self._device = device
        self._client = client

    async def begin(self, rate_hz: int) -> None:
        del rate_hz
        if not self._device.in_run:
            raise SoundError(f"{self._device.name} speaks only when it was spoken to: it has no media player")
        self._device.answer_begins("about:blank")  # without an address it would not go on
        self._tell("START")

    async def sound(self, pcm: bytes) -> None:
        from aioesphomeapi.core import APIConnectionError

        try:
            for start in range(0, len(pcm), API_PIECE):
                self._client.send_voice_assistant_audio(pcm[start : start + API_PIECE])
        except APIConnectionError as error:
            raise SoundError(f"{self._device.name} takes nothing more: is it switched off?") from error

    async def end(self, *, cut: bool) -> None:
        del cut
        self._tell("END")
        self._device.show_done()

    def _tell(self, what: str) -> None:
        from aioesphomeapi.core import APIConnectionError
        from aioesphomeapi.model import VoiceAssistantEventType

        kind = VoiceAssistantEventType[f"VOICE_ASSISTANT_TTS_STREAM_{what}"]
        try:
            self._client.send_voice_assistant_event(kind, {})
        except APIConnectionError as error:
            raise SoundError(f"{self._device.name} is gone") from error


class _MediaWire:
    """Sound at an address: of the run's answer, or of an announcement where no run is under way."""

    rate_hz: int | None = None
    ahead_s = MEDIA_AHEAD_S
    played_s = MEDIA_PLAYED_S

    def __init__(
        self, device: Device, client: "APIClient", media: "Media", player: int | None, *, can_announce: bool
    ) -> None:
        self._device = device
        self._client = client
        self._media = media
        self._player = player
        self._can_announce = can_announce
        self._stream: Stream | None = None
        self._announcing: asyncio.Task[None] | None = None

    @property
    def was_fetched(self) -> bool:
        """Whether all that was said was fetched."""
        return self._stream is None or self._stream.is_gone

    async def begin(self, rate_hz: int) -> None:
        stream = self._stream = self._media.open(rate_hz)
        url = self._media.url(stream)
        if self._device.in_run:
            self._device.answer_begins(url)
        elif self._can_announce:
            self._announcing = asyncio.create_task(
                self._announce(url), name=f"announcing at {self._device.name}"
            )
        else:
            raise SoundError(
                f"{self._device.name} speaks only when it was spoken to: its firmware is too old"
            )
        asyncio.get_running_loop().call_later(FETCH_S, self._warn, stream)

    async def sound(self, pcm: bytes) -> None:
        if self._stream is not None:
            self._stream.put(pcm)

    async def end(self, *, cut: bool) -> None:
        if self._stream is not None:
            self._stream.end(cut=cut)
        self._device.show_done()
        if cut:
            self._silence()

    def cut(self) -> None:
        """It plays no more of it."""
        if self._stream is not None:
            self._stream.end(cut=True)
            self._stream = None

    def _silence(self) -> None:
        from aioesphomeapi.core import APIConnectionError
        from aioesphomeapi.model import MediaPlayerCommand

        if self._player is not None:
            with contextlib.suppress(APIConnectionError):
                self._client.media_player_command(
                    self._player, command=MediaPlayerCommand.STOP, announcement=True
                )

    async def _announce(self, url: str) -> None:
        from aioesphomeapi.core import APIConnectionError

        spoken = self._device.spoken()
        with contextlib.suppress(APIConnectionError, TimeoutError):
            await self._client.send_voice_assistant_announcement_await_response(
                url, ANNOUNCE_S, spoken.text, start_conversation=spoken.asks
            )

    def _warn(self, stream: "Stream") -> None:
        if stream is self._stream and not stream.is_fetched:
            _log.warning(
                "%s does not fetch what is said to it: may it reach this machine's %s?",
                self._device.name,
                self._media.url(stream).rpartition("/")[0],
            )
