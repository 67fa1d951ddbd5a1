"""Whisper's decoder as two ONNX graphs, with the weights of CTranslate2's file in blocks of 8 and 4 bits.

A token costs what its weights take to be read. The products are onnxruntime's MatMulNBits, which reads 32
weights with a scale of their own and multiplies in int8: 8 bits in the layers, 4 for the 51,865 tokens, which
are more than half of all weights. Those 4 bits only find the likeliest tokens; whoever asks tells these apart
by the exact weights. `sound` projects a clip into every layer, once for a clip; `words` reads some tokens of
some beams and tells what may come next.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech.recognition.ct2_weights import Tensor
from speech.recognition.onnx_file import Graph

HEAD = 64  # the width of an attention head, in every size of Whisper
BLOCK = 32  # weights with one scale
LIKELIEST = 32
"""Tokens that are told apart exactly."""
_NEVER = -1e9
_EPSILON = 1e-5

Array = npt.NDArray[np.float32]


def layers_of(tensors: Mapping[str, Tensor]) -> int:
    """How many layers the decoder has."""
    return sum(
        name.startswith("decoder/layer_") and name.endswith("/ffn/linear_0/weight") for name in tensors
    )


def sound(tensors: Mapping[str, Tensor]) -> Graph:
    """The graph that projects a clip.

    In: `encoded` (positions, width). Out, for each layer: `key_N` (heads, 64, positions) and `value_N`
    (heads, positions, 64).
    """
    graph = Graph()
    width = tensors["decoder/embeddings/weight"].shape[1]
    graph.input("encoded", ["positions", width])
    heads = graph.weight("heads", np.array([-1, width // HEAD, HEAD]))
    for number in range(layers_of(tensors)):
        at = f"decoder/layer_{number}/attention/linear_1"
        weight, bias = _array(tensors[f"{at}/weight"]), _array(tensors[f"{at}/bias"])
        for part, name, order in ((0, "key", (1, 2, 0)), (1, "value", (1, 0, 2))):
            rows = slice(part * width, (part + 1) * width)
            product = graph.node(
                "MatMul",
                ["encoded", graph.weight(f"{name}_{number}_w", weight[rows].T)],
                f"{name}_{number}_p",
            )
            if bias[rows].any():  # Whisper's keys have none
                shift = graph.weight(f"{name}_{number}_b", bias[rows])
                product = graph.node("Add", [product, shift], f"{name}_{number}_s")
            split = graph.node("Reshape", [product, heads], f"{name}_{number}_h")
            graph.node("Transpose", [split], f"{name}_{number}", perm=order)
            sizes = [width // HEAD, HEAD, "positions"] if part == 0 else [width // HEAD, "positions", HEAD]
            graph.output(f"{name}_{number}", sizes)
    return graph


def words(tensors: Mapping[str, Tensor], allowed: npt.NDArray[np.bool_]) -> Graph:
    """The graph that reads tokens. Of the vocabulary only what is `allowed` may come next.

    In: `read` (beams, tokens, width), the tokens' embeddings and places; `hidden_from` (tokens, all), 0 where
    a token may look and a large negative number where not; `parents` (beams), which of the beams before each
    goes on from; `rows`, of which tokens to tell what follows; for each layer `past_N` (2, beams before,
    heads, tokens before, 64), and `key_N` and `value_N` of the sound. Out: `hidden` (beams, rows, width),
    what follows is told by; `best` (beams, rows, 32), the likeliest tokens, likeliest first, and the
    logarithms of their `chances`; `highest` (beams, rows, 1), the score of the first; and for each layer
    `present_N`, which is the next `past_N`.
    """
    graph = Graph()
    width = tensors["decoder/embeddings/weight"].shape[1]
    heads = width // HEAD
    x = graph.input("read", ["beams", "tokens", width])
    graph.input("hidden_from", ["tokens", "all"])
    graph.input("parents", ["beams"], np.int64)
    graph.input("rows", ["some"], np.int64)
    graph.weight("joined", np.array([0, 0, 3, heads, HEAD]))
    graph.weight("flat", np.array([0, 0, width]))
    graph.weight("split", np.array([-1, heads, HEAD]))
    graph.weight("first", np.array(0))
    graph.weight("second", np.array(1))
    graph.weight("two", np.array([1, 2]))
    graph.node("Shape", ["read"], "shape")
    normed = _norm(graph, tensors, "decoder/layer_0/self_attention/layer_norm", x, "norm_0")
    layers = layers_of(tensors)
    for number in range(layers):
        layer = _Layer(graph, tensors, number, heads)
        heard = layer.words(normed)
        x, normed = layer.onwards("attention/layer_norm", x, heard, "self_attention/linear_1/bias", "a")
        seen = layer.sound(normed)
        x, normed = layer.onwards("ffn/layer_norm", x, seen, "attention/linear_2/bias", "b")
        wide = layer.wide(normed)
        after = (
            f"decoder/layer_{number + 1}/self_attention/layer_norm"
            if number + 1 < layers
            else "decoder/layer_norm"
        )
        x, normed = layer.onwards(after, x, wide, "ffn/linear_1/bias", "c")
    graph.node("Gather", [normed, "rows"], "hidden", axis=1)
    graph.output("hidden", ["beams", "some", width])
    never = np.where(allowed, np.float32(0), np.float32(_NEVER))
    embedding = _array(tensors["decoder/embeddings/weight"])
    told = _product(graph, "told", embedding, never, "hidden", "logits", bits=4)
    graph.node("ReduceMax", [told], "highest", axes=(-1,), keepdims=1)
    graph.output("highest", ["beams", "some", 1])
    chances = graph.node("LogSoftmax", [told], "all_chances", axis=-1)
    count = graph.weight("count", np.array([LIKELIEST]))
    graph.node("TopK", [chances, count], ["chances", "best"], axis=-1)
    graph.output("chances", ["beams", "some", LIKELIEST])
    graph.output("best", ["beams", "some", LIKELIEST], np.int64)
    return graph


class _Layer:
    """One block, as it is added to a graph."""

    def __init__(self, graph: Graph, tensors: Mapping[str, Tensor], number: int, heads: int) -> None:
        self._graph = graph
        self._tensors = tensors
        self._number = number
        self._heads = heads

    def words(self, normed: str) -> str:
        """Attention to the words so far."""
        graph, number = self._graph, self._number
        past = graph.input(f"past_{number}", [2, "beams_before", self._heads, "tokens_before", HEAD])
        width = self._heads * HEAD
        scale = np.concatenate([np.full(width, HEAD**-0.5, np.float32), np.ones(2 * width, np.float32)])
        joined = self._linear("self_attention/linear_0", normed, "joined", scale)
        split = graph.node("Reshape", [joined, "joined"], self._name("split"))
        turned = graph.node("Transpose", [split], self._name("turned"), perm=(2, 0, 3, 1, 4))
        query = graph.node("Gather", [turned, "first"], self._name("query"), axis=0)
        new = graph.node("Gather", [turned, "two"], self._name("new"), axis=0)
        theirs = graph.node("Gather", [past, "parents"], self._name("theirs"), axis=1)
        present = graph.node("Concat", [theirs, new], f"present_{number}", axis=3)
        graph.output(present, [2, "beams", self._heads, "all", HEAD])
        keys = graph.node("Gather", [present, "first"], self._name("keys"), axis=0)
        values = graph.node("Gather", [present, "second"], self._name("values"), axis=0)
        alike = graph.microsoft("FusedMatMul", [query, keys], self._name("alike"), transB=1)
        masked = graph.node("Add", [alike, "hidden_from"], self._name("masked"))
        chances = graph.node("Softmax", [masked], self._name("chances"), axis=-1)
        heard = graph.node("MatMul", [chances, values], self._name("heard"))
        back = graph.node("Transpose", [heard], self._name("back"), perm=(0, 2, 1, 3))
        whole = graph.node("Reshape", [back, "flat"], self._name("whole"))
        return self._linear("self_attention/linear_1", whole, "told", bias=False)

    def sound(self, normed: str) -> str:
        """Attention to the sound, which all beams share."""
        graph, number = self._graph, self._number
        key = graph.input(f"key_{number}", [self._heads, HEAD, "positions"])
        value = graph.input(f"value_{number}", [self._heads, "positions", HEAD])
        scale = np.full(self._heads * HEAD, HEAD**-0.5, np.float32)
        asked = self._linear("attention/linear_0", normed, "asked", scale)
        split = graph.node("Reshape", [asked, "split"], self._name("asked_split"))
        query = graph.node("Transpose", [split], self._name("asked_turned"), perm=(1, 0, 2))
        alike = graph.node("MatMul", [query, key], self._name("seen_alike"))
        chances = graph.node("Softmax", [alike], self._name("seen_chances"), axis=-1)
        seen = graph.node("MatMul", [chances, value], self._name("seen"))
        back = graph.node("Transpose", [seen], self._name("seen_back"), perm=(1, 0, 2))
        whole = graph.node("Reshape", [back, "shape"], self._name("seen_whole"))
        return self._linear("attention/linear_2", whole, "seen_told", bias=False)

    def wide(self, normed: str) -> str:
        """The two layers over each position."""
        widened = self._linear("ffn/linear_0", normed, "widened")
        bent = self._graph.microsoft("Gelu", [widened], self._name("bent"))
        return self._linear("ffn/linear_1", bent, "narrowed", bias=False)

    def onwards(self, norm: str, x: str, more: str, bias: str, name: str) -> tuple[str, str]:
        """Add what a part found, with its bias, to what was there. Returns the sum and its norm."""
        graph, at = self._graph, norm if norm.startswith("decoder/") else f"{self._at}/{norm}"
        names = [
            graph.weight(self._name(f"{name}_{each}"), _array(self._tensors[tensor]))
            for each, tensor in (
                ("gain", f"{at}/gamma"),
                ("shift", f"{at}/beta"),
                ("bias", f"{self._at}/{bias}"),
            )
        ]
        total, normed = self._name(f"{name}_sum"), self._name(f"{name}_normed")
        graph.microsoft(
            "SkipLayerNormalization", [x, more, *names], [normed, "", "", total], epsilon=_EPSILON
        )
        return total, normed

    @property
    def _at(self) -> str:
        return f"decoder/layer_{self._number}"

    def _name(self, name: str) -> str:
        return f"{name}_of_{self._number}"

    def _linear(self, part: str, x: str, name: str, scale: Array | None = None, *, bias: bool = True) -> str:
        weight = _array(self._tensors[f"{self._at}/{part}/weight"])
        shift = _array(self._tensors[f"{self._at}/{part}/bias"]) if bias else None
        if scale is not None:
            weight = weight * scale[:, None]
            shift = None if shift is None else shift * scale
        return _product(self._graph, self._name(f"{name}_by"), weight, shift, x, self._name(name))


def _norm(graph: Graph, tensors: Mapping[str, Tensor], at: str, x: str, name: str) -> str:
    gain = graph.weight(f"{name}_gain", _array(tensors[f"{at}/gamma"]))
    shift = graph.weight(f"{name}_shift", _array(tensors[f"{at}/beta"]))
    return graph.node("LayerNormalization", [x, gain, shift], name, axis=-1, epsilon=_EPSILON)


def _product(
    graph: Graph, name: str, weight: Array, bias: Array | None, x: str, out: str, *, bits: int = 8
) -> str:
    """Multiply by `weight` (out, in), quantised, and add the bias."""
    rows, columns = weight.shape
    whole, scales = quantised(weight, bits)
    inputs = [x, graph.weight(f"{name}_w", whole), graph.weight(f"{name}_s", scales)]
    if bias is not None:
        inputs += ["", "", graph.weight(f"{name}_b", bias)]
    return graph.microsoft(
        "MatMulNBits", inputs, out, K=columns, N=rows, bits=bits, block_size=BLOCK, accuracy_level=4
    )


def quantised(weight: Array, bits: int = 8) -> tuple[npt.NDArray[np.uint8], Array]:
    """Return weights (out, in) as whole numbers of 8 or 4 bits around the middle, (out, blocks, bytes), and
    the scales of the blocks, one behind the other. Of two numbers in one byte the first has the lower half.
    """
    middle = 1 << (bits - 1)
    blocks = weight.reshape(len(weight), -1, BLOCK)
    scales = np.abs(blocks).max(-1, keepdims=True) / np.float32(middle - 1)
    whole = np.rint(blocks / np.maximum(scales, np.float32(1e-12)))
    numbers = (whole + np.float32(middle)).astype(np.uint8)
    if bits == 4:
        numbers = numbers[..., 0::2] | numbers[..., 1::2] << 4
    return numbers, scales.ravel()


def _array(tensor: Tensor) -> Array:
    return np.asarray(tensor, np.float32)
