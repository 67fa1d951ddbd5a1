from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.discovery.announcements import MAX_SHARED, Announcements
from devices.discovery.identity import merged, same_thing, stand_ins
from devices.home import Ability, Device, Home, Kind
from devices.owner import Owner, Said

IEEE = frozenset({"ieee:0x00158d0001a2b3c4"})
DIMMABLE = frozenset({Ability.ON, Ability.BRIGHTNESS})
RANK = {"first": 0, "second": 1, "third": 2}


def thing(device_id: str, name: str = "Lamp", **more: Any) -> Device:
    known: dict[str, Any] = {"kind": Kind.LIGHT, "abilities": DIMMABLE, "identities": IEEE, **more}
    return Device(device_id, name, convention=device_id.partition(".")[0], **known)


def house(
    *devices: Device, owner: Owner | None = None, groups: Mapping[str, Sequence[str]] | None = None
) -> Home:
    home = Home({"Living Room": ("lounge",)})
    announcements = Announcements(home, tuple(RANK), owner or Owner(), groups or {})
    for device in devices:
        announcements.appear(device)
    return home


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (thing("second.a"), True),
        (thing("second.a", "Quite another name"), True),
        (thing("first.b"), False),
        (thing("second.a", identities=frozenset({"ieee:0x1"})), False),
        (thing("second.a", identities=frozenset()), False),
        (thing("second.a", kind=Kind.FAN), False),
        (thing("second.a", kind=Kind.SWITCH, abilities=frozenset({Ability.ON})), False),
    ],
)
def test_two_announcements_are_one_thing_by_hardware_and_kind_and_never_by_name(
    other: Device, same: bool
) -> None:
    assert same_thing(thing("first.a"), other) is same
    assert same_thing(other, thing("first.a")) is same


def test_a_relay_is_one_thing_whether_it_is_called_a_light_or_a_switch() -> None:
    just_on = frozenset({Ability.ON})
    light = thing("first.a", abilities=just_on)
    switch = thing("second.a", kind=Kind.SWITCH, abilities=just_on)
    assert same_thing(light, switch)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Hall", "temperature"), ("Hall Temperature", "temperature"), True),
        (("Hall", "temperature"), ("Hall", "humidity"), False),
        (("Hall Mode", ""), ("hall mode", ""), True),
        (("Hall Mode", ""), ("Hall Action", ""), False),
    ],
)
def test_sensors_of_one_hardware_are_told_apart_by_class(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    sensor: dict[str, Any] = {"kind": Kind.SENSOR, "abilities": frozenset({Ability.READING})}
    left = thing("first.a", one[0], device_class=one[1], **sensor)
    assert same_thing(left, thing("second.a", other[0], device_class=other[1], **sensor)) is same


def test_the_gangs_of_a_switch_stay_two_and_are_paired_by_name() -> None:
    gangs = [
        thing(f"{who}.{side}", f"Switch {side}") for who in ("second", "first") for side in ("left", "right")
    ]
    assert stand_ins(gangs, RANK) == {
        "first.left": "first.left",
        "first.right": "first.right",
        "second.left": "first.left",
        "second.right": "first.right",
    }


def test_the_winner_is_completed_by_the_other_where_it_is_silent() -> None:
    winner = thing("first.a", "0x00158d0001a2b3c4")
    other = thing("second.a", "Door", room="Garage", aliases=("gate",), exposed=False, device_class="garage")
    whole = merged(winner, [other])
    assert (whole.id, whole.name, whole.room, whole.aliases) == ("first.a", "Door", "Garage", ("gate",))
    assert (whole.exposed, whole.device_class) == (False, "garage")
    named = merged(replace(winner, name="Mine", room="Attic", aliases=("x",)), [other])
    assert (named.name, named.room, named.aliases) == ("Mine", "Attic", ("x",))


def test_the_other_takes_over_when_the_winner_vanishes_and_is_as_it_says_itself() -> None:
    home = Home()
    announcements = Announcements(home, tuple(RANK), Owner(), {})
    announcements.appear(thing("second.a", room="Hall"))
    announcements.appear(thing("first.a"))
    announcements.report("first.a", {Ability.ON: True})
    announcements.report("second.a", {Ability.ON: False})
    announcements.reach("second.a", False)
    (shown,) = home
    assert (shown.id, shown.room, shown.state) == ("first.a", "Hall", {Ability.ON: True})
    assert [each.id for each in announcements.behind("first.a")] == ["first.a", "second.a"]
    announcements.vanish("first.a")
    (shown,) = home
    assert (shown.id, shown.state, shown.available) == ("second.a", {Ability.ON: False}, False)


def test_what_the_hidden_one_says_anew_reaches_the_thing() -> None:
    home = Home()
    announcements = Announcements(home, tuple(RANK), Owner(), {})
    announcements.appear(thing("first.a"))
    announcements.appear(thing("second.a", room="Hall"))
    announcements.appear(thing("second.a", room="Attic", exposed=False))
    (shown,) = home
    assert (shown.id, shown.room, shown.exposed) == ("first.a", "Attic", False)


def test_a_number_that_half_the_house_shares_names_nothing() -> None:
    first = [thing(f"first.{number}") for number in range(MAX_SHARED // 2)]
    second = [thing(f"second.{number}") for number in range(MAX_SHARED // 2)]
    assert len(house(*first, *second)) == len(first)
    assert len(house(*first, *second, thing("third.0"))) == MAX_SHARED + 1


def test_the_owner_has_the_last_word_by_id_or_by_any_name_that_was_announced() -> None:
    owner = Owner(
        {
            "second.a": Said(name="Reading lamp", room="lounge", aliases=("lese",), exposed=False),
            "FAN": Said(exposed=True),
        }
    )
    home = house(
        thing("first.a"),
        thing("second.a", aliases=("x",)),
        thing("first.fan", "Fan", identities=frozenset(), exposed=False),
        owner=owner,
    )
    lamp, fan = home.get("first.a"), home.get("first.fan")
    assert lamp is not None
    assert fan is not None
    assert (lamp.name, lamp.room, lamp.aliases) == ("Reading lamp", "Living Room", ("lese", "x"))
    assert (lamp.exposed, fan.exposed) == (False, True)


IDENTITIES = st.sampled_from(["ieee:0x1", "ieee:0x2", "mac:a4cf12345678"])
NAMES = st.sampled_from(["Lamp", "Kitchen Lamp", "lamp", "客厅灯", "Living Room Lamp", "Hall_Lamp"])
DEVICES = st.builds(
    lambda who, number, name, kind, identities, room, members: thing(
        f"{who}.{number}",
        name,
        kind=kind,
        abilities=frozenset({Ability.ON}),
        identities=identities,
        room=room,
        members=members,
    ),
    st.sampled_from(list(RANK)),
    st.integers(0, 3),
    NAMES,
    st.sampled_from([Kind.LIGHT, Kind.SWITCH, Kind.FAN]),
    st.frozensets(IDENTITIES, max_size=2),
    st.sampled_from([None, None, "kitchen", "Kitchen", "lounge", "客厅", "Hall"]),
    st.sampled_from([(), (), ("first.0", "second.1")]),
)
SETS = st.lists(DEVICES, max_size=8, unique_by=lambda device: device.id)


def _ways(data: st.DataObject, devices: Sequence[Device]) -> list[Callable[[Announcements], None]]:
    """The announcements in any order, some of them taken back and made again, with words in between."""
    steps: list[Callable[[Announcements], None]] = []
    for device in data.draw(st.permutations(devices)):
        if data.draw(st.booleans()):
            steps.append(lambda to, d=device: to.appear(replace(d, name="before", room="Elsewhere")))
        if data.draw(st.booleans()):
            steps.append(lambda to, d=device: (to.appear(d), to.vanish(d.id)))
        steps.append(lambda to, d=device: to.appear(d))
    spoken = data.draw(st.permutations(devices))
    steps += [lambda to, d=device: to.report(d.id, {Ability.ON: d.id < "second.1"}) for device in spoken]
    return steps


@given(SETS, st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_the_order_of_arrival_the_same_home_results(
    devices: list[Device], data: st.DataObject
) -> None:
    seen = []
    for _ in range(2):
        home = Home({"Living Room": ("lounge",)})
        owner = Owner({"first.2": Said(name="Sun", room="Attic")})
        to = Announcements(home, tuple(RANK), owner, {"All": ["Lamp", "客厅灯", "first.3"]})
        for step in _ways(data, devices):
            step(to)
        seen.append(({device.id: device for device in home}, set(home.rooms)))
    assert seen[0] == seen[1]


@given(SETS)
@settings(max_examples=50, deadline=None)
def test_every_announcement_is_behind_exactly_one_thing_of_the_home(devices: list[Device]) -> None:
    home = Home()
    announcements = Announcements(home, tuple(RANK), Owner(), {})
    for device in devices:
        announcements.appear(device)
    behind = [each.id for shown in home for each in announcements.behind(shown.id)]
    assert sorted(behind) == sorted(device.id for device in devices)
    for device in devices:
        announcements.vanish(device.id)
    assert len(home) == 0
    assert not home.rooms
