"""Hesitation, politeness and asides are taken away, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.plainly import fluent, plainer


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("um, turn on the, the lamp", "turn on the lamp"),
        ("remind me to, to feed the cat at, um, six", "remind me to feed the cat at six"),
        ("is it, erm, is it going to, you know, rain", "is it going to rain"),
        ("lock the, oh what's it called, the front door", "lock the front door"),
        ("the blind, like, halfway", "the blind, halfway"),
        ("the telly up, down I mean", "the telly up, i mean down"),
        ("shut everything down", "turn everything off"),
    ],
)
def test_hesitation_and_words_said_twice_are_taken_away(said, meant):
    assert fluent(said, "en") == meant


@pytest.mark.parametrize(
    "said",
    [
        "play Oh Susanna",
        "turn off the lamp, the fan and the telly",
        "no, no",
        "把灯关了",
    ],
)
def test_a_sentence_without_hesitation_stays(said):
    assert fluent(said, "en") == said


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("I'd be ever so grateful if you'd pop the heater on for me", "pop the heater on for me"),
        ("would you do us the honour of setting up film night", "set up film night"),
        (
            "if it isn't too much bother, tell everybody that supper's ready",
            "tell everybody that supper's ready",
        ),
        ("could I trouble you for the time", "the time"),
        ("be a love and start film night, will you", "start film night"),
        ("would you mind terribly closing the blind, please", "close the blind"),
        ("I don't suppose you could switch the telly off", "switch the telly off"),
        ("turn off the lights, she's still reading", "turn off the lights"),
        ("lock up, but not the back door, Dad's still out with the dog", "lock up, except the back door"),
        ("the purifier's a bit keen, ease it off some", "ease the purifier off some"),
        ("Olga's lamp, take it down a notch", "take Olga's lamp down a notch"),
        ("nobody's in the kitchen, turn the lights off in there", "turn the lights off in the kitchen"),
        ("lights off, Ben's can stay how it is", "lights off, except Ben's"),
        ("kitchen all off, radio excepted", "kitchen all off, except radio"),
        ("knock two degrees off the radiator", "turn down the radiator by two degrees"),
        ("the fairy lights need turning off", "turn off fairy lights"),
        ("I forgot to lock the back door", "lock the back door"),
        ("give it ten minutes and then turn the lights off", "in ten minutes turn the lights off"),
        ("the front one I meant", "no, i meant the front one"),
    ],
)
def test_a_detour_is_put_plainly(said, plain):
    assert plain in [text for text, _ in plainer(said, "en")]


@pytest.mark.parametrize(
    "said",
    [
        "Kill the lights, Eddie, they're coming up the drive.",
        "Anna, turn the light off when you come up.",
        "Leave that window open, Brian, I've just painted the sill.",
    ],
)
def test_who_is_spoken_to_is_never_left_out(said):
    name = next(each for each in ("Eddie", "Anna", "Brian") if each in said)
    assert all(name in text for text, _ in plainer(said, "en"))


@given(st.text(max_size=120))
def test_nothing_that_is_said_is_too_strange(text):
    fluent(text, "en")
    list(plainer(text, "en"))
