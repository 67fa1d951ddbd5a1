"""Reads the tensors of a Whisper model in CTranslate2's format, for engines that know them by other names.

The file (binary version 6): version, name and revision of the specification, then each variable with its
name, shape, type and bytes, then names that mean the same variable. Source: CTranslate2's `ModelSpec`.
"""

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

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

Tensor = npt.NDArray[Any]


def read_tensors(path: Path) -> Mapping[str, Tensor]:
    """All variables by name, read-only: their pages come from the file as they are used, and go again when
    memory is short. Raises `RecognitionError` for what is no such file.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # closed with the last tensor
            return _tensors(file, np.frombuffer(mapped, np.uint8))
    except OSError as error:
        raise RecognitionError(f"{path} cannot be read ({error.strerror}): sotto models verify") from error
    except (struct.error, UnicodeDecodeError, ValueError, KeyError) as error:
        raise RecognitionError(f"{path} is no Whisper model of CTranslate2's: sotto models verify") from error


def _tensors(file: BinaryIO, mapped: Tensor) -> dict[str, Tensor]:
    version = _number(file, "<I")
    if version != _VERSION:
        raise ValueError(version)
    _text(file), _number(file, "<I")
    found: dict[str, Tensor] = {}
    for _ in range(_number(file, "<I")):
        name = _text(file)
        shape = [_number(file, "<I") for _ in range(_number(file, "<B"))]
        kind, size = _TYPES[_number(file, "<B")], _number(file, "<I")
        begin = file.tell()
        found[name] = mapped[begin : begin + size].view(kind).reshape(shape)
        file.seek(begin + size)
    for _ in range(_number(file, "<I")):
        alias, name = _text(file), _text(file)
        found[alias] = found[name]
    return found


def _number(file: BinaryIO, form: str) -> int:
    return int(struct.unpack(form, file.read(struct.calcsize(form)))[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "<H"))[:-1].decode()
