"""The routes. `build` makes the application; `gate.py` stands before it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Query,
    Request,
    Response,
    Security,
    WebSocket,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.security import HTTPBearer

from assistant.serve.api import models
from assistant.serve.api.events import Events, TooManyError
from assistant.serve.api.gate import SUBPROTOCOL
from assistant.serve.api.metrics import Metrics
from assistant.serve.api.orders import BusyError, Orders
from assistant.serve.api.page import PAGE
from assistant.serve.api.tokens import Key
from assistant.serve.supervisor import LOUDSPEAKER, Health
from speech.sound.ports import SoundError
from speech.synthesis.engine import SynthesisError

if TYPE_CHECKING:
    from assistant.serve.daemon import Daemon, SpeakingPlace
    from assistant.store.conversations import Conversations

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": models.Problem, "description": why}
    for status, why in {
        400: "the request cannot be read",
        401: "no token, or a wrong one",
        403: "this key may not",
        404: "there is no such thing",
        413: "the body is too long",
        421: "not our host name",
        422: "what was asked makes no sense",
        429: "too many wrong tokens",
        503: "not at the moment",
    }.items()
}

_BEARER = HTTPBearer(
    auto_error=False, description="The token in the file api.token, or of a key in [[api.keys]]"
)
"""For the OpenAPI document alone: `gate.py` has looked at the token before."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the routes talk to. `kept` is None where nothing is recorded."""

    daemon: "Daemon"
    kept: "Conversations | None"
    events: Events
    metrics: Metrics
    orders: Orders


def may(scope: str) -> Any:
    """The key of a request, which must have that permission."""

    def check(request: Request, _shown: Annotated[object, Security(_BEARER)]) -> Key:
        key = request.scope.get("state", {}).get("key")
        if not isinstance(key, Key) or scope not in key.may:
            raise HTTPException(403, f"this key may not {scope}")
        return key

    return Depends(check)


def build(served: Served) -> FastAPI:
    """Make the application. It documents itself at /openapi.json and loads nothing from elsewhere."""
    app = FastAPI(
        title="Sotto Voce",
        version=version("sotto-voce"),
        description="The running assistant: orders, speech, state, history and live events. docs/api.md",
        docs_url=None,
        redoc_url=None,
        responses=_PROBLEMS,
    )
    app.add_exception_handler(RequestValidationError, _told)
    for router in (_open(), _looking(served), _doing(served), _hearing(served)):
        app.include_router(router)
    return app


async def _told(_request: Request, error: Exception) -> Response:
    """One line for each mistake. What was sent is not sent back: it may be a PIN."""
    assert isinstance(error, RequestValidationError)
    lines = [f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg']}" for each in error.errors()]
    detail = "; ".join(lines).encode("ascii", "backslashreplace").decode()
    return JSONResponse({"detail": detail[:1_000]}, 422)


def _open() -> APIRouter:
    router = APIRouter()

    @router.get("/health", response_class=PlainTextResponse)
    async def health() -> str:
        """Whether anybody is there; takes no token and tells nothing else."""
        return "ok"

    @router.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        """A page that shows live events; it asks for the token."""
        return PAGE

    return router


def _looking(served: Served) -> APIRouter:
    router = APIRouter(dependencies=[may("look")])
    daemon = served.daemon

    @router.get("/ready", responses={503: {"model": models.Ready}})
    async def ready(response: Response) -> models.Ready:
        """Whether orders can be heard and carried out; 503 when not."""
        why = _missing(daemon)
        if why:
            response.status_code = 503
        return models.Ready(ready=not why, why=why)

    @router.get("/v1/state")
    async def state() -> models.Now:
        """How the daemon is: its parts, its places, what is missing."""
        return _now(served)

    @router.get("/v1/devices")
    async def devices(room: str | None = None) -> list[models.DeviceNow]:
        """The devices, of a room or of the whole home. What is kept from voice is not here."""
        return [
            models.DeviceNow(
                id=each.id,
                name=each.name,
                room=each.room,
                kind=each.kind,
                device_class=each.device_class,
                aliases=list(each.aliases),
                abilities=sorted(each.abilities),
                state={str(ability): value for ability, value in each.state.items()},
                available=each.available,
            )
            for each in daemon.assistant.home
            if each.exposed and (room is None or (each.room or "").casefold() == room.casefold())
        ]

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Counts and durations for Prometheus."""
        return Response(served.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _doing(served: Served) -> APIRouter:
    router = APIRouter(prefix="/v1")
    daemon = served.daemon

    @router.post("/ask")
    async def ask(body: models.AskBody, key: Annotated[Key, may("order")]) -> models.Turn:
        """Obey a written order, as `sotto ask` does. Nothing is spoken."""
        try:
            report = await served.orders.take(
                body.text, key, room=body.room, language=body.language, dialogue=body.dialogue
            )
        except BusyError as error:
            raise HTTPException(503, str(error)) from None
        return models.Turn(**report.as_json(text=body.text), why=report.why)

    @router.post("/say", dependencies=[may("speak")])
    async def say(body: models.SayBody) -> models.Done:
        """Speak a text at one place, as `sotto say` does; answers when it was spoken."""
        places = daemon.places_for(body.room)
        chosen = places if body.room is not None else places[:1]
        return await _at(chosen, lambda place: place.say(body.text, body.language))

    @router.post("/announce", dependencies=[may("speak")])
    async def announce(body: models.SayBody) -> models.Done:
        """Speak a text everywhere, or in one room; answers when it was spoken."""
        return await _at(daemon.places_for(body.room), lambda place: place.say(body.text, body.language))

    @router.post("/stop", dependencies=[may("speak")])
    async def stop() -> models.Done:
        """Fall silent everywhere. Orders that have left are not taken back."""
        return await _at(tuple(daemon.places), lambda place: place.stop())

    @router.post("/mute", dependencies=[may("mute")])
    async def mute(body: models.MuteBody) -> list[models.PlaceNow]:
        """Close microphones, or open them; it lasts over a restart."""
        places = [place for place in daemon.places if body.place in (None, place.where.name)]
        if not places:
            raise HTTPException(404, "there is no such place")
        for place in places:
            place.set_muted(body.muted)
        return _places(daemon)

    return router


def _hearing(served: Served) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/history", dependencies=[may("hear")])
    async def history(
        text: Annotated[str, Query(max_length=200)] = "",
        room: Annotated[str | None, Query(max_length=100)] = None,
        since_s: Annotated[float | None, Query(ge=0, le=1e11)] = None,
        most: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> models.Happened:
        """What was heard, done and answered: the turns that have all these words, the newest first."""
        kept = served.kept
        if kept is None:
            raise HTTPException(404, "nothing is recorded: conversations.enabled is false")
        await asyncio.to_thread(kept.flush)
        try:
            found = await asyncio.to_thread(kept.search, text, since_s=since_s, room=room, most=most)
        except OSError as error:
            raise HTTPException(503, f"the record cannot be read: {error}") from None
        return models.Happened(turns=[each.as_json() for each in found])

    @router.websocket("/events")
    async def events(socket: WebSocket) -> None:
        """Everything that happens, while it happens; docs/api.md lists the objects."""
        key = socket.scope.get("state", {}).get("key")
        if not isinstance(key, Key) or "hear" not in key.may:
            await socket.close(1008, "this key may not hear")
            return
        offered = SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", ()) else None
        try:
            with served.events.listening() as listening:
                await socket.accept(offered)
                await socket.send_json({"type": "now", **_now(served).model_dump()})
                await _tell(socket, listening.get)
        except TooManyError as error:
            await socket.close(1013, str(error))

    return router


async def _tell(socket: WebSocket, next_event: Callable[[], Any]) -> None:
    """Send events until the other side leaves. What it sends means nothing to us."""

    async def read() -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    async def write() -> None:
        while True:
            await socket.send_json(await next_event())

    ends = [asyncio.create_task(read()), asyncio.create_task(write())]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)


async def _at(places: "tuple[SpeakingPlace, ...]", act: "Callable[[SpeakingPlace], Any]") -> models.Done:
    """Do it at all places at once; 503 when none of them can."""
    came = await asyncio.gather(*(act(place) for place in places), return_exceptions=True)
    done = [place.where.name for place, each in zip(places, came, strict=True) if each is None]
    if done:
        return models.Done(places=done)
    troubles = [each for each in came if isinstance(each, SynthesisError | SoundError)]
    raise HTTPException(503, str(troubles[0]) if troubles else "there is no place that could")


def _now(served: Served) -> models.Now:
    daemon = served.daemon
    problems = list(daemon.assistant.problems)
    if served.kept is not None and served.kept.trouble:
        problems.append(served.kept.trouble)
    return models.Now(
        version=version("sotto-voce"),
        began_s=daemon.began_s,
        broker=daemon.assistant.broker,
        broker_connected=daemon.assistant.link.connected,
        devices=len(daemon.assistant.home),
        problems=problems,
        parts=[
            models.PartNow(
                name=part.name,
                health=part.health.value,
                why=part.why,
                since_s=part.since_s,
                failures=part.failures,
            )
            for part in daemon.supervisor.states
        ],
        places=_places(daemon),
    )


def _places(daemon: "Daemon") -> list[models.PlaceNow]:
    shown = []
    for place in daemon.places:
        now = place.status()
        shown.append(
            models.PlaceNow(
                name=place.where.name,
                room=place.where.room,
                state=now.state,
                muted=now.muted,
                volume_percent=now.volume_percent,
            )
        )
    return shown


def _missing(daemon: "Daemon") -> list[str]:
    missing = [
        f"{part.name}: {part.why}"
        for part in daemon.supervisor.states
        if part.health is Health.FAILED and part.name != LOUDSPEAKER
    ]
    if not daemon.assistant.link.connected:
        missing.append(f"the MQTT broker at {daemon.assistant.broker} cannot be reached")
    if not daemon.assistant.hears:
        missing.append("there is no recogniser: written orders alone are understood")
    return missing
