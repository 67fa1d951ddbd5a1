import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.serve.homeassistant_device import (
    BURST,
    MAX_TEXT,
    MAX_WAITING,
    DeviceIdentity,
    HomeAssistantDevice,
    Status,
    announcement,
    readable,
    shown,
    will_of,
)
from devices.mqtt import MqttLink, MqttSettings
from tests.brokers import Mosquitto, mosquitto
from tests.devices.waiting import until

__all__ = ["mosquitto"]

IDENTITY = DeviceIdentity("hall", name="Hall", room="Hall", version="1.2")
CONFIG = "homeassistant/device/sotto_voce_hall/config"


@dataclass
class Ports:
    """An assistant that remembers; what it says takes as long as `speaking` lets it."""

    now: Status = field(default_factory=Status)
    did: list[tuple[str, Any]] = field(default_factory=list)
    speaking: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.speaking.set()

    def status(self) -> Status:
        return self.now

    async def say(self, text: str) -> None:
        self.did.append(("say", text))
        await self.speaking.wait()

    async def obey(self, text: str) -> None:
        self.did.append(("obey", text))
        if text == "break":
            raise RuntimeError("it broke")

    async def stop(self) -> None:
        self.did.append(("stop", None))
        self.speaking.set()

    def set_volume(self, percent: int) -> None:
        self.did.append(("volume", percent))
        self.now = replace(self.now, volume_percent=percent)

    def set_muted(self, muted: bool) -> None:
        self.did.append(("muted", muted))
        self.now = replace(self.now, muted=muted)


@dataclass
class Ear:
    """Another client of the broker: what is kept or said, the last word of each topic."""

    link: MqttLink
    heard: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def listen(self) -> None:
        for filter_ in ("sotto-voce/#", "homeassistant/#"):
            self.link.subscribe(filter_, self._hear)

    def _hear(self, topic: str, payload: bytes, kept: bool) -> None:
        self.heard[topic] = payload.decode()
        self.counts[topic] = self.counts.get(topic, 0) + 1
        if kept:
            self.kept.add(topic)

    async def order(self, part: str, payload: str, **more: Any) -> None:
        await self.link.publish(f"sotto-voce/hall/{part}/set", payload, **more)

    def said(self, part: str) -> str | None:
        return self.heard.get(f"sotto-voce/hall/{part}")


@contextlib.asynccontextmanager
async def announced(
    broker: Mosquitto, ports: Ports, **more: Any
) -> AsyncIterator[tuple[HomeAssistantDevice, Ear]]:
    settings = MqttSettings(port=broker.port)
    async with MqttLink(settings) as other, MqttLink(settings, will=will_of(IDENTITY)) as link:
        ear = Ear(other)
        ear.listen()
        assert await other.wait_connected(5)
        async with HomeAssistantDevice(link, IDENTITY, ports, **more) as device:
            await until(lambda: ear.said("volume"), "the announcement")
            yield device, ear


def test_an_identity_that_would_break_a_topic_is_refused() -> None:
    for wrong in ("", "a/b", "A", "x" * 61, "küche", "a+b"):
        with pytest.raises(ValueError, match="identity"):
            DeviceIdentity(wrong)


def test_the_announcement_names_every_entity_and_who_we_are() -> None:
    config = announcement(IDENTITY, show_words=True)
    assert config["device"]["identifiers"] == ["sotto_voce_hall"]
    assert config["device"]["suggested_area"] == "Hall"
    platforms = {part: entity["platform"] for part, entity in config["components"].items()}
    assert platforms == {
        "state": "sensor",
        "heard": "sensor",
        "reply": "sensor",
        "muted": "switch",
        "volume": "number",
        "say": "text",
        "ask": "text",
        "stop": "button",
    }
    unique = [entity["unique_id"] for entity in config["components"].values()]
    assert len(set(unique)) == len(unique)


def test_without_leave_the_sensors_of_words_are_taken_back() -> None:
    components = announcement(IDENTITY, show_words=False)["components"]
    assert components["heard"] == components["reply"] == {"platform": "sensor"}


@given(st.text())
def test_whatever_was_said_fits_into_a_state(text: str) -> None:
    cut = shown(text)
    assert len(cut) <= 255
    assert cut.isprintable()
    cut.encode()


def test_a_long_sentence_is_cut_with_an_ellipsis_and_a_fitting_one_is_not() -> None:
    assert shown("灯" * 255) == "灯" * 255
    assert shown("灯" * 256) == "灯" * 254 + "…"


@given(st.binary(max_size=1200))
def test_no_payload_breaks_the_reader(payload: bytes) -> None:
    text = readable(payload)
    assert text is None or (0 < len(text) <= MAX_TEXT and text.isprintable())


def test_what_is_no_text_is_not_read() -> None:
    for payload in (b"", b"\xff\xfe", b"\x00\x01", b"   ", ("x" * (MAX_TEXT + 1)).encode(), b"y" * 9_000):
        assert readable(payload) is None
    assert readable(b"turn on\nthe\x1b lamp ") == "turn on the lamp"
    assert readable("打开灯".encode()) == "打开灯"


@pytest.mark.broker
async def test_it_is_announced_for_good_and_its_state_with_it(mosquitto: Mosquitto) -> None:
    ports = Ports(Status("speaking", muted=True, volume_percent=40))
    async with announced(mosquitto, ports), MqttLink(MqttSettings(port=mosquitto.port)) as late:
        ear = Ear(late)
        ear.listen()
        await until(lambda: ear.said("volume") and CONFIG in ear.heard, "what was kept")
        assert json.loads(ear.heard[CONFIG])["origin"]["name"] == "Sotto Voce"
        assert ear.said("available") == "online"
        assert (ear.said("state"), ear.said("muted"), ear.said("volume")) == ("speaking", "ON", "40")


@pytest.mark.broker
async def test_leaving_is_said_and_dying_too(mosquitto: Mosquitto) -> None:
    async with MqttLink(MqttSettings(port=mosquitto.port)) as other:
        ear = Ear(other)
        ear.listen()
        async with announced(mosquitto, Ports()):
            await until(lambda: ear.said("available") == "online", "coming")
        await until(lambda: ear.said("available") == "offline", "leaving")
    will = will_of(IDENTITY)
    assert (will.topic, will.payload, will.retain) == ("sotto-voce/hall/available", "offline", True)


@pytest.mark.broker
async def test_words_are_told_only_with_leave_and_never_kept(mosquitto: Mosquitto) -> None:
    ports = Ports(Status(heard="打开灯", replied="好的"))
    async with announced(mosquitto, ports) as (device, ear):
        ports.now = replace(ports.now, state="listening")
        device.changed()
        await until(lambda: ear.said("state") == "listening")
        assert ear.said("heard") is None
    async with announced(mosquitto, ports, show_words=True) as (_, ear):
        await until(lambda: ear.said("reply") == "好的", "the words")
        assert ear.said("heard") == "打开灯"
        async with MqttLink(MqttSettings(port=mosquitto.port)) as late:
            other = Ear(late)
            other.listen()
            await until(lambda: other.said("volume"), "what was kept")
            assert other.said("heard") is None


@pytest.mark.broker
async def test_texts_are_said_and_obeyed_one_after_the_other(mosquitto: Mosquitto) -> None:
    ports = Ports()
    ports.speaking.clear()
    async with announced(mosquitto, ports) as (_, ear):
        await ear.order("say", "Dinner is ready")
        await ear.order("ask", "turn off the lamp")
        await until(lambda: ports.did == [("say", "Dinner is ready")], "the first")
        ports.speaking.set()
        await until(lambda: ports.did[1:] == [("obey", "turn off the lamp")], "the second")


@pytest.mark.broker
async def test_stop_silences_and_forgets_what_waits(mosquitto: Mosquitto) -> None:
    ports = Ports()
    ports.speaking.clear()
    async with announced(mosquitto, ports) as (_, ear):
        await ear.order("say", "one")
        await ear.order("say", "two")
        await until(lambda: ports.did == [("say", "one")])
        await ear.order("stop", "PRESS")
        await until(lambda: ("stop", None) in ports.did, "the stop")
        await ear.order("ask", "three")
        await until(lambda: ("obey", "three") in ports.did, "going on")
        assert ("say", "two") not in ports.did


@pytest.mark.broker
async def test_mute_and_volume_reach_the_assistant_and_come_back_as_they_are(mosquitto: Mosquitto) -> None:
    ports = Ports()
    async with announced(mosquitto, ports) as (_, ear):
        await ear.order("muted", "ON")
        await ear.order("volume", "35.0")
        await until(lambda: ear.said("muted") == "ON" and ear.said("volume") == "35")
        for part, nonsense in (("muted", "perhaps"), ("volume", "101"), ("volume", "-1"), ("volume", "nan")):
            before = ear.counts[f"sotto-voce/hall/{part}"]
            await ear.order(part, nonsense)
            topic = f"sotto-voce/hall/{part}"
            await until(lambda: ear.counts[topic] > before, "the truth")  # noqa: B023 - asked at once
        assert ports.did == [("muted", True), ("volume", 35)]
        assert (ear.said("muted"), ear.said("volume")) == ("ON", "35")


@pytest.mark.broker
async def test_a_kept_order_is_not_obeyed(mosquitto: Mosquitto) -> None:
    ports = Ports()
    async with MqttLink(MqttSettings(port=mosquitto.port)) as other:
        assert await other.wait_connected(5)
        await other.publish("sotto-voce/hall/ask/set", "unlock the door", retain=True)
        async with announced(mosquitto, ports) as (_, ear):
            await ear.order("ask", "turn on the lamp")
            await until(lambda: ports.did, "the order")
            assert ports.did == [("obey", "turn on the lamp")]


@pytest.mark.broker
async def test_a_flood_is_held_back_and_a_failure_ends_nothing(mosquitto: Mosquitto) -> None:
    ports = Ports()
    async with announced(mosquitto, ports) as (_, ear):
        await ear.order("ask", "break")
        await until(lambda: ports.did == [("obey", "break")])
        await asyncio.gather(*(ear.order("volume", str(percent)) for percent in range(60)))
        await ear.order("ask", "still there?")
        await until(lambda: ("obey", "still there?") in ports.did, "going on")
        volumes = [value for what, value in ports.did if what == "volume"]
        assert BURST <= len(volumes) < 40


@pytest.mark.broker
async def test_only_a_few_texts_wait(mosquitto: Mosquitto) -> None:
    ports = Ports()
    ports.speaking.clear()
    async with announced(mosquitto, ports) as (_, ear):
        await ear.order("say", "0")
        await until(lambda: ports.did == [("say", "0")])
        for number in range(1, 8):
            await ear.order("say", str(number))
        await ear.order("volume", "7")  # behind them in the same connection
        await until(lambda: ("volume", 7) in ports.did, "the last")
        ports.speaking.set()
        await until(lambda: len(ports.did) == 2 + MAX_WAITING, "those that waited")
        said = [text for what, text in ports.did if what == "say"]
        assert said == [str(number) for number in range(1 + MAX_WAITING)]


@pytest.mark.broker
async def test_when_home_assistant_has_started_everything_is_said_again(mosquitto: Mosquitto) -> None:
    async with announced(mosquitto, Ports(Status(heard="hello")), show_words=True) as (_, ear):
        await until(lambda: ear.said("heard") == "hello")
        ear.heard.clear()
        await ear.link.publish("homeassistant/status", "online")
        await until(lambda: CONFIG in ear.heard and ear.said("heard") == "hello", "the announcement")


@pytest.mark.broker
async def test_after_the_broker_lost_everything_it_is_announced_again(mosquitto: Mosquitto) -> None:
    async with announced(mosquitto, Ports()) as (_, ear):
        await asyncio.to_thread(mosquitto.kill)
        ear.heard.clear()
        await asyncio.to_thread(mosquitto.start)
        await until(lambda: CONFIG in ear.heard and ear.said("volume") == "100", "the announcement", 15)
        assert ear.said("available") == "online"
