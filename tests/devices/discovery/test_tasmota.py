import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Asks, CannotError, Change, Reachable, Reported, Vanished
from devices.discovery.tasmota import Tasmota
from devices.discovery.tasmota.convention import MAX_DEVICES
from devices.home import Ability, Device, Kind, Value
from devices.message import topic_is_sound

PAYLOADS = Path(__file__).parent / "payloads/tasmota"


def config(model: str, **changes: Any) -> dict[str, Any]:
    announced: dict[str, Any] = json.loads((PAYLOADS / f"{model}.json").read_text())["config"]
    options = {**announced["so"], **changes.pop("so", {})}
    return {**announced, **changes, "so": options}


def sensors(model: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{model}.json").read_text())["sensors"]
    return found


def announce(convention: Tasmota, said: dict[str, Any], what: str = "config", mac: str = "") -> list[Change]:
    topic = f"tasmota/discovery/{mac or said['mac']}/{what}"
    return list(convention.heard(topic, json.dumps(said).encode()))


def appeared(changes: list[Change]) -> dict[str, Device]:
    return {change.device.name: change.device for change in changes if isinstance(change, Appeared)}


def told(convention: Tasmota, device: Device, ability: Ability, value: Value) -> list[tuple[str, str]]:
    messages = convention.messages(DeviceCommand(device.id, ability, value), {})
    return [(message.topic, message.payload) for message in messages]


def said(convention: Tasmota, topic: str, payload: str) -> dict[str, Any]:
    changes = convention.heard(topic, payload.encode())
    return {change.device_id: dict(change.state) for change in changes if isinstance(change, Reported)}


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("two_relays", {"Kitchen Ceiling", "Kitchen Extractor"}),
        ("one_relay_unnamed", {"Coffee Maker"}),
        ("relay_as_light", {"走廊灯"}),
        ("channels", {"Stairs Top", "Stairs Middle", "Stairs 3"}),
        ("shutters", {"Left Blind", "Right Blind"}),
        ("fan", {"Bedroom Fan", "Bedroom Fan Light"}),
    ],
)
def test_things_have_the_names_that_their_owner_gave(model: str, names: set[str]) -> None:
    assert set(appeared(announce(Tasmota(), config(model)))) == names


def test_a_device_is_known_by_its_hardware_and_asked_how_it_is() -> None:
    changes = announce(Tasmota(), config("two_relays"))
    devices = appeared(changes)
    assert all(device.identities == {"mac:a4cf12345601"} for device in devices.values())
    (asks,) = [change for change in changes if isinstance(change, Asks)]
    assert [(each.topic, each.payload) for each in asks.messages] == [("cmnd/tasmota_345601/STATE", "")]
    assert asks.device_id == devices["Kitchen Ceiling"].id


def test_topics_follow_the_template_and_words_are_the_device_s_own() -> None:
    convention = Tasmota()
    (machine,) = appeared(announce(convention, config("one_relay_unnamed"))).values()
    assert told(convention, machine, Ability.ON, True) == [("home/tasmota_345602/do/345602/Power1", "an")]
    assert said(convention, "home/tasmota_345602/said/345602/POWER", "an") == {machine.id: {Ability.ON: True}}
    assert said(convention, "home/tasmota_345602/said/345602/POWER", "ON") == {}


def test_the_plain_topic_and_answers_on_their_own_topics_are_read() -> None:
    convention = Tasmota()
    (lamp,) = appeared(announce(convention, config("dimmer", so={"4": 1}))).values()
    assert said(convention, "stat/tasmota_345604/POWER", "OFF") == {lamp.id: {Ability.ON: False}}
    answer = '{"POWER":"ON","Dimmer":12}'
    assert said(convention, "stat/tasmota_345604/DIMMER", answer) == {
        lamp.id: {Ability.ON: True, Ability.BRIGHTNESS: 12}
    }
    ordinary = Tasmota()
    announce(ordinary, config("dimmer"))
    assert said(ordinary, "stat/tasmota_345604/DIMMER", answer) == {}


def test_a_colour_is_read_at_its_brightest_from_hex_and_from_decimals() -> None:
    convention = Tasmota()
    (strip,) = appeared(announce(convention, config("rgb"))).values()
    for written in ("800000", "128,0,0"):
        state = said(convention, "stat/tasmota_345607/RESULT", json.dumps({"Color": written}))
        assert state == {strip.id: {Ability.COLOUR: (255, 0, 0)}}
    for nonsense in ("zz0000", "999,0,0", "1,2", 7, None, ["ff0000"], "000000"):
        assert said(convention, "stat/tasmota_345607/RESULT", json.dumps({"Color": nonsense})) == {}


def test_temperatures_in_fahrenheit_become_celsius() -> None:
    convention = Tasmota()
    announce(convention, config("weather_fahrenheit"))
    found = appeared(announce(convention, sensors("weather_fahrenheit"), "sensors", "A4CF12345611"))
    outside = found["Garden BME280 Temperature"]
    assert (outside.kind, outside.unit, outside.device_class) == (Kind.SENSOR, "°C", "temperature")
    state = said(convention, "tele/tasmota_345611/SENSOR", '{"BME280":{"Temperature":68.0},"TempUnit":"F"}')
    assert state == {outside.id: {Ability.READING: 20.0}}
    with pytest.raises(CannotError):
        told(convention, outside, Ability.READING, 3)


def test_sensors_may_be_announced_before_their_device() -> None:
    convention = Tasmota()
    assert announce(convention, sensors("weather_fahrenheit"), "sensors", "A4CF12345611") == []
    assert "Garden Humidity" in appeared(announce(convention, config("weather_fahrenheit")))


def test_sensors_that_are_taken_back_leave_the_relay_alone() -> None:
    convention = Tasmota()
    announce(convention, config("plug_with_meter"))
    measured = announce(convention, sensors("plug_with_meter"), "sensors", "A4CF12345612")
    assert "Washing Machine" not in appeared(measured), "nothing new is to be told of the relay"
    gone = convention.heard("tasmota/discovery/A4CF12345612/sensors", b"")
    assert {change.device_id for change in gone if isinstance(change, Vanished)} == {
        device.id for device in appeared(measured).values()
    }
    assert said(convention, "stat/tasmota_345612/RESULT", '{"POWER":"ON"}')


def test_an_empty_announcement_takes_all_things_back() -> None:
    convention = Tasmota()
    devices = appeared(announce(convention, config("two_relays"))).values()
    gone = convention.heard("tasmota/discovery/A4CF12345601/config", b"")
    assert [change.device_id for change in gone if isinstance(change, Vanished)] == [
        each.id for each in devices
    ]
    assert said(convention, "stat/tasmota_345601/RESULT", '{"POWER1":"ON"}') == {}
    with pytest.raises(CannotError):
        told(convention, next(iter(devices)), Ability.ON, True)


def test_a_device_that_moves_to_other_topics_is_no_longer_heard_on_the_old_ones() -> None:
    convention = Tasmota()
    announce(convention, config("dimmer"))
    (lamp,) = appeared(announce(convention, config("dimmer", t="hall"))).values()
    assert said(convention, "stat/tasmota_345604/RESULT", '{"POWER":"ON"}') == {}
    assert convention.heard("tele/tasmota_345604/LWT", b"Offline") == ()
    assert said(convention, "stat/hall/RESULT", '{"POWER":"ON"}') == {lamp.id: {Ability.ON: True}}


def test_the_same_announcement_again_says_nothing() -> None:
    convention = Tasmota()
    announce(convention, config("dimmer"))
    assert announce(convention, config("dimmer")) == []
    assert announce(convention, config("dimmer", ip="192.0.2.200")) == [], (
        "nor does one that changes no thing"
    )


def test_whoever_comes_back_is_asked_how_he_is() -> None:
    convention = Tasmota()
    (lamp,) = appeared(announce(convention, config("dimmer"))).values()
    will = "tele/tasmota_345604/LWT"
    assert convention.heard(will, b"Offline") == (Reachable(lamp.id, False),)
    back = convention.heard(will, b"Online")
    assert back[0] == Reachable(lamp.id, True)
    assert isinstance(back[1], Asks)
    assert convention.heard(will, b"Online") == (Reachable(lamp.id, True),), "and only once"


def test_a_device_that_sleeps_is_not_called_unreachable() -> None:
    convention = Tasmota()
    changes = announce(convention, config("dimmer", dslp=300))
    assert not [change for change in changes if isinstance(change, Asks)]
    assert convention.heard("tele/tasmota_345604/LWT", b"Offline") == ()


def test_a_shutter_is_in_its_place_only_when_it_rests() -> None:
    convention = Tasmota()
    shutter = appeared(announce(convention, config("shutters")))["Left Blind"]
    open_ = DeviceCommand(shutter.id, Ability.OPEN, True)
    half = DeviceCommand(shutter.id, Ability.POSITION, 50)
    assert not convention.satisfied(open_, {Ability.POSITION: 60, Ability.OPEN: True})
    assert convention.satisfied(open_, {Ability.POSITION: 98, Ability.MOTION: "stopped"})
    assert not convention.satisfied(open_, {Ability.POSITION: 98, Ability.MOTION: "opening"})
    assert convention.satisfied(half, {Ability.POSITION: 52, Ability.MOTION: "stopped"})
    assert not convention.satisfied(half, {Ability.POSITION: 60})


@pytest.mark.parametrize(
    ("model", "ability", "value"),
    [
        ("dimmer", Ability.COLOUR, (1, 2, 3)),
        ("dimmer", Ability.BRIGHTNESS, 200),
        ("dimmer", Ability.ON, "yes"),
        ("shutters", Ability.MOTION, "opening"),
        ("shutters", Ability.TILT, 10),
        ("fan", Ability.FAN_SPEED, -1),
    ],
)
def test_what_a_device_cannot_do_is_not_sent(model: str, ability: Ability, value: Value) -> None:
    convention = Tasmota()
    device = [*appeared(announce(convention, config(model))).values()][-1]
    with pytest.raises(CannotError):
        told(convention, device, ability, value)


@pytest.mark.parametrize(
    "changes",
    [
        {"mac": "A4CF12345699"},
        {"mac": "../../etc"},
        {"t": "a/#"},
        {"t": "+"},
        {"ft": "\0"},
        {"tp": ["cmnd", "stat"]},
        {"state": []},
        {"rl": "x"},
        {"rl": [1] * 10_000},
        {"lt_st": 99},
        {"dn": None},
    ],
)
def test_what_no_device_would_announce_is_ignored(changes: dict[str, Any]) -> None:
    assert announce(Tasmota(), config("dimmer", **changes), mac="A4CF12345604") == []


def test_more_devices_than_any_home_has_are_not_taken_in() -> None:
    convention = Tasmota()
    for number in range(MAX_DEVICES + 50):
        announce(convention, config("dimmer", mac=f"{number:012X}", t=f"t{number}"))
    assert len(convention._units) == MAX_DEVICES


def test_names_are_one_line_that_can_be_written() -> None:
    (lamp,) = appeared(announce(Tasmota(), config("dimmer", fn=["Hall\u202e\n Lamp\x07"]))).values()
    assert lamp.name == "Hall Lamp"


WORDS = st.sampled_from(
    "POWER POWER1 Dimmer Color HSBColor CT White FanSpeed Shutter1 Position Direction Tilt StatusSNS "  # noqa: SIM905 - words
    "BME280 ENERGY Power Temperature Humidity Switch1 Action TempUnit".split()
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["ON", "OFF", "1,2,3", "ff00ff", 10**400]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=12,
)
MODELS = st.sampled_from(sorted(file.stem for file in PAYLOADS.glob("*.json")))
KEYS = "dn fn ft t tp ofln onln state rl lt_st lk ty if sho sht dslp so swc swn mac".split()  # noqa: SIM905


@given(
    model=MODELS,
    changes=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3),
    sample=JSON,
    spoken=st.lists(
        st.tuples(st.integers(0, 60), JSON.map(json.dumps).map(str.encode) | st.binary(max_size=20))
    ),
    order=JSON,
)
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_broker_sends_raises(
    model: str, changes: dict[str, Any], sample: Any, spoken: list[tuple[int, bytes]], order: Any
) -> None:
    convention = Tasmota()
    said = {**config(model), **changes}
    mac = said["mac"] if isinstance(said["mac"], str) else "A4CF12345604"
    found = announce(convention, said, mac=mac) + announce(
        convention, {"sn": sample, "ver": 1}, "sensors", mac
    )
    things = [change for change in found if isinstance(change, Appeared)]
    topics = sorted({topic for thing in things for topic in thing.topics})
    for number, payload in spoken:
        if topics:
            for change in convention.heard(topics[number % len(topics)], payload):
                values = change.state.values() if isinstance(change, Reported) else ()
                assert not any(isinstance(each, float) and each != each for each in values)
    assert all(topic_is_sound(topic) for topic in topics)
    for thing in things:
        thing.device.name.encode()
        for ability in thing.device.abilities:
            command = DeviceCommand(thing.device.id, ability, order)
            try:
                messages = convention.messages(command, {})
                convention.satisfied(command, {})
            except CannotError:
                continue
            assert all(topic_is_sound(message.topic) and not message.retain for message in messages)


@given(
    st.text(max_size=12) | st.sampled_from(["A4CF12345604"]),
    st.sampled_from(["config", "sensors", "x"]),
    st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode),
)
@settings(max_examples=150, deadline=None)
def test_no_announcement_raises(mac: str, what: str, payload: bytes) -> None:
    assert Tasmota().heard(f"tasmota/discovery/{mac}/{what}", payload) == ()


def test_a_bulb_that_shows_a_colour_shows_no_white_and_the_other_way_round() -> None:
    convention = Tasmota()
    (bulb,) = appeared(announce(convention, config("rgb_whites"))).values()
    both = {"HSBColor": "300,100,90", "CT": 250}
    topic = "stat/tasmota_345609/RESULT"
    assert said(convention, topic, json.dumps({**both, "White": 0})) == {
        bulb.id: {Ability.COLOUR: (255, 0, 255), Ability.COLOUR_TEMPERATURE: None}
    }
    assert said(convention, topic, json.dumps({**both, "White": 40})) == {
        bulb.id: {Ability.COLOUR: None, Ability.COLOUR_TEMPERATURE: 4000}
    }


def test_a_device_that_sleeps_no_longer_is_listened_to_for_its_will() -> None:
    convention = Tasmota()
    announce(convention, config("dimmer", dslp=300))
    (change,) = (each for each in announce(convention, config("dimmer")) if isinstance(each, Appeared))
    assert "tele/tasmota_345604/LWT" in change.topics
