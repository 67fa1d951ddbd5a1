from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.home import Kind
from skills.api import Answer, AreaName, Context, Field, Language, Percent, Question, Say, Skill, Slot, tool
from skills.registry import Registry
from tests.skills.surroundings import home_of, lamp, thing

HOME = home_of(lamp("k1", "Kitchen Light", "Kitchen"), thing("c1", "Coffee Maker", Kind.SWITCH, "Attic"))


class Coffee(Skill):
    """Has a parameter of each sort."""

    name = "coffee"
    api = 1

    @tool()
    async def order(
        self,
        _context: Context,
        drink: Annotated[str, Slot("drink")] | None = None,
        shots: Annotated[int, Field(ge=1, le=3)] | None = None,
        milk: bool | None = None,
        size: Literal["small", "large"] | None = None,
        strength: Percent | None = None,
        room: AreaName | None = None,
        device: Annotated[str, Slot("switch")] | None = None,
        note: Annotated[str, Slot("note")] | None = None,
        temperature: float | None = None,
    ) -> Answer:
        """Order a coffee."""
        return Answer()

    def vocabulary(self, settings):
        """The drinks: the first two by name, one of the owner's own."""
        own = settings.get("own", {})
        iced = ("iced latte", "cold latte", "冰拿铁")
        return {"drink": {"latte": ("latte", "拿铁"), "iced latte": iced, **own}}

    def languages(self):
        """No files."""
        return {code: Language({}, {}, {}, {}, {}) for code in ("en", "zh")}


REGISTRY = Registry.of(Coffee, settings={"coffee": {"own": {"house special": ("the usual", "老样子")}}})


def answered(parameter: str, text: str, language: str = "en") -> object:
    question = Question(Say("which"), parameter)
    return REGISTRY.answer_to("coffee", "order", question, text, language, HOME)


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        ("drink", "A latte, please.", "latte"),
        ("drink", "an iced latte please", "iced latte"),
        ("drink", "make it the usual", "house special"),
        ("drink", "a platter", None),
        ("drink", "turn on the light", None),
        ("shots", "two", 2),
        ("shots", "2 shots please", 2),
        ("shots", "a double", 2),
        ("shots", "seven", None),
        ("milk", "yes please", True),
        ("milk", "No, thank you.", False),
        ("milk", "please don\u2019t", False),
        ("milk", "what time is it", None),
        ("size", "Large", "large"),
        ("size", "medium", None),
        ("strength", "sixty-five percent", 65),
        ("strength", "a hundred and five", None),
        ("strength", "one hundred", 100),
        ("temperature", "65.5 degrees", 65.5),
        ("room", "in the galley", "Kitchen"),
        ("room", "the attic", "Attic"),
        ("room", "the moon", None),
        ("device", "the coffee maker", "Coffee Maker"),
        ("device", "the kitchen light", None),
        ("note", "for my sister.", "for my sister"),
        ("note", " . ", None),
    ],
)
def test_an_answer_in_english_is_looked_up(parameter, text, value):
    assert answered(parameter, text) == value


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        ("drink", "来杯冰拿铁吧", "iced latte"),
        ("drink", "老样子", "house special"),
        ("shots", "两份", 2),
        ("strength", "百分之六十五", 65),
        ("strength", "二十五", 25),
        ("strength", "一百", 100),
        ("milk", "要", True),
        ("milk", "不要", False),
        ("milk", "好的", True),
        ("milk", "现在几点", None),
    ],
)
def test_an_answer_in_chinese_is_looked_up(parameter, text, value):
    assert answered(parameter, text, "zh") == value


@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    for parameter in ("drink", "shots", "milk", "size", "strength", "room", "note", "temperature"):
        for language in ("en", "zh"):
            answered(parameter, text, language)


@given(st.integers(0, 100))
def test_a_number_in_digits_is_itself(number):
    assert answered("strength", f"{number} percent") == number
