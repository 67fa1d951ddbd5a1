import numpy as np
import pytest

from assistant.understanding.learned import classifier
from assistant.understanding.learned.classifier import calibration_error, fit, softmax, temperature
from assistant.understanding.learned.model import Model, load, save
from assistant.understanding.learned.words import count


def clouds(spread, each=60):
    chance = np.random.default_rng(5)
    centres = np.eye(3, 12)
    classes = np.repeat(np.arange(3), each)
    return (centres[classes] + chance.normal(0, spread, (3 * each, 12))).astype(np.float32), classes


def a_model(threshold=0.8):
    vectors, classes = clouds(0.1)
    words = count([("light on", 1), ("light off", 2), ("hello", 0)], 3)
    labels = ("none", 'lights.turn {"on": true}', 'lights.turn {"on": false}')
    return Model(labels, fit(vectors, classes, 3), words, threshold, {labels[1]: {"by": 20.0}}, "abc")


def test_clouds_that_lie_apart_are_told_apart():
    vectors, classes = clouds(0.1)
    found = fit(vectors[::2], classes[::2], 3).probabilities(vectors[1::2])
    assert (found.argmax(axis=1) == classes[1::2]).mean() > 0.97
    assert np.allclose(found.sum(axis=1), 1.0)


def test_nothing_to_fit_on_is_refused():
    with pytest.raises(ValueError, match="nothing to fit on"):
        fit(np.zeros((0, 4), np.float32), [], 2)


def test_the_temperature_cools_a_model_that_is_too_sure():
    chance = np.random.default_rng(2)
    wanted = chance.integers(0, 3, 600)
    scores = np.eye(3)[np.where(chance.random(600) < 0.7, wanted, (wanted + 1) % 3)] * 12.0
    warmth = temperature(scores, wanted)
    assert warmth > 1.5
    raw, cooled = softmax(scores), softmax(scores / warmth)
    assert calibration_error(cooled, wanted) < 0.05 < calibration_error(raw, wanted)


def test_the_steps_end_so_that_two_fits_are_the_same():
    vectors, classes = clouds(0.2)
    first, second = fit(vectors, classes, 3), fit(vectors, classes, 3)
    assert np.array_equal(first.matrix, second.matrix)
    assert classifier.STEPS < 1000


def test_words_tell_opposites_apart_and_unknown_ones_are_named():
    words = count([("turn the light on", 0), ("light on", 0), ("turn the light off", 1), ("light off", 1)], 2)
    on, off = words.evidence("the light on please", [0, 1])
    assert on > off
    assert words.evidence("light", [0, 1]) == pytest.approx([0.0, 0.0])
    assert words.unheard("turn the light on", [0, 1]) is None
    assert words.unheard("turn the light nippy", [0, 1]) == "nippy"
    assert words.unheard("light off", [0]) == "off"


def test_a_model_comes_back_from_the_disk_as_it_was(tmp_path):
    path = tmp_path / "model.npz"
    save(path, a_model(0.8), a_model(0.7))
    found, twin = load(path), load(path, judged=True)
    vectors, _ = clouds(0.1)
    texts = ["light on"] * len(vectors)
    assert np.allclose(
        found.probabilities(vectors, texts), a_model().probabilities(vectors, texts), atol=1e-4
    )
    assert (found.labels, found.threshold, found.usual) == (a_model().labels, 0.8, a_model().usual)
    assert twin.threshold == 0.7
    assert [each.name for each in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nothing", b"\x80\x04pickle"])
def test_a_file_that_is_no_model_is_none(tmp_path, damage):
    path = tmp_path / "model.npz"
    path.write_bytes(damage)
    assert load(path) is None
    assert load(tmp_path / "missing.npz") is None


def test_a_model_that_was_cut_short_is_none(tmp_path):
    path = tmp_path / "model.npz"
    save(path, a_model(), a_model())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert load(path) is None


def test_a_model_with_objects_in_it_is_not_opened(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, version=np.int64(1), model_told=np.array([{"a": 1}], dtype=object))
    assert load(path) is None
