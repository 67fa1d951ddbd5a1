import pytest

from devices.home import Ability, Kind
from tests.skills.asking import ask, device, orders, refusal
from tests.skills.surroundings import home_of

ROBOT = device(
    "robot", "Robot", Kind.VACUUM, Ability.CLEANING, options={Ability.CLEANING: ("cleaning", "docked")}
)


@pytest.mark.parametrize(
    ("tool", "value"),
    [
        ("start", "cleaning"),
        ("pause", "paused"),
        ("stop", "stopped"),
        ("dock", "docked"),
        ("locate", "locate"),
    ],
)
async def test_the_only_robot_obeys_without_being_named(tool, value):
    home = home_of(device("robot", "Robot", Kind.VACUUM, Ability.CLEANING))
    assert orders(await ask(f"vacuum.{tool}", home, heard="Kitchen")) == [("robot", Ability.CLEANING, value)]


async def test_what_the_robot_cannot_do_is_said():
    assert await refusal("vacuum.locate", home_of(ROBOT)) == "Robot can't be heard."


async def test_a_home_without_a_robot_says_so():
    assert await refusal("vacuum.start", home_of()) == "I don't know of any robot vacuum here."
