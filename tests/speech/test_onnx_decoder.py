"""Our own decoder on real weights: it knows what the decoder in numpy knows, and writes what CTranslate2
writes.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from speech.recognition.decoder import Decoder
from speech.recognition.onnx_decoder import OnnxDecoder
from speech.recognition.onnx_writer import OnnxWriter, quick_here
from speech.recognition.second_look import WhisperSecondLook
from speech.recognition.whisper import WhisperRecogniser, WhisperSettings
from speech.recognition.writer import CTranslate2Writer, Wish
from tests.requirements import require
from tests.speaking import spoken

pytestmark = pytest.mark.models

MODEL = "whisper-tiny.en"
ORDERS = ("Turn on the kitchen lights.", "Stop.", "What is the weather like in Helsinki tomorrow?")


@pytest.fixture(scope="module")
def whisper(
    weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WhisperRecogniser]:
    require("a processor that our decoder is used on", quick_here(), "run this on x86-64")
    kept = tmp_path_factory.mktemp("kept")
    settings = WhisperSettings(device="cpu", compute_type="int8", threads=2, cache=kept)
    recogniser = WhisperRecogniser(weights(MODEL), settings)
    yield recogniser
    recogniser.close()


@pytest.fixture(scope="module")
def theirs(weights: Callable[[str], Path]) -> CTranslate2Writer:
    return CTranslate2Writer(
        ctranslate2.models.Whisper(str(weights(MODEL)), device="cpu", compute_type="int8")
    )


@pytest.fixture
def decoder(whisper: WhisperRecogniser) -> OnnxDecoder:
    assert isinstance(whisper.writer, OnnxWriter)
    return whisper.writer.decoder


def off(found: np.ndarray, wanted: np.ndarray) -> float:
    """How far one is from the other, by its size; rounding to 8 bits makes a hundredth or two."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def test_its_chances_are_those_of_the_decoder_in_numpy(
    whisper: WhisperRecogniser, decoder: OnnxDecoder, weights: Callable[[str], Path]
) -> None:
    encoded = whisper.encoded(spoken(ORDERS[0], weights))
    tokens = [50257, 50362, 5511, 319, 262, 9592, 7588, 13]
    exact = Decoder(weights(MODEL) / "model.bin")
    memory = exact.memory(encoded)
    beams = exact.begin(memory, tokens)
    scores = (beams.hidden @ exact.embedding(np.arange(50256)).T)[0]
    wanted = scores - np.logaddexp.reduce(scores)
    _, found = decoder.read(decoder.sound(encoded, None), None, np.array([tokens]), [0], [len(tokens) - 1])
    likely = found.chances[0, 0] > -8
    assert likely.any()
    assert found.tokens[0, 0][0] == 50256 or found.chances[0, 0].max() > -3
    ours = dict(zip(found.tokens[0, 0].tolist(), found.chances[0, 0].tolist(), strict=True))
    gaps = [ours[a] - ours[b] - (wanted[a] - wanted[b]) for a in ours for b in ours if max(a, b) < 50256]
    assert np.sqrt(np.square(gaps).mean()) < 0.5


def test_tokens_read_at_once_and_one_by_one_lead_to_the_same(
    whisper: WhisperRecogniser, decoder: OnnxDecoder, weights: Callable[[str], Path]
) -> None:
    sound = decoder.sound(whisper.encoded(spoken(ORDERS[0], weights)), None)
    tokens = [50257, 50362, 5511, 319, 262]
    _, at_once = decoder.read(sound, None, np.array([tokens]), [0], range(len(tokens)))
    past = None
    for place, token in enumerate(tokens):
        past, alone = decoder.read(sound, past, np.array([[token]]), [0], [0])
        assert off(alone.hidden[0, 0], at_once.hidden[0, place]) < 0.05


def test_beams_do_not_disturb_each_other(
    whisper: WhisperRecogniser, decoder: OnnxDecoder, weights: Callable[[str], Path]
) -> None:
    sound = decoder.sound(whisper.encoded(spoken(ORDERS[0], weights)), None)
    begun, _ = decoder.read(sound, None, np.array([[50257, 50362]]), [0], [1])
    both, _ = decoder.read(sound, begun, np.array([[5511], [838]]), [0, 0], [0])
    _, turned = decoder.read(sound, both, np.array([[319], [319]]), [1, 0], [0])
    for row, first in enumerate((838, 5511)):
        one, _ = decoder.read(sound, begun, np.array([[first]]), [0], [0])
        _, alone = decoder.read(sound, one, np.array([[319]]), [0], [0])
        assert off(turned.hidden[row, 0], alone.hidden[0, 0]) < 0.05
        assert off(turned.hidden[1 - row, 0], alone.hidden[0, 0]) > 0.2


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("beams", [1, 2])
def test_it_writes_what_ctranslate2_writes(
    whisper: WhisperRecogniser,
    theirs: CTranslate2Writer,
    weights: Callable[[str], Path],
    order: str,
    beams: int,
) -> None:
    own = whisper.encoded(spoken(order, weights))
    behind = whisper._silence.whole(own.shape[1])
    wish = Wish(whisper._prompt("en", ""), 30, beams)
    found, wanted = whisper.writer.write(own, behind, wish), theirs.write(own, behind, wish)
    assert list(found.texts[0].tokens) == list(wanted.texts[0].tokens)
    assert found.texts[0].log_probability == pytest.approx(wanted.texts[0].log_probability, abs=0.1)
    assert found.no_speech == pytest.approx(wanted.no_speech, abs=0.15)


def test_more_texts_are_given_likeliest_first(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    own = whisper.encoded(spoken(ORDERS[0], weights))
    wish = Wish(whisper._prompt("en", ""), 30, 3, 3)
    texts = whisper.writer.write(own, whisper._silence.whole(own.shape[1]), wish).texts
    assert len({tuple(each.tokens) for each in texts}) == 3
    assert sorted(texts, key=lambda each: -each.log_probability) == list(texts)


def test_no_more_tokens_are_written_than_there_may_be(
    whisper: WhisperRecogniser, weights: Callable[[str], Path]
) -> None:
    own = whisper.encoded(spoken(ORDERS[2], weights))
    wish = Wish(whisper._prompt("en", ""), 3)
    writing = whisper.writer.write(own, whisper._silence.whole(own.shape[1]), wish)
    assert len(writing.texts[0].tokens) <= 4


def test_silence_says_nothing(whisper: WhisperRecogniser) -> None:
    assert whisper.transcribe(np.zeros(32_000, np.int16)).text == ""


def test_a_second_look_takes_the_decoder_that_is_there(
    whisper: WhisperRecogniser, weights: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("speech.recognition.second_look.Decoder")
    WhisperSecondLook(weights(MODEL), whisper)


def test_what_was_made_is_taken_again(
    whisper: WhisperRecogniser, weights: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(whisper.writer, OnnxWriter)
    monkeypatch.delattr("speech.recognition.onnx_writer.write_encoder")
    monkeypatch.delattr("speech.recognition.decoder_graph.words")
    kept = whisper.writer.encoder.parent
    again = WhisperRecogniser(weights(MODEL), WhisperSettings(device="cpu", compute_type="int8", cache=kept))
    assert isinstance(again.writer, OnnxWriter)
    again.close()


def test_what_is_damaged_is_made_anew(whisper: WhisperRecogniser, weights: Callable[[str], Path]) -> None:
    assert isinstance(whisper.writer, OnnxWriter)
    kept = whisper.writer.encoder.parent
    next(kept.glob("decoder-*-sound-*.onnx")).write_bytes(b"no graph")
    (whisper.writer.encoder / "model.bin").write_bytes(b"no model")
    again = WhisperRecogniser(weights(MODEL), WhisperSettings(device="cpu", compute_type="int8", cache=kept))
    assert again.writer.name == "onnxruntime"
    assert "kitchen" in again.transcribe(spoken(ORDERS[0], weights)).text
    assert not whisper.writer.encoder.exists()
    again.close()


def test_ctranslate2_decodes_where_ours_cannot_be_kept(
    weights: Callable[[str], Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    require("a processor that our decoder is used on", quick_here(), "run this on x86-64")
    no_folder = tmp_path / "file"
    no_folder.write_text("")
    with caplog.at_level(logging.WARNING):
        recogniser = WhisperRecogniser(
            weights(MODEL), WhisperSettings(device="cpu", compute_type="int8", cache=no_folder)
        )
    assert recogniser.writer.name == "ctranslate2"
    assert "CTranslate2 decodes" in caplog.text
    assert "kitchen" in recogniser.transcribe(spoken(ORDERS[0], weights)).text
    recogniser.close()


def test_ctranslate2_decodes_where_it_is_asked_to(weights: Callable[[str], Path], tmp_path: Path) -> None:
    settings = WhisperSettings(device="cpu", compute_type="int8", cache=tmp_path, decoder="ctranslate2")
    recogniser = WhisperRecogniser(weights(MODEL), settings)
    assert recogniser.writer.name == "ctranslate2"
    assert not list(tmp_path.glob("decoder-*"))
    recogniser.close()
