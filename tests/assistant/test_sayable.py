"""What may have been said, as rows of phrases."""

from collections.abc import Hashable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.lexicon import lexicon_of
from assistant.understanding.normalise import normalise, words_of
from assistant.understanding.sayable import SayableName, SayableOrder, changes_its_meaning
from skills.api import Spot
from speech.recognition.engine import Sentences
from tests.assistant.test_spotting import SPOT, language

WORDS = words_of("en")
ORDER = SayableOrder(SPOT, lexicon_of(SPOT, language(SPOT), WORDS), WORDS)


def end_of(sentences: Sentences, phrases: Iterable[str]) -> Hashable | None:
    state: Hashable | None = sentences.start
    for phrase in phrases:
        if state is None or phrase not in sentences.phrases:
            return None
        state = sentences.after(state, list(sentences.phrases).index(phrase))
    return state


def may_be(sentences: Sentences, *phrases: str) -> bool:
    state = end_of(sentences, phrases)
    return state is not None and sentences.whole(state)


def test_an_order_may_be_said_in_any_order_of_its_parts() -> None:
    assert may_be(ORDER, "book me", "one ticket", "to rome", "with", "a", "window seat")
    assert may_be(ORDER, "I want", "to rome", "a ticket", "please")


def test_no_parameter_is_said_twice() -> None:
    assert not may_be(ORDER, "book me", "to rome", "to berlin")


def test_half_an_order_is_none() -> None:
    assert not may_be(ORDER, "book me", "a ticket")
    assert not may_be(ORDER, "book me", "to rome", "with")


def test_parts_for_which_nobody_asks_are_talk() -> None:
    assert not may_be(ORDER, "to rome", "a ticket")


@pytest.mark.parametrize(
    ("text", "code", "changes"),
    [
        ("do not book me a ticket", "en", True),
        ("book me a ticket when I am back", "en", True),
        ("book me a ticket", "en", False),
        ("别给我来咖啡", "zh", True),
        ("来一杯拿铁", "zh", False),
    ],
)
def test_words_that_change_a_meaning_are_not_guessed_away(text: str, code: str, changes: bool) -> None:
    assert changes_its_meaning(normalise(text, code).tokens, words_of(code)) is changes


def test_a_trigger_stands_before_the_parts() -> None:
    assert not may_be(ORDER, "to rome", "a ticket", "book me")


def test_what_is_expected_must_be_there() -> None:
    spot = Spot(SPOT.parts, SPOT.triggers, SPOT.fillers, SPOT.needs, expects=("count",))
    order = SayableOrder(spot, lexicon_of(spot, language(SPOT), WORDS), WORDS)
    assert not may_be(order, "book me", "to rome")
    assert may_be(order, "book me", "to rome", "a ticket")


def test_exact_parts_are_not_guessed() -> None:
    spot = Spot(("[to] {town}",), SPOT.triggers, SPOT.fillers, SPOT.needs, exact=("{seat}",))
    order = SayableOrder(spot, lexicon_of(spot, language(SPOT), WORDS), WORDS)
    assert "window seat" not in order.phrases
    assert may_be(order, "book me", "to rome")


def test_numbers_and_short_forms_are_written_both_ways() -> None:
    spot = Spot(SPOT.parts, ("I would like",), SPOT.fillers, SPOT.needs)
    order = SayableOrder(spot, lexicon_of(spot, language(SPOT), WORDS), WORDS)
    assert {"I'd like", "I would like", "2 tickets", "two tickets"} <= set(order.phrases)


def name_in(text: str, code: str, names: dict[tuple[int, int], Sequence[tuple[str, ...]]]) -> SayableName:
    return SayableName(normalise(text, code), names, words_of(code))


def test_a_name_may_stand_where_it_was_misheard_and_only_there() -> None:
    lamp = name_in("Turn on the no clamp, please.", "en", {(2, 4): [("nook", "lamp")]})
    assert may_be(lamp, "Turn", "on", "nook lamp", "please")
    assert may_be(lamp, "Turn", "on", "the", "Nook Lamp", "please")
    assert not may_be(lamp, "Turn", "on", "the no", "clamp", "please")
    assert not may_be(lamp, "Turn", "nook lamp", "please")
    assert not may_be(lamp, "Turn", "on", "nook lamp", "nook lamp")


def test_a_percentage_stays_one_word() -> None:
    lamp = name_in("set the bad light to 40%", "en", {(1, 3): [("bed", "light")]})
    assert may_be(lamp, "set", "bed light", "to", "40%")


def test_chinese_names_stand_between_characters() -> None:
    lamp = name_in("打开络底登", "zh", {(2, 5): [("落", "地", "灯")]})
    assert may_be(lamp, "打", "开", "落地灯")


@given(st.text(max_size=40), st.integers(0, 6), st.integers(1, 6), st.sampled_from(["en", "zh"]))
def test_any_sentence_may_hold_a_name(text: str, start: int, length: int, code: str) -> None:
    heard = normalise(text, code)
    if not heard.core or start + length > len(heard.core):
        return
    sentences = name_in(text, code, {(start, start + length): [("nook", "lamp")]})
    assert not sentences.whole(sentences.start)
    for phrase in range(len(sentences.phrases)):
        sentences.after(sentences.start, phrase)
