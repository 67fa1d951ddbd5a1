from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.clock import Clock
from skills.clock.dates import next_feast, read_date
from skills.testing import Trial

MONDAY = date(2025, 6, 2)


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        ("What's the time?", "en", ("clock.time", {})),
        ("what time is it in New York right now", "en", ("clock.time", {"place": "New York"})),
        ("what's Tokyo time", "en", ("clock.local_time", {"place": "Tokyo"})),
        ("what day is it", "en", ("clock.date", {"day": "today"})),
        ("how many days until Christmas", "en", ("clock.days_until", {"date": "Christmas"})),
        ("现在几点了", "zh", ("clock.time", {})),
        ("悉尼现在几点", "zh", ("clock.time", {"place": "悉尼"})),
        ("离春节还有几天", "zh", ("clock.days_until", {"date": "春节"})),
        ("明天星期几", "zh", ("clock.date", {"day": "tomorrow"})),
    ],
)
def test_a_question_about_time_is_understood(understand, text, language, call):
    assert understand(text, language, skills=[Clock]) == [call]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("time flies", "en"),
        ("what's dinner time", "en"),
        ("what time does the film start", "en"),
        ("时间过得真快", "zh"),
        ("电影几点", "zh"),
    ],
)
def test_other_talk_of_time_is_left_alone(understand, text, language):
    assert understand(text, language, skills=[Clock]) == []


@pytest.mark.parametrize(
    ("tool", "arguments", "language", "reply"),
    [
        ("time", {}, "en", "It's 2:20 pm."),
        ("time", {}, "zh", "现在下午2点20分。"),
        ("time", {"place": "Sydney"}, "en", "In Sydney it's 12:20 am, tomorrow."),
        ("time", {"place": "Honolulu"}, "en", "In Honolulu it's 4:20 am."),
        ("difference", {"place": "Delhi"}, "en", "Delhi is 5.5 hours ahead."),
        ("date", {"day": "tomorrow"}, "zh", "明天是2025年6月3日星期二。"),
        ("days_until", {"date": "25 December"}, "en", "206 days, on Thursday, 25 December 2025."),
        ("days_until", {"date": "tomorrow"}, "en", "That's tomorrow."),
        ("week", {}, "en", "This is week 23."),
    ],
)
def test_it_is_told_in_the_language_of_the_question(tool, arguments, language, reply):
    trial = Trial(Clock)
    assert trial.call(tool, trial.context(language=language), **arguments).reply == reply


def test_the_clock_may_count_to_24():
    assert Trial(Clock, hours=24).call("time").reply == "It's 14:20."


def test_an_unknown_place_is_named():
    done = Trial(Clock).call("time", place="Atlantis")
    assert done.refused
    assert done.reply == "I don't know where Atlantis is."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the fifth of July", date(2025, 7, 5)),
        ("June 1st", date(2026, 6, 1)),
        ("29 February", date(2028, 2, 29)),
        ("31 June", None),
        ("monday", date(2025, 6, 9)),
        ("六月二十五号", date(2025, 6, 25)),
        ("明年一月一日", date(2026, 1, 1)),
        ("下周五", date(2025, 6, 13)),
        ("Easter", date(2026, 4, 5)),
        ("Thanksgiving", date(2025, 11, 27)),
        ("春节", date(2026, 2, 17)),
        ("中秋节", date(2025, 10, 6)),
        ("next dinner", None),
    ],
)
def test_days_are_read(text, expected):
    assert read_date(text, MONDAY) == expected


def test_a_feast_that_nobody_wrote_down_is_admitted():
    assert next_feast("spring_festival", date(2040, 12, 1)) is None


@given(st.dates(MONDAY, date(2033, 12, 31)))
def test_a_date_that_is_written_out_is_read_back(day):
    assert read_date(f"{day.day} {day:%B} {day.year}", MONDAY) == day
    assert read_date(f"{day.year}年{day.month}月{day.day}日", MONDAY) == day


@given(st.text(max_size=40))
def test_any_words_are_a_date_or_none(text):
    read_date(text, MONDAY)
