"""Speech that a device fetches by HTTP while it is still being spoken: for those that play only addresses.

One small server for one device, on the address by which this machine reaches it. An address of speech can be
guessed by nobody, is given to that device alone, and is forgotten when the next one is made.
"""

import asyncio
import contextlib
import secrets
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h11

HEADER_S = 10.0
"""Who connects and asks for nothing in so many seconds is hung up on."""
_READ = 4096


class Stream:
    """One stretch of speech: 16 bit mono. It may be fetched more than once, from its beginning."""

    def __init__(self, path: str, rate_hz: int) -> None:
        self.path = path
        self.is_fetched = False
        """Whether anybody has begun to fetch it."""
        self.is_gone = False
        """Whether all of it was sent."""
        self._pieces = [wave_header(rate_hz)]
        self._ended = self._cut = False
        self._more = asyncio.Event()

    def put(self, pcm: bytes) -> None:
        """More of it."""
        self._pieces.append(pcm)
        self._more.set()

    def end(self, *, cut: bool = False) -> None:
        """That was all; with `cut` not even that is sent."""
        self._ended, self._cut = True, self._cut or cut
        self._more.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield all of it, as it comes."""
        self.is_fetched = True
        at = 0
        while not self._cut:
            if at < len(self._pieces):
                at += 1
                yield self._pieces[at - 1]
            elif self._ended:
                self.is_gone = True
                return
            else:
                self._more.clear()
                await self._more.wait()


def wave_header(rate_hz: int) -> bytes:
    """Return the header of a WAV file whose length nobody knows yet: players read on to the end."""
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 0, b"WAVE") + chunk + struct.pack("<4sI", b"data", 0)


class Media:
    """Serves the latest stream to one device."""

    def __init__(self, host: str, port: int, device: str) -> None:
        """`device` is the one address that may fetch."""
        self._host = f"[{host}]" if ":" in host else host
        self._port = port
        self._device = device
        self._stream: Stream | None = None

    def open(self, rate_hz: int) -> Stream:
        """Make a stream; the one before is forgotten."""
        if self._stream is not None:
            self._stream.end(cut=True)
        self._stream = Stream(f"/{secrets.token_urlsafe(24)}.wav", rate_hz)
        return self._stream

    def url(self, stream: Stream) -> str:
        """Where it is."""
        return f"http://{self._host}:{self._port}{stream.path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and hang up."""
        with contextlib.suppress(OSError, TimeoutError, h11.ProtocolError):
            if writer.get_extra_info("peername")[0] == self._device:
                await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=8_192)
        async with asyncio.timeout(HEADER_S):
            while (event := http.next_event()) is h11.NEED_DATA:
                http.receive_data(await reader.read(_READ))
        if not isinstance(event, h11.Request):
            return
        stream = self._stream
        target = event.target.decode("ascii", "replace")
        if stream is None or not secrets.compare_digest(target, stream.path):
            writer.write(http.send(h11.Response(status_code=404, headers=[("Content-Length", "0")])) or b"")
            return
        headers = [("Content-Type", "audio/wav"), ("Cache-Control", "no-store"), ("Connection", "close")]
        writer.write(http.send(h11.Response(status_code=200, headers=headers)) or b"")
        if event.method != b"HEAD":
            async for piece in stream.pieces():
                writer.write(http.send(h11.Data(data=piece)) or b"")
                await writer.drain()
        writer.write(http.send(h11.EndOfMessage()) or b"")
        await writer.drain()


@asynccontextmanager
async def open_media(device: str, port: int = 0) -> AsyncIterator[Media]:
    """Serve a device, known by its address, where we reach it. `port` 0: any. Raises `OSError`."""
    host = _towards(device)
    serving: list[Media] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serving[0].serve(reader, writer)

    server = await asyncio.start_server(serve, host, port)
    try:
        media = Media(host, server.sockets[0].getsockname()[1], device)
        serving.append(media)
        yield media
    finally:
        server.close()


def _towards(device: str) -> str:
    """The address of this machine that a packet to the device would come from. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in device else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((device, 9))  # sends nothing
        return str(probe.getsockname()[0])
