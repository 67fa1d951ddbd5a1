"""A fitted model: what it believes of a sentence, and how it is kept on the disk."""

import json
import os
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant.understanding.learned.classifier import Floats, Weights
from assistant.understanding.learned.embedding import Vectors
from assistant.understanding.learned.words import WordCounts

FILE = "learned.npz"
VERSION = 1
WORDS_SAY = 0.6
"""What the words count beside the embedding where the meanings of one tool are told apart."""


@dataclass(frozen=True)
class Model:
    """Labels, and how to tell them apart.

    `threshold` is the probability from which it is believed. `usual` are the numbers that a label's steps
    usually have. `fingerprint` names the sentences and the embedding that it belongs to.
    """

    labels: tuple[str, ...]
    weights: Weights
    words: WordCounts
    threshold: float
    usual: Mapping[str, Mapping[str, float]]
    fingerprint: str

    @cached_property
    def _siblings(self) -> tuple[tuple[int, ...], ...]:
        tools: dict[str, list[int]] = defaultdict(list)
        for at, label in enumerate(self.labels):
            tools[label.partition(" ")[0]].append(at)
        return tuple(tuple(each) for each in tools.values() if len(each) > 1)

    def unheard(self, label: str, text: str) -> str | None:
        """Return a word of the text that was never heard with the label's tool, None when there is none."""
        tool = label.partition(" ")[0]
        same = [at for at, each in enumerate(self.labels) if each.partition(" ")[0] == tool]
        return self.words.unheard(text, same)

    def scores(self, vectors: Vectors, texts: Sequence[str]) -> Floats:
        """Return what is believed of each label, in nats, before the temperature; shape (texts, labels)."""
        scores = self.weights.scores(vectors)
        for row, text in enumerate(texts):
            for siblings in self._siblings:
                at = list(siblings)
                scores[row, at] += WORDS_SAY * self.words.evidence(text, at)
        return scores

    def probabilities(self, vectors: Vectors, texts: Sequence[str]) -> Floats:
        """Return the probability of each label, shape (texts, labels)."""
        scores = self.scores(vectors, texts) / self.weights.temperature
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)


def save(path: Path, model: Model, judged: Model) -> None:
    """Write a model and its twin that was fitted on the training part alone. Raises `OSError`.

    What stood there is replaced in one step: a model is whole or not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(
                file, version=np.int64(VERSION), **_arrays("model", model), **_arrays("judged", judged)
            )
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, *, judged: bool = False) -> Model | None:
    """Return the model of a file, or its twin to be compared; None when there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if int(file["version"]) != VERSION:
                return None
            return _model(file, "judged" if judged else "model")
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _arrays(name: str, model: Model) -> dict[str, Any]:
    weights, words = model.weights, model.words
    grams = sorted(words.grams, key=words.grams.__getitem__)
    told = {
        "labels": model.labels,
        "grams": grams,
        "usual": model.usual,
        "threshold": model.threshold,
        "fingerprint": model.fingerprint,
        "scale": weights.scale,
        "temperature": weights.temperature,
    }
    return {
        f"{name}_told": np.frombuffer(json.dumps(told).encode(), np.uint8),
        f"{name}_mean": weights.mean.astype(np.float32),
        f"{name}_matrix": weights.matrix.astype(np.float32),
        f"{name}_bias": weights.bias.astype(np.float32),
        f"{name}_counts": words.counts.astype(np.float32),
        f"{name}_sentences": words.sentences.astype(np.float32),
    }


def _model(file: Any, name: str) -> Model:
    told = json.loads(file[f"{name}_told"].tobytes())
    arrays = {
        key: np.asarray(file[f"{name}_{key}"], np.float64)
        for key in ("mean", "matrix", "bias", "counts", "sentences")
    }
    labels = tuple(told["labels"])
    if arrays["matrix"].shape != (len(arrays["mean"]), len(labels)) or arrays["counts"].shape != (
        len(told["grams"]),
        len(labels),
    ):
        raise ValueError("the arrays do not fit each other")
    return Model(
        labels=labels,
        weights=Weights(arrays["mean"], told["scale"], arrays["matrix"], arrays["bias"], told["temperature"]),
        words=WordCounts(
            {gram: at for at, gram in enumerate(told["grams"])}, arrays["counts"], arrays["sentences"]
        ),
        threshold=float(told["threshold"]),
        usual=told["usual"],
        fingerprint=told["fingerprint"],
    )
