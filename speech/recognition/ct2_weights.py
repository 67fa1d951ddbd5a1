"""Reads the tensors of a Whisper model in CTranslate2's format, for engines that know them by other names.

The file (binary version 6): version, name and revision of the specification, then each variable with its
name, shape, type and bytes, then names that mean the same variable. Source: CTranslate2's `ModelSpec`.
"""

import json
import mmap
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech.recognition.engine import RecognitionError

_VERSION = 6
_TYPES: Mapping[int, np.dtype[Any]] = {
    0: np.dtype("<f4"),
    1: np.dtype("<i1"),
    2: np.dtype("<i2"),
    3: np.dtype("<i4"),
    4: np.dtype("<f2"),
}
_CODES = {kind: code for code, kind in _TYPES.items()}
_SPECIFICATION = "WhisperSpec"
_REVISION = 3
_FEW_TOKENS = 64  # the fewest with which CTranslate2 loads a decoder

Tensor = npt.NDArray[Any]


def read_tensors(path: Path) -> Mapping[str, Tensor]:
    """All variables by name, mapped: what nobody looks at takes no memory. They cannot be written to.

    Raises `RecognitionError` for what is no such file.
    """
    try:
        with path.open("rb") as file:
            return _tensors(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise RecognitionError(f"{path} cannot be read ({error.strerror}): sotto models verify") from error
    except (struct.error, UnicodeDecodeError, ValueError, KeyError) as error:
        raise RecognitionError(f"{path} is no Whisper model of CTranslate2's: sotto models verify") from error


def write_encoder(folder: Path, target: Path) -> None:
    """Write the model in `folder` without its decoder into `target`, for who has another one.

    CTranslate2 wants some decoder: the first layer is left, and the first words. Raises OSError and
    `RecognitionError`.
    """
    tensors = {
        name: tensor
        for name, tensor in read_tensors(folder / "model.bin").items()
        if not re.match(r"decoder/(layer_[1-9]|projection/)", name)
    }
    words = "decoder/embeddings/weight"
    tensors[words] = tensors[words][:_FEW_TOKENS]
    target.mkdir(parents=True, exist_ok=True)
    with (target / "model.bin").open("wb") as file:
        file.write(struct.pack("<I", _VERSION) + _as_text(_SPECIFICATION) + struct.pack("<I", _REVISION))
        file.write(struct.pack("<I", len(tensors)))
        for name, tensor in tensors.items():
            file.write(_as_text(name) + struct.pack(f"<B{tensor.ndim}I", tensor.ndim, *tensor.shape))
            file.write(struct.pack("<BI", _CODES[tensor.dtype], tensor.nbytes))
            file.write(np.ascontiguousarray(tensor).tobytes())
        file.write(struct.pack("<I", 1) + _as_text("decoder/projection/weight") + _as_text(words))
    known = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    first = sorted(known, key=known.__getitem__)[:_FEW_TOKENS]
    (target / "vocabulary.txt").write_text("".join(f"{word}\n" for word in first), "utf-8")
    (target / "config.json").write_bytes((folder / "config.json").read_bytes())


def _tensors(file: mmap.mmap) -> dict[str, Tensor]:
    version = _number(file, "<I")
    if version != _VERSION:
        raise ValueError(version)
    _text(file), _number(file, "<I")
    found: dict[str, Tensor] = {}
    for _ in range(_number(file, "<I")):
        name = _text(file)
        shape = [_number(file, "<I") for _ in range(_number(file, "<B"))]
        kind, size = _TYPES[_number(file, "<B")], _number(file, "<I")
        start = file.tell()
        file.seek(start + size)
        found[name] = np.frombuffer(file, kind, size // kind.itemsize, start).reshape(shape)
    for _ in range(_number(file, "<I")):
        alias, name = _text(file), _text(file)
        found[alias] = found[name]
    return found


def _number(file: mmap.mmap, form: str) -> int:
    return int(struct.unpack(form, file.read(struct.calcsize(form)))[0])


def _as_text(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw


def _text(file: mmap.mmap) -> str:
    return file.read(_number(file, "<H"))[:-1].decode()
