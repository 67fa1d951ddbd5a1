import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from assistant.weights.catalogue import Model, ModelFile, ModelKind
from assistant.weights.folder import Mirror
from assistant.weights.source import SourceError, SourceUnreachableError, WeightsError
from assistant.weights.store import ModelStore, State

CONTENT = {"config.json": b"{}", "model.bin": bytes(range(256)) * 40}


def a_model(content: dict[str, bytes] = CONTENT) -> Model:
    files = tuple(
        ModelFile(name, len(data), hashlib.sha256(data).hexdigest(), None, ())
        for name, data in content.items()
    )
    return Model("tiny", ModelKind.RECOGNITION, "Tiny", "MIT", ("en",), "", "https://example.org", files)


class Silent:
    """A progress that keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def at(self, what: str, done: int, total: int) -> None:
        pass

    def note(self, line: str) -> None:
        self.notes.append(line)


class Shelf:
    """A source that gives what it was given, and counts."""

    def __init__(self, content: dict[str, bytes], name: str = "shelf") -> None:
        self.name = name
        self._content = content
        self.asked: list[str] = []

    def fetch(self, model: Model, file: ModelFile, part: Path, progress: Silent) -> None:
        self.asked.append(file.name)
        part.write_bytes(self._content[file.name])


class Failing:
    """A source that never gives."""

    def __init__(self, error: Exception, name: str = "failing") -> None:
        self.name = name
        self._error = error
        self.asked = 0

    def fetch(self, model: Model, file: ModelFile, part: Path, progress: Silent) -> None:
        self.asked += 1
        raise self._error


def a_store(folder: Path, *sources) -> ModelStore:
    return ModelStore(folder, sources=sources, models={"tiny": a_model()})


def test_a_pulled_model_lies_in_its_folder_and_nothing_is_left_over(tmp_path):
    store = a_store(tmp_path, Shelf(CONTENT))
    folder = store.pull("tiny", Silent())
    assert store.path("tiny") == folder == tmp_path / "tiny"
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".verified"} == CONTENT
    assert not (tmp_path / ".partial" / "tiny").exists()


def test_a_missing_model_names_the_command(tmp_path):
    store = a_store(tmp_path)
    assert store.path("tiny") is None
    with pytest.raises(WeightsError, match=r"not there yet; run: sotto models pull tiny"):
        store.require("tiny")


def test_files_copied_by_hand_are_hashed_once_and_then_trusted(tmp_path):
    (tmp_path / "tiny").mkdir()
    for name, data in CONTENT.items():
        (tmp_path / "tiny" / name).write_bytes(data)
    store = a_store(tmp_path)
    assert store.path("tiny") is not None
    assert (tmp_path / "tiny" / ".verified").exists()


def test_an_altered_file_of_the_same_size_is_found(tmp_path):
    store = a_store(tmp_path, Shelf(CONTENT))
    folder = store.pull("tiny", Silent())
    (folder / "model.bin").write_bytes(b"x" * len(CONTENT["model.bin"]))
    os.utime(folder / "model.bin", ns=(1, 1))
    assert store.path("tiny") is None
    assert store.state("tiny") is State.DAMAGED
    assert store.verify("tiny") == ["model.bin was altered: its hash is not the catalogue's"]
    with pytest.raises(WeightsError, match="is damaged; run: sotto models pull tiny"):
        store.require("tiny")


def test_verify_finds_what_the_stamp_cannot_see(tmp_path):
    store = a_store(tmp_path, Shelf(CONTENT))
    model_bin = store.pull("tiny", Silent()) / "model.bin"
    before = model_bin.stat()
    model_bin.write_bytes(b"x" * before.st_size)
    os.utime(model_bin, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.path("tiny") is not None
    assert len(store.verify("tiny")) == 1
    assert store.path("tiny") is None


def test_a_truncated_file_is_fetched_again_and_the_whole_ones_are_not(tmp_path):
    shelf = Shelf(CONTENT)
    store = a_store(tmp_path, shelf)
    folder = store.pull("tiny", Silent())
    with (folder / "model.bin").open("r+b") as file:
        file.truncate(100)
    assert store.verify("tiny") == ["model.bin has 100 bytes, not 10,240"]
    assert store.state("tiny") is State.DAMAGED
    shelf.asked.clear()
    store.pull("tiny", Silent())
    assert shelf.asked == ["model.bin"]
    assert store.verify("tiny") == []


def test_a_source_with_the_wrong_file_gives_way_to_the_next(tmp_path):
    wrong = Shelf({**CONTENT, "model.bin": b"y" * len(CONTENT["model.bin"])}, "wrong")
    store = a_store(tmp_path, wrong, Shelf(CONTENT))
    store.pull("tiny", Silent())
    assert store.verify("tiny") == []


def test_when_no_source_has_the_file_each_says_why_in_one_line(tmp_path):
    wrong = Shelf({"config.json": b"no"}, "mirror")
    store = a_store(tmp_path, wrong, Failing(SourceError("is shut"), "hub"))
    with pytest.raises(WeightsError) as caught:
        store.pull("tiny", Silent())
    assert "mirror: its config.json has the wrong hash; hub: is shut" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "tiny" / "config.json").exists()


def test_an_unreachable_source_is_not_asked_for_every_file(tmp_path):
    away = Failing(SourceUnreachableError("cannot connect"), "hub")
    progress = Silent()
    a_store(tmp_path, away, Shelf(CONTENT)).pull("tiny", progress)
    assert away.asked == 1
    assert progress.notes == ["hub: cannot connect"]


def test_a_damaged_beginning_is_thrown_away_once(tmp_path):
    class Appending(Shelf):
        def fetch(self, model, file, part, progress):
            self.asked.append(file.name)
            have = part.read_bytes() if part.exists() else b""
            part.write_bytes(have + self._content[file.name][len(have) :])

    (tmp_path / ".partial" / "tiny").mkdir(parents=True)
    (tmp_path / ".partial" / "tiny" / "model.bin.part").write_bytes(b"damaged")
    shelf = Appending(CONTENT)
    store = a_store(tmp_path, shelf)
    store.pull("tiny", Silent())
    assert shelf.asked == ["config.json", "model.bin", "model.bin"]
    assert store.verify("tiny") == []


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "no room left in"),
        (errno.EACCES, "cannot write to"),
        (errno.EROFS, "cannot write to"),
        (errno.EIO, "cannot keep tiny in"),
    ],
)
def test_what_the_disk_refuses_is_one_line_with_advice(tmp_path, number, says):
    store = a_store(tmp_path, Failing(OSError(number, os.strerror(number))))
    with pytest.raises(WeightsError, match=says) as caught:
        store.pull("tiny", Silent())
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(WeightsError, match="cannot keep tiny"):
        a_store(tmp_path / "file", Shelf(CONTENT)).pull("tiny", Silent())


def test_two_that_pull_the_same_model_fetch_it_once(tmp_path):
    begun, go = threading.Event(), threading.Event()

    class Slow(Shelf):
        def fetch(self, model, file, part, progress):
            begun.set()
            assert go.wait(10)
            super().fetch(model, file, part, progress)

    class Waiting(Silent):
        def note(self, line):
            super().note(line)
            go.set()

    first, second = Slow(CONTENT), Shelf(CONTENT)
    pulling = threading.Thread(target=lambda: a_store(tmp_path, first).pull("tiny", Silent()))
    pulling.start()
    assert begun.wait(10)
    progress = Waiting()
    store = a_store(tmp_path, second)
    store.pull("tiny", progress)
    pulling.join(10)
    assert progress.notes == ["another process is fetching tiny; waiting for it"]
    assert first.asked == ["config.json", "model.bin"]
    assert second.asked == []
    assert store.verify("tiny") == []


def test_a_folder_of_the_users_own_is_a_source(tmp_path):
    mirror = tmp_path / "mirror"
    (mirror / "tiny").mkdir(parents=True)
    for name, data in CONTENT.items():
        (mirror / "tiny" / name).write_bytes(data)
    store = a_store(tmp_path / "models", Mirror(str(mirror)))
    store.pull("tiny", Silent())
    assert store.verify("tiny") == []


def test_a_folder_that_lacks_the_file_says_so(tmp_path):
    with pytest.raises(WeightsError, match=r"mirror: .*config\.json: No such file"):
        a_store(tmp_path / "models", Mirror(str(tmp_path))).pull("tiny", Silent())


def test_an_unknown_model_is_answered_with_the_list(tmp_path):
    with pytest.raises(WeightsError, match="sotto models list"):
        ModelStore(tmp_path).path("whisper-huge")
