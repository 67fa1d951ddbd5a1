import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from devices.broker import EmbeddedBroker
from devices.mqtt import MqttLink, MqttSettings
from tests.brokers import free_port
from tests.devices.waiting import until


def listeners(port: int) -> set[str]:
    """The local addresses, in the kernel's own hexadecimal, on which `port` is listened on."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            address, there = line.split()[1].split(":")
            if int(there, 16) == port and line.split()[3] == "0A":
                found.add(address)
    return found


async def test_the_embedded_broker_listens_on_loopback_only() -> None:
    with EmbeddedBroker(free_port()) as broker:
        assert listeners(broker.port) == {"0100007F"}
    assert listeners(broker.port) == set()


async def test_the_embedded_broker_takes_3_1_1_retained_messages_and_large_payloads() -> None:
    with EmbeddedBroker(free_port()) as broker:
        async with MqttLink(MqttSettings(port=broker.port)) as link:
            assert await link.wait_connected(10)
            assert link.version == "MQTT 3.1.1"
            heard: list[tuple[str, int, bool]] = []
            await link.publish("a/kept", "1", retain=True)
            link.subscribe("a/#", lambda topic, payload, kept: heard.append((topic, len(payload), kept)))
            await until(lambda: heard)
            await link.publish("a/large", "x" * 1_000_000)
            await until(lambda: len(heard) == 2)
            assert heard == [("a/kept", 1, True), ("a/large", 1_000_000, False)]


async def test_a_large_home_s_retained_messages_all_come() -> None:
    with EmbeddedBroker(free_port()) as broker:
        async with MqttLink(MqttSettings(port=broker.port)) as link:
            assert await link.wait_connected(10)
            for number in range(1_000):
                await link.publish(f"home/{number}", "1", qos=0, retain=True)
            heard: set[str] = set()
            link.subscribe("home/+", lambda topic, _payload, _kept: heard.add(topic), qos=0)
            await until(lambda: len(heard) == 1_000)


async def test_ten_megabytes_through_the_embedded_broker_lose_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with EmbeddedBroker(free_port()) as broker:
        async with MqttLink(MqttSettings(port=broker.port)) as link:
            heard: list[str] = []
            link.subscribe("a/#", lambda topic, _payload, _kept: heard.append(topic))
            assert await link.wait_connected(10)
            await link.publish("a/huge", "x" * 10_000_000)
            await link.publish("a/small", "1")
            await until(lambda: heard)
            assert heard == ["a/small"]
            assert "dropped a message of 10000000 bytes" in caplog.text
            assert link.connected


async def test_a_taken_port_is_said_and_another_one_used(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with EmbeddedBroker(taken) as broker:
            assert broker.port != taken
            assert f"port {taken} is taken" in caplog.text
            async with MqttLink(MqttSettings(port=broker.port)) as link:
                assert await link.wait_connected(10)


async def test_a_broker_that_dies_is_started_anew_on_its_port() -> None:
    with EmbeddedBroker(free_port()) as broker:
        async with MqttLink(MqttSettings(port=broker.port)) as link:
            assert await link.wait_connected(10)
            os.kill(broker._broker._process.pid, signal.SIGKILL)
            await until(lambda: not link.connected, "noticing")
            assert await link.wait_connected(20)
            await asyncio.wait_for(link.publish("a", "1"), 5)
