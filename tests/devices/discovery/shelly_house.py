"""A home whose Shellys answer at once, without a broker."""

import json
from collections.abc import Iterable
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.convention import (
    Appeared,
    Asks,
    Change,
    Reachable,
    Refused,
    Reported,
    Vanished,
)
from devices.discovery.shelly import ShellyGen2
from devices.home import Ability, Device, Home, Value
from devices.message import Message, topic_is_sound
from tests.devices.discovery.fake_shelly import FakeShelly


class House:
    """The convention, the home that it makes and the devices that answer it, without a broker."""

    def __init__(self, *devices: FakeShelly) -> None:
        self.convention = ShellyGen2("k3x9")
        self.home = Home()
        self.devices = {f"{device.prefix}/rpc": device for device in devices}
        self.asked: list[Message] = []
        self.refused: list[Refused] = []
        for device in devices:
            self.hears(f"{device.prefix}/online", "true")

    def hears(self, topic: str, payload: str | bytes) -> list[Change]:
        """Everything that comes of a message, questions and answers included."""
        raw = payload if isinstance(payload, bytes) else payload.encode()
        changes = list(self.convention.heard(topic, raw))
        for change in tuple(changes):
            self._take(change)
            if isinstance(change, Asks):
                changes += self.sends(change.messages)
        return changes

    def sends(self, messages: Iterable[Message]) -> list[Change]:
        """Messages that reach the device that listens to them, if any."""
        changes: list[Change] = []
        for message in messages:
            self.asked.append(message)
            device = self.devices.get(message.topic)
            if device is not None:
                changes += self.hears(*device.answer(message.payload))
        return changes

    def orders(self, device: Device, ability: Ability, value: Value) -> tuple[str, dict[str, Any]]:
        """Order it, and return the call that reached the device."""
        messages = self.convention.messages(DeviceCommand(device.id, ability, value), device.state)
        assert not any(message.retain for message in messages)
        self.sends(messages)
        (message,) = messages
        call = json.loads(message.payload)
        return call["method"], call["params"]

    def satisfied(self, device: Device, ability: Ability, value: Value) -> bool:
        now = self.home.get(device.id)
        assert now is not None
        return self.convention.satisfied(DeviceCommand(device.id, ability, value), now.state)

    def named(self, name: str) -> Device:
        (found,) = [device for device in self.home if device.name == name]
        return found

    def _take(self, change: Change) -> None:
        match change:
            case Appeared(device, topics):
                assert all(topic_is_sound(topic) for topic in topics)
                self.home.put(device)
            case Vanished(device_id):
                self.home.remove(device_id)
            case Reported(device_id, state):
                self.home.report(device_id, state)
            case Reachable(device_id, available):
                self.home.set_available(device_id, available)
            case Refused():
                self.refused.append(change)
