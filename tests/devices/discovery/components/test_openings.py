from typing import Any

import pytest

from devices.discovery.convention import CannotError, Reported
from devices.home import Ability, Kind, Value
from tests.devices.discovery.announcing import appeared, reports, said, satisfied, sent, told

BLIND = {
    "command_topic": "b/set",
    "state_topic": "b",
    "set_position_topic": "b/pos/set",
    "position_topic": "b/pos",
    "tilt_command_topic": "b/tilt/set",
    "tilt_status_topic": "b/tilt",
    "device_class": "blind",
}
DOOR = {"command_topic": "b/set", "state_topic": "b", "device_class": "garage"}


def test_a_blind_has_all_that_its_topics_name() -> None:
    convention, device = appeared(BLIND, "cover")
    assert (device.kind, device.device_class) == (Kind.COVER, "blind")
    assert device.abilities == {Ability.OPEN, Ability.MOTION, Ability.POSITION, Ability.TILT}
    assert device.options == {Ability.MOTION: ("stopped",)}
    assert told(convention, device, Ability.OPEN, True) == [("b/set", "OPEN")]
    assert told(convention, device, Ability.OPEN, False) == [("b/set", "CLOSE")]
    assert told(convention, device, Ability.MOTION, "stopped") == [("b/set", "STOP")]
    assert told(convention, device, Ability.POSITION, 40) == [("b/pos/set", "40")]
    assert told(convention, device, Ability.TILT, 75) == [("b/tilt/set", "75")]
    for ability, value in ((Ability.MOTION, "opening"), (Ability.OPEN, 1), (Ability.POSITION, 101)):
        with pytest.raises(CannotError):
            told(convention, device, ability, value)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("open", {Ability.OPEN: True, Ability.MOTION: "stopped"}),
        ("closed", {Ability.OPEN: False, Ability.MOTION: "stopped"}),
        ("opening", {Ability.OPEN: True, Ability.MOTION: "opening"}),
        ("closing", {Ability.OPEN: None, Ability.MOTION: "closing"}),
        ("stopped", {Ability.MOTION: "stopped"}),
        ("None", {Ability.OPEN: None, Ability.MOTION: None}),
        ("ajar", {}),
        ('{"state": "open"}', {}),
    ],
)
def test_a_cover_on_its_way_says_no_more_than_is_certain(word: str, state: dict[Ability, Any]) -> None:
    convention, _ = appeared(DOOR, "cover")
    assert said(convention, "b", word) == state


def test_a_cover_may_use_words_of_its_own() -> None:
    words = {"payload_open": "UP", "payload_close": "DOWN", "payload_stop": None, "state_open": "up"}
    convention, device = appeared({**DOOR, **words}, "cover")
    assert device.abilities == {Ability.OPEN}
    assert sent(convention, device, Ability.OPEN, False) == "DOWN"
    assert said(convention, "b", "up") == {Ability.OPEN: True, Ability.MOTION: "stopped"}
    assert said(convention, "b", "open") == {}


@pytest.mark.parametrize(
    ("raw", "percent"), [("0", 100), ("255", 0), ("102", 60), ("-1", None), ("256", None), ("1e400", None)]
)
def test_a_position_is_counted_on_the_covers_own_scale(raw: str, percent: int | None) -> None:
    convention, device = appeared({**BLIND, "position_open": 0, "position_closed": 255}, "cover")
    expected = {} if percent is None else {Ability.POSITION: percent, Ability.OPEN: percent > 0}
    assert said(convention, "b/pos", raw) == expected
    if percent is not None:
        assert sent(convention, device, Ability.POSITION, percent) == raw


def test_a_position_goes_through_its_template() -> None:
    template = "{{ position }}/{{ position_open }}/{{ value }}"
    config = {**BLIND, "position_open": 10, "set_position_template": template}
    convention, device = appeared(config, "cover")
    assert sent(convention, device, Ability.POSITION, 50) == "50/10.0/5"


def test_what_has_only_a_position_is_opened_by_it() -> None:
    convention, device = appeared({"set_position_topic": "p/set", "position_topic": "p"}, "cover")
    assert device.abilities == {Ability.OPEN, Ability.POSITION}
    assert told(convention, device, Ability.OPEN, True) == [("p/set", "100")]
    assert told(convention, device, Ability.OPEN, False) == [("p/set", "0")]
    assert reports(convention, device, Ability.OPEN)


def test_a_position_that_cannot_be_set_is_told_but_not_offered() -> None:
    convention, device = appeared({**DOOR, "position_topic": "b/pos"}, "cover")
    assert device.abilities == {Ability.OPEN, Ability.MOTION}
    assert said(convention, "b/pos", "30") == {Ability.POSITION: 30, Ability.OPEN: True}


def test_a_cover_that_only_tells_can_be_read() -> None:
    convention, device = appeared({"state_topic": "b"}, "cover")
    assert device.abilities == {Ability.OPEN}
    with pytest.raises(CannotError, match="only be read"):
        told(convention, device, Ability.OPEN, True)


@pytest.mark.parametrize(
    ("ability", "value", "state", "done"),
    [
        (Ability.OPEN, True, {Ability.OPEN: True}, True),
        (Ability.OPEN, True, {Ability.OPEN: True, Ability.MOTION: "opening"}, False),
        (Ability.OPEN, True, {Ability.OPEN: True, Ability.POSITION: 40}, False),
        (Ability.OPEN, True, {Ability.OPEN: True, Ability.POSITION: 98}, True),
        (Ability.OPEN, False, {Ability.OPEN: None, Ability.MOTION: "closing"}, False),
        (Ability.OPEN, False, {Ability.OPEN: False, Ability.MOTION: "stopped"}, True),
        (Ability.POSITION, 40, {Ability.POSITION: 42}, True),
        (Ability.POSITION, 40, {Ability.POSITION: 44}, False),
        (Ability.POSITION, 40, {Ability.POSITION: 40, Ability.MOTION: "closing"}, False),
        (Ability.MOTION, "stopped", {Ability.MOTION: "stopped"}, True),
        (Ability.MOTION, "stopped", {Ability.MOTION: "closing"}, False),
        (Ability.TILT, 50, {Ability.TILT: 49}, True),
    ],
)
def test_only_what_came_to_rest_has_done_as_it_was_told(
    ability: Ability, value: Value, state: dict[Ability, Any], done: bool
) -> None:
    convention, device = appeared(BLIND, "cover")
    assert satisfied(convention, device, ability, value, state) is done


def test_a_state_that_follows_the_position_in_one_message_does_not_hide_it() -> None:
    one = {"value_template": "{{ value_json.s }}", "position_template": "{{ value_json.p }}"}
    convention, device = appeared({**BLIND, **one, "position_topic": "b"}, "cover")
    (report,) = convention.heard("b", b'{"s": "closing", "p": 30}')
    assert report == Reported(
        device.id, {Ability.OPEN: True, Ability.MOTION: "closing", Ability.POSITION: 30}
    )


def test_an_optimistic_cover_is_not_taken_at_its_word() -> None:
    convention, device = appeared({**DOOR, "optimistic": "true"}, "cover")
    assert not reports(convention, device, Ability.OPEN)


@pytest.mark.parametrize("config", [{}, {"position_open": 5, "position_closed": 5, **DOOR}])
def test_a_cover_without_sense_is_none(config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="unpack"):
        appeared(config, "cover")
    assert len(caplog.records) == 1


def test_a_valve_opens_closes_and_is_no_cover() -> None:
    config = {"command_topic": "v/set", "state_topic": "v", "payload_stop": "HALT", "device_class": "water"}
    convention, device = appeared(config, "valve")
    assert (device.kind, device.device_class) == (Kind.OTHER, "valve")
    assert device.abilities == {Ability.OPEN, Ability.MOTION}
    assert sent(convention, device, Ability.OPEN, True) == "OPEN"
    assert sent(convention, device, Ability.MOTION, "stopped") == "HALT"
    assert said(convention, "v", '{"state": "open"}') == said(convention, "v", "open")
    assert said(convention, "v", "open") == {Ability.OPEN: True, Ability.MOTION: "stopped"}
    assert said(convention, "v", "[3]") == said(convention, "v", '{"state": {"a": 1}}') == {}


def test_a_valve_with_a_position_is_told_where_to_go() -> None:
    config = {"command_topic": "v/set", "state_topic": "v", "reports_position": True, "position_open": 50}
    convention, device = appeared(config, "valve")
    assert device.abilities == {Ability.OPEN, Ability.POSITION}
    assert sent(convention, device, Ability.POSITION, 40) == "20"
    assert sent(convention, device, Ability.OPEN, True) == "50"
    assert said(convention, "v", "25") == {Ability.OPEN: True, Ability.POSITION: 50}
    assert said(convention, "v", '{"state": "opening", "position": 10}') == {
        Ability.OPEN: True,
        Ability.MOTION: "opening",
        Ability.POSITION: 20,
    }
