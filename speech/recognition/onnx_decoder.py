"""Whisper's decoder on onnxruntime: the graphs of `decoder_graph.py`, made once and kept, and what they keep.

Keys and values stay where the runtime has put them: what one step gives the next one takes. Tokens are looked
up in the model's own file, which is mapped and not read; so is each token that a step finds likely, so that
the four bits of the vocabulary decide only which tokens are looked at.
"""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech.recognition import decoder_graph
from speech.recognition.ct2_weights import read_tensors
from speech.recognition.engine import RecognitionError
from speech.recognition.onnx_file import Graph
from speech.recognition.silence import Encoded

_VERSION = 1  # of the graphs
_NEVER = np.float32(-1e9)

Array = npt.NDArray[np.float32]
Tokens = npt.NDArray[np.int64]
Values = Mapping[str, Any]
"""The runtime's own arrays, by the names that the graph has for them."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip as each layer sees it."""

    values: Values


@dataclass(frozen=True, slots=True)
class Past:
    """What the layers keep of the tokens so far; `length` is how many there are."""

    values: Values
    length: int


@dataclass(frozen=True, slots=True)
class Next:
    """What may follow some tokens of some beams.

    `hidden` (beams, rows, width); the likeliest `tokens` (beams, rows, 32) and the logarithms of their
    chances, `chances`, alike; `mass` (beams, rows), which a token's score less this is the logarithm of its
    chance.
    """

    hidden: Array
    tokens: Tokens
    chances: Array
    mass: Array


class OnnxDecoder:
    """One loaded decoder. Thread-safe, since nothing in it changes."""

    def __init__(
        self, weights: Path, fingerprint: str, never: tuple[int, Sequence[int]], cache: Path, threads: int
    ) -> None:
        """Load the graphs that belong to `weights`; make and keep them in `cache` when they are not there.

        `never` are the tokens that nobody wants written: all from the first on, and some besides. Raises
        `RecognitionError`.
        """
        tensors = read_tensors(weights)
        try:
            self._embedding = tensors["decoder/embeddings/weight"]
            self._places = np.array(tensors["decoder/position_encodings/encodings"], np.float32)
            if self._embedding.dtype.kind != "f":
                raise RecognitionError(f"{weights} is quantised already, and cannot be read here")
            self._layers = decoder_graph.layers_of(tensors)
            allowed = np.ones(len(self._embedding), np.bool_)
            allowed[never[0] :] = False
            allowed[list(never[1])] = False
            sound, words = files(cache, fingerprint)
            self._sound = _kept(sound, lambda: decoder_graph.sound(tensors), threads)
            # A step's products are bound by the memory: a third thread gains nothing.
            self._words = _kept(words, lambda: decoder_graph.words(tensors, allowed), min(2, threads))
        except (KeyError, OSError) as error:
            raise RecognitionError(f"{weights} could not be made a decoder of: {error}") from error
        self._out = [each.name for each in self._words.get_outputs()]
        self._behind: tuple[Encoded, Values] | None = None
        self._lock = threading.Lock()

    @property
    def most_tokens(self) -> int:
        """How many tokens there can be in all."""
        return len(self._places)

    @property
    def vocabulary(self) -> int:
        """How many different tokens there are."""
        return len(self._embedding)

    def sound(self, own: Encoded, behind: Encoded | None) -> Sound:
        """Return a clip's encoding and that of the silence behind it, (1, positions, width), as the layers
        see them. The same silence as the last time costs nothing.
        """
        if behind is None:
            return Sound({name: _value(array) for name, array in self._projected(own).items()})
        with self._lock:
            if self._behind is None or self._behind[0] is not behind:
                self._behind = (behind, self._projected(behind))
            kept = self._behind[1]
        projected = self._projected(own)
        joined = {
            name: np.concatenate([array, kept[name]], axis=2 if name.startswith("key") else 1)
            for name, array in projected.items()
        }
        return Sound({name: _value(array) for name, array in joined.items()})

    def read(
        self, sound: Sound, past: Past | None, tokens: Tokens, parents: Sequence[int], rows: Sequence[int]
    ) -> tuple[Past, Next]:
        """Read `tokens` (beams, how many); each beam goes on from the one of those before that `parents`
        tells.

        Returns what may follow the tokens at `rows` of each.
        """
        count = tokens.shape[1]
        begun = 0 if past is None else past.length
        kept = self._nothing() if past is None else past.values
        read = self.embedding(tokens) + self._places[begun : begun + count]
        later = np.arange(begun + count) > np.arange(begun, begun + count)[:, None]
        given = {
            "read": _value(read),
            "hidden_from": _value(np.where(later, _NEVER, np.float32(0))),
            "parents": _value(np.array(parents, np.int64)),
            "rows": _value(np.array(rows, np.int64)),
        }
        found = dict(
            zip(
                self._out,
                self._words.run_with_ort_values(self._out, {**given, **sound.values, **kept}),
                strict=True,
            )
        )
        present = {f"past_{number}": found[f"present_{number}"] for number in range(self._layers)}
        return Past(present, begun + count), self._next(found)

    def embedding(self, tokens: Tokens) -> Array:
        """Return what tokens are, one more axis, which is also what they are told by."""
        return np.asarray(self._embedding[tokens], np.float32)

    def told(self, found: Next, tokens: Tokens) -> Array:
        """Return the logarithms of the chances of given tokens, (beams, rows, tokens)."""
        scores: Array = found.hidden @ self.embedding(tokens).T
        return scores - found.mass[..., None]

    def _next(self, found: Values) -> Next:
        """Tell the likeliest apart by the exact weights, and have what all weigh follow from that."""
        hidden, chances, tokens = (found[name].numpy() for name in ("hidden", "chances", "best"))
        mass = found["highest"].numpy() - chances[..., :1]
        exact = (self.embedding(tokens) @ hidden[..., None])[..., 0] - mass
        exact = np.where(chances > _NEVER / 2, exact, _NEVER)
        others = np.maximum(1 - np.exp(chances).sum(-1, keepdims=True), 0)
        off = np.log(others + np.exp(exact).sum(-1, keepdims=True))
        return Next(hidden, tokens, exact - off, (mass + off)[..., 0])

    def _projected(self, encoded: Encoded) -> Mapping[str, Array]:
        names = [each.name for each in self._sound.get_outputs()]
        arrays = self._sound.run(names, {"encoded": np.ascontiguousarray(encoded[0])})
        return dict(zip(names, arrays, strict=True))

    def _nothing(self) -> Values:
        width = self._embedding.shape[1]
        heads = width // decoder_graph.HEAD
        empty = _value(np.zeros((2, 1, heads, 0, decoder_graph.HEAD), np.float32))
        return {f"past_{number}": empty for number in range(self._layers)}


def files(cache: Path, fingerprint: str) -> tuple[Path, Path]:
    """Where the graphs of these weights are kept: of the sound, and of the words."""
    sound, words = (cache / f"decoder-{fingerprint}-{each}-{_VERSION}.onnx" for each in ("sound", "words"))
    return sound, words


def _value(array: npt.NDArray[Any]) -> Any:
    import onnxruntime

    return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))


def _kept(path: Path, make: Callable[[], Graph], threads: int) -> Any:
    """Load what was kept; what is not there, or damaged, is made. Raises OSError, `RecognitionError`."""
    if path.exists():
        with contextlib.suppress(RecognitionError):
            return _session(path, threads)
    _keep(make(), path)
    return _session(path, threads)


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Whoever waits for another thread sleeps: on two cores there is other work to do.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's failures share no class of their own
        raise RecognitionError(f"onnxruntime cannot run {path}: {str(error).splitlines()[0]}") from error


def _keep(graph: Graph, path: Path) -> None:
    """Write a graph beside its place and then move it there, the weights first. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        graph.write(made)
        for each in (made.with_suffix(".weights"), made):
            each.replace(path.parent / each.name)
