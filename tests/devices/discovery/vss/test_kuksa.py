"""A databroker made of KUKSA's own proto files: it speaks the interface, and is no real databroker."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from devices.commands import DeviceCommand, Outcome, Result
from devices.discovery.keeper import Keeper
from devices.discovery.vss.catalogue import catalogue
from devices.discovery.vss.kuksa import _FIELDS, Kuksa, KuksaNavigation
from devices.home import Ability, Home, Value
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from tests.devices.discovery.vss.simulated_vehicle import STANDING
from tests.devices.waiting import until
from tests.requirements import require

TOKEN = "a.b.c"


def make_databroker() -> Any:  # noqa: C901 - a class that is made once its package is known to be there
    import grpc
    from kuksa.val.v2 import types_pb2, val_pb2, val_pb2_grpc

    def value_of(path: str, value: Any) -> Any:
        return types_pb2.Value(**{_FIELDS[catalogue()[path].datatype]: value})

    class Databroker(val_pb2_grpc.VALServicer):  # type: ignore[misc]
        """Checks each value as the real one says that it does, and plays the provider behind itself."""

        def __init__(self) -> None:
            self.now = dict(STANDING)
            self.batches: list[list[str]] = []
            self.tokens: set[str] = set()
            self.watching: list[asyncio.Queue[dict[str, Any]]] = []

        async def ListMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
            self.tokens |= {value for key, value in context.invocation_metadata() if key == "authorization"}
            listed = []
            for number, path in enumerate(self.now):
                known = types_pb2.Metadata(path=path, id=number)
                if path.endswith("Driver.Temperature"):
                    known.min.CopyFrom(types_pb2.Value(float=16))
                    known.max.CopyFrom(types_pb2.Value(float=26))
                listed.append(known)
            return val_pb2.ListMetadataResponse(metadata=listed)

        async def Subscribe(self, request: Any, context: Any) -> Any:  # noqa: N802
            queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            self.watching.append(queue)
            queue.put_nowait({path: self.now[path] for path in request.signal_paths})
            while True:
                told = await queue.get()
                yield val_pb2.SubscribeResponse(
                    entries={
                        path: types_pb2.Datapoint(value=value_of(path, value)) for path, value in told.items()
                    }
                )

        async def Actuate(self, request: Any, context: Any) -> Any:  # noqa: N802
            await self._take([request], context)
            return val_pb2.ActuateResponse()

        async def BatchActuate(self, request: Any, context: Any) -> Any:  # noqa: N802
            self.batches.append([each.signal_id.path for each in request.actuate_requests])
            await self._take(request.actuate_requests, context)
            return val_pb2.BatchActuateResponse()

        async def _take(self, requests: Any, context: Any) -> None:
            for each in requests:
                path, field = each.signal_id.path, each.value.WhichOneof("typed_value")
                if path not in self.now:
                    await context.abort(grpc.StatusCode.NOT_FOUND, f"{path} is not there")
                if not catalogue()[path].can_be_set or field != _FIELDS[catalogue()[path].datatype]:
                    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{path} takes no {field}")
                if path == "Vehicle.Cabin.Infotainment.Media.Volume":
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "no provider for the volume")
            for each in requests:
                path = each.signal_id.path
                self.say(path, getattr(each.value, each.value.WhichOneof("typed_value")))

        def say(self, path: str, value: Any) -> None:
            self.now[path] = value
            for queue in self.watching:
                queue.put_nowait({path: value})

    return Databroker()


class Ride:
    def __init__(self, broker: Any, home: Home, outbox: Outbox, server: Any, bridge: Kuksa) -> None:
        self.broker, self.home, self.outbox, self.server, self.bridge = broker, home, outbox, server, bridge

    async def order(self, slug: str, ability: Ability, value: Value) -> Outcome:
        command = DeviceCommand(f"kuksa.{slug}", ability, value)
        now = asyncio.get_running_loop().time
        (outcome,) = await self.outbox.carry_out([command], turn_id="t", now=now)
        return outcome


@pytest.fixture
async def ride() -> AsyncIterator[Ride]:
    try:
        import grpc.aio
        from kuksa.val.v2 import val_pb2_grpc
    except ImportError:
        require("kuksa-client", False, "pip install 'sotto-voce[car]'")
        return
    broker = make_databroker()
    server = grpc.aio.server()
    val_pb2_grpc.add_VALServicer_to_server(broker, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    home = Home()
    link = MqttLink(MqttSettings())  # never opened
    bridge = Kuksa(f"127.0.0.1:{port}", TOKEN)
    async with Keeper(link, home, (), bridges=(bridge,)) as keeper:
        await until(lambda: (thing := home.get("kuksa.position")) and thing.state, "a car", 30)
        outbox = Outbox(home, link, keeper, {})
        yield Ride(broker, home, outbox, server, bridge)
        await outbox.close()
    await server.stop(None)


async def test_a_databrokers_signals_are_things_and_are_ordered(ride: Ride) -> None:
    assert ride.broker.tokens == {f"Bearer {TOKEN}"}
    assert (await ride.order("dome", Ability.ON, True)).result is Result.DONE
    assert ride.broker.now["Vehicle.Cabin.Light.IsDomeOn"] is True
    assert (await ride.order("climate.row1.driverside", Ability.SETPOINT, 23.5)).result is Result.DONE
    assert ride.broker.now["Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature"] == 23.5


async def test_several_signals_go_as_one_batch(ride: Ride) -> None:
    ride.broker.say("Vehicle.Cabin.Door.Row1.DriverSide.IsLocked", False)
    await until(lambda: ride.home.get("kuksa.locks").state[Ability.LOCKED] is False, "an open door", 30)  # type: ignore[union-attr]
    assert (await ride.order("locks", Ability.LOCKED, True)).result is Result.DONE
    assert len(ride.broker.batches) == 1
    assert len(ride.broker.batches[0]) == 2


async def test_a_destination_is_one_batch_and_done_when_the_vehicle_tells_it(ride: Ride) -> None:
    navigation = KuksaNavigation(ride.bridge)
    helsinki = {"latitude": 60.17075, "longitude": 24.94125}
    result, _, sent = await navigation.act("navigate", helsinki)
    assert (result, len(sent)) == (Result.DONE, 2)
    assert [path.rpartition(".")[2] for path in ride.broker.batches[0]] == ["Latitude", "Longitude"]
    assert (await navigation.act("navigate", {"latitude": 91, "longitude": 0}))[0] is Result.CANNOT
    assert (await navigation.act("navigate", {"latitude": 1}))[0] is Result.CANNOT
    assert len(ride.broker.batches) == 1


async def test_the_vehicles_own_bounds_are_kept(ride: Ride) -> None:
    outcome = await ride.order("climate.row1.driverside", Ability.SETPOINT, 28)
    assert outcome.result is Result.CANNOT
    assert "16 to 26" in outcome.detail


async def test_a_signal_without_a_provider_is_refused_in_the_databrokers_words(ride: Ride) -> None:
    outcome = await ride.order("media", Ability.VOLUME, 70)
    assert (outcome.result, outcome.detail) == (Result.REFUSED, "no provider for the volume")


async def test_without_the_databroker_the_car_cannot_be_reached(ride: Ride) -> None:
    await ride.server.stop(None)
    await until(lambda: not ride.home.get("kuksa.dome").available, "a car out of reach", 30)  # type: ignore[union-attr]
    assert (await ride.order("dome", Ability.ON, True)).result is Result.OFFLINE
