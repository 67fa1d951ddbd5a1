"""How whole the words so far are: what the end of the turn goes by."""

import pytest

from assistant.understanding.completeness import Template, going_on
from assistant.understanding.fast_path import FastPath
from assistant.understanding.normalise import plain
from devices.home import Ability, Device, Home, Kind
from speech.end_of_turn import Wholeness
from tests.assistant.test_fast_path import FAST_PATH, REGISTRY


def wholeness(text: str, language: str = "en") -> Wholeness:
    return FAST_PATH.completeness(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "turn on the kitchen lights",
        "Could you turn off the lights in the hall, please?",
        "set the bedroom light to fifty percent",
        "turn off all the lights in the hall",
        "make the bedroom light blue",
        "pause the music",
        "is the coffee maker on",
        "把客厅的灯打开",
        "关掉所有的灯",
        "下一首",
        "turn on the bedside lamp and turn off the kettle",
        "turn off the kettle, would you",
    ],
)
def test_an_order_that_says_everything_is_whole(text):
    assert wholeness(text) is Wholeness.WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "turn on the",
        "turn",
        "turn on the kitchen",
        "turn off the lights in the",
        "set the brightness to",
        "set the kitchen lights",
        "turn on the kitchen lights and",
        "could you",
        "could you please",
        "dim the",
        "play",
        "play some",
        "what's the",
        "turn on the coffee",
        "um",
        "打开客厅的",
        "把",
        "把客厅的灯",
        "客厅灯调到",
        "客厅灯调到百分之",
        "打开客厅的灯和",
        "播放",
        "set a timer",
        "remind me to call mum",
        "Turn on the...",
        "Turn on the kitchen lights,",
        "Set the bad light to 10.",
    ],
)
def test_an_order_that_breaks_off_is_open(text):
    assert wholeness(text) is Wholeness.OPEN


@pytest.mark.parametrize(
    "text",
    [
        "turn on the lights",
        "turn off all the lights",
        "set the brightness to fifty",
        "what's the weather",
        "set a timer for two hours",
        "亮度调到五十",
    ],
)
def test_an_order_that_people_add_to_may_go_on(text):
    assert wholeness(text) is Wholeness.MAY_GO_ON


@pytest.mark.parametrize(
    "text", ["", "tell me a joke about penguins", "I turned on the kitchen lights", "play Miles Davis"]
)
def test_of_other_words_nothing_is_known(text):
    assert wholeness(text) is Wholeness.UNKNOWN


def at_home(*devices: tuple[str, str | None]) -> FastPath:
    home = Home({"Kitchen": (), "Office": ()})
    for name, room in devices:
        home.put(Device(f"{room} {name}", name, Kind.SWITCH, frozenset({Ability.ON}), room))
    return FastPath(REGISTRY, home)


def test_the_room_adds_nothing_to_a_thing_that_is_the_only_one_of_its_name():
    assert at_home(("Kettle", "Kitchen")).completeness("turn on the kettle", "en") is Wholeness.WHOLE


@pytest.mark.parametrize(
    "devices",
    [
        [("Kettle", None)],  # nobody knows where it is
        [("Kettle", "Kitchen"), ("Kettle", "Office")],
        [("Kettle", "Kitchen"), ("Kettle Lamp", "Kitchen")],  # a longer name
    ],
)
def test_what_may_be_said_more_exactly_may_go_on(devices):
    assert at_home(*devices).completeness("turn on the kettle", "en") is Wholeness.MAY_GO_ON


def test_a_name_that_was_misheard_is_put_right_and_not_quite_trusted():
    fast_path = at_home(("Humidifier", "Kitchen"))
    assert fast_path.understand("turn on the humidifyer", "en", None, "turn") is not None
    assert fast_path.completeness("turn on the humidifyer", "en") is Wholeness.MAY_GO_ON


def test_what_was_thought_of_a_sentence_is_forgotten_when_the_home_changes():
    fast_path = at_home(("Kettle", "Kitchen"))
    home = fast_path._home
    assert fast_path.completeness("turn on the kettle", "en") is Wholeness.WHOLE
    home.put(Device("lamp", "Kettle Lamp", Kind.SWITCH, frozenset({Ability.ON}), "Kitchen"))
    assert fast_path.completeness("turn on the kettle", "en") is Wholeness.MAY_GO_ON


def test_the_second_of_two_orders_may_go_on_too():
    assert wholeness("turn on the bedside lamp and turn on the lights") is Wholeness.MAY_GO_ON
    assert wholeness("turn on the lights and turn on the bedside lamp") is Wholeness.WHOLE


@pytest.mark.parametrize("template", ["kitchen light", "turn", "dim", "the"])
def test_ruling_templates_out_by_their_first_word_changes_nothing(template, monkeypatch):
    FAST_PATH.refresh()
    grammar = FAST_PATH._grammars["en"]
    words = plain(template, grammar.words)
    found = going_on(words, grammar.templates, grammar.phrases)
    monkeypatch.setattr(Template, "may_begin_with", lambda *_: True)
    assert going_on(words, grammar.templates, grammar.phrases) == found
