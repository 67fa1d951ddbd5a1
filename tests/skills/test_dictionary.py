import pytest

from skills.dictionary import Dictionary
from skills.testing import Trial


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("how do you spell necessary", "en", "necessary: N E C E S S A R Y."),
        ("what's the pinyin for 你好", "zh", "你好：nǐ hǎo。"),
        ("尴尬的拼音是什么", "zh", "尴尬：gān gà。"),
    ],
)
def test_a_word_is_spelt(understand, text, language, reply):
    ((tool, arguments),) = understand(text, language, skills=[Dictionary])
    trial = Trial(Dictionary)
    assert trial.call(tool.partition(".")[2], trial.context(language=language), **arguments).reply == reply


def test_what_a_word_means_is_left_to_the_language_model(understand):
    assert understand("what does necessary mean", skills=[Dictionary]) == []
