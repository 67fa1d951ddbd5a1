"""Writes an ONNX model, in the few parts of the format that a decoder needs.

ONNX is a protobuf message (`onnx.proto`); its fields are numbered and tagged, and writing them takes no
library. Weights stand in a second file, from where the runtime maps them into memory.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_VERSION = 8  # of the format: 2022, read by every onnxruntime since 1.13
_OPERATORS = 17
_KINDS = {
    np.dtype(np.float32): 1,
    np.dtype(np.uint8): 2,
    np.dtype(np.int8): 3,
    np.dtype(np.int64): 7,
}
_ALIGNED = 4096  # the runtime maps whole pages
_KEPT_INSIDE = 1024  # bytes: what is smaller stands in the model itself

Attribute = float | int | Sequence[int]
Shape = Sequence[int | str]


@dataclass(slots=True)
class Graph:
    """Nodes in the order in which they run, and what goes in and comes out; every name is given once."""

    nodes: list[bytes] = field(default_factory=list)
    weights: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    inputs: list[bytes] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)

    def input(self, name: str, shape: Shape, kind: npt.DTypeLike = np.float32) -> str:
        """Add an input; a size that is a name is any size."""
        self.inputs.append(_value(name, shape, np.dtype(kind)))
        return name

    def output(self, name: str, shape: Shape, kind: npt.DTypeLike = np.float32) -> None:
        """Let a value out."""
        self.outputs.append(_value(name, shape, np.dtype(kind)))

    def weight(self, name: str, array: npt.NDArray[Any]) -> str:
        """Add a constant."""
        self.weights[name] = array
        return name

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str] | str, **attributes: Attribute
    ) -> str:
        """Add an operator of ONNX's own. Returns its first output."""
        return self._node(kind, inputs, outputs, "", attributes)

    def microsoft(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str] | str, **attributes: Attribute
    ) -> str:
        """Add an operator that only onnxruntime has. Returns its first output."""
        return self._node(kind, inputs, outputs, "com.microsoft", attributes)

    def write(self, path: Path) -> None:
        """Write the model to `path`, and its weights beside it. Raises OSError."""
        beside = path.with_suffix(".weights")
        tensors = []
        with beside.open("wb") as file:
            for name, array in self.weights.items():
                raw = np.ascontiguousarray(array).tobytes()
                if len(raw) <= _KEPT_INSIDE:
                    tensors.append(_tensor(name, array, _bytes(9, raw)))
                    continue
                file.write(bytes(-file.tell() % _ALIGNED))
                place = {"location": beside.name, "offset": str(file.tell()), "length": str(len(raw))}
                file.write(raw)
                entries = b"".join(
                    _bytes(13, _bytes(1, key.encode()) + _bytes(2, value.encode()))
                    for key, value in place.items()
                )
                tensors.append(_tensor(name, array, entries + _number(14, 1)))
        path.write_bytes(self._model(tensors))

    def _node(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str] | str,
        domain: str,
        attributes: Mapping[str, Attribute],
    ) -> str:
        outputs = [outputs] if isinstance(outputs, str) else outputs
        parts = [_bytes(1, each.encode()) for each in inputs]
        parts += [_bytes(2, each.encode()) for each in outputs]
        parts += [_bytes(3, outputs[0].encode()), _bytes(4, kind.encode())]
        parts += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        parts.append(_bytes(7, domain.encode()))
        self.nodes.append(b"".join(parts))
        return outputs[0]

    def _model(self, tensors: Sequence[bytes]) -> bytes:
        graph = b"".join(
            [
                *(_bytes(1, node) for node in self.nodes),
                _bytes(2, b"graph"),
                *(_bytes(5, tensor) for tensor in tensors),
                *(_bytes(11, each) for each in self.inputs),
                *(_bytes(12, each) for each in self.outputs),
            ]
        )
        operators = _bytes(8, _bytes(1, b"") + _number(2, _OPERATORS))
        operators += _bytes(8, _bytes(1, b"com.microsoft") + _number(2, 1))
        return _number(1, _VERSION) + _bytes(7, graph) + operators


def _value(name: str, shape: Shape, kind: np.dtype[Any]) -> bytes:
    sizes = b"".join(
        _bytes(1, _bytes(2, size.encode()) if isinstance(size, str) else _number(1, size)) for size in shape
    )
    tensor = _number(1, _KINDS[kind]) + _bytes(2, sizes)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _tensor(name: str, array: npt.NDArray[Any], data: bytes) -> bytes:
    sizes = b"".join(_number(1, size) for size in array.shape)
    return sizes + _number(2, _KINDS[array.dtype]) + _bytes(8, name.encode()) + data


def _attribute(name: str, value: Attribute) -> bytes:
    head = _bytes(1, name.encode())
    if isinstance(value, float):
        return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    return head + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _bytes(tag: int, value: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(value)) + value


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # a negative number is written as its complement
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
