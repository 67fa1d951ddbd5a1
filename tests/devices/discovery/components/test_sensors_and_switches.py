import pytest

from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value
from tests.devices.discovery.announcing import LAMP, appeared, reports, said, satisfied, sent, told

# -- switches and sensors


def test_a_switch_may_report_in_other_words_than_it_is_told() -> None:
    config = {**LAMP, "state_on": "running", "state_off": "idle", "cmd_tpl": '{"power": "{{ value }}"}'}
    convention, device = appeared(config, "switch")
    assert (device.kind, device.abilities) == (Kind.SWITCH, {Ability.ON})
    assert told(convention, device, Ability.ON, True) == [("lamp/set", '{"power": "ON"}')]
    assert said(convention, "lamp", "running") == {Ability.ON: True}
    assert satisfied(convention, device, Ability.ON, True, {Ability.ON: True})
    assert not satisfied(convention, device, Ability.ON, True, {})


@pytest.mark.parametrize(("payload", "reading"), [("21", 21), ("21.50", 21.5), ("-3", -3), ("1e3", 1000)])
def test_a_sensor_reads_numbers(payload: str, reading: Value) -> None:
    convention, device = appeared({"state_topic": "t", "unit_of_meas": "°C", "qos": "2"}, "sensor")
    assert (device.kind, device.unit) == (Kind.SENSOR, "°C")
    assert said(convention, "t", payload) == {Ability.READING: reading}
    with pytest.raises(CannotError, match="only be read"):
        told(convention, device, Ability.READING, 3)


def test_a_binary_sensor_reads_on_and_off() -> None:
    convention, _ = appeared(
        {"state_topic": "t", "payload_on": "open", "payload_off": "shut"}, "binary_sensor"
    )
    assert said(convention, "t", "open") == {Ability.READING: "on"}
    assert said(convention, "t", "shut") == {Ability.READING: "off"}
    assert said(convention, "t", "ajar") == {}


@pytest.mark.parametrize(
    "payload",
    [
        "NaN",
        "inf",
        "-1e400",
        "1e308",
        "9" * 400,
        "unavailable",
        "[1, 2]",
        '{"a": {"b": 1}}',
        "",
        "x" * 90_000,
    ],
)
def test_a_number_that_makes_no_sense_is_not_believed(payload: str) -> None:
    convention, _ = appeared({"state_topic": "t", "unit_of_meas": "°C"}, "sensor")
    assert said(convention, "t", "21") == {Ability.READING: 21}
    assert said(convention, "t", payload) == {}


@pytest.mark.parametrize(
    ("payload", "reading"),
    [("docked", "docked"), ("living\n room\u202e", "living room"), ("厨房", "厨房"), ("unknown", None)],
)
def test_a_sensor_without_a_unit_reads_words(payload: str, reading: str | None) -> None:
    convention, _ = appeared({"state_topic": "t"}, "sensor")
    assert said(convention, "t", payload) == {Ability.READING: reading}


@pytest.mark.parametrize("payload", ["NaN", "Infinity", "[1, 2]", '{"a": 1}', "x" * 256, "", "\u202e"])
def test_what_nobody_would_say_is_no_word(payload: str) -> None:
    convention, _ = appeared({"state_topic": "t"}, "sensor")
    assert said(convention, "t", payload) == {}


def test_an_optimistic_switch_is_not_taken_at_its_word() -> None:
    config = {"command_topic": "s/set", "state_topic": "s"}
    convention, device = appeared({**config, "optimistic": True}, "switch")
    assert not reports(convention, device, Ability.ON)
    assert not device.reports_state
    convention, device = appeared(config, "switch")
    assert reports(convention, device, Ability.ON)
    assert device.reports_state


def test_a_siren_is_told_in_json_unless_it_has_templates() -> None:
    siren = {"command_topic": "s/set", "state_topic": "s"}
    convention, device = appeared(siren, "siren")
    assert (device.kind, device.device_class, device.abilities) == (Kind.OTHER, "siren", {Ability.ON})
    assert sent(convention, device, Ability.ON, True) == '{"state": "ON"}'
    assert said(convention, "s", '{"state": "ON", "tone": "fire"}') == {Ability.ON: True}
    assert said(convention, "s", "OFF") == {Ability.ON: False}
    assert said(convention, "s", '{"state": ["ON"]}') == said(convention, "s", "[]") == {}
    templates = {"command_template": "{{ state }}!", "command_off_template": "hush"}
    convention, device = appeared({**siren, **templates}, "siren")
    assert sent(convention, device, Ability.ON, True) == "ON!"
    assert sent(convention, device, Ability.ON, False) == "hush"


def test_a_humidifier_has_a_switch_a_mode_and_a_reading() -> None:
    config = {
        "command_topic": "h/set",
        "state_topic": "h",
        "target_humidity_command_topic": "h/target/set",
        "modes": ["eco", "boost"],
        "mode_command_topic": "h/mode/set",
        "mode_state_topic": "h/mode",
        "current_humidity_topic": "h/now",
    }
    convention, device = appeared(config, "humidifier")
    assert device.abilities == {Ability.ON, Ability.PRESET, Ability.READING}
    assert (device.device_class, device.unit) == ("humidifier", "%")
    assert device.options == {Ability.PRESET: ("eco", "boost")}
    assert told(convention, device, Ability.PRESET, "eco") == [("h/mode/set", "eco")]
    assert said(convention, "h/mode", "boost") == {Ability.PRESET: "boost"}
    assert said(convention, "h/now", "47") == {Ability.READING: 47}
    assert said(convention, "h/now", "470") == said(convention, "h/mode", "turbo") == {}


@pytest.mark.parametrize(
    ("component", "payload", "kind"), [("button", "PRESS", Kind.OTHER), ("scene", "ON", Kind.SCENE)]
)
def test_a_button_and_a_scene_are_pressed_and_never_say_so(component: str, payload: str, kind: Kind) -> None:
    convention, device = appeared({"command_topic": "b/set"}, component)
    assert (device.kind, device.abilities, device.reports_state) == (kind, {Ability.PRESSED}, False)
    assert told(convention, device, Ability.PRESSED, True) == [("b/set", payload)]
    assert not reports(convention, device, Ability.PRESSED)
    with pytest.raises(CannotError):
        told(convention, device, Ability.PRESSED, False)
