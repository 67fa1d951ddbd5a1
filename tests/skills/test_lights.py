import pytest

from devices.home import Ability, Device, Home, Kind
from skills.api import Answer, DeviceCommand, SkillError
from skills.registry import Registry
from tests.skills.surroundings import LAMP, context_of, home_of, lamp, thing

REGISTRY = Registry.load({})
HOUSE = (
    lamp("k1", "Kitchen Light", "Kitchen", on=False, brightness=80),
    lamp("k2", "Counter Light", "Kitchen", on=True, brightness=30),
    lamp("b1", "Bedside Lamp", "Bedroom", on=True),
    thing("c1", "Coffee Maker", Kind.SWITCH, "Kitchen"),
    thing("l1", "Front Door", Kind.LOCK),
)


async def call(tool: str, home: Home, *, heard: str | None = None, **arguments: object) -> Answer:
    return await REGISTRY.call("lights", tool, arguments, context_of(home, room=heard))


def said(answer: Answer, language: str = "en") -> str:
    assert answer.say is not None
    return REGISTRY.reply("lights", answer.say, language)


async def refusal(tool: str, home: Home, **arguments: object) -> str:
    with pytest.raises(SkillError) as caught:
        await call(tool, home, **arguments)
    return REGISTRY.reply("lights", caught.value.say, "en")


async def test_a_named_thing_gets_one_command():
    answer = await call("turn", home_of(*HOUSE), on=True, device="Coffee Maker")
    assert answer.commands == (DeviceCommand("c1", Ability.ON, True),)
    assert said(answer) == "Coffee Maker is on."


async def test_a_room_gets_a_command_for_each_of_its_lights_and_for_nothing_else():
    answer = await call("turn", home_of(*HOUSE), on=False, room="Kitchen")
    assert answer.commands == (DeviceCommand("k1", Ability.ON, False), DeviceCommand("k2", Ability.ON, False))
    assert said(answer) == "The lights are off."


async def test_a_room_is_found_by_its_other_name():
    answer = await call("turn", home_of(*HOUSE), on=False, room="galley")
    assert [command.device_id for command in answer.commands] == ["k1", "k2"]


async def test_without_a_target_the_lights_where_it_was_said_are_meant():
    answer = await call("turn", home_of(*HOUSE), heard="Bedroom", on=False)
    assert [command.device_id for command in answer.commands] == ["b1"]


async def test_without_a_target_and_a_room_the_only_light_is_meant():
    answer = await call("turn", home_of(HOUSE[0]), on=True)
    assert [command.device_id for command in answer.commands] == ["k1"]


async def test_without_a_target_and_a_room_it_asks_which_room():
    assert await refusal("turn", home_of(*HOUSE), on=True) == "Which room?"


async def test_everywhere_means_every_light_but_no_switch():
    answer = await call("turn", home_of(*HOUSE), heard="Bedroom", on=False, everywhere=True)
    assert [command.device_id for command in answer.commands] == ["k1", "k2", "b1"]


async def test_a_light_without_a_room_belongs_where_its_name_says():
    answer = await call("turn", home_of(lamp("k9", "Kitchen Strip")), on=True, room="Kitchen")
    assert [command.device_id for command in answer.commands] == ["k9"]


async def test_two_things_of_one_name_are_told_apart_by_the_room():
    home = home_of(lamp("a", "Ceiling Light", "Kitchen"), lamp("b", "Ceiling Light", "Bedroom"))
    there = await call("turn", home, on=True, device="Ceiling Light", room="Bedroom")
    here = await call("turn", home, heard="Kitchen", on=True, device="Ceiling Light")
    assert [there.commands[0].device_id, here.commands[0].device_id] == ["b", "a"]
    assert await refusal("turn", home, on=True, device="Ceiling Light") == "Which Ceiling Light?"


async def test_a_lock_is_not_switched():
    assert (
        await refusal("turn", home_of(*HOUSE), on=True, device="Front Door") == "I can't switch Front Door."
    )


async def test_a_thing_that_is_not_there_is_named():
    assert await refusal("turn", home_of(*HOUSE), on=True, device="Disco Ball") == "I don't know Disco Ball."


async def test_brightness_is_set_in_percent():
    answer = await call("set_brightness", home_of(*HOUSE), percent=40, device="Bedside Lamp")
    assert answer.commands == (DeviceCommand("b1", Ability.BRIGHTNESS, 40),)
    assert said(answer, "zh") == "Bedside Lamp调到了百分之40。"


async def test_lights_of_a_room_that_cannot_be_dimmed_are_left_alone():
    plain = Device("p", "Pantry Bulb", Kind.LIGHT, frozenset({Ability.ON}), "Kitchen")
    answer = await call("set_brightness", home_of(*HOUSE, plain), percent=40, room="Kitchen")
    assert [command.device_id for command in answer.commands] == ["k1", "k2"]
    assert await refusal("set_brightness", home_of(plain), percent=40) == "Pantry Bulb can't be dimmed."


@pytest.mark.parametrize(
    ("state", "by", "brightness"),
    [
        ({"on": True, "brightness": 30}, 20, 50),
        ({"on": True, "brightness": 95}, 20, 100),
        ({"on": True, "brightness": 10}, -20, 5),
        ({"on": False, "brightness": 80}, 20, 20),
        ({"on": True}, -20, 30),
        ({}, 20, 70),
    ],
)
async def test_a_step_starts_from_the_brightness_that_is(state, by, brightness):
    answer = await call("change_brightness", home_of(lamp("x", "Lamp", **state)), by=by)
    assert answer.commands == (DeviceCommand("x", Ability.BRIGHTNESS, brightness),)


async def test_dimming_leaves_dark_lamps_dark():
    answer = await call("change_brightness", home_of(*HOUSE), by=-20, room="Kitchen")
    assert answer.commands == (DeviceCommand("k2", Ability.BRIGHTNESS, 10),)
    assert await refusal("change_brightness", home_of(HOUSE[0]), by=-20) == "Kitchen Light is off already."


async def test_a_colour_becomes_red_green_and_blue():
    answer = await call("set_colour", home_of(*HOUSE), colour="orange", device="Bedside Lamp")
    assert answer.commands == (DeviceCommand("b1", Ability.COLOUR, (255, 128, 0)),)
    assert said(answer, "zh") == "Bedside Lamp变成了橙色。"


async def test_white_is_a_temperature_for_lamps_that_know_one():
    white = Device("w", "Reading Lamp", Kind.LIGHT, LAMP | {Ability.COLOUR_TEMPERATURE})
    answer = await call("set_colour", home_of(white), colour="warm white")
    assert answer.commands == (DeviceCommand("w", Ability.COLOUR_TEMPERATURE, 2700),)


@pytest.mark.parametrize(
    ("arguments", "reply"),
    [
        ({"device": "Counter Light", "on": True}, "Yes, Counter Light is on, at 30 percent."),
        ({"device": "Kitchen Light", "on": True}, "No, Kitchen Light is off."),
        ({"device": "Coffee Maker", "on": True}, "I don't know yet whether Coffee Maker is on."),
        ({"everywhere": True, "on": True}, "Counter Light and Bedside Lamp are on."),
        ({"room": "Kitchen", "on": True}, "Counter Light is on."),
        ({"room": "Bedroom", "on": False}, "No lights are off."),
    ],
)
async def test_a_question_is_answered_and_nothing_is_done(arguments, reply):
    answer = await call("state", home_of(*HOUSE), **arguments)
    assert answer.commands == ()
    assert said(answer) == reply
