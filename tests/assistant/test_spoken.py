"""Sentences as people say them: hesitation, politeness, remarks, corrections, and what leans on another."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.spoken.courtesy import bare
from assistant.understanding.spoken.fluency import fluent
from assistant.understanding.spoken.leaning import Leaning, leaning
from assistant.understanding.spoken.remarks import is_remark, without_remarks
from assistant.understanding.spoken.repair import repaired, taken_back, with_exceptions

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("is it, erm, is it going to, you know, rain", "en", "is it going to rain"),
        ("remind me to, to call Mum at, um, five", "en", "remind me to call Mum at five"),
        ("what's, hang on, what's the time", "en", "what's the time"),
        ("play New York, New York", "en", "play New York, New York"),
        ("turn off the hall light", "en", "turn off the hall light"),
        ("定……定个，呃，十五分钟的倒计时吧", "zh", "定个十五分钟的倒计时吧"),
        ("导航去，呃，就那个……虹桥火车站", "zh", "导航去虹桥火车站"),
        ("关掉那个", "zh", "关掉那个"),
    ],
)
def test_hesitation_is_taken_out_and_nothing_else(said: str, language: str, meant: str) -> None:
    assert fluent(said, language) == meant


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("I'd be ever so grateful if you'd pop the towel warmer on for me", "en", "pop the towel warmer on"),
        ("would you mind waking me at six", "en", "wake me at six"),
        ("could I trouble you for the time", "en", "the time"),
        ("if it isn't too much bother, dear, tell everybody it's late", "en", "tell everybody it's late"),
        ("辛苦你跟全家人说一声", "zh", "跟全家人说一声"),
        ("不好意思，能不能把灯关了", "zh", "把灯关了"),
    ],
)
def test_politeness_is_taken_off(said: str, language: str, meant: str) -> None:
    assert bare(said, language) == meant


def test_what_only_tells_something_is_a_remark() -> None:
    assert list(without_remarks("what day is it, I've lost track", "en")) == ["what day is it"]
    assert "再加两分钟" in list(without_remarks("还硬着呢，再加两分钟", "zh"))


@pytest.mark.parametrize("said", ["she said so", "if it rains", "we're out of milk", "I need a timer"])
def test_what_changes_the_meaning_is_no_remark(said: str) -> None:
    assert not is_remark(said, "en")


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("fifteen minute timer, no, fifty, five zero", "en", "fifty minute timer"),
        ("remind me at four, what am I saying, at five to ring Gran", "en", "remind me at five to ring Gran"),
        ("take me to Leeds, no, sorry, to Lincoln", "en", "take me to Lincoln"),
        ("timer, eight minutes... make that nine", "en", "timer, nine minutes"),
        ("去萧山机场……哎不是，去杭州南站", "zh", "去杭州南站"),
    ],
)
def test_a_correction_takes_the_place_of_what_was_wrong(said: str, language: str, meant: str) -> None:
    sides = taken_back(said, language)
    assert sides is not None
    assert meant in list(repaired(sides, language, NOW))


@pytest.mark.parametrize("said", ["play No Woman No Cry", "play Sorry by Justin Bieber", "add milk and eggs"])
def test_a_title_corrects_nothing(said: str) -> None:
    assert taken_back(said, "en") is None


@pytest.mark.parametrize(
    ("said", "language", "how"),
    [
        ("oh, and a bag of potatoes", "en", Leaning("also", "a bag of potatoes")),
        ("what about Sunday?", "en", Leaning("instead", "Sunday")),
        ("no, ten minutes", "en", Leaning("correct", "ten minutes")),
        ("not apples, pears", "en", Leaning("correct", "pears", "apples")),
        ("那周日呢", "zh", Leaning("instead", "周日")),
        ("不对，是七点", "zh", Leaning("correct", "七点")),
        ("说错了，不是牛奶，是酸奶", "zh", Leaning("correct", "酸奶", "牛奶")),
        ("还有洗洁精", "zh", Leaning("also", "洗洁精")),
    ],
)
def test_a_turn_leans_on_the_one_before(said: str, language: str, how: Leaning) -> None:
    assert leaning(said, language) == how


def test_days_that_are_excepted_stand_beside_the_days() -> None:
    assert with_exceptions("工作日早上六点四十叫我，周三不用叫") == "工作日周三除外早上六点四十叫我"
    assert with_exceptions("明天六点叫我") == "明天六点叫我"


@given(st.text(max_size=80), st.sampled_from(["en", "zh"]))
def test_any_text_may_be_heard(text: str, language: str) -> None:
    said = fluent(text, language)
    bare(said, language)
    leaning(said, language)
    list(without_remarks(said, language))
    sides = taken_back(said, language)
    if sides is not None:
        list(repaired(sides, language, NOW))
