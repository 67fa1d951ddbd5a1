import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import DeviceCommand, Sent
from devices.discovery import keeper as keeper_module
from devices.discovery.convention import Appeared, Reachable, Reported, Vanished
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.discovery.manual import Manual
from devices.home import Ability, Home
from devices.mqtt import MqttLink, MqttSettings, Traffic
from tests.brokers import Mosquitto
from tests.devices.scripted import ScriptedBridge, ScriptedConvention, lamp
from tests.devices.waiting import until

CONFIG = "homeassistant/light/lamp/config"
LAMP = {"cmd_t": "lamp/set", "stat_t": "lamp", "uniq_id": "lamp", "avty_t": "lamp/up", "name": "Lamp"}


@pytest.fixture
async def hardware(mosquitto: Mosquitto) -> AsyncIterator[MqttLink]:
    """A link for whoever plays the devices."""
    async with MqttLink(MqttSettings(port=mosquitto.port)) as link:
        await listening(link)
        yield link


async def listening(link: MqttLink) -> None:
    """Wait until the broker knows what the link subscribed to, since another link's words may be quicker."""
    assert await link.wait_connected(5)
    await link.publish("any", "thing")


@pytest.fixture
async def link(mosquitto: Mosquitto) -> AsyncIterator[MqttLink]:
    async with MqttLink(MqttSettings(port=mosquitto.port)) as link:
        yield link


@pytest.mark.broker
async def test_what_was_announced_before_is_there_once_it_has_settled(
    hardware: MqttLink, link: MqttLink
) -> None:
    await hardware.publish(CONFIG, json.dumps(LAMP), retain=True)
    await hardware.publish("lamp", "ON", retain=True)
    await hardware.publish("lamp/up", "online", retain=True)
    home = Home()
    async with Keeper(link, home, [HomeAssistant()]) as keeper:
        await keeper.settled()
        (device,) = home
        assert device.state == {Ability.ON: True}
        assert device.available
        assert not keeper.live("light.lamp")
        await hardware.publish("lamp", "OFF", retain=True)
        await until(lambda: keeper.live("light.lamp"))
        await hardware.publish("lamp/up", "offline", retain=True)
        await until(lambda: not home.get("light.lamp").available)


@pytest.mark.broker
async def test_hardware_is_greeted_after_each_connection_and_never_by_a_kept_message(
    mosquitto: Mosquitto, hardware: MqttLink, link: MqttLink
) -> None:
    heard: list[tuple[str, bytes, bool]] = []
    hardware.subscribe("homeassistant/status", lambda *message: heard.append(message))
    async with Keeper(link, Home(), [HomeAssistant()]):
        await until(lambda: heard)
        await asyncio.to_thread(mosquitto.kill)
        await asyncio.to_thread(mosquitto.start)
        assert await hardware.wait_connected(10)
        await until(lambda: link.connected and hardware.connected, timeout=10)
        link._connection.abort("once more, now that the hardware listens for sure")
        await until(lambda: len(heard) >= 2, timeout=10)
    assert set(heard) == {("homeassistant/status", b"online", False)}


@pytest.mark.broker
async def test_an_announcement_in_passing_changes_the_home_and_keeps_its_state(
    hardware: MqttLink, link: MqttLink
) -> None:
    home = Home()
    async with Keeper(link, home, [HomeAssistant()]) as keeper:
        await listening(link)
        await hardware.publish(CONFIG, json.dumps(LAMP))
        await until(lambda: home.get("light.lamp"))
        await hardware.publish("lamp", "ON")
        await until(lambda: home.get("light.lamp").state)
        revision = home.revision
        await hardware.publish(CONFIG, json.dumps({**LAMP, "name": "Reading Lamp"}))
        await until(lambda: home.get("light.lamp").name == "Reading Lamp")
        assert home.get("light.lamp").state == {Ability.ON: True}
        assert home.revision > revision
        await hardware.publish(CONFIG, "")
        await until(lambda: len(home) == 0)
        assert not keeper.live("light.lamp")


@pytest.mark.broker
async def test_topics_of_a_thing_that_is_gone_are_no_longer_heard(hardware: MqttLink, link: MqttLink) -> None:
    home = Home()
    seen: list[Traffic] = []
    async with Keeper(link, home, [HomeAssistant()]):
        await listening(link)
        link.observe(seen.append)
        await hardware.publish(CONFIG, json.dumps(LAMP))
        await until(lambda: len(home) == 1)
        await hardware.publish(CONFIG, "")
        await until(lambda: len(home) == 0)
        await link.publish("any", "thing")  # once the broker has this, it has the end of the subscription
        await hardware.publish("lamp", "ON")
        await hardware.publish(CONFIG, json.dumps(LAMP))
        await until(lambda: len(home) == 1)
        assert "lamp" not in [traffic.topic for traffic in seen]


@pytest.mark.broker
async def test_the_link_survives_topics_that_would_make_the_broker_hang_up(
    hardware: MqttLink, link: MqttLink
) -> None:
    home = Home()
    async with Keeper(link, home, [HomeAssistant()]):
        await listening(link)
        for number, topic in enumerate(("a\u0001b", "\ufffe", "/" * 150, "a/#", "x" * 70_000)):
            config = {"cmd_t": "c", "stat_t": topic, "uniq_id": str(number)}
            await hardware.publish(f"homeassistant/light/bad{number}/config", json.dumps(config))
        await hardware.publish(CONFIG, json.dumps(LAMP))
        await until(lambda: len(home) == 1)
        assert link.connected


@pytest.mark.broker
async def test_hand_written_devices_are_listened_to_as_well(hardware: MqttLink, link: MqttLink) -> None:
    home = Home()
    lamp = {"kind": "light", "command_topic": "desk/set", "state_topic": "desk"}
    async with Keeper(link, home, [HomeAssistant(), Manual({"Desk Lamp": lamp})]) as keeper:
        await listening(link)
        await hardware.publish("desk", "ON")
        await until(lambda: home.get("manual.desk_lamp").state)
        assert keeper.satisfied(DeviceCommand("manual.desk_lamp", Ability.ON, True))


@pytest.mark.parametrize(
    ("name", "area", "room"),
    [
        ("Lamp", "living ROOM", "Living Room"),
        ("Lamp", "lounge", "Living Room"),
        ("Living Room Lamp", None, "Living Room"),
        ("Living Roomy Lamp", None, None),
        ("Living Room 2 Lamp", None, "Living Room 2"),
        ("Living Room Lamp", "Attic", "Attic"),
    ],
)
async def test_rooms_are_spelt_as_the_home_spells_them(name: str, area: str | None, room: str | None) -> None:
    home = Home({"Living Room": ("lounge",), "Living Room 2": ()})
    link = MqttLink(MqttSettings())
    async with Keeper(link, home, [HomeAssistant()]) as keeper:
        config = {**LAMP, "name": None, "dev": {"name": name, "sa": area}}
        keeper._heard(CONFIG, json.dumps(config).encode(), False)
        assert [device.room for device in home] == [room]


async def test_settling_takes_no_longer_than_it_may() -> None:
    async with Keeper(MqttLink(MqttSettings()), Home(), [HomeAssistant()]) as keeper:
        began = asyncio.get_running_loop().time()
        await keeper.settled(quiet_s=0.05, at_most_s=1.0)
        assert asyncio.get_running_loop().time() - began < 0.5

        async def never_quiet() -> None:
            for number in range(1000):
                keeper._heard(CONFIG, json.dumps({**LAMP, "name": str(number)}).encode(), False)
                await asyncio.sleep(0.01)

        noise = asyncio.create_task(never_quiet())
        await keeper.settled(quiet_s=0.1, at_most_s=0.3)
        noise.cancel()
        assert asyncio.get_running_loop().time() - began < 1.5


WORDS = st.sampled_from(
    "cmd_t stat_t bri_cmd_t bri_stat_t rgb_cmd_t rgb_stat_t hs_cmd_t xy_cmd_t rgbw_cmd_t clr_temp_cmd_t "  # noqa: SIM905 - words
    "clr_temp_stat_t val_tpl stat_val_tpl cmd_tpl rgb_cmd_tpl schema sup_clrm brightness bri_scl name dev "
    "avty avty_t avty_mode uniq_id obj_id pl_on pl_off qos cmps p en ent_cat ~ min_mirs max_k sa ids t "
    "migrate_discovery on_cmd_type unit_of_meas".split()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["a", "b/c", "~/x", "json", "ON", "{{ value }}", "{{ value_json.x }}", "light", "all"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
CONFIGS = st.dictionaries(WORDS, VALUES, max_size=9).map(
    lambda config: json.dumps({"cmd_t": "a", "stat_t": "a", **config}).encode()
)
TOPICS = st.builds(
    "homeassistant/{}/{}/config".format,
    st.sampled_from(["light", "switch", "sensor", "binary_sensor", "device", "cover"]) | st.text(max_size=8),
    st.sampled_from(["one", "two", "node/three"]) | st.text(max_size=8),
)
SAID = st.tuples(
    st.sampled_from(["a", "b/c", "a/x"]), st.binary(max_size=30) | VALUES.map(json.dumps).map(str.encode)
)


@given(st.lists(st.tuples(TOPICS, CONFIGS | st.binary(max_size=60)) | SAID, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_broker_sends_raises(messages: list[tuple[str, bytes]]) -> None:
    async def feed() -> None:
        home = Home()
        async with Keeper(MqttLink(MqttSettings()), home, [HomeAssistant()]) as keeper:
            for topic, payload in messages:
                keeper._heard(topic, payload, False)
            for device in home:
                device.name.encode()

    asyncio.run(feed())


# -- what comes again, and what does not


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No grace after a reconnection."""
    monkeypatch.setattr(keeper_module, "GRACE_S", 0.0)


async def announce(hardware: MqttLink, own: str, *, retain: bool = True, **config: Any) -> None:
    payload = json.dumps({"name": own, **config}) if config.pop("there", True) else ""
    await hardware.publish(f"one/announce/{own}", payload, retain=retain)


async def reconnected(link: MqttLink, keeper: Keeper) -> None:
    """Lose the connection, find it again, and wait until it is decided who is gone."""
    before = keeper._memory.connection
    link._connection.abort("on purpose")
    await until(lambda: keeper._memory.connection > before)
    await until(lambda: keeper._forgetting is not None and keeper._forgetting.done())


@pytest.mark.broker
@pytest.mark.usefixtures("quick")
async def test_what_was_taken_away_while_we_were_not_connected_is_gone_afterwards_and_may_come_back(
    hardware: MqttLink, link: MqttLink
) -> None:
    home = Home()
    async with Keeper(link, home, [ScriptedConvention()]) as keeper:
        for own in ("a", "b"):
            await announce(hardware, own)
        await until(lambda: len(home) == 2)
        await reconnected(link, keeper)  # from here on it is known that the broker keeps them
        assert len(home) == 2
        link._connection.abort("on purpose")
        await hardware.publish("one/announce/b", "", retain=True)
        await until(lambda: [device.id for device in home] == ["one.a"])
        await announce(hardware, "b")  # its convention knows it and says nothing: it is back all the same
        await until(lambda: len(home) == 2)


@pytest.mark.broker
@pytest.mark.usefixtures("quick")
async def test_what_was_announced_in_passing_stays_over_a_reconnection(
    hardware: MqttLink, link: MqttLink
) -> None:
    home = Home()
    async with Keeper(link, home, [ScriptedConvention()]) as keeper:
        await listening(link)
        await announce(hardware, "a", retain=False)
        await until(lambda: len(home) == 1)
        await reconnected(link, keeper)
        assert len(home) == 1


@pytest.mark.broker
async def test_things_are_asked_how_they_are_and_again_after_each_reconnection(
    hardware: MqttLink, link: MqttLink
) -> None:
    asked: list[tuple[str, bool]] = []
    hardware.subscribe("one/+/get", lambda topic, _, kept: asked.append((topic, kept)))
    await hardware.publish("any", "thing")
    async with Keeper(link, Home(), [ScriptedConvention(asks=True)]):
        await announce(hardware, "a")
        await announce(hardware, "b")
        await until(lambda: len(asked) == 2)
        await hardware.publish("one/announce/b", "", retain=True)
        link._connection.abort("on purpose")
        await until(lambda: len(asked) == 3)
    assert asked == [("one/a/get", False), ("one/b/get", False), ("one/a/get", False)]


# -- who may say what


async def test_no_convention_speaks_for_the_things_of_another() -> None:
    home = Home()
    one, two = ScriptedConvention("one"), ScriptedConvention("two")
    async with Keeper(MqttLink(MqttSettings()), home, [one, two]) as keeper:
        keeper._heard("one/announce/a", b'{"name": "Lamp"}', False)
        device = home.get("one.a")
        assert device is not None
        keeper._take("two", [Appeared(device, frozenset())], kept=False)
        keeper._take(
            "two", [Appeared(replace(device, name="Mine", convention="two"), frozenset())], kept=False
        )
        keeper._take("two", [Reported("one.a", {Ability.ON: True}), Reachable("one.a", False)], kept=False)
        keeper._take("two", [Vanished("one.a")], kept=False)
        assert home.get("one.a") == device


async def test_the_announcements_behind_a_thing_are_known() -> None:
    home = Home()
    conventions = [ScriptedConvention("one"), ScriptedConvention("two")]
    async with Keeper(MqttLink(MqttSettings()), home, conventions) as keeper:
        for who in ("two", "one"):
            keeper._heard(f"{who}/announce/a", b'{"name": "Lamp", "identities": ["mac:1"]}', False)
        behind = {shown: [each.id for each in all_] for shown, all_ in keeper.announcements().items()}
        assert behind == {"one.a": ["one.a", "two.a"]}
        assert {device.id for device in keeper.announced()} == {"one.a", "two.a"}


@pytest.mark.parametrize(
    ("name", "room"),
    [("客厅灯", "客厅"), ("客厅", None), ("living_room_lamp", "Living Room"), ("lounge/lamp", "Living Room")],
)
async def test_a_room_is_found_at_the_beginning_of_a_name_however_it_is_written(
    name: str, room: str | None
) -> None:
    home = Home({"Living Room": ("lounge",), "客厅": ()})
    async with Keeper(MqttLink(MqttSettings()), home, [ScriptedConvention()]) as keeper:
        keeper._heard("one/announce/a", json.dumps({"name": name}).encode(), False)
        assert [device.room for device in home] == [room]


# -- bridges


async def test_a_bridge_that_fails_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "FIRST_PAUSE_S", 0.01)
    home = Home()
    bridge = ScriptedBridge(lamp("bridge.a"), breaks=2)
    async with Keeper(MqttLink(MqttSettings()), home, [], bridges=[bridge]) as keeper:
        await until(lambda: len(home) == 1)
        assert bridge.runs == 3
        command = DeviceCommand("bridge.a", Ability.ON, True)
        assert await keeper.send(command) == (Sent("bridge", "bridge.a", "True"),)
        assert keeper.satisfied(command)
        assert keeper.live("bridge.a")


# -- many


async def test_a_message_costs_the_same_in_a_large_home_as_in_a_small_one() -> None:
    home, link = Home(), MqttLink(MqttSettings())
    async with Keeper(link, home, [ScriptedConvention()]):
        for number in range(1_000):
            link._receive(Traffic("in", f"one/announce/{number}", b'{"name": "x"}', 1, True))
        assert len(home) == 1_000
        looked_at = 0

        class Counted(dict[str, Any]):
            def __iter__(self) -> Any:
                nonlocal looked_at
                looked_at += len(self)
                return super().__iter__()

            def values(self) -> Any:
                nonlocal looked_at
                looked_at += len(self)
                return super().values()

            items = values

        home._devices = Counted(home._devices)
        link._subscribers = Counted(link._subscribers)
        link._receive(Traffic("in", "one/7", b'{"on": true}', 1, False))
        link._receive(Traffic("in", "one/announce/7", b'{"name": "y"}', 1, False))
        device = home.get("one.7")
        assert device is not None
        assert (device.name, device.state, looked_at) == ("y", {Ability.ON: True}, 0)
