"""Fitting the learned tier: sentences, vectors, a model, and whether it is better than the one before."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from assistant.understanding.learned import classifier, vectors, words
from assistant.understanding.learned import model as models
from assistant.understanding.learned.corrections import Correction
from assistant.understanding.learned.embedding import Embedding, Vectors
from assistant.understanding.learned.examples import (
    NONE,
    OTHER,
    Example,
    Part,
    collect,
    correction_examples,
    fingerprint,
    labels_of,
)
from assistant.understanding.learned.model import Model
from assistant.understanding.learned.spans import barred, take_apart
from assistant.understanding.questions import is_question
from skills.registry import Registry

LOWEST_THRESHOLD = 0.6
HIGHEST_THRESHOLD = 0.97
MOST_WRONG = 0.03
"""Of the validation sentences that are believed, how many may be another order. None may be no order."""

_A_LITTLE = 0.01  # that the worst sentence was no likelier is no more than chance
_COSTS = 5.0  # what is done wrongly weighs as much as so many orders that were not understood

Progress = Callable[[str, int, int], None]
"""Told what is being worked on, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How a model did on one part: `taken` are those that it was sure of; shares are of `sentences`."""

    sentences: int
    orders: int
    accuracy: float
    by_language: Mapping[str, float]
    taken_right: int
    taken_wrong: int
    calibration_error: float
    confusion: Mapping[tuple[str, str], int]
    """(meant, understood) -> how often; what it was not sure of counts too."""

    @property
    def value(self) -> float:
        """What two models are compared by: right orders less what was done wrongly, for each sentence."""
        return (self.taken_right - _COSTS * self.taken_wrong) / max(1, self.sentences)


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it. `kept` tells that the model of before stays, since the new one is no better."""

    model: Model
    kept: bool
    parts: Mapping[Part, int]
    labels: int
    corrections: int
    validation: Judged
    test: Judged
    before: Judged | None


def train(
    registry: Registry,
    embedding: Embedding,
    folder: Path,
    corrections: Sequence[Correction] = (),
    progress: Progress = lambda _what, _done, _of: None,
) -> Trained:
    """Fit a model and keep it in `folder` unless the one there is as good. Raises `OSError`.

    Blocks for half a minute the first time; embedded sentences are kept for the next.
    """
    own = correction_examples(corrections, registry)
    examples = _overruled(collect(registry), own)
    labels = labels_of(examples)
    spread = vectors.of([each.text for each in examples if not each.words_only], embedding, folder, progress)
    told = fingerprint(registry, embedding.name)
    progress("fitting", 0, 2)
    judged = _fitted(examples, labels, spread, told, {Part.TRAIN})
    judges = [each for each in examples if each.part is Part.VALIDATION]
    judged = _calibrated(judged, judges, spread)
    progress("fitting", 1, 2)
    whole = _fitted(examples, labels, spread, told, set(Part))
    whole = replace(
        whole,
        weights=replace(whole.weights, temperature=judged.weights.temperature),
        threshold=judged.threshold,
    )
    progress("fitting", 2, 2)
    # The user's own sentences are among the judges: to know them is what a new model is for.
    validation = judge(judged, [*judges, *own], spread)
    test = judge(judged, [each for each in examples if each.part is Part.TEST], spread)
    path = folder / models.FILE
    old = models.load(path, judged=True)
    usable = old is not None and old.fingerprint == told
    before = judge(old, [*judges, *own], spread) if old is not None and usable else None
    kept = before is not None and validation.value <= before.value
    if not kept:
        models.save(path, whole, judged)
    standing = models.load(path) if kept else whole
    return Trained(
        model=standing or whole,
        kept=kept,
        parts=Counter(each.part for each in examples if not each.words_only),
        labels=len(labels),
        corrections=len(own),
        validation=validation,
        test=test,
        before=before,
    )


def judge(model: Model, examples: Sequence[Example], spread: Mapping[str, Vectors]) -> Judged:
    """Return how a model does on sentences that have vectors."""
    if not examples:
        return Judged(0, 0, 0.0, {}, 0, 0, 0.0, {})
    found = model.probabilities(_stacked(examples, spread), [each.text for each in examples])
    best = found.argmax(axis=1)
    meant = [each.label for each in examples]
    understood = [model.labels[at] for at in best]
    right = [a == b for a, b in zip(meant, understood, strict=True)]
    sure = [
        bool(row.max() >= model.threshold) and _may_take(model, label, example)
        for row, label, example in zip(found, understood, examples, strict=True)
    ]
    by_language: dict[str, list[bool]] = defaultdict(list)
    for example, each in zip(examples, right, strict=True):
        by_language[example.language].append(each)
    known = {label: at for at, label in enumerate(model.labels)}
    wanted = np.asarray([known.get(each, -1) for each in meant], np.int64)
    return Judged(
        sentences=len(examples),
        orders=sum(each not in (NONE, OTHER) for each in meant),
        accuracy=sum(right) / len(right),
        by_language={language: sum(each) / len(each) for language, each in sorted(by_language.items())},
        taken_right=sum(a and b for a, b in zip(sure, right, strict=True)),
        taken_wrong=sum(a and not b for a, b in zip(sure, right, strict=True)),
        calibration_error=classifier.calibration_error(found, wanted),
        confusion=Counter(zip(meant, understood, strict=True)),
    )


def _overruled(examples: Iterable[Example], own: Sequence[Example]) -> list[Example]:
    """The user's word goes before the skills'."""
    said = {(each.language, each.text) for each in own}
    return [*(each for each in examples if (each.language, each.text) not in said), *own]


def _fitted(
    examples: Sequence[Example],
    labels: tuple[str, ...],
    spread: Mapping[str, Vectors],
    told: str,
    parts: set[Part],
) -> Model:
    known = {label: at for at, label in enumerate(labels)}
    chosen = [each for each in examples if each.part in parts]
    embedded = [each for each in chosen if not each.words_only]
    weights = classifier.fit(
        _stacked(embedded, spread),
        [known[each.label] for each in embedded],
        len(labels),
        [each.weight for each in embedded],
    )
    counted = words.count(((each.text, known[each.label]) for each in chosen), len(labels))
    return Model(labels, weights, counted, HIGHEST_THRESHOLD, _usual(chosen), told)


def _calibrated(model: Model, judges: Sequence[Example], spread: Mapping[str, Vectors]) -> Model:
    """The model with a temperature and a threshold that suit sentences that it has not seen."""
    if not judges:
        return model
    known = {label: at for at, label in enumerate(model.labels)}
    wanted = np.asarray([known[each.label] for each in judges], np.int64)
    scores = model.scores(_stacked(judges, spread), [each.text for each in judges])
    warm = replace(model.weights, temperature=classifier.temperature(scores, wanted))
    found = classifier.softmax(scores / warm.temperature)
    best = found.argmax(axis=1)
    asked = np.asarray(
        [_may_take(model, model.labels[at], each) for at, each in zip(best, judges, strict=True)], bool
    )
    return replace(model, weights=warm, threshold=_threshold(found[asked], wanted[asked], model.labels))


def _may_take(model: Model, label: str, example: Example) -> bool:
    """Whether the tier would believe the label if it were likely enough; what is here is left out of it."""
    if label in (NONE, OTHER) or model.unheard(label, example.text) is not None:
        return False
    # Barred words bar orders alone; a question that is answered harms nobody.
    is_order = example.label in (NONE, OTHER) and not is_question(example.text, example.language)
    return not (is_order and barred(take_apart(example.text, example.language, {})) is not None)


def _threshold(found: classifier.Floats, wanted: classifier.Ints, labels: Sequence[str]) -> float:
    """Return the lowest threshold at which nothing is done that was no order, and little that was another."""
    idle = sum(label in (NONE, OTHER) for label in labels)
    best, sure = found.argmax(axis=1), found.max(axis=1)
    taken = best >= idle
    no_order, wrong = taken & (wanted < idle), taken & (wanted >= idle) & (best != wanted)
    for threshold in (LOWEST_THRESHOLD, *(np.sort(sure[no_order | wrong]) + _A_LITTLE)):
        above = sure >= threshold
        if not (no_order & above).any() and (wrong & above).sum() <= MOST_WRONG * (taken & above).sum():
            return float(np.clip(threshold, LOWEST_THRESHOLD, HIGHEST_THRESHOLD))
    return HIGHEST_THRESHOLD


def _usual(examples: Iterable[Example]) -> dict[str, dict[str, float]]:
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for example in examples:
        for name, value in example.usual.items():
            values[example.label][name].append(value)
    return {
        label: {name: float(median(each)) for name, each in found.items()} for label, found in values.items()
    }


def _stacked(examples: Sequence[Example], spread: Mapping[str, Vectors]) -> Vectors:
    return np.stack([spread[each.text] for each in examples])
