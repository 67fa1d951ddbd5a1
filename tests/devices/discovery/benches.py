"""A home on a bench: a convention, a link without a broker, hardware that says what its cell says."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.convention import Convention
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.homeassistant_api import HomeAssistantApi
from devices.discovery.keeper import Keeper
from devices.discovery.manual import Manual
from devices.discovery.shelly import ShellyGen2
from devices.discovery.tasmota import Tasmota
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt
from devices.home import Ability, Device, Home
from tests.devices.discovery.cells import components, homeassistant_api, shelly, tasmota, zigbee2mqtt
from tests.devices.discovery.cells.cell import Cell, Said, parsed, text
from tests.devices.discovery.direct_link import Answer, DirectLink
from tests.devices.discovery.fake_shelly import FakeShelly
from tests.devices.discovery.homeassistant_server import TOKEN, FakeServer, fake_server
from tests.devices.waiting import until


@dataclass
class Bench:
    """A home that one convention fills. `say` has the hardware speak, `left` is what went out to it."""

    keeper: Keeper
    home: Home
    say: Callable[[Any], Any]
    left: Callable[[], Sequence[tuple[str, Any]]]

    def thing(self, name: str, ability: Ability) -> Device:
        """The thing of that name that has the ability."""
        (found,) = [each for each in self.home if each.name == name and ability in each.abilities]
        return found

    async def quiet(self) -> None:
        """Return when nothing is left to be asked."""
        asking = self.keeper._asking
        await until(lambda: not asking._waiting and not asking._work.is_set(), "silence")


@dataclass(frozen=True)
class Column:
    """A convention: its title in the table, its cells, a bench, and all that it can be made to announce."""

    title: str
    cells: Mapping[Ability, Cell]
    bench: Callable[[Any], AbstractAsyncContextManager[Bench]]
    everything: Any


def shelly_answers(device: FakeShelly) -> Answer:
    """Who it is, what it has, how it is; what it does when it is ordered is the test's to say."""
    return lambda payload: device.answer(payload) if '"Shelly.Get' in payload else None


@asynccontextmanager
async def kept(convention: Convention, said: Sequence[Said], link: DirectLink) -> AsyncIterator[Bench]:
    """A bench for something on the broker."""
    home = Home()
    async with Keeper(link, home, [convention]) as keeper:
        bench = Bench(
            keeper,
            home,
            lambda word: link.hears(word[0], text(word[1])),
            lambda: [(topic, parsed(payload)) for topic, payload in link.left],
        )
        await until(lambda: not link._greetings, "the greeting")
        for word in said:
            bench.say(word)
        await bench.quiet()
        link.left.clear()
        yield bench


@asynccontextmanager
async def discovery_bench(announced: Any) -> AsyncIterator[Bench]:
    said = [
        (f"homeassistant/{component}/it{number}/config", {"name": components.NAME, **config})
        for number, (component, config) in enumerate(map(_component, _listed(announced)))
    ]
    async with kept(HomeAssistant(), said, DirectLink()) as bench:
        yield bench


@asynccontextmanager
async def manual_bench(announced: Any) -> AsyncIterator[Bench]:
    configs = [_component(each) for each in _listed(announced)]
    names = [components.NAME, *(f"{components.NAME} {number}" for number in range(1, len(configs)))]
    devices = {
        name: {"kind": component, **config} for name, (component, config) in zip(names, configs, strict=True)
    }
    async with kept(Manual(devices), (), DirectLink()) as bench:
        yield bench


@asynccontextmanager
async def zigbee2mqtt_bench(announced: Any) -> AsyncIterator[Bench]:
    async with kept(Zigbee2Mqtt(), announced, DirectLink()) as bench:
        yield bench


@asynccontextmanager
async def tasmota_bench(announced: Any) -> AsyncIterator[Bench]:
    async with kept(Tasmota(), announced, DirectLink()) as bench:
        yield bench


@asynccontextmanager
async def shelly_bench(announced: Any) -> AsyncIterator[Bench]:
    devices = [FakeShelly(model) for model in _listed(announced)]
    link = DirectLink()
    link.answers = {f"{device.prefix}/rpc": shelly_answers(device) for device in devices}
    said = [(f"{device.prefix}/online", "true") for device in devices]
    async with kept(ShellyGen2(shelly.SESSION), said, link) as bench:
        await until(
            lambda: all(any(device.mac in each.id for each in bench.home) for device in devices), "an answer"
        )
        await bench.quiet()
        link.left.clear()
        yield bench


@asynccontextmanager
async def api_bench(announced: Any) -> AsyncIterator[Bench]:
    states = _listed(announced)
    home = Home()
    async with fake_server() as server:
        server.states = states
        server.exposed = {each["entity_id"] for each in states}
        api = HomeAssistantApi(server.url, TOKEN)
        async with Keeper(DirectLink(), home, [], bridges=[api]) as keeper:
            await until(lambda: len(home) == len(states), "reading")
            await until(lambda: not api.trouble, "the connection")
            yield Bench(keeper, home, server.tell, lambda: _called(server))


def _called(server: FakeServer) -> list[tuple[str, Any]]:
    return [
        (f"{call['domain']}.{call['service']}", {**call["target"], **call["service_data"]})
        for call in server.called
    ]


def _listed(announced: Any) -> list[Any]:
    return announced if isinstance(announced, list) else [announced]


def _component(thing: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return thing["component"], {key: value for key, value in thing.items() if key != "component"}


COLUMNS = {
    "discovery": Column("Home Assistant discovery", components.CELLS, discovery_bench, components.EVERYTHING),
    "manual": Column("Written by hand", components.CELLS, manual_bench, components.EVERYTHING),
    "zigbee2mqtt": Column("Zigbee2MQTT", zigbee2mqtt.CELLS, zigbee2mqtt_bench, zigbee2mqtt.EVERYTHING),
    "tasmota": Column("Tasmota", tasmota.CELLS, tasmota_bench, tasmota.EVERYTHING),
    "shelly": Column("Shelly Gen2+", shelly.CELLS, shelly_bench, shelly.EVERYTHING),
    "api": Column("Home Assistant's API", homeassistant_api.CELLS, api_bench, homeassistant_api.EVERYTHING),
}


def ordering(device: Device, ability: Ability, cell: Cell) -> DeviceCommand:
    """The order of a cell."""
    assert cell.order is not None
    return DeviceCommand(device.id, ability, cell.order)


def expected(cell: Cell) -> list[tuple[str, Any]]:
    """What should leave, to be compared with what did."""
    return [(topic, parsed(text(payload))) for topic, payload in cell.leaves]
