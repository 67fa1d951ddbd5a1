import pytest

from devices.home import Ability, Kind
from tests.skills.asking import ask, device, orders, refusal, said
from tests.skills.surroundings import home_of

BLIND = (Ability.OPEN, Ability.POSITION, Ability.MOTION)
HOUSE = home_of(
    device("left", "Left Blind", Kind.COVER, *BLIND, room="Bedroom",
           device_class="blind", state={Ability.POSITION: 30}),
    device("right", "Right Blind", Kind.COVER, *BLIND, room="Bedroom",
           device_class="blind", state={Ability.POSITION: 95}),
    device("curtain", "Curtain", Kind.COVER, Ability.OPEN, room="Kitchen", device_class="curtain"),
    device("garage", "Garage Door", Kind.COVER, Ability.OPEN, Ability.MOTION, device_class="garage"),
    device("secret", "Cellar Hatch", Kind.COVER, Ability.OPEN, room="Kitchen",
           device_class="door", exposed=False),
)  # fmt: skip


async def test_the_blinds_of_a_room_are_all_of_its_blinds():
    answer = await ask("covers.move", HOUSE, open=False, what="blind", room="Bedroom")
    assert orders(answer) == [("left", Ability.OPEN, False), ("right", Ability.OPEN, False)]
    assert said("covers.move", answer) == "Left Blind and Right Blind are closed."


async def test_closing_everywhere_leaves_the_garage_alone():
    answer = await ask("covers.move", HOUSE, open=False, what="blind", everywhere=True)
    assert {each[0] for each in orders(answer)} == {"left", "right"}


async def test_a_curtain_may_be_called_a_blind_where_there_is_no_other():
    answer = await ask("covers.move", HOUSE, open=True, what="blind", room="Kitchen")
    assert orders(answer) == [("curtain", Ability.OPEN, True)]


async def test_the_door_is_never_the_garage():
    assert await refusal("covers.move", HOUSE, open=True, what="door", room="Bedroom") != ""
    assert await refusal("covers.move", HOUSE, open=True, what="door") != ""


async def test_what_is_kept_from_voice_is_not_known():
    assert (
        await refusal("covers.move", HOUSE, open=True, device="Cellar Hatch") == "I don't know Cellar Hatch."
    )


async def test_without_a_room_it_asks_which():
    assert await refusal("covers.move", HOUSE, open=True, what="blind") == "Which room?"


async def test_only_what_has_a_position_is_set_to_one():
    answer = await ask("covers.set_position", HOUSE, percent=40, device="Left Blind")
    assert orders(answer) == [("left", Ability.POSITION, 40)]
    refused = await refusal("covers.set_position", HOUSE, percent=40, device="Garage Door")
    assert refused == "Garage Door can only be open or closed."


@pytest.mark.parametrize(("open_it", "positions"), [(True, [50, 100]), (False, [10, 75])])
async def test_a_step_starts_from_where_each_is(open_it, positions):
    answer = await ask("covers.change_position", HOUSE, open=open_it, what="blind", room="Bedroom")
    assert [each[2] for each in orders(answer)] == positions


async def test_what_cannot_stop_says_so():
    assert orders(await ask("covers.stop", HOUSE, device="Garage Door")) == [
        ("garage", Ability.MOTION, "stopped")
    ]
    assert await refusal("covers.stop", HOUSE, device="Curtain") == "Curtain can't be stopped half-way."


async def test_slats_are_tilted_where_there_are_any():
    assert await refusal("covers.set_tilt", HOUSE, percent=20, device="Curtain") == "Curtain can't be tilted."


async def test_a_group_is_ordered_for_its_members():
    group = device(
        "group", "All Blinds", Kind.COVER, *BLIND, room="Bedroom", device_class="blind", members=("left",)
    )
    home = home_of(*HOUSE, group)
    answer = await ask("covers.move", home, open=True, what="blind", room="Bedroom")
    assert {each[0] for each in orders(answer)} == {"right", "group"}
