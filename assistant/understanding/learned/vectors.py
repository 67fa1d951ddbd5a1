"""The vectors of sentences, kept on the disk: each takes 25 ms to make, and most are the same next time."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.understanding.learned.embedding import Embedding, Vectors

FILE = "learned-vectors.npz"
_AT_ONCE = 16

Progress = Callable[[str, int, int], None]


def of(texts: Sequence[str], embedding: Embedding, folder: Path, progress: Progress) -> dict[str, Vectors]:
    """Return the vector of each text. Those of before are taken from the file, which is then renewed."""
    path = folder / FILE
    known = _read(path, embedding.name)
    wanted = list(dict.fromkeys(texts))
    found = {text: known[key] for text in wanted if (key := _key(text)) in known}
    new = [text for text in wanted if text not in found]
    for at in range(0, len(new), _AT_ONCE):
        some = new[at : at + _AT_ONCE]
        found.update(zip(some, embedding.embed(some), strict=True))
        progress("reading", min(len(new), at + _AT_ONCE), len(new))
    if new:
        _write(path, embedding.name, {_key(text): found[text] for text in wanted})
    return found


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:20]


def _read(path: Path, name: str) -> dict[str, Vectors]:
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["embedding"]) != name:
                return {}
            rows = np.asarray(file["vectors"], np.float32)
            keys = [str(key) for key in file["keys"]]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    return dict(zip(keys, rows, strict=True)) if rows.ndim == 2 and len(keys) == len(rows) else {}


def _write(path: Path, name: str, rows: dict[str, Vectors]) -> None:
    """Replace the file in one step; a disk that is full costs time next time, and nothing else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                embedding=np.asarray(name),
                keys=np.asarray(list(rows)),
                vectors=np.stack(list(rows.values())).astype(np.float16),
            )
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
