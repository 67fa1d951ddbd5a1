import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.understanding.learned import training
from assistant.understanding.learned.corrections import Correction, Meant
from assistant.understanding.learned.examples import (
    NONE,
    Part,
    collect,
    correction_examples,
    fingerprint,
    label_of,
    learnable,
    meaning_of,
)
from assistant.understanding.learned.model import FILE, load
from assistant.understanding.learned.training import train
from skills.covers import Covers
from skills.home import HomeSkill
from skills.lights import Lights
from skills.locks import Locks
from skills.music import Music
from skills.registry import Registry
from tests.assistant.learned import WordsAlone

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def registry():
    return Registry.of(Music)


@pytest.fixture(scope="module")
def trained(registry, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return train(registry, WordsAlone(), folder), folder


def test_a_meaning_is_a_call_without_its_names_and_numbers():
    tool = Registry.of(Lights).tools["lights.change_brightness"]
    label = label_of(tool, {"by": -40, "room": "Kitchen"})
    assert label == 'lights.change_brightness {"by": -1}'
    assert meaning_of(label) == ("lights.change_brightness", {"by": -1})
    assert meaning_of("music.next") == ("music.next", {})


def test_a_call_for_the_whole_home_is_not_learned():
    assert label_of(Registry.of(Lights).tools["lights.turn"], {"on": False, "everywhere": True}) is None


def test_nothing_risky_and_nothing_of_unseen_reach_is_learned():
    names = set(learnable(Registry.of(Locks, HomeSkill, Covers)))
    assert {"locks.lock", "covers.move", "home.state"} <= names
    assert names.isdisjoint({"locks.unlock", "locks.disarm", "home.undo"})


def test_the_sentences_are_the_same_each_time_and_stay_in_their_part(registry):
    first, second = collect(registry), collect(registry)
    assert first == second
    assert {each.label for each in first} >= {NONE, "music.next"}
    judged = {each.text for each in first if each.part is not Part.TRAIN}
    assert judged
    assert not any(each.drawn for each in first if each.part is not Part.TRAIN)
    shared = {each.text for each in first if each.part is Part.TRAIN} & judged
    assert not shared


def test_both_languages_have_sentences_for_what_they_have_in_common(registry):
    by_language = {
        language: {each.label for each in collect(registry) if each.language == language and not each.drawn}
        for language in ("en", "zh")
    }
    assert by_language["en"] == by_language["zh"]


def test_other_skills_or_another_embedding_have_another_fingerprint(registry):
    assert fingerprint(registry, "a") == fingerprint(Registry.of(Music), "a")
    assert fingerprint(registry, "a") != fingerprint(registry, "b")
    assert fingerprint(registry, "a") != fingerprint(Registry.of(Lights), "a")


def test_the_sentences_of_nobody_are_not_those_of_the_study_set():
    import tomllib

    study = Path(__file__).parents[1] / "study"
    if not study.is_dir():
        pytest.skip("there is no study set")
    texts = {
        _bare(each["say"])
        for file in study.glob("nothing.*.toml")
        for each in tomllib.loads(file.read_text("utf-8"))["sentence"]
    }
    folder = Path(training.__file__).parent
    for file in folder.glob("none.*.toml"):
        for said in tomllib.loads(file.read_text("utf-8"))["sentences"].values():
            assert texts.isdisjoint(map(_bare, said))


def _bare(text):
    return "".join(each for each in text.casefold() if each.isalnum())


def test_what_was_fitted_is_on_the_disk_with_its_judges(trained, registry):
    made, folder = trained
    assert not made.kept
    found = load(folder / FILE)
    assert found is not None
    assert found.fingerprint == fingerprint(registry, WordsAlone.name)
    assert made.validation.sentences > 60
    assert made.validation.taken_wrong <= training.MOST_WRONG * max(1, made.validation.taken_right)
    assert set(made.validation.by_language) == {"en", "zh"}
    assert training.LOWEST_THRESHOLD <= made.model.threshold <= training.HIGHEST_THRESHOLD


def test_the_model_of_before_stays_when_the_new_one_is_no_better(trained, registry):
    _made, folder = trained
    before = (folder / FILE).read_bytes()
    embedding = WordsAlone()
    again = train(registry, embedding, folder)
    assert again.kept
    assert (folder / FILE).read_bytes() == before
    assert embedding.embedded == 0  # the vectors are kept


def test_a_correction_makes_a_better_model_which_knows_it(registry, trained, tmp_path):
    shutil.copytree(trained[1], tmp_path, dirs_exist_ok=True)
    right = Meant("music.next", {})
    said = [Correction(text, "en", NOW, None, right) for text in ("banana time", "more banana time")]
    again = train(registry, WordsAlone(), tmp_path, said)
    assert not again.kept
    assert again.corrections == 2
    found = again.model.probabilities(WordsAlone().embed(["banana time"]), ["banana time"])[0]
    assert again.model.labels[int(found.argmax())] == "music.next"


def test_a_correction_to_a_risky_tool_teaches_nothing():
    unlock = Correction("open sesame", "en", NOW, None, Meant("locks.unlock", {"device": "Front Door"}))
    unknown = Correction("open sesame", "xx", NOW, None, None)
    assert correction_examples([unlock, unknown], Registry.of(Locks)) == []


def test_a_disk_that_takes_nothing_is_said(registry, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(OSError, match="file"):
        train(registry, WordsAlone(), blocked)
