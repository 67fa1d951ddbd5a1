import json
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import CannotError, Refused, Reported
from devices.home import Ability, Kind, Value
from tests.devices.discovery.fake_shelly import PAYLOADS, FakeShelly
from tests.devices.discovery.shelly_house import House

MODELS = sorted(file.stem for file in PAYLOADS.glob("*.json"))


def test_whoever_is_online_is_asked_who_he_is_and_then_what_he_has() -> None:
    house = House(FakeShelly("plus_1pm"))
    assert [json.loads(message.payload)["method"] for message in house.asked] == [
        "Shelly.GetDeviceInfo",
        "Shelly.GetConfig",
        "Shelly.GetStatus",
    ]
    lamp = house.named("Kitchen Ceiling")
    assert lamp.kind is Kind.LIGHT, "its owner says that it feeds a light"
    assert lamp.identities == {"mac:a8032abe54dc"}
    assert lamp.state == {Ability.ON: False}
    power = house.named("Kitchen Ceiling Power")
    assert (power.unit, power.device_class, power.state) == ("W", "power", {Ability.READING: 12.4})


EXPECTED = {
    "plus_1pm": {"Kitchen Ceiling", "Kitchen Ceiling Power", "Kitchen Ceiling Energy"},
    "pro_2": {"Laundry Washing Machine", "Laundry 2"},
    "cover": {"客厅百叶窗", "客厅百叶窗 Power"},
    "cover_uncalibrated": {"Awning"},
    "dimmer": {"Bedroom Lamp"},
    "rgbw_pm": {"Shelf Strip", "Shelf Strip Power", "Shelf Strip Energy"},
    "pro_rgbww": {"Bar Colour", "Bar White"},
    "bulb": {"Reading Lamp"},
    "wall_display": {
        "Hallway",
        "Hallway Boiler",
        "Hallway Temperature",
        "Hallway Humidity",
        "Hallway Illuminance",
    },
    "ht_sleeping": {"Bathroom Temperature", "Bathroom Humidity", "Bathroom Battery"},
    "energy_meter": {"Main Power", "Main Energy"},
    "flood_and_smoke": {"Cellar Water", "Cellar Smoke"},
}


@pytest.mark.parametrize("model", MODELS)
def test_each_device_becomes_the_things_that_a_person_would_name(model: str) -> None:
    house = House(FakeShelly(model))
    assert {device.name for device in house.home} == EXPECTED[model]
    assert all(device.state for device in house.home), "each has said how it is"
    assert all(device.convention == "shelly" for device in house.home)


ORDERS: list[tuple[str, str, Ability, Value, str, dict[str, Any]]] = [
    ("plus_1pm", "Kitchen Ceiling", Ability.ON, True, "Switch.Set", {"id": 0, "on": True}),
    ("pro_2", "Laundry 2", Ability.ON, True, "Switch.Set", {"id": 1, "on": True}),
    ("dimmer", "Bedroom Lamp", Ability.BRIGHTNESS, 70, "Light.Set", {"id": 0, "on": True, "brightness": 70}),
    ("dimmer", "Bedroom Lamp", Ability.BRIGHTNESS, 0, "Light.Set", {"id": 0, "on": False}),
    ("dimmer", "Bedroom Lamp", Ability.BRIGHTNESS, 0.2, "Light.Set", {"id": 0, "on": True, "brightness": 1}),
    (
        "pro_rgbww",
        "Bar Colour",
        Ability.COLOUR,
        (255, 0, 0),
        "RGB.Set",
        {"id": 0, "on": True, "rgb": [255, 0, 0]},
    ),
    (
        "pro_rgbww",
        "Bar White",
        Ability.COLOUR_TEMPERATURE,
        5000,
        "CCT.Set",
        {"id": 0, "on": True, "ct": 5000},
    ),
    (
        "pro_rgbww",
        "Bar White",
        Ability.COLOUR_TEMPERATURE,
        2000,
        "CCT.Set",
        {"id": 0, "on": True, "ct": 3000},
    ),
    (
        "rgbw_pm",
        "Shelf Strip",
        Ability.COLOUR,
        (0, 0, 255),
        "RGBW.Set",
        {"id": 0, "on": True, "rgb": [0, 0, 255], "white": 0},
    ),
    (
        "bulb",
        "Reading Lamp",
        Ability.COLOUR,
        (0, 255, 0),
        "RGBCCT.Set",
        {"id": 0, "on": True, "rgb": [0, 255, 0], "mode": "rgb"},
    ),
    (
        "bulb",
        "Reading Lamp",
        Ability.COLOUR_TEMPERATURE,
        4000,
        "RGBCCT.Set",
        {"id": 0, "on": True, "ct": 4000, "mode": "cct"},
    ),
    ("cover", "客厅百叶窗", Ability.OPEN, True, "Cover.Open", {"id": 0}),
    ("cover", "客厅百叶窗", Ability.OPEN, False, "Cover.Close", {"id": 0}),
    ("cover", "客厅百叶窗", Ability.POSITION, 75, "Cover.GoToPosition", {"id": 0, "pos": 75}),
    ("cover", "客厅百叶窗", Ability.TILT, 50, "Cover.GoToPosition", {"id": 0, "slat_pos": 50}),
    ("cover", "客厅百叶窗", Ability.MOTION, "stopped", "Cover.Stop", {"id": 0}),
    (
        "wall_display",
        "Hallway",
        Ability.SETPOINT,
        22.5,
        "Thermostat.SetConfig",
        {"id": 0, "config": {"id": 0, "target_C": 22.5}},
    ),
    (
        "wall_display",
        "Hallway",
        Ability.MODE,
        "off",
        "Thermostat.SetConfig",
        {"id": 0, "config": {"id": 0, "enable": False}},
    ),
]


@pytest.mark.parametrize(("model", "name", "ability", "value", "method", "params"), ORDERS)
def test_an_order_is_a_call_and_the_device_is_asked_what_became_of_it(
    model: str, name: str, ability: Ability, value: Value, method: str, params: dict[str, Any]
) -> None:
    hardware = FakeShelly(model)
    house = House(hardware)
    device = house.named(name)
    assert house.orders(device, ability, value) == (method, params)
    assert json.loads(house.asked[-1].payload)["method"] == f"{method.partition('.')[0]}.GetStatus"
    if device.kind is Kind.COVER:
        house.hears(*hardware.arrives())
    assert house.satisfied(device, ability, value)


def test_what_is_as_it_was_asked_to_be_says_so_again() -> None:
    house = House(FakeShelly("pro_2"))
    machine = house.named("Laundry Washing Machine")
    messages = house.convention.messages(DeviceCommand(machine.id, Ability.ON, True), machine.state)
    assert Reported(machine.id, {Ability.ON: True}) in house.sends(messages)


def test_a_refusal_is_told_in_the_device_s_own_words() -> None:
    device = FakeShelly("cover")
    house = House(device)
    device.refuses = "Overpower, clear the error first"
    blind = house.named("客厅百叶窗")
    house.orders(blind, Ability.OPEN, True)
    assert house.refused == [Refused(blind.id, "Overpower, clear the error first")]
    assert not house.satisfied(blind, Ability.OPEN, True)


@pytest.mark.parametrize(
    ("name", "ability", "value"),
    [
        ("客厅百叶窗", Ability.MOTION, "opening"),
        ("客厅百叶窗", Ability.POSITION, 101),
        ("客厅百叶窗", Ability.OPEN, "open"),
        ("客厅百叶窗", Ability.BRIGHTNESS, 10),
        ("客厅百叶窗 Power", Ability.READING, 10),
    ],
)
def test_what_a_device_cannot_do_is_not_sent(name: str, ability: Ability, value: Value) -> None:
    house = House(FakeShelly("cover"))
    with pytest.raises(CannotError):
        house.orders(house.named(name), ability, value)


def test_a_cover_that_was_not_calibrated_has_no_position_but_opens() -> None:
    device = FakeShelly("cover_uncalibrated")
    house = House(device)
    awning = house.named("Awning")
    assert awning.abilities == {Ability.OPEN, Ability.MOTION}
    house.orders(awning, Ability.OPEN, True)
    assert not house.satisfied(awning, Ability.OPEN, True), "it has only begun"
    house.hears(*device.arrives())
    assert house.satisfied(awning, Ability.OPEN, True)


def test_a_cover_on_its_way_is_not_yet_there() -> None:
    device = FakeShelly("cover")
    house = House(device)
    blind = house.named("客厅百叶窗")
    house.hears(*device.notifies(cover_0={"id": 0, "state": "opening", "target_pos": 100}))
    assert house.home.get(blind.id).state[Ability.MOTION] == "opening"
    house.hears(*device.notifies(cover_0={"id": 0, "current_pos": 99}))
    assert not house.satisfied(blind, Ability.OPEN, True)
    house.hears(*device.notifies(cover_0={"id": 0, "state": "stopped"}))
    assert house.satisfied(blind, Ability.OPEN, True)


def test_a_notification_tells_only_what_it_says() -> None:
    device = FakeShelly("plus_1pm")
    house = House(device)
    lamp = house.named("Kitchen Ceiling")
    changes = house.hears(*device.notifies(switch_0={"id": 0, "apower": 60.1}))
    assert [change.device_id for change in changes] == [f"{lamp.id}_apower"]
    house.hears(*device.notifies(switch_0={"id": 0, "output": True, "source": "button"}))
    assert house.home.get(lamp.id).state == {Ability.ON: True}


def test_the_status_topic_of_a_component_is_read_as_well() -> None:
    device = FakeShelly("dimmer")
    house = House(device)
    lamp = house.named("Bedroom Lamp")
    house.hears(f"{device.prefix}/status/light:0", '{"id":0,"output":false,"brightness":15}')
    assert house.home.get(lamp.id).state == {Ability.ON: False, Ability.BRIGHTNESS: 15}


def test_a_bulb_shows_either_a_colour_or_a_white() -> None:
    device = FakeShelly("bulb")
    house = House(device)
    bulb = house.named("Reading Lamp")
    assert house.home.get(bulb.id).state[Ability.COLOUR_TEMPERATURE] == 3000
    assert Ability.COLOUR not in house.home.get(bulb.id).state
    house.hears(*device.notifies(rgbcct_0={"id": 0, "rgb": [0, 0, 255]}))
    assert house.home.get(bulb.id).state[Ability.COLOUR] == (0, 0, 255)
    assert Ability.COLOUR_TEMPERATURE not in house.home.get(bulb.id).state

    assert house.hears(*device.notifies(rgbcct_0={"id": 0, "mode": "cct", "rgb": [9, 9, 9]})) == []


def test_the_range_of_whites_may_be_written_either_way_round() -> None:
    device = FakeShelly("pro_rgbww")
    device.config["cct:0"]["ct_range"] = [6000, 3000]
    white = House(device).named("Bar White")
    assert white.limits == {Ability.COLOUR_TEMPERATURE: (3000, 6000)}


def test_offline_is_said_of_all_things_but_not_of_what_sleeps() -> None:
    house = House(FakeShelly("plus_1pm"), FakeShelly("ht_sleeping"))
    for device in house.devices.values():
        house.hears(f"{device.prefix}/online", "false")
    assert {device.name for device in house.home if not device.available} == EXPECTED["plus_1pm"]
    house.hears(f"{FakeShelly('plus_1pm').prefix}/online", "true")
    assert all(device.available for device in house.home)


def test_components_without_names_are_told_apart_by_what_they_are() -> None:
    device = FakeShelly("wall_display")
    device.config["switch:0"]["name"] = None
    names = {each.name for each in House(device).home if each.kind is not Kind.SENSOR}
    assert names == {"Hallway Thermostat", "Hallway Switch"}


def test_a_prefix_may_have_two_levels() -> None:
    house = House(FakeShelly("plus_1pm", prefix="kitchen/ceiling"))
    method, _ = house.orders(house.named("Kitchen Ceiling"), Ability.ON, True)
    assert method == "Switch.Set"
    assert house.asked[-1].topic == "kitchen/ceiling/rpc"


def test_a_device_that_was_given_another_prefix_is_the_same_device() -> None:
    old = FakeShelly("plus_1pm")
    house = House(old)
    house.hears(f"{old.prefix}/online", "false")
    new = FakeShelly("plus_1pm", prefix="kitchen")
    house.devices["kitchen/rpc"] = new
    house.hears("kitchen/online", "true")
    assert {device.name for device in house.home} == EXPECTED["plus_1pm"]
    house.orders(house.named("Kitchen Ceiling"), Ability.ON, True)
    assert [call["method"] for call in new.calls][-2:] == ["Switch.Set", "Switch.GetStatus"]


def test_a_device_whose_online_message_was_taken_back_is_gone() -> None:
    device = FakeShelly("plus_1pm")
    house = House(device)
    house.hears(f"{device.prefix}/online", "")
    assert len(house.home) == 0
    assert house.hears(*device.notifies(switch_0={"output": True})) == []


def test_a_new_configuration_is_asked_for_and_the_things_change() -> None:
    device = FakeShelly("plus_1pm")
    house = House(device)
    device.config["switch:0"]["name"] = "Worktop"
    del device.status["switch:0"]["aenergy"]
    event = {"component": "switch:0", "event": "config_changed", "cfg_rev": 15}
    frame = {"src": device.id, "method": "NotifyEvent", "params": {"events": [event]}}
    house.hears(f"{device.prefix}/events/rpc", json.dumps(frame))
    assert {each.name for each in house.home} == {"Kitchen Worktop", "Kitchen Worktop Power"}
