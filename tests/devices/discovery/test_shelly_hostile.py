"""Those who say they are online and are none, and those who mean harm."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery.convention import CannotError
from devices.discovery.shelly import ShellyGen2
from devices.discovery.shelly.convention import MAX_PAYLOAD_BYTES, MAX_STRANGERS, MAX_TRIES
from devices.home import Ability
from devices.message import topic_is_sound
from tests.devices.discovery.fake_shelly import PAYLOADS, FakeShelly
from tests.devices.discovery.shelly_house import House

REPLY = "sotto_voce/k3x9/rpc"


def test_whoever_is_online_and_does_not_answer_leaves_no_trace() -> None:
    house = House()
    house.hears("zigbee/online", "true")
    assert house.home.find() == ()
    assert [json.loads(message.payload)["method"] for message in house.asked] == ["Shelly.GetDeviceInfo"]
    for word in ("online", "True", "1", "", '{"state":"online"}', b"\xff"):
        assert house.hears("other/online", word) == []


def test_an_endless_stream_of_made_up_prefixes_is_not_answered_for_ever() -> None:
    real = FakeShelly("plus_1pm")
    house = House(real)
    house.asked.clear()
    for number in range(5 * MAX_STRANGERS):
        house.hears(f"fake{number}/online", "true")
    assert len(house.asked) <= MAX_STRANGERS
    house.orders(house.named("Kitchen Ceiling"), Ability.ON, True)
    assert house.satisfied(house.named("Kitchen Ceiling"), Ability.ON, True)
    for number in range(MAX_STRANGERS):
        house.hears(f"fake{number}/online", "false")
    house.devices["hall/rpc"] = FakeShelly("dimmer", prefix="hall")
    house.hears("hall/online", "true")
    assert house.named("Bedroom Lamp")


def test_one_prefix_is_not_asked_for_ever_either() -> None:
    house = House()
    for _ in range(10 * MAX_TRIES):
        house.hears("nobody/online", "true")
    assert len(house.asked) == MAX_TRIES
    house.hears("nobody/online", "false")
    house.hears("nobody/online", "true")
    assert len(house.asked) == MAX_TRIES + 1


def test_an_answer_to_nothing_that_was_asked_is_ignored() -> None:
    device = FakeShelly("plus_1pm")
    house = House()
    info = json.loads((PAYLOADS / "plus_1pm.json").read_text())["Shelly.GetDeviceInfo"]
    for number in (0, 1, -5, 10**30, True, "1", None, 1.0):
        assert house.hears(REPLY, json.dumps({"id": number, "src": device.id, "result": info})) == []
    house.hears("shelly/online", "true")
    question = json.loads(house.asked[-1].payload)["id"]
    assert house.hears(REPLY, json.dumps({"id": question + 1, "src": device.id, "result": info})) == []
    assert len(house.home) == 0


def test_nobody_answers_in_another_s_place() -> None:
    device = FakeShelly("plus_1pm")
    house = House(device)
    lamp = house.named("Kitchen Ceiling")
    (message,) = house.convention.messages(DeviceCommand(lamp.id, Ability.ON, True), lamp.state)
    number = json.loads(message.payload)["id"]
    forged = {"id": number, "src": "shellyplus1-000000000000", "error": {"code": 1, "message": "no"}}
    assert house.hears(REPLY, json.dumps(forged)) == []
    assert house.hears(*device.answer(message.payload)), "the device's own answer still counts"


def test_an_answer_counts_once() -> None:
    device = FakeShelly("pro_2")
    house = House(device)
    machine = house.named("Laundry Washing Machine")
    (message,) = house.convention.messages(DeviceCommand(machine.id, Ability.ON, True), machine.state)
    answer = device.answer(message.payload)
    assert house.hears(*answer)
    assert house.hears(*answer) == []


def test_nobody_introduces_himself_as_another() -> None:
    house = House()
    house.hears("liar/online", "true")
    info = json.loads((PAYLOADS / "plus_1pm.json").read_text())["Shelly.GetDeviceInfo"]
    number = json.loads(house.asked[-1].payload)["id"]
    assert house.hears(REPLY, json.dumps({"id": number, "src": "somebody-else", "result": info})) == []


def test_a_second_prefix_does_not_take_over_a_device_that_is_online() -> None:
    device = FakeShelly("plus_1pm")
    house = House(device)
    house.devices["thief/rpc"] = FakeShelly("plus_1pm", prefix="thief")
    house.hears("thief/online", "true")
    house.orders(house.named("Kitchen Ceiling"), Ability.ON, True)
    assert house.asked[-1].topic == f"{device.prefix}/rpc"


def test_a_notification_of_another_device_says_nothing_about_this_one() -> None:
    device, other = FakeShelly("plus_1pm"), FakeShelly("pro_2")
    house = House(device, other)
    topic, _ = device.notifies()
    _, payload = other.notifies(switch_0={"id": 0, "output": True})
    assert house.hears(topic, payload) == []


def test_a_huge_message_is_not_even_read() -> None:
    device = FakeShelly("plus_1pm")
    house = House(device)
    topic, payload = device.notifies(switch_0={"output": True, "x": "y" * MAX_PAYLOAD_BYTES})
    assert house.hears(topic, payload) == []


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["open", "rgb", "cct", "opening", 1e400, 10**400]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "id output brightness rgb ct mode state current_pos slat_pos pos_control apower aenergy "  # noqa: SIM905 - words
                "total tC rh lux alarm target_C enable name ct_range sys ui_data consumption_types "
                "wakeup_period battery percent events event".split()
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=15,
)
KEYS = st.builds(
    "{}:{}".format,
    st.sampled_from(
        ["switch", "light", "rgb", "rgbw", "cct", "rgbcct", "cover", "thermostat", "em", "smoke"]
    ),
    st.sampled_from(["0", "1", "x", "-1", "²", "99999999"]),
)
OBJECTS = st.dictionaries(KEYS | st.sampled_from(["sys", "ts"]), JSON, max_size=6)


@given(config=OBJECTS, status=OBJECTS, said=st.lists(st.tuples(KEYS, JSON), max_size=5), order=JSON)
@settings(max_examples=100, deadline=None)
def test_no_device_says_anything_that_raises(
    config: Any, status: Any, said: list[tuple[str, Any]], order: Any
) -> None:
    device = FakeShelly("plus_1pm")
    house = House()
    house.devices[f"{device.prefix}/rpc"] = device
    device._answers |= {"Shelly.GetConfig": config, "Shelly.GetStatus": status}
    device.status = {}
    house.hears(f"{device.prefix}/online", "true")
    for key, about in said:
        house.hears(f"{device.prefix}/status/{key}", json.dumps(about))
        frame = {"src": device.id, "method": "NotifyStatus", "params": {key: about}}
        house.hears(f"{device.prefix}/events/rpc", json.dumps(frame))
    for thing in house.home:
        json.dumps([str(each) for each in thing.state.values()], allow_nan=False)
        assert not any(isinstance(each, float) and each != each for each in thing.state.values())
        thing.name.encode()
        for ability in thing.abilities:
            try:
                messages = house.convention.messages(DeviceCommand(thing.id, ability, order), thing.state)
                house.satisfied(thing, ability, order)
            except CannotError:
                continue
            assert all(topic_is_sound(message.topic) for message in messages)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([REPLY, "a/online", "a/b/online", "/online", "a/events/rpc", "a/status/switch:0"])
            | st.text(max_size=10),
            st.binary(max_size=40)
            | JSON.map(json.dumps).map(str.encode)
            | st.sampled_from([b"true", b"false", b""])
            | st.builds(
                lambda number, result: json.dumps({"id": number, "src": "x", "result": result}).encode(),
                st.integers(0, 5),
                JSON,
            ),
        ),
        max_size=12,
    )
)
@settings(max_examples=100, deadline=None)
def test_nothing_that_a_broker_sends_raises(messages: list[tuple[str, bytes]]) -> None:
    house = House()
    for topic, payload in messages:
        house.hears(topic, payload)
    assert len(house.home) == 0


@pytest.mark.parametrize("session", ["", "a/b", "a+", "#", "\0"])
def test_a_session_that_is_no_level_of_a_topic_is_said_at_once(session: str) -> None:
    with pytest.raises(ValueError, match="level of a topic"):
        ShellyGen2(session)
