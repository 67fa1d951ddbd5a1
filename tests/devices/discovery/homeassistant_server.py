"""The smallest server that speaks Home Assistant's WebSocket API, to be bent as a test needs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

TOKEN = "long-lived-secret"


def state(entity_id: str, said: str, **attributes: Any) -> dict[str, Any]:
    """A state object."""
    return {"entity_id": entity_id, "state": said, "attributes": attributes}


def entry(entity_id: str, **more: Any) -> dict[str, Any]:
    """An entry of the entity registry, in its long form."""
    return {"entity_id": entity_id, "device_id": None, "area_id": None, "aliases": [], **more}


class FakeServer:
    """Answers from its attributes; change them, then `push` or `tell` what changed."""

    def __init__(self) -> None:
        self.states: list[Any] = []
        self.entities: list[Any] = []
        self.devices: list[Any] = []
        self.areas: list[Any] = []
        self.exposed: set[str] = set()
        self.config: dict[str, Any] = {"state": "RUNNING", "unit_system": {"temperature": "°C"}}
        self.refusals: dict[str, str] = {}
        self.called: list[Mapping[str, Any]] = []
        self.unanswered: list[str] = []
        self.deaf: set[str] = set()
        self.logins = 0
        self.port = 0
        self._sockets: dict[web.WebSocketResponse, dict[int, str]] = {}
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/websocket"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/api/websocket", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        await self.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def hang_up(self) -> None:
        for socket in list(self._sockets):
            await socket.close()

    async def push(self, event_type: str, data: Mapping[str, Any]) -> None:
        """Send an event to all who asked for its kind."""
        for socket, subscriptions in self._sockets.items():
            for number, wanted in subscriptions.items():
                if wanted == event_type:
                    event = {"event_type": event_type, "data": data}
                    await socket.send_json({"id": number, "type": "event", "event": event})

    async def tell(self, new: Mapping[str, Any]) -> None:
        """A state has changed."""
        self.states = [each for each in self.states if not _is(each, new["entity_id"])] + [new]
        data = {"entity_id": new["entity_id"], "old_state": None, "new_state": new}
        await self.push("state_changed", data)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.logins += 1
        await socket.send_json({"type": "auth_required", "ha_version": "2025.4.4"})
        auth = await socket.receive_json()
        if auth["access_token"] != TOKEN:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access token or password"})
            await socket.close()
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": "2025.4.4"})
        self._sockets[socket] = {}
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._answer(socket, message.json())
        finally:
            del self._sockets[socket]
        return socket

    async def _answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        number, kind = asked["id"], asked["type"]
        if kind in self.deaf:
            self.unanswered.append(kind)
            return
        if kind in self.refusals:
            error = {"code": "home_assistant_error", "message": self.refusals[kind]}
            await socket.send_json({"id": number, "type": "result", "success": False, "error": error})
            return
        if kind == "subscribe_events":
            self._sockets[socket][number] = asked["event_type"]
        result = self._result(kind, asked)
        await socket.send_json({"id": number, "type": "result", "success": True, "result": result})

    def _result(self, kind: str, asked: dict[str, Any]) -> Any:
        if kind == "call_service":
            self.called.append(asked)
            return {"context": {}}
        if kind == "config/entity_registry/get_entries":
            known = {each["entity_id"]: each for each in self.entities if isinstance(each, dict)}
            return {one: known[one] for one in asked["entity_ids"]}
        return {
            "get_config": self.config,
            "get_states": self.states,
            "config/area_registry/list": self.areas,
            "config/device_registry/list": self.devices,
            "config/entity_registry/list": self.entities,
            "homeassistant/expose_entity/list": {
                "exposed_entities": {one: {"conversation": True} for one in self.exposed}
            },
        }.get(kind)


def _is(each: Any, entity_id: str) -> bool:
    return isinstance(each, dict) and each.get("entity_id") == entity_id


@asynccontextmanager
async def fake_server() -> AsyncIterator[FakeServer]:
    """A running one."""
    server = FakeServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        await asyncio.sleep(0)
