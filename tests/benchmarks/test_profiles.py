import tomllib

import pytest

from assistant.config.schema import Config
from benchmarks.memory import LABELS
from benchmarks.profiles import DEFAULT, PI, PROFILES, Profile


@pytest.mark.parametrize("profile", PROFILES, ids=lambda each: each.label)
def test_a_profile_is_a_configuration_and_needs_the_models_that_it_names(profile: Profile) -> None:
    config = Config.model_validate(tomllib.loads(profile.config))
    assert set(config.needed_models) == set(profile.models)


def test_the_small_profile_has_no_language_model() -> None:
    assert "language_model_mb" in LABELS
    assert f"{PI.key}listen_mb" in LABELS
    assert f"{PI.key}language_model_mb" not in LABELS
    assert DEFAULT.key == ""
