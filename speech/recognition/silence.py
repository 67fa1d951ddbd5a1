"""What stands behind a clip where Whisper's decoder expects the rest of its 30 s.

The decoder looks at 1,500 positions and projects each of them into every layer: on two cores 0.1 s before
the first word. Most of what it finds in the silent ones lies in few: with base, 100 of 1,240 silent positions
draw 91 % of the attention that silence gets ("attention sinks", Xiao et al. 2023, arXiv:2309.17453), but the
end-of-text token is voted for by heads that look at the many others. So the silence may be thinned, not cut:
every n-th position keeps both kinds (`docs/recognition.md` has the measurements).
"""

import contextlib
import hashlib
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

POSITIONS = 1_500  # 30 s at 50 a second
_SAMPLED = 16  # places of the weights that name them
_SAMPLE_BYTES = 1 << 16

Encoded = npt.NDArray[np.float32]
"""The encoder's output, shape (1, positions, width)."""


class Silence:
    """One model's encoding of 30 s of silence, made when it is first needed. Thread-safe.

    `encode` makes it (about a second on two cores); `path` keeps it for the next start, None does not. A file
    that is damaged, or that cannot be written, costs that second and nothing else.
    """

    def __init__(self, encode: Callable[[], Encoded], path: Path | None = None) -> None:
        self._encode = encode
        self._path = path
        self._lock = threading.Lock()
        self._whole: Encoded | None = None

    def behind(self, own: int, total: int = POSITIONS) -> Encoded:
        """What follows `own` positions of a clip so that there are `total`: evenly thinned, its end kept."""
        wanted = max(0, min(total, POSITIONS) - own)
        # A clip shorter than 30 s has room for it: the places are those at which silence really would be.
        return self._all()[:, np.linspace(own, POSITIONS - 1, wanted).round().astype(int)]

    def _all(self) -> Encoded:
        with self._lock:
            if self._whole is None:
                self._whole = self._read()
            if self._whole is None:
                self._whole = self._encode()
                self._write(self._whole)
            return self._whole

    def _read(self) -> Encoded | None:
        if self._path is None:
            return None
        try:
            found = np.load(self._path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        good = found.ndim == 3 and found.shape[:2] == (1, POSITIONS) and found.dtype == np.float16
        return found.astype(np.float32) if good and bool(np.isfinite(found).all()) else None

    def _write(self, whole: Encoded) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError):  # a full or read-only disk: made anew at the next start
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".part", delete=False) as file:
                np.save(file, whole.astype(np.float16))
            Path(file.name).replace(self._path)


def kept_at(cache: Path | None, weights: Path, compute_type: str) -> Path | None:
    """Where the silence of these weights is kept below `cache`: other weights or precision, another file.

    64 KiB at each of 16 places stand for the whole: training moves every weight.
    Raises OSError when the weights cannot be read.
    """
    if cache is None:
        return None
    size = os.stat(weights).st_size
    digest = hashlib.sha256(f"1 {size} {compute_type}".encode())
    with weights.open("rb") as file:
        for place in range(_SAMPLED):
            file.seek(max(0, size - _SAMPLE_BYTES) * place // (_SAMPLED - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return cache / f"silence-{digest.hexdigest()[:32]}.npy"
