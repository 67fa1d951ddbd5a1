"""A KUKSA databroker, version 2 of its gRPC interface: a bridge to the vehicle behind it.

    connect -> ListMetadata -> Subscribe -> follow
       ^                                      |
       +--------------------------------------+   the connection ended

An order is an `Actuate`, or a `BatchActuate` for several signals at once; done is what the provider then
publishes. It takes the extra `car`, whose package kuksa-client brings the messages made of KUKSA's own proto
files. The connection is not encrypted: keep it within the vehicle.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from devices.adapters.adapter import Acted, AdapterError
from devices.commands import DeviceCommand, Result, Sent
from devices.discovery.components.settings import plain_text
from devices.discovery.convention import BridgeAwayError, BridgeRefusedError, Change, Reachable
from devices.discovery.vss.catalogue import Raw, Signal, catalogue
from devices.discovery.vss.facets import Target
from devices.discovery.vss.topics import words
from devices.discovery.vss.vehicle import Vehicle
from devices.home import Ability, Value

logger = logging.getLogger(__name__)

NAME = "kuksa"
ANSWER_S = 5.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
CONFIRM_S = 2.0
LOOK_EVERY_S = 0.03
DESTINATION = tuple(
    f"Vehicle.Cabin.Infotainment.Navigation.DestinationSet.{half}" for half in ("Latitude", "Longitude")
)
BUFFERED = 200
"""Messages that the databroker keeps for us before it drops the oldest."""

_FIELDS: Mapping[str, str] = {
    "boolean": "bool",
    "string": "string",
    "float": "float",
    "double": "double",
    **dict.fromkeys(("int8", "int16", "int32"), "int32"),
    **dict.fromkeys(("uint8", "uint16", "uint32"), "uint32"),
    "int64": "int64",
    "uint64": "uint64",
}
"""The catalogue's datatype -> the field of a `Value` that holds it."""


class Kuksa:
    """A `Bridge`. `address` is "host:port"; `token` a JWT where the databroker asks for one."""

    name = NAME

    def __init__(self, address: str, token: str = "", *, chinese: bool = False) -> None:
        self._address = address
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._vehicle = Vehicle(NAME, chinese=chinese)
        self._trouble = "still connecting"
        self._stub: Any = None
        self._known: set[str] = set()

    @property
    def trouble(self) -> str:
        """Why it cannot be reached, one line; empty while it can."""
        return self._trouble

    async def run(self, take: Callable[[Sequence[Change]], None]) -> None:
        """Stay connected until cancelled. When the connection is lost, the car's things cannot be reached."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._once(take)
                why = "it hung up"
            except ImportError:
                why = "the extra is missing: pip install 'sotto-voce[car]'"
            except Exception as error:  # a supervised boundary: whatever the other side sends, we come back
                why = _why(error)
            if not self._trouble:
                pause_s = FIRST_PAUSE_S
            self._stub = None
            self._note(f"the KUKSA databroker at {self._address} cannot be reached: {why}")
            take(tuple(Reachable(device_id, available=False) for device_id in sorted(self._known)))
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.6, LONGEST_PAUSE_S)

    async def send(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Sent, ...]:  # noqa: ARG002 - the signals are at hand
        """Have the signals set, all of them or none."""
        targets = self._vehicle.targets(command)
        await self.actuate(targets)
        return tuple(Sent(NAME, self._vehicle.called(path), words(value)) for path, value in targets)

    async def actuate(self, targets: Sequence[Target]) -> None:
        """Set signals together. Raises `BridgeAwayError`, `BridgeRefusedError`."""
        if self._stub is None or self._trouble:
            raise BridgeAwayError(self._trouble)
        import grpc
        from kuksa.val.v2 import types_pb2, val_pb2

        known = {**catalogue(), **self._vehicle.signals}
        requests = [
            val_pb2.ActuateRequest(
                signal_id=types_pb2.SignalID(path=self._vehicle.called(path)),
                value=types_pb2.Value(**{_FIELDS[known[path].datatype]: value}),
            )
            for path, value in targets
        ]
        try:
            if len(requests) == 1:
                await self._stub.Actuate(requests[0], timeout=ANSWER_S, metadata=self._metadata)
            else:
                batch = val_pb2.BatchActuateRequest(actuate_requests=requests)
                await self._stub.BatchActuate(batch, timeout=ANSWER_S, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            refused = (
                BridgeAwayError if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED else BridgeRefusedError
            )
            raise refused(_why(error)) from None

    async def stands(self, targets: Sequence[Target], within_s: float = CONFIRM_S) -> bool:
        """Whether the vehicle tells these values within that time."""
        deadline_s = asyncio.get_running_loop().time() + within_s
        while not all(self._vehicle.tells(path, value) for path, value in targets):
            if asyncio.get_running_loop().time() > deadline_s:
                return False
            await asyncio.sleep(LOOK_EVERY_S)
        return True

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the vehicle would say that it obeyed."""
        return self._vehicle.reports(command)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether the signals stand as was asked."""
        return self._vehicle.satisfied(command, state)

    async def _once(self, take: Callable[[Sequence[Change]], None]) -> None:
        """One connection, from its beginning to its end."""
        import grpc
        from kuksa.val.v2 import val_pb2, val_pb2_grpc

        async with grpc.aio.insecure_channel(self._address) as channel:
            stub = val_pb2_grpc.VALStub(channel)
            listed = await stub.ListMetadata(
                val_pb2.ListMetadataRequest(root="Vehicle"), timeout=ANSWER_S, metadata=self._metadata
            )
            changes = self._vehicle.has(_signals(listed.metadata))
            self._stub, self._trouble = stub, ""
            take((*changes, *self._back(changes)))
            paths = [self._vehicle.called(path) for path in self._vehicle.signals]
            if not paths:
                logger.warning("kuksa: %s has no signal that is used here", self._address)
            request = val_pb2.SubscribeRequest(signal_paths=paths, buffer_size=BUFFERED)
            async for update in stub.Subscribe(request, metadata=self._metadata):
                take(tuple(self._told(update.entries)))

    def _back(self, changes: Iterable[Change]) -> Iterator[Change]:
        """All that is there can be reached, whether it is new or has come back."""
        self._known |= {change.device.id for change in changes if hasattr(change, "device")}
        for device_id in sorted(self._known):
            yield Reachable(device_id, available=True)

    def _told(self, entries: Mapping[str, Any]) -> Iterator[Change]:
        for path, point in entries.items():
            field = point.value.WhichOneof("typed_value")
            if field is not None:
                yield from self._vehicle.said(path, _plain(getattr(point.value, field)))

    def _note(self, why: str) -> None:
        """Log a trouble once, not at each attempt."""
        if why != self._trouble:
            logger.warning("kuksa: %s; will go on trying", why)
        self._trouble = why


class KuksaNavigation:
    """The adapter `vehicle`: hands the head unit a destination, both halves at once. Action: `navigate`
    latitude, longitude. Done is what the vehicle then tells of its own.
    """

    name = "vehicle"

    def __init__(self, bridge: Kuksa) -> None:
        self._bridge = bridge

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Do it."""
        if action != "navigate":
            return Result.CANNOT, f"the vehicle cannot {action}", ()
        try:
            targets = tuple(
                (path, catalogue()[path].checked(float(arguments[half])))
                for half, path in zip(("latitude", "longitude"), DESTINATION, strict=True)
            )
            await self._bridge.actuate(targets)
        except (KeyError, TypeError, ValueError) as error:
            return Result.CANNOT, plain_text(error, 200), ()
        except BridgeAwayError as error:
            return Result.OFFLINE, str(error), ()
        except BridgeRefusedError as error:
            return Result.REFUSED, str(error), ()
        sent = tuple(Sent(NAME, path, words(value)) for path, value in targets)
        return (Result.DONE if await self._bridge.stands(targets) else Result.UNVERIFIED), "", sent

    async def ask(self, question: str) -> Mapping[str, Any]:
        """It answers nothing. Raises `AdapterError`."""
        raise AdapterError(f"the vehicle does not know {question!r}")

    async def close(self) -> None:
        """The bridge ends with the home."""


def _signals(listed: Iterable[Any]) -> Iterator[Signal]:
    """What a databroker says of its signals: path, and its own bounds."""
    for each in listed:
        low, high = _bound(each.min), _bound(each.max)
        yield Signal(each.path, "actuator", "", low=low, high=high)


def _bound(value: Any) -> float | None:
    field = value.WhichOneof("typed_value")
    found = getattr(value, field) if field is not None else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _plain(value: Any) -> Raw | None:
    if isinstance(value, float):
        return round(value, 6)  # a float of 32 bits has no more
    return value if isinstance(value, bool | int | str) else None


def _why(error: Exception) -> str:
    details = getattr(error, "details", None)
    said = details() if callable(details) else error
    return plain_text(said, 200) or type(error).__name__
