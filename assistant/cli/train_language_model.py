"""`sotto train --language-model`: fine-tunes a small model on the installed skills."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli.output import print_error, print_json, print_table, work_progress
from assistant.config.schema import Config
from assistant.language.engine import LanguageModelError

if TYPE_CHECKING:
    from assistant.tuning.judging import Judged
    from assistant.tuning.training import Fitted, Point
    from skills.registry import Registry

BASE = "smollm2-135m-instruct"
WEIGHTS = "model.gguf"
TESTED = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for; None is what is usual."""

    base: Path | None
    out: Path | None
    steps: int
    hours: float
    batch: int
    lora: int
    layers: int
    languages: tuple[str, ...]
    device: str
    quantisation: str
    tested: int
    afresh: bool


def train_language_model(config: Config, wanted: Wanted, *, json_out: bool, plot: Path | None) -> None:
    """Train, convert, judge, and say how to use the result. Leaves with status 3 for what is missing."""
    from platformdirs import user_data_path

    from skills.registry import Registry

    folder = wanted.out or user_data_path("sotto-voce") / "language-model"
    registry = Registry.load(config.skills)
    try:
        base = _base(config, wanted)
        fitted, before, after = _train(config, wanted, registry, base, folder)
    except LanguageModelError as error:
        print_error(str(error))
        raise typer.Exit(3) from error
    finally:
        registry.close()
    if json_out:
        print_json(
            {
                "folder": str(folder),
                "steps": fitted.steps,
                "finished": fitted.finished,
                "perplexity": [fitted.perplexity_before, fitted.perplexity_after],
                "tokens_per_s": fitted.tokens_per_s,
                "before": asdict(before) if before else None,
                "after": asdict(after),
            }
        )
    else:
        _print(fitted, before, after, folder)
    if plot is not None:
        _draw(folder, plot)


def _train(
    config: Config, wanted: Wanted, registry: "Registry", base: Path, folder: Path
) -> "tuple[Fitted, Judged | None, Judged]":
    from assistant.tuning.dialogues import dialogues
    from assistant.tuning.gguf_file import write_gguf
    from assistant.tuning.homes import Part
    from assistant.tuning.training import Trainer, TrainingSettings
    from assistant.understanding.notation import TEMPLATE

    settings = TrainingSettings(
        steps=wanted.steps,
        batch=wanted.batch,
        hours=wanted.hours,
        lora=wanted.lora,
        layers=wanted.layers,
        languages=wanted.languages,
        device=wanted.device,
        learning_rate=1e-3 if wanted.lora else TrainingSettings().learning_rate,
    )
    made = [dialogues(registry, each, Part.TEST) for each in wanted.languages]
    test = [next(made[at % len(made)]) for at in range(wanted.tested)]
    trainer = Trainer(registry, base, folder, settings)
    with work_progress("training") as bar:
        fitted = trainer.fit(_telling(bar), resume=not wanted.afresh)
    target = folder / WEIGHTS if base.suffix == ".gguf" else fitted.folder
    if base.suffix == ".gguf":
        write_gguf(fitted.folder, base, target, wanted.quantisation, chat_template=TEMPLATE)  # type: ignore[arg-type]  # typer checks it
    before, after = _tested(config, wanted, registry, base, target, test, fitted)
    return fitted, before, after


def _tested(
    config: Config,
    wanted: Wanted,
    registry: "Registry",
    base: Path,
    target: Path,
    test: list[Any],
    fitted: "Fitted",
) -> "tuple[Judged | None, Judged]":
    """Judge the new weights, then the base as it is asked untrained, and write the card beside the weights.

    The card is there from the beginning: who breaks off the test has a model that is known for what it is.
    """
    from assistant.opening.language_model import CARD

    beside = (target.parent if target.is_file() else target) / CARD
    card: dict[str, Any] = {
        "trained": True,
        "base": base.name,
        "languages": list(wanted.languages),
        "steps": fitted.steps,
        "perplexity": [fitted.perplexity_before, fitted.perplexity_after],
        "tokens_per_s": fitted.tokens_per_s,
    }
    beside.write_text(json.dumps(card, indent=1), "utf-8")
    both = base.suffix == ".gguf"
    before: Judged | None = None
    with work_progress("testing") as bar:
        share = 0.5 if both else 1.0
        after = _judged(config, registry, target, test, lambda done, of: bar(done / of * share))
        card["after"] = asdict(after)
        beside.write_text(json.dumps(card, indent=1), "utf-8")
        if both:

            def tell(done: int, of: int) -> None:
                bar(share + done / of * share)

            before = _judged(config, registry, base, test, tell, trained=False)
            card["before"] = asdict(before)
    beside.write_text(json.dumps(card, indent=1), "utf-8")
    return before, after


def _judged(
    config: Config,
    registry: "Registry",
    path: Path,
    test: list[Any],
    tell: Callable[[int, int], None],
    *,
    trained: bool = True,
) -> "Judged":
    """Have weights answer the test's dialogues; those that were not trained are told of the tools."""
    from assistant.opening.language_model import load_local_model
    from assistant.tuning.judging import judge

    engine = "llama.cpp" if path.is_file() else "transformers"
    changed = config.language_model.model_copy(update={"path": path, "engine": engine, "keep_prompts": False})
    with closing(load_local_model(config.model_copy(update={"language_model": changed}))) as model:
        return asyncio.run(judge(model, registry, test, tell, trained=trained))


def _base(config: Config, wanted: Wanted) -> Path:
    from assistant.weights.source import WeightsError
    from assistant.weights.store import open_store

    if wanted.base is not None:
        return wanted.base
    try:
        return next(open_store(config.models).require(BASE).glob("*.gguf"))
    except WeightsError as error:
        raise LanguageModelError(str(error)) from error


def _telling(bar: "Callable[[float], None]") -> "Callable[[Point, float], None]":
    def tell(point: "Point", share: float) -> None:
        bar(share)
        if point.validation is not None:
            print_error(
                f"step {point.step}: loss {point.loss:.3f}, validation {point.validation:.3f}, "
                f"{point.tokens_per_s:.0f} tokens/s"
            )

    return tell


def _print(fitted: "Fitted", before: "Judged | None", after: "Judged", folder: Path) -> None:
    print(
        f"{fitted.steps} steps, {fitted.tokens_per_s:.0f} tokens/s; perplexity of the answers "
        f"{fitted.perplexity_before:.2f} before, {fitted.perplexity_after:.2f} after"
    )
    if not fitted.finished:
        print("broken off: the same command goes on where it was")
    rows = [
        [
            name,
            str(each.dialogues),
            f"{each.exact:.1%}",
            f"{each.false_actions:.1%}",
            f"{each.invented:.1%}",
            f"{each.rouge_l:.2f}",
            f"{each.bleu:.2f}",
            f"{each.answer_ms:.0f} ms",
        ]
        for name, each in (("before", before), ("after", after))
        if each is not None
    ]
    print_table(
        ["", "dialogues", "exact", "false actions", "invented", "ROUGE-L", "BLEU", "whole answer"], rows
    )
    weights = folder / WEIGHTS
    if weights.exists():
        print(f'to use it: [language_model] path = "{weights}"')
    else:
        print(f'to use it: [language_model] engine = "transformers", path = "{fitted.folder}"')


def _draw(folder: Path, path: Path) -> None:
    """Write the curves; without matplotlib the file of the curves has to do."""
    from assistant.tuning.training import CURVES, curves

    try:
        from matplotlib.figure import Figure
    except ImportError:
        print_error(f"a plot needs matplotlib: pip install matplotlib. The numbers are in {folder / CURVES}")
        return
    points = curves(folder)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([each.step for each in points], [each.loss for each in points], alpha=0.4, label="training")
    measured = [(each.step, each.validation) for each in points if each.validation is not None]
    axes.plot([step for step, _ in measured], [loss for _, loss in measured], "o-", label="validation")
    axes.set(xlabel="step", ylabel="loss of the answers, nats a token", yscale="log")
    axes.legend()
    figure.savefig(path, dpi=150)
    print(f"drawn to {path}")
