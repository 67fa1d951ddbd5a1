"""The convention: whom to ask, whose answer is whose, what a notification says."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from devices.commands import DeviceCommand
from devices.discovery.components.settings import plain_text
from devices.discovery.components.values import json_object
from devices.discovery.convention import (
    Appeared,
    Asks,
    CannotError,
    Change,
    Reachable,
    Refused,
    Reported,
    Vanished,
)
from devices.discovery.shelly.components import Part
from devices.discovery.shelly.peer import Info, Peer
from devices.home import Ability, Value
from devices.message import Message, topic_is_sound

logger = logging.getLogger(__name__)

MAX_PEERS = 500
MAX_STRANGERS = 500
"""Prefixes that say they are online and have not answered; who makes up more wants our memory."""

MAX_TRIES = 20
"""Questions to one prefix without an answer; each reconnection of somebody who is no Shelly costs one."""

MAX_OPEN_CALLS = 1_000
"""Calls that wait for their answer; the oldest are forgotten."""

MAX_PAYLOAD_BYTES = 262_144

_INFO, _CONFIG, _STATUS = "Shelly.GetDeviceInfo", "Shelly.GetConfig", "Shelly.GetStatus"


@dataclass(frozen=True, slots=True)
class _Open:
    """A call that waits for its answer. An order knows the thing that it is for."""

    prefix: str
    method: str
    component: str = ""
    device_id: str = ""


class ShellyGen2:
    """The convention. `session` is one level of our reply topic, made up anew for each run: who does not
    listen to everything cannot answer in another's place. Raises ValueError for what is no level of a topic.
    """

    name = "shelly"
    greeting: Message | None = None

    def __init__(self, session: str) -> None:
        if not topic_is_sound(session) or "/" in session:
            raise ValueError(f"{session[:40]!r} is no level of a topic")
        self._source = f"sotto_voce/{session}"
        self._reply_topic = f"{self._source}/rpc"
        self.filters: tuple[str, ...] = ("+/online", "+/+/online", self._reply_topic)
        self._peers: dict[str, Peer] = {}
        self._prefixes: dict[str, str] = {}
        self._tries: dict[str, int] = {}
        self._open: dict[int, _Open] = {}
        self._last_id = 0
        self._owners: dict[str, Peer] = {}

    def known(self) -> Sequence[Change]:
        """Nothing, before somebody said that he is online."""
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """An answer, somebody who is online or no longer, or a word from a device."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            return ()
        if topic == self._reply_topic:
            return tuple(self._answered(json_object(payload.decode(errors="replace"))))
        prefix, _, last = topic.rpartition("/")
        if last == "online" and prefix and prefix.count("/") <= 1 and prefix != self._source:
            return tuple(self._online(prefix, payload))
        return tuple(self._notified(topic, payload))

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:  # noqa: ARG002 - it needs no state
        """One call."""
        part = self._part(command)
        if part is None:
            raise CannotError(f"it has no {command.ability.value}")
        method, params = part.call(command.ability, command.value)
        prefix = self._owners[command.device_id].prefix
        return (self._call(_Open(prefix, method, part.component, command.device_id), params),)

    def reports(self, command: DeviceCommand) -> bool:
        """They are asked after each order, and answer."""
        return self._part(command) is not None

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what it says is what was asked."""
        part = self._part(command)
        return part is not None and part.satisfied(command.ability, command.value, state)

    def _part(self, command: DeviceCommand) -> Part | None:
        peer = self._owners.get(command.device_id)
        part = peer.parts.get(command.device_id) if peer is not None else None
        return part if part is not None and command.ability in part.device.abilities else None

    def _call(self, call: _Open, params: Mapping[str, Any] | None = None) -> Message:
        """The message of a call, which from now on may be answered."""
        self._last_id += 1
        self._open[self._last_id] = call
        if len(self._open) > MAX_OPEN_CALLS:
            del self._open[next(iter(self._open))]
        frame: dict[str, Any] = {"id": self._last_id, "src": self._source, "method": call.method}
        if params is not None:
            frame["params"] = params
        return Message(f"{call.prefix}/rpc", json.dumps(frame))

    def _online(self, prefix: str, payload: bytes) -> Iterator[Change]:
        peer = self._peers.get(prefix)
        if payload not in (b"true", b"false"):
            if not payload:  # whoever takes back what the broker kept has taken the device away
                self._tries.pop(prefix, None)
                yield from self._forget(peer)
            return
        online = payload == b"true"
        if peer is not None:
            peer.online = online
            if online or not peer.sleeps:
                yield from (Reachable(device_id, online) for device_id in peer.parts)
        if not online:
            self._tries.pop(prefix, None)
        elif self._may_ask(prefix):
            yield Asks((self._call(_Open(prefix, _INFO)),))

    def _may_ask(self, prefix: str) -> bool:
        """Whether it is worth asking; counts the question."""
        tries = self._tries.get(prefix, 0)
        full = prefix not in self._tries and len(self._tries) >= MAX_STRANGERS
        if tries >= MAX_TRIES or (full and prefix not in self._peers) or not topic_is_sound(f"{prefix}/rpc"):
            return False
        self._tries[prefix] = tries + 1
        if len(self._tries) == MAX_STRANGERS and not tries:
            logger.warning("shelly: %d topics say that they are online and do not answer", MAX_STRANGERS)
        return True

    def _answered(self, frame: Mapping[str, Any]) -> Iterator[Change]:
        number, source = frame.get("id"), frame.get("src")
        call = self._open.get(number) if isinstance(number, int) and not isinstance(number, bool) else None
        if call is None or not isinstance(source, str):
            return
        peer = self._peers.get(call.prefix)
        if call.method != _INFO and (peer is None or peer.info.id != source):
            logger.warning("shelly: %r answered in place of %r", source[:80], call.prefix[:80])
            return
        result = frame.get("result")
        if call.method == _INFO and not _is_whose(result, source):
            return
        assert isinstance(number, int)
        del self._open[number]
        self._tries.pop(call.prefix, None)
        if call.device_id:
            yield from self._order_answered(call, frame.get("error"))
        elif call.method == _INFO:
            yield from self._introduced(call.prefix, result)
        elif not isinstance(result, Mapping):
            logger.warning("shelly: %r: %s: %s", source[:80], call.method, _why(frame.get("error")))
        elif peer is not None:
            yield from self._described(peer, call, result)

    def _order_answered(self, call: _Open, error: Any) -> Iterator[Change]:
        """What was taken is asked for, since who is as he was asked to be notifies nobody."""
        if error is not None:
            yield Refused(call.device_id, _why(error))
            return
        namespace = call.method.partition(".")[0]
        question = _Open(call.prefix, f"{namespace}.GetStatus", call.component)
        yield Asks((self._call(question, {"id": int(call.component.partition(":")[2])}),))

    def _introduced(self, prefix: str, result: Any) -> Iterator[Change]:
        try:
            info = Info.model_validate(result)
        except ValidationError:
            return
        mac = info.mac.upper()
        other = self._peers.get(self._prefixes.get(mac, prefix))
        before = self._peers.get(prefix)
        if other is not None and other.prefix != prefix:
            if other.online:
                logger.warning("shelly: %s answers as %r, and as %r", mac, other.prefix[:80], prefix[:80])
                return
            self._drop(other)  # it was given another prefix; its things are the same
        if before is not None and before.info.mac.upper() != mac:
            yield from self._forget(before)
        if prefix not in self._peers and len(self._peers) >= MAX_PEERS:
            return
        peer = self._peers.setdefault(prefix, Peer(prefix, info))
        peer.info = info
        peer.online = True
        self._prefixes[mac] = prefix
        peer.config = peer.status = None
        yield Asks((self._call(_Open(prefix, _CONFIG)), self._call(_Open(prefix, _STATUS))))

    def _described(self, peer: Peer, call: _Open, result: Mapping[str, Any]) -> Iterator[Change]:
        if call.component:
            yield from _read(peer, call.component, result)
            return
        if call.method == _CONFIG:
            peer.config = result
        else:
            peer.status = result
        if peer.config is None or peer.status is None:
            return
        config, status = peer.config, peer.status
        peer.config = peer.status = None
        before = set(peer.parts)
        peer.remake(config, status)
        for device_id in before - set(peer.parts):
            self._owners.pop(device_id, None)
            yield Vanished(device_id)
        for device_id, part in peer.parts.items():
            self._owners[device_id] = peer
            yield Appeared(part.device, peer.topics(part))
        if not peer.online and not peer.sleeps:
            yield from (Reachable(device_id, False) for device_id in peer.parts)
        for component in dict.fromkeys(part.component for part in peer.parts.values()):
            yield from _read(peer, component, status[component])

    def _notified(self, topic: str, payload: bytes) -> Iterator[Change]:
        prefix, _, rest = topic.removesuffix("/events/rpc").partition("/status/")
        peer = self._peers.get(prefix)
        if peer is None:
            return
        said = json_object(payload.decode(errors="replace"))
        if rest:
            yield from _read(peer, rest, said)
            return
        params = said.get("params")
        if said.get("src") != peer.info.id or not isinstance(params, Mapping):
            return
        if said.get("method") in ("NotifyStatus", "NotifyFullStatus"):
            for component in {part.component for part in peer.parts.values()} & params.keys():
                if isinstance(params[component], Mapping):
                    yield from _read(peer, component, params[component])
        elif said.get("method") == "NotifyEvent" and _config_changed(params) and self._may_ask(prefix):
            yield Asks((self._call(_Open(prefix, _INFO)),))

    def _forget(self, peer: Peer | None) -> Iterator[Change]:
        if peer is None:
            return
        self._drop(peer)
        for device_id in peer.parts:
            self._owners.pop(device_id, None)
            yield Vanished(device_id)

    def _drop(self, peer: Peer) -> None:
        self._peers.pop(peer.prefix, None)
        self._prefixes.pop(peer.info.mac.upper(), None)


def _read(peer: Peer, component: str, said: Mapping[str, Any]) -> Iterator[Change]:
    """What a component's status says of its things."""
    for device_id, part in peer.parts.items():
        if part.component == component and (state := part.read(said)):
            yield Reported(device_id, state)


def _is_whose(result: Any, source: str) -> bool:
    """Whether somebody introduces himself, not another."""
    return isinstance(result, Mapping) and result.get("id") == source


def _config_changed(params: Mapping[str, Any]) -> bool:
    events = params.get("events")
    return isinstance(events, list) and any(
        isinstance(event, Mapping) and event.get("event") == "config_changed" for event in events[:50]
    )


def _why(error: Any) -> str:
    """The device's own sentence, on one line."""
    said = error.get("message") if isinstance(error, Mapping) else None
    return plain_text(said or "without a reason", 200)
