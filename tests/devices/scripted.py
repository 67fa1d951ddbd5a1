"""Conventions and bridges that say what a test wants, without a broker's help."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from devices.commands import DeviceCommand, Sent
from devices.discovery.convention import (
    Appeared,
    Asks,
    BridgeAwayError,
    BridgeRefusedError,
    Change,
    Reachable,
    Refused,
    Reported,
    Vanished,
)
from devices.home import Ability, Device, Kind, Value
from devices.message import Message


def lamp(device_id: str, name: str = "Lamp", **more: Any) -> Device:
    """A lamp of the convention that its id begins with."""
    known = {"kind": Kind.LIGHT, "abilities": frozenset({Ability.ON}), **more}
    return Device(device_id, name, convention=device_id.partition(".")[0], **known)


class ScriptedConvention:
    """`<name>/announce/<id>` carries JSON of a device (empty: gone); `<name>/<id>` one of its state.

    Orders go to `<name>/<id>/set` as "ability=value". `{"refused": why}` on the state topic is a no.
    """

    greeting: Message | None = None

    def __init__(self, name: str = "one", *, asks: bool = False) -> None:
        self.name = name
        self.filters = (f"{name}/announce/+",)
        self.devices: dict[str, Device] = {}
        self._asks = asks

    def known(self) -> Sequence[Change]:
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        parts = topic.split("/")
        if parts[0] != self.name:
            return ()
        device_id = f"{self.name}.{parts[-1]}"
        if parts[1] == "announce":
            return self._announced(device_id, payload)
        if device_id not in self.devices:
            return ()
        said = json.loads(payload)
        if "refused" in said:
            return (Refused(device_id, said["refused"]),)
        if "available" in said:
            return (Reachable(device_id, said["available"]),)
        return (Reported(device_id, {Ability(key): value for key, value in said.items()}),)

    def _announced(self, device_id: str, payload: bytes) -> Sequence[Change]:
        if not payload:
            self.devices.pop(device_id, None)
            return (Vanished(device_id),)
        said = json.loads(payload)
        device = lamp(
            device_id,
            said["name"],
            kind=Kind(said.get("kind", "light")),
            abilities=frozenset(Ability(each) for each in said.get("abilities", ["on"])),
            identities=frozenset(said.get("identities", [])),
            members=tuple(said.get("members", [])),
            room=said.get("room"),
            device_class=said.get("device_class", ""),
        )
        if self.devices.get(device_id) == device:  # like real ones, it is deaf to what it knows
            return ()
        self.devices[device_id] = device
        own = device_id.partition(".")[2]
        changes: list[Change] = [Appeared(device, frozenset({f"{self.name}/{own}"}))]
        if self._asks:
            changes.append(Asks((Message(f"{self.name}/{own}/get", "", retain=True),), device_id))
        return changes

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:
        own = command.device_id.partition(".")[2]
        return (Message(f"{self.name}/{own}/set", f"{command.ability}={command.value}"),)

    def reports(self, command: DeviceCommand) -> bool:
        return command.ability is not Ability.PRESSED

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        return state.get(command.ability) == command.value


class ScriptedBridge:
    """A bridge whose devices obey at once, until `trouble` or `refuses` is set."""

    def __init__(self, *devices: Device, name: str = "bridge", breaks: int = 0) -> None:
        self.name = name
        self.trouble = ""
        self.refuses = ""
        self.runs = 0
        self.take: Callable[[Sequence[Change]], None] = lambda _: None
        self._devices = devices
        self._breaks = breaks

    async def run(self, take: Callable[[Sequence[Change]], None]) -> None:
        self.runs += 1
        if self.runs <= self._breaks:
            raise RuntimeError("on purpose")
        self.take = take
        take([Appeared(replace(each, convention=self.name), frozenset()) for each in self._devices])
        await asyncio.Event().wait()

    async def send(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Sent, ...]:
        if self.trouble:
            raise BridgeAwayError(self.trouble)
        if self.refuses:
            raise BridgeRefusedError(self.refuses)
        self.take([Reported(command.device_id, {command.ability: command.value})])
        return (Sent(self.name, command.device_id, str(command.value)),)

    def reports(self, command: DeviceCommand) -> bool:
        return True

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        return state.get(command.ability) == command.value
