"""The real Zigbee2MQTT, with everything but a radio: `make test-zigbee`.

What is sent is judged by the frames that would have gone on the air, what is heard by what Zigbee2MQTT itself
publishes. Its thermostat and its lock acknowledge orders and answer no question, as sleepy ones do.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.commands import DeviceCommand, Outcome, Result
from devices.discovery.convention import Appeared
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt
from devices.home import Ability, Device, Home, Kind, Value
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from devices.policy import Authority, Risk
from tests.brokers import Mosquitto, require_mosquitto
from tests.counterparts.zigbee2mqtt.program import Frame, Program, catalogue, require_zigbee2mqtt
from tests.devices.waiting import until

pytestmark = [pytest.mark.zigbee, pytest.mark.broker, pytest.mark.timeout(300)]

COLOUR_LAMP, WHITE_LAMP = "0x000b57fffec6a5b2", "0x0017880104e45517"
BLIND, RADIATOR, LOCK = "0x14b457fffe6fe3a1", "0x00158d0001010101", "0x000d6f0010f5c1aa"

ANSWERED_FOR = Authority(granted=Risk.PIN)
WAIT_S = 15.0


class House:
    """A home that is kept by what the real program says."""

    def __init__(self, link: MqttLink, home: Home, outbox: Outbox, program: Program) -> None:
        self.link = link
        self.home = home
        self.outbox = outbox
        self.program = program
        self.published: list[tuple[str, bytes]] = []
        link.subscribe("zigbee2mqtt/#", lambda topic, payload, _kept: self.published.append((topic, payload)))

    def device(self, ieee: str, kind: str) -> Device:
        found = self.home.get(f"zigbee2mqtt.{ieee}.{kind}")
        assert found is not None
        return found

    async def order(self, device: Device, ability: Ability, value: Value) -> Outcome:
        command = DeviceCommand(device.id, ability, value)
        (outcome,) = await self.outbox.carry_out(
            [command], turn_id="t", now=asyncio.get_running_loop().time, by=ANSWERED_FOR
        )
        return outcome

    async def request(self, what: str, **said: Any) -> None:
        """Ask the bridge for something, as its own page does, and wait until it says that it did it."""
        self.published.clear()
        await self.link.publish(f"zigbee2mqtt/bridge/request/{what}", json.dumps(said))
        answer = f"zigbee2mqtt/bridge/response/{what}"
        await until(lambda: any(topic == answer for topic, _ in self.published), what, timeout=WAIT_S)
        payload = next(payload for topic, payload in self.published if topic == answer)
        assert json.loads(payload)["status"] == "ok", payload

    def says(self, name: str) -> dict[str, Any]:
        """The last state that Zigbee2MQTT published of a device."""
        payload = [payload for topic, payload in self.published if topic == f"zigbee2mqtt/{name}"][-1]
        return json.loads(payload)

    def frames(self, **wanted: Any) -> list[Frame]:
        """What went on the air: frames that have all of these."""
        return [each for each in self.program.on_air if wanted.items() <= each.items()]


@asynccontextmanager
async def house(port: int, program: Program, *, also_homeassistant: bool = False) -> AsyncIterator[House]:
    home = Home({"Kitchen": (), "Hall": (), "Bedroom": ()})
    conventions = [Zigbee2Mqtt(), *([HomeAssistant()] if also_homeassistant else [])]
    async with MqttLink(MqttSettings(port=port)) as link, Keeper(link, home, conventions) as keeper:
        outbox = Outbox(home, link, keeper, {})
        made = House(link, home, outbox, program)
        await until(lambda: len(home.find(kind=Kind.LOCK)), "the lock", timeout=WAIT_S)
        await keeper.settled(quiet_s=0.5, at_most_s=10)
        try:
            yield made
        finally:
            await outbox.close()


def running(folder: Path, **more: Any) -> Iterator[tuple[int, Program]]:
    require_mosquitto()
    require_zigbee2mqtt()
    broker = Mosquitto(folder)
    broker.start()
    program = Program(folder, broker.port, **more)
    try:
        program.start()
        yield broker.port, program
    finally:
        program.stop()
        broker.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Program]]:
    """One for all tests that leave its devices as they are."""
    yield from running(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[int, Program]]:
    """One for a test that changes its devices."""
    yield from running(tmp_path)


async def test_all_five_devices_are_there_with_what_they_can_do(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        found = {each.name: (each.kind, each.room, set(each.abilities)) for each in here.home}
        lamp = {Ability.ON, Ability.BRIGHTNESS}
        assert found == {
            "kitchen lamp": (Kind.LIGHT, "Kitchen", lamp | {Ability.COLOUR, Ability.COLOUR_TEMPERATURE}),
            "hall lamp": (Kind.LIGHT, "Hall", lamp),
            "bedroom blind": (Kind.COVER, "Bedroom", {Ability.OPEN, Ability.POSITION, Ability.MOTION}),
            "bedroom blind battery": (Kind.SENSOR, "Bedroom", {Ability.READING}),
            "bath radiator": (Kind.CLIMATE, None, {Ability.SETPOINT, Ability.MODE, Ability.READING}),
            "bath radiator battery": (Kind.SENSOR, None, {Ability.READING}),
            "front door lock": (Kind.LOCK, None, {Ability.LOCKED, Ability.MOTION}),
            "front door lock battery": (Kind.SENSOR, None, {Ability.READING}),
        }
        assert all(each.available for each in here.home)


async def test_what_can_be_asked_is_asked_at_once(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        for ieee, cluster in (
            (COLOUR_LAMP, "genOnOff"),
            (COLOUR_LAMP, "genLevelCtrl"),
            (COLOUR_LAMP, "lightingColorCtrl"),
            (WHITE_LAMP, "genOnOff"),
            (BLIND, "closuresWindowCovering"),
            (RADIATOR, "hvacThermostat"),
            (LOCK, "closuresDoorLock"),
        ):
            asked = {"ieee": ieee, "cluster": cluster, "command": "read"}
            await until(lambda asked=asked: here.frames(**asked), f"{asked}", timeout=WAIT_S)


async def test_the_colour_lamp_does_and_says_all_that_it_is_told(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        lamp = here.device(COLOUR_LAMP, "light")
        for ability, value, command, payload, said in (
            (Ability.ON, False, "off", {}, {"state": "OFF"}),
            (Ability.ON, True, "on", {}, {"state": "ON"}),
            (Ability.BRIGHTNESS, 50, "moveToLevelWithOnOff", {"level": 127}, {"brightness": 127}),
            (Ability.COLOUR, (255, 0, 0), "moveToColor", {"colorx": 41949}, {"color_mode": "xy"}),
            (Ability.COLOUR_TEMPERATURE, 2700, "moveToColor", {}, {"color_temp": 370}),
            (Ability.BRIGHTNESS, 0, "off", {}, {"state": "OFF"}),
        ):
            outcome = await here.order(lamp, ability, value)
            assert outcome.result is Result.DONE, (ability, outcome)
            sent = here.frames(ieee=COLOUR_LAMP, command=command)
            assert payload.items() <= sent[-1]["payload"].items()
            assert said.items() <= here.says("kitchen_lamp").items()


async def test_the_white_lamp_whose_name_has_a_slash_obeys(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        lamp = here.device(WHITE_LAMP, "light")
        assert (await here.order(lamp, Ability.BRIGHTNESS, 100)).result is Result.DONE
        assert here.says("hall/lamp")["brightness"] == 254
        assert (await here.order(lamp, Ability.ON, False)).result is Result.DONE
        assert here.frames(ieee=WHITE_LAMP, command="off")
        assert (await here.order(lamp, Ability.COLOUR, (255, 0, 0))).result is Result.CANNOT


async def test_the_blind_moves(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        blind = here.device(BLIND, "cover")
        assert (await here.order(blind, Ability.POSITION, 30)).result is Result.DONE
        (frame,) = here.frames(ieee=BLIND, command="goToLiftPercentage")
        assert frame["payload"] == {"percentageliftvalue": 70}  # on the air 100 is closed
        assert (await here.order(blind, Ability.OPEN, True)).result is Result.DONE
        assert here.says("bedroom_blind")["position"] == 100
        assert (await here.order(blind, Ability.OPEN, False)).result is Result.DONE
        assert here.says("bedroom_blind")["state"] == "CLOSE"
        assert (await here.order(blind, Ability.MOTION, "stopped")).result is Result.UNVERIFIED
        await until(lambda: here.frames(ieee=BLIND, command="stop"), "the stop")


async def test_the_radiator_is_believed_only_in_what_it_says_itself(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        radiator = here.device(RADIATOR, "climate")
        assert radiator.options[Ability.MODE] == ("heat",)
        assert radiator.limits[Ability.SETPOINT] == (5, 35)
        # A mode is published as soon as it was acknowledged. Of a setpoint this make's own report is awaited.
        assert (await here.order(radiator, Ability.MODE, "heat")).result is Result.DONE
        assert here.says("bath_radiator")["system_mode"] == "heat"
        assert (await here.order(radiator, Ability.SETPOINT, 21.5)).result is Result.NO_ANSWER
        frame = here.frames(ieee=RADIATOR, command="danfossSetpointCommand")[-1]
        assert frame["payload"]["setpoint"] == 2150
        assert (await here.order(radiator, Ability.SETPOINT, 45)).result is Result.CANNOT


async def test_a_lock_that_never_says_that_it_locked_is_not_called_locked(
    shared: tuple[int, Program],
) -> None:
    async with house(*shared) as here:
        lock = here.device(LOCK, "lock")
        for locked, command in ((True, "lockDoor"), (False, "unlockDoor")):
            outcome = await here.order(lock, Ability.LOCKED, locked)
            assert outcome.result is Result.NO_ANSWER, outcome
            assert len(here.frames(ieee=LOCK, command=command)) == 1
        assert Ability.LOCKED not in here.device(LOCK, "lock").state


async def test_a_lock_is_not_opened_on_anybodys_word(shared: tuple[int, Program]) -> None:
    async with house(*shared) as here:
        before = len(here.frames(ieee=LOCK, command="unlockDoor"))
        command = DeviceCommand(here.device(LOCK, "lock").id, Ability.LOCKED, False)
        (outcome,) = await here.outbox.carry_out([command], turn_id="t", now=asyncio.get_running_loop().time)
        assert outcome.result is Result.NEEDS_CONFIRMATION
        assert len(here.frames(ieee=LOCK, command="unlockDoor")) == before


async def test_what_the_bridge_does_not_know_any_more_is_unreachable_and_comes_back(
    own: tuple[int, Program],
) -> None:
    async with house(*own) as here:
        await asyncio.to_thread(here.program.stop)
        await until(lambda: not any(each.available for each in here.home), "being offline", timeout=WAIT_S)
        outcome = await here.order(here.device(COLOUR_LAMP, "light"), Ability.ON, True)
        assert outcome.result is Result.OFFLINE
        await asyncio.to_thread(here.program.start)
        await until(lambda: all(each.available for each in here.home), "being back", timeout=WAIT_S)
        assert (await here.order(here.device(COLOUR_LAMP, "light"), Ability.ON, True)).result is Result.DONE


async def test_a_device_is_renamed_and_removed_while_we_listen(own: tuple[int, Program]) -> None:
    async with house(*own) as here:
        await here.request("device/rename", **{"from": "kitchen_lamp", "to": "客厅/落地灯"})
        await until(lambda: here.device(COLOUR_LAMP, "light").name == "客厅 落地灯", timeout=WAIT_S)
        assert (await here.order(here.device(COLOUR_LAMP, "light"), Ability.ON, True)).result is Result.DONE
        assert here.says("客厅/落地灯")["state"] == "ON"
        await here.request("device/remove", id="front_door_lock", force=True)
        await until(lambda: not here.home.find(kind=Kind.LOCK), "the lock's going", timeout=WAIT_S)
        assert here.home.get(f"zigbee2mqtt.{LOCK}.battery") is None


async def test_a_group_is_made_ordered_by_one_frame_and_taken_apart(own: tuple[int, Program]) -> None:
    async with house(*own) as here:
        await here.request("group/add", friendly_name="kitchen/all lamps", id=7)
        for name in ("kitchen_lamp", "hall/lamp"):
            await here.request("group/members/add", group="kitchen/all lamps", device=name)
        lamps = f"zigbee2mqtt.{COLOUR_LAMP}.light", f"zigbee2mqtt.{WHITE_LAMP}.light"

        def members() -> tuple[str, ...]:
            group = here.home.get("zigbee2mqtt.group_7")
            return () if group is None else group.members

        await until(lambda: members() == lamps, "the group", timeout=WAIT_S)
        group = here.home.get("zigbee2mqtt.group_7")
        assert group is not None
        assert (group.name, group.kind, group.room) == ("kitchen all lamps", Kind.LIGHT, "Kitchen")
        command = DeviceCommand(group.id, Ability.ON, True)
        outcomes = await here.outbox.carry_out([command], turn_id="t", now=asyncio.get_running_loop().time)
        assert {each.result for each in outcomes} == {Result.DONE}
        assert [each["command"] for each in here.frames(group=7)] == ["on"]
        assert not here.frames(ieee=COLOUR_LAMP, command="on")
        await here.request("group/remove", id="kitchen/all lamps", force=True)
        await until(lambda: here.home.get("zigbee2mqtt.group_7") is None, timeout=WAIT_S)


async def test_an_order_that_does_not_reach_the_device_is_refused_at_once(tmp_path: Path) -> None:
    for own in running(tmp_path, unreachable=[WHITE_LAMP]):
        async with house(*own) as here:
            outcome = await here.order(here.device(WHITE_LAMP, "light"), Ability.ON, True)
            assert outcome.result is Result.REFUSED
            assert "no route" in outcome.detail


async def test_home_assistants_words_for_the_same_hardware_carry_the_same_address(
    shared: tuple[int, Program],
) -> None:
    port, _ = shared
    convention = HomeAssistant()
    heard: list[Device] = []

    def listen(topic: str, payload: bytes, _kept: bool) -> None:
        heard.extend(each.device for each in convention.heard(topic, payload) if isinstance(each, Appeared))

    async with MqttLink(MqttSettings(port=port)) as link:
        link.subscribe("homeassistant/#", listen)
        wanted = {
            (Kind.LIGHT, COLOUR_LAMP),
            (Kind.LIGHT, WHITE_LAMP),
            (Kind.COVER, BLIND),
            (Kind.CLIMATE, RADIATOR),
            (Kind.LOCK, LOCK),
        }

        def announced() -> set[tuple[Kind, str]]:
            return {(each.kind, name.removeprefix("ieee:")) for each in heard for name in each.identities}

        await until(lambda: wanted <= announced(), "their addresses", timeout=WAIT_S)


async def test_hardware_that_is_seen_twice_is_one_thing(shared: tuple[int, Program]) -> None:
    async with house(*shared, also_homeassistant=True) as here:
        named = [(each.kind, each.name) for each in here.home if each.kind is not Kind.SENSOR]
        for kind, name in (
            (Kind.LIGHT, "kitchen lamp"),
            (Kind.LIGHT, "hall lamp"),
            (Kind.COVER, "bedroom blind"),
            (Kind.CLIMATE, "bath radiator"),
            (Kind.LOCK, "front door lock"),
        ):
            assert [each for each in named if each[0] is kind].count((kind, name)) == 1
            assert len(here.home.find(kind=kind)) == {Kind.LIGHT: 2}.get(kind, 1)
        batteries = [each for each in here.home if each.device_class == "battery" and "lock" in each.name]
        assert len({each.convention for each in batteries}) == 1
        lamp = here.device(COLOUR_LAMP, "light")
        assert (await here.order(lamp, Ability.ON, True)).result is Result.DONE


async def test_everything_in_zigbee2mqtts_own_catalogue_is_understood(tmp_path: Path) -> None:
    require_zigbee2mqtt()
    known = await asyncio.to_thread(catalogue, tmp_path / "catalogue.json")
    assert len(known) > 4_000
    main = ("light", "cover", "lock", "climate", "fan")
    for number, each in enumerate(known):
        raw = {
            "ieee_address": f"0x{number:016x}",
            "friendly_name": "thing",
            "definition": {"exposes": each["exposes"]},
        }
        changes = Zigbee2Mqtt().heard("zigbee2mqtt/bridge/devices", json.dumps([raw]).encode())
        found = [change.device for change in changes if isinstance(change, Appeared)]
        for kind in main:
            wanted = sum(expose["type"] == kind for expose in each["exposes"] or ())
            assert sum(device.kind == kind for device in found) == wanted, each["model"]
        assert len({device.name for device in found}) == len(found), each["model"]
