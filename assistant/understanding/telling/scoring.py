"""How much a sentence sounds like telling: a small linear model on short runs of characters or words.

Things, places and numbers are masked, so that what counts is how something is said and not of what. The
weights are `<language>.toml` here, some hundred readable numbers, fitted by
`python -m benchmarks.mind.telling` on sentences that anybody may read (`tests/study`, `tests/practice`); a
language without them tells nothing.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path

FOLDER = Path(__file__).parent
LONGEST_RUN = 3
LENGTHS = (8, 12, 16, 20, 26)
PIECES = (1, 2, 3)  # borders within the sentence
_BORDER = re.compile(r"[，,。；;！!？?…\s]+")
_HAN = re.compile(r"[一-鿿]")


@dataclass(frozen=True, slots=True)
class Masks:
    """What stands for things, places and numbers, of one language."""

    thing: re.Pattern[str]
    place: re.Pattern[str]
    number: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted model: a sentence tells where its score is below the threshold."""

    masks: Masks
    runs: Mapping[str, float]
    bias: float
    threshold: float

    def score(self, text: str) -> float:
        """Return how much a sentence sounds like an order: below 0 rather not."""
        found = [self.runs[run] for run in features(text, self.masks) if run in self.runs]
        return (sum(found) + self.bias) / sqrt(len(found) + 1)


def masks_of(data: Mapping[str, str]) -> Masks:
    """Return the masks of a weights file's `[masks]`."""
    return Masks(*(re.compile(data[key]) for key in ("thing", "place", "number")))


def features(text: str, masks: Masks) -> frozenset[str]:
    """Return the runs of characters of a masked sentence, and how long it is."""
    masked = masks.number.sub("N", masks.place.sub("R", masks.thing.sub("D", text.strip("。！!？?… "))))
    said = "^" + _BORDER.sub("|", masked) + "$"
    runs = {said[at : at + n] for n in range(1, LONGEST_RUN + 1) for at in range(len(said) - n + 1)}
    runs |= {f"longer than {each}" for each in LENGTHS if len(masked) > each}
    runs |= {f"borders {each}" for each in PIECES if said.count("|") >= each}
    return frozenset(runs)


def sounds_told(text: str, language: str) -> bool:
    """Whether a sentence sounds like none that is said to an assistant."""
    weights = weights_of(language)
    return weights is not None and bool(_HAN.search(text)) and weights.score(text) < weights.threshold


@lru_cache(maxsize=4)
def weights_of(language: str) -> Weights | None:
    """Return a language's weights; None where it has none."""
    path = FOLDER / f"{language}.toml"
    if not path.is_file():
        return None
    data = tomllib.loads(path.read_text("utf-8"))
    return Weights(masks_of(data["masks"]), data["runs"], data["bias"], data["threshold"])
