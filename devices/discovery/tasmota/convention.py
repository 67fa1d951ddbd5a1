"""The convention: who has announced himself, whose topic is which, what a message says."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from devices.commands import DeviceCommand
from devices.discovery.components.values import json_object
from devices.discovery.convention import Appeared, Asks, CannotError, Change, Reachable, Reported, Vanished
from devices.discovery.tasmota import sensors, things
from devices.discovery.tasmota.announced import Announced, Sensors
from devices.discovery.tasmota.things import Thing
from devices.home import Ability, Value
from devices.message import Message

logger = logging.getLogger(__name__)

MAX_DEVICES = 500
"""More than any home has; whoever announces more wants our memory."""

MAX_PAYLOAD_BYTES = 65_536
"""Forty times what the firmware can put into one message."""

_WRAPPED = {"STATUS10": "StatusSNS", "STATUS11": "StatusSTS"}
"""The answers to STATUS hold what STATE and SENSOR say, under a key."""


@dataclass(slots=True)
class _Unit:
    """One device: its announcements as they came, and what was made of them."""

    config: bytes = b""
    example: bytes = b""
    about: Announced | None = None
    sensors: Sensors | None = None
    things: dict[str, Thing] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    online: bool | None = None

    @property
    def will(self) -> frozenset[str]:
        """Where it says that it can be reached; what sleeps most of the time says nothing of use there."""
        if self.about is None or self.about.deep_sleep:
            return frozenset()
        return frozenset({f"{self.about.topics.tele}LWT"})

    def polls(self) -> tuple[Message, ...]:
        """What makes it say how it is."""
        return tuple(dict.fromkeys(poll for thing in self.things.values() for poll in thing.polls))


class Tasmota:
    """The convention, for one discovery prefix."""

    name = "tasmota"
    greeting: Message | None = None

    def __init__(self, prefix: str = "tasmota/discovery") -> None:
        self.filters: tuple[str, ...] = (f"{prefix}/+/config", f"{prefix}/+/sensors")
        self._prefix = f"{prefix}/"
        self._units: dict[str, _Unit] = {}
        self._by_topic: dict[str, set[str]] = {}
        self._owners: dict[str, str] = {}

    def known(self) -> Sequence[Change]:
        """Nothing, before somebody announced something."""
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """An announcement, or a word from a device that was announced."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            return ()
        if topic.startswith(self._prefix):
            mac, _, what = topic.removeprefix(self._prefix).partition("/")
            if what == "config":
                return self._config(mac, payload)
            if what == "sensors":
                return self._sensors(mac, payload)
        return tuple(self._said(topic, payload))

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:  # noqa: ARG002 - it needs no state
        """What to send for an order."""
        thing = self._thing(command)
        if thing is None:
            raise CannotError(f"it has no {command.ability.value}")
        return thing.write(command.ability, command.value)

    def reports(self, command: DeviceCommand) -> bool:
        """They all say what they did."""
        return self._thing(command) is not None

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what it says is what was asked."""
        thing = self._thing(command)
        return thing is not None and thing.satisfied(command.ability, command.value, state)

    def _thing(self, command: DeviceCommand) -> Thing | None:
        unit = self._units.get(self._owners.get(command.device_id, ""))
        thing = unit.things.get(command.device_id) if unit is not None else None
        return thing if thing is not None and command.ability in thing.device.abilities else None

    def _config(self, mac: str, payload: bytes) -> Sequence[Change]:
        unit = self._units.get(mac)
        if unit is not None and unit.config == payload:
            return ()
        if not payload:
            return self._gone(mac)
        try:
            about = _announced(mac, payload)
        except ValueError as error:
            logger.warning("tasmota: ignored what %r announced: %s", mac[:40], _why(error))
            return ()
        unit = self._unit(mac)
        if unit is None:
            return ()
        unit.config, unit.about = payload, about
        return self._remake(mac, unit)

    def _sensors(self, mac: str, payload: bytes) -> Sequence[Change]:
        unit = self._units.get(mac)
        if unit is not None and unit.example == payload:
            return ()
        found = None
        if payload:
            try:
                found = Sensors.model_validate_json(payload)
            except ValidationError as error:
                logger.warning("tasmota: ignored the sensors of %r: %s", mac[:40], _why(error))
                return ()
            unit = self._unit(mac)
        if unit is None:
            return ()
        unit.example, unit.sensors = payload, found
        return self._remake(mac, unit) if unit.about is not None else ()

    def _unit(self, mac: str) -> _Unit | None:
        """The device of that address, made when it is new; None when there are too many."""
        if mac not in self._units and len(self._units) >= MAX_DEVICES:
            logger.warning("tasmota: there are %d devices already; ignored %r", MAX_DEVICES, mac[:40])
            return None
        return self._units.setdefault(mac, _Unit())

    def _gone(self, mac: str) -> Sequence[Change]:
        unit = self._units.pop(mac, None)
        if unit is None:
            return ()
        self._forget(mac, unit)
        return tuple(Vanished(device_id) for device_id in unit.things)

    def _remake(self, mac: str, unit: _Unit) -> Sequence[Change]:
        assert unit.about is not None
        before = unit.things if unit.will <= unit.topics else {}
        gone = unit.things.keys()
        self._forget(mac, unit)
        made = [*things.of(unit.about), *sensors.of(unit.about, unit.sensors)]
        unit.things = {thing.device.id: thing for thing in made}
        unit.topics = unit.will.union(*(thing.topics for thing in made))
        for topic in unit.topics:
            self._by_topic.setdefault(topic, set()).add(mac)
        self._owners |= dict.fromkeys(unit.things, mac)
        available = unit.online is not False
        changes: list[Change] = [
            Appeared(replace(thing.device, available=available), thing.topics | unit.will)
            for thing in made
            if not _alike(thing, before.get(thing.device.id))
        ]
        told = bool(changes)
        changes += [Vanished(device_id) for device_id in gone if device_id not in unit.things]
        if told and not unit.about.deep_sleep:
            changes.append(Asks(unit.polls(), next(iter(unit.things))))
        return changes

    def _forget(self, mac: str, unit: _Unit) -> None:
        for topic in unit.topics:
            self._by_topic.get(topic, set()).discard(mac)
            if not self._by_topic.get(topic):
                self._by_topic.pop(topic, None)
        for device_id in unit.things:
            self._owners.pop(device_id, None)

    def _said(self, topic: str, payload: bytes) -> Iterator[Change]:
        macs = self._by_topic.get(topic)
        if not macs:
            return
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return
        for mac in sorted(macs):
            unit = self._units[mac]
            if topic in unit.will:
                yield from _reached(unit, text)
                continue
            said = _as_object(topic.rpartition("/")[2], text)
            for device_id, thing in unit.things.items():
                if topic in thing.topics and (state := thing.read(said)):
                    yield Reported(device_id, state)


def _alike(thing: Thing, before: Thing | None) -> bool:
    """Whether there is nothing to tell of a thing: it was there before, as it is now."""
    return before is not None and thing.device == before.device and thing.topics == before.topics


def _announced(mac: str, payload: bytes) -> Announced:
    """The announcement, checked. Raises ValueError, of which pydantic's ValidationError is one."""
    about = Announced.model_validate_json(payload)
    if about.mac != mac:
        raise ValueError(f"it calls itself {about.mac}")
    _ = about.topics
    return about


def _reached(unit: _Unit, word: str) -> Iterator[Change]:
    """What its will, or its return, says of all its things; who was away is asked how he is."""
    if unit.about is None or word not in (unit.about.online, unit.about.offline):
        return
    online = word == unit.about.online
    for device_id in unit.things:
        yield Reachable(device_id, online)
    if online and unit.online is False:
        yield Asks(unit.polls())
    unit.online = online


def _as_object(name: str, text: str) -> Mapping[str, Any]:
    """A message as the object that it is; a plain word on POWER1 stands for {"POWER1": word}."""
    if name.startswith("POWER") and not text.startswith("{"):
        return {name: text}
    said = json_object(text)
    inner = said.get(_WRAPPED[name]) if name in _WRAPPED else said
    return inner if isinstance(inner, Mapping) else {}


def _why(error: Exception) -> str:
    """One line for the log."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"[:200]
    return str(error)[:200]
