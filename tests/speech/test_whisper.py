"""Whisper on real weights: the words of real or freshly spoken sound, and nothing for what is no speech."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from speech.audio import RATE_HZ, Samples
from speech.recognition.engine import RecognitionError, Transcript
from speech.recognition.log_mel import BANDS, log_mel
from speech.recognition.silence import POSITIONS, Encoded
from speech.recognition.whisper import WhisperRecogniser
from speech.recognition.writer import Wish
from speech.sound.file import load_recording
from tests.speaking import spoken

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def whisper(weights: Callable[[str], Path]) -> Iterator[WhisperRecogniser]:
    recogniser = WhisperRecogniser(weights("whisper-base"))
    yield recogniser
    recogniser.close()


def plain(text: str) -> str:
    return "".join(each for each in text.lower() if each.isalnum() or each == " ").strip()


def test_an_order_is_recognised(whisper: WhisperRecogniser, weights: Callable[[str], Path]) -> None:
    samples = spoken("Turn on the kitchen lights.", weights)
    heard = whisper.transcribe(samples)
    assert plain(heard.text) == "turn on the kitchen lights"
    assert heard.language == "en"


def test_real_recordings_in_two_languages_are_recognised(
    whisper: WhisperRecogniser, recordings: Path | None
) -> None:
    if recordings is None:
        pytest.skip("no recordings lie beside this checkout")
    english = whisper.transcribe(load_recording(recordings / "rooms" / "living_room_light_en.wav"))
    chinese = whisper.transcribe(load_recording(recordings / "rooms" / "living_room_light_zh.wav"))
    assert (plain(english.text), english.language) == ("turn on the living room light", "en")
    assert (chinese.text, chinese.language) == ("打开客厅的灯", "zh")


@pytest.mark.parametrize("word", ["Stop.", "Yes.", "Thank you."])
def test_a_single_word_is_said_once(
    whisper: WhisperRecogniser, weights: Callable[[str], Path], word: str
) -> None:
    assert plain(whisper.transcribe(spoken(word, weights), language="en").text) == plain(word)


def test_an_order_that_is_cut_off_at_its_last_sound_is_recognised(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn off the bedroom lights.", weights)
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 500)
    heard = whisper.transcribe(samples[: loud[-1] + 1], language="en")
    assert plain(heard.text) == "turn off the bedroom lights"


def test_other_texts_are_given_when_asked_for_and_none_twice(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the bed light.", weights)
    heard = whisper.transcribe(samples, language="en", alternatives=4)
    assert 1 <= len(heard.alternatives) <= 4
    assert len({heard.text, *heard.alternatives}) == 1 + len(heard.alternatives)
    assert whisper.transcribe(samples, language="en").alternatives == ()


def test_a_name_that_may_have_been_said_is_heard_when_the_prompt_tells_it(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the ecobee.", weights)
    names = "Hall Light, EcoBee, Attic Fan."
    assert "EcoBee" not in whisper.transcribe(samples, language="en").text
    assert "EcoBee" in whisper.transcribe(samples, language="en", prompt=names).text


def test_a_prompt_of_any_length_leaves_room_for_the_words(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the kitchen lights.", weights)
    heard = whisper.transcribe(samples, language="en", prompt="Kitchen Lights, " * 2_000)
    assert "kitchen light" in heard.text.lower()


def test_the_number_of_words_is_bounded_by_the_length_of_the_sound(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    once = spoken("One two three four five six seven eight nine ten.", weights)
    whole = whisper._tokenizer.encode(whisper.transcribe(once, language="en").text).ids
    assert len(whole) <= 8 + 10 * len(once) / RATE_HZ


class Suspicious(WhisperRecogniser):
    """Distrusts what it decodes as often as it is told; counts how many positions each decode was given."""

    def __init__(self, folder: Path, distrusted: int) -> None:
        super().__init__(folder)
        self.distrusted = distrusted
        self.positions: list[int] = []

    def _decode(self, own: Encoded, behind: Encoded, wish: Wish, language: str) -> Transcript:
        self.positions.append(own.shape[1] + behind.shape[1])
        heard = super()._decode(own, behind, wish, language)
        return replace(heard, suspect=len(self.positions) <= self.distrusted)


@pytest.mark.parametrize(("distrusted", "decodes"), [(0, 1), (1, 2), (2, 3), (3, 3)])
def test_what_is_suspect_is_decoded_before_all_the_silence_and_then_padded(
    weights: Callable[[str], Path], distrusted: int, decodes: int
) -> None:
    recogniser = Suspicious(weights("whisper-tiny.en"), distrusted)
    heard = recogniser.transcribe(spoken("Please turn on the kitchen lights and the hall light.", weights))
    recogniser.close()
    assert "kitchen light" in plain(heard.text)
    assert len(recogniser.positions) == decodes
    assert recogniser.positions[0] < POSITIONS
    assert all(each == POSITIONS for each in recogniser.positions[1:])
    assert heard.suspect == (distrusted == 3)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 2.0, 29.9, 40.0])
def test_silence_of_any_length_says_nothing(whisper: WhisperRecogniser, seconds: float) -> None:
    assert whisper.transcribe(np.zeros(int(seconds * RATE_HZ), np.int16)).text == ""


def test_a_clip_longer_than_the_window_is_cut_and_not_refused(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    once = spoken("The weather is fine today.", weights)
    long: Samples = np.tile(once, 30 * RATE_HZ // len(once) + 2)
    assert "weather" in whisper.transcribe(long).text.lower()


def test_the_spectrogram_has_a_frame_for_each_ten_milliseconds() -> None:
    assert log_mel(np.zeros(RATE_HZ, np.int16)).shape == (BANDS, 100)


def test_a_folder_without_weights_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RecognitionError, match="could not be loaded") as raised:
        WhisperRecogniser(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_truncated_model_is_one_clear_line(tmp_path: Path, weights: Callable[[str], Path]) -> None:
    for file in weights("whisper-base").iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes()[:1_000_000])
    with pytest.raises(RecognitionError, match="could not be loaded"):
        WhisperRecogniser(tmp_path)
