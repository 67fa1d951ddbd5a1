"""What no honest broker does: a server that takes any CONNECT and then sends the bytes that it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ACCEPTED_3 = bytes([0x20, 2, 0, 0])
REFUSED_VERSION_3 = bytes([0x20, 2, 0, 1])
ACCEPTED_5 = bytes([0x20, 3, 0, 0, 0])


@dataclass
class FakeBroker:
    """`answers` are sent, one a connection, in reply to CONNECT; the last one again and again."""

    answers: list[bytes]
    port: int = 0
    versions: list[int] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(1024)
        if len(hello) > 8:
            self.versions.append(hello[8])
        writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        while await reader.read(1024):
            pass
        writer.close()


@asynccontextmanager
async def fake_broker(*answers: bytes) -> AsyncIterator[FakeBroker]:
    broker = FakeBroker(list(answers))
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        server.close()
