"""One client's connection: what it asks for, in the order in which it does."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from wyoming.asr import Transcript as TranscriptEvent
from wyoming.asr import TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.ping import Pong
from wyoming.tts import SynthesizeStopped
from wyoming.wake import Detection, NotDetected

from assistant.failures import Failure
from assistant.serve.wyoming_services.info import info_of, wake_words_of
from assistant.serve.wyoming_services.recognition import Recognition
from assistant.understanding.normalise import language_of
from devices.policy import Authority
from speech.audio import RATE_HZ, Samples, SpeechChunk
from speech.end_of_turn import EndOfTurnSettings
from speech.recognition.engine import RecognitionError
from speech.satellites.frames import audio_of, read_frame, text_of, write_frame
from speech.sound.formats import RateConverter
from speech.synthesis.clauses import clauses

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.turn import Conversation
    from speech.detection.engine import WakeWordDetector

SATELLITE = "wyoming"
"""What rules call an order that came as text by this way."""
IDLE_S = 600.0
LONGEST_TEXT = 4_000
_SYNTHESIS_WAITING = 64
_NOT_OURS = frozenset({Failure.NOT_UNDERSTOOD, Failure.NO_LANGUAGE_MODEL, Failure.NOTHING_HEARD})

_log = logging.getLogger(__name__)


class Session:
    """Serves one connection. `services` are those that are offered."""

    def __init__(
        self,
        assistant: "Assistant",
        conversation: "Conversation",
        services: frozenset[str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._assistant = assistant
        self._conversation = conversation
        self._services = services
        self._reader = reader
        self._writer = writer
        self._within = b""  # the beginning of a sample
        self._converter = RateConverter(RATE_HZ)
        self._language: str | None = None
        self._recognition: Recognition | None = None
        self._streams_text = False
        self._wanted_words: tuple[str, ...] | None = None
        self._wake_words: WakeWordDetector | None = None
        self._listens_for_words = False
        self._detected = False
        self._heard = 0  # samples of the stream
        self._text: asyncio.Queue[str | None] | None = None  # of a streamed synthesis
        self._speaking: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Answer until the client leaves. Raises `FrameError`, `OSError`."""
        try:
            while True:
                async with asyncio.timeout(IDLE_S):
                    event = await read_frame(self._reader)
                if event is None:
                    return
                try:
                    await self._take(event)
                except RecognitionError as error:
                    await self._send(Error(str(error), "recognition").event())
        finally:
            if self._recognition is not None:
                self._recognition.drop()
            if self._speaking is not None:
                self._speaking.cancel()
                await asyncio.wait([self._speaking])

    async def _send(self, event: Event) -> None:
        await write_frame(event, self._writer)

    async def _take(self, event: Event) -> None:
        offered = self._services
        match event.type:
            case "describe":
                await self._send(info_of(self._assistant, sorted(offered)).event())
            case "ping":
                await self._send(Pong(text_of(event, "text") or None).event())
            case "transcribe":
                self._language = text_of(event, "language", 20).partition("-")[0].partition("_")[0] or None
                self._listens_for_words = False
            case "detect":
                self._listens_for_words = "wake" in offered
                self._wanted_words = self._known_words(event)
            case "audio-start" | "audio-chunk" | "audio-stop":
                await self._take_audio(event)
            case "transcript" | "recognize" if "handle" in offered:
                await self._handle(event)
            case "synthesize" | "synthesize-start" | "synthesize-chunk" | "synthesize-stop" if (
                "tts" in offered
            ):
                await self._take_text(event)

    # -- sound -----------------------------------------------------------------------------------------------

    def _whole(self, event: Event) -> Event:
        """The sound in whole samples; the rest is kept: Home Assistant passes on what HTTP has cut."""
        width, channels = event.data.get("width"), event.data.get("channels")
        if not isinstance(width, int) or not isinstance(channels, int) or not 0 < width * channels <= 32:
            return event
        payload = self._within + (event.payload or b"")
        end = len(payload) // (width * channels) * width * channels
        self._within = payload[end:]
        return Event(event.type, event.data, payload[:end])

    async def _take_audio(self, event: Event) -> None:
        if event.type == "audio-start":
            self._within = b""
        if event.type == "audio-chunk":
            samples = self._converter.convert(*audio_of(self._whole(event)))
            if self._recognition is None and self._wake_words is None:
                self._begin_stream()
            await self._hear(samples)
        elif event.type == "audio-start":
            self._begin_stream()
        else:
            await self._hear(self._converter.flush())
            await self._end_stream()

    def _begin_stream(self) -> None:
        if self._recognition is not None:
            self._recognition.drop()
        self._recognition = self._wake_words = None
        self._heard = 0
        self._detected = False
        if self._listens_for_words:
            self._wake_words = self._assistant.wake_words(self._wanted_words)
        elif "asr" in self._services:
            self._streams_text = False
            ear = self._assistant.ear(addressed=True, end_of_turn=EndOfTurnSettings())
            parts = self._assistant.parts
            self._recognition = Recognition(parts, ear, self._known_language(), self._tell_text)

    async def _hear(self, samples: Samples) -> None:
        self._heard += len(samples)
        if self._recognition is not None:
            await self._recognition.hear(samples)
        elif self._wake_words is not None and (word := self._wake_words.detect(samples)) is not None:
            self._detected = True
            name = word.lower().replace(" ", "_")
            await self._send(Detection(name, self._heard * 1000 // RATE_HZ).event())

    async def _end_stream(self) -> None:
        recognition, self._recognition = self._recognition, None
        wake_words, self._wake_words = self._wake_words, None
        if recognition is not None:
            transcript = await recognition.end()
            await self._send(TranscriptEvent(transcript.text, language=transcript.language).event())
            if self._streams_text:
                await self._send(TranscriptStop().event())
        elif wake_words is not None and not self._detected:
            await self._send(NotDetected().event())

    def _known_words(self, event: Event) -> tuple[str, ...] | None:
        """The wake words that are asked for, of those that we offer; a name is never a path."""
        names = event.data.get("names")
        if not isinstance(names, list) or not names:
            return None
        known = wake_words_of(self._assistant)
        return tuple(dict.fromkeys(each for each in names if each in known)) or None

    def _known_language(self) -> str | None:
        """The language that was named, if our recogniser knows it."""
        recogniser = self._assistant.parts.recogniser
        known = recogniser.abilities.languages if recogniser is not None else frozenset()
        return self._language if self._language in known else None

    async def _tell_text(self, text: str) -> None:
        if not self._streams_text:
            self._streams_text = True
            await self._send(TranscriptStart().event())
            await self._send(TranscriptChunk(text).event())
        else:
            await self._send(TranscriptChunk(f" {text}").event())

    # -- words -----------------------------------------------------------------------------------------------

    async def _handle(self, event: Event) -> None:
        """Take an order as if it had been said, in no room, and answer with the reply."""
        text = text_of(event, "text", LONGEST_TEXT)
        language = text_of(event, "language", 20).partition("-")[0].partition("_")[0]
        by = Authority(satellite=SATELLITE)
        report = await self._assistant.take_text(
            self._conversation, text, language if language in ("en", "zh") else None, by=by
        )
        answer = NotHandled if report.failure in _NOT_OURS else Handled
        await self._send(answer(text=report.reply).event())

    async def _take_text(self, event: Event) -> None:
        match event.type:
            case "synthesize" if self._text is None:  # else it repeats what is being streamed
                text = text_of(event, "text", LONGEST_TEXT)
                await self._speak(_one(text), _voice_language(event) or language_of(text))
            case "synthesize-start":
                await self._stop_speaking()
                self._text = asyncio.Queue(_SYNTHESIS_WAITING)
                self._speaking = asyncio.create_task(self._speak_stream(self._text, _voice_language(event)))
            case "synthesize-chunk" if self._text is not None:
                await self._put(text_of(event, "text", LONGEST_TEXT))
            case "synthesize-stop" if self._text is not None and self._speaking is not None:
                await self._put(None)
                self._text = None
                await self._speaking
                self._speaking = None
                await self._send(SynthesizeStopped().event())

    async def _put(self, text: str | None) -> None:
        """Hand a piece to whoever speaks; when that has ended, to nobody."""
        assert self._text is not None
        assert self._speaking is not None
        putting = asyncio.ensure_future(self._text.put(text))
        await asyncio.wait([putting, self._speaking], return_when=asyncio.FIRST_COMPLETED)
        putting.cancel()

    async def _stop_speaking(self) -> None:
        speaking, self._speaking = self._speaking, None
        if speaking is not None:
            speaking.cancel()
            await asyncio.wait([speaking])

    async def _speak_stream(self, pieces: "asyncio.Queue[str | None]", language: str | None) -> None:
        first = await pieces.get()

        async def texts() -> AsyncIterator[str]:
            piece = first
            while piece is not None:
                yield piece
                piece = await pieces.get()

        await self._speak(texts(), language or language_of(first or ""))

    async def _speak(self, texts: AsyncIterator[str], language: str) -> None:
        speaker = _ToClient(self._writer)
        mouth = self._assistant.mouth(speaker)
        await mouth.say(uuid.uuid4().hex[:12], clauses(texts), language, lambda: None)
        if not speaker.spoke:
            await self._send(Error(f"nothing could be said in {language!r}", "synthesis").event())


class _ToClient:
    """A loudspeaker that is a connection: all of one reply at the rate of its first piece."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.spoke = False
        self._writer = writer
        self._rate_hz = 0
        self._converter: RateConverter | None = None

    async def play(self, chunk: SpeechChunk) -> None:
        """Send a piece. Raises `OSError` when the client is gone."""
        if self._converter is None:
            self._rate_hz = chunk.rate_hz
            self._converter = RateConverter(chunk.rate_hz)
            self.spoke = True
            await write_frame(AudioStart(chunk.rate_hz, 2, 1).event(), self._writer)
        await self._sound(self._converter.convert(chunk.samples, chunk.rate_hz))

    async def _sound(self, sound: Samples) -> None:
        for start in range(0, len(sound), self._rate_hz // 4):
            piece = sound[start : start + self._rate_hz // 4].astype("<i2")
            await write_frame(AudioChunk(self._rate_hz, 2, 1, piece.tobytes()).event(), self._writer)

    async def drain(self) -> None:
        """Tell that it was all."""
        if self._converter is not None:
            await self._sound(self._converter.flush())
            await write_frame(AudioStop().event(), self._writer)

    async def stop(self) -> None:
        """Whoever wants silence hangs up."""

    async def close(self) -> None:
        """The connection is the session's."""


def _voice_language(event: Event) -> str | None:
    """Return the language of the voice that is asked for, if it is named by that."""
    voice = event.data.get("voice")
    if not isinstance(voice, dict):
        return None
    language = voice.get("language")
    return language.partition("-")[0].partition("_")[0] if isinstance(language, str) and language else None


async def _one(text: str) -> AsyncIterator[str]:
    yield text
