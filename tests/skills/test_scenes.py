from devices.home import Ability, Kind
from tests.skills.asking import ask, device, orders, refusal
from tests.skills.surroundings import home_of, lamp

HOUSE = home_of(
    device("movie", "Movie Night", Kind.SCENE, Ability.PRESSED),
    device("bell", "Bell", Kind.OTHER, Ability.PRESSED),
    lamp("lamp", "Lamp"),
)


async def test_a_scene_is_activated_by_its_name():
    assert orders(await ask("scenes.activate", HOUSE, scene="movie night")) == [
        ("movie", Ability.PRESSED, True)
    ]


async def test_turning_a_scene_on_activates_it_and_off_is_refused():
    assert orders(await ask("lights.turn", HOUSE, on=True, device="Movie Night")) == [
        ("movie", Ability.PRESSED, True)
    ]
    assert (
        await refusal("lights.turn", HOUSE, on=False, device="Movie Night") == "I can't switch Movie Night."
    )


async def test_only_what_has_a_button_is_pressed():
    assert orders(await ask("scenes.press", HOUSE, device="Bell")) == [("bell", Ability.PRESSED, True)]
    assert await refusal("scenes.press", HOUSE, device="Lamp") == "Lamp is no scene and no button."
