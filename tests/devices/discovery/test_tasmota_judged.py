"""What we take for Tasmota's words, judged by hatasmota, which Home Assistant uses.

Both are given the same announcements and the same messages. Compared are, for each device in
`payloads/tasmota`: which things there are (by the same ids) and of what kind; what each can do; where its
will is and how it reads it; what it is polled with; every order, command by command; and every state, value
by value.

Not compared are names (hatasmota's are for a screen), effects and transitions (nobody asks for them by
voice), sensors of quantities that are not in our table, its sensors of the device's own health, and switches
that fall back by themselves. hatasmota packs every order to a light into a backlog; ours is unpacked the same
way and compared as the list of commands.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.components import colours
from devices.discovery.convention import Appeared, Asks, Reachable, Reported
from devices.discovery.tasmota import Tasmota
from devices.discovery.tasmota.sensors import QUANTITIES
from devices.home import Ability, Device, Kind, Value

hatasmota = pytest.importorskip("hatasmota")
from hatasmota import discovery, light  # noqa: E402 - only where it is installed
from hatasmota.const import COMMAND_BACKLOG  # noqa: E402
from hatasmota.mqtt import ReceiveMessage, TasmotaMQTTClient  # noqa: E402

FILES = sorted((Path(__file__).parent / "payloads/tasmota").glob("*.json"))
KINDS = {"light": Kind.LIGHT, "switch": Kind.SWITCH, "cover": Kind.COVER, "fan": Kind.FAN}
LIGHT_ABILITIES = {
    light.LIGHT_TYPE_NONE: {Ability.ON},
    light.LIGHT_TYPE_DIMMER: {Ability.ON, Ability.BRIGHTNESS},
    light.LIGHT_TYPE_COLDWARM: {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR_TEMPERATURE},
    light.LIGHT_TYPE_RGB: {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR},
    light.LIGHT_TYPE_RGBW: {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR},
    light.LIGHT_TYPE_RGBCW: {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE},
}


class Judge(TasmotaMQTTClient):
    """hatasmota with its entities, on a broker that is two dictionaries."""

    def __init__(self, announced: Mapping[str, Any]) -> None:
        super().__init__(self._send, self._listen, self._silence)
        self.sent: list[tuple[str, str]] = []
        self.polled: set[tuple[str, str]] = set()
        self.told: dict[str, list[tuple[Any, Mapping[str, Any]]]] = {}
        self.reached: dict[str, list[bool]] = {}
        self._listeners: dict[str, list[Any]] = {}
        config = discovery.TasmotaDiscoveryMsg(announced["config"])
        found = [
            each
            for platform in ("light", "switch", "cover", "fan", "binary_sensor")
            for each, _ in discovery.get_entities_for_platform(config, platform)
            if each is not None
        ]
        if announced["sensors"]:
            sensors = discovery.TasmotaDiscoveryMsg(announced["sensors"], validate=False)
            found += [each for each, _ in discovery.get_sensor_entities(sensors, config)]
        self.entities = {
            f"tasmota.{each.unique_id}": discovery.get_entity(each, self) for each in found if wanted(each)
        }

    async def start(self) -> None:
        for device_id, entity in self.entities.items():
            entity.set_on_state_callback(partial(self._tell, device_id))
            entity.set_on_availability_callback(partial(self._reach, device_id))
            await entity.subscribe_topics()

    async def feed(self, topic: str, payload: str) -> None:
        for listener in self._listeners.get(topic, ()):
            answer = listener(ReceiveMessage(topic, payload, 0, False))
            if answer is not None:
                await answer

    async def publish_debounced(
        self, topic: str, payload: Any, qos: int | None = 0, retain: bool | None = False
    ) -> None:
        self.polled.add((topic, str(payload)))

    def _tell(self, device_id: str, state: Any, **more: Any) -> None:
        self.told.setdefault(device_id, []).append((state, more))

    async def _reach(self, device_id: str, available: bool) -> None:
        self.reached.setdefault(device_id, []).append(available)

    async def _send(self, topic: str, payload: Any, qos: int | None, retain: bool | None) -> None:
        assert not retain
        self.sent.append((topic, str(payload)))

    async def _listen(self, state: dict | None, topics: dict) -> dict:
        for topic in topics.values():
            self._listeners.setdefault(topic["topic"], []).append(topic["msg_callback"])
        return topics

    async def _silence(self, state: dict | None) -> dict:
        return {}


def wanted(config: Any) -> bool:
    """Whether it is something that we mean to have as well."""
    if config.platform == "sensor":
        return config.quantity in QUANTITIES
    return not (config.platform == "binary_sensor" and config.off_delay)


def load(file: Path) -> Mapping[str, Any]:
    return json.loads(file.read_text())


def announce(ours: Tasmota, announced: Mapping[str, Any]) -> list[Any]:
    base = f"tasmota/discovery/{announced['config']['mac']}"
    changes = list(ours.heard(f"{base}/config", json.dumps(announced["config"]).encode()))
    if announced["sensors"]:
        changes += ours.heard(f"{base}/sensors", json.dumps(announced["sensors"]).encode())
    return changes


def devices_of(changes: list[Any]) -> dict[str, Device]:
    return {change.device.id: change.device for change in changes if isinstance(change, Appeared)}


def said_on(announced: Mapping[str, Any]) -> list[tuple[str, str]]:
    config = announced["config"]
    base = config["ft"].replace("%topic%", config["t"]).replace("%id%", config["mac"][-6:])
    prefixes = {"stat": config["tp"][1], "tele": config["tp"][2]}
    found = []
    for state in announced["states"]:
        prefix, name = state["on"].split("/")
        found.append((base.replace("%prefix%", prefixes[prefix]) + name, json.dumps(state["payload"])))
    return found


def commands(sent: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Messages as the commands that they give, backlogs unpacked."""
    found = []
    for topic, payload in sent:
        if not topic.endswith(COMMAND_BACKLOG):
            found.append((topic, payload))
            continue
        base = topic.removesuffix(COMMAND_BACKLOG)
        for command in payload.split(";"):
            if command != "NoDelay":
                name, _, argument = command.partition(" ")
                found.append((base + name, argument))
    return found


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def announced(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return load(request.param)


async def test_there_are_the_same_things_of_the_same_kinds_that_can_do_the_same(
    announced: Mapping[str, Any],
) -> None:
    judge = Judge(announced)
    found = devices_of(announce(Tasmota(), announced))
    assert set(found) == set(judge.entities)
    for device_id, entity in judge.entities.items():
        device = found[device_id]
        platform = entity._cfg.platform
        assert device.kind is KINDS.get(platform, Kind.SENSOR)
        if platform == "light":
            assert device.abilities == LIGHT_ABILITIES[entity.light_type or 0]
            if Ability.COLOUR_TEMPERATURE in device.abilities:
                whites = (colours.kelvin(entity.max_mireds), colours.kelvin(entity.min_mireds))
                assert device.limits[Ability.COLOUR_TEMPERATURE] == whites
        elif platform == "cover":
            assert (Ability.TILT in device.abilities) is entity.supports_tilt
        elif platform == "sensor":
            same = {"C": "°C", "F": "°C", "lux": "lx"}
            assert device.unit == same.get(entity.unit, entity.unit)


async def test_the_will_is_read_alike_and_the_polls_are_the_same(announced: Mapping[str, Any]) -> None:
    judge, ours = Judge(announced), Tasmota()
    await judge.start()
    changes = announce(ours, announced)
    polls = {
        (message.topic, message.payload)
        for change in changes
        if isinstance(change, Asks)
        for message in change.messages
    }
    (will,) = {entity._cfg.availability_topic for entity in judge.entities.values()}
    assert all(will in change.topics for change in changes if isinstance(change, Appeared))
    config = announced["config"]
    for word in (config["ofln"], config["onln"], "nonsense"):
        await judge.feed(will, word)
    reached: dict[str, list[bool]] = {}
    for word in (config["ofln"], config["onln"], "nonsense"):
        for change in ours.heard(will, word.encode()):
            if isinstance(change, Reachable):
                reached.setdefault(change.device_id, []).append(change.available)
    assert reached == judge.reached
    assert polls == judge.polled


async def test_every_order_is_the_same_commands(announced: Mapping[str, Any]) -> None:
    judge, ours = Judge(announced), Tasmota()
    found = devices_of(announce(ours, announced))
    ordered = 0
    for device_id, entity in judge.entities.items():
        for ability, value, order in orders(found[device_id], entity):
            judge.sent.clear()
            await order()
            messages = ours.messages(DeviceCommand(device_id, ability, value), {})
            assert not any(message.retain for message in messages)
            assert commands([(each.topic, each.payload) for each in messages]) == commands(judge.sent)
            ordered += 1
    assert ordered or all(device.kind is Kind.SENSOR for device in found.values())


def orders(device: Device, entity: Any) -> list[tuple[Ability, Value, Any]]:
    """Our order, and what makes hatasmota give the same."""
    if device.kind is Kind.SWITCH:
        return [(Ability.ON, on, partial(entity.set_state, on)) for on in (True, False)]
    if device.kind is Kind.LIGHT:
        return light_orders(device, entity)
    if device.kind is Kind.COVER:
        found = [
            (Ability.OPEN, True, entity.open),
            (Ability.OPEN, False, entity.close),
            (Ability.MOTION, "stopped", entity.stop),
            *((Ability.POSITION, each, partial(entity.set_position, each)) for each in (0, 35, 100)),
        ]
        if entity.supports_tilt:
            found += [(Ability.TILT, each, partial(entity.set_tilt_position, each)) for each in (0, 50, 100)]
        return found
    if device.kind is Kind.FAN:
        steps = ((0, 0), (20, 1), (33, 1), (50, 2), (67, 2), (68, 3), (100, 3))
        found = [(Ability.FAN_SPEED, each, partial(entity.set_speed, step)) for each, step in steps]
        return [*found, (Ability.ON, False, partial(entity.set_speed, 0))]
    return []


def light_orders(device: Device, entity: Any) -> list[tuple[Ability, Value, Any]]:
    found = [(Ability.ON, on, partial(entity.set_state, on, {})) for on in (True, False)]
    if Ability.BRIGHTNESS in device.abilities:
        found += [
            (Ability.BRIGHTNESS, each, partial(entity.set_state, True, {"brightness": each}))
            for each in (1, 50, 100)
        ]
        found.append((Ability.BRIGHTNESS, 0, partial(entity.set_state, False, {})))
    if Ability.COLOUR in device.abilities:
        found += [
            (Ability.COLOUR, each, partial(entity.set_state, True, {"color_hs": colours.to_hs(each)}))
            for each in ((255, 0, 0), (12, 200, 180), (255, 255, 255))
        ]
    if Ability.COLOUR_TEMPERATURE in device.abilities:
        found += [
            (
                Ability.COLOUR_TEMPERATURE,
                each,
                partial(entity.set_state, True, {"color_temp": colours.kelvin(each)}),
            )
            for each in (2700, 4000)
        ]
    return found


async def test_every_state_is_read_alike(announced: Mapping[str, Any]) -> None:
    judge, ours = Judge(announced), Tasmota()
    await judge.start()
    found = devices_of(announce(ours, announced))
    compared = 0
    for topic, payload in said_on(announced):
        judge.told.clear()
        await judge.feed(topic, payload)
        reports = {
            change.device_id: change.state
            for change in ours.heard(topic, payload.encode())
            if isinstance(change, Reported)
        }
        for device_id, told in judge.told.items():
            state, more = told[-1]
            entity, device = judge.entities[device_id], found[device_id]
            expected = reading(device, entity, state, more)
            said = reports.get(device_id, {})
            assert {each: said.get(each) for each in expected} == expected, (topic, payload)
            compared += len(expected)
        assert set(reports) <= set(judge.told), "we read something where hatasmota reads nothing"
    assert compared > 0


def reading(device: Device, entity: Any, state: Any, more: Mapping[str, Any]) -> dict[Ability, Value | None]:
    """What hatasmota said, in the house's own terms."""
    if device.kind in (Kind.SWITCH, Kind.LIGHT):
        return {Ability.ON: state, **lit(device, entity, more.get("attributes", {}))}
    if device.kind is Kind.FAN:
        return {Ability.ON: state > 0, Ability.FAN_SPEED: round(state * 100 / 3)}
    if device.kind is Kind.COVER:
        ways = {0: "stopped", 1: "opening", -1: "closing"}
        expected = {Ability.POSITION: more["position"], Ability.MOTION: ways[more["direction"]]}
        if more["tilt"] is not None:
            expected[Ability.TILT] = round(more["tilt"])
        return expected
    if entity._cfg.platform == "binary_sensor":
        return {Ability.READING: "on" if state else "off"}
    if state is not None and entity.unit == "F":
        return {Ability.READING: round((state - 32) * 5 / 9, 1)}
    return {Ability.READING: state}


def lit(device: Device, entity: Any, told: Mapping[str, Any]) -> dict[Ability, Value | None]:
    """A light's looks. With white channels, Home Assistant too goes by whether they are lit."""
    expected: dict[Ability, Value | None] = {}
    if "brightness" in told:
        expected[Ability.BRIGHTNESS] = told["brightness"]
    white = told.get("white_value")
    if "color_hs" in told and not white and Ability.COLOUR in device.abilities:
        expected[Ability.COLOUR] = colours.from_hs(*told["color_hs"])
    if "color_temp" in told and Ability.COLOUR_TEMPERATURE in device.abilities and white != 0:
        expected[Ability.COLOUR_TEMPERATURE] = colours.kelvin(told["color_temp"])
    return expected
