import pytest

from speech.end_of_turn import Wholeness
from tests.assistant.test_fast_path import FAST_PATH


def wholeness(text: str, language: str = "en") -> Wholeness:
    return FAST_PATH.completeness(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "turn on the kitchen lights",
        "Could you turn off the lights in the hall, please?",
        "set the bedroom light to fifty percent",
        "make the bedroom light blue",
        "turn off all the lights",
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
    ],
)
def test_an_order_that_breaks_off_is_open(text):
    assert wholeness(text) is Wholeness.OPEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tell me a joke about penguins",
        "I turned on the kitchen lights",
        "play Miles Davis",
        "set the brightness to fifty",
        "turn on the lights",
        "what's the weather",
        "我喜欢你",
        "亮度调到五十",
    ],
)
def test_of_other_words_nothing_is_known(text):
    assert wholeness(text) is Wholeness.UNKNOWN
