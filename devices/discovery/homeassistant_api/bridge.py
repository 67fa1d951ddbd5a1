"""The bridge to a Home Assistant: reads what it keeps, follows what changes, has its entities ordered.

    connect -> subscribe -> read registries and states -> follow
                            ^                              |  a registry changed, or it has started anew
                            +------------------------------+

Nothing is taken away while Home Assistant is still starting, since its integrations come one by one.
Source: Home Assistant's documentation of its WebSocket API.
"""

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from devices.commands import DeviceCommand, Sent
from devices.discovery.components.settings import plain_text
from devices.discovery.convention import (
    Appeared,
    BridgeAwayError,
    BridgeRefusedError,
    CannotError,
    Change,
    Reachable,
    Reported,
    Vanished,
)
from devices.discovery.homeassistant_api import orders
from devices.discovery.homeassistant_api.entity_state import MAX_NAME, UNAVAILABLE, EntityState
from devices.discovery.homeassistant_api.registries import Registries, entries
from devices.discovery.homeassistant_api.things import Thing, is_known_domain, thing_of
from devices.home import Ability, Device, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hass_client import HomeAssistantClient

logger = logging.getLogger(__name__)

NAME = "homeassistant_api"

CONNECT_S = 10.0
ANSWER_S = 10.0
"""How long an answer to a question may take: thousands of entities on a small machine."""
ORDER_S = 5.0
"""How long Home Assistant may take to carry an order out before only the device's own state can tell."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
TOKEN_PAUSE_S = 300.0
"""Between attempts with a token that was refused: Home Assistant tells its owner of each and may ban us."""
SETTLE_S = 0.3
"""Registries change in bursts."""
REFRESH_S = 300.0
"""Whether an entity without a registry entry is open to voice changes without an event."""
MAX_MESSAGE_BYTES = 64_000_000

_EVENTS = (
    "state_changed",
    "entity_registry_updated",
    "device_registry_updated",
    "area_registry_updated",
    "core_config_updated",
    "homeassistant_started",
)
_QUESTIONS = {
    "config": "get_config",
    "areas": "config/area_registry/list",
    "devices": "config/device_registry/list",
    "entities": "config/entity_registry/list",
    "exposed": "homeassistant/expose_entity/list",
}
_LONG_FORM = "config/entity_registry/get_entries"
"""Only the long form of an entry has the aliases."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An entity that is a device of ours."""

    entity: EntityState
    thing: Thing
    device: Device
    available: bool


class HomeAssistantApi:
    """A `Bridge`. `url` is that of the API ("ws://homeassistant.local:8123/api/websocket"), `token` a
    long-lived access token of an administrator's: what is exposed is told to no one else.

    With `exposed_only` devices that are not open to Home Assistant's own assistant are not `exposed`.
    """

    name = NAME

    def __init__(self, url: str, token: str, *, exposed_only: bool = True) -> None:
        self._url = url
        self._token = token
        self._exposed_only = exposed_only
        self._host = urlsplit(url).netloc.rpartition("@")[2]
        self._trouble = "still connecting"
        self._client: HomeAssistantClient | None = None
        self._registries: Registries | None = None
        self._known: dict[str, _Known] = {}
        self._unwanted: set[str] = set()
        self._changed = asyncio.Event()

    @property
    def trouble(self) -> str:
        """Why it cannot be reached, one line; empty while it can."""
        return self._trouble

    async def run(self, take: Callable[[Sequence[Change]], None]) -> None:
        """Stay connected until cancelled. When the connection is lost, what was known stays as it was."""
        from hass_client.exceptions import AuthenticationFailed

        clock = asyncio.get_running_loop().time
        pause_s = FIRST_PAUSE_S
        while True:
            began_s = clock()
            try:
                await self._once(take)
            except AuthenticationFailed:
                self._note(f"Home Assistant at {self._host} does not take the token")
                await asyncio.sleep(TOKEN_PAUSE_S)
                continue
            except Exception as error:  # a supervised boundary: whatever the other side sends, we come back
                why = plain_text(error, 200) or type(error).__name__
                self._note(f"Home Assistant at {self._host} cannot be reached: {why}")
                logger.debug("homeassistant: the connection ended", exc_info=True)
            if clock() - began_s > LONGEST_PAUSE_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - spreads clients, no secret
            pause_s = min(pause_s * 1.6, LONGEST_PAUSE_S)

    async def send(self, command: DeviceCommand, state: "Mapping[Ability, Value]") -> tuple[Sent, ...]:  # noqa: ARG002 - the entity's own state is at hand
        """Call the service. One that Home Assistant has not finished within a few seconds counts as sent."""
        known = self._known.get(command.device_id)
        if known is None:
            raise CannotError("Home Assistant has no such device")
        entity = known.entity
        call = orders.action(entity.domain, known.thing, command.ability, command.value)
        client = self._client
        if client is None or self._trouble:
            raise BridgeAwayError(self._trouble or f"Home Assistant at {self._host} is away")
        payload = {"entity_id": entity.entity_id, **call.data}
        sent = Sent("homeassistant", f"{entity.domain}.{call.service}", json.dumps(payload))
        try:
            await _ask(
                client,
                "call_service",
                ORDER_S,
                domain=entity.domain,
                service=call.service,
                service_data=dict(call.data),
                target={"entity_id": entity.entity_id},
            )
        except TimeoutError:
            logger.info("homeassistant: %s is still under way after %g s", sent.topic, ORDER_S)
        return (sent,)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the entity would say so; one whose state Home Assistant only assumes does not."""
        known = self._known.get(command.device_id)
        if known is None or not known.device.reports_state:
            return False
        return orders.reports(known.thing, command.ability, command.value)

    def satisfied(self, command: DeviceCommand, state: "Mapping[Ability, Value]") -> bool:
        """Whether what the entity says is what was asked."""
        known = self._known.get(command.device_id)
        return known is not None and orders.satisfied(known.thing, command.ability, command.value, state)

    async def _once(self, take: Callable[[Sequence[Change]], None]) -> None:
        """One connection, from its beginning to its end. Always raises."""
        from hass_client import HomeAssistantClient

        client = HomeAssistantClient(self._url, self._token, max_msg_size=MAX_MESSAGE_BYTES)
        listener: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(CONNECT_S):
                await client.connect()
            listener = asyncio.create_task(client.start_listening())
            listener.add_done_callback(lambda _: self._changed.set())
            await self._follow(client, listener, take)
        finally:
            self._client, self._registries = None, None
            self._note_lost()
            if listener is not None:
                listener.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await listener
            with contextlib.suppress(Exception):
                await client.disconnect()

    async def _follow(
        self,
        client: "HomeAssistantClient",
        listener: "asyncio.Task[None]",
        take: Callable[[Sequence[Change]], None],
    ) -> None:
        for event in _EVENTS:
            handler = self._hearer(event, take)
            async with asyncio.timeout(ANSWER_S):
                await _answered(client.subscribe(handler, "subscribe_events", event_type=event))
        while not listener.done():
            self._changed.clear()
            take(tuple(await self._read(client)))
            if not self._client:
                logger.info("homeassistant: %s has %d devices", self._host, len(self._known))
            self._client, self._trouble = client, ""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    await self._changed.wait()
            if not listener.done():
                await asyncio.sleep(SETTLE_S)
        listener.result()
        raise BridgeAwayError("it hung up")

    async def _read(self, client: "HomeAssistantClient") -> list[Change]:
        """Ask for everything. The states come last, so that each event behind them is newer."""
        answers = {}
        for key, question in _QUESTIONS.items():
            if key != "exposed" or self._exposed_only:
                answers[key] = await self._question(client, question)
        ids = [
            each["entity_id"]
            for each in entries(answers["entities"], "entity_id")
            if is_known_domain(each["entity_id"]) and not each.get("disabled_by")
        ]
        if ids:
            answers["entries"] = await self._question(client, _LONG_FORM, entity_ids=ids)
        states = await _ask(client, "get_states", ANSWER_S)
        first = self._registries is None
        self._registries = Registries.read(answers, exposed_only=self._exposed_only)
        self._unwanted.clear()
        changes: list[Change] = []
        there: set[str] = set()
        for raw in states:
            entity = EntityState.of(raw)
            if entity is not None:
                changes += self._take(entity, anew=first)
                there.add(_id(entity.entity_id))
        if answers["config"].get("state") == "RUNNING":
            gone = {one for one in self._known if one not in there or one in self._unwanted}
            for device_id in sorted(gone):
                del self._known[device_id]
                changes.append(Vanished(device_id))
        return changes

    async def _question(self, client: "HomeAssistantClient", question: str, **more: Any) -> Any:
        try:
            return await _ask(client, question, ANSWER_S, **more)
        except BridgeRefusedError as error:
            if "expose" in question:
                why = "what is exposed is told only to an administrator's token"
                raise BridgeAwayError(f"{why} ({error})") from None
            raise

    def _hearer(self, kind: str, take: Callable[[Sequence[Change]], None]) -> Callable[[Any], None]:
        def heard(message: Any) -> None:
            if kind != "state_changed":
                self._changed.set()
                return
            try:
                changes = self._heard(message["event"]["data"])
            except Exception:  # a supervised boundary: one odd entity must not silence the others
                logger.exception("homeassistant: an event was not understood")
                return
            if changes:
                take(changes)

        return heard

    def _heard(self, data: Any) -> Sequence[Change]:
        """A `state_changed` event."""
        entity_id = data.get("entity_id")
        if self._registries is None or not isinstance(entity_id, str) or not is_known_domain(entity_id):
            return ()
        device_id = _id(entity_id)
        entity = EntityState.of(data.get("new_state"))
        if entity is None or device_id not in self._known:
            if device_id not in self._unwanted:  # it is new, or it is gone: the registries know more
                self._changed.set()
            return ()
        return tuple(self._take(entity, anew=True))

    def _take(self, entity: EntityState, *, anew: bool) -> Iterator[Change]:
        """What a state object changes. `anew` says how it is even when it is as it was."""
        assert self._registries is not None
        thing = thing_of(entity, fahrenheit=self._registries.fahrenheit)
        if thing is None:
            return
        about = self._registries.about(entity.entity_id)
        device_id = _id(entity.entity_id)
        if not about.wanted:
            self._unwanted.add(device_id)
            return
        before = self._known.get(device_id)
        available = entity.said != UNAVAILABLE
        if not available and before is not None:
            thing = before.thing  # what cannot be reached does not say what it can do
        device = Device(
            id=device_id,
            name=_name(entity, about.name),
            kind=thing.kind,
            abilities=thing.abilities,
            room=about.room,
            aliases=about.aliases,
            reports_state=bool(thing.state) and entity.flag("assumed_state") is not True,
            convention=NAME,
            unit=thing.unit,
            device_class=thing.device_class,
            options=thing.options,
            limits=thing.limits,
            identities=about.identities,
            members=_members(entity),
            exposed=about.exposed,
        )
        self._known[device_id] = _Known(entity, thing, device, available)
        if before is None or before.device != device:
            yield Appeared(device, frozenset())
        if before is None or anew or before.available != available:
            yield Reachable(device_id, available)
        if available and thing.state and (before is None or anew or before.thing.state != thing.state):
            yield Reported(device_id, dict(thing.state))

    def _note_lost(self) -> None:
        if not self._trouble:
            self._trouble = f"Home Assistant at {self._host} is away"

    def _note(self, why: str) -> None:
        """Log a trouble once, not at each attempt."""
        if why != self._trouble:
            logger.warning("homeassistant: %s; will go on trying", why)
        self._trouble = why


async def _ask(client: "HomeAssistantClient", question: str, limit_s: float, **more: Any) -> Any:
    """One command and its answer. Raises `BridgeAwayError`, `BridgeRefusedError`, TimeoutError."""
    async with asyncio.timeout(limit_s):
        return await _answered(client.send_command(question, **more))


async def _answered(asking: Any) -> Any:
    """Await an answer of the client's, which cancels what it cannot answer: that is not our own end."""
    from hass_client.exceptions import BaseHassClientError, FailedCommand

    task = asyncio.current_task()
    assert task is not None
    try:
        return await asking
    except FailedCommand as error:
        said = plain_text(error, 200).removeprefix("Validation error: ")
        raise BridgeRefusedError(said or "Home Assistant refused, and did not say why") from None
    except (BaseHassClientError, OSError) as error:
        raise BridgeAwayError(plain_text(error, 200) or "the connection is gone") from None
    except asyncio.CancelledError:
        if task.cancelling():
            raise
        raise BridgeAwayError("Home Assistant went away before it answered") from None


def _id(entity_id: str) -> str:
    return f"{NAME}.{entity_id}"


def _name(entity: EntityState, registered: str) -> str:
    """The full name, which Home Assistant makes of the device's and the entity's own."""
    friendly = plain_text(entity.text("friendly_name"), MAX_NAME)
    return friendly or registered or entity.entity_id.partition(".")[2].replace("_", " ")


def _members(entity: EntityState) -> tuple[str, ...]:
    """Of a group. Scenes list what they touch, which makes them no group."""
    return () if entity.domain in ("scene", "script") else tuple(map(_id, entity.words("entity_id")))
