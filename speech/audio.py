"""The sound that flows through the house: chunks of 16 kHz mono, and the utterance cut out of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
"""The one rate inside the house; the rim (files, microphones, satellites) converts to it."""

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of one stream: 10 to 80 ms of mono sound at `RATE_HZ`.

    `start_sample` counts from the stream's beginning, so that a place in the sound has one name however it
    was chunked. `arrived_s` is the moment, on the stream's `Clock`, when the chunk's last sample was there.
    `detection` is the same piece as wake word and voice activity are shown it, where that is another sound.
    """

    stream_id: str
    start_sample: int
    samples: Samples
    arrived_s: float
    detection: Samples | None = None

    def __post_init__(self) -> None:
        if self.samples.dtype != np.int16 or self.samples.ndim != 1:
            raise ValueError(f"a chunk holds mono int16, not {self.samples.dtype} x {self.samples.ndim} axes")
        if self.start_sample < 0:
            raise ValueError("a stream has no samples before its first")
        if self.detection is not None and len(self.detection) != len(self.samples):
            raise ValueError("what the detectors are shown is as long as the sound itself")

    @property
    def end_sample(self) -> int:
        """One past the last sample."""
        return self.start_sample + len(self.samples)


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one person said in one go, silence at both ends trimmed to a little margin.

    `speech_end_s` is when the last voiced sample arrived and `endpoint_s` when it was decided that the turn
    had ended, both on the stream's clock.
    """

    turn_id: str
    stream_id: str
    start_sample: int
    samples: Samples
    speech_end_s: float
    endpoint_s: float

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / RATE_HZ

    @property
    def span_s(self) -> tuple[float, float]:
        """Where it lies in its stream, in seconds: where its sound begins, up to half a second before the
        voice, and where it was decided that the turn had ended.
        """
        began_s = self.start_sample / RATE_HZ
        return began_s, began_s + self.seconds + self.endpoint_s - self.speech_end_s


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of the assistant's voice: mono int16 at the voice's own rate.

    `last_of_clause` marks where playing may be interrupted most politely.
    """

    turn_id: str
    samples: Samples
    rate_hz: int
    last_of_clause: bool = False

    def __post_init__(self) -> None:
        if self.samples.dtype != np.int16 or self.samples.ndim != 1:
            raise ValueError(f"speech is mono int16, not {self.samples.dtype} x {self.samples.ndim} axes")
        if not 8_000 <= self.rate_hz <= 192_000:
            raise ValueError(f"no voice speaks at {self.rate_hz} Hz")
