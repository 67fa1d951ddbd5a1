"""What is said in answer to a question of the assistant's."""

import pytest

from assistant.dialogue.asking import LOCKED_S, Confirmation, Pin, Reading, digits_of, read
from devices.policy import Risk


def asked(risk: Risk) -> Confirmation:
    return Confirmation((), risk, "", "en", 30.0)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Yes.", "en"),
        ("yes please", "en"),
        ("Yeah, do it, thanks!", "en"),
        ("Okay, go ahead.", "en"),
        ("I'm sure.", "en"),
        ("是的。", "zh"),
        ("好的，打开吧。", "zh"),
        ("嗯，可以。", "zh"),
    ],
)
def test_a_yes_is_a_yes(text: str, language: str) -> None:
    assert read(asked(Risk.CONFIRM), text, language, Pin(None), 0.0) is Reading.YES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No.", "en"),
        ("No, don't.", "en"),
        ("never mind, thank you", "en"),
        ("不要。", "zh"),
        ("算了吧", "zh"),
    ],
)
@pytest.mark.parametrize("risk", [Risk.CONFIRM, Risk.PIN])
def test_a_no_is_a_no(text: str, language: str, risk: Risk) -> None:
    assert read(asked(risk), text, language, Pin("1234"), 0.0) is Reading.NO


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("turn on the light", "en"),
        ("no, the bedroom", "en"),
        ("Yes, I was at the cinema yesterday.", "en"),
        ("He said yes to the offer.", "en"),
        ("", "en"),
        ("开灯", "zh"),
    ],
)
def test_whatever_is_not_all_answer_is_no_answer(text: str, language: str) -> None:
    assert read(asked(Risk.CONFIRM), text, language, Pin(None), 0.0) is Reading.OTHER


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("One, two, three, four.", "en"),
        ("1-2-3-4", "en"),
        ("The PIN is twelve thirty four.", "en"),
        ("密码是幺二三四。", "zh"),
        ("一二三四", "zh"),
    ],
)
def test_the_pin_may_be_said_in_many_ways(text: str, language: str) -> None:
    assert digits_of(text, language) == "1234"
    assert read(asked(Risk.PIN), text, language, Pin("1234"), 0.0) is Reading.YES


def test_a_yes_is_not_enough_where_the_pin_is_asked_for() -> None:
    assert read(asked(Risk.PIN), "yes", "en", Pin("1234"), 0.0) is Reading.OTHER


def test_digits_among_other_words_are_no_pin() -> None:
    assert digits_of("set the timer to 1234", "en") == ""


def test_after_three_wrong_pins_none_is_taken_for_a_minute() -> None:
    pin = Pin("1234")
    for _ in range(3):
        assert read(asked(Risk.PIN), "1111", "en", pin, 0.0) is Reading.WRONG
    assert pin.locked(1.0)
    assert read(asked(Risk.PIN), "1234", "en", pin, 1.0) is Reading.WRONG
    assert read(asked(Risk.PIN), "1234", "en", pin, LOCKED_S + 1) is Reading.YES


def test_a_right_pin_forgets_the_wrong_ones() -> None:
    pin = Pin("1234")
    for said in ("1111", "1111", "1234", "1111", "1111"):
        read(asked(Risk.PIN), said, "en", pin, 0.0)
    assert not pin.locked(0.0)
