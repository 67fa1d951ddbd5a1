import pytest

from benchmarks import heard
from benchmarks.heard import Heard, Said
from benchmarks.words import words

ORDER = Said("one.wav", 2.0, "turn on the lights")
COFFEE = Said("two.wav", 5.0, slots=(("double", "shot"), ("some", "skim", "milk")))


def by(clip: str, seconds: float = 1.0, wrong: int = 0, loops: bool = False) -> Heard:
    return Heard(clip, seconds, 4, wrong, 0, 0, 0, 0, loops)


def test_words_wrong_are_counted_where_the_words_are_known() -> None:
    assert heard.judged(ORDER, "Turn off the lights.", 0.5).words_wrong == 1
    assert heard.judged(COFFEE, "anything at all", 0.5).words == 0


def test_a_slot_is_found_whole_and_its_words_one_by_one() -> None:
    found = heard.judged(COFFEE, "A double shot with some milk, please.", 0.5)
    assert (found.slots, found.slots_found) == (2, 1)
    assert (found.slot_words, found.slot_words_found) == (5, 4)


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("set the lights to white set the lights to white", "set the lights to white", True),
        ("stop stop stop", "stop", True),
        ("okay okay okay okay please", "", True),
        ("can i can i have a coffee", "", False),
        ("turn on the lights and off the lights", "turn on the lights", False),
        ("no no no", "no no no", False),
        ("a b c d e f g", "a b c", True),
        ("", "turn on the lights", False),
    ],
)
def test_a_loop_repeats_or_goes_on_for_too_long(text: str, said: str, expected: bool) -> None:
    assert heard.loops(words(text), words(said), 2.0) is expected


def test_more_words_than_anybody_says_are_a_loop_where_the_words_are_not_known() -> None:
    many = [f"word{number}" for number in range(11)]
    assert heard.loops(many, [], 2.0)
    assert not heard.loops(many, [], 3.0)


def test_a_ratio_is_taken_over_the_clips_that_both_heard() -> None:
    ours = [by(f"{number}.wav", seconds) for number, seconds in enumerate([1.0, 50.0, 1.0, 50.0, 1.0])]
    peers = [by(f"{number}.wav", 3.0) for number in (0, 2, 4)]
    figure = heard.ratio(ours, peers)
    assert (figure.value, figure.n) == (3.0, 3)


def test_two_are_compared_in_pairs_and_the_levels_of_a_clip_go_together() -> None:
    ours = [by("a", wrong=1), by("b"), by("a", wrong=1), by("b")]
    peer = [by("a"), by("b"), by("a"), by("b")]
    figures = dict(heard.accuracy("all", {"ours": ours, "peer": peer}))
    assert figures["all_ours_word_error_rate"].value == pytest.approx(2 / 16)
    assert figures["all_word_error_rate_more_than_peer"].value == pytest.approx(2 / 16)
    assert figures["all_word_error_rate_more_than_peer"].n == 2
    assert "all_ours_slots_found" not in figures


def test_loops_are_told_as_a_share_of_clips() -> None:
    figures = dict(heard.looped("short", {"ours": [by("a"), by("b", loops=True)]}))
    assert figures["short_ours_loops"].value == 0.5
