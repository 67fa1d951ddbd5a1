from devices.home import Ability, Kind
from skills.api import Risk
from tests.skills.asking import REGISTRY, ask, device, orders, refusal, said
from tests.skills.surroundings import home_of

HOUSE = home_of(
    device("front", "Front Door", Kind.LOCK, Ability.LOCKED, room="Hall"),
    device("back", "Back Door", Kind.LOCK, Ability.LOCKED, room="Kitchen"),
    device("alarm", "Alarm", Kind.ALARM, Ability.ARMED, options={Ability.ARMED: ("disarmed", "armed_away")}),
)


async def test_a_door_is_locked_by_its_name():
    answer = await ask("locks.lock", HOUSE, device="Front Door")
    assert orders(answer) == [("front", Ability.LOCKED, True)]
    assert said("locks.x", answer, "zh") == "Front Door锁上了。"


async def test_all_doors_are_locked_at_once_and_never_unlocked_at_once():
    assert len(orders(await ask("locks.lock", HOUSE, everywhere=True))) == 2
    assert await refusal("locks.unlock", HOUSE) == "Which door?"


def test_no_language_model_may_unlock_or_disarm():
    assert REGISTRY.tools["locks.unlock"].risk is Risk.CONFIRM
    assert REGISTRY.tools["locks.disarm"].risk is Risk.PIN


async def test_the_alarm_is_armed_in_the_modes_that_it_has():
    assert orders(await ask("locks.arm", HOUSE)) == [("alarm", Ability.ARMED, "armed_away")]
    assert await refusal("locks.arm", HOUSE, mode="armed_night") == "Alarm has no mode for night."
    assert orders(await ask("locks.disarm", HOUSE)) == [("alarm", Ability.ARMED, "disarmed")]


async def test_a_home_without_locks_says_so():
    assert await refusal("locks.lock", home_of()) == "I don't know of any locks here."
