import asyncio
import logging
import subprocess
import time
from pathlib import Path

import pytest

from devices.message import filter_is_sound, filter_matches, topic_is_sound
from devices.mqtt import BrokerAway, BrokerRefused, Message, MqttLink, MqttSettings, Traffic
from tests.brokers import Mosquitto, free_port, require_mosquitto
from tests.devices.fake_broker import ACCEPTED_3, ACCEPTED_5, REFUSED_VERSION_3, fake_broker
from tests.devices.waiting import until

Heard = list[tuple[str, bytes, bool]]


def settings(port: int, **more) -> MqttSettings:
    return MqttSettings(port=port, **more)


def listen(link: MqttLink, filter_: str, qos: int = 1) -> Heard:
    heard: Heard = []
    link.subscribe(filter_, lambda *message: heard.append(message), qos)
    return heard


async def test_a_link_without_a_broker_starts_and_refuses_at_once() -> None:
    async with MqttLink(settings(free_port())) as link:
        assert not await link.wait_connected(0.1)
        began = time.monotonic()
        with pytest.raises(BrokerAway, match="cannot be reached"):
            await link.publish("home/lamp/set", "ON")
        assert time.monotonic() - began < 2.5  # an expiry would have been 5 s


@pytest.mark.broker
async def test_a_message_comes_back_and_says_whether_the_broker_had_kept_it(mosquitto: Mosquitto) -> None:
    async with MqttLink(settings(mosquitto.port)) as link:
        assert await link.wait_connected(5)
        assert link.version == "MQTT 5"
        await link.publish("home/kept", "old", retain=True)
        heard = listen(link, "home/#")
        await until(lambda: len(heard) == 1)
        await link.publish("home/lamp", "ON", qos=0)
        await link.publish("home/lamp", "OFF", qos=2)
        await until(lambda: len(heard) == 3)
        assert heard == [
            ("home/kept", b"old", True),
            ("home/lamp", b"ON", False),
            ("home/lamp", b"OFF", False),
        ]


@pytest.mark.broker
async def test_after_the_broker_was_killed_the_link_comes_back_with_its_subscriptions(
    mosquitto: Mosquitto,
) -> None:
    async with MqttLink(settings(mosquitto.port)) as link:
        heard = listen(link, "home/+/set")
        assert await link.wait_connected(5)
        await asyncio.to_thread(mosquitto.kill)
        await until(lambda: not link.connected, "noticing")
        with pytest.raises(BrokerAway):
            await link.publish("home/lamp/set", "late")
        await asyncio.to_thread(mosquitto.start)
        assert await link.wait_connected(10)
        await link.publish("home/lamp/set", "ON")
        await until(lambda: heard)
        assert heard == [("home/lamp/set", b"ON", False)]


@pytest.mark.broker
async def test_an_order_that_was_never_acknowledged_does_not_arrive_later(mosquitto: Mosquitto) -> None:
    async with (
        MqttLink(settings(mosquitto.port, expiry_s=0.5)) as link,
        MqttLink(settings(mosquitto.port)) as other,
    ):
        heard = listen(other, "door/#")
        assert await link.wait_connected(5)
        assert await other.wait_connected(5)
        mosquitto.freeze()
        with pytest.raises(BrokerAway, match="did not acknowledge") as lost:
            await link.publish("door/set", "UNLOCK")
        assert lost.value.may_have_left
        with pytest.raises(BrokerAway):
            await link.publish("door/set", "UNLOCK")
        await asyncio.to_thread(mosquitto.kill)
        await until(lambda: not other.connected, "noticing")
        await asyncio.to_thread(mosquitto.start)
        assert await link.wait_connected(15)
        assert await other.wait_connected(15)
        await other.publish("any", "thing")  # once the broker has this, it has the subscription
        await link.publish("door/set", "LOCK")
        await until(lambda: heard)
        assert heard == [("door/set", b"LOCK", False)]


@pytest.mark.broker
async def test_a_broker_killed_before_the_acknowledgement_is_told_at_once(mosquitto: Mosquitto) -> None:
    async with MqttLink(settings(mosquitto.port, expiry_s=30)) as link:
        assert await link.wait_connected(5)
        mosquitto.freeze()
        order = asyncio.create_task(link.publish("door/set", "UNLOCK"))
        await asyncio.sleep(0)
        await asyncio.to_thread(mosquitto.kill)
        with pytest.raises(BrokerAway, match="before it acknowledged"):
            await asyncio.wait_for(order, 5)


@pytest.mark.broker
async def test_a_subscriber_that_raises_does_not_hurt_the_others(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    async with MqttLink(settings(mosquitto.port)) as link:
        link.subscribe("a/b", broken)
        heard = listen(link, "a/b")
        assert await link.wait_connected(5)
        await link.publish("a/b", "1")
        await until(lambda: heard)
        assert "a listener failed" in caplog.text
        assert link.connected


@pytest.mark.broker
async def test_ten_megabytes_are_dropped_with_a_line_and_the_next_message_arrives(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with MqttLink(settings(mosquitto.port)) as link:
        heard = listen(link, "cam/#")
        assert await link.wait_connected(5)
        await link.publish("cam/image", "x" * 10_000_000)
        await link.publish("cam/state", "ok")
        await until(lambda: heard)
        assert heard == [("cam/state", b"ok", False)]
        assert "dropped a message of 10000000 bytes on 'cam/image'" in caplog.text
        assert link.connected


@pytest.mark.broker
async def test_an_unsubscribed_listener_hears_nothing_more(mosquitto: Mosquitto) -> None:
    async with MqttLink(settings(mosquitto.port)) as link:
        assert await link.wait_connected(5)
        heard: Heard = []
        callback = lambda *message: heard.append(message)  # noqa: E731 - one object, named twice below
        link.subscribe("a", callback)
        kept = listen(link, "a")
        await link.publish("a", "1")
        await until(lambda: heard and kept)
        link.unsubscribe("a", callback)
        link.unsubscribe("never", callback)
        await link.publish("a", "2")
        await until(lambda: len(kept) == 2)
        assert len(heard) == 1


@pytest.mark.broker
async def test_an_observer_sees_what_goes_out_and_what_comes_in(mosquitto: Mosquitto) -> None:
    async with MqttLink(settings(mosquitto.port)) as link:
        seen: list[Traffic] = []
        stop = link.observe(seen.append)
        listen(link, "a")
        assert await link.wait_connected(5)
        await link.publish("a", "1")
        await until(lambda: len(seen) == 2)
        assert seen == [Traffic("out", "a", b"1", 1, False), Traffic("in", "a", b"1", 1, False)]
        stop()
        await link.publish("a", "2")
        assert len(seen) == 2


async def test_waiting_right_after_a_connection_ended_waits_for_the_next_one() -> None:
    async with fake_broker(ACCEPTED_5) as broker, MqttLink(settings(broker.port)) as link:
        assert await link.wait_connected(5)
        link._connection.abort("cut for the test")
        assert not link.connected
        assert await link.wait_connected(5)
        assert len(broker.versions) == 2


@pytest.mark.broker
async def test_greeters_run_after_each_connection(mosquitto: Mosquitto) -> None:
    async with MqttLink(settings(mosquitto.port)) as link:
        heard = listen(link, "hello")
        link.on_connect(lambda: link.publish("hello", "here"))
        await until(lambda: len(heard) == 1)
        await asyncio.to_thread(mosquitto.kill)
        await asyncio.to_thread(mosquitto.start)
        await until(lambda: len(heard) == 2, timeout=15)


@pytest.mark.broker
async def test_a_will_is_sent_for_a_link_that_dies_and_not_for_one_that_says_goodbye(
    mosquitto: Mosquitto,
) -> None:
    async with MqttLink(settings(mosquitto.port)) as witness:
        heard = listen(witness, "status/#")
        assert await witness.wait_connected(5)
        await witness.publish("any", "thing")  # once the broker has this, it has the subscription
        async with MqttLink(settings(mosquitto.port), will=Message("status/polite", "gone")) as polite:
            assert await polite.wait_connected(5)
        async with MqttLink(settings(mosquitto.port), will=Message("status/dead", "gone")) as dead:
            assert await dead.wait_connected(5)
            dead._connection.abort("dies for the test")
            await until(lambda: heard)
        assert heard == [("status/dead", b"gone", False)]


@pytest.mark.broker
async def test_a_wrong_password_is_named_and_never_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    require_mosquitto()
    caplog.set_level(logging.DEBUG)
    (tmp_path / "users").write_text("anna:not-a-hash\n")
    broker = Mosquitto(tmp_path, listener=["allow_anonymous false", f"password_file {tmp_path / 'users'}"])
    broker.start()
    try:
        async with MqttLink(settings(broker.port, username="anna", password="sesame-7")) as link:
            await until(lambda: "authori" in link.trouble.lower(), "the refusal")
            assert not link.connected
        assert "sesame-7" not in caplog.text + repr(link.settings)
    finally:
        broker.stop()


@pytest.mark.broker
async def test_a_broker_that_forbids_a_topic_is_not_called_away(tmp_path: Path) -> None:
    require_mosquitto()
    (tmp_path / "acl").write_text("topic read #\n")
    broker = Mosquitto(tmp_path, lines=[f"acl_file {tmp_path / 'acl'}"])
    broker.start()
    try:
        async with MqttLink(settings(broker.port)) as link:
            assert await link.wait_connected(5)
            with pytest.raises(BrokerRefused, match="refused"):
                await link.publish("door/set", "UNLOCK")
            assert link.connected
    finally:
        broker.stop()


@pytest.mark.broker
async def test_tls_trusts_the_named_authority_and_nobody_else(tmp_path: Path) -> None:
    require_mosquitto()
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    await asyncio.to_thread(
        subprocess.run,
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout {key} "
        f"-out {certificate} -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1".split(),
        check=True,
        capture_output=True,
    )
    broker = Mosquitto(
        tmp_path, listener=["allow_anonymous true", f"certfile {certificate}", f"keyfile {key}"]
    )
    broker.start()
    try:
        async with MqttLink(settings(broker.port, tls=True, ca_file=certificate)) as link:
            heard = listen(link, "a/#")
            assert await link.wait_connected(5)
            await link.publish("a/large", "x" * 1_000_000)
            await link.publish("a/small", "1")
            await until(lambda: len(heard) == 2)
        async with MqttLink(settings(broker.port, tls=True)) as stranger:
            await until(lambda: "certificate" in stranger.trouble.lower(), "the distrust")
            assert not stranger.connected
        async with MqttLink(settings(broker.port, tls=True, ca_file=tmp_path / "none")) as lost:
            await until(lambda: "there is no file" in lost.trouble, "the missing file")
    finally:
        broker.stop()


async def test_a_broker_that_refuses_mqtt_5_is_spoken_to_in_3_1_1_from_then_on() -> None:
    async with (
        fake_broker(REFUSED_VERSION_3, ACCEPTED_3) as broker,
        MqttLink(settings(broker.port)) as link,
    ):
        assert await link.wait_connected(5)
        assert link.version == "MQTT 3.1.1"
        link._connection.abort("cut for the test")
        await until(lambda: len(broker.versions) == 3)
        assert broker.versions == [5, 4, 4]


async def test_a_topic_that_is_not_utf_8_is_dropped_and_the_next_message_arrives() -> None:
    wrong = bytes([0x30, 5, 0, 2, 0xFF, 0xFE, ord("x")])
    right = bytes([0x30, 4, 0, 1, ord("a"), ord("x")])
    async with fake_broker(REFUSED_VERSION_3, ACCEPTED_3 + wrong + right) as broker:
        link = MqttLink(settings(broker.port))
        heard = listen(link, "#")
        async with link:
            await until(lambda: heard)
            assert heard == [("a", b"x", False)]


@pytest.mark.parametrize(
    "garbage",
    [
        bytes([0x30, 1, 0]),
        bytes([0xFF] * 40),
        bytes([0x30, 3, 0xFF, 0xFF, 1]),
        bytes([0x40, 0]),
        bytes([0x90, 1, 7]),
        bytes([0x30, 6, 0, 1, 97, 0xFF, 0xFF, 0xFF]),
    ],
)
async def test_a_broker_that_talks_nonsense_is_left_and_tried_again(garbage: bytes) -> None:
    async with (
        fake_broker(ACCEPTED_5 + garbage, ACCEPTED_5) as broker,
        MqttLink(settings(broker.port)) as link,
    ):
        await until(lambda: len(broker.versions) >= 2, "a second try")
        assert await link.wait_connected(5)


async def test_something_that_never_answers_is_not_a_broker() -> None:
    async with fake_broker(b"") as broker, MqttLink(settings(broker.port)) as link:
        assert not await link.wait_connected(0.3)


@pytest.mark.broker
@pytest.mark.parametrize(
    "topic", ["", "a/#", "a/+", "a\0", "a\x01b", "\ud800", "a" * 65_536, "/" * 150, "\ufffe"]
)
async def test_a_topic_that_brokers_hang_up_on_never_reaches_them(mosquitto: Mosquitto, topic: str) -> None:
    assert not topic_is_sound(topic)
    async with MqttLink(settings(mosquitto.port)) as link:
        assert await link.wait_connected(5)
        with pytest.raises(ValueError, match="no MQTT topic"):
            await link.publish(topic, "x")
        if not filter_is_sound(topic):
            with pytest.raises(ValueError, match="no MQTT filter"):
                link.subscribe(topic, lambda *_: None)
        await link.publish("still/there", "x")


@pytest.mark.parametrize(
    ("filter_", "topic", "matches"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("#", "a/b", True),
        ("+/b", "a/b", True),
        ("+/+", "/b", True),
        ("#", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("a/b", "a/B", False),
    ],
)
def test_filters_match_as_the_standard_says(filter_: str, topic: str, matches: bool) -> None:
    assert filter_matches(filter_, topic) is matches


@pytest.mark.parametrize("filter_", ["a/#/b", "a#", "a+/b", "#/a", ""])
def test_wildcards_stand_alone(filter_: str) -> None:
    assert not filter_is_sound(filter_)


def test_settings_refuse_what_cannot_be() -> None:
    for wrong in ({"host": ""}, {"port": 0}, {"port": 70_000}, {"expiry_s": 0}, {"max_payload_bytes": 0}):
        with pytest.raises(ValueError, match=r"."):
            MqttSettings(**wrong)
