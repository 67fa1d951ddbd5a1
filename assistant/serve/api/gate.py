"""The door of the API: whatever comes in passes here first, whichever route it is meant for.

1. The Host header must be a name of ours or a number. A page of somebody else's that was made to resolve to
   this machine (DNS rebinding) shows its own name, and is refused.
2. Everything but what is `OPEN` takes a token, as `Authorization: Bearer ...`, or, for a WebSocket, which a
   browser gives no headers, as one of its subprotocols: `token.<the token>`.
3. An address that showed too many wrong tokens is not listened to for a while. Not so on this machine: its
   other users could lock its owner out, and nobody guesses 256 bits.
4. A body is read whole before anybody looks at it, and is neither long nor slow.
"""

import asyncio
import ipaddress
import json
import socket
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from assistant.serve.api.tokens import Key, Keys

OPEN = frozenset({"/", "/health"})
"""What anybody may see: a page without anything on it, and that we are there."""
MOST_BODY_BYTES = 64 * 1024
BODY_WITHIN_S = 10.0
MOST_FAILURES = 10
FORGIVEN_AFTER_S = 60.0
MOST_ADDRESSES = 1_024
SUBPROTOCOL = "sotto.v1"
_TOKEN_PROTOCOL = "token."  # noqa: S105  # what stands before one
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Failures:
    """How often an address showed a wrong token of late. Bounded; an IPv6 network counts as one."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def blocked_s(self, address: str) -> float:
        """For how many more seconds the address is not listened to; 0 when it is."""
        count, since_s = self._seen.get(_network(address), (0, 0.0))
        left_s = since_s + FORGIVEN_AFTER_S - self._now()
        return max(0.0, left_s) if count >= MOST_FAILURES else 0.0

    def note(self, address: str) -> None:
        """Another one."""
        network = _network(address)
        if network == "loopback":
            return
        count, since_s = self._seen.pop(network, (0, self._now()))
        if self._now() - since_s > FORGIVEN_AFTER_S:
            count, since_s = 0, self._now()
        self._seen[network] = (count + 1, since_s)
        while len(self._seen) > MOST_ADDRESSES:
            self._seen.popitem(last=False)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return "loopback"
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


class Gate:
    """An ASGI application before another one. `names` are our host names."""

    def __init__(
        self, app: App, keys: Keys, names: Iterable[str] = (), failures: Failures | None = None
    ) -> None:
        own = socket.gethostname().lower()
        self._app = app
        self._keys = keys
        self._names = {"localhost", own, f"{own}.local", *(name.lower() for name in names)}
        self._failures = failures or Failures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it in, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await _refuse(scope, send, *refused)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        body = await _body(scope, receive)
        if isinstance(body, int):
            told = "the body is too long" if body == 413 else "the body did not come"
            await _refuse(scope, send, body, told)
            return
        await self._app(scope, _replay(body, receive), _guarded(send))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Status and sentence; None when it may come in, and then `scope` has its key."""
        headers = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return 421, "this is not the host that you asked for; its names are set by api.names"
        if scope["path"] in OPEN and scope["type"] == "http":
            return None
        address = scope["client"][0] if scope.get("client") else ""
        wait_s = self._failures.blocked_s(address)
        if wait_s:
            return 429, f"too many wrong tokens; wait {wait_s:.0f} s"
        token = _token(scope)
        key: Key | None = self._keys.of(token) if token else None
        if key is None:
            self._failures.note(address)
            return 401, "this takes a token: `Authorization: Bearer TOKEN`"
        scope.setdefault("state", {})["key"] = key
        return None

    def _is_ours(self, host: str) -> bool:
        name = host.lower().rstrip()
        if name.startswith("["):
            name = name[1:].partition("]")[0]
        elif name.count(":") == 1:
            name = name.partition(":")[0]
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name.removesuffix(".") in self._names
        return True


def _token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        if name == b"authorization" and text[:7].lower() == "bearer ":
            return str(text[7:].strip())
    if scope["type"] == "websocket":
        for offered in scope.get("subprotocols", ()):
            if offered.startswith(_TOKEN_PROTOCOL):
                return str(offered.removeprefix(_TOKEN_PROTOCOL))
    return ""


async def _refuse(scope: Scope, send: Send, status: int, told: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": told})
        return
    body = json.dumps({"detail": told}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status in (408, 413):
        headers.append((b"connection", b"close"))  # what is left of the body is not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(scope: Scope, receive: Receive) -> bytes | int:
    """The whole body, or the status with which it is refused."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > MOST_BODY_BYTES:
        return 413
    body: bytes = b""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            while True:
                message = await receive()
                body += bytes(message.get("body", b""))
                if len(body) > MOST_BODY_BYTES:
                    return 413
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return body
    except TimeoutError:
        return 408


def _guarded(send: Send) -> Send:
    """Add what browsers are told with each answer: keep no copy, guess no type, show it in no frame."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sent


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return replayed
