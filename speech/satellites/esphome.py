"""An ESPHome voice device (Voice PE and its kin) by its native API: we call it, as Home Assistant does.

    it   VoiceAssistantRequest start ... VoiceAssistantAudio ...            VoiceAssistantAnnounceFinished
    we   RUN_START, STT_START | STT_VAD_START, STT_VAD_END, STT_END | INTENT_*, TTS_START, TTS_END | RUN_END

One run is one turn: it begins with the device's wake word (or its button), or with `wake = "here"` with ours.
An answer is fetched by the device from an address that is named in TTS_END (`media.py`), or, where it has a
loudspeaker but no media player, sent to it. What was said when no run is under way is an announcement.
It knows no rooms: who it is for is somebody else's matter.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np

from speech.audio import AudioChunk
from speech.clock import Clock
from speech.satellites.address import Address
from speech.satellites.esphome_sound import EspHomeSpeaker, Spoken
from speech.satellites.incoming import Incoming
from speech.satellites.media import open_media
from speech.satellites.satellite import TimerNews, TimerSeen
from speech.sound.ports import SoundError

if TYPE_CHECKING:
    from aioesphomeapi.client import APIClient
    from aioesphomeapi.model import DeviceInfo, VoiceAssistantAudioSettings

CONNECT_S = 20.0
_log = logging.getLogger(__name__)

_NOTHING = {"code": "stt-no-text-recognized", "message": "nothing was said"}
_NO_WAKE_WORDS = {"code": "wake-provider-missing", "message": 'set wake = "here" for it'}


class EspHomeSatellite:
    """A source of sound and, in `speaker`, a loudspeaker, over any number of connections: a `Satellite`.

    `key` is the device's `api.encryption.key`, None where it has none. `wakes_here`: the words of ours count.
    """

    def __init__(
        self,
        name: str,
        address: Address,
        *,
        key: str | None = None,
        wakes_here: bool = False,
        media_port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.address = address
        self.stream_id = f"satellite {name}"
        self.clock = clock or Clock()
        self.on_woken: Callable[[str], None] = lambda _word: None
        self.on_connected: Callable[[], None] = lambda: None
        self.on_stop: Callable[[], None] = lambda: None
        self.spoken: Callable[[], Spoken] = Spoken
        """What is being said now, for the device's display, and whether an answer to it is wanted."""
        self.speaker = EspHomeSpeaker(self)
        self.area: str | None = None
        """The room that it names itself, once it was connected."""
        self.client: APIClient | None = None
        self.in_run = False
        """Whether it waits for what comes of what it hears."""
        self._run = self._heard_run = 0  # the latest one, and the one of the words that were understood last
        self._key = key
        self._wakes_here = wakes_here
        self._media_port = media_port
        self._has_timers = False
        self._incoming = Incoming(self.stream_id, name, self.clock)

    @property
    def is_connected(self) -> bool:
        """Whether it hears and can be heard now."""
        return self.client is not None

    # -- the connection --------------------------------------------------------------------------------------

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connect and take its voice. Raises `SoundError` where it is not there, or is no voice device."""
        from aioesphomeapi.model import VoiceAssistantFeature

        self._incoming.begin()
        self.in_run = False
        async with AsyncExitStack() as stack:
            client, info, features = await self._call(stack)
            self.area = info.area.name or info.suggested_area or None
            self._has_timers = bool(features & VoiceAssistantFeature.TIMERS)
            sends = bool(features & VoiceAssistantFeature.SPEAKER) and not (
                features & VoiceAssistantFeature.ANNOUNCE
            )
            if sends:
                self.speaker.by_api(client)
            else:
                device = client.connected_address or self.address.host
                try:
                    media = await stack.enter_async_context(open_media(device, self._media_port))
                except OSError as error:
                    raise SoundError(
                        f"{self.name} cannot be given speech at port {self._media_port} ({error.strerror}): "
                        "set media_port to one that is free"
                    ) from error
                can_announce = bool(features & VoiceAssistantFeature.ANNOUNCE)
                self.speaker.by_media(client, media, await _player_of(client), can_announce=can_announce)
            unsubscribe = client.subscribe_voice_assistant(
                handle_start=self._started,
                handle_stop=self._stopped,
                handle_audio=self._heard,
                handle_announcement_finished=self.speaker.finished,
            )
            stack.callback(_quietly, unsubscribe)
            self.client = client
            try:
                self.on_connected()
                yield
            finally:
                self.client = None
                self.in_run = False
                self.speaker.lose()

    async def _call(self, stack: AsyncExitStack) -> "tuple[APIClient, DeviceInfo, int]":
        try:
            from aioesphomeapi.client import APIClient
            from aioesphomeapi.core import APIConnectionError
            from aioesphomeapi.model import VoiceAssistantFeature
        except ImportError as error:
            raise SoundError(
                "ESPHome devices need aioesphomeapi: pip install 'sotto-voce[esphome]'"
            ) from error

        async def ended(expected: bool) -> None:
            self._incoming.gone("it hung up" if expected else "it answers no more")

        client = APIClient(
            self.address.host, self.address.port, None, client_info="sotto-voce", noise_psk=self._key
        )
        try:
            async with asyncio.timeout(CONNECT_S):
                await client.connect(on_stop=ended, login=True, log_errors=False)
                stack.push_async_callback(_hang_up, client)
                info = await client.device_info()
        except (APIConnectionError, OSError, ValueError) as error:
            await _hang_up(client)
            raise SoundError(_why(self.name, self.address, error)) from error
        version = client.api_version
        features = info.voice_assistant_feature_flags_compat(version) if version is not None else 0
        if not features & VoiceAssistantFeature.VOICE_ASSISTANT:
            raise SoundError(f"{self.name} at {self.address} is an ESPHome device without a voice assistant")
        if not features & VoiceAssistantFeature.API_AUDIO:
            raise SoundError(
                f"{self.name} at {self.address} sends its sound by UDP: give it ESPHome 2024.7 or newer"
            )
        _keep_awake(self.name, info.has_deep_sleep)
        return client, info, features

    # -- what it tells ---------------------------------------------------------------------------------------

    async def _started(
        self, _conversation: str, flags: int, _settings: "VoiceAssistantAudioSettings", word: str | None
    ) -> int | None:
        """A run begins; 0 says that its sound is to come over this connection."""
        from aioesphomeapi.model import VoiceAssistantCommandFlag

        await self.speaker.give_way()
        waits_for_word = bool(flags & VoiceAssistantCommandFlag.USE_WAKE_WORD)
        if waits_for_word and not self._wakes_here:
            _log.warning('%s leaves the wake word to us: set wake = "here" for it', self.name)
            self._tell("ERROR", _NO_WAKE_WORDS)
            self._tell("RUN_END")
            return None
        self.in_run = True
        self._run += 1
        self._tell("RUN_START")
        if waits_for_word:
            self._tell("WAKE_WORD_START")
        else:
            self._tell("STT_START")
            self._incoming.woken(word or "")
        return 0

    async def _stopped(self, abort: bool) -> None:
        """Its sound has ended; with `abort` nothing is to come of it."""
        self._incoming.stopped()
        if abort and self.in_run:
            self.in_run = False
            self.on_stop()
            self._tell("RUN_END")

    async def _heard(self, pcm: bytes, _second: bytes | None = None) -> None:
        if self.in_run and len(pcm) % 2 == 0:
            self._incoming.sound(np.frombuffer(pcm, "<i2").astype(np.int16))

    # -- as a satellite --------------------------------------------------------------------------------------

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield what it hears, until the connection is over. Raises `SoundError`."""
        return self._incoming.chunks(lambda word: self.on_woken(word))

    def show_woken(self, word: str) -> None:
        """We have heard the wake word."""
        self._tell_in_run("WAKE_WORD_END", {"wake_word_phrase": word})
        self._tell_in_run("STT_START")

    def show_speech(self) -> None:
        """Somebody speaks."""
        self._tell_in_run("STT_VAD_START")

    def show_pause(self) -> None:
        """Whoever spoke has ended: it sends no more sound."""
        self._tell_in_run("STT_VAD_END")

    def show_heard(self, text: str) -> None:
        """This was understood; empty: nothing was, and it goes back to its wake word."""
        self._heard_run = self._run
        if text.strip():
            self._tell_in_run("STT_END", {"text": text})
            self._tell_in_run("INTENT_START")
        elif self.in_run:
            self.in_run = False
            self._tell("ERROR", _NOTHING)
            self._tell("RUN_END")

    def show_done(self) -> None:
        """The turn is over, or all of its answer was sent. It may be in the next run already."""
        if self.in_run and self._heard_run == self._run:
            self.in_run = False
            self._tell("RUN_END")

    def show_timer(self, news: TimerNews, timer: TimerSeen) -> None:
        """A timer of its room has changed. It rings by our voice: one that is due is taken from its list."""
        from aioesphomeapi.core import APIConnectionError
        from aioesphomeapi.model import VoiceAssistantTimerEventType

        if self.client is None or not self._has_timers:
            return
        told = "CANCELLED" if news == "finished" else news.upper()
        kind = VoiceAssistantTimerEventType[f"VOICE_ASSISTANT_TIMER_{told}"]
        with contextlib.suppress(APIConnectionError):
            self.client.send_voice_assistant_timer_event(
                kind, timer.id, timer.name, timer.total_s, timer.left_s, timer.runs
            )

    def answer_begins(self, url: str) -> None:
        """What is said from now on is the answer of the run; it is at this address."""
        spoken = self.spoken()
        self._heard_run = self._run
        self._tell_in_run("INTENT_END", {"continue_conversation": str(int(spoken.asks))})
        self._tell_in_run("TTS_START", {"text": spoken.text or "…"})
        self._tell_in_run("TTS_END", {"url": url})

    def _tell_in_run(self, event: str, data: dict[str, str] | None = None) -> None:
        if self.in_run:
            self._tell(event, data)

    def _tell(self, event: str, data: dict[str, str] | None = None) -> None:
        from aioesphomeapi.core import APIConnectionError
        from aioesphomeapi.model import VoiceAssistantEventType

        if self.client is not None:
            kind = VoiceAssistantEventType[f"VOICE_ASSISTANT_{event}"]
            with contextlib.suppress(APIConnectionError):
                self.client.send_voice_assistant_event(kind, data)


async def _player_of(client: "APIClient") -> int | None:
    """The key of its media player, by which it can be silenced."""
    from aioesphomeapi.core import APIConnectionError
    from aioesphomeapi.model import MediaPlayerInfo

    try:
        entities, _ = await client.list_entities_services()
    except APIConnectionError as error:
        raise SoundError(f"it hung up: {error}") from error
    return next((each.key for each in entities if isinstance(each, MediaPlayerInfo)), None)


def _why(name: str, address: Address, error: Exception) -> str:
    from aioesphomeapi.core import (
        EncryptionPlaintextAPIError,
        InvalidEncryptionKeyAPIError,
        RequiresEncryptionAPIError,
    )

    if isinstance(error, RequiresEncryptionAPIError):
        return f"{name} at {address} wants its key: name a key_file with its api.encryption.key"
    if isinstance(error, EncryptionPlaintextAPIError):
        return f"{name} at {address} takes no encryption: leave key_file out, or give the device a key"
    if isinstance(error, InvalidEncryptionKeyAPIError | ValueError):
        return f"the key of {name} at {address} is not the device's: look at its api.encryption.key"
    return f"the satellite {name} at {address} cannot be reached ({error}): is it switched on?"


def _keep_awake(name: str, sleeps: bool) -> None:
    if sleeps:
        _log.warning("%s may go to deep sleep, and hears nothing then", name)


def _quietly(unsubscribe: Callable[[], None]) -> None:
    from aioesphomeapi.core import APIConnectionError

    with contextlib.suppress(APIConnectionError):
        unsubscribe()


async def _hang_up(client: "APIClient") -> None:
    from aioesphomeapi.core import APIConnectionError

    with contextlib.suppress(APIConnectionError, TimeoutError, socket.error):
        async with asyncio.timeout(2.0):
            await client.disconnect()
