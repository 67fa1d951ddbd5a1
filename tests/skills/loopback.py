"""A web server on loopback that answers what it was told to, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass
class Server:
    url: str = ""
    answers: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)


@asynccontextmanager
async def serving(**answers: bytes) -> AsyncIterator[Server]:
    """Serve each answer at the path of its name."""
    server = Server(answers={f"/{name}": body for name, body in answers.items()})

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readline()).decode()
        while (await reader.readline()).strip():
            pass
        parts = urlsplit(request.split()[1])
        server.asked.append((parts.path, parse_qs(parts.query)))
        body = server.answers.get(parts.path, b"{}")
        head = f"HTTP/1.1 {server.status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield server
