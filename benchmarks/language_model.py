"""The language model where templates and frames end: each model at hand, in each way of asking it.

`alone` are orders that the model is given with no tier before it. `left` are the sentences that the local
tiers leave; nearly all of them are no orders, and what counts is that nothing is done. Of each there is an
even sample, judged by what happened in the house (`benchmarks/mind`). Beside it: what was refused as
invented, how long a whole call and the first words of an answer take, warm and cold, how much of the prompts
the cache spared, and memory.

The ways: `untuned` knows the tools by a list, `few_shot` sees examples too, `grounded` may write only what
the sentence carries, `tuned` was trained (`sotto train --language-model`) and is grounded, `tuned_free` is
not.

`python -m benchmarks.language_model --most 30 --only smollm2_tuned qwen_grounded` measures a part; what was
measured before is not measured again.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from benchmarks import intervals
from benchmarks.language_contenders import Asked, Contender, Pieces, contenders, load
from benchmarks.protocol import (
    BenchmarkError,
    Figure,
    Results,
    Tell,
    figure_as_json,
    figure_from_json,
)
from benchmarks.store import FOLDER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.understanding.fast_path import FastPath
    from assistant.understanding.language_model import LanguageModelPlanner
    from assistant.understanding.understanding import Order
    from benchmarks.mind.cases import Case, House
    from benchmarks.mind.record import RecordingRegistry
    from benchmarks.mind.score import Played

MOST = 40  # sentences of a sort and a language
PATIENCE_S = 20.0
PIECES = FOLDER / "language_model"
ASKED = ("who wrote Hamlet", "how far away is the moon", "why is the sky blue", "what do bees eat")
_NOT_SAID = ("nobody said", "lacks what these words", "may not be called", "was said and left out")
_Sets = Mapping[str, "Sequence[Case]"]


class LanguageModels:
    """Exact effects, inventions, false actions and times of each model."""

    name = "language_model"

    def __init__(
        self,
        most: int = MOST,
        only: Sequence[str] = (),
        sorts: Sequence[str] = ("alone", "left"),
        languages: Sequence[str] = ("en", "zh"),
        folder: str = "held_out",
    ) -> None:
        """So many sentences of each sort and language are asked; `only` names contenders."""
        self._most = most
        self._only = only
        self._sorts = sorts
        self._languages = languages
        self._folder = folder
        self._pieces = Pieces(PIECES / folder)

    def lacks(self) -> str | None:
        """Weights."""
        return None if contenders() else "no language model: sotto models pull brings the default one"

    def run(self, tell: Tell) -> Results:
        """Ask each model orders alone, and what nobody else understood."""
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        sets: _Sets | None = None
        known: Mapping[str, House] = {}
        for contender in contenders():
            if self._only and contender.name not in self._only:
                continue
            told = self._pieces.read(contender, self._most)
            if told is None or not self._covered(told):
                if sets is None:
                    sets, known = self._sets()
                tell(f"{contender.name}: {', '.join(f'{len(each)} {sort}' for sort, each in sets.items())}")
                told = self._measured(contender, sets, known)
                self._pieces.write(contender, self._most, told)
            figures |= {key: figure_from_json(each) for key, each in told["figures"].items()}
            samples |= told["samples"]
        conditions = {
            "alone": "orders, with no tier before the model",
            "left": "what templates and frames leave; orders and sentences that are none",
            "size": f"at most {self._most} a sort and language of {self._folder}, single turns, written text",
            "ways": "untuned: tools listed; few_shot: and examples; grounded: and the schema that the words "
            "ground; tuned: trained, and that schema; tuned_free: trained, any JSON",
        }
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Exact and false actions, a pair of bars a model, sort and language."""
        from benchmarks.plots import OURS, PEERS

        keys = [key.removesuffix("_exact") for key in results.figures if key.endswith("_exact")]
        rows = range(len(keys))
        for shift, sort, colour in ((-0.2, "exact", OURS), (0.2, "false_actions", PEERS)):
            shares = [results.figures[f"{key}_{sort}"].value * 100 for key in keys]
            axes.barh([row + shift for row in rows], shares, 0.4, color=colour, label=sort.replace("_", " "))
        axes.set(yticks=list(rows), yticklabels=keys, xlim=(0, 100), xlabel="% of the sentences")
        axes.tick_params(labelsize=6)
        axes.invert_yaxis()
        axes.legend(fontsize=7)

    def _covered(self, told: Mapping[str, Any]) -> bool:
        """Whether an earlier run measured all that is wanted."""
        return {*self._sorts} <= {*told["sorts"]} and {*self._languages} <= {*told["languages"]}

    def _sets(self) -> "tuple[_Sets, Mapping[str, House]]":
        from benchmarks.mind.cases import TESTS, SetError, all_cases, houses

        try:
            known = houses()
            cases = [
                case
                for case in all_cases(TESTS / self._folder, known)
                if len(case.turns) == 1 and case.language in self._languages
            ]
        except SetError as error:
            raise BenchmarkError(str(error)) from error
        sets: dict[str, Sequence[Case]] = {}
        if "alone" in self._sorts:
            sets["alone"] = self._sample([case for case in cases if case.skill])
        if "left" in self._sorts:
            sets["left"] = self._left(cases, known)
        return sets, known

    def _left(self, cases: "Sequence[Case]", known: "Mapping[str, House]") -> "list[Case]":
        """A sample of those that no local tier understands."""
        from benchmarks.mind.score import play

        played = asyncio.run(play(cases, known, lambda _line: None))
        return self._sample([each.case for each in played if each.tiers == ("none",)])

    def _sample(self, cases: "Sequence[Case]") -> "list[Case]":
        found: list[Case] = []
        for language in self._languages:
            those = [case for case in cases if case.language == language]
            step = max(1, -(-len(those) // self._most))
            found += those[::step]
        return found

    def _measured(self, contender: Contender, sets: _Sets, known: "Mapping[str, House]") -> dict[str, Any]:
        from assistant.understanding.understanding import Order
        from benchmarks.memory import held_mb

        before_mb = held_mb(os.getpid())
        with closing(load(contender)) as model:
            figures, samples = asyncio.run(_times(contender, model))
            for sort, those in sets.items():
                order = Order.LOCAL_FIRST if sort == "left" else Order.LANGUAGE_MODEL
                began = _read(model)
                played = _played(contender, model, those, known, order)
                figures |= _counted(f"{contender.name}_{sort}", played)
                figures |= _spared(f"{contender.name}_{sort}", began, _read(model), len(those))
            figures[f"{contender.name}_memory"] = Figure(held_mb(os.getpid()) - before_mb, "MB", 1)
        told = {key: figure_as_json(each) for key, each in figures.items()}
        covers = {"sorts": list(sets), "languages": list(self._languages)}
        return {**covers, "figures": told, "samples": samples}


def _played(
    contender: Contender,
    model: Asked,
    cases: "Sequence[Case]",
    known: "Mapping[str, House]",
    order: "Order",
) -> "list[Played]":
    from benchmarks.mind.score import play

    def loads(
        registry: "RecordingRegistry",
    ) -> "Callable[[FastPath], Callable[[], Awaitable[LanguageModelPlanner]]]":
        def of(fast_path: "FastPath") -> "Callable[[], Awaitable[LanguageModelPlanner]]":
            async def planner() -> "LanguageModelPlanner":
                return _planner(contender, model, registry, fast_path)

            return planner

        return of

    return asyncio.run(play(cases, known, lambda _line: None, order=order, load_planner=loads))


def _planner(
    contender: Contender, model: Asked, registry: "RecordingRegistry", fast_path: "FastPath"
) -> "LanguageModelPlanner":
    from assistant.understanding.language_model import LanguageModelPlanner, PlannerSettings

    settings = PlannerSettings(timeout_s=PATIENCE_S, trained=contender.trained)
    return LanguageModelPlanner(model, registry, fast_path.words, settings)


async def _times(contender: Contender, model: Asked) -> tuple[dict[str, Figure], dict[str, list[float]]]:
    """The first prompt cold, then the first words of answers, warm."""
    from assistant.understanding.fast_path import FastPath
    from benchmarks.mind.record import RecordingRegistry
    from devices.home import Home

    registry = RecordingRegistry.load({})
    try:
        planner = _planner(contender, model, registry, FastPath(registry, Home()))  # type: ignore[arg-type]  # it is one
        began_s = time.monotonic()
        await planner.plan("dim the lights a bit", "en", "t")
        cold_s = time.monotonic() - began_s
        await planner.warm("en")
        first: list[float] = []
        for question in ASKED * 2:
            began_s = time.monotonic()
            plan = await planner.plan(question, "en", "t")
            if plan.talk is not None:
                async for _piece in plan.talk:
                    break
                await plan.talk.aclose()
                first.append(1_000 * (time.monotonic() - began_s))
    finally:
        registry.close()
    figures = {f"{contender.name}_cold_call": Figure(cold_s, "s", 1)}
    if first:
        figures[f"{contender.name}_first_word"] = intervals.of_samples(first, "ms")
    return figures, {f"{contender.name}_first_word_ms": first}


def _read(model: Asked) -> tuple[int, int]:
    tokens = model.tokens
    return (tokens.read, tokens.spared) if tokens is not None else (0, 0)


def _spared(key: str, before: tuple[int, int], after: tuple[int, int], turns: int) -> dict[str, Figure]:
    """The share of the prompts' tokens that the cache spared."""
    read, spared = after[0] - before[0], after[1] - before[1]
    if not read + spared:
        return {}
    return {f"{key}_cache": Figure(spared / (read + spared), "share", turns)}


def _share(found: Sequence[bool]) -> Figure:
    return intervals.share(sum(found), len(found))


def _counted(key: str, played: "Sequence[Played]") -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for language in ("en", "zh"):
        those = [each for each in played if each.case.language == language]
        if not those:
            continue
        reports = [each.happened[0].report for each in those]
        invented = [any(word in report.why for word in _NOT_SAID) for report in reports]
        orders = [each for each in those if each.case.skill]
        figures[f"{key}_{language}_exact"] = _share([each.exact for each in orders or those])
        figures[f"{key}_{language}_false_actions"] = _share([each.false_action for each in those])
        figures[f"{key}_{language}_invented"] = _share(invented)
        took = [ms for each in those if (ms := each.happened[0].plan_ms) is not None]
        if took:
            figures[f"{key}_{language}_call"] = intervals.of_samples(took, "ms")
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a part and print it."""
    from benchmarks.table import table

    parser = argparse.ArgumentParser(prog="python -m benchmarks.language_model", description=__doc__)
    parser.add_argument("--most", type=int, default=MOST, help="sentences of a sort and a language")
    parser.add_argument("--only", nargs="*", default=(), metavar="NAME", help="contenders; --list names them")
    parser.add_argument("--sorts", nargs="*", default=("alone", "left"), choices=("alone", "left"))
    parser.add_argument("--languages", nargs="*", default=("en", "zh"), choices=("en", "zh"))
    parser.add_argument("--set", default="held_out", choices=("held_out", "study", "practice", "validation"))
    parser.add_argument("--list", action="store_true", help="name the contenders")
    wanted = parser.parse_args(arguments)
    if wanted.list:
        print("\n".join(each.name for each in contenders()))
        return 0
    benchmark = LanguageModels(wanted.most, wanted.only, wanted.sorts, wanted.languages, wanted.set)
    try:
        results = benchmark.run(lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
