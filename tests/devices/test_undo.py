from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.history import History
from devices.home import Ability, Device, Kind, Value

State = dict[Ability, Value]


def device(state: Mapping[Ability, Value], device_id: str = "one.x") -> Device:
    return Device(device_id, "Thing", Kind.OTHER, frozenset(Ability), state=state)


def undone(before: State, *orders: tuple[Ability, Value]) -> list[tuple[Ability, Value]]:
    history = History()
    for ability, value in orders:
        history.ordered("t", "Hall", device(before), DeviceCommand("one.x", ability, value))
    return [(command.ability, command.value) for command in history.undo()]


@pytest.mark.parametrize(
    ("before", "orders", "back"),
    [
        ({Ability.ON: False}, [(Ability.ON, True)], [(Ability.ON, False)]),
        ({Ability.ON: True}, [(Ability.ON, False)], [(Ability.ON, True)]),
        (
            {Ability.ON: False, Ability.BRIGHTNESS: 20},
            [(Ability.BRIGHTNESS, 80), (Ability.COLOUR, (1, 2, 3))],
            [(Ability.ON, False)],
        ),
        (
            {Ability.ON: True, Ability.BRIGHTNESS: 20, Ability.COLOUR_TEMPERATURE: 2700},
            [(Ability.COLOUR, (1, 2, 3))],
            [(Ability.ON, True), (Ability.BRIGHTNESS, 20), (Ability.COLOUR_TEMPERATURE, 2700)],
        ),
        ({Ability.POSITION: 30, Ability.OPEN: True}, [(Ability.OPEN, False)], [(Ability.POSITION, 30)]),
        ({Ability.OPEN: False}, [(Ability.POSITION, 40)], [(Ability.OPEN, False)]),
        ({Ability.SETPOINT: 19.5}, [(Ability.SETPOINT, 22)], [(Ability.SETPOINT, 19.5)]),
        ({Ability.MODE: "heat"}, [(Ability.MODE, "off")], [(Ability.MODE, "heat")]),
        ({Ability.LOCKED: False}, [(Ability.LOCKED, True)], [(Ability.LOCKED, False)]),
        ({Ability.ARMED: "arming"}, [(Ability.ARMED, "disarmed")], []),
        ({Ability.CLEANING: "returning"}, [(Ability.CLEANING, "cleaning")], [(Ability.CLEANING, "docked")]),
        (
            {Ability.ON: False, Ability.FAN_SPEED: 30},
            [(Ability.FAN_SPEED, 80)],
            [(Ability.ON, False)],
        ),
        ({Ability.PLAYBACK: "playing"}, [(Ability.PLAYBACK, "next")], []),
        ({}, [(Ability.PRESSED, True)], []),
        ({}, [(Ability.ON, True)], []),
        ({Ability.ON: True}, [(Ability.ON, True)], []),
    ],
)
def test_an_order_is_taken_back_as_far_as_it_can_be(
    before: State, orders: list[tuple[Ability, Value]], back: list[tuple[Ability, Value]]
) -> None:
    assert undone(before, *orders) == back


def test_each_order_is_taken_back_once_and_the_taking_back_is_no_order() -> None:
    history = History()
    first, second = DeviceCommand("one.x", Ability.ON, True), DeviceCommand("one.y", Ability.ON, True)
    history.ordered("t1", "Hall", device({Ability.ON: False}), first)
    history.ordered("t2", "Hall", device({Ability.ON: False}, "one.y"), second)
    (back,) = history.undo("Hall")
    assert back == DeviceCommand("one.y", Ability.ON, False)
    history.ordered("t3", "Hall", device({Ability.ON: True}, "one.y"), back)
    assert history.undo("Hall") == (DeviceCommand("one.x", Ability.ON, False),)
    assert history.undo("Hall") == ()


def test_what_was_ordered_elsewhere_stays_unless_it_is_asked_for_anywhere() -> None:
    history = History()
    history.ordered("t1", "Hall", device({Ability.ON: False}), DeviceCommand("one.x", Ability.ON, True))
    assert history.undo("Kitchen") == ()
    assert len(history.undo(None)) == 1


def test_all_orders_of_a_turn_are_taken_back_to_how_it_was_before_the_first() -> None:
    history = History()
    history.ordered("t", None, device({Ability.ON: False}), DeviceCommand("one.x", Ability.ON, True))
    history.ordered("t", None, device({Ability.ON: True}), DeviceCommand("one.x", Ability.BRIGHTNESS, 9))
    history.ordered(
        "t", None, device({Ability.OPEN: True}, "one.y"), DeviceCommand("one.y", Ability.OPEN, False)
    )
    assert history.undo() == (
        DeviceCommand("one.x", Ability.ON, False),
        DeviceCommand("one.y", Ability.OPEN, True),
    )


class Lamp:
    """A lamp as lamps are: what is set of its light switches it on."""

    def __init__(self, state: State) -> None:
        self.state = dict(state)

    def obey(self, command: DeviceCommand) -> None:
        if command.ability in (Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE):
            self.state[Ability.ON] = True
        if command.ability is Ability.COLOUR:
            self.state.pop(Ability.COLOUR_TEMPERATURE, None)
        if command.ability is Ability.COLOUR_TEMPERATURE:
            self.state.pop(Ability.COLOUR, None)
        self.state[command.ability] = command.value

    def seen(self) -> State:
        return self.state if self.state[Ability.ON] else {Ability.ON: False}


ORDERS = st.one_of(
    st.tuples(st.just(Ability.ON), st.booleans()),
    st.tuples(st.just(Ability.BRIGHTNESS), st.integers(1, 100)),
    st.tuples(st.just(Ability.COLOUR), st.tuples(*[st.integers(0, 255)] * 3)),
    st.tuples(st.just(Ability.COLOUR_TEMPERATURE), st.integers(2000, 6500)),
    st.tuples(st.just(Ability.SETPOINT), st.integers(5, 30)),
)


@given(
    st.booleans(),
    st.integers(1, 100),
    st.one_of(
        st.tuples(st.just(Ability.COLOUR), st.tuples(*[st.integers(0, 255)] * 3)),
        st.tuples(st.just(Ability.COLOUR_TEMPERATURE), st.integers(2000, 6500)),
    ),
    st.lists(ORDERS, max_size=6),
)
def test_a_turn_and_its_undoing_leave_a_lamp_as_it_was(
    on: bool, brightness: int, light: tuple[Ability, Value], orders: list[tuple[Ability, Value]]
) -> None:
    lamp = Lamp({Ability.ON: on, Ability.BRIGHTNESS: brightness, light[0]: light[1], Ability.SETPOINT: 20})
    before = dict(lamp.seen())
    history = History()
    for ability, value in orders:
        command = DeviceCommand("one.x", ability, value)
        history.ordered("t", None, device(lamp.state), command)
        lamp.obey(command)
    for command in history.undo():
        lamp.obey(command)
    assert lamp.seen() == before
    assert lamp.state[Ability.SETPOINT] == 20


def test_a_turn_that_another_completes_is_taken_back_but_for_what_both_order():
    history = History()
    for each in ("lamp", "spots"):
        was = device({Ability.ON: False}, each)
        history.ordered("half", "Hall", was, DeviceCommand(each, Ability.ON, True))
    assert history.withdraw("half", "whole", {"spots"}) == (DeviceCommand("lamp", Ability.ON, False),)
    assert history.undo("Hall") == (DeviceCommand("spots", Ability.ON, False),)
    assert history.withdraw("half", "whole", ()) == ()
