from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.home import Ability, Device, Kind, Value
from devices.progress import jammed, on_its_way, repeatable, replaces
from devices.values import objection

STOP = DeviceCommand("x", Ability.MOTION, "stopped")
OPEN = DeviceCommand("x", Ability.OPEN, True)
OFF = DeviceCommand("x", Ability.ON, False)


@pytest.mark.parametrize(
    ("ability", "value", "before", "now", "moving"),
    [
        (Ability.OPEN, True, {}, {Ability.MOTION: "opening"}, True),
        (Ability.OPEN, True, {}, {Ability.MOTION: "closing"}, False),
        (Ability.OPEN, False, {}, {Ability.MOTION: "closing"}, True),
        (Ability.OPEN, True, {}, {Ability.MOTION: "stopped"}, False),
        (Ability.LOCKED, True, {}, {Ability.MOTION: "locking"}, True),
        (Ability.LOCKED, False, {}, {Ability.MOTION: "locking"}, False),
        (Ability.ARMED, "armed_away", {}, {Ability.ARMED: "arming"}, True),
        (Ability.ARMED, "disarmed", {}, {Ability.ARMED: "pending"}, False),
        (Ability.CLEANING, "docked", {}, {Ability.CLEANING: "returning"}, True),
        (Ability.CLEANING, "cleaning", {}, {Ability.CLEANING: "returning"}, False),
        (Ability.POSITION, 30, {Ability.POSITION: 80}, {Ability.POSITION: 70}, True),
        (Ability.POSITION, 30, {Ability.POSITION: 80}, {Ability.POSITION: 90}, False),
        (Ability.POSITION, 30, {Ability.POSITION: 80}, {Ability.POSITION: 80}, False),
        (Ability.POSITION, 30, {Ability.POSITION: 80}, {Ability.MOTION: "closing"}, True),
        (Ability.POSITION, 30, {Ability.POSITION: 80}, {Ability.MOTION: "opening"}, False),
        (Ability.POSITION, 30, {}, {Ability.POSITION: 70}, False),
        (Ability.BRIGHTNESS, 30, {Ability.BRIGHTNESS: 0}, {Ability.BRIGHTNESS: 10}, True),
        (Ability.SETPOINT, 21, {Ability.SETPOINT: 18}, {Ability.SETPOINT: 19}, False),
        (Ability.ON, True, {Ability.ON: False}, {Ability.ON: False}, False),
    ],
)
def test_a_thing_is_on_its_way_when_it_says_so(
    ability: Ability, value: Value, before: dict[Ability, Any], now: dict[Ability, Any], moving: bool
) -> None:
    assert on_its_way(DeviceCommand("x", ability, value), before, now) is moving


def test_a_jammed_door_is_jammed_and_a_jammed_word_says_nothing_of_its_light() -> None:
    assert jammed(OPEN, {Ability.MOTION: "jammed"})
    assert not jammed(OFF, {Ability.MOTION: "jammed"})


@pytest.mark.parametrize(
    ("later", "earlier", "taken"),
    [
        (STOP, OPEN, True),
        (OPEN, DeviceCommand("x", Ability.OPEN, False), True),
        (OPEN, DeviceCommand("x", Ability.POSITION, 3), True),
        (OPEN, OPEN, False),
        (OPEN, DeviceCommand("y", Ability.OPEN, False), False),
        (OFF, DeviceCommand("x", Ability.BRIGHTNESS, 40), True),
        (DeviceCommand("x", Ability.BRIGHTNESS, 40), OFF, True),
        (DeviceCommand("x", Ability.BRIGHTNESS, 40), DeviceCommand("x", Ability.ON, True), False),
        (DeviceCommand("x", Ability.COLOUR, (1, 2, 3)), DeviceCommand("x", Ability.BRIGHTNESS, 4), False),
    ],
)
def test_a_later_order_takes_the_place_of_one_that_it_contradicts(
    later: DeviceCommand, earlier: DeviceCommand, taken: bool
) -> None:
    assert replaces(later, earlier) is taken


def test_next_twice_is_two_songs_on() -> None:
    assert repeatable(DeviceCommand("x", Ability.PLAYBACK, "next"))
    assert repeatable(DeviceCommand("x", Ability.PRESSED, True))
    assert not repeatable(DeviceCommand("x", Ability.PLAYBACK, "paused"))


THING = Device(
    "x",
    "Thing",
    Kind.OTHER,
    frozenset(Ability) - {Ability.TILT},
    options={Ability.MODE: ("off", "heat"), Ability.PLAYBACK: ("playing", "paused")},
    limits={Ability.SETPOINT: (5, 30.5)},
)


@pytest.mark.parametrize(
    ("ability", "value", "why"),
    [
        (Ability.ON, True, ""),
        (Ability.ON, 1, "its on takes bool, not '1'"),
        (Ability.TILT, 5, "it has no tilt"),
        (Ability.READING, 5, "its reading can only be asked about"),
        (Ability.SETPOINT, 30.5, ""),
        (Ability.SETPOINT, 31, "its setpoint goes from 5 to 30.5, not to 31"),
        (Ability.SETPOINT, float("nan"), "its setpoint takes degrees Celsius, not 'nan'"),
        (Ability.BRIGHTNESS, 101, "its brightness goes from 0 to 100, not to 101"),
        (Ability.COLOUR_TEMPERATURE, 2700, ""),
        (Ability.COLOUR, (1, 2, 3), ""),
        (
            Ability.COLOUR,
            (1, 2, 300),
            "its colour takes (red, green, blue), each 0 to 255, not '(1, 2, 300)'",
        ),
        (Ability.MODE, "heat", ""),
        (Ability.MODE, "cool", "its mode is one of off, heat, not 'cool'"),
        (Ability.PRESET, "anything", ""),
        (Ability.PLAYBACK, "next", ""),
        (Ability.MOTION, "stopped", ""),
        (Ability.MOTION, "opening", "its motion can only be stopped"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_can(ability: Ability, value: Value, why: str) -> None:
    assert objection(THING, ability, value) == why
