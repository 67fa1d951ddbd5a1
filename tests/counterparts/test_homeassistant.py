"""The real Home Assistant on both sides: it shows our device, and we order its."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hass_client import HomeAssistantClient

from assistant.serve.homeassistant_device import DeviceIdentity, HomeAssistantDevice, Status, will_of
from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, BridgeAwayError, BridgeRefusedError
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.homeassistant_api import HomeAssistantApi
from devices.home import Ability, Kind, Value
from devices.mqtt import MqttLink, MqttSettings
from tests.brokers import Mosquitto, require_mosquitto
from tests.counterparts.homeassistant.instance import Instance
from tests.counterparts.homeassistant.kept import running
from tests.counterparts.homeassistant.prepare import HOW, VERSION, is_ready
from tests.devices.waiting import until
from tests.requirements import require

pytestmark = [pytest.mark.homeassistant, pytest.mark.timeout(300)]

PATIENT_S = 30.0
IDENTITY = DeviceIdentity("kitchen", name="Kitchen voice", room="Kitchen", version="1.0")


@dataclass
class Ports:
    """An assistant that does nothing but remember."""

    now: Status = field(default_factory=Status)
    said: list[str] = field(default_factory=list)
    obeyed: list[str] = field(default_factory=list)
    stopped: int = 0

    def status(self) -> Status:
        return self.now

    async def say(self, text: str) -> None:
        self.said.append(text)

    async def obey(self, text: str) -> None:
        self.obeyed.append(text)

    async def stop(self) -> None:
        self.stopped += 1

    def set_volume(self, percent: int) -> None:
        self.now = replace(self.now, volume_percent=percent)

    def set_muted(self, muted: bool) -> None:
        self.now = replace(self.now, muted=muted)


@dataclass
class Counterpart:
    """One broker and one Home Assistant on it."""

    broker: Mosquitto
    instance: Instance

    def bridge(self, **more: Any) -> HomeAssistantApi:
        return HomeAssistantApi(self.instance.websocket, self.instance.token, **more)

    def link(self, **more: Any) -> MqttLink:
        return MqttLink(MqttSettings(port=self.broker.port), **more)

    async def said(self, entity_id: str) -> str:
        return (await asyncio.to_thread(self.instance.state, entity_id)).get("state", "")

    async def becomes(self, entity_id: str, state: str) -> None:
        """Wait until Home Assistant says so."""
        last = ""
        try:
            async with asyncio.timeout(PATIENT_S):
                while (last := await self.said(entity_id)) != state:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{entity_id} is {last!r}, not {state!r}") from None

    async def call(self, domain: str, service: str, **data: Any) -> None:
        await asyncio.to_thread(self.instance.call, domain, service, data)


@pytest.fixture(scope="module")
def ha(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counterpart]:
    require_mosquitto()
    require(f"Home Assistant {VERSION}", is_ready(), HOW)
    folder = tmp_path_factory.mktemp("homeassistant")
    broker = Mosquitto(folder)
    broker.start()
    instance = Instance(folder / "config", broker.port)
    try:
        instance.start()
        yield Counterpart(broker, instance)
    finally:
        instance.stop()
        broker.stop()


@contextlib.asynccontextmanager
async def owner(ha: Counterpart) -> AsyncIterator[HomeAssistantClient]:
    """Its owner at the settings."""
    async with HomeAssistantClient(ha.instance.websocket, ha.instance.token) as client:
        yield client


def complaints(ha: Counterpart) -> list[str]:
    """What its log says of us, or of a discovery that is not as it should be."""
    lines = [line for line in ha.instance.log.splitlines() if " WARNING " in line or " ERROR " in line]
    return [line for line in lines if "sotto_voce" in line or "components.mqtt" in line]


def entity(part: str, platform: str) -> str:
    return f"{platform}.{IDENTITY.unique}_{part}"


# Ourselves, seen by Home Assistant


async def test_our_device_appears_with_all_its_entities_and_without_a_complaint(ha: Counterpart) -> None:
    ports = Ports()
    async with ha.link(will=will_of(IDENTITY)) as link:
        async with HomeAssistantDevice(link, IDENTITY, ports, show_words=True) as device:
            await ha.becomes(entity("state", "sensor"), "idle")
            ports.now = Status("listening", heard="turn on the lamp " * 40, replied="好的，灯已经打开了。")
            device.changed()
            await ha.becomes(entity("state", "sensor"), "listening")
            await ha.becomes(entity("reply", "sensor"), "好的，灯已经打开了。")
            heard = await ha.said(entity("heard", "sensor"))
            assert len(heard) == 255
            assert heard.endswith("…")
            assert await ha.said(entity("muted", "switch")) == "off"
            assert await ha.said(entity("volume", "number")) == "100"
            for part, platform in {"say": "text", "ask": "text", "stop": "button"}.items():
                assert await ha.said(entity(part, platform)) == "unknown"
            async with owner(ha) as client:
                devices = await client.get_device_registry()
                areas = {area["area_id"]: area["name"] for area in await client.get_area_registry()}
            ours = next(each for each in devices if each["name"] == "Kitchen voice")
            assert ours["identifiers"] == [["mqtt", "sotto_voce_kitchen"]]
            assert ours["manufacturer"] == "Sotto Voce"
            assert areas[ours["area_id"]] == "Kitchen"
        await ha.becomes(entity("state", "sensor"), "unavailable")
    assert not complaints(ha)


async def test_what_home_assistant_asks_of_our_device_reaches_the_assistant(ha: Counterpart) -> None:
    ports = Ports()
    async with ha.link() as link, HomeAssistantDevice(link, IDENTITY, ports):
        await ha.becomes(entity("state", "sensor"), "idle")
        await ha.call("text", "set_value", entity_id=entity("ask", "text"), value="把厨房的灯打开")
        await ha.call("text", "set_value", entity_id=entity("say", "text"), value="Dinner is ready")
        await until(lambda: ports.obeyed and ports.said, "the texts", PATIENT_S)
        assert (ports.obeyed, ports.said) == (["把厨房的灯打开"], ["Dinner is ready"])
        await ha.call("switch", "turn_on", entity_id=entity("muted", "switch"))
        await ha.becomes(entity("muted", "switch"), "on")
        assert ports.now.muted
        await ha.call("number", "set_value", entity_id=entity("volume", "number"), value=35)
        await ha.becomes(entity("volume", "number"), "35")
        assert ports.now.volume_percent == 35
        await ha.call("button", "press", entity_id=entity("stop", "button"))
        await until(lambda: ports.stopped == 1, "the stop", PATIENT_S)


async def test_without_leave_to_show_words_their_sensors_are_taken_back(ha: Counterpart) -> None:
    ports = Ports()
    async with ha.link() as link:
        async with HomeAssistantDevice(link, IDENTITY, ports, show_words=True) as device:
            await ha.becomes(entity("heard", "sensor"), "unknown")
            ports.now = Status(heard="hello")
            device.changed()
            await ha.becomes(entity("heard", "sensor"), "hello")
        async with HomeAssistantDevice(link, IDENTITY, Ports(Status(heard="hello"))):
            await ha.becomes(entity("heard", "sensor"), "")
            await ha.becomes(entity("state", "sensor"), "idle")
    assert not complaints(ha)


async def test_when_we_are_killed_home_assistant_shows_that_we_are_away(ha: Counterpart) -> None:
    command = [sys.executable, "-c", KILLED, str(ha.broker.port)]
    child = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2])
    try:
        await ha.becomes("sensor.sotto_voce_hall_state", "idle")
        child.kill()
        await ha.becomes("sensor.sotto_voce_hall_state", "unavailable")
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


KILLED = """
import asyncio, sys
from assistant.serve.homeassistant_device import DeviceIdentity, HomeAssistantDevice, will_of
from devices.mqtt import MqttLink, MqttSettings
from tests.counterparts.test_homeassistant import Ports

async def main():
    identity = DeviceIdentity("hall", name="Hall voice")
    async with MqttLink(MqttSettings(port=int(sys.argv[1])), will=will_of(identity)) as link:
        async with HomeAssistantDevice(link, identity, Ports()):
            await asyncio.sleep(600)

asyncio.run(main())
"""


# Home Assistant's devices, seen by us


async def expose(client: HomeAssistantClient, entity_id: str, should: bool) -> None:
    await client.send_command(
        "homeassistant/expose_entity",
        assistants=["conversation"],
        entity_ids=[entity_id],
        should_expose=should,
    )


async def test_its_devices_come_with_rooms_abilities_and_what_is_open_to_voice(ha: Counterpart) -> None:
    async with owner(ha) as client, running(ha.bridge()) as kept:
        await until(lambda: len(kept.home) > 50, "reading", PATIENT_S)
        light = kept.device("light.bed_light")
        assert light.kind is Kind.LIGHT
        assert light.abilities == {
            Ability.ON,
            Ability.BRIGHTNESS,
            Ability.COLOUR,
            Ability.COLOUR_TEMPERATURE,
        }
        assert light.name == "Bed Light"
        assert light.state[Ability.ON] is False
        garage = kept.device("cover.garage_door")
        assert (garage.kind, garage.device_class) == (Kind.COVER, "garage")
        assert light.exposed
        assert garage.exposed  # by its default
        assert not kept.device("lock.front_door").exposed
        heating = kept.device("climate.heatpump")
        assert heating.limits[Ability.SETPOINT] == (7.0, 35.0)
        assert "heat" in heating.options[Ability.MODE]
        assert kept.device("sensor.outside_temperature").unit == "°C"
        assert kept.device("script.good_night").kind is Kind.SCENE
        assert kept.device("person.owner").state.get(Ability.READING) is None
        area = await client.send_command("config/area_registry/create", name="卧室")
        await client.send_command(
            "config/entity_registry/update",
            entity_id="light.bed_light",
            area_id=area["area_id"],
            aliases=["床头灯", "Night light"],
            name="Bedside lamp",
        )
        await until(lambda: kept.device("light.bed_light").room == "卧室", "the room", PATIENT_S)
        await until(lambda: kept.device("light.bed_light").name == "Bedside lamp", "the name", PATIENT_S)
        assert kept.device("light.bed_light").aliases == ("Night light", "床头灯")
        await client.send_command(
            "config/area_registry/update", area_id=area["area_id"], name="Sleeping room"
        )
        await until(lambda: kept.device("light.bed_light").room == "Sleeping room", "the new name", PATIENT_S)
        await expose(client, "light.bed_light", False)
        await until(lambda: not kept.device("light.bed_light").exposed, "the secrecy", PATIENT_S)
        await expose(client, "light.bed_light", True)
        await until(lambda: kept.device("light.bed_light").exposed, "the exposure", PATIENT_S)


ORDERS: list[tuple[str, Ability, Value, str, str | None, Any]] = [
    ("light.bed_light", Ability.ON, True, "on", None, None),
    ("light.bed_light", Ability.BRIGHTNESS, 40, "on", "brightness", 102),
    ("light.bed_light", Ability.COLOUR, (255, 0, 0), "on", "rgb_color", [255, 0, 0]),
    ("light.bed_light", Ability.COLOUR_TEMPERATURE, 3000, "on", "color_temp_kelvin", 3000),
    ("light.bed_light", Ability.BRIGHTNESS, 0, "off", None, None),
    ("light.ceiling_lights", Ability.ON, False, "off", None, None),
    ("switch.ac", Ability.ON, True, "on", None, None),
    ("input_boolean.guests", Ability.ON, True, "on", None, None),
    ("cover.kitchen_window", Ability.OPEN, True, "open", None, None),
    ("cover.hall_window", Ability.POSITION, 60, "open", "current_position", 60),
    ("cover.living_room_window", Ability.TILT, 30, "open", "current_tilt_position", 30),
    ("cover.garage_door", Ability.OPEN, True, "open", None, None),
    ("climate.heatpump", Ability.SETPOINT, 23.0, "heat", "temperature", 23.0),
    ("climate.hvac", Ability.MODE, "off", "off", None, None),
    ("climate.ecobee", Ability.PRESET, "away", "heat_cool", "preset_mode", "away"),
    ("fan.living_room_fan", Ability.FAN_SPEED, 66, "on", "percentage", 66),
    ("fan.ceiling_fan", Ability.ON, True, "on", None, None),
    ("fan.preset_only_limited_fan", Ability.PRESET, "sleep", "on", "preset_mode", "sleep"),
    ("lock.front_door", Ability.LOCKED, False, "unlocked", None, None),
    ("lock.kitchen_door", Ability.LOCKED, True, "locked", None, None),
    ("media_player.living_room", Ability.PLAYBACK, "paused", "paused", None, None),
    ("media_player.bedroom", Ability.VOLUME, 30, "playing", "volume_level", 0.3),
    ("media_player.bedroom", Ability.MUTED, True, "playing", "is_volume_muted", True),
    ("media_player.walkman", Ability.ON, False, "off", None, None),
    ("vacuum.0_ground_floor", Ability.CLEANING, "cleaning", "cleaning", None, None),
    ("vacuum.0_ground_floor", Ability.PRESET, "high", "cleaning", "fan_speed", "high"),
    ("valve.orchard", Ability.OPEN, True, "open", None, None),
    ("siren.siren", Ability.ON, False, "off", None, None),
    ("humidifier.dehumidifier", Ability.ON, False, "off", None, None),
    ("humidifier.hygrostat", Ability.PRESET, "eco", "on", "mode", "eco"),
    ("alarm_control_panel.security", Ability.ARMED, "disarmed", "disarmed", None, None),
]


async def test_every_kind_is_ordered_and_home_assistant_itself_says_so(ha: Counterpart) -> None:
    bridge = ha.bridge()
    async with running(bridge) as kept:
        await until(lambda: len(kept.home) > 50, "reading", PATIENT_S)
        for entity_id, ability, value, state, attribute, wanted in ORDERS:
            command = DeviceCommand(f"homeassistant_api.{entity_id}", ability, value)
            if ability is Ability.ARMED:
                with pytest.raises(BridgeRefusedError, match="code"):
                    await bridge.send(command, {})
                continue
            (sent,) = await bridge.send(command, kept.device(entity_id).state)
            assert sent.via == "homeassistant"
            assert json.loads(sent.payload)["entity_id"] == entity_id
            await until(
                lambda: bridge.satisfied(command, kept.device(entity_id).state),  # noqa: B023 - asked at once
                f"{entity_id} {ability}",
                PATIENT_S,
            )
            await ha.becomes(entity_id, state)
            there = await asyncio.to_thread(ha.instance.state, entity_id)
            if attribute:
                assert there["attributes"][attribute] == pytest.approx(wanted), entity_id
            assert bridge.reports(command)


async def test_scenes_scripts_and_buttons_are_pressed(ha: Counterpart) -> None:
    bridge = ha.bridge()
    async with running(bridge) as kept:
        await until(lambda: len(kept.home) > 50, "reading", PATIENT_S)

        async def press(entity_id: str) -> None:
            command = DeviceCommand(f"homeassistant_api.{entity_id}", Ability.PRESSED, True)
            await bridge.send(command, {})
            assert not bridge.reports(command)

        await press("scene.movie_night")
        await ha.becomes("input_boolean.guests", "on")
        await press("script.good_night")
        await ha.becomes("input_boolean.guests", "off")
        assert await ha.said("input_button.bell") == "unknown"
        await press("input_button.bell")
        await press("button.push")
        assert await ha.said("input_button.bell") > "2025"
        assert await ha.said("button.push") > "2025"


async def test_what_it_refuses_comes_with_its_own_sentence(ha: Counterpart) -> None:
    bridge = ha.bridge()
    async with running(bridge) as kept:
        await until(lambda: len(kept.home) > 50, "reading", PATIENT_S)
        too_hot = DeviceCommand("homeassistant_api.climate.heatpump", Ability.SETPOINT, 90)
        with pytest.raises(BridgeRefusedError, match=r"^Provided temperature .* is not valid"):
            await bridge.send(too_hot, {})


# A device of the broker's that both see

TWICE = {
    "name": None,
    "unique_id": "0x00158d0001a2b3c4_switch",
    "command_topic": "plug/set",
    "state_topic": "plug",
    "device": {
        "identifiers": ["zigbee2mqtt_0x00158d0001a2b3c4", "other_7"],
        "connections": [["mac", "A4:CF:12:34:56:78"]],
        "name": "Hall plug",
    },
}


async def test_a_device_that_both_see_over_mqtt_has_the_same_identities(ha: Counterpart) -> None:
    topic, payload = "homeassistant/switch/0x00158d0001a2b3c4/switch/config", json.dumps(TWICE)
    (appeared,) = HomeAssistant().heard(topic, payload.encode())
    assert isinstance(appeared, Appeared)
    async with ha.link() as link, running(ha.bridge()) as kept:
        assert await link.wait_connected(5)
        await link.publish(topic, payload, retain=True)
        await until(lambda: kept.has("switch.hall_plug"), "the plug", PATIENT_S)
        assert kept.device("switch.hall_plug").identities == appeared.device.identities
        assert "ieee:0x00158d0001a2b3c4" in appeared.device.identities
        await link.publish(topic, "", retain=True)  # and taken away while we look
        await until(lambda: not kept.has("switch.hall_plug"), "its end", PATIENT_S)


async def test_our_own_device_does_not_come_back_as_one_of_its(ha: Counterpart) -> None:
    async with ha.link() as link, HomeAssistantDevice(link, IDENTITY, Ports()):
        await ha.becomes(entity("muted", "switch"), "off")
        async with running(ha.bridge(exposed_only=False)) as kept:
            await until(lambda: len(kept.home) > 50, "reading", PATIENT_S)
            assert not [device.name for device in kept.home if "voice" in device.name.casefold()]


# When it goes away


async def test_stopped_and_started_again_it_is_found_again(ha: Counterpart) -> None:
    bridge, ports = ha.bridge(), Ports(Status(heard="good night"))
    order = DeviceCommand("homeassistant_api.light.kitchen_lights", Ability.ON, False)
    async with (
        ha.link() as link,
        HomeAssistantDevice(link, IDENTITY, ports, show_words=True),
        running(bridge) as kept,
    ):
        await until(lambda: len(kept.home) > 50, "reading", PATIENT_S)
        before = {device.id for device in kept.home}
        await asyncio.to_thread(ha.instance.stop)
        await until(lambda: bridge.trouble, "noticing", PATIENT_S)
        with pytest.raises(BridgeAwayError):
            await bridge.send(order, {})
        assert {device.id for device in kept.home} == before
        await asyncio.to_thread(ha.instance.start)
        await until(lambda: not bridge.trouble, "coming back", PATIENT_S)
        await until(lambda: {device.id for device in kept.home} >= before, "all devices", PATIENT_S)
        await bridge.send(order, {})
        await ha.becomes("light.kitchen_lights", "off")
        await until(lambda: kept.device("light.kitchen_lights").state[Ability.ON] is False, timeout=PATIENT_S)
        await ha.becomes(entity("heard", "sensor"), "good night")  # told again at its birth message
        assert ha.instance.token not in repr(bridge) + bridge.trouble


async def test_an_entity_that_is_removed_vanishes(ha: Counterpart) -> None:
    async with owner(ha) as client, running(ha.bridge()) as kept:
        await until(lambda: kept.has("light.office_rgbw_lights"), "reading", PATIENT_S)
        await client.send_command("config/entity_registry/remove", entity_id="light.office_rgbw_lights")
        await until(lambda: not kept.has("light.office_rgbw_lights"), "its end", PATIENT_S)
