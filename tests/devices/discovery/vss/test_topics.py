"""A car on a real broker, a topic for each signal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from devices.commands import DeviceCommand, MqttCommand, Outcome, Result
from devices.discovery.keeper import Keeper
from devices.discovery.vss import ROOMS, Viss, VssTopics
from devices.home import Ability, Device, Home, Kind, Value
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from devices.policy import Authority, Risk
from devices.vehicles import WHILE_PARKED, driving
from tests.brokers import Mosquitto
from tests.devices.discovery.vss.simulated_vehicle import VID, SimulatedVehicle
from tests.devices.waiting import until

pytestmark = pytest.mark.broker

LAST = "vss.position", "viss.position"


class Car:
    """A simulated vehicle, and the home that was made of it."""

    def __init__(self, vehicle: SimulatedVehicle, home: Home, outbox: Outbox) -> None:
        self.vehicle, self.home, self.outbox = vehicle, home, outbox

    def thing(self, name: str) -> Device:
        (found,) = [each for each in self.home if each.name == name]
        return found

    async def order(self, name: str, ability: Ability, value: Value, *, seat: str | None = None) -> Outcome:
        command = DeviceCommand(self.thing(name).id, ability, value)
        now = asyncio.get_running_loop().time
        (outcome,) = await self.outbox.carry_out([command], turn_id="t", now=now, by=Authority(room=seat))
        return outcome


@asynccontextmanager
async def car(mosquitto: Mosquitto, way: str, *, strict_paths: bool = False) -> AsyncIterator[Car]:
    settings = MqttSettings(port=mosquitto.port)
    async with MqttLink(settings) as hardware, MqttLink(settings) as link:
        assert await hardware.wait_connected(30)
        assert await link.wait_connected(30)
        vehicle = SimulatedVehicle(hardware, strict_paths=strict_paths)
        await vehicle.start(topics=way == "topics", viss=way == "viss")
        await asyncio.sleep(0)
        convention = VssTopics() if way == "topics" else Viss(VID, "session")
        home = Home(ROOMS)
        async with Keeper(link, home, [convention]) as keeper:
            await until(lambda: any((thing := home.get(each)) and thing.state for each in LAST), "a car", 30)
            asking = keeper._asking
            await until(lambda: not asking._waiting and not asking._work.is_set(), "silence", 30)
            outbox = Outbox(home, link, keeper, {})
            yield Car(vehicle, home, outbox)
            await outbox.close()


@pytest.fixture(params=["topics", "viss"])
async def either(request: pytest.FixtureRequest, mosquitto: Mosquitto) -> AsyncIterator[Car]:
    """A car that is spoken to in one way, then in the other."""
    async with car(mosquitto, request.param) as ride:
        yield ride


@pytest.fixture
async def ride(mosquitto: Mosquitto) -> AsyncIterator[Car]:
    async with car(mosquitto, "topics") as ride:
        yield ride


async def test_what_the_catalogue_knows_becomes_things_in_their_seats(either: Car) -> None:
    ride = either
    climate = ride.thing("Driver Climate")
    assert (climate.kind, climate.room) == (Kind.CLIMATE, "driver")
    assert climate.state == {Ability.SETPOINT: 20.0, Ability.FAN_SPEED: 30}
    assert ride.thing("Left Rear Window").room == "rear"
    assert ride.thing("Doors").state == {Ability.LOCKED: True}
    assert (ride.thing("Range").state[Ability.READING], ride.thing("Range").unit) == (310, "km")
    assert ride.thing("Left Front Tyre Pressure").state[Ability.READING] == 2.4
    assert ride.thing("Washer Fluid").state[Ability.READING] == "on"
    assert ride.thing("Car Position").state[Ability.READING] == "60.1708,24.9375"
    assert "主驾空调" in climate.aliases


ORDERS: tuple[tuple[str, Ability, Value, str, Value], ...] = (
    ("Driver Climate", Ability.SETPOINT, 22.5, "Cabin.HVAC.Station.Row1.Driver.Temperature", 22.5),
    ("Driver Climate", Ability.FAN_SPEED, 60, "Cabin.HVAC.Station.Row1.Driver.FanSpeed", 60),
    ("Air Conditioning", Ability.ON, True, "Cabin.HVAC.IsAirConditioningActive", True),
    ("Driver Seat Heating", Ability.ON, True, "Cabin.Seat.Row1.DriverSide.HeatingCooling", 66),
    (
        "Passenger Seat Ventilation",
        Ability.PRESET,
        "low",
        "Cabin.Seat.Row1.PassengerSide.HeatingCooling",
        -33,
    ),
    ("Dome Light", Ability.ON, True, "Cabin.Light.IsDomeOn", True),
    (
        "Driver Ambient Light",
        Ability.COLOUR,
        (255, 0, 16),
        "Cabin.Light.AmbientLight.Row1.DriverSide.Color",
        "#FF0010",
    ),
    ("Car Audio", Ability.PLAYBACK, "playing", "Cabin.Infotainment.Media.Action", "PLAY"),
    ("Car Audio", Ability.VOLUME, 45, "Cabin.Infotainment.Media.Volume", 45),
    ("Boot", Ability.OPEN, False, "Body.Trunk.Rear.IsOpen", False),
    ("Charging", Ability.ON, True, "Powertrain.TractionBattery.Charging.StartStopCharging", "START"),
)


async def test_an_order_is_done_when_the_signal_itself_says_so(either: Car) -> None:
    ride = either
    for name, ability, value, path, stands in ORDERS:
        outcome = await ride.order(name, ability, value)
        assert outcome.result.good, f"{name}: {outcome.detail}"
        assert ride.vehicle.now[f"Vehicle.{path}"] == stands
    assert not ride.vehicle.breaches


async def test_a_window_of_the_car_opens_without_a_yes_and_the_doors_do_not(ride: Car) -> None:
    opened = await ride.order("Driver Window", Ability.OPEN, True, seat="driver")
    assert opened.result is Result.DONE
    assert ride.vehicle.now["Vehicle.Cabin.Door.Row1.DriverSide.Window.Position"] == 100
    unlocked = await ride.order("Doors", Ability.LOCKED, False, seat="driver")
    assert unlocked.result is Result.NEEDS_CONFIRMATION


async def test_all_doors_lock_at_once(either: Car) -> None:
    ride = either
    ride.vehicle.order("Vehicle.Cabin.Door.Row1.PassengerSide.IsLocked", False)
    await until(lambda: ride.thing("Doors").state[Ability.LOCKED] is False, "an open door", 30)
    assert (await ride.order("Doors", Ability.LOCKED, True)).result is Result.DONE
    assert ride.vehicle.now["Vehicle.Cabin.Door.Row1.PassengerSide.IsLocked"] is True


async def test_the_boot_stays_shut_while_the_car_moves(ride: Car) -> None:
    ride.vehicle.drive(50)
    await until(lambda: driving(ride.home), "a moving car", 30)
    now = asyncio.get_running_loop().time
    boot = DeviceCommand(ride.thing("Boot").id, Ability.OPEN, True)
    for granted in (Risk.LOW, Risk.CONFIRM):  # nobody is asked for a yes that would come to nothing
        (refused,) = await ride.outbox.carry_out([boot], turn_id="t", now=now, by=Authority(granted=granted))
        assert (refused.result, refused.detail) == (Result.CANNOT, WHILE_PARKED)
    assert ride.vehicle.now["Vehicle.Body.Trunk.Rear.IsOpen"] is False
    assert not ride.vehicle.breaches


async def test_what_is_beyond_the_range_never_leaves(ride: Car) -> None:
    outcome = await ride.order("Driver Climate", Ability.SETPOINT, 60)
    assert outcome.result is Result.CANNOT
    assert ride.vehicle.now["Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature"] == 20.0


async def test_a_player_without_a_pause_says_so(ride: Car) -> None:
    assert (await ride.order("Car Audio", Ability.PLAYBACK, "paused")).result is Result.CANNOT


async def test_a_destination_goes_out_as_one_batch(mosquitto: Mosquitto) -> None:
    async with car(mosquitto, "topics") as ride:
        base = "Vehicle.Cabin.Infotainment.Navigation.DestinationSet"
        batch = f'{{"{base}.Latitude": 60.17, "{base}.Longitude": 24.94}}'
        now = asyncio.get_running_loop().time
        await ride.outbox.carry_out([MqttCommand("car/vss/set", batch)], turn_id="t", now=now)
        await until(lambda: ride.vehicle.destination == (60.17, 24.94), "a destination", 30)


async def test_a_viss_server_that_fails_for_one_missing_signal_is_asked_for_each(
    mosquitto: Mosquitto,
) -> None:
    async with car(mosquitto, "viss", strict_paths=True) as ride:
        await until(lambda: len(ride.home) > 20, "the things of a car", 30)
        assert (await ride.order("Dome Light", Ability.ON, True)).result is Result.DONE


async def test_a_viss_error_is_told_as_a_refusal(mosquitto: Mosquitto) -> None:
    async with car(mosquitto, "viss") as ride:
        ride.vehicle.now["Vehicle.Speed"] = 30.0  # the car moves, and has not said so yet
        outcome = await ride.outbox.carry_out(
            [DeviceCommand(ride.thing("Boot").id, Ability.OPEN, True)],
            turn_id="t",
            now=asyncio.get_running_loop().time,
            by=Authority(granted=Risk.CONFIRM),
        )
        assert outcome[0].result is Result.REFUSED
        assert "driving" in outcome[0].detail
