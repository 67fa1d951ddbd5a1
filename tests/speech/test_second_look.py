"""A second look on real weights: what may have been said is told from what may not."""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from speech.recognition.engine import RecognitionError, Transcript
from speech.recognition.second_look import Spelling, Trie, WhisperSecondLook
from speech.recognition.whisper import WhisperRecogniser
from tests.speaking import spoken

pytestmark = pytest.mark.models


class Rows:
    """The sentences that are rows of these phrases, one out of each list."""

    def __init__(self, *lists: Sequence[str]) -> None:
        self._lists = lists
        self.phrases: Sequence[str] = tuple(dict.fromkeys(each for those in lists for each in those))
        self.start: Hashable = 0

    def after(self, state: Hashable, phrase: int) -> Hashable | None:
        assert isinstance(state, int)
        fits = state < len(self._lists) and self.phrases[phrase] in self._lists[state]
        return state + 1 if fits else None

    def whole(self, state: Hashable) -> bool:
        return state == len(self._lists)


LAMPS = Rows(["turn on the", "turn off the"], ["bed light", "nook lamp", "moon lamp", "tea kettle"])


@pytest.fixture(scope="module")
def whisper(weights: Callable[[str], Path]) -> Iterator[WhisperRecogniser]:
    recogniser = WhisperRecogniser(weights("whisper-base"))
    yield recogniser
    recogniser.close()


@pytest.fixture(scope="module")
def engine(whisper: WhisperRecogniser, weights: Callable[[str], Path]) -> WhisperSecondLook:
    return WhisperSecondLook(weights("whisper-base"), whisper)


def plain(text: str) -> str:
    return text.lower().strip(" .?,")


@pytest.mark.parametrize(
    "said", ["Turn on the nook lamp.", "Turn off the tea kettle.", "Turn off the bed light."]
)
def test_the_sentence_that_was_said_is_the_likeliest(
    engine: WhisperSecondLook, weights: Callable[[str], Path], said: str
) -> None:
    look = engine.look(spoken(said, weights), Transcript("Turn on the no clamp.", "en"), LAMPS)
    assert plain(look.readings[0].text) == plain(said)
    scores = [each.log_probability for each in look.readings]
    assert scores == sorted(scores, reverse=True)


def test_what_was_heard_is_told_like_the_readings(
    engine: WhisperSecondLook, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the nook lamp.", weights)
    look = engine.look(samples, Transcript("Turn on the nook lamp.", "en"), LAMPS)
    same = next(each for each in look.readings if each.text == "Turn on the nook lamp.")
    assert look.heard.log_probability == pytest.approx(same.log_probability, abs=0.01)


def test_no_sentence_explains_sound_in_which_something_else_is_said(
    engine: WhisperSecondLook, weights: Callable[[str], Path]
) -> None:
    text = "What will the weather be like on Sunday?"
    look = engine.look(spoken(text, weights), Transcript(text, "en"), LAMPS)
    best = max((each.log_probability for each in look.readings), default=-math.inf)
    assert best < look.heard.log_probability - 15


def test_a_look_agrees_with_ctranslate2(
    whisper: WhisperRecogniser, engine: WhisperSecondLook, weights: Callable[[str], Path]
) -> None:
    """The arithmetic is another; how much likelier one text is than another is not, but for int8."""
    samples = spoken("Turn on the nook lamp.", weights)
    texts = ("Turn on the nook lamp.", "Turn on the moon lamp.")
    ours = [engine.look(samples, Transcript(text, "en"), LAMPS).heard.log_probability for text in texts]
    spelling = Spelling(weights("whisper-base") / "tokenizer.json")
    encoded = np.repeat(whisper.encoded(samples), 2, axis=0)
    aligned = whisper._model.align(
        ctranslate2.StorageView.from_array(np.ascontiguousarray(encoded)),
        spelling.begin("en")[:-1],
        [list(spelling.tokens(f" {text}")) for text in texts],
        [2 * encoded.shape[1]] * 2,
    )
    theirs = [sum(map(math.log, each.text_token_probs)) for each in aligned]
    assert ours[0] - ours[1] == pytest.approx(theirs[0] - theirs[1], abs=1.0)
    assert ours[0] - ours[1] > 2


def test_the_encoding_of_the_last_clip_is_not_made_again(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the nook lamp.", weights)
    whisper.transcribe(samples, language="en")
    assert whisper.encoded(samples) is whisper.encoded(samples.copy())
    other = np.zeros_like(samples)
    assert whisper.encoded(other) is not whisper.encoded(samples)


def test_nothing_that_may_be_said_gives_no_reading(
    engine: WhisperSecondLook, weights: Callable[[str], Path]
) -> None:
    look = engine.look(spoken("Stop.", weights), Transcript("Stop.", "en"), Rows(["stop"], []))
    assert look.readings == ()


def test_words_with_t_are_spelt_as_the_model_writes_them(weights: Callable[[str], Path]) -> None:
    spelling = Spelling(weights("whisper-base") / "tokenizer.json")
    assert [len(spelling.tokens(word)) for word in (" turn", " the", " triple", " together")] == [1, 1, 1, 1]


def test_a_phrase_begins_with_a_capital_only_at_the_first_word(weights: Callable[[str], Path]) -> None:
    spelling = Spelling(weights("whisper-base") / "tokenizer.json")
    trie = Trie(("kitchen",), spelling, spaced=True)
    great, small = spelling.tokens(" Kitchen")[0], spelling.tokens(" kitchen")[0]
    assert set(trie.nexts(Trie.first).tolist()) == {great, small}
    assert set(trie.nexts(Trie.next).tolist()) == {small}


def test_a_folder_without_weights_is_refused(tmp_path: Path, whisper: WhisperRecogniser) -> None:
    with pytest.raises(RecognitionError):
        WhisperSecondLook(tmp_path, whisper)
