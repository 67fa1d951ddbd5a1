"""A small real Wyoming satellite and client for tests, on the library's own reading and writing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from wyoming.audio import AudioChunk
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Attribution, Info, Satellite
from wyoming.pipeline import PipelineStage, RunPipeline

from speech.audio import RATE_HZ, Samples
from speech.satellites.address import Address

PATIENT_S = 30.0


async def until(ready: Callable[[], Any]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENT_S):
        while not ready():
            await asyncio.sleep(0.01)


class TestSatellite:
    """Keeps what it is sent, and sends what it is told. One caller at a time, as the real one."""

    __test__ = False

    def __init__(self, name: str = "test", area: str | None = None) -> None:
        self.name = name
        self.area = area
        self.info = Info(
            satellite=Satellite(
                name=name,
                area=area,
                description=None,
                attribution=Attribution(name="", url=""),
                installed=True,
                version=None,
            )
        )
        self.port = 0
        self.events: list[Event] = []
        self.callers = 0
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.port)

    @property
    def is_called(self) -> bool:
        return self._writer is not None

    def types(self) -> list[str]:
        """What it was sent, but for sound and pings."""
        return [each.type for each in self.events if each.type not in ("audio-chunk", "ping")]

    def spoken(self) -> Samples:
        """All sound that it was sent."""
        sound = [each.payload or b"" for each in self.events if each.type == "audio-chunk"]
        return np.frombuffer(b"".join(sound), "<i2").astype(np.int16)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Vanish."""
        assert self._server is not None
        self._server.close()
        if self._writer is not None:
            self._writer.transport.abort()

    async def send(self, event: Event) -> None:
        assert self._writer is not None
        await async_write_event(event, self._writer)

    async def send_raw(self, raw: bytes) -> None:
        assert self._writer is not None
        self._writer.write(raw)
        await self._writer.drain()

    async def wake(self, word: str = "okay_nabu") -> None:
        """Tell that it has heard its wake word by itself."""
        await self.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS, wake_word_name=word).event())

    async def speak(
        self, samples: Samples, *, piece: int = 1024, realtime: bool = True, pace: float = 4.0
    ) -> None:
        """Send sound as a microphone hears it, `pace` times as fast, or all at once."""
        began_s = asyncio.get_running_loop().time()
        for start in range(0, len(samples), piece):
            cut = samples[start : start + piece].astype("<i2")
            await self.send(AudioChunk(RATE_HZ, 2, 1, cut.tobytes()).event())
            due_s = began_s + (start + len(cut)) / RATE_HZ / pace
            if realtime:
                await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (event := await async_read_event(reader)) is not None:
                if event.type == "describe":
                    await async_write_event(self.info.event(), writer)
                    continue
                if self._writer is None:
                    self.callers += 1
                    self._writer = writer
                if self._writer is not writer:
                    return
                self.events.append(event)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            if self._writer is writer:
                self._writer = None
            writer.close()


@asynccontextmanager
async def satellite(name: str = "test", area: str | None = None) -> AsyncIterator[TestSatellite]:
    """A satellite that runs."""
    one = TestSatellite(name, area)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()
