"""A topic for each signal: the vehicle tells its current values, and is told what they are to be.

    car/vss/Vehicle/Cabin/HVAC/IsAirConditioningActive        true      it is so
    car/vss/Vehicle/Cabin/HVAC/IsAirConditioningActive/set    false     it is to be so

A value is a plain word or number, or an object with `value`. The order is done when the signal says so.
COVESA names the signals and leaves the topics to whoever publishes them; this is the simplest mapping, a
slash for each dot.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.convention import Change
from devices.discovery.vss.catalogue import Raw
from devices.discovery.vss.vehicle import Vehicle
from devices.home import Ability, Value
from devices.message import Message

MAX_PAYLOAD_BYTES = 1_000
SET = "/set"


class VssTopics:
    """The convention. `base` is what stands before "Vehicle/…"."""

    name = "vss"
    greeting: Message | None = None

    def __init__(self, base: str = "car/vss", *, chinese: bool = False) -> None:
        self._base = base.rstrip("/")
        self.filters: tuple[str, ...] = (f"{self._base}/Vehicle/#",)
        self._vehicle = Vehicle(self.name, chinese=chinese)

    def known(self) -> Sequence[Change]:
        """Nothing, before the vehicle spoke."""
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """A signal's value. What is no signal of the catalogue says nothing."""
        below = topic.removeprefix(f"{self._base}/")
        if below == topic or below.endswith(SET) or not payload or len(payload) > MAX_PAYLOAD_BYTES:
            return ()
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return ()
        return self._vehicle.said(below.replace("/", "."), _value(text))

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:  # noqa: ARG002 - it needs no state
        """One message for each signal that is to be otherwise."""
        return tuple(
            Message(f"{self._base}/{self._vehicle.called(path).replace('.', '/')}{SET}", words(value), 1)
            for path, value in self._vehicle.targets(command)
        )

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the vehicle would say that it obeyed."""
        return self._vehicle.reports(command)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether the signals stand as was asked."""
        return self._vehicle.satisfied(command, state)


def words(value: Raw) -> str:
    """A value as a vehicle reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(text: str) -> Any:
    if not text.startswith("{"):
        return text
    try:
        return json.loads(text).get("value")
    except (ValueError, RecursionError):
        return None
