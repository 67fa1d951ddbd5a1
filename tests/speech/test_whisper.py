"""Whisper on real weights: the words of real or freshly spoken sound, and nothing for what is no speech."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.audio import RATE_HZ, Samples
from speech.recognition.engine import RecognitionError
from speech.recognition.log_mel import BANDS, log_mel
from speech.recognition.whisper import WhisperRecogniser
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
