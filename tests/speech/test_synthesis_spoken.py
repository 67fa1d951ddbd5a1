"""What a voice is given is what people say: numbers, times, units and abbreviations written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.synthesis.spoken import spoken


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("7:05", "seven oh five", "七点零五分"),
        ("07:30", "seven thirty", "七点三十分"),
        ("7:00", "seven o'clock", "七点"),
        ("14:30", "two thirty PM", "十四点三十分"),
        ("0:00", "midnight", "零点"),
        ("7:00 pm", "seven PM", "下午七点"),
        ("2:15 a.m.", "two fifteen AM", "上午两点十五分"),
        ("7:00–9:30", "seven o'clock to nine thirty", "七点到九点三十分"),
        ("1:05:30", "one hour five minutes and thirty seconds", "一小时五分钟三十秒"),
        ("21°C", "twenty-one degrees Celsius", "二十一摄氏度"),
        ("21.0 °C", "twenty-one degrees Celsius", "二十一摄氏度"),
        ("-3.5 °C", "minus three point five degrees Celsius", "零下三点五摄氏度"),
        ("18–21 °C", "eighteen to twenty-one degrees Celsius", "十八到二十一摄氏度"),
        ("-5 – -1 °C", "minus five to minus one degrees Celsius", "零下五到零下一摄氏度"),
        ("1°", "one degree", "一度"),
        ("72°F", "seventy-two degrees Fahrenheit", "七十二华氏度"),
        ("50%", "fifty percent", "百分之五十"),
        ("40-60 %", "forty to sixty percent", "百分之四十到百分之六十"),
        ("50 km/h", "fifty kilometres per hour", "五十公里每小时"),
        ("3.2kWh", "three point two kilowatt hours", "三点二千瓦时"),
        ("1 kWh", "one kilowatt hour", "一千瓦时"),
        ("1013 hPa", "one thousand thirteen hectopascals", "一千零一十三百帕"),
        ("20 µg/m³", "twenty micrograms per cubic metre", "二十微克每立方米"),
        ("$5", "five dollars", "五美元"),
        ("2026-11-23", "November twenty-third, twenty twenty six", "二零二六年十一月二十三日"),
        ("1,250", "one thousand two hundred fifty", "一千二百五十"),
        ("3.25", "three point two five", "三点二五"),
        ("10-20", "ten to twenty", "十到二十"),
        ("2/3", "two thirds", "三分之二"),
        ("3×4=12", "three times four equals twelve", "三乘以四等于十二"),
    ],
)
def test_numbers_are_read_as_people_say_them(text: str, english: str, chinese: str) -> None:
    assert (spoken(text, "en"), spoken(text, "zh")) == (english, chinese)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The 3rd of May, 1999", "The third of May nineteen ninety nine"),
        ("on Nov. 23", "on November twenty-third"),
        ("23 November 2026", "November twenty-third, twenty twenty six"),
        ("in 1984", "in nineteen eighty four"),
        ("It costs $5.20.", "It costs five dollars and twenty cents."),
        ("£0.01", "one penny"),
        ("5 €", "five euros"),
        ("$1.2 million", "one point two million dollars"),
        ("+49 30 1234567", "plus four nine, three zero, one two three four five six seven"),
        ("(555) 123-4567", "five five five, one two three, four five six seven"),
        ("Call 112.", "Call one one two."),
        ("Dr. Jones and Mrs. Lee", "Doctor Jones and Missus Lee"),
        ("St. James", "Saint James"),
        ("5 Baker St.", "five Baker Street."),
        ("Room 101, room 200, Gate 214", "Room one oh one, room two hundred, Gate two fourteen"),
        ("Office 2 light", "Office two light"),
        ("Lamp 1A", "Lamp one A"),
        ("a 4K film", "a four K film"),
        ("version 2.5.1", "version two point five point one"),
        ("192.168.1.20", "one nine two dot one six eight dot one dot two zero"),
        ("2 1/2 cups, 1½ or ¾", "two and a half cups, one and a half or three quarters"),
        ("between 18-21 °C", "between eighteen and twenty-one degrees Celsius"),
        ("CO2: 800 ppm", "C O two: eight hundred parts per million"),
        ("the 1st and the 22nd", "the first and the twenty-second"),
        ("It is 5. Next.", "It is five. Next."),
        ("Tom & Ann", "Tom and Ann"),
    ],
)
def test_english_is_read_as_people_say_it(text: str, said: str) -> None:
    assert spoken(text, "en") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2个灯", "两个灯"),
        ("22个", "二十二个"),
        ("第2个", "第二个"),
        ("2小时", "两小时"),
        ("2楼", "二楼"),
        ("2000米", "两千米"),
        ("12500元", "一万两千五百元"),
        ("¥5.20", "五元两角"),
        ("电话13812345678", "电话幺三八幺二三四五六七八"),
        ("拨打110", "拨打幺幺零"),
        ("101房间", "幺零幺房间"),
        ("2026年11月23日", "二零二六年十一月二十三日"),
        ("10086", "一零零八六"),
        ("05分", "零五分"),
        ("明天最低-2℃", "明天最低零下二摄氏度"),
        ("客厅灯2已打开", "客厅灯二已打开"),
    ],
)
def test_chinese_is_read_as_people_say_it(text: str, said: str) -> None:
    assert spoken(text, "zh") == said


def test_other_languages_are_left_to_espeak() -> None:
    assert spoken("7:05 50%", "de") == "7:05 50%"


@given(st.text(st.characters(categories=["L", "Zs"])), st.sampled_from(["en", "zh"]))
def test_words_alone_are_left_as_they_are(text: str, language: str) -> None:
    assert spoken(text, language) == text


@given(st.text("0123456789.,:-–/%°CF€$ kmh第个年月+()St\n½²", max_size=30), st.sampled_from(["en", "zh"]))
def test_whatever_is_written_is_read_and_no_digit_is_left(text: str, language: str) -> None:
    assert not any(each in "0123456789" for each in spoken(text, language))
