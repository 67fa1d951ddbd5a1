import pytest

from devices.home import Ability, Kind
from skills.registry import Registry
from tests.skills.asking import ask, device, orders, refusal, said
from tests.skills.surroundings import context_of, home_of

ALL = (Ability.MODE, Ability.SETPOINT, Ability.READING, Ability.PRESET)
HOUSE = home_of(
    device("radiator", "Radiator", Kind.CLIMATE, *ALL, room="Kitchen",
           options={Ability.MODE: ("off", "heat", "auto"), Ability.PRESET: ("Eco", "Boost")},
           limits={Ability.SETPOINT: (5.0, 30.0)},
           state={Ability.SETPOINT: 20.0, Ability.READING: 18.5, Ability.MODE: "heat"}),
    device("cooler", "Cooler", Kind.CLIMATE, *ALL, room="Bedroom",
           options={Ability.MODE: ("off", "cool", "dry")}, state={Ability.MODE: "off"}),
    device("sensor", "Thermometer", Kind.SENSOR, Ability.READING, room="Kitchen",
           device_class="temperature",
           state={Ability.READING: 19.0}, unit="°C"),
)  # fmt: skip


async def test_a_temperature_is_set_in_the_room_where_it_was_said():
    answer = await ask("climate.set_temperature", HOUSE, heard="Kitchen", degrees=21.5)
    assert orders(answer) == [("radiator", Ability.SETPOINT, 21.5)]
    assert said("climate.x", answer) == "Radiator is set to 21.5 degrees."


async def test_fahrenheit_is_understood_when_said_and_when_the_owner_counts_so():
    said_so = await ask("climate.set_temperature", HOUSE, degrees=68, fahrenheit=True, device="Radiator")
    assert orders(said_so) == [("radiator", Ability.SETPOINT, 20.0)]
    registry = Registry.load({"climate": {"unit": "fahrenheit"}})
    arguments = {"degrees": 68, "device": "Radiator"}
    answer = await registry.call("climate", "set_temperature", arguments, context_of(HOUSE))
    assert orders(answer) == [("radiator", Ability.SETPOINT, 20.0)]
    assert answer.say is not None
    assert registry.reply("climate", answer.say, "en") == "Radiator is set to 68 degrees."


async def test_degrees_beyond_the_device_are_refused_with_its_limits():
    refused = await refusal("climate.set_temperature", HOUSE, degrees=70, device="Radiator")
    assert refused == "Radiator goes from 5 to 30 degrees."


@pytest.mark.parametrize(("warmer", "by", "degrees"), [(True, 1, 21.0), (False, 2.5, 17.5), (True, 20, 30.0)])
async def test_warmer_starts_from_what_is_set_and_ends_at_the_limit(warmer, by, degrees):
    answer = await ask("climate.change_temperature", HOUSE, warmer=warmer, by=by, room="Kitchen")
    assert orders(answer) == [("radiator", Ability.SETPOINT, degrees)]


async def test_heating_is_turned_on_by_its_mode_and_cooling_is_left_alone():
    answer = await ask("climate.turn", HOUSE, on=True, what="heating", everywhere=True)
    assert orders(answer) == [("radiator", Ability.MODE, "heat")]
    assert orders(await ask("climate.turn", HOUSE, on=False, what="heating")) == [
        ("radiator", Ability.MODE, "off")
    ]


async def test_a_room_without_heating_has_none():
    refused = await refusal("climate.turn", HOUSE, on=True, what="heating", room="Bedroom")
    assert refused == "I don't know of any heating in Bedroom."


async def test_a_mode_that_the_device_has_not_is_refused():
    assert (
        await refusal("climate.set_mode", HOUSE, mode="cool", device="Radiator")
        == "Radiator has no mode for cooling."
    )
    assert orders(await ask("climate.set_mode", HOUSE, mode="dry", what="cooling")) == [
        ("cooler", Ability.MODE, "dry")
    ]


async def test_a_preset_is_ordered_in_the_devices_own_word():
    answer = await ask("climate.set_preset", HOUSE, preset="eco", device="Radiator")
    assert orders(answer) == [("radiator", Ability.PRESET, "Eco")]


async def test_a_rooms_own_thermometer_knows_best():
    answer = await ask("climate.temperature", HOUSE, room="Kitchen")
    assert (answer.commands, said("climate.x", answer)) == ((), "It's 19 degrees.")


async def test_what_it_is_set_to_is_told():
    assert (
        said("climate.x", await ask("climate.target", HOUSE, device="Radiator"))
        == "Radiator is set to 20 degrees."
    )
    assert said("climate.x", await ask("climate.target", HOUSE, device="Cooler")) == "Cooler is off."


async def test_a_thermostat_of_no_room_serves_every_room():
    home = home_of(device("t", "Home Thermostat", Kind.CLIMATE, Ability.SETPOINT))
    answer = await ask("climate.set_temperature", home, heard="Bedroom", degrees=20)
    assert orders(answer) == [("t", Ability.SETPOINT, 20.0)]
