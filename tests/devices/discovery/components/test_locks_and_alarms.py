from typing import Any

import pytest

from devices.discovery.convention import CannotError
from devices.home import Ability, Kind
from tests.devices.discovery.announcing import appeared, said, satisfied, sent, told

LOCK = {"command_topic": "l/set", "state_topic": "l"}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("LOCKED", {Ability.LOCKED: True, Ability.MOTION: "stopped"}),
        ("UNLOCKED", {Ability.LOCKED: False, Ability.MOTION: "stopped"}),
        ("LOCKING", {Ability.LOCKED: None, Ability.MOTION: "locking"}),
        ("UNLOCKING", {Ability.LOCKED: None, Ability.MOTION: "unlocking"}),
        ("JAMMED", {Ability.LOCKED: None, Ability.MOTION: "jammed"}),
        ("locked", {}),
        ("[]", {}),
    ],
)
def test_a_lock_that_turns_is_neither_locked_nor_unlocked(word: str, state: dict[Ability, Any]) -> None:
    convention, device = appeared(LOCK, "lock")
    assert (device.kind, device.abilities) == (Kind.LOCK, {Ability.LOCKED})
    assert said(convention, "l", word) == state


def test_a_lock_is_told_in_its_own_words() -> None:
    convention, device = appeared({**LOCK, "payload_unlock": "open sesame"}, "lock")
    assert sent(convention, device, Ability.LOCKED, True) == "LOCK"
    assert sent(convention, device, Ability.LOCKED, False) == "open sesame"
    assert satisfied(convention, device, Ability.LOCKED, True, {Ability.LOCKED: True})
    assert not satisfied(convention, device, Ability.LOCKED, False, {})


def test_a_lock_that_wants_a_code_is_not_opened_without() -> None:
    convention, device = appeared({**LOCK, "code_format": "^\\d{4}$"}, "lock")
    with pytest.raises(CannotError, match="code"):
        told(convention, device, Ability.LOCKED, False)


ALARM = {"command_topic": "a/set", "state_topic": "a"}


def test_an_alarm_can_be_what_it_says_that_it_supports() -> None:
    convention, device = appeared(ALARM, "alarm_control_panel")
    assert device.options == {Ability.ARMED: ("disarmed", "armed_home", "armed_away", "armed_night")}
    assert (device.kind, device.abilities) == (Kind.ALARM, {Ability.ARMED})
    convention, device = appeared({**ALARM, "supported_features": ["arm_away"]}, "alarm_control_panel")
    assert device.options == {Ability.ARMED: ("disarmed", "armed_away")}
    assert sent(convention, device, Ability.ARMED, "armed_away") == "ARM_AWAY"
    assert sent(convention, device, Ability.ARMED, "disarmed") == "DISARM"
    with pytest.raises(CannotError, match="disarmed, armed_away"):
        told(convention, device, Ability.ARMED, "armed_night")


@pytest.mark.parametrize(
    ("word", "armed"),
    [
        ("arming", "arming"),
        ("pending", "pending"),
        ("triggered", "triggered"),
        ("disarmed", "disarmed"),
        ("armed_vacation", "armed_away"),
        ("ARMED", None),
    ],
)
def test_an_alarm_says_how_it_is(word: str, armed: str | None) -> None:
    convention, _ = appeared(ALARM, "alarm_control_panel")
    assert said(convention, "a", word) == ({} if armed is None else {Ability.ARMED: armed})


def test_a_code_goes_into_the_template_and_one_that_only_the_panel_knows_does_not() -> None:
    template = "{{ action }}/{{ code }}"
    config = {**ALARM, "code": 1234, "command_template": template}
    convention, device = appeared(config, "alarm_control_panel")
    assert sent(convention, device, Ability.ARMED, "disarmed") == "DISARM/1234"
    remote = {**config, "code": "REMOTE_CODE", "code_arm_required": False}
    convention, device = appeared(remote, "alarm_control_panel")
    assert sent(convention, device, Ability.ARMED, "armed_home") == "ARM_HOME/None"
    with pytest.raises(CannotError, match="code"):
        told(convention, device, Ability.ARMED, "disarmed")
