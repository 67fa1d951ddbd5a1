"""Graphs that we write ourselves are read by onnxruntime, and compute what they say."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from speech.recognition.decoder_graph import quantised
from speech.recognition.onnx_file import Graph


def run(graph: Graph, folder: Path, **given: np.ndarray) -> list[np.ndarray]:
    graph.write(folder / "graph.onnx")
    session = onnxruntime.InferenceSession(str(folder / "graph.onnx"), providers=["CPUExecutionProvider"])
    found: list[np.ndarray] = session.run(None, given)
    return found


def test_a_small_weight_and_a_large_one_are_both_found(tmp_path: Path) -> None:
    large = np.arange(4_000, dtype=np.float32).reshape(4, 1_000)
    graph = Graph()
    product = graph.node("MatMul", [graph.input("x", ["n", 4]), graph.weight("large", large)], "product")
    graph.node("Add", [product, graph.weight("small", np.ones(1, np.float32))], "sum")
    graph.output("sum", ["n", 1_000])
    given = np.array([[1, 0, 0, 2], [0, 1, 0, 0]], np.float32)
    assert np.array_equal(run(graph, tmp_path, x=given)[0], given @ large + 1)
    assert (
        (tmp_path / "graph.onnx").stat().st_size < large.nbytes == (tmp_path / "graph.weights").stat().st_size
    )


def test_attributes_of_every_kind_are_read(tmp_path: Path) -> None:
    graph = Graph()
    graph.input("x", [2, 3])
    graph.node("Transpose", ["x"], "turned", perm=(1, 0))
    graph.node("Softmax", ["turned"], "chances", axis=-1)
    graph.node("LeakyRelu", ["turned"], "leaky", alpha=0.5)
    graph.output("chances", [3, 2])
    graph.output("leaky", [3, 2])
    x = np.array([[-1, 0, 1], [2, 3, -4]], np.float32)
    chances, leaky = run(graph, tmp_path, x=x)
    assert np.allclose(chances, np.exp(x.T) / np.exp(x.T).sum(1, keepdims=True))
    assert np.array_equal(leaky, np.where(x.T < 0, x.T / 2, x.T))


@pytest.mark.parametrize(("bits", "off"), [(8, 0.01), (4, 0.15)])
def test_a_product_with_quantised_weights_is_nearly_the_product(
    tmp_path: Path, bits: int, off: float
) -> None:
    chance = np.random.default_rng(0)
    weight = chance.standard_normal((50, 64)).astype(np.float32)
    x = chance.standard_normal((3, 64)).astype(np.float32)
    whole, scales = quantised(weight, bits)
    graph = Graph()
    graph.input("x", ["n", 64])
    inputs = ["x", graph.weight("whole", whole), graph.weight("scales", scales)]
    graph.microsoft("MatMulNBits", inputs, "product", K=64, N=50, bits=bits, block_size=32, accuracy_level=4)
    graph.output("product", ["n", 50])
    wanted = x @ weight.T
    error = run(graph, tmp_path, x=x)[0] - wanted
    assert np.sqrt(np.square(error).mean() / np.square(wanted).mean()) < off


def test_weights_that_are_all_nothing_stay_nothing() -> None:
    whole, scales = quantised(np.zeros((2, 32), np.float32))
    assert (whole == 128).all()
    assert (scales == 0).all()
