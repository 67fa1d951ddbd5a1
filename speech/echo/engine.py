"""What an echo canceller is: shown what was played and what was heard, it tells what else there was."""

from dataclasses import dataclass
from typing import Protocol

from speech.audio import Samples

FRAME = 320
"""20 ms: pieces are whole numbers of frames."""


class EchoError(Exception):
    """There is no canceller; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One piece without the echo, twice: as it is recognised, and as the detectors are shown it.

    What makes a detector sure that nobody else speaks may spoil the words of who does.
    """

    samples: Samples
    detection: Samples


class EchoCanceller(Protocol):
    """One stream's canceller. It learns the room while something is played."""

    def clean(self, near: Samples, far: Samples) -> Cleaned:
        """Take the echo of `far` out of `near`: pieces of the same time and length, a multiple of `FRAME`."""
        ...

    def reset(self) -> None:
        """Forget the room, after a gap in the stream."""
        ...
