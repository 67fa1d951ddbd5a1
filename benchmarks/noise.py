"""Kitchen noise behind clips: at a level, and always the same piece behind the same clip.

SNR is, as in Picovoice/speech-to-intent-benchmark, the ratio of the energies of the loudest 2,048 samples of
the speech and of the noise's piece, and the sum is scaled to half of full scale. The piece is picked by the
clip's name, so that all levels of a clip have the same.
"""

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.recordings import load, recordings

if TYPE_CHECKING:
    from speech.audio import Samples

LOUDEST_FRAME = 2048  # samples, 128 ms

Sound = npt.NDArray[np.float64]


def kitchen() -> Sound | None:
    """The recording of a kitchen, -1 to 1; None where it is not there."""
    found = next((each for each in recordings("noise") if each.path.stem == "kitchen"), None)
    return _as_float(load(found)) if found is not None else None


def mixed(samples: "Samples", noise: Sound, level_db: int, name: str) -> "Samples":
    """The clip with a piece of the noise, at the SNR that the module's docstring defines."""
    speech = _as_float(samples)
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[8:16], "big") % (len(noise) - len(speech))
    piece = noise[start : start + len(speech)]
    both = speech + piece * np.sqrt(_loudest(speech) / (_loudest(piece) * 10 ** (level_db / 10)))
    both /= 2 * np.abs(both).max()
    result: Samples = np.round(both * 32_767).astype(np.int16)
    return result


def _loudest(sound: Sound) -> float:
    frames = sound[: len(sound) // LOUDEST_FRAME * LOUDEST_FRAME].reshape(-1, LOUDEST_FRAME)
    return float(np.square(frames).sum(axis=1).max())


def _as_float(samples: "Samples") -> Sound:
    return samples.astype(np.float64) / 32_768
