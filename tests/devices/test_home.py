from dataclasses import replace

import pytest

from devices.home import Ability, Device, Home, Kind

LAMP = Device("one.lamp", "Lamp", Kind.LIGHT, frozenset({Ability.ON}), room="Hall")
FAN = Device("one.fan", "Fan", Kind.FAN, frozenset({Ability.ON}), room="Hall")
BLIND = Device("one.blind", "Blind", Kind.COVER, frozenset({Ability.OPEN}))


def home() -> Home:
    made = Home({"Kitchen": ("galley",)})
    for device in (LAMP, FAN, BLIND):
        made.put(device)
    return made


def test_devices_are_found_by_kind_and_room() -> None:
    here = home()
    assert here.find() == (LAMP, FAN, BLIND)
    assert here.find(room="Hall") == (LAMP, FAN)
    assert here.find(kind=Kind.LIGHT) == (LAMP,)
    assert here.find(kind=Kind.FAN, room="Hall") == (FAN,)
    assert here.find(kind=Kind.COVER, room="Hall") == ()
    assert here.find(room="Nowhere") == ()


def test_a_device_that_moves_is_found_where_it_is_now() -> None:
    here = home()
    here.put(replace(LAMP, room="Attic", kind=Kind.SWITCH))
    assert [device.id for device in here.find(room="Attic")] == ["one.lamp"]
    assert here.find(room="Hall") == (FAN,)
    assert here.find(kind=Kind.LIGHT) == ()
    here.remove("one.lamp")
    assert here.find(room="Attic") == ()


def test_rooms_that_devices_brought_are_there_as_long_as_the_devices_are() -> None:
    here = home()
    assert here.rooms == {"Kitchen": ("galley",), "Hall": ()}
    here.remove("one.lamp")
    here.put(replace(FAN, room=None))
    assert here.rooms == {"Kitchen": ("galley",)}


@pytest.mark.parametrize(
    "change",
    [{"name": "Sun"}, {"room": "Attic"}, {"exposed": False}, {"device_class": "x"}, {"aliases": ("sun",)}],
)
def test_what_an_order_may_be_understood_by_raises_the_revision(change: dict[str, object]) -> None:
    here = home()
    before = here.revision
    here.put(replace(LAMP, **change))  # type: ignore[arg-type]
    assert here.revision == before + 1


def test_how_a_device_is_does_not_raise_the_revision() -> None:
    here = home()
    before = here.revision
    here.report("one.lamp", {Ability.ON: True})
    here.set_available("one.lamp", False)
    here.put(replace(LAMP, state={Ability.ON: False}))
    assert here.revision == before
    here.report("one.lamp", {Ability.ON: None})
    device = here.get("one.lamp")
    assert device is not None
    assert device.state == {}


def test_what_people_call_a_thing_is_among_its_names_until_they_call_it_otherwise() -> None:
    here = home()
    before = here.revision
    here.call({"one.lamp": ("Bertie",)})
    assert here.get("one.lamp") == replace(LAMP, aliases=("Bertie",))
    assert here.revision == before + 1
    here.call({"one.lamp": ("Bertie",)})
    assert here.revision == before + 1
    here.call({"one.fan": ("Gale",)})
    assert here.get("one.lamp") == LAMP
    here.call({})
    assert tuple(here) == (LAMP, FAN, BLIND)


def test_what_people_call_a_thing_stays_when_it_announces_itself_again() -> None:
    here = home()
    here.call({"one.lamp": ("Bertie",), "one.new": ("Newt",)})
    here.put(replace(LAMP, aliases=("Hall Lamp",)))
    here.put(replace(FAN, id="one.new"))
    assert here.get("one.lamp") == replace(LAMP, aliases=("Hall Lamp", "Bertie"))
    assert here.get("one.new") == replace(FAN, id="one.new", aliases=("Newt",))
    here.call({})
    assert here.get("one.lamp") == replace(LAMP, aliases=("Hall Lamp",))


def test_an_alias_of_the_things_own_is_kept_when_the_same_word_is_no_longer_said() -> None:
    here = Home()
    here.put(replace(LAMP, aliases=("Bertie",)))
    here.call({"one.lamp": ("Bertie",)})
    here.call({})
    assert here.get("one.lamp") == replace(LAMP, aliases=("Bertie",))


def test_what_people_call_a_room_is_among_its_names() -> None:
    here = home()
    here.call({}, {"Kitchen": ("the pit",), "Hall": ("den",), "Nowhere": ("x",)})
    assert here.rooms == {"Hall": ("den",), "Kitchen": ("galley", "the pit")}
