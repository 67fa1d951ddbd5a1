from typing import Any

import pytest

from devices.commands import DeviceCommand, Result
from devices.home import Ability, Device, Kind, Value
from devices.policy import Authority, Policy, PolicySettings, Risk, Rule

ANYBODY = Authority()
WITH_PIN = PolicySettings(has_pin=True)


def thing(kind: Kind, **more: Any) -> Device:
    return Device("one.x", more.pop("name", "Thing"), kind, frozenset(Ability), **more)


LOCK, BLIND, ALARM = thing(Kind.LOCK), thing(Kind.COVER, device_class="blind"), thing(Kind.ALARM)
GARAGE = thing(Kind.COVER, device_class="garage")


@pytest.mark.parametrize(
    ("device", "ability", "value", "risky"),
    [
        (LOCK, Ability.LOCKED, False, True),
        (LOCK, Ability.LOCKED, True, False),
        (LOCK, Ability.OPEN, True, True),
        (ALARM, Ability.ARMED, "disarmed", True),
        (ALARM, Ability.ARMED, "armed_away", False),
        (GARAGE, Ability.OPEN, True, True),
        (GARAGE, Ability.OPEN, False, False),
        (GARAGE, Ability.POSITION, 1, True),
        (GARAGE, Ability.POSITION, 0, False),
        (GARAGE, Ability.MOTION, "stopped", False),
        (BLIND, Ability.OPEN, True, False),
        (thing(Kind.COVER, name="Garage Door"), Ability.OPEN, True, True),
        (thing(Kind.COVER, name="车库门"), Ability.OPEN, True, True),
        (thing(Kind.COVER, name="Garage blind", device_class="blind"), Ability.OPEN, True, False),
        (thing(Kind.LIGHT, name="Garage light"), Ability.ON, True, False),
        (thing(Kind.SCENE), Ability.PRESSED, True, False),
    ],
)
def test_what_lets_somebody_in_takes_the_pin_or_a_yes_where_there_is_none(
    device: Device, ability: Ability, value: Value, risky: bool
) -> None:
    command = DeviceCommand(device.id, ability, value)
    assert Policy().risk(command, device, ANYBODY) is (Risk.CONFIRM if risky else Risk.LOW)
    assert Policy(WITH_PIN).risk(command, device, ANYBODY) is (Risk.PIN if risky else Risk.LOW)


@pytest.mark.parametrize(
    ("window", "spoken_from", "risk"),
    [
        (thing(Kind.COVER, device_class="window", room="driver"), "driver", Risk.LOW),
        (thing(Kind.COVER, device_class="window", room="后排"), None, Risk.LOW),
        (thing(Kind.COVER, device_class="window", name="Sunroof"), None, Risk.LOW),
        (thing(Kind.COVER, device_class="window", name="天窗"), "主驾", Risk.LOW),
        (thing(Kind.COVER, device_class="window", name="天窗"), "客厅", Risk.CONFIRM),
        (thing(Kind.COVER, device_class="window", room="Kitchen"), "driver", Risk.CONFIRM),
        (thing(Kind.COVER, device_class="door", room="rear"), "driver", Risk.CONFIRM),
        (thing(Kind.LOCK, room="driver"), "driver", Risk.CONFIRM),
    ],
)
def test_a_cars_window_opens_at_once_and_a_houses_takes_a_yes(
    window: Device, spoken_from: str | None, risk: Risk
) -> None:
    by = Authority(room=spoken_from)
    ability = Ability.LOCKED if window.kind is Kind.LOCK else Ability.OPEN
    command = DeviceCommand(window.id, ability, window.kind is not Kind.LOCK)
    assert Policy().risk(command, window, by) is risk


@pytest.mark.parametrize(
    ("granted", "verdict"),
    [(Risk.LOW, Result.NEEDS_PIN), (Risk.CONFIRM, Result.NEEDS_PIN), (Risk.PIN, None)],
)
def test_an_order_goes_out_once_somebody_has_answered_for_it(granted: Risk, verdict: Result | None) -> None:
    unlock = DeviceCommand("one.x", Ability.LOCKED, False)
    assert Policy(WITH_PIN).verdict(unlock, LOCK, Authority(granted=granted)) is verdict
    if granted is Risk.LOW:
        assert Policy().verdict(unlock, LOCK, ANYBODY) is Result.NEEDS_CONFIRMATION


def test_the_last_rule_that_fits_wins_and_stopping_never_takes_anything() -> None:
    rules = (
        Rule(kinds=frozenset({Kind.COVER}), risk=Risk.PIN),
        Rule(devices=frozenset({"GARAGE"}), abilities=frozenset({Ability.OPEN}), risk=Risk.LOW),
    )
    policy = Policy(PolicySettings(rules))
    garage = thing(Kind.COVER, name="Garage")
    assert policy.risk(DeviceCommand("one.x", Ability.OPEN, True), garage, ANYBODY) is Risk.LOW
    assert policy.risk(DeviceCommand("one.x", Ability.POSITION, 0), garage, ANYBODY) is Risk.PIN
    assert policy.risk(DeviceCommand("one.x", Ability.MOTION, "stopped"), garage, ANYBODY) is Risk.LOW
    assert policy.risk(DeviceCommand("one.x", Ability.OPEN, True), BLIND, ANYBODY) is Risk.PIN


def test_a_rule_holds_where_it_says() -> None:
    rules = (
        Rule(in_rooms=frozenset({"Office"}), from_rooms=frozenset({"Kids"}), exposed=False),
        Rule(from_satellites=frozenset({"garden"}), kinds=frozenset({Kind.LIGHT}), risk=Risk.CONFIRM),
    )
    policy = Policy(PolicySettings(rules))
    lamp = thing(Kind.LIGHT, room="office")
    on = DeviceCommand("one.x", Ability.ON, True)
    assert policy.exposed(lamp, ANYBODY)
    assert not policy.exposed(lamp, Authority(room="kids"))
    assert policy.exposed(thing(Kind.LIGHT, room="Hall"), Authority(room="kids"))
    assert policy.verdict(on, lamp, Authority(room="kids", granted=Risk.PIN)) is Result.NOT_ALLOWED
    assert policy.verdict(on, lamp, Authority(satellite="garden")) is Result.NEEDS_CONFIRMATION
    assert policy.verdict(on, lamp, Authority(satellite="hall")) is None


def test_what_its_owner_keeps_away_is_closed_until_a_rule_opens_it() -> None:
    hidden = thing(Kind.LIGHT, name="Server", exposed=False)
    assert not Policy().exposed(hidden, ANYBODY)
    policy = Policy(PolicySettings((Rule(devices=frozenset({"one.x"}), exposed=True),)))
    assert policy.exposed(hidden, ANYBODY)


def test_a_rule_for_one_ability_closes_that_and_leaves_the_thing_open() -> None:
    policy = Policy(PolicySettings((Rule(abilities=frozenset({Ability.LOCKED}), exposed=False),)))
    assert policy.exposed(LOCK, ANYBODY)
    unlock = DeviceCommand("one.x", Ability.LOCKED, False)
    assert policy.verdict(unlock, LOCK, Authority(granted=Risk.PIN)) is Result.NOT_ALLOWED


def test_what_takes_more_than_a_word_is_known_of_each_device() -> None:
    lock = Device("one.x", "Door", Kind.LOCK, frozenset({Ability.LOCKED, Ability.READING}))
    assert list(Policy().guarded(lock)) == [DeviceCommand("one.x", Ability.LOCKED, False)]
    lamp = Device("one.x", "Lamp", Kind.LIGHT, frozenset({Ability.ON}))
    assert not list(Policy().guarded(lamp))
    from_afar = Policy(PolicySettings((Rule(from_rooms=frozenset({"Kids"}), risk=Risk.CONFIRM),)))
    assert len(list(from_afar.guarded(lamp))) == 2


@pytest.mark.parametrize(
    ("now", "wanted", "asks"), [(80, 30, False), (80, 80, False), (30, 80, True), (None, 30, True)]
)
def test_a_garage_that_closes_a_little_lets_nobody_in(now: int | None, wanted: int, asks: bool) -> None:
    state = {} if now is None else {Ability.POSITION: now}
    garage = Device(
        "garage", "Garage", Kind.COVER, frozenset({Ability.POSITION}), device_class="garage", state=state
    )
    verdict = Policy().verdict(DeviceCommand("garage", Ability.POSITION, wanted), garage, ANYBODY)
    assert (verdict is not None) is asks
