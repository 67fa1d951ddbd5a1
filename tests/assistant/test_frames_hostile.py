"""Whatever is said, and whatever things are called: no step that was not asked for, and in bounded time."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understanding.frames.memory import Memory
from assistant.understanding.frames.tier import FrameTier
from devices.home import Ability, Device, Home, Kind
from tests.assistant.frames_home import NOW, Talk, house, steps

TIER = FrameTier(house(), lambda: NOW)
WORDS = st.sampled_from(
    [
        "the",
        "light",
        "lamp",
        "was",
        "said",
        "yesterday",
        "window",
        "灯",
        "他",
        "说",
        "banana",
        "who",
        "I",
        "never",
        "🙂",
        ",",
        ".",
    ]
)


def said(text: str) -> list:
    return steps(TIER.plan(text, "en", "Living Room", "turn", Memory()))


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=200))
def test_any_text_is_survived(text):
    assert isinstance(said(text), list)


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, max_size=14))
def test_words_without_a_deed_do_nothing(words):
    assert not [step for step in said(" ".join(words)) if step[1] not in ("tell", "which")]


@settings(deadline=None, max_examples=60)
@given(st.text(min_size=1, max_size=30))
def test_a_thing_of_any_name_leaves_the_others_alone(name):
    home = house()
    home.put(Device("odd", name, Kind.LIGHT, frozenset({Ability.ON}), "Kitchen"))
    talk = Talk(home, "Hall")
    assert all(
        thing in ("door", "odd")
        for thing, ability, _value in talk.say("lock the front door")
        if ability != "which"
    )
    assert not talk.say("yesterday he said so")


def test_ten_thousand_characters_take_no_time():
    began = time.perf_counter()
    assert said("turn off the light and " * 450) == []
    assert said("灯" * 10_000) == []
    assert said("a " * 199) == []
    assert time.perf_counter() - began < 5.0


def test_a_home_of_nothing_is_no_trouble():
    tier = FrameTier(Home(), lambda: NOW)
    for text in ("turn on the light", "it's too dark", "关灯", "is it on?", "everything off"):
        assert not steps(tier.plan(text, "en", None, "turn", Memory()))


def test_what_its_owner_keeps_away_from_voice_is_not_there():
    home = house()
    home.put(Device("secret", "Safe", Kind.SWITCH, frozenset({Ability.ON}), "Hall", exposed=False))
    talk = Talk(home, "Hall")
    assert talk.say("turn on the safe") == []
    assert "secret" not in {thing for thing, _ability, _value in talk.say("turn everything off")}
