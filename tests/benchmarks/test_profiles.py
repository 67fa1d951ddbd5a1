from pathlib import Path

import pytest

from assistant.config.load import load
from benchmarks.memory import LABELS
from benchmarks.profiles import DEFAULT, PI, PROFILES, Profile


@pytest.mark.parametrize("profile", PROFILES, ids=lambda each: each.label)
def test_a_profile_is_a_configuration_and_needs_the_models_that_it_names(
    profile: Profile, tmp_path: Path
) -> None:
    file = tmp_path / "sotto.toml"
    file.write_text(profile.config, "utf-8")
    assert set(load(file).config.needed_models) == set(profile.models)


def test_the_small_profile_has_no_language_model() -> None:
    assert "language_model_mb" in LABELS
    assert f"{PI.key}listen_mb" in LABELS
    assert f"{PI.key}language_model_mb" not in LABELS
    assert DEFAULT.key == ""
