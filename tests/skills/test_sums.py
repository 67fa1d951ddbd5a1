import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.sums import Sums, spoken
from skills.sums.arithmetic import Undefined, read_sum
from skills.sums.numbers import han_value, read_number
from skills.sums.units import read_measure
from skills.testing import ScriptedWeb, Trial


def value(text):
    work = read_sum(text)
    return None if work is None else work()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seventeen times twenty-three", 391),
        ("two plus three times four", 14),
        ("20 percent of 85", 17),
        ("fifteen percent of sixty pounds", 9),
        ("80 minus 25 percent", 60),
        ("two hundred and fifty six divided by 8", 32),
        ("the square root of 144", 12),
        ("2 to the power of 10", 1024),
        ("three quarters of 60", 45),
        ("two and a half times four", 10),
        ("the sum of 5 and 7", 12),
        ("(2+3)*4", 20),
        ("1,250 + 50", 1300),
        ("三十五乘以十八", 630),
        ("二百的百分之十五", 30),
        ("一万二减五百", 11_500),
        ("四除十二", 3),
        ("三分之一加三分之二", 1),
        ("二的十次方", 1024),
        ("八百块的百分之十五", 120),
    ],
)
def test_a_sum_is_worked_out(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    "text", ["five", "5 percent", "banana plus two", "three five", "7 times", "", "我加你", "半"]
)
def test_what_is_no_sum_is_none(text):
    assert read_sum(text) is None


@pytest.mark.parametrize(
    "text", ["ten divided by 0", "the square root of -4", "9 to the power of 9999", "四除以零"]
)
def test_where_there_is_no_number_it_says_so(text):
    with pytest.raises(Undefined):
        value(text)
    assert Trial(Sums).call("work_out", text=text).reply == "There's no such number."


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_digits_are_added_as_digits(one, other):
    assert value(f"{one} plus {other}") == one + other
    assert value(f"{one}加{other}") == one + other


@given(st.text(max_size=60))
def test_any_words_are_a_sum_or_none(text):
    with contextlib.suppress(Undefined):
        value(text)
    read_measure(text)


@given(st.integers(1, 99_999_999))
def test_chinese_numbers_are_read_back(number):
    assert han_value(_chinese(number)) == number


def _chinese(number):
    """As it is said: 一万零五十."""
    upper, lower = divmod(number, 10_000)
    if upper:
        return f"{_chinese(upper)}万" + (
            "" if not lower else ("零" if lower < 1000 else "") + _chinese(lower)
        )
    digits = "零一二三四五六七八九"
    said, waits = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += ("零" if waits and said else "") + digits[digit] + unit
            waits = False
        else:
            waits = bool(said)
    return said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("one hundred and five", 105),
        ("two and a half", Fraction(5, 2)),
        ("three point one four", Fraction(314, 100)),
        ("1.5 million", 1_500_000),
        ("a dozen", 12),
    ],
)
def test_english_numbers_are_read(words, expected):
    assert read_number(words.split(), 0) == (expected, len(words.split()))


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("How many grams in an ounce?", "en", "1 ounce is about 28.35 grams."),
        ("convert 5 miles to kilometres", "en", "5 miles is about 8.047 kilometres."),
        ("what is 212 fahrenheit in celsius", "en", "212 degrees Fahrenheit is 100 degrees Celsius."),
        ("how many kilos is 10 pounds", "en", "10 pounds is about 4.536 kilograms."),
        ("how many grams of sugar in a cup", "en", "1 cup of sugar is about 200 grams."),
        ("what's 5 foot 8 in centimetres", "en", "5 feet 8 inches is 172.72 centimetres."),
        ("how many minutes in a day", "en", "1 day is 1440 minutes."),
        ("一斤是多少克", "zh", "1斤是500克。"),
        ("华氏七十度是多少摄氏度", "zh", "70华氏度大约是21.11摄氏度。"),
        ("两汤匙是多少毫升", "zh", "2汤匙大约是30毫升。"),
        ("三斤半是多少公斤", "zh", "3.5斤是1.75公斤。"),
    ],
)
def test_measures_are_converted(understand, text, language, reply):
    ((tool, arguments),) = understand(text, language, skills=[Sums])
    trial = Trial(Sums)
    assert trial.call(tool.partition(".")[2], trial.context(language=language), **arguments).reply == reply


def test_what_does_not_go_together_is_said():
    assert (
        Trial(Sums).call("convert", measure="two metres", unit="grams").reply
        == "I can't turn metres into grams."
    )


def test_a_rate_tells_its_day():
    assert Trial(Sums).call("convert", measure="100 euros", unit="dollars").reply == (
        "100 euros is about 112 dollars, at the rate of 2026-10-30."
    )


def test_a_newer_rate_is_taken_where_there_is_one():
    url = "https://rates.example/v1/latest"
    trial = Trial(Sums, rates_url=url)
    web = ScriptedWeb({url: {"base": "EUR", "date": "2026-01-02", "rates": {"USD": 1.2}}})
    told = trial.call("convert", trial.context(web=web), measure="10 euros", unit="dollars")
    assert told.reply == "10 euros is about 12 dollars, at the rate of 2026-01-02."
    offline = trial.call("convert", trial.context(web=ScriptedWeb()), measure="10 euros", unit="dollars")
    assert "2026-10-30" in offline.reply
    older = trial.call("convert", trial.context(web=ScriptedWeb()), measure="10 euros", unit="Taiwan dollars")
    assert older.reply.endswith("at the rate of 2025-06-02.")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what is love", "en"),
        ("how many people live in france", "en"),
        ("it's about five", "en"),
        ("你是多少", "zh"),
        ("打开灯", "zh"),
    ],
)
def test_other_talk_is_left_alone(understand, text, language):
    assert understand(text, language, skills=[Sums]) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (Fraction(391), "391"),
        (Fraction(1, 3), "0.3333"),
        (Fraction(9, 2), "4.5"),
        (Fraction(1_234_567), "1,234,567"),
        (1.41421356, "1.414"),
    ],
)
def test_numbers_are_said_with_few_digits(number, said):
    assert spoken(number, "en")[0] == said
