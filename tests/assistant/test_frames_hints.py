"""What is merely hinted at, what lacks its value, and what goes back on the order before."""

import pytest

from tests.assistant.frames_home import Talk, house


@pytest.mark.parametrize(
    ("room", "text", "wanted"),
    [
        ("Kitchen", "I can't even see what I'm chopping", [("counter", "brightness", "up")]),
        ("Living Room", "ugh, the sun's right in my eyes", [("blind", "open", False)]),
        ("Hall", "somebody's trodden biscuit crumbs all over the floor", [("robot", "cleaning", "cleaning")]),
        ("Living Room", "I can't make out a word they're saying", [("telly", "volume", "up")]),
        ("Bedroom", "that fan's blowing an absolute gale down my neck", [("fan", "fan_speed", "down")]),
        ("Living Room", "it's like an igloo in here, my toes are numb", [("stove", "setpoint", "up")]),
        ("Kitchen", "I'd kill for a cup of tea", [("kettle", "on", True)]),
        ("Living Room", "we're settling down for a film", [("film", "pressed", True)]),
    ],
)
def test_a_statement_with_a_cue_is_an_order(room, text, wanted):
    assert Talk(house(), room).say(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "I can't breathe in here, Charles, this marriage, all of it",
        "it was freezing in Norway",
        "No, Dad, I'm in the kitchen, I can't hear you, come here.",
        "Hold the torch still, Eddie, I can't see the fuse.",
        "the tea's gone cold",
        "it's freezing in Oslo",
        "the radio's going on and on",
    ],
)
def test_what_is_no_statement_of_here_and_now_moves_nothing(text):
    assert Talk(house(), "Kitchen").say(text) == []


def test_a_value_that_nobody_said_is_asked_for():
    talk = Talk(house())
    assert talk.say("set the radiator") == [("", "to_what", "stove")]
    assert talk.say("eighteen and a half") == [("stove", "setpoint", 18.5)]


def test_it_without_anything_before_is_asked_for():
    talk = Talk(house(), "Hall")
    assert talk.say("turn it off") == [("", "which", "")]
    assert talk.say("the telly") == [("telly", "on", False)]


def test_too_much_goes_back_a_little():
    talk = Talk(house(), "Bedroom")
    assert talk.say("turn the fan up") == [("fan", "fan_speed", "up")]
    assert talk.say("too much") == [("fan", "fan_speed", "down")]


def test_too_much_of_nothing_is_no_order():
    assert Talk(house(), "Bedroom").say("too much") == []


def test_lights_elsewhere_stay_when_something_else_here_is_spared():
    said = "turn off the lights but leave the kettle on"
    assert Talk(house(), "Kitchen").say(said) == [("counter", "on", False), ("spots", "on", False)]


def test_a_window_that_is_opened_and_then_closed_is_closed():
    assert Talk(house()).say("open the blind, no, close it") == [("blind", "open", False)]


def test_the_same_question_goes_on_with_another_thing():
    talk = Talk(house())
    talk.tier.note(["lamp"], talk.memory)
    assert talk.say("and the telly?") == [("", "tell", "telly")]


def test_words_of_another_language_are_understood_among_english_ones():
    talk = Talk(house())
    assert talk.say("apaga the reading lamp por favor") == [("lamp", "on", False)]
