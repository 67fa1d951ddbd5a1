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
