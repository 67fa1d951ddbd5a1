import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speech.synthesis.edges import faded, trimmed
from speech.synthesis.engine import SynthesisError
from speech.synthesis.espeak import EspeakProcess
from speech.synthesis.piper import PiperVoice, phoneme_ids, read_settings, sentences

IDS = {"^": [1], "$": [2], "_": [0], "a": [14], "ç": [40], "c": [16], "̧": [140], ".": [10], " ": [3]}


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "audio": {"sample_rate": 22_050},
        "language": {"family": "en"},
        "espeak": {"voice": "en-us"},
        "phoneme_id_map": IDS,
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        **changes,
    }


def test_a_sentence_is_laid_out_with_padding_between_its_phonemes() -> None:
    assert phoneme_ids("a a.", IDS) == [1, 0, 14, 0, 3, 0, 14, 0, 10, 0, 2]


def test_phonemes_are_decomposed_and_unknown_ones_left_out() -> None:
    assert phoneme_ids("ç☃", IDS) == [1, 0, 16, 0, 140, 0, 2]


def test_clauses_are_joined_to_sentences() -> None:
    assert sentences(["a,", "b.", "c", "d?", "e;"]) == ["a, b.", "c d?", "e;"]
    assert sentences([]) == []


@pytest.mark.parametrize("content", ["{", "[]", "{}", json.dumps(settings(inference={}))])
def test_a_damaged_description_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "voice.onnx.json"
    path.write_text(content)
    with pytest.raises(SynthesisError, match=r"damaged .* `sotto models pull`") as error:
        read_settings(path)
    assert "\n" not in str(error.value)


def test_a_folder_without_a_voice_is_told(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match="there are 0 voices"):
        PiperVoice(tmp_path, EspeakProcess())


def test_a_truncated_network_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "voice.onnx").write_bytes(b"\x08\x07no network")
    (tmp_path / "voice.onnx.json").write_text(json.dumps(settings()))
    with pytest.raises(SynthesisError, match=r"voice\.onnx cannot be loaded .* `sotto models pull`") as error:
        PiperVoice(tmp_path, EspeakProcess())
    assert "\n" not in str(error.value)


def test_silence_around_a_clause_is_trimmed_and_its_ends_faded() -> None:
    tone = np.full(4_410, 9_000, dtype=np.int16)
    quiet = np.full(22_050, 20, dtype=np.int16)
    sound = trimmed(np.concatenate([quiet, tone, quiet]), 22_050)
    assert len(sound) == 4_410 + 2 * 441
    assert sound[0] == sound[-1] == 0


@pytest.mark.parametrize("length", [0, 1, 2, 3, 1_000])
def test_sound_of_any_length_can_be_trimmed_and_faded(length: int) -> None:
    assert len(faded(np.full(length, 9_000, dtype=np.int16), 22_050)) == length
    assert len(trimmed(np.zeros(length, dtype=np.int16), 22_050)) == 0


@pytest.fixture(scope="module")
def voice(weights: Callable[[str], Path]) -> Iterator[PiperVoice]:
    phonemizer = EspeakProcess()
    voice = PiperVoice(weights("piper-en_US-joe-medium"), phonemizer)
    yield voice
    voice.close()
    phonemizer.close()


@pytest.mark.models
def test_the_real_voice_speaks_a_clause_without_silence_around_it(voice: PiperVoice) -> None:
    [sound] = voice.synthesise("Kitchen light on.", "en")
    assert 0.6 < len(sound) / voice.rate_hz < 1.6
    assert np.abs(sound).max() > 20_000
    assert np.flatnonzero(np.abs(sound.astype(int)) > 200)[0] / voice.rate_hz < 0.05


@pytest.mark.models
def test_the_real_voice_gives_a_piece_a_sentence(voice: PiperVoice) -> None:
    assert len(list(voice.synthesise("It is on. It is bright.", "en"))) == 2
    assert list(voice.synthesise("...", "en")) == []


@pytest.mark.models
def test_the_real_voice_refuses_a_language_that_it_does_not_know(voice: PiperVoice) -> None:
    with pytest.raises(SynthesisError, match="does not speak 'zh'"):
        list(voice.synthesise("你好", "zh"))


@pytest.mark.models
def test_a_closed_voice_says_so(weights: Callable[[str], Path]) -> None:
    phonemizer = EspeakProcess()
    voice = PiperVoice(weights("piper-en_US-joe-medium"), phonemizer, 1)
    voice.close()
    with pytest.raises(SynthesisError, match="was closed"):
        list(voice.synthesise("on", "en"))
    phonemizer.close()


@pytest.mark.models
def test_without_variation_a_sentence_always_sounds_the_same(weights: Callable[[str], Path]) -> None:
    process = EspeakProcess()
    try:
        voice = PiperVoice(weights("piper-en_US-joe-medium"), process, variation=0.0)
        readings = [np.concatenate(list(voice.synthesise("The hall light is on.", "en"))) for _ in range(2)]
    finally:
        process.close()
    assert np.array_equal(*readings)
