"""Several places hear the same wake word: one answers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.dialogue.arbiter import (
    TAKEOVER_S,
    WINDOW_S,
    Arbiter,
    Claim,
    Contender,
    Verdict,
    WokenElsewhere,
    judge,
    level_db,
    likeness,
    same_sound,
    shape_of,
)
from speech.audio import RATE_HZ, Samples
from tests.fakes import WordAt, sound
from tests.speaking import spoken

LATER_S = TAKEOVER_S + 0.1


@pytest.mark.parametrize(
    ("behind_s", "louder_db", "verdict"),
    [
        (0.0, 0.0, Verdict.BEHIND),
        (0.1, 3.0, Verdict.BEHIND),
        (0.1, 9.0, Verdict.NEARER),
        (LATER_S, 9.0, Verdict.BEHIND),  # the order may have begun
        (WINDOW_S + 0.1, 9.0, Verdict.ANOTHER),
        (-0.1, 0.0, Verdict.BEHIND),  # its clock runs a little behind
    ],
)
def test_the_first_holds_the_floor_unless_one_is_clearly_nearer(
    behind_s: float, louder_db: float, verdict: Verdict
) -> None:
    first, second = Claim("a", 10.0, -40.0), Claim("b", 10.0 + behind_s, -40.0 + louder_db)
    assert judge(first, second) is verdict


def test_where_the_word_is_not_in_the_stream_the_times_alone_count() -> None:
    assert judge(Claim("a", 10.0, -40.0), Claim("b", 10.1)) is Verdict.BEHIND
    assert judge(Claim("a", 10.0), Claim("b", 10.1, -10.0)) is Verdict.BEHIND


def test_a_place_never_stands_in_its_own_way() -> None:
    arbiter = Arbiter()
    assert arbiter.claim(Claim("a", 1.0), lambda: None)
    assert arbiter.claim(Claim("a", 1.5), lambda: None)


def test_one_of_many_answers_and_the_next_call_is_open_to_all() -> None:
    arbiter = Arbiter()
    won = [
        arbiter.claim(Claim(place, at_s), lambda: None)
        for place, at_s in (("a", 1.0), ("b", 1.1), ("c", 1.2))
    ]
    assert won == [True, False, False]
    assert arbiter.claim(Claim("c", 5.0), lambda: None)


def test_who_is_taken_over_from_is_told() -> None:
    arbiter, lost = Arbiter(), []
    assert arbiter.claim(Claim("far", 1.0, -50.0), lambda: lost.append("far"))
    assert arbiter.claim(Claim("near", 1.1, -30.0), lambda: lost.append("near"))
    assert not arbiter.claim(Claim("third", 1.2, -50.0), lambda: None)
    assert lost == ["far"]


def in_a_room(samples: Samples, *, delay_s: float, gain_db: float, seed: int) -> Samples:
    """The same sound at another microphone: later, quieter, with an echo and noise."""
    rng = np.random.default_rng(seed)
    length = RATE_HZ // 3
    echo = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length) * 0.05
    echo[0] = 1.0
    heard = np.convolve(samples.astype(float), echo)[: len(samples)]
    heard = np.roll(heard, int(delay_s * RATE_HZ)) + rng.standard_normal(len(samples)) * 100
    return (heard * 10 ** (gain_db / 20)).clip(-32_768, 32_767).astype(np.int16)


def test_the_same_words_at_two_microphones_are_one_sound(weights: Callable[[str], Path]) -> None:
    word, other = spoken("Okay Nabu.", weights), spoken("Hey Jarvis.", weights)
    near = in_a_room(word, delay_s=0.0, gain_db=0, seed=1)
    far = in_a_room(word, delay_s=0.12, gain_db=-12, seed=2)
    assert same_sound(shape_of(near), shape_of(far))
    assert not same_sound(shape_of(near), shape_of(in_a_room(other, delay_s=0.0, gain_db=0, seed=3)))


def test_the_same_word_of_two_people_is_two_sounds(recordings: Path | None) -> None:
    from speech.sound.file import load_recording

    if recordings is None:
        pytest.skip("no recordings beside the checkout")
    people = [load_recording(path) for path in sorted((recordings / "wake" / "alexa").iterdir())[:20]]
    shapes = [shape_of(each[-int(1.4 * RATE_HZ) :]) for each in people]
    pairs = [(a, b) for at, a in enumerate(shapes) for b in shapes[at + 1 :]]
    assert np.mean([same_sound(a, b) for a, b in pairs]) < 0.15
    assert np.mean([likeness(each, each) for each in shapes]) > 0.99


def test_half_as_loud_is_six_decibels() -> None:
    one = sound(("voice", 1.0))
    assert level_db(one) - level_db(one // 2) == pytest.approx(6.0, abs=0.1)
    assert level_db(np.zeros(RATE_HZ, np.int16)) < -90


def hears(contender: Contender, samples: Samples) -> list[str]:
    found = [contender.detect(samples[start : start + 320]) for start in range(0, len(samples), 320)]
    return [each for each in found if each is not None]


def test_only_the_first_contender_hears_the_word_and_the_other_is_told() -> None:
    arbiter, lost, word = Arbiter(), [], sound(("voice", 1.0))
    one, two = (Contender(name, WordAt(RATE_HZ), arbiter, lambda: 1.0) for name in "ab")
    two.on_lost = lambda: lost.append("b")
    assert hears(one, word) == ["okay nabu"]
    assert hears(two, word // 2) == []
    assert lost == ["b"]


def test_two_who_call_at_once_with_other_words_are_both_heard() -> None:
    arbiter = Arbiter()
    rng = np.random.default_rng(7)
    other = (rng.standard_normal(RATE_HZ) * 4_000).astype(np.int16)
    one, two = (Contender(name, WordAt(RATE_HZ), arbiter, lambda: 1.0) for name in "ab")
    assert hears(one, sound(("voice", 1.0))) == ["okay nabu"]
    assert hears(two, other) == ["okay nabu"]


def test_a_word_that_was_heard_elsewhere_is_told_once_over_the_gap_before_it() -> None:
    woken = WokenElsewhere()
    woken.tell("hey_jarvis")
    woken.reset()
    assert [woken.detect(sound(("quiet", 0.02))) for _ in range(2)] == ["hey_jarvis", None]


def test_a_piece_that_is_too_short_is_like_nothing() -> None:
    assert likeness(shape_of(np.zeros(10, np.int16)), shape_of(sound(("voice", 1.0)))) == -1.0
