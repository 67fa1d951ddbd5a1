from datetime import datetime, timedelta

import pytest

from devices.home import Ability, Kind
from skills.api import DeviceCommand, SkillError, Span
from skills.home.past import bounds, duration, moment
from tests.skills.asking import ask, device, orders, refusal, said
from tests.skills.surroundings import MONDAY, home_of

HOUSE = home_of(
    device("garage", "Garage Door", Kind.COVER, Ability.OPEN, device_class="garage",
           state={Ability.OPEN: True}),
    device("front", "Front Door", Kind.LOCK, Ability.LOCKED, state={Ability.LOCKED: True}),
    device("w1", "Kitchen Window", Kind.SENSOR, Ability.READING, room="Kitchen", device_class="window",
           state={Ability.READING: "on"}),
    device("w2", "Bedroom Window", Kind.SENSOR, Ability.READING, room="Bedroom", device_class="window",
           state={Ability.READING: "off"}),
    device("leak", "Sink", Kind.SENSOR, Ability.READING, room="Kitchen", device_class="moisture",
           state={Ability.READING: "off"}),
    device("hum", "Air", Kind.SENSOR, Ability.READING, room="Kitchen", device_class="humidity", unit="%",
           state={Ability.READING: 54.32}),
    device("heat", "Heating", Kind.CLIMATE, Ability.MODE, state={Ability.MODE: "heat"}),
    device("robot", "Robot", Kind.VACUUM, Ability.CLEANING, available=False, identities=frozenset({"mac:1"})),
    device("charge", "Power Cell", Kind.SENSOR, Ability.READING, device_class="battery", unit="%",
           identities=frozenset({"mac:1"}), state={Ability.READING: 80}),
)  # fmt: skip


def at(hours: float) -> float:
    return (MONDAY.replace(hour=0, minute=0) + timedelta(hours=hours)).timestamp()


class Past:
    """A history of one thing."""

    def __init__(self, device_id: str = "", *spans: Span, undo: tuple[DeviceCommand, ...] = ()) -> None:
        self._device_id, self._spans, self._undo = device_id, spans, undo

    def spans(self, device_id, ability, since_s, until_s):
        if device_id != self._device_id:
            return ()
        return tuple(each for each in self._spans if each.until_s > since_s and each.since_s < until_s)

    def undo(self, room=None):
        return self._undo


@pytest.mark.parametrize(
    ("arguments", "reply"),
    [
        ({"asked": "open", "device": "Garage Door"}, "Yes, Garage Door is open."),
        ({"asked": "closed", "what": "garage"}, "No, Garage Door is open."),
        ({"asked": "locked", "what": "door"}, "Yes, Front Door is locked."),
        ({"asked": "open", "what": "window"}, "Kitchen Window is open."),
        ({"asked": "closed", "what": "window", "room": "Bedroom"}, "Yes, Bedroom Window is closed."),
        ({"asked": "wet", "device": "Sink"}, "No, Sink is dry."),
        ({"device": "Air"}, "Air: 54.3 percent."),
        ({"asked": "on", "what": "heating"}, "Yes, Heating is on."),
    ],
)
async def test_how_it_is_is_told_and_nothing_is_done(arguments, reply):
    answer = await ask("home.state", HOUSE, **arguments)
    assert (answer.commands, said("home.x", answer)) == ((), reply)


@pytest.mark.parametrize(
    ("arguments", "reply"),
    [
        ({"quantity": "humidity", "room": "Kitchen"}, "54.3 percent."),
        ({"quantity": "battery", "device": "Robot"}, "80 percent."),
        ({"quantity": "leak"}, "No, it is dry."),
    ],
)
async def test_sensors_are_read_out(arguments, reply):
    assert said("home.x", await ask("home.reading", HOUSE, **arguments)) == reply


async def test_what_nothing_measures_is_said():
    assert (
        await refusal("home.reading", HOUSE, quantity="co2") == "Nothing here tells the carbon dioxide level."
    )
    assert (
        await refusal("home.state", HOUSE, asked="wet", device="Front Door")
        == "I can't tell that of Front Door."
    )


OPENED = Past("garage", Span(False, at(0), at(8)), Span(True, at(8), at(8.5)), Span(False, at(8.5), at(14.3)))


async def test_the_past_is_told_from_the_record():
    was = {"asked": "open", "what": "garage"}
    this_morning = await ask("home.was", HOUSE, history=OPENED, period="this_morning", **was)
    assert said("home.x", this_morning) == "Yes, Garage Door became open at 8:00."
    last_hour = await ask("home.was", HOUSE, history=OPENED, period="last_hour", **was)
    assert said("home.x", last_hour) == "No, it was not open, as far as I know."
    last = await ask("home.last", HOUSE, history=OPENED, **was)
    assert said("home.x", last) == "Garage Door became open at 8:00."
    long = await ask("home.how_long", HOUSE, history=OPENED, period="today", **was)
    assert said("home.x", long) == "Garage Door was open for 30 minutes."


async def test_of_a_time_without_a_record_nothing_is_claimed():
    refused = await refusal(
        "home.was", HOUSE, asked="open", what="garage", period="yesterday", history=OPENED
    )
    assert refused == "I have no record of Garage Door for that time."


def test_a_period_that_is_still_to_come_is_refused():
    with pytest.raises(SkillError):
        bounds("this_evening", MONDAY)


@pytest.mark.parametrize(
    ("period", "hours"),
    [("today", (0, 14 + 1 / 3)), ("this_morning", (5, 12)), ("yesterday", (-24, 0)), ("last_night", (-4, 6)),
     ("yesterday_evening", (-6, 0)), ("last_hour", (13 + 1 / 3, 14 + 1 / 3)),
     ("sunday", (-24, 0)), ("monday", (-168, -144))],
)  # fmt: skip
def test_words_for_times_have_bounds(period, hours):
    assert bounds(period, MONDAY) == pytest.approx((at(hours[0]), at(hours[1])))


def test_moments_and_lengths_are_spoken():
    assert moment(at(-10), MONDAY).key == "at_time_yesterday"
    assert moment(at(-30), MONDAY).key == "at_time_on"
    assert [each.key for each in duration(3 * 3600 + 60)] == ["hours", "one_minute"]
    assert [each.key for each in duration(5)] == ["less_than_a_minute"]
    assert datetime.fromtimestamp(at(8), MONDAY.tzinfo).hour == 8


async def test_undo_sends_what_the_history_says_and_says_when_there_is_nothing():
    back = DeviceCommand("garage", Ability.OPEN, False)
    assert orders(await ask("home.undo", HOUSE, history=Past(undo=(back,)))) == [
        ("garage", Ability.OPEN, False)
    ]
    assert await refusal("home.undo", HOUSE) == "There is nothing to take back."


async def test_what_there_is_and_what_is_away_is_told():
    kitchen = await ask("home.devices", HOUSE, room="Kitchen")
    assert said("home.x", kitchen) == "There is Kitchen Window, Sink and Air."
    assert said("home.x", await ask("home.offline", HOUSE)) == "Robot is offline."


async def test_a_doors_contact_tells_what_its_lock_cannot():
    contact = device("contact", "Front Door Contact", Kind.SENSOR, Ability.READING, device_class="door",
                     state={Ability.READING: "on"})  # fmt: skip
    answer = await ask("home.state", home_of(*HOUSE, contact), asked="open", device="Front Door")
    assert said("home.x", answer) == "Yes, Front Door Contact is open."
