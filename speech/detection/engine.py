"""What listens all the time. Both are cheap, keep state over a stream, and are made anew for each stream."""

from typing import Protocol

from speech.audio import Samples


class WakeWordDetector(Protocol):
    """Finds one of its words in a stream of 16 kHz sound."""

    words: tuple[str, ...]

    def detect(self, samples: Samples) -> str | None:
        """Take the next piece, of any length; return the word that ended within it, else None."""
        ...

    def reset(self) -> None:
        """Forget what was heard, after a detection or a gap in the stream."""
        ...


class VoiceActivityDetector(Protocol):
    """Tells how likely it is that somebody speaks."""

    block_samples: int

    def probability(self, block: Samples) -> float:
        """Return the chance, 0 to 1, that this block of exactly `block_samples` holds speech."""
        ...

    def reset(self) -> None:
        """Forget the stream so far."""
        ...
