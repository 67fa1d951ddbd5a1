"""Folded silence: a hundred positions that the decoder takes for thirty seconds."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from speech.recognition.ct2_weights import Tensor
from speech.recognition.engine import RecognitionError
from speech.recognition.folding import POSITIONS, Written, _Decoder, _Questions, fold
from speech.recognition.whisper import FOLDED_WELL, WhisperRecogniser, WhisperSettings
from tests.speaking import spoken

WIDTH, LAYERS, WORDS = 128, 2, 50


def small_decoder() -> Mapping[str, Tensor]:
    """The tensors of a decoder of two layers, at random."""
    chance = np.random.default_rng(7)

    def some(*shape: int) -> Tensor:
        return (chance.normal(0, 1 / math.sqrt(shape[-1]), shape)).astype(np.float16)

    found: dict[str, Tensor] = {
        "decoder/embeddings/weight": some(WORDS, WIDTH),
        "decoder/position_encodings/encodings": some(64, WIDTH),
    }
    shapes = {
        "self_attention/linear_0": (3 * WIDTH, WIDTH),
        "self_attention/linear_1": (WIDTH, WIDTH),
        "attention/linear_0": (WIDTH, WIDTH),
        "attention/linear_1": (2 * WIDTH, WIDTH),
        "attention/linear_2": (WIDTH, WIDTH),
        "ffn/linear_0": (4 * WIDTH, WIDTH),
        "ffn/linear_1": (WIDTH, 4 * WIDTH),
    }
    for layer in range(LAYERS):
        here = f"decoder/layer_{layer}"
        for name, shape in shapes.items():
            found[f"{here}/{name}/weight"] = some(*shape)
            found[f"{here}/{name}/bias"] = some(shape[0])
        for part in ("self_attention", "attention", "ffn"):
            found[f"{here}/{part}/layer_norm/gamma"] = np.ones(WIDTH, np.float16)
            found[f"{here}/{part}/layer_norm/beta"] = np.zeros(WIDTH, np.float16)
    return found


def silence() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 1, (1_500, WIDTH)).astype(np.float32)


def sentences(count: int = 30) -> list[Written]:
    chance = np.random.default_rng(2)
    return [
        Written(
            chance.normal(0, 1, (160, WIDTH)).astype(np.float32),
            [int(n) for n in chance.integers(0, WORDS, 9)],
        )
        for _ in range(count)
    ]


def error_of_real_positions() -> float:
    """What a hundred positions come to that are only taken from the silence."""
    decoder = _Decoder(small_decoder(), silence())
    asked = [decoder.questions(each) for each in sentences()]
    layers = [_Questions.joined(each) for each in zip(*asked, strict=True)]
    some = silence()[200 : 200 + POSITIONS]
    errors = [layer.error(some, each) for layer, each in zip(decoder.layers, layers, strict=True)]
    return float(np.mean(errors))


def test_folded_silence_has_a_hundred_positions_and_answers_like_all_of_it() -> None:
    shares: list[float] = []
    found = fold(small_decoder(), silence(), sentences(), shares.append)
    assert found.positions.shape == (POSITIONS, WIDTH)
    assert found.error < error_of_real_positions() / 3  # it is noise: there is little to find in it
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_slope_is_that_of_the_error() -> None:
    decoder = _Decoder(small_decoder(), silence())
    asked = decoder.questions(sentences(1)[0])[1]
    layer, at = decoder.layers[1], silence()[200 : 200 + POSITIONS].astype(np.float64)
    direction = np.random.default_rng(3).normal(0, 1, at.shape)
    small = 1e-4
    rise = layer.error(at + small * direction, asked) - layer.error(at - small * direction, asked)
    assert float((layer.slope(at, asked) * direction).sum()) == pytest.approx(rise / (2 * small), rel=1e-3)


def test_two_sentences_are_too_little_to_learn_from() -> None:
    with pytest.raises(ValueError, match="too few words"):
        fold(small_decoder(), silence(), sentences(2), lambda _share: None)


def test_what_is_no_decoder_is_refused() -> None:
    with pytest.raises(KeyError):
        fold({}, silence(), sentences(), lambda _share: None)


SPOKEN = (
    "The garden needs water this evening.",
    "Put milk and eggs on my list.",
    "Good morning.",
    "Wait.",
    "How far is it to the station?",
    "Volume up.",
    "Tell me a story about a fox and a hare who lived by the lake.",
    "Wake me at six.",
    "Call my brother.",
    "Shut the gate.",
    "Who wrote that song?",
    "Hello there.",
    "Read me the news of today.",
    "Let us watch a film tonight.",
    "It is far too warm in the attic.",
)


@pytest.mark.models
def test_a_small_whisper_folds_its_silence_and_hears_as_before(
    weights: Callable[[str], Path], tmp_path: Path
) -> None:
    folder, settings = weights("whisper-tiny.en"), WhisperSettings(cache=tmp_path)
    recogniser = WhisperRecogniser(folder, settings)
    clips = [(spoken(text, weights), "en") for text in SPOKEN]
    assert not recogniser.folded
    assert recogniser.fold_silence(clips, lambda _share: None) < FOLDED_WELL
    assert recogniser.folded
    recogniser.close()
    again = WhisperRecogniser(folder, settings)
    assert again.folded
    heard = again.transcribe(spoken("Turn off the bedroom lights.", weights))
    again.close()
    assert "".join(each for each in heard.text.lower() if each.isalpha()) == "turnoffthebedroomlights"


@pytest.mark.models
def test_a_recogniser_says_when_it_heard_too_little(weights: Callable[[str], Path]) -> None:
    recogniser = WhisperRecogniser(weights("whisper-tiny.en"))
    with pytest.raises(RecognitionError, match="too few words"):
        recogniser.fold_silence([], lambda _share: None)
    recogniser.close()
