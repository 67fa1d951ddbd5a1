"""Shellys, from "online" to "done", over a real broker."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from devices.commands import DeviceCommand, Outcome, Result
from devices.discovery.keeper import Keeper
from devices.discovery.shelly import ShellyGen2
from devices.home import Ability, Home, Value
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from tests.brokers import Mosquitto
from tests.devices.discovery.fake_shelly import FakeShelly
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


async def ordered(home: Home, outbox: Outbox, name: str, ability: Ability, value: Value) -> Outcome:
    (device,) = [device for device in home if device.name == name]
    command = DeviceCommand(device.id, ability, value)
    (outcome,) = await outbox.carry_out([command], turn_id="t", now=asyncio.get_running_loop().time)
    return outcome


async def test_devices_are_found_ordered_and_believed(hardware: MqttLink, link: MqttLink) -> None:
    switch, lamp, cover = (
        FakeShelly("plus_1pm", prefix="kitchen/1pm"),
        FakeShelly("dimmer"),
        FakeShelly("cover"),
    )
    for device in (switch, lamp, cover):
        await device.plug_in(hardware)
    await hardware.publish("somebody/online", "true", retain=True)
    home = Home()
    async with Keeper(link, home, [ShellyGen2("test")]) as keeper:
        await until(
            lambda: len(home) == 6 and all(device.state for device in home), "six things with a state"
        )
        outbox = Outbox(home, link, keeper, {})
        assert (await ordered(home, outbox, "Kitchen Ceiling", Ability.ON, True)).result is Result.DONE
        assert switch.status["switch:0"]["output"] is True
        assert (await ordered(home, outbox, "Kitchen Ceiling", Ability.ON, True)).result is Result.ALREADY
        assert (await ordered(home, outbox, "Bedroom Lamp", Ability.BRIGHTNESS, 85)).result is Result.DONE
        assert lamp.status["light:0"]["brightness"] == 85
        moving = await ordered(home, outbox, "客厅百叶窗", Ability.POSITION, 90)
        assert moving.result is Result.IN_PROGRESS
        await hardware.publish(*cover.arrives())
        (blind,) = [device.id for device in home if device.name == "客厅百叶窗"]
        await until(lambda: home.get(blind).state[Ability.POSITION] == 90)
        cover.refuses = "Overpower"
        refused = await ordered(home, outbox, "客厅百叶窗", Ability.OPEN, False)
        assert refused.result is Result.REFUSED
        assert "Overpower" in refused.detail
        assert cover.status["cover:0"]["current_pos"] == 90
        await hardware.publish(f"{lamp.prefix}/online", "false", retain=True)
        await until(lambda: [device.name for device in home if not device.available] == ["Bedroom Lamp"])
        assert (await ordered(home, outbox, "Bedroom Lamp", Ability.ON, False)).result is Result.OFFLINE
        await outbox.close()


async def test_they_are_asked_again_when_the_broker_is_back(
    mosquitto: Mosquitto, hardware: MqttLink, link: MqttLink
) -> None:
    lamp = FakeShelly("dimmer")
    await lamp.plug_in(hardware)
    home = Home()
    async with Keeper(link, home, [ShellyGen2("test")]):
        await until(lambda: any(device.state for device in home))
        lamp.status["light:0"]["output"] = False  # by hand, at the wall, while nobody listens
        await asyncio.to_thread(mosquitto.kill)
        await asyncio.to_thread(mosquitto.start)
        assert await hardware.wait_connected(10)
        assert await link.wait_connected(10)
        await hardware.publish(f"{lamp.prefix}/online", "true", retain=True)  # as it does when it is back
        (found,) = home
        await until(lambda: home.get(found.id).state[Ability.ON] is False, timeout=10)
