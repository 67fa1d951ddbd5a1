"""Groups, policy, progress, bridges and orders that replace each other, on a real broker."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from devices import confirmation
from devices.commands import Command, DeviceCommand, MqttCommand, Outcome, Result
from devices.discovery.keeper import Keeper
from devices.history import History
from devices.home import Ability, Home, Kind
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from devices.owner import Owner, Said
from devices.policy import Authority, Policy, PolicySettings, Risk, Rule
from tests.brokers import Mosquitto
from tests.devices.scripted import ScriptedBridge, ScriptedConvention, lamp
from tests.devices.waiting import until

pytestmark = pytest.mark.broker

LOW = Authority()


@dataclass
class House:
    """A home of scripted things. `obeys` are those that answer at once with what they were told."""

    home: Home
    hardware: MqttLink
    keeper: Keeper
    outbox: Outbox
    history: History
    orders: list[tuple[str, str]] = field(default_factory=list)
    obeys: set[str] = field(default_factory=set)

    async def say(self, own: str, **state: Any) -> None:
        await self.hardware.publish(f"one/{own}", json.dumps(state))

    async def is_so(self, own: str, ability: Ability, value: Any) -> None:
        await self.say(own, **{ability: value})
        await until(lambda: self.home.get(f"one.{own}").state.get(ability) == value)

    def ordered(self, topic: str, payload: bytes, kept: bool) -> None:
        own = topic.split("/")[1]
        self.orders.append((own, payload.decode()))
        ability, _, word = payload.decode().partition("=")
        if own in self.obeys:
            value = {"True": True, "False": False}.get(word, word)
            task = asyncio.get_running_loop().create_task(self.say(own, **{ability: value}))
            self._answer = task

    async def do(self, *commands: Command, by: Authority = LOW, turn_id: str = "turn") -> list[Outcome]:
        return list(await self.outbox.carry_out(commands, turn_id=turn_id, now=time.monotonic, by=by))


@asynccontextmanager
async def house(
    broker: Mosquitto,
    things: Mapping[str, Mapping[str, Any]],
    *,
    confirm_s: float = 0.5,
    rules: Sequence[Rule] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    owner: Owner | None = None,
    bridges: Sequence[ScriptedBridge] = (),
) -> AsyncIterator[House]:
    settings = MqttSettings(port=broker.port)
    async with MqttLink(settings) as hardware, MqttLink(settings) as link:
        home = Home()
        with History() as history:
            keeper = Keeper(
                link,
                home,
                [ScriptedConvention()],
                bridges=bridges,
                owner=owner,
                groups=groups,
                history=history,
            )
            async with keeper:
                outbox = Outbox(
                    home,
                    link,
                    keeper,
                    {},
                    policy=Policy(PolicySettings(tuple(rules))),
                    history=history,
                    confirm_s=confirm_s,
                )
                here = House(home, hardware, keeper, outbox, history)
                hardware.subscribe("one/+/set", here.ordered)
                assert await hardware.wait_connected(5)
                assert await link.wait_connected(5)
                for own, config in things.items():
                    await hardware.publish(
                        f"one/announce/{own}", json.dumps({"name": own, **config}), retain=True
                    )
                    here.obeys.add(own)
                await until(lambda: all(home.get(f"one.{own}") for own in things))
                await link.publish("any", "thing")  # once that is through, the subscriptions are
                try:
                    yield here
                finally:
                    await outbox.close()


def on(own: str, value: bool = True) -> DeviceCommand:
    return DeviceCommand(f"one.{own}", Ability.ON, value)


COVER = {"kind": "cover", "abilities": ["open", "motion", "position"]}
OPEN = DeviceCommand("one.x", Ability.OPEN, True)


async def test_a_configured_group_is_one_order_and_one_outcome_a_member(mosquitto: Mosquitto) -> None:
    things = {"a": {}, "b": {}, "plug": {"kind": "cover", "abilities": ["open"]}}
    async with house(mosquitto, things, groups={"All": ["a", "b", "plug"]}) as here:
        here.obeys.discard("b")
        outcomes = await here.do(DeviceCommand("group.all", Ability.ON, True))
        assert [(each.name, each.result) for each in outcomes] == [
            ("a", Result.DONE),
            ("b", Result.NO_ANSWER),
        ]
        assert here.orders == [("a", "on=True"), ("b", "on=True")]


async def test_the_group_of_a_convention_is_one_message_and_its_members_are_watched(
    mosquitto: Mosquitto,
) -> None:
    things = {"a": {}, "b": {}, "g": {"members": ["one.a", "one.b"]}}
    async with house(mosquitto, things) as here:
        task = asyncio.create_task(here.do(DeviceCommand("one.g", Ability.ON, True)))
        await until(lambda: here.orders)
        await here.say("a", on=True)
        outcomes = await task
        assert here.orders == [("g", "on=True")]
        assert [(each.command, each.result) for each in outcomes] == [
            (on("a"), Result.DONE),
            (on("b"), Result.NO_ANSWER),
        ]
        assert outcomes[0].sent[0].topic == "one/g/set"


async def test_a_garage_in_a_group_takes_a_yes_and_the_rest_moves(mosquitto: Mosquitto) -> None:
    things = {"blind": COVER, "garage": COVER, "g": {**COVER, "members": ["one.blind", "one.garage"]}}
    async with house(mosquitto, things) as here:
        command = DeviceCommand("one.g", Ability.OPEN, True)
        outcomes = await here.do(command)
        assert [(each.name, each.result) for each in outcomes] == [
            ("blind", Result.DONE),
            ("garage", Result.NEEDS_CONFIRMATION),
        ]
        assert here.orders == [("blind", "open=True")]
        await here.do(command, by=Authority(granted=Risk.CONFIRM), turn_id="yes")
        assert here.orders[1:] == [("g", "open=True")]


async def test_what_is_kept_from_voice_is_not_reached_through_a_group_either(mosquitto: Mosquitto) -> None:
    things = {"a": {}, "server": {}, "g": {"members": ["one.a", "one.server"]}}
    owner = Owner({"server": Said(exposed=False)})
    async with house(mosquitto, things, owner=owner) as here:
        outcomes = await here.do(DeviceCommand("one.g", Ability.ON, False))
        assert [each.name for each in outcomes] == ["a"]
        assert here.orders == [("a", "on=False")]
        (outcome,) = await here.do(on("server", False))
        assert (outcome.result, outcome.sent) == (Result.NOT_ALLOWED, ())


async def test_a_lock_takes_a_yes_before_anything_is_sent(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"x": {"kind": "lock", "abilities": ["locked"]}}) as here:
        unlock = DeviceCommand("one.x", Ability.LOCKED, False)
        (outcome,) = await here.do(unlock)
        assert (outcome.result, outcome.sent, here.orders) == (Result.NEEDS_CONFIRMATION, (), [])
        (outcome,) = await here.do(unlock, by=Authority(granted=Risk.CONFIRM), turn_id="yes")
        assert outcome.result is Result.DONE


@pytest.mark.parametrize(
    ("topic", "refused"),
    [
        ("one/x/set", True),
        ("ONE/X/set", True),
        ("one/x/set/state", True),
        ("far/0x00158d0001a2b3c4/set", True),
        ("one/g/set", True),
        ("one/announce/y", True),
        ("one/a/set", False),
        ("one/blind/set", False),
        ("coffee/order", False),
    ],
)
async def test_a_raw_message_does_not_go_around_the_policy(
    mosquitto: Mosquitto, topic: str, refused: bool
) -> None:
    door = {"kind": "lock", "abilities": ["locked"], "identities": ["ieee:0x00158d0001a2b3c4"]}
    gate = {**COVER, "device_class": "gate"}
    things = {"x": door, "a": {}, "gate": gate, "g": {**COVER, "members": ["one.gate"]}, "blind": COVER}
    async with house(mosquitto, things) as here:
        (outcome,) = await here.do(MqttCommand(topic, "locked=False"))
        assert outcome.result is (Result.REFUSED if refused else Result.UNVERIFIED)
        assert bool(outcome.sent) is not refused


async def test_a_rule_of_the_owner_guards_the_topic_as_well(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"a": {}}, rules=[Rule(devices=frozenset({"a"}), exposed=False)]) as here:
        (outcome,) = await here.do(MqttCommand("one/a/set", "on=True"))
        assert outcome.result is Result.REFUSED


async def test_a_blind_that_moves_the_right_way_is_in_progress_at_once(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"x": COVER}, confirm_s=30) as here:
        here.obeys.clear()
        task = asyncio.create_task(here.do(OPEN))
        await until(lambda: here.orders)
        await here.say("x", motion="opening")
        (outcome,) = await task
        assert outcome.result is Result.IN_PROGRESS
        assert outcome.confirmed_s is not None


async def test_a_blind_that_moved_already_is_in_progress_after_a_while(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "PROGRESS_S", 0.05)
    async with house(mosquitto, {"x": COVER}, confirm_s=30) as here:
        here.obeys.clear()
        await here.is_so("x", Ability.MOTION, "opening")
        (outcome,) = await here.do(OPEN)
        assert outcome.result is Result.IN_PROGRESS


async def test_a_jammed_door_refused(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"x": COVER}, confirm_s=30) as here:
        here.obeys.clear()
        task = asyncio.create_task(here.do(OPEN))
        await until(lambda: here.orders)
        await here.say("x", motion="jammed")
        (outcome,) = await task
        assert (outcome.result, outcome.detail) == (Result.REFUSED, "it is jammed")


async def test_how_it_ended_with_what_was_in_progress_is_logged(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="devices.outbox")
    async with house(mosquitto, {"x": COVER}) as here:
        here.obeys.clear()
        task = asyncio.create_task(here.do(OPEN))
        await until(lambda: here.orders)
        await here.say("x", motion="opening")
        await task
        await here.say("x", motion="stopped", open=True)
        await until(lambda: not here.outbox._following)
        assert "x: done after another" in caplog.text


async def test_a_device_that_says_no_refused(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"a": {}}, confirm_s=30) as here:
        here.obeys.clear()
        task = asyncio.create_task(here.do(on("a")))
        await until(lambda: here.orders)
        await here.say("a", refused="overheated")
        (outcome,) = await task
        assert (outcome.result, outcome.detail) == (Result.REFUSED, "overheated")


async def test_who_changed_his_mind_is_not_told_that_there_was_no_answer(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"a": {}}, confirm_s=30) as here:
        here.obeys.clear()
        first = asyncio.create_task(here.do(on("a", False), turn_id="first"))
        await until(lambda: len(here.orders) == 1)
        second = asyncio.create_task(here.do(on("a"), turn_id="second"))
        (outcome,) = await first
        assert (outcome.result, outcome.detail) == (Result.UNVERIFIED, "a later order took its place")
        await until(lambda: len(here.orders) == 2)
        await here.say("a", on=True)
        assert [each.result for each in await second] == [Result.DONE]


async def test_stop_takes_the_place_of_open(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"x": COVER}, confirm_s=30) as here:
        here.obeys.clear()
        first = asyncio.create_task(here.do(OPEN, turn_id="first"))
        await until(lambda: here.orders)
        second = asyncio.create_task(here.do(DeviceCommand("one.x", Ability.MOTION, "stopped")))
        await first
        await until(lambda: len(here.orders) == 2)
        await here.say("x", motion="stopped")
        assert [each.result for each in await second] == [Result.DONE]


async def test_the_same_order_twice_in_a_turn_is_sent_once_and_a_press_twice(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"a": {}, "bell": {"kind": "scene", "abilities": ["pressed"]}}) as here:
        press = DeviceCommand("one.bell", Ability.PRESSED, True)
        outcomes = await here.do(on("a"), on("a"), press, press)
        assert [each.result for each in outcomes] == [Result.DONE] * 2 + [Result.UNVERIFIED] * 2
        await until(lambda: len(here.orders) == 3)
        assert here.orders == [("a", "on=True"), ("bell", "pressed=True"), ("bell", "pressed=True")]
        await here.do(on("a"), turn_id="another")
        await until(lambda: len(here.orders) == 4)


async def test_a_value_that_cannot_be_is_told_with_what_can(mosquitto: Mosquitto) -> None:
    async with house(mosquitto, {"x": COVER}) as here:
        (outcome,) = await here.do(DeviceCommand("one.x", Ability.POSITION, 130))
        assert outcome.result is Result.CANNOT
        assert outcome.detail == "its position goes from 0 to 100, not to 130"
        assert here.orders == []


async def test_a_bridge_is_ordered_like_anything_else(mosquitto: Mosquitto) -> None:
    bridge = ScriptedBridge(lamp("bridge.a", "Far lamp", kind=Kind.LIGHT))
    async with house(mosquitto, {}, bridges=[bridge]) as here:
        await until(lambda: here.home.get("bridge.a"))
        command = DeviceCommand("bridge.a", Ability.ON, True)
        (outcome,) = await here.do(command)
        assert (outcome.result, outcome.sent[0].via) == (Result.DONE, "bridge")
        bridge.refuses = "not you"
        (outcome,) = await here.do(command)
        assert (outcome.result, outcome.detail) == (Result.REFUSED, "not you")
        bridge.trouble = "no route"
        (outcome,) = await here.do(command)
        assert (outcome.result, outcome.detail) == (Result.OFFLINE, "no route")


async def test_what_was_ordered_can_be_taken_back_and_what_was_said_is_remembered(
    mosquitto: Mosquitto,
) -> None:
    async with house(mosquitto, {"a": {}, "b": {}, "g": {"members": ["one.a", "one.b"]}}) as here:
        for own in "ab":
            await here.is_so(own, Ability.ON, False)
        here.obeys |= {"a", "b"}
        await here.do(on("a"), on("b"), by=Authority(room="Hall"))
        assert here.history.undo("Kitchen") == ()
        outcomes = await here.do(*here.history.undo("Hall"), by=Authority(room="Hall"), turn_id="undo")
        assert [each.result for each in outcomes] == [Result.DONE, Result.DONE]
        assert [here.home.get(f"one.{own}").state for own in "ab"] == [{Ability.ON: False}] * 2
        assert here.history.undo("Hall") == ()
        spans = here.history.spans("one.a", Ability.ON, 0, time.time() + 1)
        assert [span.value for span in spans] == [False, True, False]
