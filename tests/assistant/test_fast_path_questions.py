import pytest

from assistant.understanding.questions import is_question


@pytest.mark.parametrize(
    "text",
    [
        "is the kitchen light on?",
        "What's the weather like",
        "which lights are on",
        "do you know whether the door is locked",
        "can you tell me if the light is on",
        "tell me what is playing",
        "please tell me if the heating is on",
        "why is it so dark in here",
        "did I leave the light on",
        "are all the windows closed",
        "will it rain tomorrow",
        "should I turn on the heating",
        "厨房的灯开着吗",
        "现在几点",
        "明天天气怎么样？",
        "哪些灯开着",
        "灯是不是开着",
        "请问客厅的灯关了没有",
        "你知道今天会下雨吗",
        "能告诉我灯开着吗",
    ],
)
def test_a_sentence_that_wants_to_know_is_a_question(text):
    assert is_question(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "turn on the kitchen light",
        "turn on the kitchen light?",
        "could you turn on the kitchen light?",
        "Can you please dim the lights",
        "would you mind turning off the lamp",
        "will you play some jazz",
        "how about some music",
        "it's too dark in here",
        "I want the lights off",
        "why don't you play some music",
        "能不能打开厨房的灯",
        "能不能打开厨房的灯吗？",
        "可以帮我开灯吗",
        "你能把灯关掉吗",
        "把灯打开好吗",
        "开灯好不好",
        "请关灯",
        "打开客厅的灯？",
        "",
    ],
)
def test_a_polite_order_is_no_question(text):
    assert not is_question(text, "zh")


def test_an_unknown_language_is_read_as_english():
    assert is_question("what is that", "de")
