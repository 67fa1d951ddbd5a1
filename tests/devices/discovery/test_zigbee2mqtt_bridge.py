import json
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Asks, Reachable, Refused, Reported, Vanished
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt
from devices.home import Ability, Kind
from tests.devices.discovery.zigbee2mqtt_words import (
    BATTERY,
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
    numeric,
)


@pytest.mark.parametrize(
    "more",
    [
        {"type": "Coordinator"},
        {"disabled": True},
        {"supported": False},
        {"interview_completed": False},
        {"interviewing": True},
        {"definition": None},
        {"ieee_address": "no address"},
    ],
)
def test_what_cannot_be_used_is_left_out(more: dict[str, Any]) -> None:
    assert listed(device("thing", SWITCH, **more))[1] == []


def test_a_device_is_asked_how_it_is_as_soon_as_it_is_there() -> None:
    convention = Zigbee2Mqtt()
    changes = heard(convention, "bridge/devices", [device("厨房/灯", COLOUR_LAMP)])
    (question,) = [each for each in changes if isinstance(each, Asks)]
    (message,) = question.messages
    assert question.device_id == f"zigbee2mqtt.{ieee(1)}.light"
    assert message.topic == "zigbee2mqtt/厨房/灯/get"
    assert json.loads(message.payload) == {"state": "", "brightness": "", "color": ""}
    assert (message.qos, message.retain) == (1, False)


def test_a_sensors_battery_is_not_spent_on_questions() -> None:
    convention = Zigbee2Mqtt()
    asleep = device("thing", numeric("temperature", access=5), power_source="Battery")
    assert not [each for each in heard(convention, "bridge/devices", [asleep]) if isinstance(each, Asks)]


def test_the_same_list_again_changes_nothing() -> None:
    convention, _ = listed(device("thing", COLOUR_LAMP, BATTERY))
    assert heard(convention, "bridge/devices", [device("thing", COLOUR_LAMP, BATTERY)]) == ()


def test_a_renamed_device_stays_the_same_and_moves_its_topics() -> None:
    convention, (before,) = listed(device("lamp", SWITCH))
    changes = heard(convention, "bridge/devices", [device("hall/lamp", SWITCH)])
    (appeared,) = [each for each in changes if isinstance(each, Appeared)]
    assert (appeared.device.id, appeared.device.name) == (before.id, "hall lamp")
    assert appeared.topics == {"zigbee2mqtt/hall/lamp", "zigbee2mqtt/hall/lamp/availability"}
    assert heard(convention, "lamp", {"state": "ON"}) == ()
    assert heard(convention, "hall/lamp", {"state": "ON"}) == (Reported(before.id, {Ability.ON: True}),)
    (message,) = convention.messages(DeviceCommand(before.id, Ability.ON, True), {})
    assert message.topic == "zigbee2mqtt/hall/lamp/set"


def test_a_removed_device_vanishes_with_all_its_parts() -> None:
    convention, found = listed(device("plug", SWITCH, BATTERY), device("lamp", SWITCH, number=2))
    changes = heard(convention, "bridge/devices", [device("lamp", SWITCH, number=2)])
    assert changes == (Vanished(found[0].id), Vanished(found[1].id))
    assert heard(convention, "bridge/devices", b"") == (Vanished(found[2].id),)


def test_a_device_that_takes_the_name_of_a_removed_one_does_not_take_its_state() -> None:
    convention, _ = listed(device("lamp", SWITCH))
    (other,) = devices(heard(convention, "bridge/devices", [device("lamp", SWITCH, number=2)]))
    assert heard(convention, "lamp", {"state": "ON"}) == (Reported(other.id, {Ability.ON: True}),)


def test_a_group_is_one_thing_with_members_and_its_own_topic() -> None:
    convention, (one, two) = listed(device("one", COLOUR_LAMP), device("two", light(), number=2))
    changes = heard(convention, "bridge/groups", [group("living_room/lamps", (1, 1), (2, 11), id_=5)])
    (lamps,) = devices(changes)
    assert (lamps.id, lamps.name, lamps.kind) == ("zigbee2mqtt.group_5", "living room lamps", Kind.LIGHT)
    assert lamps.members == (one.id, two.id)
    assert Ability.COLOUR in lamps.abilities
    assert lamps.identities == {"id:zigbee2mqtt_1221051039810110150109113116116_5"}
    assert not [each for each in changes if isinstance(each, Asks)]
    (message,) = convention.messages(DeviceCommand(lamps.id, Ability.BRIGHTNESS, 100), {})
    assert message.topic == "zigbee2mqtt/living_room/lamps/set"
    assert json.loads(message.payload) == {"state": "ON", "brightness": 254}
    assert heard(convention, "living_room/lamps", {"state": "ON"}) == (
        Reported(lamps.id, {Ability.ON: True}),
    )


def test_a_group_of_one_gang_has_only_that_gang_and_the_plain_key() -> None:
    endpoints = {"1": {"name": "left"}, "2": {"name": "right"}}
    convention, (_, right) = listed(device("wall", gang("left"), gang("right"), endpoints=endpoints))
    (together,) = devices(heard(convention, "bridge/groups", [group("upstairs", (1, 2))]))
    assert together.members == (right.id,)
    (message,) = convention.messages(DeviceCommand(together.id, Ability.ON, True), {})
    assert json.loads(message.payload) == {"state": "ON"}


def test_lamps_and_plugs_in_one_group_go_on_and_off_together_and_locks_with_lamps_do_not() -> None:
    convention, _ = listed(
        device("lamp", light()), device("plug", SWITCH, number=2), device("door", LOCK, number=3)
    )
    mixed = group("mixed", (1, 1), (2, 1), id_=1)
    odd = group("odd", (1, 1), (3, 1), id_=2)
    (found,) = devices(heard(convention, "bridge/groups", [mixed, odd, group("empty", id_=3)]))
    assert (found.name, found.kind, found.abilities) == ("mixed", Kind.SWITCH, {Ability.ON})


def test_a_group_that_is_listed_before_its_members_appears_with_them_and_goes_with_them() -> None:
    convention = Zigbee2Mqtt()
    assert heard(convention, "bridge/groups", [group("lamps", (1, 1))]) == ()
    found = devices(heard(convention, "bridge/devices", [device("lamp", light())]))
    assert [each.name for each in found] == ["lamp", "lamps"]
    assert set(heard(convention, "bridge/devices", [])) == {Vanished(each.id) for each in found}


@pytest.mark.parametrize(
    ("payload", "available"), [({"state": "offline"}, False), (b"offline", False), (b"online", True)]
)
def test_availability_comes_as_json_and_as_a_plain_word(payload: Any, available: bool) -> None:
    convention, (lamp, battery) = listed(device("hall/lamp", SWITCH, BATTERY))
    assert heard(convention, "hall/lamp/availability", payload) == (
        Reachable(lamp.id, available),
        Reachable(battery.id, available),
    )


def test_nobody_can_be_reached_through_a_bridge_that_is_away() -> None:
    convention, (one, two) = listed(device("one", SWITCH), device("two", SWITCH, number=2))
    heard(convention, "one/availability", {"state": "offline"})
    away = heard(convention, "bridge/state", {"state": "offline"})
    assert away == (Reachable(one.id, False), Reachable(two.id, False))
    assert heard(convention, "two/availability", b"online") == (Reachable(two.id, False),)
    (late,) = devices(heard(convention, "bridge/devices", [device("three", SWITCH, number=3)]))
    assert not late.available


def test_a_bridge_that_is_back_is_asked_anew_and_who_was_unreachable_stays_so() -> None:
    convention, (one, two) = listed(device("one", SWITCH), device("two", SWITCH, number=2))
    heard(convention, "one/availability", {"state": "offline"})
    heard(convention, "bridge/state", b"offline")
    back = heard(convention, "bridge/state", b"online")
    assert [each for each in back if isinstance(each, Reachable)] == [
        Reachable(one.id, False),
        Reachable(two.id, True),
    ]
    assert [each.device_id for each in back if isinstance(each, Asks)] == [one.id, two.id]
    assert not [each for each in heard(convention, "bridge/state", b"online") if isinstance(each, Asks)]


def test_an_order_that_the_radio_could_not_deliver_is_refused_in_its_words() -> None:
    convention, (lamp, _) = listed(device("hall/lamp", SWITCH, BATTERY))
    why = "'Error: ZCL command 0x1/11 genOnOff.on({}) failed (no route)'"
    line = f"z2m: Publish 'set' 'state' to 'hall/lamp' failed: {why}"
    said = {"level": "error", "message": line, "namespace": "z2m"}
    assert heard(convention, "bridge/logging", said) == (Refused(lamp.id, "no route"),)
    question = {**said, "message": line.replace("'set'", "'get'")}
    assert heard(convention, "bridge/logging", question) == ()
    assert heard(convention, "bridge/logging", {**said, "message": line.replace("hall/", "")}) == ()


def test_another_base_topic_is_another_convention() -> None:
    upstairs = Zigbee2Mqtt("house/zigbee-up")
    payload = json.dumps([device("lamp", SWITCH)]).encode()
    (lamp,) = devices(upstairs.heard("house/zigbee-up/bridge/devices", payload))
    assert lamp.id == f"house/zigbee-up.{ieee(1)}.switch"
    assert upstairs.heard("zigbee2mqtt/bridge/devices", payload) == ()
    for bad in ("", "a/#", "a/", "+"):
        with pytest.raises(ValueError, match="base topic"):
            Zigbee2Mqtt(bad)
