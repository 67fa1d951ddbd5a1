"""The home is settled when the broker has answered and is quiet, not when nobody has answered yet."""

import asyncio
import json

from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.home import Home
from devices.mqtt import MqttLink, MqttSettings
from tests.brokers import free_port
from tests.devices.discovery.direct_link import DirectLink

LAMP = {"name": "Lamp", "unique_id": "lamp", "command_topic": "lamp/set", "state_topic": "lamp"}


class SlowLink(DirectLink):
    """Its broker takes its time to acknowledge our greeting."""

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged = asyncio.Event()

    async def publish(self, topic: str, payload: str, *, qos: int = 1, retain: bool = False) -> None:
        await self.acknowledged.wait()


async def test_silence_before_the_broker_has_answered_is_not_taken_for_an_empty_home() -> None:
    link, home = SlowLink(), Home()
    async with Keeper(link, home, [HomeAssistant()]) as keeper:
        settled = asyncio.create_task(keeper.settled(quiet_s=0.01, at_most_s=30))
        done, _waiting = await asyncio.wait([settled], timeout=0.2)
        assert not done
        link.hears("homeassistant/light/lamp/config", json.dumps(LAMP), kept=True)
        link.acknowledged.set()
        await settled
        assert [device.name for device in home] == ["Lamp"]


async def test_a_broker_that_never_answers_is_waited_for_no_longer_than_allowed() -> None:
    async with Keeper(SlowLink(), Home(), [HomeAssistant()]) as keeper:
        async with asyncio.timeout(5):
            await keeper.settled(quiet_s=0.01, at_most_s=0.1)


async def test_a_broker_that_is_not_there_is_not_waited_for() -> None:
    async with (
        MqttLink(MqttSettings(port=free_port())) as link,
        Keeper(link, Home(), [HomeAssistant()]) as keeper,
    ):
        async with asyncio.timeout(10):
            await keeper.settled(quiet_s=0.01, at_most_s=60)
        assert not link.connected
        assert link.trouble != "still connecting"
