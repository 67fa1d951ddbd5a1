import pytest

from devices.home import Ability, Kind
from tests.skills.asking import ask, device, orders, refusal
from tests.skills.surroundings import home_of


def fan(**state):
    return home_of(
        device(
            "fan",
            "Fan",
            Kind.FAN,
            Ability.ON,
            Ability.FAN_SPEED,
            state={Ability(k): v for k, v in state.items()},
        )
    )


async def test_a_fan_is_set_to_a_speed():
    assert orders(await ask("fans.set_speed", fan(), percent=66, device="Fan")) == [
        ("fan", Ability.FAN_SPEED, 66)
    ]


@pytest.mark.parametrize(
    ("state", "faster", "speed"),
    [
        ({"fan_speed": 40}, True, 60),
        ({"fan_speed": 20}, False, 10),
        ({"on": False, "fan_speed": 90}, True, 20),
    ],
)
async def test_a_step_starts_from_the_speed_that_is(state, faster, speed):
    assert orders(await ask("fans.change_speed", fan(**state), faster=faster)) == [
        ("fan", Ability.FAN_SPEED, speed)
    ]


async def test_a_fan_of_one_speed_says_so():
    home = home_of(device("fan", "Fan", Kind.FAN, Ability.ON))
    assert await refusal("fans.set_speed", home, percent=50) == "Fan has only one speed."
