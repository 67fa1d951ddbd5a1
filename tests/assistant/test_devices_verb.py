"""The table of `sotto devices`: what a person reads of a device."""

import pytest

from assistant.cli.devices_verb import _place, _plain, _row
from devices.home import Ability, Device, Kind, Value


def device(name: str, kind: Kind, state: dict[Ability, Value], **more: object) -> Device:
    abilities = frozenset(state) | more.pop("also", frozenset())  # type: ignore[operator]
    return Device(name.lower(), name, kind, abilities, state=state, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "can", "state"),
    [
        (
            device("Lamp", Kind.LIGHT, {Ability.BRIGHTNESS: 40, Ability.ON: True}),
            "brightness, on/off",
            "on, 40 %",
        ),
        (
            device("Lamp", Kind.LIGHT, {Ability.BRIGHTNESS: 40, Ability.ON: False}),
            "brightness, on/off",
            "off",
        ),
        (device("Lamp", Kind.LIGHT, {Ability.COLOUR: (255, 0, 16)}), "colour", "#ff0010"),
        (
            device("Blind", Kind.COVER, {Ability.OPEN: True, Ability.POSITION: 35}),
            "open/close, position",
            "open, 35 %",
        ),
        (
            device("Blind", Kind.COVER, {Ability.OPEN: False, Ability.POSITION: 0}),
            "open/close, position",
            "closed",
        ),
        (
            device("Gate", Kind.COVER, {Ability.OPEN: True, Ability.MOTION: "closing"}),
            "open/close, stop",
            "open, closing",
        ),
        (device("Door", Kind.LOCK, {Ability.LOCKED: False}), "lock/unlock", "unlocked"),
        (
            device(
                "Heat",
                Kind.CLIMATE,
                {Ability.READING: 19.5, Ability.MODE: "heat", Ability.SETPOINT: 21.0},
                unit="°C",
            ),
            "mode, temperature",
            "heat, set to 21 °C, 19.5 °C",
        ),
        (device("Leak", Kind.SENSOR, {Ability.READING: "off"}, device_class="moisture"), "only tells", "dry"),
        (device("Bike", Kind.SENSOR, {Ability.READING: 3}), "only tells", "3"),
        (device("Film", Kind.SCENE, {}, also=frozenset({Ability.PRESSED})), "start", "-"),
        (device("Plug", Kind.SWITCH, {}, also=frozenset({Ability.ON})), "on/off", "not known"),
    ],
)
def test_what_a_device_can_and_how_it_is_stands_there_in_words(shown: Device, can: str, state: str) -> None:
    row = _row(shown, ("homeassistant",))
    assert (row[2], row[3]) == (can, state)


def test_what_cannot_be_reached_or_is_kept_from_voice_is_marked() -> None:
    hidden = device("Safe", Kind.LOCK, {Ability.LOCKED: True}, available=False, exposed=False)
    row = _row(hidden, ("tasmota", "homeassistant"))
    assert (row[0], row[4], row[5]) == ("Safe (not by voice)", "no", "tasmota, homeassistant")


def test_rooms_and_numbers_are_in_the_order_that_people_expect() -> None:
    places = [
        ("Lamp 10", "Room 2"),
        ("Lamp 2", "Room 2"),
        ("Lamp", None),
        ("Lamp 1", "Room 10"),
        ("Lamp 1", "room 1"),
    ]
    made = [device(name, Kind.LIGHT, {Ability.ON: True}, room=room) for name, room in places]
    assert [(each.name, each.room) for each in sorted(made, key=_place)] == [
        ("Lamp 1", "room 1"),
        ("Lamp 2", "Room 2"),
        ("Lamp 10", "Room 2"),
        ("Lamp 1", "Room 10"),
        ("Lamp", None),
    ]


def test_the_json_holds_all_that_is_known() -> None:
    limits = {Ability.SETPOINT: (7.0, 30.0)}
    plain = _plain(device("Heat", Kind.CLIMATE, {Ability.SETPOINT: 20}, limits=limits), ("zigbee2mqtt",))
    assert plain["limits"] == {Ability.SETPOINT: [7.0, 30.0]}
    assert plain["conventions"] == ["zigbee2mqtt"]
    assert {"device_class", "options", "identities", "exposed", "members", "unit"} <= set(plain)
