"""What stands behind a clip where Whisper's decoder expects the rest of its 30 s.

The decoder was trained on 1,500 positions and projects each of them into every layer, on two cores 0.1 s
before the first word. Given only the clip's own it repeats itself: silence draws half to three quarters of
its attention (some positions as "sinks", Xiao et al. 2023, arXiv:2309.17453; all of them together as the
sign that nothing more is said). So there must be silence, but not all of it: taken evenly from where the clip
ends to the end of the 30 s, two thirds of it do as well. Its end alone does not (word errors of 25 % at 750
positions). `docs/decisions/0006-recognition.md` has the measurements.
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
        self._lock = threading.Lock()
        self._all: Encoded | None = None

    def brief(self, own: int) -> Encoded:
        """What is enough behind `own` positions of a clip: silence, thinned."""
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
                self._all = _read(self._path) if self._path is not None else None
            if self._all is None:
                self._all = self._encode()
                self._keep(self._all)
            return self._all

    def _keep(self, whole: Encoded) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError):  # a full or read-only disk: encoded anew after the next start
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".part", delete=False) as file:
                np.save(file, whole.astype(np.float16))
            Path(file.name).replace(self._path)


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


def _read(path: Path) -> Encoded | None:
    """What was kept, or None when there is nothing at `path` or not all of it."""
    try:
        with path.open("rb") as file:
            found = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if found.dtype != np.float16 or found.ndim != 3 or len(found) != 1:
        return None
    if found.shape[1] != POSITIONS or not np.isfinite(found).all():
        return None
    return found.astype(np.float32)
