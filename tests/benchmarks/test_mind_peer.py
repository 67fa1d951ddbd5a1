from typing import Any

import pytest

from benchmarks.mind import peer
from benchmarks.mind.cases import Case, Effect, Expectation, Turn, houses
from devices.home import Ability
from tests.requirements import require

HOUSE = houses()["en_terrace"]


def orders(intent: str, room: str = "", **slots: Any) -> list[tuple[str, str, Any]]:
    found = peer.commands_of(intent, slots, HOUSE, room)
    return [(each.device_id, each.ability.value, each.value) for each in found]


def test_a_cover_is_opened_by_turning_it_on() -> None:
    assert orders("HassTurnOn", name="Garage Door") == [("garage_door", "open", True)]


def test_an_area_and_a_domain_are_all_such_things_there() -> None:
    assert orders("HassTurnOff", area="kitchen", domain="light") == [
        ("kitchen_ceiling", "on", False),
        ("worktop", "on", False),
    ]


def test_a_temperature_without_a_name_is_that_of_the_room() -> None:
    assert orders("HassClimateSetTemperature", "bedroom", temperature=20) == [("bedroom_rad", "setpoint", 20)]
    assert orders("HassClimateSetTemperature", "garden", temperature=20) == []


def test_what_a_thing_cannot_do_is_not_ordered() -> None:
    assert orders("HassLightSet", name="Hall Light", brightness=30) == []
    assert orders("HassTurnOn", name="no such thing") == []


@pytest.mark.parametrize("intent", ["HassGetState", "HassNevermind", "HassStartTimer"])
def test_other_intents_order_nothing(intent: str) -> None:
    assert orders(intent, name="Big Light") == []


def test_it_is_asked_for_single_orders_to_things() -> None:
    do = Expectation(do=(Effect(thing="big_light", ability=Ability.ON, value=False),))
    later = Expectation(do=(Effect(thing="big_light", ability=Ability.ON, value=False, moment={"in_s": 5}),))
    turn, other, third = (Turn("x", (right,)) for right in (do, later, Expectation(ask="what")))

    def asked(*turns: Turn) -> bool:
        return peer.is_device_order(Case("t", "en", HOUSE.name, "", "plain", "lights", turns))

    assert asked(turn)
    assert not asked(other)
    assert not asked(third)
    assert not asked(turn, turn)


def test_it_understands_its_own_sentences() -> None:
    require("home-assistant-intents", peer.there(), "pip install home-assistant-intents")
    right = Expectation(do=(Effect(thing="desk_lamp", ability=Ability.BRIGHTNESS, value=30),))
    turn = Turn("Set the desk lamp to 30 percent.", (right,))
    (found,) = peer.compare(
        [Case("t", "en", HOUSE.name, "", "plain", "lights", (turn,))], {HOUSE.name: HOUSE}
    )
    assert found.verdict.exact
