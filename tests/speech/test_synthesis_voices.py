import logging
from collections.abc import Iterator

import numpy as np
import pytest

from speech.audio import Samples
from speech.synthesis.engine import SynthesisError
from speech.synthesis.voices import Voices


class OneWordVoice:
    """Says each clause in `pieces` pieces of its own number; may fail after `good` of them."""

    def __init__(self, name: str, *languages: str, good: int | None = None) -> None:
        self.name = name
        self.languages = frozenset(languages)
        self.rate_hz = 16_000
        self.said: list[str] = []
        self.closed = 0
        self._good = good

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        self.said.append(clause)
        for number in range(2):
            if self._good == number:
                raise SynthesisError("out of breath")
            yield np.zeros(10, dtype=np.int16)

    def close(self) -> None:
        self.closed += 1


def test_each_language_has_its_voice_and_the_rest_the_fallback() -> None:
    english, any_voice = OneWordVoice("piper", "en"), OneWordVoice("espeak", "en", "zh")
    voices = Voices({"en": english}, any_voice)
    assert [rate_hz for _, rate_hz in voices.speak("on", "en")] == [16_000, 16_000]
    list(voices.speak("开", "zh"))
    assert (english.said, any_voice.said) == (["on"], ["开"])


def test_a_language_that_nobody_speaks_is_told() -> None:
    for fallback in (None, OneWordVoice("espeak", "zh")):
        with pytest.raises(SynthesisError, match="no voice speaks 'fr'"):
            list(Voices({"en": OneWordVoice("piper", "en")}, fallback).speak("oui", "fr"))


def test_a_voice_that_fails_is_replaced_and_that_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    fallback = OneWordVoice("espeak", "en")
    voices = Voices({"en": OneWordVoice("piper", "en", good=0)}, fallback)
    with caplog.at_level(logging.WARNING):
        assert len(list(voices.speak("one", "en"))) == 2
        assert len(list(voices.speak("two", "en"))) == 2
    assert fallback.said == ["one", "two"]
    assert [record.getMessage() for record in caplog.records] == [
        "espeak speaks instead of piper: out of breath"
    ]


def test_a_clause_is_not_said_one_and_a_half_times() -> None:
    fallback = OneWordVoice("espeak", "en")
    with pytest.raises(SynthesisError, match="out of breath"):
        list(Voices({"en": OneWordVoice("piper", "en", good=1)}, fallback).speak("one", "en"))
    assert fallback.said == []


def test_a_fallback_that_fails_is_told() -> None:
    with pytest.raises(SynthesisError, match="out of breath"):
        list(Voices({}, OneWordVoice("espeak", "en", good=0)).speak("one", "en"))


@pytest.mark.parametrize("clause", ["", "...", "—", " ! "])
def test_a_clause_of_marks_alone_is_silent(clause: str) -> None:
    assert list(Voices({}, None).speak(clause, "en")) == []


def test_numbers_are_written_out_before_they_are_spoken() -> None:
    voice = OneWordVoice("piper", "en")
    list(Voices({"en": voice}).speak("It is 50% at 7:05.", "en"))
    assert voice.said == ["It is fifty percent at seven oh five."]


def test_closing_closes_every_voice_once() -> None:
    voice, fallback = OneWordVoice("piper", "en"), OneWordVoice("espeak", "de")
    Voices({"en": voice, "us": voice, "de": fallback}, fallback).close()
    assert (voice.closed, fallback.closed) == (1, 1)
