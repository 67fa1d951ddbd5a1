"""Which profile a machine gets, and that it holds only where nothing else was said."""

from pathlib import Path

import pytest

from assistant.cli.doctor import _profile
from assistant.config.errors import ConfigError
from assistant.config.load import load
from assistant.config.profiles import SETTINGS, choose
from assistant.config.schema import Config


@pytest.mark.parametrize(
    ("memory_mb", "has_card", "name"),
    [(900, False, "pi"), (2_000, True, "pi"), (8_000, False, "default"), (16_000, True, "gpu")],
)
def test_the_profile_fits_the_machine(memory_mb: int, has_card: bool, name: str) -> None:
    assert choose("auto", memory_mb=memory_mb, has_card=has_card).name == name


def test_a_profile_can_be_forced() -> None:
    assert choose("pi", memory_mb=64_000, has_card=True) == ("pi", "the configuration says so")


def written(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(path).config


def test_what_the_configuration_names_itself_holds(tmp_path: Path) -> None:
    config = written(tmp_path, '[profile]\nname = "pi"\n[recognition]\nmodel = "whisper-base"')
    assert config.recognition.model == "whisper-base"
    assert not config.recognition.second_look
    assert config.understanding.order == "local-only"


def test_a_small_machine_in_a_chinese_home_hears_chinese(tmp_path: Path) -> None:
    config = written(tmp_path, '[profile]\nname = "pi"\n[home]\nlanguage = "zh"')
    assert config.recognition.model == "whisper-base"


@pytest.mark.parametrize("name", SETTINGS)
def test_each_profile_is_a_configuration(tmp_path: Path, name: str) -> None:
    config = written(tmp_path, f'[profile]\nname = "{name}"')
    (check,) = _profile(config)
    assert check.detail == f"{name}: the configuration says so"


@pytest.mark.parametrize("text", ['[profile]\nname = "huge"', "profile = 3", "[profile]\nname = []"])
def test_a_profile_that_there_is_not_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="profile"):
        written(tmp_path, text)
