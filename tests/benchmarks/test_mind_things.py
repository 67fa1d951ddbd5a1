from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mind.cases import Effect
from benchmarks.mind.house import Ordered, after
from benchmarks.mind.things import alike, missing, obeys, unasked
from devices.commands import DeviceCommand
from devices.home import Ability, Device, Kind, Value

LAMP = Device(
    "lamp", "Lamp", Kind.LIGHT, frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR}),
    state={Ability.ON: True, Ability.BRIGHTNESS: 60},
)  # fmt: skip
BLIND = Device(
    "blind", "Blind", Kind.COVER, frozenset({Ability.OPEN, Ability.POSITION}),
    state={Ability.OPEN: True, Ability.POSITION: 40},
)  # fmt: skip
HEATER = Device(
    "heater", "Heater", Kind.CLIMATE, frozenset({Ability.SETPOINT, Ability.MODE}),
    state={Ability.SETPOINT: 29.0, Ability.MODE: "heat"}, limits={Ability.SETPOINT: (5, 30)},
)  # fmt: skip
KNOWN = {each.id: each for each in (LAMP, BLIND, HEATER)}
BEFORE = {each.id: each.state for each in KNOWN.values()}


def effect(thing: str, ability: str, value: Value | None = None, **more: Any) -> Effect:
    return Effect(thing=thing, ability=Ability(ability), value=value, **more)


def order(thing: str, ability: str, value: Value) -> Ordered:
    return Ordered(DeviceCommand(thing, Ability(ability), value), BEFORE[thing])


def right(wanted: Effect, ability: str, value: Value) -> bool:
    command = DeviceCommand(wanted.thing, Ability(ability), value)
    return obeys(command, wanted, BEFORE[wanted.thing], KNOWN[wanted.thing])


@pytest.mark.parametrize(
    ("wanted", "ability", "value"),
    [
        (effect("blind", "open", False), "position", 0),
        (effect("blind", "open", True), "position", 100),
        (effect("blind", "position", 0), "open", False),
        (effect("lamp", "on", False), "brightness", 0),
        (effect("lamp", "brightness", 0), "on", False),
        (effect("heater", "mode", "off"), "on", False),
        (effect("lamp", "brightness", by="up"), "brightness", 70),
        (effect("lamp", "brightness", by=-10), "brightness", 50),
        (effect("lamp", "brightness", low=35, high=45), "brightness", 40),
        (effect("heater", "setpoint", by=2), "setpoint", 30),
        (effect("lamp", "colour", (255, 105, 180)), "colour", (255, 150, 200)),
        (effect("lamp", "colour", (255, 255, 255)), "colour", (255, 250, 245)),
    ],
)
def test_what_comes_to_the_same_is_right(wanted: Effect, ability: str, value: Value) -> None:
    assert right(wanted, ability, value)


@pytest.mark.parametrize(
    ("wanted", "ability", "value"),
    [
        (effect("blind", "open", True), "position", 50),
        (effect("blind", "open", True), "position", 0),
        (effect("lamp", "on", True), "brightness", 100),
        (effect("lamp", "brightness", by="up"), "brightness", 60),
        (effect("lamp", "brightness", by="up"), "on", False),
        (effect("lamp", "brightness", by=10), "brightness", 80),
        (effect("lamp", "brightness", 30), "brightness", 33),
        (effect("lamp", "brightness", low=35, high=45), "brightness", 46),
        (effect("heater", "setpoint", 21), "setpoint", 21.5),
        (effect("lamp", "colour", (255, 0, 0)), "colour", (0, 0, 255)),
        (effect("lamp", "colour", (255, 255, 255)), "colour", (255, 0, 0)),
        (effect("lamp", "on", True), "on", False),
    ],
)
def test_what_comes_to_something_else_is_wrong(wanted: Effect, ability: str, value: Value) -> None:
    assert not right(wanted, ability, value)


def test_a_lamp_may_be_switched_on_to_be_made_bright() -> None:
    wanted = [effect("lamp", "brightness", 30)]
    orders = [order("lamp", "on", True), order("lamp", "brightness", 30)]
    assert not missing(wanted, orders, BEFORE, KNOWN)
    assert not unasked(wanted, orders, BEFORE, KNOWN)


def test_one_thing_too_many_is_not_asked_for() -> None:
    wanted, orders = (
        [effect("lamp", "on", False)],
        [order("lamp", "on", False), order("blind", "open", False)],
    )
    assert unasked(wanted, orders, BEFORE, KNOWN) == [orders[1]]


def test_an_order_that_changes_nothing_harms_nobody_among_others() -> None:
    wanted = [effect("blind", "open", False)]
    orders = [order("blind", "open", False), order("lamp", "on", True)]
    assert not unasked(wanted, orders, BEFORE, KNOWN)


def test_where_nothing_was_wanted_even_that_is_too_much() -> None:
    assert unasked([], [order("lamp", "on", True)], BEFORE, KNOWN)


def test_what_was_so_already_needs_no_order_where_another_one_came() -> None:
    wanted = [effect("lamp", "on", True), effect("blind", "open", False)]
    assert not missing(wanted, [order("blind", "open", False)], BEFORE, KNOWN)


def test_who_did_nothing_at_all_did_not_do_what_was_so_already() -> None:
    wanted = [effect("lamp", "on", True)]
    assert missing(wanted, [], BEFORE, KNOWN) == wanted


@given(st.sampled_from([LAMP, BLIND, HEATER]), st.booleans(), st.integers(0, 100))
def test_an_order_that_is_obeyed_is_so_afterwards(device: Device, on: bool, percent: int) -> None:
    for ability, value in ((Ability.ON, on), (Ability.OPEN, on), (Ability.BRIGHTNESS, percent)):
        if ability in device.abilities:
            assert after(DeviceCommand(device.id, ability, value), device.state)[ability] == value


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_colour_is_like_itself(colour: tuple[int, int, int]) -> None:
    assert alike(colour, colour)
