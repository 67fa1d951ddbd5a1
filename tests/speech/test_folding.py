"""Folded silence: a hundred positions that the decoder takes for thirty seconds."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from speech.recognition import decoder as decoding
from speech.recognition.ct2_weights import Tensor
from speech.recognition.decoder import Decoder
from speech.recognition.engine import RecognitionError
from speech.recognition.folding import POSITIONS, Written, _Layer, _told, fold
from speech.recognition.whisper import FOLDED_WELL, WhisperRecogniser, WhisperSettings
from tests.speaking import spoken

WIDTH, LAYERS, WORDS = 128, 2, 50


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> Decoder:
    """A decoder of two layers."""
    monkeypatch.setattr(decoding, "read_tensors", lambda _path: at_random())
    return Decoder(Path("model.bin"))


def at_random() -> Mapping[str, Tensor]:
    """The tensors of a small decoder."""
    chance = np.random.default_rng(7)

    def some(*shape: int) -> Tensor:
        return (chance.normal(0, 1 / math.sqrt(shape[-1]), shape)).astype(np.float16)

    found: dict[str, Tensor] = {
        "decoder/embeddings/weight": some(WORDS, WIDTH),
        "decoder/position_encodings/encodings": some(64, WIDTH),
        "decoder/num_heads": np.array(WIDTH // 64, np.int16),
        "decoder/layer_norm/gamma": np.ones(WIDTH, np.float16),
        "decoder/layer_norm/beta": np.zeros(WIDTH, np.float16),
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


def asked(decoder: Decoder, count: int = 30) -> list[_Layer]:
    """The layers, once the decoder has written some sentences."""
    layers = [_Layer(decoder, number, silence()) for number in range(decoder.layers)]
    for each in sentences(count):
        decoder.ask(each.tokens, _told(layers, each.own))
    return layers


def test_folded_silence_has_a_hundred_positions_and_answers_like_all_of_it(decoder: Decoder) -> None:
    shares: list[float] = []
    found = fold(decoder, silence(), sentences(), shares.append)
    assert found.positions.shape == (POSITIONS, WIDTH)
    taken = silence()[200 : 200 + POSITIONS]  # a hundred that are only taken from it
    before = float(np.mean([layer.error(taken, layer.questions()) for layer in asked(decoder)]))
    assert found.error < before / 3  # it is noise: there is little to find in it
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_slope_is_that_of_the_error(decoder: Decoder) -> None:
    layer = asked(decoder, 1)[1]
    at = silence()[200 : 200 + POSITIONS].astype(np.float64)
    direction = np.random.default_rng(3).normal(0, 1, at.shape)
    small, questions = 1e-4, layer.questions()
    rise = layer.error(at + small * direction, questions) - layer.error(at - small * direction, questions)
    assert float((layer.slope(at, questions) * direction).sum()) == pytest.approx(
        rise / (2 * small), rel=1e-3
    )


def test_all_of_the_silence_is_not_off_at_all(decoder: Decoder) -> None:
    own = sentences(1)[0].own
    layers = asked(decoder, 1)
    assert layers[0].error(silence()[len(own) :], layers[0].questions()) == pytest.approx(0, abs=1e-9)


def test_two_sentences_are_too_little_to_learn_from(decoder: Decoder) -> None:
    with pytest.raises(ValueError, match="too few words"):
        fold(decoder, silence(), sentences(2), lambda _share: None)


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
