"""VISS version 3 over MQTT: requests go to `<VID>/Vehicle`, and name the topic that is answered on.

    VIN1/Vehicle     {"topic": "sotto/viss/4f…", "request": {"action": "get", "path": "Vehicle", …}}
    sotto/viss/4f…   {"action": "get", "requestId": "1", "data": [{"path": …, "dp": {"value": …}}]}

The vehicle is asked for every signal that is used here, in one request; where it answers that with an error
(a server may, when it lacks one of them), for each by itself. What it has is subscribed to.

Source: COVESA's Vehicle Information Service Specification, version 3.0, Transport, "MQTT".
"""

import itertools
import json
import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.asking import MAX_PER_THING
from devices.discovery.components.settings import plain_text
from devices.discovery.convention import Asks, Change, Refused
from devices.discovery.vss.catalogue import catalogue
from devices.discovery.vss.topics import words
from devices.discovery.vss.vehicle import Vehicle
from devices.home import Ability, Value
from devices.message import Message

logger = logging.getLogger(__name__)

MAX_PAYLOAD_BYTES = 200_000
MAX_ORDERS = 64
"""So many orders are remembered by their request, for what the vehicle says against them."""
ROOT = "Vehicle"
_OF = "of "
"""What stands before a thing's id in the number of its subscription."""


class Viss:
    """The convention, for one vehicle. `vid` is what it is known as; `session` makes the reply topic ours
    alone. `token` goes with every request where the vehicle wants one.
    """

    name = "viss"

    def __init__(self, vid: str, session: str, *, token: str = "", chinese: bool = False) -> None:
        self._to = f"{vid.rstrip('/')}/{ROOT}"
        self._reply = f"sotto/viss/{session}"
        self._token = token
        self.filters: tuple[str, ...] = (self._reply,)
        self._vehicle = Vehicle(self.name, chinese=chinese)
        self._numbers = itertools.count(1)
        self._ordered: OrderedDict[str, tuple[str, str]] = OrderedDict()  # request -> thing, path
        self._followed: dict[str, tuple[str, ...]] = {}  # thing -> the signals that are subscribed to
        self._all = "0"
        self.greeting: Message | None = self._request(
            {"action": "get", "path": ROOT, "filter": _paths(_below(path) for path in catalogue())}, self._all
        )

    def known(self) -> Sequence[Change]:
        """Nothing, before the vehicle answered."""
        return ()

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """An answer, or a subscription's event."""
        if topic != self._reply or len(payload) > MAX_PAYLOAD_BYTES:
            return ()
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            return ()
        if not isinstance(said, Mapping):
            return ()
        number = str(said.get("requestId", ""))
        if isinstance(error := said.get("error"), Mapping):
            return tuple(self._denied(number, error))
        if said.get("action") == "set":
            return tuple(self._taken(number))
        if said.get("action") == "subscribe":
            return self._subscribed(number)
        return tuple(self._told(said.get("data")))

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:  # noqa: ARG002 - it needs no state
        """One request for each signal that is to be otherwise: version 3.0 sets one at a time."""
        made = []
        for path, value in self._vehicle.targets(command):
            number = str(next(self._numbers))
            called = self._vehicle.called(path)
            self._ordered[number] = command.device_id, called
            while len(self._ordered) > MAX_ORDERS:
                self._ordered.popitem(last=False)
            request = {"action": "set", "path": called, "value": words(value)}
            made.append(self._request(request, number))
        return tuple(made)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the vehicle would say that it obeyed."""
        return self._vehicle.reports(command)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether the signals stand as was asked."""
        return self._vehicle.satisfied(command, state)

    def _request(self, request: Mapping[str, Any], number: str) -> Message:
        signed = {**request, "requestId": number}
        if self._token:
            signed["authorization"] = self._token
        return Message(self._to, json.dumps({"topic": self._reply, "request": signed}), 1)

    def _told(self, data: object) -> Iterator[Change]:
        """What is told of signals. A thing that has come to have more of them is subscribed to."""
        points = dict(_points(data))
        yield from self._vehicle.has(points)
        for path, value in points.items():
            yield from self._vehicle.said(path, value)
        for device_id in sorted({each for path in points for each in self._vehicle.device_ids(path)}):
            paths = tuple(self._vehicle.paths(device_id))
            if self._followed.get(device_id) != paths:
                self._followed[device_id] = paths
                yield Asks((self._subscription(device_id),), device_id)

    def _subscription(self, device_id: str) -> Message:
        request = {
            "action": "subscribe",
            "path": ROOT,
            "filter": [
                _paths(_below(path) for path in self._vehicle.paths(device_id)),
                {"variant": "change", "parameter": {"logic-op": "ne", "diff": "0"}},
            ],
        }
        return self._request(request, f"{_OF}{device_id}")

    def _taken(self, number: str) -> Iterator[Change]:
        """A value that was taken is read back: the subscription tells of changes, and may not run yet."""
        ordered = self._ordered.pop(number, None)
        if ordered is not None:
            yield Asks((self._request({"action": "get", "path": ordered[1]}, f"one {ordered[1]}"),))

    def _subscribed(self, number: str) -> Sequence[Change]:
        """What changed before the subscription held is read once more."""
        paths = self._vehicle.paths(number.removeprefix(_OF))
        if not paths:
            return ()
        request = {"action": "get", "path": ROOT, "filter": _paths(_below(path) for path in paths)}
        return (Asks((self._request(request, f"one {number}"),)),)

    def _denied(self, number: str, error: Mapping[str, Any]) -> Iterator[Change]:
        why = plain_text(error.get("description") or error.get("reason") or "it said no", 200)
        if number == self._all:
            single = [self._request({"action": "get", "path": path}, f"one {path}") for path in catalogue()]
            for first in range(0, len(single), MAX_PER_THING):
                yield Asks(tuple(single[first : first + MAX_PER_THING]))
        elif (ordered := self._ordered.pop(number, None)) is not None:
            yield Refused(ordered[0], why)
        else:
            logger.debug("viss: request %s failed: %s", number[:120], why)


def _points(data: object) -> Iterator[tuple[str, object]]:
    """Path -> value, the newest where there are several."""
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, Mapping) and isinstance(path := each.get("path"), str):
            points = each.get("dp")
            point = points[-1] if isinstance(points, list) and points else points
            if isinstance(point, Mapping):
                yield path.replace("/", "."), point.get("value")


def _below(path: str) -> str:
    return path.removeprefix(f"{ROOT}.")


def _paths(paths: Iterator[str]) -> Mapping[str, Any]:
    return {"variant": "paths", "parameter": list(paths)}
