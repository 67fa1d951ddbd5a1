"""Zigbee2MQTT's own words, on the topics below its base topic.

    bridge/devices          retained: all devices with what they can do (`exposes`)
    bridge/groups           retained: all groups with their members
    bridge/state            whether Zigbee2MQTT itself runs
    bridge/logging          among much else, orders that a device did not take
    <name>                  a device's or group's state as JSON; usually not retained, so it is asked for
    <name>/availability     whether it can be reached, where the owner has that watched
    <name>/set, <name>/get  orders and questions

A name may hold slashes. Devices are told apart by their hardware address, so a new name is the same device.
Source: Zigbee2MQTT's documentation of MQTT topics and messages.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from devices.commands import DeviceCommand
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
from devices.discovery.zigbee2mqtt import bridge, things
from devices.discovery.zigbee2mqtt.facets import Facet
from devices.discovery.zigbee2mqtt.things import Thing
from devices.home import Ability, Value
from devices.message import Message, topic_is_sound

logger = logging.getLogger(__name__)

MAX_THINGS = 2_000
"""More than any home has; whoever announces more wants our memory."""


class Zigbee2Mqtt:
    """The convention, for one Zigbee2MQTT. A second one has another base topic, which then is its name."""

    greeting: Message | None = None

    def __init__(self, base: str = "zigbee2mqtt") -> None:
        """Listen below `base`. Raises ValueError for one that no broker would take."""
        if not base or not topic_is_sound(f"{base}/bridge/devices") or base != base.strip("/"):
            raise ValueError(f"{base[:80]!r} is no base topic")
        self.name = base
        self._bridge: Mapping[str, Callable[[bytes], Iterable[Change]]] = {
            f"{base}/bridge/state": self._bridge_said,
            f"{base}/bridge/devices": self._devices_listed,
            f"{base}/bridge/groups": self._groups_listed,
            f"{base}/bridge/logging": self._refused,
        }
        self.filters: tuple[str, ...] = tuple(self._bridge)
        self._base = base
        self._listed: tuple[bridge.Listed, ...] = ()
        self._groups: tuple[bridge.Group, ...] = ()
        self._made: dict[str, tuple[bridge.Listed, tuple[Thing, ...]]] = {}
        self._things: dict[str, Thing] = {}
        self._speakers: dict[str, tuple[str, ...]] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._online = True
        self._reachable: dict[str, bool] = {}

    def known(self) -> Sequence[Change]:
        """Nothing, before the bridge spoke."""
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """A list of the bridge, or a word from a device."""
        if topic in self._bridge:
            return tuple(self._bridge[topic](payload))
        if topic in self._owners:
            return tuple(self._availability(self._owners[topic], payload))
        return tuple(self._said(topic, payload)) if topic in self._speakers else ()

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:
        """One JSON object for one order."""
        facet = self._facet(command)
        if facet is None:
            raise CannotError(f"it has no {command.ability.value}")
        if not facet.feature.settable:
            raise CannotError(f"its {command.ability.value} can only be read")
        topic = f"{self._things[command.device_id].topic}/set"
        return (Message(topic, json.dumps(facet.write(command.value, state))),)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the device's state tells this ability."""
        facet = self._facet(command)
        return facet is not None and facet.published

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what it says is what was asked."""
        facet = self._facet(command)
        return facet is not None and facet.satisfied(command.value, state)

    def _facet(self, command: DeviceCommand) -> Facet | None:
        thing = self._things.get(command.device_id)
        return None if thing is None else thing.facets.get(command.ability)

    def _devices_listed(self, payload: bytes) -> Sequence[Change]:
        listed = bridge.devices(payload)
        self._listed = self._listed if listed is None else listed
        return self._rebuilt()

    def _groups_listed(self, payload: bytes) -> Sequence[Change]:
        groups = bridge.groups(payload)
        self._groups = self._groups if groups is None else groups
        return self._rebuilt()

    def _rebuilt(self) -> Sequence[Change]:
        """What is otherwise after a list came. Both lists are read together, since groups are of devices."""
        before, now = self._things, {thing.device.id: thing for thing in self._wanted()}
        self._things = now
        self._speakers = _by(now, lambda thing: thing.topic)
        self._owners = _by(now, lambda thing: f"{thing.topic}/availability")
        owners = {thing.owner for thing in now.values()}
        self._reachable = {owner: said for owner, said in self._reachable.items() if owner in owners}
        changes: list[Change] = [Vanished(device_id) for device_id in before if device_id not in now]
        for device_id, thing in now.items():
            if before.get(device_id) != thing:
                device = replace(thing.device, available=self._available(thing))
                changes.append(Appeared(device, frozenset({thing.topic, f"{thing.topic}/availability"})))
                changes += self._asks(thing)
        return changes

    def _wanted(self) -> Iterator[Thing]:
        """All things of which it is sure whose topic they speak on."""
        names = Counter([*(each.name for each in self._listed), *(each.name for each in self._groups)])
        for name, count in names.items():
            if count > 1:
                logger.warning("zigbee2mqtt: left out %d things that are all called %r", count, name[:80])
        listed = {each.ieee: each for each in self._listed if names[each.name] == 1}
        left = MAX_THINGS
        made: dict[str, tuple[bridge.Listed, tuple[Thing, ...]]] = {}
        for each in listed.values():
            before = self._made.get(each.ieee)
            same = before is not None and before[0] == each
            found = before[1] if before and same else things.of_device(each, self._base, self.name)
            made[each.ieee] = (each, found)
            yield from found[:left]
            left = max(0, left - len(found))
        self._made = made
        for group in self._groups[:left]:
            if names[group.name] == 1 and (thing := things.of_group(group, listed, self._base, self.name)):
                yield thing

    def _asks(self, thing: Thing) -> Iterator[Asks]:
        if thing.asked:
            question = json.dumps(dict.fromkeys(thing.asked, ""))
            yield Asks((Message(f"{thing.topic}/get", question),), thing.device.id)

    def _bridge_said(self, payload: bytes) -> Iterator[Change]:
        online = bridge.online(payload)
        if online is None:
            return
        back, self._online = online and not self._online, online
        for device_id, thing in self._things.items():
            yield Reachable(device_id, self._available(thing))
            if back:
                yield from self._asks(thing)

    def _refused(self, payload: bytes) -> Iterator[Change]:
        if found := bridge.refused(payload):
            name, why = found
            for device_id in self._speakers.get(f"{self._base}/{name}", ()):
                if any(facet.feature.settable for facet in self._things[device_id].facets.values()):
                    yield Refused(device_id, " ".join(why.split())[:200])

    def _availability(self, device_ids: Sequence[str], payload: bytes) -> Iterator[Change]:
        available = bridge.online(payload)
        if available is not None:
            for device_id in device_ids:
                thing = self._things[device_id]
                self._reachable[thing.owner] = available
                yield Reachable(device_id, self._available(thing))

    def _available(self, thing: Thing) -> bool:
        return self._online and self._reachable.get(thing.owner, True)

    def _said(self, topic: str, payload: bytes) -> Iterator[Change]:
        said = bridge.parse(payload)
        if not isinstance(said, Mapping):
            logger.debug("zigbee2mqtt: what came on %r is no state", topic[:120])
            return
        for device_id in self._speakers[topic]:
            state: dict[Ability, Value | None] = {}
            for facet in self._things[device_id].facets.values():
                state.update(facet.read(said))
            if state:
                yield Reported(device_id, state)


def _by(now: Mapping[str, Thing], topic_of: Callable[[Thing], str]) -> dict[str, tuple[str, ...]]:
    """Topic -> the things that are spoken of there."""
    found: dict[str, tuple[str, ...]] = {}
    for device_id, thing in now.items():
        found[topic_of(thing)] = (*found.get(topic_of(thing), ()), device_id)
    return found
