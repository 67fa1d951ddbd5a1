"""The weights that a benchmark runs on: those in the configured models folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.weights.store import ModelStore


def folder_of(model_id: str) -> Path:
    """The folder of a model. Raises `WeightsError` with the command that brings it."""
    return _store().require(model_id)


def missing(model_ids: Sequence[str]) -> str | None:
    """What brings the models that are not there; None when all are."""
    store = _store()
    absent = [each for each in model_ids if store.path(each) is None]
    return f"no weights: sotto models pull {' '.join(absent)}" if absent else None


def _store() -> "ModelStore":
    from assistant.config.load import load
    from assistant.weights.store import open_store

    return open_store(load(None).config.models)
