from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devices.home import Ability, Kind
from skills.conditions import (
    Condition,
    Watch,
    condition_of,
    knows_who_is_home,
    sun_moment,
    things_called,
    zone_city,
)
from skills.testing import home, thing
from skills.times import Cause, State, When, read_when
from tests.skills.clockwork import LONDON

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=LONDON)


def person(name: str, where: str):
    return replace(thing(name, Kind.SENSOR, reading=where), device_class="person")


def machine(name: str = "Machine", **state):
    return replace(thing(name, Kind.SENSOR, **state), device_class="washing_machine")


@pytest.mark.parametrize(
    ("words", "device", "now_so", "then_so"),
    [
        ("when the washing is done", machine(reading="running"), False, {Ability.READING: "idle"}),
        ("等衣服洗完了", machine(reading="running"), False, {Ability.READING: "finished"}),
        (
            "when the vacuum is finished",
            thing("Robby", Kind.VACUUM, cleaning="cleaning"),
            False,
            {Ability.CLEANING: "docked"},
        ),
        (
            "when the machine stops",
            replace(machine(reading=800.0), device_class="power"),
            False,
            {Ability.READING: 1.2},
        ),
        ("when the machine stops", thing("Machine", on=True), False, {Ability.ON: False}),
        ("when the machine opens", thing("Machine", Kind.COVER, open=False), False, {Ability.OPEN: True}),
        (
            "if the machine gets unlocked",
            thing("Machine", Kind.LOCK, locked=True),
            False,
            {Ability.LOCKED: False},
        ),
        (
            "when the machine opens",
            thing("Machine", Kind.SENSOR, reading="closed"),
            False,
            {Ability.READING: "open"},
        ),
        (
            "when the machine is closed",
            thing("Machine", Kind.SENSOR, reading="on"),
            False,
            {Ability.READING: "off"},
        ),
        (
            "when the machine is full",
            thing("Machine", Kind.SENSOR, reading=80),
            False,
            {Ability.READING: 100},
        ),
    ],
)
def test_a_change_is_seen_in_what_things_say(words, device, now_so, then_so):
    things = home(device)
    when = read_when(words, NOW)
    assert when is not None
    condition = condition_of(when, things)
    assert condition is not None
    assert condition.holds(things) is now_so
    things.report(device.id, then_so)
    assert condition.holds(things) is True


def test_a_thing_that_cannot_become_so_is_not_waited_for():
    when = read_when("when the lamp is locked", NOW)
    assert when is not None
    assert condition_of(when, home(thing("Lamp", Kind.LIGHT, on=True))) is None


def test_a_thing_that_its_owner_hides_is_not_found():
    hidden = replace(thing("Safe", Kind.LOCK, locked=True), exposed=False)
    assert things_called("the safe", home(hidden)) == []


def test_a_name_is_meant_before_a_part_of_one():
    things = home(thing("Door", Kind.LOCK, locked=True), thing("Balcony Door", Kind.SENSOR, reading="open"))
    assert [each.name for each in things_called("the door", things)] == ["Door"]
    assert [each.name for each in things_called("the balcony door", things)] == ["Balcony Door"]
    assert things_called("the cellar door", things) == []


def test_leaving_is_when_the_last_has_left_and_arriving_when_the_first_is_back():
    things = home(person("Anna", "home"), person("Ben", "home"))
    watch, leave, arrive = Watch(), Condition("leave"), Condition("arrive")
    seen = []
    for anna, ben in (("home", "home"), ("not_home", "home"), ("not_home", "Office"), ("not_home", "home")):
        things.report("anna", {Ability.READING: anna})
        things.report("ben", {Ability.READING: ben})
        seen.append((watch.came(1, leave, things), watch.came(2, arrive, things)))
    assert seen == [(False, False), (False, False), (True, False), (False, True)]


def test_what_nobody_knows_is_nothing():
    things = home(person("Anna", "unknown"))
    assert Condition("leave").holds(things) is None
    assert knows_who_is_home(things)
    assert not knows_who_is_home(home())


def test_what_holds_already_is_waited_for_to_come_again():
    things = home(machine(reading="idle"))
    watch, condition = Watch(), Condition("finished", ("machine",))
    assert not watch.came(1, condition, things)
    things.report("machine", {Ability.READING: "running"})
    assert not watch.came(1, condition, things)
    things.report("machine", {Ability.READING: "idle"})
    assert watch.came(1, condition, things)


def test_the_sun_goes_down_where_the_home_is():
    when = When(Cause.SUNSET)
    at = sun_moment(when, NOW.replace(hour=12), (51.5, -0.13))
    assert at is not None
    assert abs(at - NOW.replace(hour=16, minute=1)) < timedelta(minutes=3)  # by the almanac 16:01
    half_an_hour_before = sun_moment(When(Cause.SUNSET, -1_800.0), NOW.replace(hour=12), (51.5, -0.13))
    assert half_an_hour_before == at - timedelta(minutes=30)


def test_where_the_sun_does_not_set_nobody_waits_for_it():
    midsummer = datetime(2026, 6, 21, 12, 0, tzinfo=ZoneInfo("Europe/Oslo"))
    assert sun_moment(When(Cause.SUNSET), midsummer, (78.2, 15.6)) is None


def test_a_time_zone_has_a_city_and_utc_has_none():
    found = zone_city("Europe/London")
    assert found is not None
    assert found == pytest.approx((51.508, -0.125), abs=0.01)
    assert zone_city("UTC") is None


def test_a_state_is_no_condition_without_a_thing():
    assert (
        condition_of(When(Cause.CHANGE, thing="", state=State.OPEN), home(thing("Door", Kind.LOCK))) is None
    )
