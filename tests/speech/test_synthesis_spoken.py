import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.synthesis.spoken import spoken


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("7:05", "7 oh 5", "7点零5分"),
        ("07:30", "7 30", "7点30分"),
        ("7:00", "7 o'clock", "7点"),
        ("7:00 pm", "7 pm", "下午7点"),
        ("2:15 a.m.", "2 15 a.m.", "上午两点15分"),
        ("21°C", "21 degrees Celsius", "21摄氏度"),
        ("-3.5 °C", "minus 3.5 degrees Celsius", "零下3.5摄氏度"),
        ("1°", "1 degree", "1度"),
        ("50%", "50 percent", "百分之50"),
        ("12:00:05", "12:00:05", "12:00:05"),
        ("a ratio of 3:2", "a ratio of 3:2", "a ratio of 3:2"),
    ],
)
def test_times_degrees_and_percent_are_written_out(text: str, english: str, chinese: str) -> None:
    assert (spoken(text, "en"), spoken(text, "zh")) == (english, chinese)


def test_other_languages_are_left_to_espeak() -> None:
    assert spoken("7:05 50%", "de") == "7:05 50%"


@given(st.text(), st.sampled_from(["en", "zh"]))
def test_text_without_a_number_is_left_as_it_is(text: str, language: str) -> None:
    plain = "".join(each for each in text if not each.isdigit())
    assert spoken(plain, language) == plain
