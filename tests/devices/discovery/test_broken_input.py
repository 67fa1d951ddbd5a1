"""Anybody may say anything on the broker. Whatever it is, nothing is raised, nothing leaves that nobody asked
for, and hardware that behaves still works: all conventions at once, through a real `Keeper`.
"""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery import asking, entities
from devices.discovery.convention import CannotError
from devices.discovery.homeassistant import MAX_COMPONENTS, HomeAssistant
from devices.discovery.homeassistant_api import HomeAssistantApi, bridge
from devices.discovery.keeper import Keeper
from devices.discovery.manual import _KEYS, Manual
from devices.discovery.shelly import ShellyGen2
from devices.discovery.shelly import convention as shelly_convention
from devices.discovery.tasmota import Tasmota
from devices.discovery.tasmota import convention as tasmota_convention
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt
from devices.discovery.zigbee2mqtt import bridge as zigbee2mqtt_bridge
from devices.home import Ability, Device, Home, Kind, Value
from tests.devices.discovery.benches import shelly_answers
from tests.devices.discovery.cells import components
from tests.devices.discovery.cells import homeassistant_api as api_cells
from tests.devices.discovery.cells import shelly as shelly_cells
from tests.devices.discovery.cells import tasmota as tasmota_cells
from tests.devices.discovery.cells import zigbee2mqtt as zigbee2mqtt_cells
from tests.devices.discovery.cells.cell import Said, text
from tests.devices.discovery.direct_link import DirectLink
from tests.devices.discovery.fake_shelly import FakeShelly
from tests.devices.discovery.homeassistant_server import TOKEN, fake_server
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
        return json.loads(payload)["method"].startswith("Shelly.Get")
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


@pytest.fixture(autouse=True, scope="module")
def _impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "EVERY_S", 0)
        yield


# -- what may come -------------------------------------------------------------------------------------------

ODD = (
    None, True, False, 0, -1, 2**63, 10**400, 1e400, float("nan"), "", " ", "x" * 300, "\ud800", "\u202e", "\0",
    "#", "a/+/b", "$SYS/x", "{{ value.__class__ }}", "{{ '%9999999d' % 1 }}", "{% for a in value %}", [], [[[]]],
    {}, {"": None}, ["\ud800"], "NaN", "1e999",
)  # fmt: skip
"""Values that no device means."""

ANNOUNCED: Sequence[Said] = (
    *((f"homeassistant/{each['component']}/x/config", each) for each in components.EVERYTHING),
    *zigbee2mqtt_cells.EVERYTHING,
    ("zigbee2mqtt/bridge/groups", [{"id": 7, "friendly_name": "all", "members": []}]),
    *tasmota_cells.EVERYTHING,
    *(said for healthy in HEALTHY for said in (*healthy.announced, *healthy.answers)),
)
OWN_TOPICS = sorted(
    {topic for healthy in HEALTHY for topic, _ in (*healthy.announced, *healthy.answers)}
    | {"it/on", "zigbee2mqtt/plug/availability", "zigbee2mqtt/bridge/state", "zigbee2mqtt/bridge/logging"}
    | {f"tele/{RELAY}/LWT", f"tele/{RELAY}/STATE", f"tele/{RELAY}/SENSOR", f"stat/{RELAY}/STATUS10"}
    | {f"{SHELLY.prefix}/status/switch:0", "sotto_voce/k3x9/rpc"}
)
LEVELS = st.sampled_from(
    ["a", "light", "device", "it", MAC, "config", "plug", "状态", "$SYS", "+x", "x" * 200]
)
FILTERS = (
    "homeassistant/+/+/config", "homeassistant/+/+/+/config", "zigbee2mqtt/+", "zigbee2mqtt/bridge/+",
    "tasmota/discovery/+/config", "tasmota/discovery/+/sensors", "+/online", "+/+/online", "+/+", "+",
)  # fmt: skip


@st.composite
def topics(draw: st.DrawFn) -> str:
    """A topic of a healthy thing, or any that a filter lets in."""
    if draw(st.booleans()):
        return draw(st.sampled_from(OWN_TOPICS))
    levels = draw(st.sampled_from(FILTERS)).split("/")
    return "/".join(draw(LEVELS) if level == "+" else level for level in levels)


trees = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
payloads = (
    st.binary(max_size=80)
    | trees.map(lambda tree: json.dumps(tree).encode())
    | st.sampled_from(
        [b"", b"true", b"false", b"online", b"offline", b"Offline", b"ON", b"\xff\xfe", b"[" * 5_000]
    )
    | st.builds(
        lambda number, result: json.dumps({"id": number, "src": SHELLY.id, "result": result}).encode(),
        st.integers(0, 9),
        trees,
    )
)


@st.composite
def bent(draw: st.DrawFn) -> Said:
    """A real announcement or answer in which one or two values are not what they should be."""
    topic, payload = draw(st.sampled_from(ANNOUNCED))
    tree = copy.deepcopy(json.loads(payload) if isinstance(payload, str) and payload[:1] in "{[" else payload)
    for _ in range(draw(st.integers(1, 2))):
        tree = _replaced(draw, tree, copy.deepcopy(draw(st.sampled_from(ODD))))
    return topic, json.dumps(tree).encode() if not isinstance(tree, str) else tree.encode(errors="replace")


def _replaced(draw: st.DrawFn, tree: Any, odd: Any) -> Any:
    if not isinstance(tree, dict | list) or not tree or draw(st.integers(0, 9)) == 0:
        return odd
    key = draw(st.sampled_from(sorted(tree) if isinstance(tree, dict) else range(len(tree))))
    tree[key] = _replaced(draw, tree[key], odd)
    return tree


heard = st.lists(st.tuples(st.tuples(topics(), payloads) | bent(), st.booleans()), min_size=1, max_size=12)
many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lived_through(test: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    """Run one example in a house of its own."""

    async def run() -> None:
        async with house() as made:
            await test(made)

    asyncio.run(run())


# -- properties ----------------------------------------------------------------------------------------------


@given(heard)
@many
def test_after_any_bytes_on_any_topic_new_hardware_is_found_ordered_and_believed(
    messages: list[tuple[Said, bool]],
) -> None:
    async def live(made: House) -> None:
        for said, kept in messages:
            made.hears(said, kept=kept)
        await made.all_work()

    lived_through(live)


@given(heard)
@many
def test_after_any_bytes_hardware_that_was_there_before_is_heard_again_once_it_speaks(
    messages: list[tuple[Said, bool]],
) -> None:
    async def live(made: House) -> None:
        await made.all_work()
        for said, kept in messages:
            made.hears(said, kept=kept)
        await made.all_work()

    lived_through(live)


@given(heard)
@many
def test_whatever_is_announced_any_order_to_it_is_sound_or_refused(
    messages: list[tuple[Said, bool]],
) -> None:
    async def live(made: House) -> None:
        for said, kept in messages:
            made.hears(said, kept=kept)
        await made.quiet()
        for thing in made.home:
            for ability, cell in api_cells.CELLS.items():
                if cell.order is not None:
                    await ordered_or_refused(made, DeviceCommand(thing.id, ability, cell.order))
        made.sound()

    lived_through(live)


async def ordered_or_refused(made: House, command: DeviceCommand) -> None:
    """`DirectLink` refuses what is retained, and topics that no broker takes."""
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


# -- what comes in large -------------------------------------------------------------------------------------

LARGE = 5_000_000
DEEP = 200_000


@pytest.mark.parametrize(
    "payload",
    [
        b"a" * LARGE,
        b"\xff" * LARGE,
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP,
        b"9" * LARGE,
        b'{"name": "' + b"x" * LARGE + b'"}',
        b"[" + b"{}," * (LARGE // 3) + b"{}]",
        json.dumps([device(f"thing {each}", SWITCH, number=each) for each in range(10_000)]).encode(),
    ],
    ids=["words", "bytes", "brackets", "objects", "digits", "a name", "a list", "ten thousand devices"],
)
async def test_five_megabytes_and_endless_nesting_on_every_topic_take_nobody_down(payload: bytes) -> None:
    async with house() as made:
        await made.all_work()
        for topic in [*OWN_TOPICS, *(filter_.replace("+", "x") for filter_ in FILTERS)]:
            made.hears((topic, payload))
        assert len(made.home) <= zigbee2mqtt_bridge.MAX_LISTED + len(HEALTHY) + 20
        await made.all_work()


async def test_a_flood_of_announcements_ends_at_a_bound_and_leaves_the_others_alone() -> None:
    async with house() as made:
        await made.all_work()
        for number in range(entities.MAX_THINGS + 500):
            config = {"unique_id": f"f{number}", "command_topic": f"f/{number}", "state_topic": f"s/{number}"}
            made.hears((f"homeassistant/switch/f{number}/config", config))
        assert len(made.home.find(kind=Kind.SWITCH)) <= entities.MAX_THINGS + 20
        before = len(made.home)
        for number in range(tasmota_convention.MAX_DEVICES + 100):
            config = {**tasmota_cells.announced("dimmer")[0][1], "mac": f"{number:012X}", "t": f"t{number}"}
            made.hears((f"tasmota/discovery/{number:012X}/config", config))
        assert len(made.home) - before <= tasmota_convention.MAX_DEVICES
        listed = [device(f"z {number}", SWITCH, number=number + 1) for number in range(3_000)]
        before = len(made.home)
        made.hears(("zigbee2mqtt/bridge/devices", [device("plug", SWITCH), *listed[1:]]))
        assert len(made.home) - before <= zigbee2mqtt_bridge.MAX_LISTED
        made.link.left.clear()
        for number in range(shelly_convention.MAX_STRANGERS + 500):
            made.hears((f"made/up{number}/online", "true"))
        await made.quiet()
        questions = [topic for topic, _ in made.link.left if topic.startswith("made/up")]
        assert len(questions) <= shelly_convention.MAX_STRANGERS
        for healthy in HEALTHY:
            await made.works(healthy)
        made.sound()


async def test_a_flood_of_listening_places_ends_at_a_bound() -> None:
    """One announcement may name many topics, and each is subscribed to."""
    async with house() as made:
        components_ = {
            f"c{number}": {
                "platform": "switch",
                "unique_id": f"c{number}",
                "command_topic": "c",
                "availability": [{"topic": f"{number}/{each}"} for each in range(60)],
            }
            for number in range(MAX_COMPONENTS + 50)
        }
        made.hears(("homeassistant/device/flood/config", {"components": components_, "state_topic": "s"}))
        assert len(made.home) > MAX_COMPONENTS
        assert len(made.link.listened_to()) <= MAX_COMPONENTS * (entities.MAX_AVAILABILITY + 1) + 30
        await made.all_work()


# -- who pretends to be another ------------------------------------------------------------------------------


async def test_a_thing_with_anothers_name_is_another_thing_and_takes_none_of_its_orders() -> None:
    async with house() as made:
        await made.all_work()
        name = made.thing("switch.it").name
        made.hears(
            (
                "homeassistant/switch/evil/config",
                {"name": name, "unique_id": "evil", "command_topic": "evil/set", "state_topic": "evil"},
            )
        )
        assert {each.id for each in made.home if each.name == name} == {"switch.it", "switch.evil"}
        made.hears(("evil", "ON"))
        assert made.thing("switch.it").state[Ability.ON] is False
        await made.all_work()


@pytest.mark.parametrize(
    "said",
    [
        (
            "homeassistant/switch/evil/config",
            {"unique_id": "it", "command_topic": "evil/set", "state_topic": "evil"},
        ),
        (
            "homeassistant/device/evil/config",
            {
                "components": {
                    "a": {
                        "p": "switch",
                        "unique_id": "it",
                        "command_topic": "evil/set",
                        "state_topic": "evil",
                    }
                }
            },
        ),
        (
            "tasmota/discovery/A4CF12345604/config",
            {**tasmota_cells.announced("two_relays")[0][1], "t": "evil"},
        ),
        ("evil/online", "true"),
    ],
    ids=["id", "id in a device", "hardware address", "prefix"],
)
async def test_a_thing_that_takes_anothers_id_or_address_gets_neither_its_orders_nor_its_voice(
    said: Said,
) -> None:
    async with house() as made:
        made.link.answers["evil/rpc"] = shelly_answers(FakeShelly("pro_2"))
        await made.all_work()
        made.link.left.clear()
        made.hears(said)
        for answer in (("evil", "ON"), ("stat/evil/RESULT", {"POWER1": "ON"}), ("evil/events/rpc", "{}")):
            made.hears(answer)
        await made.quiet()
        made.only_questions_left()
        assert all(made.thing(healthy.id).state[Ability.ON] is False for healthy in HEALTHY)
        for healthy in HEALTHY:
            await made.works(healthy)
        made.sound()


async def test_a_thing_on_anothers_topics_hears_what_the_other_hears_and_changes_nothing_for_it() -> None:
    async with house() as made:
        await made.all_work()
        for number, healthy in enumerate(HEALTHY):
            config = {"command_topic": healthy.orders[0][0], "state_topic": healthy.answers[0][0]}
            made.hears((f"homeassistant/switch/evil{number}/config", {"unique_id": f"e{number}", **config}))
        await made.all_work()


@pytest.mark.parametrize(
    "identity",
    ["zigbee2mqtt_0x0000000000000001", MAC, SHELLY.mac],
    ids=["of Zigbee2MQTT's", "of Tasmota's", "of Shelly's"],
)
async def test_whoever_claims_anothers_hardware_is_believed_only_behind_it(identity: str) -> None:
    async with house() as made:
        await made.all_work()
        made.hears(
            (
                "homeassistant/switch/evil/config",
                {
                    "name": "Mine",
                    "unique_id": "evil",
                    "command_topic": "evil/set",
                    "state_topic": "evil",
                    "device": {"identifiers": [identity], "suggested_area": "Cellar"},
                },
            )
        )
        made.hears(("evil", "ON"))
        assert made.home.get("switch.evil") is None, "it is hidden behind who really is that hardware"
        assert all(made.thing(healthy.id).state[Ability.ON] is False for healthy in HEALTHY)
        await made.all_work()


# -- what is written to be run -------------------------------------------------------------------------------

TEMPLATES = (
    "{{ value.__class__.__mro__[1].__subclasses__() }}",
    "{% for a in range(10**9) %}{{ a }}{% endfor %}",
    "{{ value * 10**9 }}",
    "{{ [[[[value] * 999] * 999] * 999] }}",
    "{% set a = value ~ value %}{% set b = a ~ a %}" * 40,
    "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ '%099999999d' % 1 }}",
    "{{ value_json" + ".a" * 900 + " }}",
    "{% include '/etc/passwd' %}",
    "{{ '{{ value }}' | from_json }}",
    "\ud800{{ value }}",
)


@pytest.mark.parametrize("template", TEMPLATES, ids=range(len(TEMPLATES)))
async def test_no_template_runs_long_grows_large_or_reaches_out(template: str) -> None:
    async with house() as made:
        for number, config in enumerate(components.EVERYTHING):
            hostile = {key: template for key in _KEYS if key.endswith("_template")}
            made.hears((f"homeassistant/{config['component']}/h{number}/config", {**config, **hostile}))
        for topic in sorted(made.link.listened_to()):
            if "+" not in topic:
                for word in ("ON", '{"a": {"a": 1}}', "9" * 300):
                    made.hears((topic, word))
        for thing in made.home:
            for ability, cell in api_cells.CELLS.items():
                if cell.order is not None:
                    await ordered_or_refused(made, DeviceCommand(thing.id, ability, cell.order))
                    assert all(len(payload) < 25_000 for _, payload in made.link.left)
        made.link.left.clear()
        await made.all_work()


# -- what the broker kept, and what comes over the other wire ------------------------------------------------


async def test_rubbish_that_the_broker_kept_makes_no_thing_alive() -> None:
    async with house() as made:
        await made.all_work()
        made.keeper._live.clear()
        for topic in [*OWN_TOPICS, *(filter_.replace("+", "x") for filter_ in FILTERS)]:
            for payload in (b"\xff\xfe", b"null", b"{}", b"ON", b"[1]"):
                if not topic.endswith(("/rpc", "bridge/devices")):
                    made.link.hears(topic, payload, kept=True)
        assert not any(made.keeper.live(each.id) for each in made.home)
        await made.all_work()


async def test_nonsense_from_home_assistants_api_disturbs_nobody_on_the_broker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bridge, "SETTLE_S", 0.01)
    async with fake_server() as server:
        server.states = [
            *(ODD for _ in range(3)),
            *({"entity_id": odd, "state": odd, "attributes": odd} for odd in ODD if odd == odd),
            {"entity_id": "switch.it", "state": "off", "attributes": {"friendly_name": "It"}},
            {"entity_id": "light.odd", "state": "\ud800", "attributes": {"friendly_name": "\u202e\0"}},
        ]
        server.exposed = {"switch.it"}
        server.entities = [*ODD[:20], {"entity_id": "switch.it", "device_id": "d"}]
        server.devices = [
            {
                "id": "d",
                "identifiers": [["mqtt", "zigbee2mqtt_0x0000000000000001"]],
                "connections": list(ODD[9:15]),
            }
        ]
        api = HomeAssistantApi(server.url, TOKEN)
        async with house(api) as made:
            await made.all_work()
            await until(lambda: not api.trouble, "reading")
            assert made.home.get("homeassistant_api.switch.it") is None, "it is the plug of Zigbee2MQTT"
            await made.all_work()
            made.hears(("zigbee2mqtt/bridge/devices", "[]"))
            await until(lambda: made.home.get("homeassistant_api.switch.it"), "its turn")
            command = DeviceCommand("homeassistant_api.switch.it", Ability.ON, True)
            await made.keeper.send(command)
            await server.tell({"entity_id": "switch.it", "state": "on", "attributes": {}})
            await until(lambda: made.keeper.satisfied(command), "its word")
            made.sound()
