"""The guards that every engine of Whisper shares."""

import numpy as np
import pytest

from speech.audio import RATE_HZ
from speech.recognition import limits
from speech.recognition.engine import Transcript


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("Set the lights to white. Set the lights to white.", True),
        ("turn it off turn it off", True),
        ("再见了朋友再见了朋友", True),
        ("Okay. " * 12, True),
        ("no no", False),
        ("谢谢谢谢", False),
        ("Turn on the kitchen light and the hall light.", False),
        ("", False),
    ],
)
def test_a_text_that_repeats_itself_is_suspect_however_likely(text: str, loops: bool) -> None:
    assert limits.suspect(text, -0.1) is loops


def test_an_unlikely_text_is_suspect() -> None:
    assert limits.suspect("turn it off", -1.1)


def test_words_that_are_likelier_than_silence_are_kept() -> None:
    assert limits.nothing(Transcript("Thank you.", "en", log_probability=-1.2, no_speech=0.8))
    assert not limits.nothing(Transcript("Turn it off.", "en", log_probability=-0.2, no_speech=0.8))


def test_the_number_of_tokens_grows_with_the_sound() -> None:
    assert limits.most_tokens(np.zeros(0, np.int16)) == 8
    assert limits.most_tokens(np.zeros(2 * RATE_HZ, np.int16)) == 28


@pytest.mark.parametrize(("samples", "short"), [(0, True), (1_599, True), (1_600, False)])
def test_a_tenth_of_a_second_is_the_shortest_that_is_heard(samples: int, short: bool) -> None:
    assert limits.too_short(np.zeros(samples, np.int16)) is short
