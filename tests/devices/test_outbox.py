import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from devices.adapters.adapter import Acted
from devices.commands import AdapterCommand, Command, DeviceCommand, MqttCommand, Outcome, Result, Sent
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.home import Ability, Home
from devices.mqtt import MqttLink, MqttSettings, Traffic
from devices.outbox import Outbox
from tests.brokers import Mosquitto
from tests.devices.waiting import until

pytestmark = pytest.mark.broker

ON = DeviceCommand("light.lamp", Ability.ON, True)
OFF = DeviceCommand("light.lamp", Ability.ON, False)


class Lamp:
    """A lamp that answers as a test wants: after `delay_s`, never (None), or with `stubborn` words."""

    def __init__(self, link: MqttLink, **config: Any) -> None:
        self.link = link
        self.config = {"uniq_id": "lamp", "name": "Lamp", "cmd_t": "lamp/set", "stat_t": "lamp", **config}
        self.delay_s: float | None = 0.02
        self.stubborn: str | None = None
        self.orders: list[tuple[str, bytes, bool]] = []
        self._answers: set[asyncio.Task[None]] = set()
        link.subscribe("lamp/+", self._ordered)

    async def announce(self, state: str | None = None) -> None:
        config = {key: value for key, value in self.config.items() if value is not None}
        await self.link.publish("homeassistant/light/lamp/config", json.dumps(config), retain=True)
        if state is not None:
            await self.link.publish("lamp", state, retain=True)

    def _ordered(self, topic: str, payload: bytes, kept: bool) -> None:
        if topic != "lamp/up":
            self.orders.append((topic, payload, kept))
        if topic == "lamp/set" and self.delay_s is not None:
            task = asyncio.create_task(self._answer(payload.decode(), self.delay_s))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, word: str, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        await self.link.publish("lamp", self.stubborn or word, retain=True)


class House:
    """Everything joined to one broker, with a lamp in it."""

    def __init__(self, home: Home, link: MqttLink, keeper: Keeper, outbox: Outbox, lamp: Lamp) -> None:
        self.home, self.link, self.keeper, self.outbox, self.lamp = home, link, keeper, outbox, lamp

    async def do(self, *commands: Command) -> list[Outcome]:
        return list(await self.outbox.carry_out(commands, turn_id="turn", now=time.monotonic))

    async def one(self, command: Command) -> Outcome:
        (outcome,) = await self.do(command)
        return outcome


@asynccontextmanager
async def house(
    broker: Mosquitto,
    *,
    state: str | None = "OFF",
    confirm_s: float = 0.5,
    adapters: Mapping[str, Any] | None = None,
    **config: Any,
) -> AsyncIterator[House]:
    settings = MqttSettings(port=broker.port, expiry_s=0.5)
    async with MqttLink(settings) as hardware, MqttLink(settings) as link:
        lamp = Lamp(hardware, **config)
        assert await hardware.wait_connected(5)
        await lamp.announce(state)
        home = Home()
        async with Keeper(link, home, [HomeAssistant()]) as keeper:
            await until(lambda: len(home) == 1)
            await keeper.settled(0.3)
            outbox = Outbox(home, link, keeper, adapters or {}, confirm_s=confirm_s)
            try:
                yield House(home, link, keeper, outbox, lamp)
            finally:
                await outbox.close()


async def test_a_light_that_reports_its_state_is_done(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        outcome = await here.one(ON)
        assert (outcome.result, outcome.name) == (Result.DONE, "Lamp")
        assert outcome.sent == (Sent("mqtt", "lamp/set", "ON", 1),)
        assert outcome.published_s is not None
        assert outcome.confirmed_s is not None
        assert outcome.confirmed_s - outcome.published_s >= 0.02
        assert here.lamp.orders == [("lamp/set", b"ON", False)]


async def test_a_light_that_was_on_is_told_again_and_is_already(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, state="ON") as here:
        outcome = await here.one(ON)
        assert outcome.result is Result.ALREADY
        assert outcome.confirmed_s is not None
        assert len(here.lamp.orders) == 1


async def test_a_silent_light_is_already_when_it_spoke_lately_and_no_answer_when_its_word_is_old(
    mosquitto: Mosquitto,
) -> None:
    async with house(mosquitto, state="ON") as here:
        here.lamp.delay_s = None
        assert (await here.one(ON)).result is Result.NO_ANSWER  # only the broker says that it is on
        await here.lamp.link.publish("lamp", "ON")
        await until(lambda: here.keeper.live("light.lamp"))
        outcome = await here.one(ON)
        assert (outcome.result, outcome.confirmed_s) == (Result.ALREADY, None)


async def test_a_light_whose_old_word_was_wrong_is_done_once_it_obeys(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, state="ON") as here:
        await here.lamp.link.publish("lamp", "ON")
        await until(lambda: here.keeper.live("light.lamp"))
        here.lamp.delay_s = None
        turn = asyncio.create_task(here.one(ON))
        await until(lambda: here.lamp.orders)
        await here.lamp.link.publish("lamp", "OFF")
        await until(lambda: here.home.get("light.lamp").state == {Ability.ON: False})
        await here.lamp.link.publish("lamp", "ON")
        assert (await turn).result is Result.DONE


async def test_a_light_that_never_answers_is_no_answer(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        here.lamp.delay_s = None
        began = time.monotonic()
        outcome = await here.one(ON)
        assert outcome.result is Result.NO_ANSWER
        assert time.monotonic() - began > 0.4  # it was waited for
        assert (len(outcome.sent), outcome.confirmed_s) == (1, None)


async def test_a_light_that_says_otherwise_is_no_answer(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        here.lamp.stubborn = "OFF"
        assert (await here.one(ON)).result is Result.NO_ANSWER


async def test_a_light_that_answers_too_late_is_no_answer_and_the_home_learns_it_anyway(
    mosquitto: Mosquitto,
) -> None:
    async with house(mosquitto, confirm_s=0.1) as here:
        here.lamp.delay_s = 0.3
        assert (await here.one(ON)).result is Result.NO_ANSWER
        await until(lambda: here.home.get("light.lamp").state == {Ability.ON: True})


async def test_a_light_without_state_topic_is_unverified(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, state=None, stat_t=None) as here:
        outcome = await here.one(ON)
        assert (outcome.result, outcome.confirmed_s) == (Result.UNVERIFIED, None)
        assert outcome.published_s is not None


async def test_a_brightness_that_is_never_reported_is_unverified(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, bri_cmd_t="lamp/bri") as here:
        outcome = await here.one(DeviceCommand("light.lamp", Ability.BRIGHTNESS, 40))
        assert outcome.result is Result.UNVERIFIED
        assert [(sent.topic, sent.payload) for sent in outcome.sent] == [
            ("lamp/bri", "102"),
            ("lamp/set", "ON"),
        ]
        await until(lambda: len(here.lamp.orders) == 2)
        assert [topic for topic, _, _ in here.lamp.orders] == ["lamp/bri", "lamp/set"]


async def test_a_light_that_is_said_to_be_unreachable_is_not_even_told(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, avty_t="lamp/up") as here:
        await here.lamp.link.publish("lamp/up", "offline")
        await until(lambda: not here.home.get("light.lamp").available)
        outcome = await here.one(ON)
        assert (outcome.result, outcome.sent, here.lamp.orders) == (Result.OFFLINE, (), [])


async def test_a_light_that_drops_off_while_it_should_answer_is_offline(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, avty_t="lamp/up", confirm_s=5.0) as here:
        here.lamp.delay_s = None
        turn = asyncio.create_task(here.one(ON))
        await until(lambda: here.lamp.orders)
        await here.lamp.link.publish("lamp/up", "offline")
        assert (await asyncio.wait_for(turn, 2)).result is Result.OFFLINE


async def test_a_light_that_is_taken_away_meanwhile_is_unknown(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, confirm_s=5.0) as here:
        here.lamp.delay_s = None
        turn = asyncio.create_task(here.one(ON))
        await until(lambda: here.lamp.orders)
        await here.lamp.link.publish("homeassistant/light/lamp/config", "", retain=True)
        assert (await asyncio.wait_for(turn, 2)).result is Result.UNKNOWN_DEVICE


@pytest.mark.parametrize(
    ("command", "result"),
    [
        (DeviceCommand("light.other", Ability.ON, True), Result.UNKNOWN_DEVICE),
        (DeviceCommand("light.lamp", Ability.COLOUR, (1, 2, 3)), Result.CANNOT),
        (DeviceCommand("light.lamp", Ability.ON, "bright"), Result.CANNOT),
        (MqttCommand("a/#", "x"), Result.CANNOT),
        (AdapterCommand("mpd", "play"), Result.CANNOT),
    ],
)
async def test_what_cannot_be_done_is_said_at_once_and_nothing_is_sent(
    mosquitto: Mosquitto, command: Command, result: Result
) -> None:
    async with house(mosquitto) as here:
        outcome = await here.one(command)
        assert (outcome.result, outcome.sent) == (result, ())
        assert outcome.detail


async def test_a_message_of_a_skills_own_is_unverified_and_never_kept(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        heard: list[tuple[str, bytes, bool]] = []
        outcome = await here.one(MqttCommand("bell/ring", "twice", qos=2))
        assert (outcome.result, outcome.name) == (Result.UNVERIFIED, "bell/ring")
        assert outcome.sent == (Sent("mqtt", "bell/ring", "twice", 2),)
        here.lamp.link.subscribe("bell/#", lambda *message: heard.append(message))
        await here.lamp.link.publish("bell/after", "x")
        await until(lambda: heard)
        assert heard == [("bell/after", b"x", False)]


async def test_the_quality_of_service_is_the_devices(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, qos=2) as here:
        seen: list[Traffic] = []
        here.link.observe(seen.append)
        outcome = await here.one(ON)
        assert (outcome.result, outcome.sent[0].qos) == (Result.DONE, 2)
        assert [(t.qos, t.retain) for t in seen if t.direction == "out"] == [(2, False)]


async def test_several_commands_are_carried_out_at_once_and_in_their_order(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        here.lamp.delay_s = 0.2
        outcomes = await here.do(OFF, ON, MqttCommand("a", "1"), DeviceCommand("x", Ability.ON, True))
        assert [payload for _, payload, _ in here.lamp.orders] == [b"OFF", b"ON"]
        assert outcomes[0].command is OFF
        assert [outcome.result for outcome in outcomes][1:] == [
            Result.DONE,
            Result.UNVERIFIED,
            Result.UNKNOWN_DEVICE,
        ]


async def test_interrupting_the_turn_does_not_take_an_order_back(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        here.lamp.delay_s = 0.2
        turn = asyncio.create_task(here.one(ON))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        await here.outbox.close()
        assert here.home.get("light.lamp").state == {Ability.ON: True}
        assert not here.outbox._in_flight


async def test_without_a_broker_it_says_so_at_once_and_nothing_arrives_later(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        await asyncio.to_thread(mosquitto.kill)
        await until(lambda: not here.link.connected and not here.lamp.link.connected)
        began = time.monotonic()
        outcomes = await here.do(ON, MqttCommand("bell", "1"))
        assert time.monotonic() - began < 2.5  # an expiry would have been 5 s
        assert [(outcome.result, outcome.sent) for outcome in outcomes] == [(Result.NO_BROKER, ())] * 2
        assert "cannot be reached" in outcomes[0].detail
        await asyncio.to_thread(mosquitto.start)
        assert await here.link.wait_connected(10)
        assert await here.lamp.link.wait_connected(10)
        await here.lamp.announce("ON")
        await until(lambda: here.home.get("light.lamp").state == {Ability.ON: True})
        assert (await here.one(OFF)).result is Result.DONE
        assert [payload for _, payload, _ in here.lamp.orders] == [b"OFF"]


async def test_an_order_that_a_frozen_broker_never_took_is_no_broker(mosquitto: Mosquitto) -> None:
    async with house(mosquitto) as here:
        mosquitto.freeze()
        outcome = await here.one(ON)
        assert outcome.result is Result.NO_BROKER
        assert len(outcome.sent) == 1  # it left us, though nobody knows how far it came
        await asyncio.to_thread(mosquitto.kill)
        await asyncio.to_thread(mosquitto.start)
        assert await here.link.wait_connected(10)
        assert await here.lamp.link.wait_connected(10)
        await here.lamp.announce("ON")
        await until(lambda: here.home.get("light.lamp").state == {Ability.ON: True})
        assert (await here.one(OFF)).result is Result.DONE
        assert [payload for _, payload, _ in here.lamp.orders] == [b"OFF"]


class Jukebox:
    name = "jukebox"

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        if action == "explode":
            raise RuntimeError("on purpose")
        sent = (Sent("jukebox", action, str(dict(arguments))),)
        return (Result.DONE, "", sent) if action == "play" else (Result.REFUSED, "no coin", sent)

    async def ask(self, question: str) -> Mapping[str, Any]:
        return {}

    async def close(self) -> None: ...


async def test_an_adapter_says_itself_what_came_of_it(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, adapters={"jukebox": Jukebox()}) as here:
        played, refused, broken, lit = await here.do(
            AdapterCommand("jukebox", "play", {"n": 1}),
            AdapterCommand("jukebox", "kick"),
            AdapterCommand("jukebox", "explode"),
            ON,
        )
        assert (played.result, played.sent) == (Result.DONE, (Sent("jukebox", "play", "{'n': 1}"),))
        assert played.confirmed_s is not None
        assert (refused.result, refused.detail, refused.confirmed_s) == (Result.REFUSED, "no coin", None)
        assert (broken.result, broken.name) == (Result.REFUSED, "jukebox")
        assert lit.result is Result.DONE
