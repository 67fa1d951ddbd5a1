from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mind import moments
from benchmarks.mind.cases import Effect
from benchmarks.mind.judge import contains, same_items, same_text
from benchmarks.mind.services import ANY_TEXT, SERVICES, Told, effects_of
from benchmarks.mind.stage import NOW
from skills.registry import Registry

WEDNESDAY = date(2026, 11, 25)


def services(skill: str, tool: str, **arguments: Any) -> tuple[Effect, ...]:
    return effects_of(skill, tool, Told(arguments, NOW, {"the washing": "washer"}.get))


def test_free_texts_may_differ_in_articles_case_and_a_letter() -> None:
    assert same_text("Ring the plumber", "ring plumber!")
    assert not same_text("ring the plumber", "ring the doctor")


def test_lists_are_the_same_in_any_order() -> None:
    assert same_items(["eggs", "flour"], ["Flour", "some eggs"])
    assert not same_items(["eggs", "flour"], ["eggs"])
    assert not same_items(["eggs"], ["eggs", "flour"])


def test_how_much_of_a_thing_goes_on_a_list_does_not_matter() -> None:
    assert same_items(["pesto", "料酒"], ["a jar of pesto", "一瓶料酒"])
    assert not same_items(["two lemons"], ["lime"])


def test_a_name_is_found_in_what_was_said() -> None:
    assert contains("playing Rumours by Fleetwood Mac", "fleetwood mac")
    assert not contains("playing Rumours", "fleetwood mac")
    assert not contains("tell me", "telly")
    assert contains("正在播放王菲", "王菲")


@given(st.text(), st.text())
def test_any_texts_can_be_compared(one: str, other: str) -> None:
    assert same_text(one, other) == same_text(other, one)
    contains(one, other)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ({"at": "07:00"}, {"at": "07:00"}),
        ({"at": "07:00"}, {"at": datetime(2026, 11, 24, 7, 0, tzinfo=NOW.tzinfo)}),
        ({"at": "06:30", "day": "tomorrow"}, {"at": datetime(2026, 11, 24, 6, 30, tzinfo=NOW.tzinfo)}),
        ({"day": "wednesday"}, {"day": WEDNESDAY}),
        ({"day": "weekend"}, {"day": date(2026, 11, 29)}),
        ({"in_s": 600}, {"in_s": 601.5}),
        ({"in_s": 1800}, {"at": "19:00"}),
        ({"when": "leave"}, {"when": "leave"}),
        ({"at": "07:00", "days": "weekdays"}, {"at": "07:00", "days": [0, 1, 2, 3, 4]}),
    ],
)
def test_one_moment_may_be_told_in_two_ways(wanted: dict[str, Any], got: dict[str, Any]) -> None:
    assert moments.same(wanted, got, NOW)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ({"at": "07:00"}, {"at": "19:00"}),
        ({"at": "07:00"}, {}),
        ({"at": "06:30", "day": "tomorrow"}, {"at": "06:30", "day": "wednesday"}),
        ({"in_s": 600}, {"in_s": 6000}),
        ({"when": "leave"}, {"when": "arrive"}),
        ({"at": "07:00"}, {"at": "07:00", "when": "leave"}),
        ({"at": "07:00", "days": "weekdays"}, {"at": "07:00"}),
    ],
)
def test_two_moments_are_told_apart(wanted: dict[str, Any], got: dict[str, Any]) -> None:
    assert not moments.same(wanted, got, NOW)


def test_a_call_that_nobody_foresaw_is_a_service_that_nothing_asks_for() -> None:
    (found,) = services("teleport", "go", where="moon")
    assert found.service == "unknown"


def test_an_order_to_things_is_no_service() -> None:
    assert services("lights", "turn", on=True) == ()


@pytest.mark.parametrize(
    ("tool", "arguments", "service", "fields"),
    [
        ("timers.start", {"duration": "twelve minutes"}, "timer.start", {"duration_s": 720.0}),
        ("timers.add", {"duration": "30 seconds"}, "timer.add", {"seconds": 30.0}),
        ("timers.add", {"duration": "a minute", "less": True}, "timer.add", {"seconds": -60.0}),
        ("timers.notify", {"when": "when the washing is finished"}, "notify", {"when": "washer"}),
        ("timers.remind", {"text": "call mum", "when": "when I leave"}, "reminder.set",
         {"text": "call mum", "when": "leave"}),
        ("lists.add", {"text": "eggs and flour"}, "list.add",
         {"list": "shopping", "items": ["eggs", "flour"]}),
        ("music.play", {"query": "王菲"}, "music.play", {ANY_TEXT: "王菲"}),
    ],
)  # fmt: skip
def test_a_call_is_told_in_the_sets_words(
    tool: str, arguments: dict[str, Any], service: str, fields: dict[str, Any]
) -> None:
    assert services(*tool.split("."), **arguments) == (Effect(service=service, fields=fields),)


def test_a_value_of_a_list_is_told_by_the_word_that_was_said() -> None:
    told = Told({"what": "toilet"}, NOW, {}.get, {"toilet": "厕所"}.__getitem__)
    assert effects_of("navigation", "nearest", told)[0].fields == {"what": "厕所"}


def test_an_alarm_is_of_the_morning() -> None:
    (found,) = services("timers", "set_alarm", when="half past six")
    assert moments.same({"at": "06:30"}, found.fields, NOW)


def test_each_tool_of_the_table_is_there() -> None:
    registry = Registry.load({})
    registry.close()
    missing = [name for name in SERVICES if name not in registry.tools]
    assert missing in ([], ["music.shuffle"])
