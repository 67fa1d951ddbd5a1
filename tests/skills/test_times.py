from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.times import (
    Cause,
    State,
    find_whens,
    later,
    read_duration,
    read_when,
    say_days,
    say_duration,
    say_moment,
    times_in,
)

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 18, 30, tzinfo=LONDON)  # a Monday evening


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("an hour and a half", 5_400),
        ("half an hour", 1_800),
        ("a half hour", 1_800),
        ("three quarters of an hour", 2_700),
        ("quarter of an hour", 900),
        ("an hour and a quarter", 4_500),
        ("an hour and ten", 4_200),
        ("two minutes thirty", 150),
        ("two-hour", 7_200),
        ("a couple of minutes", 120),
        ("a dozen minutes", 720),
        ("a hundred and twenty seconds", 120),
        ("1.5 hours", 5_400),
        ("1 hour, 5 minutes and 3 seconds", 3_903),
        ("another five minutes", 300),
        ("a fortnight", 14 * 86_400),
        ("一个半小时", 5_400),
        ("半小时", 1_800),
        ("两个钟头", 7_200),
        ("三刻钟", 2_700),
        ("一小时零五分", 3_900),
        ("一分半钟", 90),
        ("两分半", 150),
        ("一百二十秒", 120),
        ("1小时30分", 5_400),
    ],
)
def test_a_length_in_words_is_so_many_seconds(said, seconds):
    assert read_duration(said) == seconds


@pytest.mark.parametrize(
    "said",
    ["ten", "minutes", "", "ten apples", "an hour ago", "三分之一", "五分的", "for ten minutes", "两三分钟"],
)
def test_what_is_no_length_is_none(said):
    assert read_duration(said) is None


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("at seven", "2026-11-23 19:00"),  # the next such
        ("half four", "2026-11-24 16:30"),  # nobody means the middle of the night
        ("half past six tomorrow", "2026-11-24 06:30"),
        ("quarter past nine in the evening", "2026-11-23 21:15"),
        ("twenty to six on Tuesday morning", "2026-11-24 05:40"),
        ("five to eight", "2026-11-23 19:55"),
        ("7:30 am", "2026-11-24 07:30"),
        ("07:30", "2026-11-24 07:30"),
        ("19:15", "2026-11-23 19:15"),
        ("7 p.m.", "2026-11-23 19:00"),
        ("seven oh five", "2026-11-23 19:05"),
        ("noon", "2026-11-24 12:00"),
        ("midnight", "2026-11-24 00:00"),
        ("tonight at 12", "2026-11-24 00:00"),
        ("one in the morning", "2026-11-24 01:00"),
        ("tomorrow evening", "2026-11-24 19:00"),
        ("in the morning", "2026-11-24 08:00"),
        ("on Wednesday", "2026-11-25 09:00"),
        ("Monday at 7 am", "2026-11-30 07:00"),  # today is Monday, and seven is over
        ("next Friday at three pm", "2026-12-04 15:00"),
        ("the third of May at noon", "2027-05-03 12:00"),
        ("every weekday at 6:45", "2026-11-24 06:45"),
        ("明天早上七点半", "2026-11-24 07:30"),
        ("后天下午三点一刻", "2026-11-25 15:15"),
        ("今晚十二点", "2026-11-24 00:00"),
        ("凌晨两点", "2026-11-24 02:00"),
        ("差五分八点", "2026-11-23 19:55"),
        ("三点差一刻", "2026-11-24 14:45"),
        ("下周三上午十点", "2026-12-02 10:00"),
        ("周五下午三点", "2026-11-27 15:00"),
        ("每周一三五早上六点半", "2026-11-25 06:30"),
        ("五月三号", "2027-05-03 09:00"),
    ],
)
def test_a_moment_in_words_is_the_next_such_moment(said, moment):
    when = read_when(said, NOW)
    assert when is not None
    assert when.at == datetime.fromisoformat(moment).replace(tzinfo=LONDON)


def test_whoever_is_woken_is_woken_in_the_morning():
    for said in ("at seven", "half seven", "七点半"):
        when = read_when(said, NOW, waking=True)
        assert when is not None
        assert when.at is not None
        assert (when.at.day, when.at.hour) in ((24, 7), (24, 6)) or when.at.hour == 7


def test_at_night_two_o_clock_is_two_at_night():
    late = NOW.replace(hour=23, minute=30)
    when = read_when("at two", late)
    assert when is not None
    assert when.at == datetime(2026, 11, 24, 2, 0, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("said", "cause", "seconds", "thing", "state"),
    [
        ("in ten minutes", Cause.IN, 600, "", None),
        ("an hour and a half from now", Cause.IN, 5_400, "", None),
        ("after a couple of hours", Cause.IN, 7_200, "", None),
        ("for ten minutes", Cause.FOR, 600, "", None),
        ("when I leave", Cause.LEAVE, 0, "", None),
        ("when everybody is out", Cause.LEAVE, 0, "", None),
        ("as soon as we get home", Cause.ARRIVE, 0, "", None),
        ("at sunset", Cause.SUNSET, 0, "", None),
        ("half an hour before sunrise", Cause.SUNRISE, -1_800, "", None),
        ("when it gets dark", Cause.SUNSET, 0, "", None),
        ("when the washing's done", Cause.CHANGE, 0, "the washing", State.FINISHED),
        ("if somebody closes the balcony door", Cause.CHANGE, 0, "the balcony door", State.CLOSED),
        ("if the front door gets unlocked", Cause.CHANGE, 0, "the front door", State.UNLOCKED),
        ("十分钟后", Cause.IN, 600, "", None),
        ("过二十分钟", Cause.IN, 1_200, "", None),
        ("我出门的时候", Cause.LEAVE, 0, "", None),
        ("到家的时候", Cause.ARRIVE, 0, "", None),
        ("太阳下山的时候", Cause.SUNSET, 0, "", None),
        ("日落前半小时", Cause.SUNSET, -1_800, "", None),
        ("等电充满了", Cause.CHANGE, 0, "电", State.FULL),
        ("洗衣机一停就", Cause.CHANGE, 0, "洗衣机", State.FINISHED),
    ],
)
def test_what_sets_an_order_off_is_told_apart(said, cause, seconds, thing, state):
    when = read_when(said, NOW)
    assert when is not None
    assert (when.cause, when.seconds, when.thing, when.state) == (cause, seconds, thing, state)


def test_a_bare_number_is_not_a_sure_moment():
    assert [when.sure for when, *_ in find_whens("turn the heating off at seven", "en", NOW)] == [False]
    assert [when.sure for when, *_ in find_whens("turn the heating off at 7 pm", "en", NOW)] == [True]
    assert list(find_whens("set the volume to seven", "en", NOW)) == []
    assert list(find_whens("温度调到二十三度", "zh", NOW)) == []


def test_a_length_is_true_time_over_a_clock_change():
    evening = datetime(2026, 10, 24, 22, 0, tzinfo=LONDON)
    assert later(evening, 8 * 3_600) == datetime(2026, 10, 25, 5, 0, tzinfo=LONDON)


def test_a_time_of_day_is_what_the_clocks_show_after_a_clock_change():
    when = read_when("tomorrow at 7 am", datetime(2026, 10, 24, 22, 0, tzinfo=LONDON))
    assert when is not None
    assert when.at is not None
    assert (when.at.hour, when.at.utcoffset()) == (7, timedelta(0))


def test_a_time_that_the_clock_change_leaves_out_is_an_hour_later():
    when = read_when("at 1:30 am", datetime(2027, 3, 27, 22, 0, tzinfo=LONDON))
    assert when is not None
    assert when.at is not None
    assert (when.at.day, when.at.hour, when.at.minute) == (28, 2, 30)


def test_a_date_that_is_in_no_calendar_is_no_moment():
    assert read_when("the 31st of February", NOW) is None
    assert read_when("二月三十号", NOW) is None


# -- what we say is understood -----------------------------------------------------------------------------


@given(st.integers(1, 400 * 86_400), st.sampled_from(["en", "zh"]))
def test_every_length_that_is_said_is_read_back(seconds, language):
    assert read_duration(say_duration(seconds, language)) == seconds


@given(st.integers(1, 300 * 24 * 60), st.sampled_from(["en", "zh"]))
def test_every_moment_that_is_said_is_read_back(minutes, language):
    at = later(NOW, minutes * 60)
    when = read_when(say_moment(at, NOW, language), NOW)
    assert when is not None
    assert when.at is not None
    assert when.at.replace(tzinfo=None) == at.replace(tzinfo=None)


@given(st.frozensets(st.integers(0, 6), min_size=1), st.sampled_from(["en", "zh"]))
def test_all_days_that_are_said_are_read_back(days, language):
    when = read_when(f"{say_days(days, language)} {'七点' if language == 'zh' else 'at 7 am'}", NOW)
    assert when is not None
    assert when.days == days


@given(
    st.text(max_size=80)
    | st.text(alphabet="0123456789:半点分时一二三十两周月日年前后 atinforpm'", max_size=40)
)
def test_no_text_breaks_the_reader(text):
    read_duration(text)
    read_when(text, NOW)
    for when, start, end in find_whens(text, "en", NOW):
        assert 0 <= start < end <= len(text)
        assert when.at is None or when.at.tzinfo is not None
    for _name, start, end in times_in(text):
        assert text[start:end].strip()


@pytest.mark.parametrize("said", ["大声一点", "声音小一点", "温度调高一点", "再亮一点"])
def test_a_little_is_no_hour(said):
    assert list(find_whens(said, "zh", NOW)) == []
