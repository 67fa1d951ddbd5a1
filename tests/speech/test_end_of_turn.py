"""When a turn ends: the words decide, then the sound, then the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.end_of_turn import EndOfTurnSettings, Wholeness, ended, wait_ms

SETTINGS = EndOfTurnSettings()


@pytest.mark.parametrize(
    ("wholeness", "finished", "expected_ms"),
    [
        (Wholeness.WHOLE, None, 250),
        (Wholeness.UNKNOWN, None, 600),
        (Wholeness.UNKNOWN, 0.9, 330),
        (Wholeness.UNKNOWN, 0.5, 900),
        (Wholeness.UNKNOWN, 0.1, 900),
        (Wholeness.OPEN, None, 1_100),
        (Wholeness.UNHEARD, None, 600),
    ],
)
def test_the_wait_depends_on_what_was_said(wholeness, finished, expected_ms):
    assert wait_ms(wholeness, SETTINGS, finished) == expected_ms
    assert not ended(expected_ms - 1, 2.0, wholeness, SETTINGS, finished)
    assert ended(expected_ms, 2.0, wholeness, SETTINGS, finished)


@pytest.mark.parametrize("wholeness", [Wholeness.WHOLE, Wholeness.OPEN])
@given(finished=st.floats(0.0, 1.0))
def test_where_the_words_decide_the_sound_changes_nothing(wholeness, finished):
    assert wait_ms(wholeness, SETTINGS, finished) == wait_ms(wholeness, SETTINGS)


def test_nobody_speaks_for_ever():
    assert ended(0.0, SETTINGS.longest_s, Wholeness.OPEN, SETTINGS)


@given(
    silence_ms=st.floats(0, 5_000),
    more_ms=st.floats(0, 5_000),
    wholeness=st.sampled_from(Wholeness),
    finished=st.none() | st.floats(0, 1),
)
def test_more_silence_never_reopens_a_turn(silence_ms, more_ms, wholeness, finished):
    if ended(silence_ms, 1.0, wholeness, SETTINGS, finished):
        assert ended(silence_ms + more_ms, 1.0, wholeness, SETTINGS, finished)
