"""Orders that follow the wake word at once, by real people's wake words and synthetic orders."""

import numpy as np
import pytest

from benchmarks.recordings import last_sound_s, load, recordings
from speech.audio import RATE_HZ, Samples
from speech.detection.microwakeword import MicroWakeWords
from speech.detection.silero import SileroActivity
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Ear, EarSettings, Ended, Event, Woke
from tests.fakes import chunks
from tests.requirements import require

CLIPS = 12
LATE_S = 0.1
"""A word's first consonant may be lost where the detector is slow; no more."""


def from_its_first_sound(order: Samples) -> Samples:
    """The synthetic orders begin with a click and 0.4 s of quiet."""
    return order[1_600 + int(np.flatnonzero(np.abs(order[1_600:].astype(int)) > 1_200)[0]) :]


def test_the_words_that_follow_the_wake_word_at_once_are_not_clipped() -> None:
    wakes, orders = recordings("wake/alexa")[:CLIPS], recordings("orders")[:CLIPS]
    require("recordings", bool(wakes and orders), "set SOTTO_SHARED to the folder that holds audio/")
    woken, late_s = 0, []
    for number, (said, order) in enumerate(zip(wakes, orders, strict=True)):
        word, words = load(said), from_its_first_sound(load(order))
        word = word[: int(last_sound_s(word) * RATE_HZ)]
        quiet = np.random.default_rng(number).normal(0, 8, (2, RATE_HZ)).astype(np.int16)
        ear = Ear(SileroActivity(), MicroWakeWords(["alexa"]), EarSettings(), EndOfTurnSettings())
        stream = np.concatenate([quiet[0], word, words, quiet[1]])
        events: list[Event] = [event for chunk in chunks(stream) for event in ear.hear(chunk)]
        if any(isinstance(event, Woke) for event in events):
            woken += 1
            (ended,) = [event for event in events if isinstance(event, Ended)]
            late_s.append(ended.utterance.start_sample / RATE_HZ - 1.0 - len(word) / RATE_HZ)
    assert woken >= CLIPS - 4
    assert max(late_s) < LATE_S
    assert min(late_s) > -0.4  # and the wake word is not among them


def test_each_word_needs_its_sensitivity() -> None:
    with pytest.raises(ValueError, match="zip"):
        MicroWakeWords(["alexa", "hey_jarvis"], [0.5])
