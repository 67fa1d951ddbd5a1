"""What is said to others, told or quoted orders nothing; what is said to a thing by its name does."""

import pytest

from assistant.understanding.addressed import is_to_others
from tests.assistant.frames_home import Talk, house


@pytest.mark.parametrize(
    "text",
    [
        "Ben, turn the telly down",
        "turn the telly down, Sarah",
        "Oi, Jack, stop playing with the switch",
        "No, Dad, close the window",
        "kids, lights off",
        "I'll close the window in a minute",
        "we're going to switch the heating off before we leave",
        "I already turned the lamp off",
        "she always leaves the lights on",
        "it turned every light on at three in the morning",
        "shall I put the light on?",
        "do you mind if I open the window?",
        "he shouted, open the gate!",
        "when you're done, switch off the light",
        "I hate this song, don't you?",
    ],
)
def test_what_is_said_to_somebody_else_or_told_is_told_apart(text):
    assert is_to_others(text)


@pytest.mark.parametrize(
    "text",
    [
        "turn Ben's lamp off",
        "lock the back door for me, love",
        "remind me to call Tom",
        "can I have the big light on?",
        "I've just put the baby down, dim the lights",
        "it just turned cold in here, close the window",
        "I want the lamp turned off",
        "it's too dark in here",
        "I'd like the heating on",
    ],
)
def test_what_is_said_to_an_assistant_is_not(text):
    assert not is_to_others(text)


def test_a_thing_is_called_by_its_name():
    assert is_to_others("Doris, off you go")
    assert not is_to_others("Doris, off you go", lambda name: name == "Doris")


@pytest.mark.parametrize(
    "text",
    [
        'he goes, "lights off", and everybody cheers',
        "doors closing",
        "the music stopped",
        "it's a lovely warm white",
        "fifty percent off all lights",
        "let's go home",
        "put that down, it's fragile",
        "go on, ask her",
    ],
)
def test_what_only_sounds_like_an_order_moves_nothing(text):
    assert Talk(house(), "Living Room").say(text) == []
