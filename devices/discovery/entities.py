"""The things that a convention has found: whose topic is which, what a message says, how one is told."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.components.alarm import Alarm
from devices.discovery.components.climate import Climate
from devices.discovery.components.cover import Cover
from devices.discovery.components.entity import Entity
from devices.discovery.components.fan import Fan
from devices.discovery.components.humidifier import Humidifier
from devices.discovery.components.json_light import JsonLight
from devices.discovery.components.light import Light
from devices.discovery.components.lock import Lock
from devices.discovery.components.press import Button, Scene
from devices.discovery.components.sensor import BinarySensor, Sensor
from devices.discovery.components.settings import BadConfigError, Settings
from devices.discovery.components.siren import Siren
from devices.discovery.components.switch import Switch
from devices.discovery.components.template_light import TemplateLight
from devices.discovery.components.vacuum import Vacuum
from devices.discovery.components.valve import Valve
from devices.discovery.convention import Appeared, CannotError, Change, Reachable, Reported, Vanished
from devices.discovery.templates import Template, TemplateError
from devices.home import Ability, Device, Value
from devices.message import Message

logger = logging.getLogger(__name__)


_LIGHTS: Mapping[str, Callable[[Settings], Entity]] = {
    "default": Light,
    "basic": Light,
    "json": JsonLight,
    "template": TemplateLight,
}


def _light(settings: Settings) -> Entity:
    schema = settings.text("schema", "default")
    if schema not in _LIGHTS:
        raise BadConfigError(f"lights with the schema {schema[:40]!r} are not supported")
    return _LIGHTS[schema](settings)


COMPONENTS: Mapping[str, Callable[[Settings], Entity]] = {
    "light": _light,
    "switch": Switch,
    "sensor": Sensor,
    "binary_sensor": BinarySensor,
    "cover": Cover,
    "climate": Climate,
    "fan": Fan,
    "lock": Lock,
    "alarm_control_panel": Alarm,
    "vacuum": Vacuum,
    "valve": Valve,
    "siren": Siren,
    "humidifier": Humidifier,
    "button": Button,
    "scene": Scene,
}
"""Home Assistant's word for a component -> what makes one of a configuration. Others (`number`, `select`,
`text`, …) set a device up and have no ability that a person would name."""

MAX_THINGS = 2_000
"""More than any home has; whoever announces more wants our memory."""
MAX_PAYLOAD = 100_000
"""Bytes of what a thing says; the longest real ones are a few thousand."""
MAX_AVAILABILITY = 20
"""Topics on which it is said whether one thing can be reached."""


@dataclass(frozen=True, slots=True)
class _Availability:
    """One topic on which somebody says whether a thing can be reached."""

    topic: str
    template: Template
    online: str
    offline: str

    def read(self, payload: str) -> bool | None:
        text = self.template.read(payload)
        return True if text == self.online else False if text == self.offline else None


@dataclass(slots=True)
class _Found:
    device: Device
    entity: Entity
    availability: tuple[_Availability, ...]
    mode: str
    said: dict[str, bool] = field(default_factory=dict)

    @property
    def topics(self) -> frozenset[str]:
        return self.entity.topics | {each.topic for each in self.availability}

    def reachable(self, topic: str, payload: str) -> bool | None:
        """Whether it can be reached, after this message; None when the message says nothing of that."""
        heard = False
        for each in self.availability:
            if each.topic == topic and (available := each.read(payload)) is not None:
                self.said[topic], heard = available, True
        if not heard:
            return None
        known = [self.said.get(each.topic, False) for each in self.availability]
        return {"all": all(known), "any": any(known)}.get(self.mode, self.said[topic])


class Entities:
    """All that one convention has found, by device id and by topic."""

    def __init__(self) -> None:
        self._found: dict[str, _Found] = {}
        self._by_topic: dict[str, set[str]] = {}

    def __contains__(self, device_id: str) -> bool:
        return device_id in self._found

    def add(self, device: Device, component: str, settings: Settings) -> Appeared:
        """Make a thing of its configuration. Raises `BadConfigError`."""
        make = COMPONENTS.get(component)
        if make is None:
            raise BadConfigError(f"{component[:40]!r} is not supported")
        if len(self._found) >= MAX_THINGS and device.id not in self._found:
            raise BadConfigError(f"there are {MAX_THINGS} things already")
        entity = make(settings)
        abilities = entity.abilities
        complete = replace(
            device,
            kind=entity.kind,
            abilities=abilities,
            # Of each word in turn: a vacuum says that it cleans, but not that it beeped.
            reports_state=bool(entity.topics) and any(_speaks(entity, ability) for ability in abilities),
            unit=entity.unit if Ability.READING in abilities else "",
            device_class=entity.device_class,
            options=dict(entity.options),
            limits=dict(entity.limits),
        )
        found = _Found(
            complete, entity, _availability(settings), settings.text("availability_mode", "latest")
        )
        self.remove(device.id)
        self._found[device.id] = found
        for topic in found.topics:
            self._by_topic.setdefault(topic, set()).add(device.id)
        return Appeared(complete, found.topics)

    def remove(self, device_id: str) -> Sequence[Vanished]:
        """Forget a thing; unknown ids are ignored."""
        found = self._found.pop(device_id, None)
        if found is None:
            return ()
        for topic in found.topics:
            self._by_topic[topic].discard(device_id)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        return (Vanished(device_id),)

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """What a message on a thing's own topic says. Never raises."""
        if topic not in self._by_topic:
            return ()
        if len(payload) > MAX_PAYLOAD:
            logger.debug("what came on %r has %d bytes and was ignored", topic[:120], len(payload))
            return ()
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            logger.debug("what came on %r is no text", topic[:120])
            return ()
        changes: list[Change] = []
        for device_id in sorted(self._by_topic[topic]):
            try:
                changes += self._said(self._found[device_id], topic, text)
            except TemplateError as error:
                logger.debug("%r: what came on %r was not understood: %s", device_id, topic[:120], error)
        return changes

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:
        """What to send for an order. Raises `CannotError`."""
        found = self._found.get(command.device_id)
        if found is None or command.ability not in found.entity.abilities:
            raise CannotError(f"it has no {command.ability.value}")
        try:
            return found.entity.write(command.ability, command.value, state)
        except TemplateError as error:
            raise CannotError(f"its command template failed: {error}") from None

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the thing would say that it obeyed."""
        found = self._found.get(command.device_id)
        return found is not None and found.entity.reports(command.ability, command.value)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what it says is what was asked."""
        found = self._found.get(command.device_id)
        return found is not None and found.entity.satisfied(command.ability, command.value, state)

    @staticmethod
    def _said(found: _Found, topic: str, text: str) -> Iterable[Change]:
        available = found.reachable(topic, text)
        if available is not None:
            yield Reachable(found.device.id, available)
        if topic in found.entity.topics and (state := found.entity.read(topic, text)):
            yield Reported(found.device.id, state)


def _speaks(entity: Entity, ability: Ability) -> bool:
    return entity.reports(ability, entity.options.get(ability, (True,))[0])


def _availability(settings: Settings) -> tuple[_Availability, ...]:
    """The one `availability_topic`, or the list `availability`."""
    if "availability_topic" in settings:
        return _availability_of(settings, "availability_topic", "availability_template")
    listed: Any = settings.raw("availability")
    each_of = listed[:MAX_AVAILABILITY] if isinstance(listed, list) else [listed]
    return tuple(
        one
        for each in each_of
        if isinstance(each, Mapping)
        for one in _availability_of(Settings(each), "topic", "value_template")
    )


def _availability_of(settings: Settings, topic_key: str, template_key: str) -> tuple[_Availability, ...]:
    topic = settings.topic(topic_key)
    if topic is None:
        return ()
    online = settings.text("payload_available", "online")
    offline = settings.text("payload_not_available", "offline")
    return (_Availability(topic, settings.template(template_key), online, offline),)
