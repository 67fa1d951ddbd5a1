import logging
from json import dumps
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Reachable, Reported, Vanished
from devices.discovery.homeassistant import HomeAssistant
from devices.home import Ability, Kind
from tests.devices.discovery.announcing import LAMP, announce, appeared, told

# -- who it is


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"name": None, "device": {"name": "Kitchen Light"}}, "Kitchen Light"),
        ({"name": "Glow", "device": {"name": "Kitchen Lamp"}}, "Kitchen Lamp Glow"),
        ({"name": "Kitchen Lamp Glow", "device": {"name": "Kitchen Lamp"}}, "Kitchen Lamp Glow"),
        ({"name": "Glow"}, "Glow"),
        ({"device": {"name": "Kitchen Lamp"}}, "Kitchen Lamp"),
        ({}, "lamp"),
        ({"name": "two\nlines\tof  it"}, "two lines of it"),
        ({"name": 7}, "7"),
    ],
)
def test_names_are_composed_as_home_assistant_does(config: dict[str, Any], name: str) -> None:
    _, device = appeared({**LAMP, **config})
    assert device.name == name


def test_a_nameless_sensor_is_named_for_what_it_measures() -> None:
    config = {"state_topic": "t", "device_class": "temperature", "device": {"name": "Porch"}}
    _, device = appeared(config, "sensor")
    assert device.name == "Porch Temperature"


def test_the_suggested_area_is_the_room_and_the_convention_is_noted() -> None:
    _, device = appeared({**LAMP, "device": {"suggested_area": "Living Room"}})
    assert (device.room, device.convention, device.kind) == ("Living Room", "homeassistant", Kind.LIGHT)
    assert device.id == "light.lamp"


def test_topics_with_a_node_count_and_others_do_not() -> None:
    convention = HomeAssistant()
    assert announce(convention, LAMP, "homeassistant/light/node/lamp/config")
    for topic in ("homeassistant/light/config", "homeassistant/a/b/c/d/config", "other/light/x/config"):
        assert announce(convention, LAMP | {"unique_id": "x"}, topic) == []


def test_an_empty_payload_takes_the_thing_back() -> None:
    convention = HomeAssistant()
    assert announce(convention, "") == []
    announce(convention, LAMP)
    assert announce(convention, "") == [Vanished("light.lamp")]
    assert announce(convention, "") == []
    assert len(announce(convention, LAMP)) == 1


def test_the_same_announcement_again_changes_nothing_and_another_replaces_it() -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    assert announce(convention, LAMP) == []
    (change,) = announce(convention, {**LAMP, "name": "New"})
    assert change.device.name == "New"
    changes = announce(convention, {**LAMP, "unique_id": "other"})
    assert [type(change) for change in changes] == [Appeared, Vanished]


def test_a_thing_announced_at_two_places_stays_the_first(caplog: pytest.LogCaptureFixture) -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    assert announce(convention, LAMP, "homeassistant/light/copy/config") == []
    assert "announced elsewhere" in caplog.text


@pytest.mark.parametrize(
    "payload",
    [
        "not json",
        "[]",
        "7",
        '{"command_topic": "a/#"}',
        '{"command_topic": ""}',
        '{"command_topic": 7}',
        '{"state_topic": "a"}',
        '{"command_topic": "a", "brightness_scale": "bright"}',
        '{"command_topic": "a", "brightness_scale": 0}',
        '{"command_topic": "a", "state_topic": "b", "state_value_template": "{% for a in b %}{% endfor %}"}',
        '{"command_topic": "a", "schema": "template"}',
        '{"command_topic": "a", "state_topic": "\\ud800"}',
        '{"command_topic": "a", "min_mireds": -3}',
        '{"command_topic": "a", "payload_on": {"a": 1}}',
        "[" * 5000,
    ],
)
def test_what_is_no_device_is_ignored_with_one_line(payload: str, caplog: pytest.LogCaptureFixture) -> None:
    assert announce(HomeAssistant(), payload) == []
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert "\n" not in caplog.records[0].getMessage()


def test_what_is_for_setting_up_or_switched_off_is_left_out() -> None:
    convention = HomeAssistant()
    for more in ({"entity_category": "config"}, {"ent_cat": "diagnostic"}, {"en": False}):
        assert announce(convention, {**LAMP, **more}) == []


def test_a_bad_update_takes_the_old_thing_away() -> None:
    convention = HomeAssistant()
    announce(convention, LAMP)
    assert announce(convention, "{") == [Vanished("light.lamp")]


# -- device announcements


def device_announcement() -> dict[str, Any]:
    return {
        "dev": {"ids": ["strip"], "name": "Desk", "sa": "Office"},
        "o": {"name": "maker"},
        "~": "desk",
        "avty_t": "~/up",
        "cmps": {
            "one": {
                "p": "light",
                "name": "Lamp",
                "uniq_id": "desk_lamp",
                "cmd_t": "~/lamp/set",
                "stat_t": "~/lamp",
            },
            "two": {"p": "switch", "name": "Fan", "uniq_id": "desk_fan", "cmd_t": "~/fan/set"},
            "gone": {"p": "sensor"},
        },
    }


def test_a_device_announcement_brings_all_its_things() -> None:
    convention = HomeAssistant()
    topic = "homeassistant/device/strip/config"
    changes = announce(convention, device_announcement(), topic)
    devices = {change.device.id: change for change in changes}
    assert set(devices) == {"light.desk_lamp", "switch.desk_fan"}
    assert devices["light.desk_lamp"].device.name == "Desk Lamp"
    assert devices["light.desk_lamp"].topics == {"desk/up", "desk/lamp"}
    assert devices["switch.desk_fan"].device.room == "Office"
    assert told(convention, devices["switch.desk_fan"].device, Ability.ON, True) == [("desk/fan/set", "ON")]
    assert convention.heard("desk/up", b"offline") == [
        Reachable("light.desk_lamp", False),
        Reachable("switch.desk_fan", False),
    ]


def test_a_thing_that_a_device_no_longer_names_is_taken_away() -> None:
    convention = HomeAssistant()
    topic = "homeassistant/device/strip/config"
    announce(convention, device_announcement(), topic)
    smaller = device_announcement()
    smaller["cmps"]["two"] = {"p": "switch"}
    assert Vanished("switch.desk_fan") in announce(convention, smaller, topic)
    assert announce(convention, "", topic) == [Vanished("light.desk_lamp")]


def test_a_thing_can_move_into_a_device_announcement() -> None:
    convention = HomeAssistant()
    announce(convention, {**LAMP, "unique_id": "desk_lamp"})
    assert announce(convention, '{"migrate_discovery": true}') == [Vanished("light.desk_lamp")]
    assert len(announce(convention, device_announcement(), "homeassistant/device/strip/config")) == 2


# -- availability


@pytest.mark.parametrize(
    ("mode", "words", "available"),
    [
        ("latest", [("a", "online"), ("b", "0")], [True, False]),
        ("all", [("a", "online"), ("b", "1")], [False, True]),
        ("any", [("a", "offline"), ("b", "1"), ("a", "nonsense")], [False, True]),
    ],
)
def test_availability_follows_its_mode(
    mode: str, words: list[tuple[str, str]], available: list[bool]
) -> None:
    both = [{"t": "a"}, {"t": "b", "pl_avail": "1", "pl_not_avail": 0}]
    convention, device = appeared({**LAMP, "avty": both, "avty_mode": mode})
    heard = [change for topic, word in words for change in convention.heard(topic, word.encode())]
    assert heard == [Reachable(device.id, each) for each in available]


def test_one_topic_may_tell_both_state_and_availability_through_templates() -> None:
    convention, device = appeared(
        {
            **LAMP,
            "state_value_template": "{{ value_json.state }}",
            "availability_topic": "lamp",
            "availability_template": "{{ 'online' if value_json.up else 'offline' }}",
        }
    )
    changes = convention.heard("lamp", b'{"state": "ON", "up": 1}')
    assert changes == [Reachable(device.id, True), Reported(device.id, {Ability.ON: True})]


def test_the_quality_of_service_is_the_configured_one_and_retain_is_never_taken_over() -> None:
    for asked, qos in ((0, 0), ("2", 2), (7, 1), (None, 1)):
        convention, device = appeared({**LAMP, "qos": asked, "retain": True})
        (message,) = convention.messages(DeviceCommand(device.id, Ability.ON, True), {})
        assert (message.qos, message.retain) == (qos, False)


def test_binary_words_from_a_device_are_ignored() -> None:
    convention, _ = appeared(LAMP)
    assert convention.heard("lamp", b"\xff\xfe") == ()
    assert convention.heard("nobody/asked", b"ON") == ()


# -- what hardware it is


@pytest.mark.parametrize(
    ("device", "identities"),
    [
        ({"identifiers": ["zigbee2mqtt_0x00158D0001A2B3C4"]}, {"ieee:0x00158d0001a2b3c4"}),
        ({"ids": "0x00158d0001a2b3c4"}, {"ieee:0x00158d0001a2b3c4"}),
        ({"cns": [["mac", "A4:CF:12:34:56:78"]]}, {"mac:a4cf12345678"}),
        ({"cns": [["mac", "a4-cf-12-34-56-78"]], "ids": ["TV"]}, {"mac:a4cf12345678", "id:TV"}),
        ({"ids": ["A4CF12345678"]}, {"mac:a4cf12345678"}),
        ({"ids": ["0x1234", 7]}, {"id:0x1234", "id:7"}),
        ({"cns": [["mac"], "mac", ["ip", "1"], ["mac", {}]], "ids": [None, [], ""]}, set()),
        ({"cns": {"mac": "a4:cf:12:34:56:78"}, "ids": {"a": 1}}, set()),
        ({}, set()),
        (["list"], set()),
    ],
)
def test_the_hardware_is_named_in_words_that_all_conventions_share(device: Any, identities: set[str]) -> None:
    _, found = appeared({**LAMP, "device": device})
    assert found.identities == identities


def test_a_device_has_no_more_identities_than_any_real_one() -> None:
    _, found = appeared({**LAMP, "device": {"ids": [f"id{each}" for each in range(1000)]}})
    assert len(found.identities) == 20


@pytest.mark.parametrize("component", ["number", "select", "text", "camera", "update", "nonsense"])
def test_what_has_no_ability_is_left_out_quietly(component: str, caplog: pytest.LogCaptureFixture) -> None:
    assert announce(HomeAssistant(), LAMP, f"homeassistant/{component}/lamp/config") == []
    assert all(record.levelno < logging.WARNING for record in caplog.records)


def test_an_announcement_that_is_too_long_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    assert announce(HomeAssistant(), {**LAMP, "name": "x" * 5_000_000}) == []
    assert "too long" in caplog.text


@pytest.mark.parametrize(("identifier", "things"), [("sotto_voce_1a2b3c", 0), ("kettle", 1)])
def test_our_own_device_in_home_assistant_is_none_of_our_home(identifier: str, things: int) -> None:
    words = {
        "device": {"identifiers": [identifier], "name": "Somebody"},
        "components": {"mute": {"platform": "switch", "command_topic": "somebody/muted/set"}},
    }
    heard = HomeAssistant().heard(f"homeassistant/device/{identifier}/config", dumps(words).encode())
    assert len(heard) == things
