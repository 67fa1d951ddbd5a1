"""What stands behind a clip where Whisper's decoder expects the rest of its 30 s.

The decoder was trained on 1,500 positions and projects each of them into every layer, on two cores 0.1 s
before the first word. Given only the clip's own it repeats itself: silence draws half to three quarters of
its attention (some positions as "sinks", Xiao et al. 2023, arXiv:2309.17453; all of them together as the
sign that nothing more is said). So there must be silence, but not all of it. Once it was folded for this
model (`folding.py`), 96 positions do; until then two thirds of it, taken evenly from where the clip ends to
the end of the 30 s. Its end alone does not (word errors of 25 % at 750 positions). `docs/recognition.md` has
the measurements.
"""

import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

POSITIONS = 1_500  # 30 s at 50 a second
_THINNED = 1_100
"""Positions in all. At 750 nine of 150 spoken names looped (the guard decoded them again), at 500 most."""
_SHORT = 150
"""Own positions (a clip of 2 s and its margin) below which silence is not thinned: "stop" looped in one of
four at 750 and in one of twenty at 900."""
_SAMPLED = 16  # places of the weights that tell them apart
_SAMPLE_BYTES = 1 << 16

Encoded = npt.NDArray[np.float32]
"""The encoder's output, shape (1, positions, width)."""


class Silence:
    """One model's silence. `encode` encodes 30 s of it, when that is first needed. Thread-safe.

    `weights` are its fingerprint and `precision` what it is computed in; `cache` is a folder where the 30 s
    are kept, None keeps nothing. A file that is damaged, or that cannot be written, costs one more encoding
    (about a second on two cores) and nothing else.
    """

    def __init__(
        self, encode: Callable[[], Encoded], weights: str, precision: str, cache: Path | None = None
    ) -> None:
        self._encode = encode
        self._path = cache / f"silence-{weights}-{precision}.npy" if cache is not None else None
        # Folded it serves every precision: they differ by less than two ways to fold it.
        self._fold_path = folded_file(cache, weights) if cache is not None else None
        self._folded: Encoded | None = None
        self._lock = threading.Lock()
        self._all: Encoded | None = None

    @property
    def folded(self) -> bool:
        """Whether a hundred positions stand for all of it. Looks whether somebody has folded it meanwhile."""
        if self._folded is None and self._fold_path is not None and self._fold_path.exists():
            self._folded = _read(self._fold_path)
        return self._folded is not None

    def keep_folded(self, positions: Encoded) -> None:
        """Take what `folding.fold` made, and keep it."""
        self._folded = positions
        if self._fold_path is not None:
            _keep(self._fold_path, positions)

    def brief(self, own: int) -> Encoded:
        """What is enough behind `own` positions of a clip: silence, folded or at least thinned."""
        if self.folded and self._folded is not None and own + self._folded.shape[1] <= POSITIONS:
            return self._folded
        if own < _SHORT:
            return self.whole(own)
        wanted = max(0, _THINNED - own)
        return self._whole()[:, np.linspace(own, POSITIONS - 1, wanted).round().astype(int)]

    def whole(self, own: int) -> Encoded:
        """What would be there in 30 s of sound."""
        return self._whole()[:, own:]

    def prepare(self) -> None:
        """Encode it, or read what was kept, before somebody waits for it."""
        self._whole()

    def _whole(self) -> Encoded:
        with self._lock:
            if self._all is None:
                self._all = _read(self._path, POSITIONS) if self._path is not None else None
            if self._all is None:
                self._all = self._encode()
                if self._path is not None:
                    _keep(self._path, self._all)
            return self._all


def folded_file(cache: Path, weights: str) -> Path:
    """Where the folded silence of these weights (their fingerprint) is kept."""
    return cache / f"silence-{weights}-folded.npy"


def fingerprint(weights: Path) -> str:
    """Name weights by 64 KiB at each of 16 places: training moves them all. Raises OSError.

    A hash of the whole file would take as long as loading it.
    """
    size = weights.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with weights.open("rb") as file:
        for place in range(_SAMPLED):
            file.seek(max(0, size - _SAMPLE_BYTES) * place // (_SAMPLED - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:16]


def _keep(path: Path, encoded: Encoded) -> None:
    with contextlib.suppress(OSError):  # a full or read-only disk: made anew after the next start
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.save(file, encoded.astype(np.float16))
        Path(file.name).replace(path)


def _read(path: Path, positions: int | None = None) -> Encoded | None:
    """What was kept, or None when there is nothing at `path`, not all of it, or not so many positions."""
    try:
        with path.open("rb") as file:
            found = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if found.dtype != np.float16 or found.ndim != 3 or len(found) != 1:
        return None
    if found.shape[1] != (positions or found.shape[1]) or not np.isfinite(found).all():
        return None
    return found.astype(np.float32)
