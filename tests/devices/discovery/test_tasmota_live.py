"""A device with Tasmota's firmware, from its announcement to "done", over a real broker."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from devices.commands import DeviceCommand, Outcome, Result
from devices.discovery.keeper import Keeper
from devices.discovery.tasmota import Tasmota
from devices.home import Ability, Home, Value
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from tests.brokers import Mosquitto
from tests.devices.discovery.fake_tasmota import FakeTasmota
from tests.devices.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
async def hardware(mosquitto: Mosquitto) -> AsyncIterator[MqttLink]:
    async with MqttLink(MqttSettings(port=mosquitto.port)) as link:
        assert await link.wait_connected(5)
        yield link


@pytest.fixture
async def link(mosquitto: Mosquitto) -> AsyncIterator[MqttLink]:
    async with MqttLink(MqttSettings(port=mosquitto.port)) as link:
        assert await link.wait_connected(5)
        yield link


async def ordered(outbox: Outbox, device_id: str, ability: Ability, value: Value) -> Outcome:
    command = DeviceCommand(device_id, ability, value)
    (outcome,) = await outbox.carry_out([command], turn_id="t", now=asyncio.get_running_loop().time)
    return outcome


async def test_a_lamp_is_found_asked_dimmed_and_believed(hardware: MqttLink, link: MqttLink) -> None:
    lamp = FakeTasmota("dimmer", hardware)
    lamp.state = {"POWER": "OFF", "Dimmer": 10}
    await lamp.plug_in()
    home = Home()
    async with Keeper(link, home, [Tasmota()]) as keeper:
        await until(
            lambda: len(home) == 1 and all(device.state for device in home), "a lamp that says how it is"
        )
        (found,) = home
        assert found.state == {Ability.ON: False, Ability.BRIGHTNESS: 10}
        outbox = Outbox(home, link, keeper, {})
        assert (await ordered(outbox, found.id, Ability.ON, True)).result is Result.DONE
        assert lamp.state["POWER"] == "ON"
        assert (await ordered(outbox, found.id, Ability.BRIGHTNESS, 60)).result is Result.DONE
        assert lamp.state["Dimmer"] == 60
        assert (await ordered(outbox, found.id, Ability.BRIGHTNESS, 60)).result is Result.ALREADY
        await lamp.unplug()
        await until(lambda: not home.get(found.id).available)
        assert (await ordered(outbox, found.id, Ability.ON, False)).result is Result.OFFLINE
        assert lamp.state["POWER"] == "ON"
        await outbox.close()


async def test_a_blind_is_brought_to_a_position(hardware: MqttLink, link: MqttLink) -> None:
    blind = FakeTasmota("tilt_shutter", hardware)
    blind.state = {"POWER3": "OFF"}
    blind.sensed = {"Shutter1": {"Position": 0, "Direction": 0, "Target": 0, "Tilt": 0}}
    await blind.plug_in()
    home = Home()
    async with Keeper(link, home, [Tasmota()]) as keeper:
        cover_id = "tasmota.A4CF1234560F_cover_shutter_0"
        await until(lambda: (found := home.get(cover_id)) and Ability.POSITION in found.state)
        outbox = Outbox(home, link, keeper, {})
        outcome = await ordered(outbox, cover_id, Ability.POSITION, 40)
        assert outcome.result.good
        await until(lambda: home.get(cover_id).state[Ability.POSITION] == 40)
        assert blind.orders[-1] == ("ShutterPosition1", "40")
        await outbox.close()
