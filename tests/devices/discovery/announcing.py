"""Announcing things by Home Assistant's discovery, and looking at what became of it."""

import json
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Reported
from devices.discovery.homeassistant import HomeAssistant
from devices.home import Ability, Device, Value

LAMP = {"command_topic": "lamp/set", "state_topic": "lamp", "unique_id": "lamp"}


def announce(
    convention: HomeAssistant, config: dict[str, Any] | str, topic: str = "homeassistant/light/lamp/config"
) -> list[Any]:
    payload = config if isinstance(config, str) else json.dumps(config)
    return list(convention.heard(topic, payload.encode()))


def appeared(config: dict[str, Any], component: str = "light") -> tuple[HomeAssistant, Device]:
    convention = HomeAssistant()
    (change,) = announce(convention, config, f"homeassistant/{component}/lamp/config")
    assert isinstance(change, Appeared)
    return convention, change.device


def told(convention: HomeAssistant, device: Device, ability: Ability, value: Value) -> list[tuple[str, str]]:
    messages = convention.messages(DeviceCommand(device.id, ability, value), device.state)
    assert not any(message.retain for message in messages)
    return [(message.topic, message.payload) for message in messages]


def said(convention: HomeAssistant, topic: str, payload: str) -> dict[Ability, Value | None]:
    state: dict[Ability, Value | None] = {}
    for change in convention.heard(topic, payload.encode()):
        if isinstance(change, Reported):
            state |= change.state
    return state


def satisfied(
    convention: HomeAssistant, device: Device, ability: Ability, value: Value, state: dict[Ability, Any]
) -> bool:
    return convention.satisfied(DeviceCommand(device.id, ability, value), state)


def sent(convention: HomeAssistant, device: Device, ability: Ability, value: Value) -> str:
    """The payload of an order that takes one message."""
    ((_, payload),) = told(convention, device, ability, value)
    return payload


def reports(convention: HomeAssistant, device: Device, ability: Ability, value: Value = True) -> bool:
    """Whether the device would say that it did that."""
    return convention.reports(DeviceCommand(device.id, ability, value))
