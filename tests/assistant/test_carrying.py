"""Which values the words carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.carrying import (
    begins_an_order,
    carried_signs,
    carried_truths,
    carried_values,
    claims_an_action,
    may_order,
    telling_words,
)
from skills.registry import Registry


@pytest.mark.parametrize(
    ("name", "text", "language", "values"),
    [
        ("on", "Turn the standing light in the office", "en", set()),
        ("on", "turn on the lamp", "en", {True}),
        ("on", "turn the lamp on the desk off", "en", {False}),
        ("on", "the lamp on my desk please", "en", set()),
        ("on", "on and off", "en", {True, False}),
        ("on", "it's far too bright in here", "en", {False}),
        ("on", "把办公室的灯弄一下", "zh", set()),
        ("on", "太暗了", "zh", {True}),
        ("on", "关于开关的事", "zh", set()),
        ("open", "the blind in the study", "en", set()),
        ("open", "let some light in", "en", {True}),
        ("open", "窗帘太晒了", "zh", {False}),
        ("warmer", "I'm freezing", "en", {True}),
        ("warmer", "it is too warm in here", "en", {False}),
        ("warmer", "好冷啊", "zh", {True}),
        ("warmer", "热死了", "zh", {False}),
    ],
)
def test_a_word_stands_for_a_value_or_none_is_carried(
    name: str, text: str, language: str, values: set[bool]
) -> None:
    assert carried_truths(name, text, language) == values


@pytest.mark.parametrize(
    ("skill", "text", "language", "signs"),
    [
        ("lights", "the lamps in the hall", "en", set()),
        ("lights", "it is too dark", "en", {1}),
        ("lights", "a bit dimmer", "en", {-1}),
        ("music", "I can't hear a thing", "en", {1}),
        ("music", "太吵了", "zh", {-1}),
        ("lights", "亮一点", "zh", {1}),
    ],
)
def test_a_step_has_a_direction_that_was_said(skill: str, text: str, language: str, signs: set[int]) -> None:
    assert carried_signs(skill, text, language) == signs


def test_the_words_of_other_parameters_are_learned_from_the_skills_templates() -> None:
    registry = Registry.load({})
    tool = registry.tools["covers.move"]
    spoken = registry.language("covers", "en")
    assert spoken is not None
    words = telling_words(tool, "open", [spoken])
    assert carried_values(words, "close the shutters") == {False}
    assert carried_values(words, "the shutters of the study") == set()


@pytest.mark.parametrize(
    ("text", "language"),
    [("I've turned the lamp on for you.", "en"), ("The light is now off.", "en"), ("Done.", "en"),
     ("已经为你打开了灯。", "zh"), ("灯关掉了。", "zh")],
)  # fmt: skip
def test_claims_to_have_done_something_are_found(text: str, language: str) -> None:
    assert claims_an_action(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("William Shakespeare wrote Romeo and Juliet.", "en"),
        ("I don't know.", "en"),
        ("水在一百度沸腾。", "zh"),
    ],
)
def test_talk_that_claims_nothing_is_left_alone(text: str, language: str) -> None:
    assert not claims_an_action(text, language)


def test_orders_begin_like_orders() -> None:
    assert begins_an_order("Turn the lamp", "en")
    assert begins_an_order("把台灯弄一下", "zh")
    assert not begins_an_order("the lamp is nice", "en")


@given(text=st.text(max_size=120))
def test_any_text_is_read(text: str) -> None:
    may_order(text, "en")
    carried_truths("on", text, "zh")
    claims_an_action(text, "en")
