"""A house in which every convention has one switch that behaves, to be seen whether it still does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.convention import CannotError
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.discovery.manual import Manual
from devices.discovery.shelly import ShellyGen2
from devices.discovery.tasmota import Tasmota
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt
from devices.home import Ability, Device, Home, Value
from tests.devices.discovery.benches import shelly_answers
from tests.devices.discovery.cells import shelly as shelly_cells
from tests.devices.discovery.cells import tasmota as tasmota_cells
from tests.devices.discovery.cells.cell import Said, text
from tests.devices.discovery.direct_link import DirectLink
from tests.devices.discovery.fake_shelly import FakeShelly
from tests.devices.discovery.zigbee2mqtt_words import SWITCH, device
from tests.devices.waiting import until


@dataclass(frozen=True)
class Healthy:
    """A switch that behaves. `order` and `answers` are what is said to turn it on, and then off."""

    id: str
    announced: tuple[Said, ...]
    orders: tuple[Said, Said]
    answers: tuple[Said, Said]


SHELLY = FakeShelly("pro_2")
RELAY = "tasmota_345601"
MAC = "A4CF12345601"


def _call(on: bool) -> Said:
    frame = {"src": "sotto_voce/k3x9", "method": "Switch.Set", "params": {"id": 0, "on": on}}
    return f"{SHELLY.prefix}/rpc", frame


HEALTHY = (
    Healthy("manual.desk", (), (("desk/set", "ON"), ("desk/set", "OFF")), (("desk", "ON"), ("desk", "OFF"))),
    Healthy(
        "zigbee2mqtt.0x0000000000000001.switch",
        (("zigbee2mqtt/bridge/devices", [device("plug", SWITCH)]),),
        (("zigbee2mqtt/plug/set", {"state": "ON"}), ("zigbee2mqtt/plug/set", {"state": "OFF"})),
        (("zigbee2mqtt/plug", {"state": "ON"}), ("zigbee2mqtt/plug", {"state": "OFF"})),
    ),
    Healthy(
        f"tasmota.{MAC}_switch_relay_0",
        tuple(tasmota_cells.announced("two_relays")),
        ((f"cmnd/{RELAY}/Power1", "ON"), (f"cmnd/{RELAY}/Power1", "OFF")),
        ((f"stat/{RELAY}/RESULT", {"POWER1": "ON"}), (f"stat/{RELAY}/RESULT", {"POWER1": "OFF"})),
    ),
    Healthy(
        f"shelly.{SHELLY.mac}_switch_0",
        ((f"{SHELLY.prefix}/online", "true"),),
        (_call(True), _call(False)),
        (SHELLY.notifies(switch_0={"output": True}), SHELLY.notifies(switch_0={"output": False})),
    ),
    Healthy(
        "switch.it",
        (
            (
                "homeassistant/switch/it/config",
                {"unique_id": "it", "command_topic": "it/set", "state_topic": "it"},
            ),
        ),
        (("it/set", "ON"), ("it/set", "OFF")),
        (("it", "ON"), ("it", "OFF")),
    ),
)


@dataclass
class House:
    """All conventions, and what became of them. `faults` are what no listener caught."""

    link: DirectLink
    home: Home
    keeper: Keeper
    faults: list[Any] = field(default_factory=list)

    def hears(self, said: Said, *, kept: bool = False) -> None:
        topic, payload = said
        self.link.hears(topic, payload if isinstance(payload, bytes) else text(payload), kept)

    async def quiet(self) -> None:
        """Until all is asked and answered."""
        work = self.keeper._asking
        await until(lambda: not work._waiting and not work._work.is_set() and not self.link._greetings)
        for _ in range(3):  # an answer may bring the next question
            await asyncio.sleep(0)
        if work._waiting:
            await self.quiet()

    async def announce(self, healthy: Healthy) -> None:
        for said in healthy.announced:
            self.hears(said)
        await self.quiet()

    async def works(self, healthy: Healthy) -> None:
        """Order it on and off: exactly that leaves, and its own word is believed."""
        for place, on in enumerate((True, False)):
            command = DeviceCommand(healthy.id, Ability.ON, on)
            self.link.left.clear()
            await self.keeper.send(command)
            assert [_comparable(each) for each in self.link.left] == [_comparable(healthy.orders[place])]
            self.hears(healthy.answers[place])
            assert self.keeper.satisfied(command), healthy.id
            assert self.thing(healthy.id).state[Ability.ON] is on

    async def all_work(self) -> None:
        """Announced once more, as hardware does, every healthy thing works, and nothing else went wrong."""
        await self.quiet()
        self.only_questions_left()
        for healthy in HEALTHY:
            await self.announce(healthy)
            await self.works(healthy)
        self.sound()
        self.link.left.clear()

    def thing(self, device_id: str) -> Device:
        found = self.home.get(device_id)
        assert found is not None, f"{device_id} is not in the home"
        return found

    def only_questions_left(self) -> None:
        """Of what left without an order, all are greetings and questions, and none switches anything."""
        for topic, payload in self.link.left:
            assert _is_question(topic, payload), (topic, payload)

    def sound(self) -> None:
        """Nobody raised, nobody stopped, and the home is one that can be spoken of."""
        assert self.faults == []
        assert all(not task.done() for task in self.keeper._tasks)
        for thing in self.home:
            assert thing.name.isprintable()
            assert thing.name.strip() == thing.name != ""
            assert thing.id.isprintable()
            assert all(_is_sound(value) for value in thing.state.values()), thing.state


def _comparable(said: Said) -> Said:
    """A message without the number of its call, which nobody can know."""
    topic, payload = said
    frame = json.loads(payload) if isinstance(payload, str) and payload.startswith("{") else payload
    return topic, {key: value for key, value in frame.items() if key != "id"} if isinstance(
        frame, dict
    ) else frame


def _is_question(topic: str, payload: str) -> bool:
    if (topic, payload) == ("homeassistant/status", "online"):
        return True
    last = topic.rpartition("/")[2]
    if last == "rpc":
        return json.loads(payload)["method"].partition(".")[2].startswith("Get")
    if last == "get" and topic.startswith("zigbee2mqtt/"):
        return all(value == "" for value in json.loads(payload).values())
    return (last, payload) in {("STATE", ""), ("STATUS", "10")}


def _is_sound(value: Value) -> bool:
    if isinstance(value, str):
        return value.isprintable() and len(value) <= 255
    return value == value and value not in (float("inf"), float("-inf"))


@asynccontextmanager
async def house(*extra: Any) -> AsyncIterator[House]:
    """Every convention in the order of the application, healthy hardware within reach."""
    link, home = DirectLink(), Home({"Kitchen": ("cookery",), "客厅": ()})
    link.answers = {f"{SHELLY.prefix}/rpc": shelly_answers(FakeShelly("pro_2"))}
    desk = {"kind": "switch", "command_topic": "desk/set", "state_topic": "desk"}
    conventions = [
        Manual({"Desk": desk}),
        Zigbee2Mqtt(),
        Tasmota(),
        ShellyGen2(shelly_cells.SESSION),
        HomeAssistant(),
    ]
    async with Keeper(link, home, conventions, bridges=extra) as keeper:
        made = House(link, home, keeper)
        asyncio.get_running_loop().set_exception_handler(lambda _, context: made.faults.append(context))
        await made.quiet()
        made.only_questions_left()
        made.link.left.clear()
        yield made


async def ordered_or_refused(made: House, command: DeviceCommand) -> None:
    """`DirectLink` fails the test for what is retained, and for topics that no broker takes."""
    made.link.left.clear()
    try:
        sent = await made.keeper.send(command)
        made.keeper.satisfied(command)
        made.keeper.reports(command)
    except CannotError:
        assert made.link.left == []
    else:
        assert [(each.topic, each.payload) for each in sent] == made.link.left[: len(sent)]
        assert sent
