"""Sound brought into other pieces and to other rates, as it streams."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from speech.audio import Samples


def recut(pieces: Iterator[Samples], length: int) -> Iterator[Samples]:
    """Yield the same sound in pieces of `length` samples; the last one may be shorter."""
    rest = np.zeros(0, dtype=np.int16)
    for piece in pieces:
        rest = np.concatenate([rest, piece])
        whole = len(rest) // length * length
        yield from rest[:whole].reshape(-1, length)
        rest = rest[whole:]
    if len(rest):
        yield rest


class RateConverter:
    """Brings one stream of sound to another rate as it comes, without seams where pieces join."""

    def __init__(self, to_hz: int) -> None:
        self._to_hz = to_hz
        self._from_hz = to_hz
        self._stream: Any = None

    def convert(self, samples: Samples, from_hz: int) -> Samples:
        """The next piece. The converter holds some milliseconds back until more comes."""
        before = self.flush() if from_hz != self._from_hz else samples[:0]
        self._from_hz = from_hz
        if from_hz == self._to_hz:
            return np.concatenate([before, samples])
        if self._stream is None:
            import soxr

            self._stream = soxr.ResampleStream(from_hz, self._to_hz, 1, dtype="int16", quality="HQ")
        return np.concatenate([before, self._stream.resample_chunk(samples)])

    def flush(self) -> Samples:
        """What was held back; the next piece begins anew."""
        stream, self._stream = self._stream, None
        rest = np.zeros(0, dtype=np.int16)
        return rest if stream is None else stream.resample_chunk(rest, last=True)
