"""Anybody may say anything on the broker. Whatever it is, nothing is raised, nothing leaves that nobody asked
for, and hardware that behaves still works: all conventions at once, through a real `Keeper`.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import given

from devices.commands import DeviceCommand
from devices.discovery import asking, entities
from devices.discovery.homeassistant import MAX_COMPONENTS
from devices.discovery.homeassistant_api import HomeAssistantApi, bridge
from devices.discovery.manual import _KEYS
from devices.discovery.shelly import convention as shelly_convention
from devices.discovery.tasmota import convention as tasmota_convention
from devices.discovery.zigbee2mqtt import bridge as zigbee2mqtt_bridge
from devices.home import Ability, Kind
from tests.devices.discovery.benches import shelly_answers
from tests.devices.discovery.cells import components
from tests.devices.discovery.cells import homeassistant_api as api_cells
from tests.devices.discovery.cells import tasmota as tasmota_cells
from tests.devices.discovery.cells.cell import Said
from tests.devices.discovery.fake_shelly import FakeShelly
from tests.devices.discovery.healthy_house import HEALTHY, MAC, SHELLY, House, house, ordered_or_refused
from tests.devices.discovery.homeassistant_server import TOKEN, fake_server
from tests.devices.discovery.rubbish import FILTERS, ODD, OWN_TOPICS, heard, many
from tests.devices.discovery.zigbee2mqtt_words import SWITCH, device
from tests.devices.waiting import until


@pytest.fixture(autouse=True, scope="module")
def _impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "EVERY_S", 0)
        yield


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
        server.entities = [
            *(odd for odd in ODD if not isinstance(odd, dict)),
            {"entity_id": "switch.it", "device_id": "d"},
        ]
        server.devices = [
            {
                "id": "d",
                "identifiers": [["mqtt", "zigbee2mqtt_0x0000000000000001"]],
                "connections": list(ODD),
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
