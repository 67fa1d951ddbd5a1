import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.words import errors, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Set the Kitchen to 25 percent.", "set the kitchen to twenty-five percent"),
        ("What's the time?", "what’s the time"),
        ("set it to 100%", "Set it to one hundred percent!"),
        ("the colour of the TV", "the color of the T.V."),
        ("start a timer for 110 minutes", "start a timer for one hundred ten minutes"),
    ],
)
def test_one_sentence_in_two_spellings_is_the_same_words(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_a_wrong_a_missing_and_an_added_word_are_one_error_each() -> None:
    said = words("turn on the kitchen lights")
    assert errors(said, words("turn off the kitchen lights")) == 1
    assert errors(said, words("turn on kitchen lights")) == 1
    assert errors(said, words("please turn on the kitchen lights")) == 1


def test_nothing_heard_is_every_word_wrong() -> None:
    assert errors(words("turn on the lights"), []) == 4


WORDS = st.lists(st.sampled_from(["on", "off", "light", "the"]), max_size=6)


@given(WORDS, WORDS)
def test_errors_are_symmetric_and_bounded(one: list[str], other: list[str]) -> None:
    assert errors(one, other) == errors(other, one)
    assert abs(len(one) - len(other)) <= errors(one, other) <= max(len(one), len(other))
    assert (errors(one, other) == 0) == (one == other)


@given(st.text(max_size=60))
def test_no_text_upsets_the_normalisation(text: str) -> None:
    assert all(word == word.lower() for word in words(text))
