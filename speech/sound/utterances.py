"""A recording of any length as the stretches in which somebody speaks."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.detection.silero import SileroActivity
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Ear, EarSettings, Ended
from speech.sound.file import decode

_LONGEST_S = 25.0
_TAIL_S = 1.0
_PIECE = RATE_HZ // 50


def utterances_of(path: Path) -> Iterator[tuple[int, Samples]]:
    """Yield each stretch with the sample at which it begins; none is longer than 25 s.

    The recording is never held as a whole. Raises `SoundError`.
    """
    ear = Ear(SileroActivity(), None, EarSettings(addressed=True), EndOfTurnSettings(longest_s=_LONGEST_S))
    for chunk in _chunks(path):
        for event in ear.hear(chunk):
            if isinstance(event, Ended):
                yield event.utterance.start_sample, event.utterance.samples


def _chunks(path: Path) -> Iterator[AudioChunk]:
    """The recording in pieces of 20 ms, and quiet behind it, so that the last words end too."""
    position = 0
    for samples in chain(decode(path), [np.zeros(int(_TAIL_S * RATE_HZ), np.int16)]):
        for start in range(0, len(samples), _PIECE):
            piece = samples[start : start + _PIECE]
            position += len(piece)
            yield AudioChunk(str(path), position - len(piece), piece, position / RATE_HZ)
