"""The port: who may connect, and a session for each that does."""

import asyncio
import contextlib
import logging
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING

from assistant.serve.wyoming_services.session import Session
from speech.satellites.frames import LONGEST_LINE, FrameError

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.turn import Conversation, Observer

MOST_SESSIONS = 32

_log = logging.getLogger(__name__)


class WyomingServicesError(Exception):
    """The port cannot be had; the message is one line for a person, with the next thing to do."""


class WyomingServices:
    """Serves `[wyoming]` of the configuration. `observer` watches the turns that are taken as text."""

    def __init__(self, assistant: "Assistant", observer: "Observer") -> None:
        self._assistant = assistant
        self._settings = assistant.config.wyoming
        self._conversation: Conversation = assistant.conversation(observer, None)
        self._sessions: set[asyncio.Task[None]] = set()
        self.port = self._settings.port
        """The real one, once it is served: 0 in a test takes any."""

    async def serve(self) -> None:
        """Serve for ever. Raises `WyomingServicesError` when the port cannot be had."""
        host, port = self._settings.host, self.port
        try:
            server = await asyncio.start_server(self._accept, host, port, limit=LONGEST_LINE)
        except OSError as error:
            raise WyomingServicesError(
                f"the Wyoming services cannot have {host}:{port} ({error.strerror or error}): "
                "set wyoming.port to another"
            ) from error
        self.port = server.sockets[0].getsockname()[1]
        try:
            async with server:
                await server.serve_forever()
        finally:
            for session in self._sessions:
                session.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")[0]
        task = asyncio.current_task()
        assert task is not None
        if not may_connect(peer, self._settings.networks):
            _log.warning("%s may not use the Wyoming services: wyoming.allow does not name it", peer)
            writer.close()
            return
        if len(self._sessions) >= MOST_SESSIONS:
            _log.warning("%s was sent away: %d others use the Wyoming services", peer, MOST_SESSIONS)
            writer.close()
            return
        self._sessions.add(task)
        try:
            await self._serve(peer, reader, writer)
        finally:
            self._sessions.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        services = frozenset(self._settings.services)
        try:
            await Session(self._assistant, self._conversation, services, reader, writer).serve()
        except FrameError as error:
            _log.warning("%s sent what is no Wyoming: %s", peer, error)
        except OSError as error:
            _log.info("%s left the Wyoming services: %s", peer, error)
        except Exception:  # a fault of ours ends one session
            _log.exception("serving %s by Wyoming failed", peer)


def may_connect(peer: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether an address is this machine's own, or in one of the networks."""
    address = ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or any(address in each for each in networks)
