"""`python -m benchmarks.mind.telling`: fits what tells talk from orders, on the sentences that all may read.

Logistic regression with L2 by full-batch gradients. It is fitted twice: first without the newest sentences
of `tests/practice`, to see on them how much talk it finds and how many orders it loses, then on all for the
file. The held-out and validation sets are not read.
"""

import argparse
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from assistant.understanding.learned.spans import FOLDER as LEARNED
from assistant.understanding.telling.scoring import FOLDER, Weights, features, masks_of
from benchmarks.mind.cases import PRACTICE, STUDY, all_cases, houses

Said = list[tuple[str, bool]]
_NEWEST = "p6-"
_KEPT = 600  # runs
_FEWEST = 3  # sentences with a run
_STEPS, _RATE, _L2 = 600, 3.0, 0.001
_SLOT = re.compile(r"\{[^}]*\}")
_HAN = re.compile(r"[一-鿿]{3}")
_LEAVES = frozenset({"talk", "television", "near"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print how it does on what it has not seen, and with --write put the weights in their file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mind.telling", description=__doc__)
    parser.add_argument("--language", default="zh")
    parser.add_argument("--threshold", type=float, default=-1.2)
    parser.add_argument("--write", action="store_true", help="put the weights in their file")
    wanted = parser.parse_args(arguments)
    path = FOLDER / f"{wanted.language}.toml"
    data = tomllib.loads(path.read_text("utf-8"))
    older, newest = _sentences(wanted.language)
    _report(_fitted(older, data["masks"], wanted.threshold), newest)
    weights = _fitted([*older, *newest], data["masks"], wanted.threshold)
    if wanted.write:
        path.write_text(_in_words(weights, data["masks"]), "utf-8")
    return 0


def _sentences(language: str) -> tuple[Said, Said]:
    """Return what was said, and whether it is an order: the older sentences, and the newest."""
    known = houses()
    older = [(each, True) for each in _examples(language)] + [(each, False) for each in _talk(language)]
    newest: Said = []
    for folder in (STUDY, PRACTICE):
        for case in all_cases(folder, known):
            if case.language == language:
                part = newest if case.id.startswith(_NEWEST) else older
                part += [(turn.say, bool(case.skill)) for turn in case.turns]
    return older, newest


def _examples(language: str) -> Iterator[str]:
    for said in tomllib.loads((LEARNED / f"said.{language}.toml").read_text("utf-8"))["said"]:
        yield from (_SLOT.sub("灯", each) for each in said["texts"] if _HAN.search(each))


def _talk(language: str) -> Iterator[str]:
    sorts = tomllib.loads((LEARNED / f"none.{language}.toml").read_text("utf-8"))["sentences"]
    for sort in _LEAVES & set(sorts):
        yield from sorts[sort]


def _fitted(said: Said, masks: dict[str, str], threshold: float) -> Weights:
    """Fit on all runs, keep those that tell most, and fit on these again."""
    made = masks_of(masks)
    found = [features(text, made) for text, _ in said]
    counts = Counter(run for each in found for run in each)
    orders = np.asarray([order for _, order in said], np.float64)
    runs = sorted(run for run, count in counts.items() if count >= _FEWEST)
    first = _regressed(found, runs, orders)
    telling = np.abs(first[:-1]) * np.sqrt([counts[run] for run in runs])
    kept = sorted(runs[at] for at in np.argsort(-telling)[:_KEPT])
    matrix = _regressed(found, kept, orders)
    values = [round(float(each), 2) for each in matrix]
    return Weights(made, dict(zip(kept, values[:-1], strict=True)), values[-1], threshold)


def _regressed(found: Sequence[frozenset[str]], runs: Sequence[str], orders: Any) -> Any:
    """Return the weight of each run, and the bias. Orders count as much as all that is none."""
    place = {run: at for at, run in enumerate(runs)}
    rows = np.zeros((len(found), len(runs) + 1))
    for row, each in zip(rows, found, strict=True):
        row[[place[run] for run in each if run in place]] = 1.0
        row[-1] = 1.0
        row /= np.sqrt(row.sum())
    worth = np.where(orders == 1, 1 / orders.mean(), 1 / (1 - orders.mean()))
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        believed = 1 / (1 + np.exp(-rows @ weights))
        weights -= _RATE * (rows.T @ ((believed - orders) * worth) / len(orders) + _L2 * weights)
    return weights


def _report(weights: Weights, unseen: Said) -> None:
    for name, wanted in (("talk found", False), ("orders lost", True)):
        scores = [weights.score(text) for text, order in unseen if order is wanted]
        below = sum(score < weights.threshold for score in scores)
        print(f"{name}: {below} of {len(scores)} unseen sentences ({below / len(scores):.1%})")


def _in_words(weights: Weights, masks: dict[str, str]) -> str:
    """Return the weights as their file."""
    runs = sorted(weights.runs.items(), key=lambda each: (each[1], each[0]))
    lines = [
        "# How much each run of characters sounds like an order (above 0) or like telling (below). Fitted by",
        "# `python -m benchmarks.mind.telling --write`; D is a thing, R a place, N a number, | a border.",
        f"threshold = {weights.threshold}",
        f"bias = {weights.bias}",
        "",
        "[masks]",
        *(f"{key} = '''{value}'''" for key, value in masks.items()),
        "",
        "[runs]",
        *(f'"{run}" = {weight}' for run, weight in runs if weight),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
