"""Home Assistant's MQTT discovery: most hardware announces itself in these words.

    homeassistant/<component>/[<node>/]<object>/config   one thing
    homeassistant/device/[<node>/]<object>/config        all things of one device, under `components`

An empty payload takes back what was announced there. What is meant for setting a device up, and what is
switched off by default, is left out: nobody asks for it by voice.
Source: Home Assistant's documentation of MQTT discovery and of the components in `components/`.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.abbreviations import expand
from devices.discovery.components.settings import BadConfigError, Settings, plain_text, sound_text
from devices.discovery.convention import Appeared, Change
from devices.discovery.entities import COMPONENTS, Entities
from devices.discovery.hardware import identity_of, is_ourselves
from devices.home import Ability, Device, Kind, Value
from devices.message import Message

logger = logging.getLogger(__name__)

MAX_COMPONENTS = 200
"""Things in one device announcement; real ones have up to about 60."""
MAX_PAYLOAD = 500_000
"""Bytes of one announcement: 200 things with all their templates."""
MAX_NAME = 120
"""Characters of a name or a room."""
MAX_IDENTITIES = 20


class _OurselvesError(Exception):
    """We are announced to Home Assistant too, and do not order ourselves about."""


@dataclass(frozen=True, slots=True)
class _Announced:
    """One thing in an announcement, its words spelt out."""

    component: str
    object_id: str
    config: Mapping[str, Any]


class HomeAssistant:
    """The convention, for one discovery prefix."""

    name = "homeassistant"

    def __init__(self, prefix: str = "homeassistant") -> None:
        self.filters: tuple[str, ...] = (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")
        self.greeting: Message | None = Message(f"{prefix}/status", "online")
        self._prefix = prefix
        self._entities = Entities()
        self._payloads: dict[str, int] = {}
        self._ids: dict[str, tuple[str, ...]] = {}

    def known(self) -> Sequence[Change]:
        """Nothing, before somebody announced something."""
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """An announcement, or a word from a thing that was announced."""
        parts = topic.removeprefix(f"{self._prefix}/").split("/")
        if topic.startswith(f"{self._prefix}/") and len(parts) in (3, 4) and parts[-1] == "config":
            return self._announcement(topic, parts, payload)
        return self._entities.heard(topic, payload)

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:
        """What to send for an order."""
        return self._entities.messages(command, state)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the thing would say that it obeyed."""
        return self._entities.reports(command)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what it says is what was asked."""
        return self._entities.satisfied(command, state)

    def _announcement(self, topic: str, parts: Sequence[str], payload: bytes) -> Sequence[Change]:
        if self._payloads.get(topic) == hash(payload):  # hardware repeats itself whenever somebody greets
            return ()
        before = self._ids.pop(topic, ())
        changes: list[Change] = []
        now: list[str] = []
        for announced in self._parse(topic, parts, payload):
            try:
                appeared = self._add(announced, before)
            except _OurselvesError:
                continue
            except BadConfigError as error:
                level = logging.WARNING if announced.component in COMPONENTS else logging.INFO
                logger.log(level, "discovery: ignored a thing on %r: %s", topic[:120], error)
            else:
                changes.append(appeared)
                now.append(appeared.device.id)
        for device_id in before:
            if device_id not in now:
                changes += self._entities.remove(device_id)
        if now:
            self._ids[topic] = tuple(now)
            self._payloads[topic] = hash(payload)
        else:  # rubbish is not remembered
            self._payloads.pop(topic, None)
        return changes

    def _add(self, announced: _Announced, before: Sequence[str]) -> Appeared:
        device = _device(announced)
        if any(is_ourselves(each) for each in device.identities):
            raise _OurselvesError("that is ourselves")
        if device.id in self._entities and device.id not in before:
            raise BadConfigError(f"{device.id[:80]!r} is announced elsewhere too")
        return self._entities.add(device, announced.component, Settings(announced.config))

    @staticmethod
    def _parse(topic: str, parts: Sequence[str], payload: bytes) -> Iterator[_Announced]:
        """The things that an announcement names, without those that nobody wants."""
        if not payload:
            return
        if len(payload) > MAX_PAYLOAD:
            logger.warning("discovery: ignored %d bytes on %r: too long", len(payload), topic[:120])
            return
        try:
            config = json.loads(payload)
        except (ValueError, RecursionError) as error:
            logger.warning("discovery: ignored what is no JSON on %r: %s", topic[:120], str(error)[:120])
            return
        if not isinstance(config, dict):
            logger.warning("discovery: ignored what is no JSON object on %r", topic[:120])
            return
        spelt = expand(config)
        if spelt.get("migrate_discovery") is True:  # it comes back in a device announcement
            return
        things: Iterable[_Announced] = [_Announced(parts[0], "_".join(parts[1:-1]), spelt)]
        if parts[0] == "device":
            things = _of_device(spelt, config.get("~"))
        for thing in things:
            settings = Settings(thing.config)
            hidden = settings.raw("entity_category") or not settings.flag("enabled_by_default", True)
            if not hidden:
                yield thing


def _of_device(spelt: Mapping[str, Any], base: Any) -> Iterator[_Announced]:
    """The things of a device announcement; what is said beside `components` holds for each of them."""
    components = spelt.get("components")
    if not isinstance(components, Mapping):
        return
    shared = {key: value for key, value in spelt.items() if key not in ("components", "origin")}
    for object_id, config in list(components.items())[:MAX_COMPONENTS]:
        if not isinstance(config, Mapping):
            continue
        own = expand({"~": base, **config})
        component = own.pop("platform", None)
        if isinstance(component, str) and own:  # with nothing but its platform it is taken back
            yield _Announced(component, sound_text(object_id), {**shared, **own})


def _device(announced: _Announced) -> Device:
    """Who it is. The rest is filled in from the component. Raises `BadConfigError`."""
    settings = Settings(announced.config)
    about = settings.raw("device")
    whole = Settings(about if isinstance(about, Mapping) else {})
    own_id = settings.text("unique_id") or announced.object_id
    return Device(
        id=plain_text(f"{announced.component}.{own_id}", 200),
        name=plain_text(_name(settings, whole, announced.object_id), MAX_NAME) or announced.component,
        kind=Kind.OTHER,
        abilities=frozenset(),
        room=plain_text(whole.text("suggested_area"), MAX_NAME) or None,
        convention=HomeAssistant.name,
        identities=_identities(whole),
    )


def _identities(whole: Settings) -> frozenset[str]:
    """What hardware it is, in the words that all conventions share."""
    connections, said = whole.raw("connections"), whole.raw("identifiers")
    pairs = connections if isinstance(connections, list) else []
    macs = [
        pair[1]
        for pair in pairs[:MAX_IDENTITIES]
        if isinstance(pair, list) and len(pair) == 2 and pair[0] == "mac"
    ]
    identifiers = said if isinstance(said, list) else [said]
    found = (
        identity_of(each) for each in (*macs, *identifiers[:MAX_IDENTITIES]) if isinstance(each, str | int)
    )
    return frozenset(identity for identity in found if identity)


def _name(settings: Settings, whole: Settings, object_id: str) -> str:
    """Home Assistant's rule: the device's name, then the thing's own unless that is null or says the same."""
    device = whole.text("name").strip()
    own = settings.text("name").strip()
    if not own and not settings.is_null("name") and device:
        own = settings.text("device_class").replace("_", " ").capitalize()
    if not device:
        return own or object_id.replace("_", " ")
    if own.casefold().startswith(device.casefold()):
        return own
    return f"{device} {own}".strip()
