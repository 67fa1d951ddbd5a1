"""OpenAI's Whisper on torch, on real weights: it keeps the promises of every recogniser."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from speech.audio import RATE_HZ, Samples
from speech.recognition.engine import RecognitionError, Transcript
from speech.recognition.openai_whisper import OpenAIWhisperRecogniser, load_model
from speech.recognition.silence import POSITIONS
from tests.speaking import spoken

if TYPE_CHECKING:
    import torch

pytestmark = [pytest.mark.torch, pytest.mark.models]


@pytest.fixture(scope="module")
def whisper(weights: Callable[[str], Path]) -> Iterator[OpenAIWhisperRecogniser]:
    pytest.importorskip("whisper", reason="openai-whisper is not there: make test-torch brings it")
    recogniser = OpenAIWhisperRecogniser(weights("whisper-base"), device="cpu")
    yield recogniser
    recogniser.close()


def plain(text: str) -> str:
    return "".join(each for each in text.lower() if each.isalnum() or each == " ").strip()


def test_an_order_and_its_language_are_recognised(
    whisper: OpenAIWhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    heard = whisper.transcribe(spoken("Turn on the kitchen lights.", weights))
    assert (plain(heard.text), heard.language) == ("turn on the kitchen lights", "en")
    assert -0.5 < heard.log_probability < 0
    assert not heard.suspect


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 2.0, 29.9, 40.0])
def test_silence_of_any_length_says_nothing(whisper: OpenAIWhisperRecogniser, seconds: float) -> None:
    assert whisper.transcribe(np.zeros(int(seconds * RATE_HZ), np.int16)).text == ""


def test_sound_too_short_for_a_word_is_not_looked_at(
    whisper: OpenAIWhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(OpenAIWhisperRecogniser, "_encode")
    noise = np.random.default_rng(1).integers(-9_000, 9_000, RATE_HZ // 10 - 1).astype(np.int16)
    assert whisper.transcribe(noise, language="zh") == Transcript("", "zh", no_speech=1.0)


def test_noise_without_speech_says_nothing(whisper: OpenAIWhisperRecogniser) -> None:
    noise = np.random.default_rng(1).normal(0, 500, 2 * RATE_HZ).astype(np.int16)
    heard = whisper.transcribe(noise, language="en")
    assert heard.text == ""
    assert heard.suspect


def test_a_name_that_may_have_been_said_is_heard_when_the_prompt_tells_it(
    whisper: OpenAIWhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the ecobee.", weights)
    assert "EcoBee" not in whisper.transcribe(samples, language="en").text
    heard = whisper.transcribe(samples, language="en", prompt="Hall Light, EcoBee, Attic Fan.")
    assert "EcoBee" in heard.text


def test_a_prompt_of_any_length_leaves_room_for_the_words(
    whisper: OpenAIWhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    samples = spoken("Turn on the kitchen lights.", weights)
    heard = whisper.transcribe(samples, language="en", prompt="Kitchen Lights, " * 2_000)
    assert "kitchen light" in heard.text.lower()


def test_a_clip_longer_than_the_window_is_cut_and_not_refused(
    whisper: OpenAIWhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    once = spoken("The weather is fine today.", weights)
    long: Samples = np.tile(once, 30 * RATE_HZ // len(once) + 2)
    assert "weather" in whisper.transcribe(long).text.lower()


class Suspicious(OpenAIWhisperRecogniser):
    """Distrusts what it decodes as often as it is told; counts how many positions each decode was given."""

    def __init__(self, folder: Path, distrusted: int) -> None:
        super().__init__(folder, device="cpu")
        self.distrusted = distrusted
        self.positions: list[int] = []

    def _decode(self, encoded: "torch.Tensor", options: Any) -> Transcript:
        self.positions.append(encoded.shape[0])
        heard = super()._decode(encoded, options)
        return replace(heard, suspect=len(self.positions) <= self.distrusted)


@pytest.mark.parametrize(("distrusted", "decodes"), [(0, 1), (1, 2), (2, 3), (3, 3)])
def test_what_is_suspect_is_decoded_before_all_the_silence_and_then_padded(
    weights: Callable[[str], Path], distrusted: int, decodes: int
) -> None:
    pytest.importorskip("whisper", reason="openai-whisper is not there: make test-torch brings it")
    recogniser = Suspicious(weights("whisper-tiny.en"), distrusted)
    heard = recogniser.transcribe(spoken("Please turn on the kitchen lights and the hall light.", weights))
    recogniser.close()
    assert "kitchen light" in plain(heard.text)
    assert len(recogniser.positions) == decodes
    assert recogniser.positions[0] < POSITIONS
    assert all(each == POSITIONS for each in recogniser.positions[1:])
    assert heard.suspect == (distrusted == 3)


def test_weights_that_are_not_there_are_one_clear_line(tmp_path: Path) -> None:
    pytest.importorskip("whisper", reason="openai-whisper is not there: make test-torch brings it")
    with pytest.raises(RecognitionError, match="cannot be read") as raised:
        load_model(tmp_path)
    assert "\n" not in str(raised.value)
