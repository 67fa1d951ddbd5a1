"""When a turn ends: the words decide, then the sound, then the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.end_of_turn import EndOfTurnSettings, Wholeness, doubting, ended, wait_ms, worth_asking

SETTINGS = EndOfTurnSettings()
WORDS = [each for each in Wholeness if each is not Wholeness.UNHEARD]


@pytest.mark.parametrize(
    ("wholeness", "finished", "expected_ms"),
    [
        (Wholeness.WHOLE, None, 200),
        (Wholeness.MAY_GO_ON, None, 650),
        (Wholeness.MAY_GO_ON, 0.99, 640),
        (Wholeness.MAY_GO_ON, 0.98, 1_200),
        (Wholeness.UNKNOWN, None, 900),
        (Wholeness.UNKNOWN, 0.99, 640),
        (Wholeness.UNKNOWN, 0.1, 1_200),
        (Wholeness.OPEN, None, 1_200),
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
    assert not worth_asking(wholeness)


def test_words_that_are_on_their_way_are_waited_for():
    settings = EndOfTurnSettings(unheard_ms=None)
    assert not ended(10_000, 12.0, Wholeness.UNHEARD, settings)
    assert ended(0, settings.longest_s, Wholeness.UNHEARD, settings)


@pytest.mark.parametrize("wholeness", WORDS)
def test_a_hesitant_speaker_is_given_more_time_unless_nothing_can_follow(wholeness):
    usual, given_ms = wait_ms(wholeness, SETTINGS), wait_ms(wholeness, SETTINGS, hesitant=True)
    assert usual is not None
    assert given_ms == (usual if wholeness is Wholeness.WHOLE else 1.5 * usual)


@pytest.mark.parametrize(
    ("wholeness", "doubted"),
    [
        (Wholeness.WHOLE, Wholeness.MAY_GO_ON),
        (Wholeness.MAY_GO_ON, Wholeness.UNKNOWN),
        (Wholeness.UNKNOWN, Wholeness.OPEN),
        (Wholeness.OPEN, Wholeness.OPEN),
    ],
)
def test_words_that_were_heard_badly_count_a_line_lower(wholeness, doubted):
    assert doubting(wholeness, -0.41) is doubted
    assert doubting(wholeness, -0.4) is wholeness


@given(log_probability=st.floats(-5.0, 0.0), finished=st.none() | st.floats(0, 1))
def test_doubt_never_ends_a_turn_sooner(log_probability, finished):
    for wholeness in WORDS:
        doubted = wait_ms(doubting(wholeness, log_probability), SETTINGS, finished)
        sure = wait_ms(wholeness, SETTINGS, finished)
        assert doubted is not None
        assert sure is not None
        assert doubted >= sure


def test_nobody_speaks_for_ever():
    assert ended(0.0, SETTINGS.longest_s, Wholeness.OPEN, SETTINGS)


@given(
    silence_ms=st.floats(0, 5_000),
    more_ms=st.floats(0, 5_000),
    wholeness=st.sampled_from(Wholeness),
    finished=st.none() | st.floats(0, 1),
    hesitant=st.booleans(),
)
def test_more_silence_never_reopens_a_turn(silence_ms, more_ms, wholeness, finished, hesitant):
    if ended(silence_ms, 1.0, wholeness, SETTINGS, finished, hesitant=hesitant):
        assert ended(silence_ms + more_ms, 1.0, wholeness, SETTINGS, finished, hesitant=hesitant)
