"""smart-turn: what it is given, and what it says of real sound."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import RATE_HZ
from speech.detection.smart_turn import WINDOW, SmartTurn, SmartTurnError, features
from tests.fakes import sound
from tests.speaking import spoken

VOICE = sound(("quiet", 0.2), ("voice", 1.5), ("quiet", 0.3))


def test_the_model_sees_eight_seconds_of_eighty_bands():
    for seconds in (0.5, 8.0, 12.0):
        assert features(np.resize(VOICE, int(seconds * RATE_HZ))).shape == (80, 800)


def test_loudness_is_taken_out():
    quiet = (VOICE // 8).astype(np.int16)
    voiced = slice(660, 760)
    assert np.abs(features(VOICE)[:, voiced] - features(quiet)[:, voiced]).max() < 0.02


def test_what_is_short_stands_at_the_end():
    seen = features(VOICE)
    assert seen[:, :550].max() < seen[:, 650:].max() - 1.0


def test_only_the_last_eight_seconds_count():
    long = np.concatenate([np.resize(VOICE, 5 * RATE_HZ), np.resize(VOICE[::-1], WINDOW)])
    assert np.array_equal(features(long), features(long[-WINDOW:]))


@settings(max_examples=20, deadline=None)
@given(
    length=st.integers(1, 3 * RATE_HZ), level=st.sampled_from([0, 1, 32_767]), sign=st.sampled_from([-1, 1])
)
def test_no_sound_breaks_it(length, level, sign):
    assert np.isfinite(features(np.full(length, sign * level, np.int16))).all()


@pytest.mark.parametrize("files", [(), ("a.onnx", "b.onnx"), ("a.onnx",)])
def test_weights_that_are_not_there_or_damaged_are_told_in_a_line(tmp_path: Path, files: tuple[str, ...]):
    for name in files:
        (tmp_path / name).write_bytes(b"no model")
    with pytest.raises(SmartTurnError) as told:
        SmartTurn(tmp_path)
    assert "\n" not in str(told.value)


@pytest.mark.models
def test_a_spoken_order_is_finished(weights: Callable[[str], Path]):
    judge = SmartTurn(weights("smart-turn-v3.2"))
    assert judge(spoken("Turn on the kitchen lights.", weights)) > 0.5


@pytest.mark.models
def test_somebody_in_the_middle_of_a_word_is_not(weights: Callable[[str], Path]):
    judge = SmartTurn(weights("smart-turn-v3.2"))
    said = spoken("I would like to have the, um", weights)
    assert judge(said) < judge(spoken("Turn on the kitchen lights.", weights))
