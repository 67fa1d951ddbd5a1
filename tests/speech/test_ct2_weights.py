from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech.recognition.ct2_weights import read_tensors
from speech.recognition.engine import RecognitionError


@pytest.mark.models
def test_the_tensors_of_a_real_model_are_read(weights: Callable[[str], Path]) -> None:
    tensors = read_tensors(weights("whisper-base") / "model.bin")
    embeddings = tensors["decoder/embeddings/weight"]
    assert embeddings.shape == (51865, 512)
    assert np.isfinite(embeddings.astype(np.float32)).all()
    assert tensors["decoder/projection/weight"] is embeddings


@pytest.mark.parametrize("content", [b"", b"RIFF" * 100, b"\x06\0\0\0" + b"\xff" * 64])
def test_what_is_no_model_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(RecognitionError, match="is no Whisper model of CTranslate2's: sotto models verify"):
        read_tensors(path)


def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecognitionError, match=r"cannot be read \(No such file or directory\): sotto models"):
        read_tensors(tmp_path / "model.bin")
