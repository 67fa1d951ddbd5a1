"""What our voices are given is what a person would read, written by another hand; and it is compared fairly."""

import pytest

from benchmarks.intelligibility import compared, sentences, syllables


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [(language, *pair) for language in ("en", "zh") for pair in sentences(language).items()],
)
def test_each_sentence_is_given_to_the_voice_as_a_person_reads_it(
    language: str, written: str, said: str
) -> None:
    assert compared(written, language) == compared(said, language)


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("en", "seven oh five am", "7.05 AM."),
        ("en", "it is two thirty pm", "It is 230 p.m."),
        ("en", "fifty kilometres per hour", "50 km/h"),
        ("zh", "两点零五分", "2点05分"),
        ("zh", "十点十五分", "10.15分"),
        ("zh", "厨房的灯", "廚房的燈"),
    ],
)
def test_what_the_recogniser_writes_in_its_own_way_is_no_error(language: str, said: str, heard: str) -> None:
    assert compared(heard, language) == compared(said, language)


def test_an_error_is_one() -> None:
    assert compared("seven fifteen", "en") != compared("7:50", "en")


def test_a_homophone_has_the_same_syllables() -> None:
    assert syllables(list("十二")) == syllables(list("时而"))
