"""What tests share: real weights, a real broker, recordings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.requirements import require

CHECKOUT = Path(__file__).resolve().parent.parent

# At a desk new examples are tried each time; where a run decides something, the same ones.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")

SHARED = Path(os.environ.get("SOTTO_SHARED", CHECKOUT.parent / "shared"))


@pytest.fixture(scope="session")
def weights() -> Callable[[str], Path]:
    """Return the folder of a catalogue's model, verified; requires that it was pulled."""
    from assistant.config.schema import Models
    from assistant.weights.store import open_store

    store = open_store(Models())

    def folder(model_id: str) -> Path:
        found = store.path(model_id)
        require(f"the model {model_id}", found is not None, f"sotto models pull {model_id}")
        assert found is not None
        return found

    return folder


@pytest.fixture(scope="session")
def recordings() -> Path | None:
    """The folder of real recordings beside the checkout, or None: the tests then speak for themselves."""
    return SHARED / "audio" if (SHARED / "audio").is_dir() else None
