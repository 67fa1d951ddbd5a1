"""What the tests of the learned tier share: an embedding of words alone, a home, and a fitted model."""

import zlib
from collections.abc import Sequence

import numpy as np

from assistant.understanding.learned.embedding import Vectors
from assistant.understanding.learned.words import grams_of
from devices.home import Ability, Device, Home, Kind


class WordsAlone:
    """An embedding in which sentences are alike that share words; quick, and the same everywhere."""

    name = "words-alone"

    def __init__(self, dimensions: int = 128) -> None:
        self._dimensions = dimensions
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        rows = np.full((len(texts), self._dimensions), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in grams_of(text):
                row[zlib.crc32(gram.encode("utf-8", "replace")) % self._dimensions] += 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def home() -> Home:
    """A kitchen with lights, a hall with a garage door behind it, an attic that nobody mentions."""
    made = Home({"Kitchen": ("厨房",), "Hall": ()})
    dimmable = frozenset({Ability.ON, Ability.BRIGHTNESS})
    for device in (
        Device("k1", "Counter Light", Kind.LIGHT, dimmable, "Kitchen"),
        Device("k2", "Table Light", Kind.LIGHT, dimmable, "Kitchen"),
        Device("k3", "Reading Lamp", Kind.LIGHT, dimmable, "Kitchen"),
        Device("h2", "Reading Lamp", Kind.LIGHT, dimmable, "Hall"),
        Device("h1", "Hall Light", Kind.LIGHT, dimmable, "Hall"),
        Device("g1", "Garage Door", Kind.COVER, frozenset({Ability.OPEN}), "Hall", device_class="garage"),
    ):
        made.put(device)
    return made
