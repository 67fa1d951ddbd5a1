from typing import Any

import pytest

from devices.discovery.announcements import Announcements
from devices.groups import able_members, flattened, group_of, shared_state
from devices.home import Ability, Device, Home, Kind
from devices.owner import Owner, Said

LIT = frozenset({Ability.ON, Ability.BRIGHTNESS})


def lamp(device_id: str, name: str, *, room: str | None = None, **more: Any) -> Device:
    known: dict[str, Any] = {"kind": Kind.LIGHT, "abilities": LIT, **more}
    return Device(device_id, name, room=room, convention="one", **known)


def test_a_group_can_what_any_member_can_and_is_of_their_kind_if_they_agree() -> None:
    members = [
        lamp("one.a", "A", room="Hall", limits={Ability.SETPOINT: (5, 20)}),
        lamp("one.b", "B", room="Hall", abilities=frozenset({Ability.COLOUR, Ability.READING})),
    ]
    group = group_of("All  of them", members)
    assert (group.id, group.kind, group.room) == ("group.all_of_them", Kind.LIGHT, "Hall")
    assert group.abilities == LIT | {Ability.COLOUR}
    assert group.members == ("one.a", "one.b")
    assert group_of("x", [*members, lamp("one.c", "C", kind=Kind.FAN)]).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([{Ability.ON: False}, {Ability.ON: True}], {Ability.ON: True}),
        ([{Ability.ON: False}, {Ability.ON: False}], {Ability.ON: False}),
        ([{Ability.POSITION: 0}, {Ability.POSITION: 51}], {Ability.POSITION: 25.5}),
        ([{Ability.LOCKED: True}, {Ability.LOCKED: False}], {Ability.LOCKED: False}),
        ([{Ability.MODE: "heat"}, {Ability.MODE: "off"}], {}),
        ([{Ability.MODE: "heat"}, {}], {Ability.MODE: "heat"}),
        (
            [{Ability.ON: True, Ability.BRIGHTNESS: 80}, {Ability.ON: False, Ability.BRIGHTNESS: 0}],
            {Ability.ON: True, Ability.BRIGHTNESS: 80},
        ),
        ([{Ability.READING: 3}], {}),
    ],
)
def test_a_group_is_as_its_members_are_together(
    states: list[dict[Ability, Any]], together: dict[Ability, Any]
) -> None:
    assert shared_state(lamp("one.a", "A", state=state) for state in states) == together


def test_groups_of_groups_are_taken_apart_and_circles_end() -> None:
    assert flattened({"Down": ["Hall", "up"], "Up": ["Attic", "Down"], "Self": ["self", "Attic"]}) == {
        "Down": ("Hall", "Attic"),
        "Up": ("Attic", "Hall"),
        "Self": ("Attic",),
    }


def test_those_obey_who_can() -> None:
    home = Home()
    home.put(lamp("one.a", "A"))
    home.put(lamp("one.b", "B", abilities=frozenset({Ability.ON})))
    home.put(lamp("one.g", "G", members=("one.b", "one.g", "one.a")))
    group = lamp("x.g", "All", members=("one.g", "one.a", "one.gone"))
    assert [each.id for each in able_members(group, Ability.BRIGHTNESS, home)] == ["one.a"]
    assert [each.id for each in able_members(group, Ability.ON, home)] == ["one.a", "one.b"]


def keeper_of(home: Home, *, owner: Owner | None = None) -> Announcements:
    groups = {"Downstairs": ["Sofa Lamp", "kitchen table", "one.c"]}
    return Announcements(home, ("one",), owner or Owner(), groups)


def test_a_configured_group_appears_with_its_first_member_and_follows_their_state() -> None:
    home = Home()
    announcements = keeper_of(home)
    announcements.appear(lamp("one.z", "Not in it"))
    assert home.get("group.downstairs") is None
    announcements.appear(lamp("one.c", "Whatever"))
    announcements.appear(lamp("one.a", "sofa lamp"))
    announcements.appear(lamp("one.b", "Table", room="Kitchen"))
    group = home.get("group.downstairs")
    assert group is not None
    assert (group.convention, group.members) == ("group", ("one.a", "one.b", "one.c"))
    announcements.report("one.b", {Ability.ON: True})
    announcements.report("one.c", {Ability.ON: False})
    assert home.get("group.downstairs").state == {Ability.ON: True}
    announcements.report("one.b", {Ability.ON: None})
    assert home.get("group.downstairs").state == {Ability.ON: False}
    announcements.report("one.c", {Ability.ON: None})
    assert home.get("group.downstairs").state == {}
    for member in ("one.a", "one.b"):
        announcements.reach(member, False)
    assert home.get("group.downstairs").available
    announcements.reach("one.c", False)
    assert not home.get("group.downstairs").available


def test_a_member_that_leaves_or_is_renamed_leaves_its_group() -> None:
    home = Home()
    announcements = keeper_of(home)
    announcements.appear(lamp("one.a", "Sofa Lamp"))
    announcements.appear(lamp("one.b", "Kitchen Table"))
    announcements.appear(lamp("one.a", "Garden Lamp"))
    assert home.get("group.downstairs").members == ("one.b",)
    announcements.vanish("one.b")
    assert [device.id for device in home] == ["one.a"]


def test_the_owner_names_and_places_groups_too() -> None:
    home = Home({"Lounge": ()})
    announcements = keeper_of(home, owner=Owner({"Downstairs": Said(room="lounge", aliases=("below",))}))
    announcements.appear(lamp("one.c", "Whatever", room="Hall"))
    group = home.get("group.downstairs")
    assert (group.room, group.aliases) == ("Lounge", ("below",))


def test_the_group_of_a_convention_follows_its_members_wherever_they_are_shown() -> None:
    home = Home()
    announcements = Announcements(home, ("zero", "one"), Owner(), {})
    announcements.appear(lamp("one.g", "Group", members=("one.a", "one.b")))
    assert home.get("one.g").members == ()
    announcements.report("one.g", {Ability.ON: True, Ability.BRIGHTNESS: 10})
    same = frozenset({"ieee:1"})
    announcements.appear(lamp("one.a", "A", identities=same))
    announcements.appear(lamp("one.b", "B"))
    announcements.report("one.a", {Ability.ON: False})
    assert home.get("one.g").members == ("one.a", "one.b")
    assert home.get("one.g").state == {Ability.ON: False, Ability.BRIGHTNESS: 10}
    announcements.appear(Device("zero.a", "A", Kind.LIGHT, LIT, identities=same, convention="zero"))
    assert home.get("one.g").members == ("zero.a", "one.b")
    announcements.report("zero.a", {Ability.ON: True})
    assert home.get("one.g").state[Ability.ON] is True
    announcements.vanish("one.b")
    assert home.get("one.g").members == ("zero.a",)
