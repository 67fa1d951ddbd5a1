import pytest

from assistant.weights.catalogue import ModelKind, UnknownModelError, catalogue, find


def test_every_file_has_a_size_a_hash_and_two_sources():
    for model in catalogue().values():
        assert model.files
        for file in model.files:
            assert file.size > 0
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.hub is not None or model.id == "fastspeech2-baker"  # on no hub as these files
            assert file.parts


def test_every_package_is_pinned_and_hashed():
    parts = [part for model in catalogue().values() for file in model.files for part in file.parts]
    for part in parts:
        assert "==" in part.wheel.requirement
        assert len(bytes.fromhex(part.wheel.sha256)) == 32


def test_every_model_says_its_licence_and_where_it_comes_from():
    for model in catalogue().values():
        assert model.licence
        assert model.upstream.startswith("https://")


def test_a_misspelt_model_is_answered_with_the_nearest():
    with pytest.raises(UnknownModelError, match='did you mean "whisper-base"'):
        find("whisper-bas")


def test_a_model_of_another_kind_is_refused():
    with pytest.raises(UnknownModelError, match="for voice"):
        find("whisper-base", ModelKind.VOICE)
