import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, CannotError, Change, Reported
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt, bridge
from devices.discovery.zigbee2mqtt.convention import MAX_THINGS
from devices.home import Ability, Value
from devices.message import topic_is_sound
from tests.devices.discovery.zigbee2mqtt_words import (
    BLIND,
    COLOUR_LAMP,
    LOCK,
    SWITCH,
    device,
    devices,
    gang,
    group,
    heard,
    ieee,
    light,
    listed,
)

ODD: tuple[Any, ...] = (None, True, 1e400, -1, 10**400, "", "x" * 10_000, "\ud800", [], [[]], {}, {"a": []})

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
kinds = st.sampled_from(
    ["light", "switch", "cover", "lock", "climate", "fan", "binary", "numeric", "enum", "x"]
)
NAMES = """
state brightness color_temp color_xy color_hs position tilt lock_state mode speed system_mode fan_mode preset
occupied_heating_setpoint occupied_cooling_setpoint local_temperature temperature battery contact occupancy
motor_state alarm
"""
names = st.sampled_from(NAMES.split())
odd = st.sampled_from(ODD)
words = (
    st.sampled_from(["ON", "OFF", "OPEN", "CLOSE", "STOP", "LOCK", "heat", "cool", "low", "1", "off"]) | odd
)
flat = st.fixed_dictionaries(
    {"type": kinds | odd, "name": names | odd},
    optional={
        "property": names | odd,
        "access": st.integers(0, 7) | odd,
        "endpoint": st.sampled_from(["l1", "left"]) | odd,
        "category": st.sampled_from(["config", "diagnostic"]) | odd,
        "value_on": words,
        "value_off": words,
        "values": st.lists(words, max_size=5) | odd,
        "value_min": odd,
        "value_max": odd,
        "value_step": odd,
    },
)
features = st.builds(
    lambda outer, inner: {**outer, "features": inner}, flat, st.lists(flat, max_size=4) | odd
)
VALUES: Sequence[Value] = (
    True,
    False,
    0,
    50,
    100,
    -5,
    float("nan"),
    "stopped",
    "heat",
    "low",
    (255, 0, 0),
    2700,
    21.5,
)


def dumped(said: Any) -> bytes:
    return json.dumps(said).encode()


def exercise(convention: Zigbee2Mqtt, changes: Sequence[Change]) -> None:
    """Order everything of everything: only `CannotError` may come of it."""
    for found in devices(changes):
        for ability in found.abilities:
            for value in VALUES:
                command = DeviceCommand(found.id, ability, value)
                state: dict[Ability, Value] = {ability: 50, Ability.ON: True, Ability.POSITION: 50}
                try:
                    (message,) = convention.messages(command, state)
                    convention.satisfied(command, state)
                except CannotError:
                    continue
                assert topic_is_sound(message.topic)
                assert isinstance(json.loads(message.payload), dict)


@given(
    payload=st.binary(max_size=200),
    below=st.sampled_from(["devices", "groups", "state", "logging", "info", ""]),
)
def test_no_bytes_on_the_bridges_topics_raise(payload: bytes, below: str) -> None:
    convention, _ = listed(device("thing", COLOUR_LAMP))
    convention.heard(f"zigbee2mqtt/bridge/{below}", payload)


@given(said=json_values)
def test_no_json_as_a_list_or_state_raises(said: Any) -> None:
    convention, _ = listed(device("thing", COLOUR_LAMP, LOCK, BLIND))
    for topic in (
        "thing",
        "thing/availability",
        "bridge/groups",
        "bridge/state",
        "bridge/logging",
        "bridge/devices",
    ):
        heard(convention, topic, dumped(said))


@given(exposes=st.lists(features, max_size=6), said=st.dictionaries(names, words, max_size=8))
def test_no_description_of_a_device_raises_and_no_nonsense_enters_its_state(
    exposes: list[Any], said: dict[str, Any]
) -> None:
    convention = Zigbee2Mqtt()
    changes = heard(convention, "bridge/devices", dumped([device("thing", *exposes)]))
    exercise(convention, changes)
    known = {found.id for found in devices(changes)}
    for change in heard(convention, "thing", dumped(said)):
        assert isinstance(change, Reported)
        assert change.device_id in known
        for value in change.state.values():
            assert value is None or isinstance(value, bool | int | float | str | tuple)
            assert not isinstance(value, float) or abs(value) < float("inf")


@given(
    name=st.text(max_size=40),
    members=st.lists(st.tuples(st.integers(), json_values), max_size=3),
)
def test_no_name_and_no_group_makes_an_unsound_topic(name: str, members: list[Any]) -> None:
    convention, _ = listed(device("lamp", light()))
    listed_groups = [
        {
            **group(name, (1, 1)),
            "members": [{"ieee_address": ieee(1), "endpoint": each} for _, each in members],
        }
    ]
    changes = [
        *heard(convention, "bridge/groups", dumped(listed_groups)),
        *heard(convention, "bridge/devices", dumped([device(name, SWITCH, number=2)])),
    ]
    for change in changes:
        if isinstance(change, Appeared):
            assert all(topic_is_sound(topic) for topic in change.topics)
    exercise(convention, changes)


@pytest.mark.parametrize("wrong", ODD)
@pytest.mark.parametrize(
    "key",
    [
        "friendly_name",
        "ieee_address",
        "definition",
        "endpoints",
        "type",
        "power_source",
        "interview_completed",
    ],
)
def test_one_broken_device_does_not_hide_the_next(key: str, wrong: Any) -> None:
    convention = Zigbee2Mqtt()
    broken = {**device("broken", SWITCH), key: wrong}
    found = devices(heard(convention, "bridge/devices", dumped([broken, device("lamp", SWITCH, number=2)])))
    assert "lamp" in [each.name for each in found]


@pytest.mark.parametrize("raw", [b"{", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_list_that_is_none_leaves_everything_as_it_was(raw: bytes) -> None:
    convention, _ = listed(device("lamp", SWITCH))
    assert heard(convention, "bridge/devices", raw) == ()
    assert heard(convention, "lamp", {"state": "ON"})


@pytest.mark.parametrize(
    "name",
    [
        *("a/+/b", "#", "lamp/#", "", "  ", "/lamp", "lamp/", "a//b", "bridge", "bridge/state"),
        *("lamp/set", "lamp/get/state", "lamp/availability"),
        *("x" * 300, "a\x00b", "a\nb", "/".join("a" * 150), "\ud800"),
    ],
)
def test_a_name_that_cannot_be_a_topic_of_its_own_is_left_out(name: str) -> None:
    convention = Zigbee2Mqtt()
    assert heard(convention, "bridge/devices", dumped([device(name, SWITCH)])) == ()


def test_two_devices_of_one_name_are_both_left_out_until_it_is_clear_who_speaks() -> None:
    convention, (lamp,) = listed(device("lamp", SWITCH))
    changes = heard(convention, "bridge/devices", [device("lamp", SWITCH), device("lamp", SWITCH, number=2)])
    assert [type(each).__name__ for each in changes] == ["Vanished"]
    assert heard(convention, "lamp", {"state": "ON"}) == ()
    again = heard(convention, "bridge/devices", [device("lamp", SWITCH), device("other", SWITCH, number=2)])
    assert [each.name for each in devices(again)] == ["lamp", "other"]
    assert heard(convention, "lamp", {"state": "ON"}) == (Reported(lamp.id, {Ability.ON: True}),)


def test_a_group_cannot_speak_for_a_device_of_its_name() -> None:
    convention, (lamp,) = listed(device("lamp", SWITCH))
    heard(convention, "bridge/groups", [group("lamp", (1, 1))])
    assert heard(convention, "lamp", {"state": "ON"}) == ()
    heard(convention, "bridge/groups", [])
    assert heard(convention, "lamp", {"state": "ON"}) == (Reported(lamp.id, {Ability.ON: True}),)


def test_one_address_listed_twice_is_the_first() -> None:
    _, found = listed(device("one", SWITCH), device("two", SWITCH))
    assert [each.name for each in found] == ["one"]


def test_a_huge_list_is_cut() -> None:
    _, found = listed(*(device(f"lamp {number}", SWITCH, number=number) for number in range(1_500)))
    assert len(found) == bridge.MAX_LISTED
    relays = [gang(f"l{number}") for number in range(90)]
    _, found = listed(*(device(f"wall {number}", *relays, number=number) for number in range(100)))
    assert len(found) == MAX_THINGS


def test_five_megabytes_are_only_a_long_state() -> None:
    convention, (lamp,) = listed(device("lamp", COLOUR_LAMP))
    said = heard(convention, "lamp", {"noise": "x" * 5_000_000, "state": "ON"})
    assert said == (Reported(lamp.id, {Ability.ON: True}),)
    assert heard(convention, "lamp", b"[" * 5_000_000) == ()
