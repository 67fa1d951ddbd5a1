"""Serves the API until it is cancelled: one part of the daemon. What it takes is imported here and now."""

import asyncio
import contextlib
import importlib
import logging
import os
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.serve.api.address import TOKEN_FILE, Address, config_name, told
from assistant.serve.api.tokens import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    import uvicorn

    from assistant.config.serving import Api
    from assistant.serve.daemon import Daemon
    from assistant.store.conversations import Conversations

ENDS_WITHIN_S = 2
MOST_CONNECTIONS = 128
IDLE_S = 15
FIRST_REQUEST_S = 15.0
"""Who connected has so long to send a whole head; a hundred that send none would keep everybody out."""
MOST_WEBSOCKET_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


class ApiError(Exception):
    """The API cannot be served; the message is one line with what helps."""


class ApiServer:
    """`serve` listens as `[api]` says. `folder` has the token, and tells the command line where we are.

    `config` is the file that the daemon runs with, None for the default one.
    """

    def __init__(
        self, daemon: "Daemon", kept: "Conversations | None", folder: Path, config: Path | None = None
    ) -> None:
        self._daemon = daemon
        self._kept = kept
        self._folder = folder
        self._config = config
        self._settings: Api = daemon.assistant.config.api
        self.port = 0
        """Where it listens, once it does."""

    async def serve(self) -> None:
        """Serve for ever. Raises `ApiError` and `ConfigError`."""
        settings = self._settings
        token_file = settings.token_file or self._folder / TOKEN_FILE
        keys = await asyncio.to_thread(Keys, token_file, settings.keys)
        tls = _tls(settings)
        routes = await asyncio.to_thread(importlib.import_module, "assistant.serve.api.routes")
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(_listener(settings.host, settings.port))
            self.port = listener.getsockname()[1]
            server = self._server(stack.enter_context(self._application(routes, keys)), tls)
            stack.enter_context(told(self._folder, self._address(token_file)))
            if not settings.on_loopback and tls is None:
                _log.warning("the API on %s is not encrypted: its token can be overheard", settings.host)
            await _run(server, listener)

    @contextlib.contextmanager
    def _application(self, routes: Any, keys: Keys) -> "Iterator[Any]":
        """The application, watching the daemon for as long as it is served."""
        from assistant.serve.api.gate import Gate

        daemon = self._daemon
        served = routes.Served(
            daemon, self._kept, routes.Events(), routes.Metrics(daemon), routes.Orders(daemon)
        )
        leave = [daemon.watch.join(served.events.saw), daemon.watch.join(served.metrics.saw)]
        before, daemon.supervisor.changed = daemon.supervisor.changed, served.events.part
        try:
            yield Gate(routes.build(served), keys, self._settings.names)
        finally:
            daemon.supervisor.changed = before
            for each in leave:
                each()

    def _server(self, application: Any, tls: ssl.SSLContext | None) -> "uvicorn.Server":
        import uvicorn

        class Server(uvicorn.Server):
            """One that leaves the signals to us: `sotto run` ends all parts in order."""

            @contextlib.contextmanager
            def capture_signals(self) -> "Iterator[None]":
                yield

        config = uvicorn.Config(
            application,
            http=_impatient(),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=ENDS_WITHIN_S,
            ws_max_size=MOST_WEBSOCKET_BYTES,
            ws="auto",
            proxy_headers=False,
        )
        config.load()
        if tls is not None:
            config.ssl = tls
        return Server(config)

    def _address(self, token_file: Path) -> Address:
        settings = self._settings
        scheme = "http" if settings.cert_file is None else "https"
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104  # never bound here
        host = f"[{host}]" if ":" in host and not host.startswith("[") else host
        return Address(
            f"{scheme}://{host}:{self.port}",
            str(token_file),
            config_name(self._config),
            str(settings.cert_file or ""),
            os.getpid(),
        )


def _impatient() -> "type[asyncio.Protocol]":
    """Uvicorn's own protocol, which hangs up on who connects and then asks nothing."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Impatient(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # one of two, whichever is installed
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            asyncio.get_running_loop().call_later(FIRST_REQUEST_S, self._hang_up, transport)

        def _hang_up(self, transport: Any) -> None:
            if self.cycle is None and transport.get_protocol() is self:  # else it is a WebSocket by now
                transport.close()

    return Impatient


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise ApiError(
            f"it cannot listen at {host} port {port} ({error.strerror}): set api.port, or api.enabled = false"
        ) from error


def _tls(settings: "Api") -> ssl.SSLContext | None:
    if settings.cert_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    except (OSError, ssl.SSLError) as error:
        raise ApiError(f"api.cert_file or api.key_file cannot be used: {error}") from error
    return context


async def _run(server: "uvicorn.Server", listener: socket.socket) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="api")
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        if not serving.done():
            await asyncio.wait([serving], timeout=ENDS_WITHIN_S + 3)
            serving.cancel()
