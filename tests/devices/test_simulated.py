import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devices.broker import EmbeddedBroker
from devices.commands import DeviceCommand, Result
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.home import Ability, Home, Kind
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from devices.simulated import SimulatedHome, Thing, things
from tests.brokers import Mosquitto, free_port, require_mosquitto
from tests.devices.waiting import until


@pytest.fixture(params=["mosquitto", "embedded"])
def port(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[int]:
    with _embedded() if request.param == "embedded" else _mosquitto(request) as port:
        yield port


@contextmanager
def _embedded() -> Iterator[int]:
    with EmbeddedBroker(free_port()) as broker:
        yield broker.port


@contextmanager
def _mosquitto(request: pytest.FixtureRequest) -> Iterator[int]:
    require_mosquitto()
    broker = Mosquitto(request.getfixturevalue("tmp_path"))
    broker.start()
    try:
        yield broker.port
    finally:
        broker.stop()


@pytest.mark.broker
async def test_the_simulated_home_appears_obeys_and_goes_away(port: int) -> None:
    settings = MqttSettings(port=port)
    home = Home()
    async with MqttLink(settings) as link, Keeper(link, home, [HomeAssistant()]) as keeper:
        async with SimulatedHome(settings):
            await until(lambda: len(home) == len(things()))
            await keeper.settled()
            assert {device.name for device in home.find(kind=Kind.LIGHT, room="Kitchen")} == {
                "Kitchen Light",
                "Kitchen Counter Light",
            }
            (sensor,) = (each for each in home.find(kind=Kind.SENSOR) if each.unit)
            assert (sensor.state, sensor.unit) == ({Ability.READING: 8.5}, "°C")
            assert {device.kind for device in home} == set(Kind) - {Kind.ALARM, Kind.MEDIA_PLAYER, Kind.OTHER}
            outbox = Outbox(home, link, keeper, {})
            commands = [
                DeviceCommand(device.id, ability, value)
                for device in home
                for ability, value in (
                    (Ability.ON, True),
                    (Ability.BRIGHTNESS, 40),
                    (Ability.COLOUR, (255, 0, 0)),
                    (Ability.SETPOINT, 21.5),
                    (Ability.MODE, "off"),
                    (Ability.FAN_SPEED, 80),
                    (Ability.POSITION, 30),
                )
                if ability in device.abilities
            ]
            outcomes = await outbox.carry_out(commands, turn_id="t", now=time.monotonic)
            moves = [command.ability is Ability.POSITION for command in commands]
            ended = [outcome.result for outcome in outcomes]
            assert ended == [Result.IN_PROGRESS if each else Result.DONE for each in moves]
            assert all((outcome.confirmed_s or 0) - (outcome.published_s or 0) > 0 for outcome in outcomes)
            (blind,) = (device.id for device in home if Ability.POSITION in device.abilities)
            goal = {Ability.OPEN: True, Ability.MOTION: "stopped", Ability.POSITION: 30}
            await until(lambda: home.get(blind).state == goal, "the blind's end")
            await outbox.close()
        await until(lambda: len(home) == 0, "the goodbye")


@pytest.mark.broker
async def test_a_simulated_home_that_dies_is_offline(mosquitto: Mosquitto) -> None:
    settings = MqttSettings(port=mosquitto.port)
    home = Home()
    async with MqttLink(settings) as link, Keeper(link, home, [HomeAssistant()]):
        alone = subprocess.Popen([sys.executable, "-m", "devices.simulated", "--port", str(mosquitto.port)])  # noqa: ASYNC220 - it must outlive the call
        try:
            await until(lambda: len(home) == len(things()), timeout=15)
            assert all(device.available for device in home)
            alone.send_signal(signal.SIGKILL)
            await until(lambda: not any(device.available for device in home), "the will")
        finally:
            alone.kill()
            await asyncio.to_thread(alone.wait)


@pytest.mark.broker
async def test_it_announces_itself_again_when_the_broker_forgot_everything(mosquitto: Mosquitto) -> None:
    settings = MqttSettings(port=mosquitto.port)
    async with SimulatedHome(settings):
        await asyncio.to_thread(mosquitto.kill)
        await asyncio.to_thread(mosquitto.start)
        home = Home()
        async with MqttLink(settings) as link, Keeper(link, home, [HomeAssistant()]):
            await until(lambda: len(home) == len(things()), timeout=15)


def test_a_thing_ignores_orders_that_make_no_sense() -> None:
    for thing in things():
        before = dict(thing.state)
        for nonsense in (
            b"",
            b"\xff",
            b"[]",
            b"-7",
            b"{",
            b'{"state": "MAYBE"}',
            b'{"brightness": "x"}',
            b"on",
        ):
            thing.obey(nonsense)
        assert thing.state == before


def thing(name: str) -> Thing:
    (found,) = (each for each in things() if each.name == name)
    return found


def test_a_cover_goes_its_way_in_small_steps_and_tells_them() -> None:
    blind = thing("Living Room Blind")
    blind.obey(b"25")
    said = [dict(blind.state)]
    while blind.step():
        said.append(dict(blind.state))
    assert said == [
        {"state": "opening", "position": 0},
        {"state": "opening", "position": 10},
        {"state": "opening", "position": 20},
        {"state": "open", "position": 25},
    ]


def test_a_cover_can_be_stopped_and_sent_back() -> None:
    door = thing("Garage Door")
    door.obey(b"OPEN")
    door.step()
    door.obey(b"STOP")
    assert (door.state, door.step()) == ({"state": "open", "position": 10}, False)
    door.obey(b"CLOSE")
    assert door.state["state"] == "closing"
    assert door.step()
    assert door.state == {"state": "closed", "position": 0}


@pytest.mark.parametrize(
    ("name", "order", "first", "then"),
    [
        ("Front Door", b"UNLOCK", "UNLOCKING", "UNLOCKED"),
        ("Robot Vacuum", b"start", "cleaning", "cleaning"),
        ("Front Door", b"LOCK", "LOCKED", "LOCKED"),
    ],
)
def test_what_takes_its_time_says_so_first(name: str, order: bytes, first: str, then: str) -> None:
    slow = thing(name)
    slow.obey(order)
    assert slow.state["state"] == first
    while slow.step():
        pass
    assert slow.state["state"] == then
