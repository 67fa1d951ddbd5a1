"""The language model where templates and frames end: each model at hand, on what nobody else understood.

`left` are the sentences that the local tiers leave, of `tests/practice` and of the held-out set; nearly all
of them are no orders, and what counts is that nothing is done. `alone` are orders that the model is given
with no tier before it. Of each there is an even sample, judged by what happened in the house
(`benchmarks/mind`). Beside it: what was refused as invented, how long a whole call and the first words of an
answer take, and the first of all, cold.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.language.engine import LanguageModel
    from assistant.understanding.fast_path import FastPath
    from assistant.understanding.language_model import LanguageModelPlanner
    from assistant.understanding.understanding import Order
    from benchmarks.mind.cases import Case, House
    from benchmarks.mind.record import RecordingRegistry
    from benchmarks.mind.score import Played

MODELS = ("qwen2.5-coder-0.5b-instruct", "smollm2-135m-instruct")
MOST = 40  # sentences of a set and a language
ASKED = ("who wrote Hamlet", "how far away is the moon", "why is the sky blue", "what do bees eat")
_NOT_SAID = ("nobody said", "lacks what these words", "may not be called", "was said and left out")


@dataclass(frozen=True, slots=True)
class Contender:
    """A model by a short name; `path` are its weights. A trained one reads a short prompt."""

    name: str
    path: Path
    trained: bool = False


class LanguageModels:
    """Exact effects, inventions, false actions and times of each model."""

    name = "language_model"

    def __init__(self, most: int = MOST) -> None:
        """So many sentences of each set and language are asked."""
        self._most = most

    def lacks(self) -> str | None:
        """Weights."""
        return None if contenders() else "no language model: sotto models pull brings the default one"

    def run(self, tell: Tell) -> Results:
        """Ask each model what nobody else understood, and orders alone."""
        from assistant.understanding.understanding import Order
        from benchmarks.mind.cases import HELD_OUT, PRACTICE, SetError, all_cases, houses

        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        try:
            known = houses()
            sets: dict[tuple[str, str], list[Case]] = {}
            for folder in (PRACTICE, HELD_OUT):
                if folder.is_dir():
                    cases = [case for case in all_cases(folder, known) if len(case.turns) == 1]
                    sets[folder.name, "left"] = self._left(cases, known)
                    sets[folder.name, "alone"] = self._sample([case for case in cases if case.skill])
        except SetError as error:
            raise BenchmarkError(str(error)) from error
        for contender in contenders():
            sizes = ", ".join(f"{len(each)} of {name} {sort}" for (name, sort), each in sets.items())
            tell(f"{contender.name}: {sizes}")
            with closing(_load(contender)) as model:
                figures |= asyncio.run(_times(contender, model, samples))
                for (name, sort), those in sets.items():
                    order = Order.LOCAL_FIRST if sort == "left" else Order.LANGUAGE_MODEL
                    played = self._played(contender, model, those, known, order)
                    figures |= _counted(f"{contender.name}_{name}_{sort}", played)
        conditions = {
            "left": "which templates and frames leave; orders and sentences that are none",
            "alone": "orders, with no tier before the model",
            "size": f"at most {self._most} a set and language, single turns, written text",
            "engine": "llama.cpp, constrained by the schema that the words ground",
        }
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Exact and false actions, a pair of bars a model and language."""
        from benchmarks.plots import OURS, PEERS

        keys = [key.removesuffix("_exact") for key in results.figures if key.endswith("_exact")]
        rows = range(len(keys))
        for shift, sort, colour in ((-0.2, "exact", OURS), (0.2, "false_actions", PEERS)):
            shares = [results.figures[f"{key}_{sort}"].value * 100 for key in keys]
            axes.barh([row + shift for row in rows], shares, 0.4, color=colour, label=sort.replace("_", " "))
        axes.set(
            yticks=list(rows), yticklabels=keys, xlim=(0, 100), xlabel="% of what nobody else understood"
        )
        axes.tick_params(labelsize=6)
        axes.invert_yaxis()
        axes.legend(fontsize=7)

    def _left(self, cases: "Sequence[Case]", known: "Mapping[str, House]") -> "list[Case]":
        """A sample of those that no local tier understands."""
        from benchmarks.mind.score import play

        played = asyncio.run(play(cases, known, lambda _line: None))
        return self._sample([each.case for each in played if each.tiers == ("none",)])

    def _sample(self, cases: "Sequence[Case]") -> "list[Case]":
        found: list[Case] = []
        for language in ("en", "zh"):
            those = [case for case in cases if case.language == language]
            step = max(1, -(-len(those) // self._most))
            found += those[::step]
        return found

    def _played(
        self,
        contender: Contender,
        model: "LanguageModel",
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


def contenders() -> list[Contender]:
    """The models that lie here: the catalogue's, and what was trained on this machine."""
    from platformdirs import user_data_path

    found = [
        Contender(model, next(folder.glob("*.gguf")))
        for model in MODELS
        if missing((model,)) is None and (folder := folder_of(model))
    ]
    tuned = user_data_path("sotto-voce") / "language-model" / "model.gguf"
    return [*found, Contender("tuned", tuned, trained=True)] if tuned.exists() else found


def _load(contender: Contender) -> "LanguageModel":
    from assistant.language.engine import LanguageModelError
    from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

    try:
        return LlamaCppModel(contender.path, LlamaSettings())
    except LanguageModelError as error:
        raise BenchmarkError(str(error)) from error


def _planner(
    contender: Contender, model: "LanguageModel", registry: "RecordingRegistry", fast_path: "FastPath"
) -> "LanguageModelPlanner":
    from assistant.understanding.language_model import LanguageModelPlanner, PlannerSettings

    settings = PlannerSettings(timeout_s=60, trained=contender.trained)
    return LanguageModelPlanner(model, registry, fast_path.words, settings)


async def _times(
    contender: Contender, model: "LanguageModel", samples: dict[str, list[float]]
) -> dict[str, Figure]:
    """The first prompt cold, then the first words of answers, warm."""
    from assistant.understanding.fast_path import FastPath
    from benchmarks.mind.record import RecordingRegistry
    from devices.home import Home

    registry = RecordingRegistry.load({})
    try:
        planner = _planner(contender, model, registry, FastPath(registry, Home()))  # type: ignore[arg-type]  # it is one
        began_s = time.monotonic()
        await planner.warm("en")
        cold_s = time.monotonic() - began_s
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
    samples[f"{contender.name}_first_word_ms"] = first
    figures = {f"{contender.name}_cold_prompt": Figure(cold_s, "s", 1)}
    if first:
        figures[f"{contender.name}_first_word"] = intervals.of_samples(first, "ms")
    return figures


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
