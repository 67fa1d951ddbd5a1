"""What stands behind a clip where Whisper's decoder expects the rest of its 30 s.

The decoder was trained on 1,500 positions and projects each of them into every layer, on two cores 0.1 s before
the first word. Given only the clip's own it repeats itself: silence draws half to three quarters of its
attention (some positions as "sinks", Xiao et al. 2023, arXiv:2309.17453; all of them together as the sign
that nothing more is said). So there must be silence, but it need not be long: `summaries/` holds, for the
weights that we know, 96 positions that were fitted so that the decoder says behind them what it says behind
the real silence (`benchmarks/distil_silence.py`). Other weights get their own silence, thinned.
`docs/recognition.md` has the measurements.
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
SUMMARIES = Path(__file__).with_name("summaries")
_THINNED = 750
"""Positions in all, without a summary. At 600 one order in 73 looped, at 500 many."""
_SHORT = 150
"""Own positions (a clip of 2 s and its margin) below which silence is not thinned: "stop" looped in one of four
at 750 and in one of twenty at 900."""
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
        self._summary = _read(SUMMARIES / f"{weights}.npy")

    def brief(self, own: int) -> Encoded:
        """What is cheap behind `own` positions of a clip: the summary, else thinned silence."""
        if self._summary is not None and own + self._summary.shape[1] < POSITIONS:
            return self._summary
        if own < _SHORT:
            return self.whole(own)
        wanted = max(0, _THINNED - own)
        return self._whole()[:, np.linspace(own, POSITIONS - 1, wanted).round().astype(int)]

    def whole(self, own: int) -> Encoded:
        """What would be there in 30 s of sound."""
        return self._whole()[:, own:]

    def _whole(self) -> Encoded:
        with self._lock:
            if self._all is None:
                self._all = _read(self._path, POSITIONS) if self._path is not None else None
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


def _read(path: Path, positions: int | None = None) -> Encoded | None:
    """An encoding in float16, or None when there is none at `path` or not a whole one."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(found, np.ndarray) or found.dtype != np.float16 or found.ndim != 3 or len(found) != 1:
        return None
    if positions not in (None, found.shape[1]) or not np.isfinite(found).all():
        return None
    return found.astype(np.float32)
