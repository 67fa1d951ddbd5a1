"""What a recogniser is: one loaded model, and a session for each utterance."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from speech.audio import Samples


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard. `language` is an ISO 639-1 code.

    `log_probability` is the mean over the tokens (0 is certain); `no_speech` the chance, 0 to 1, that there
    was no speech at all; `suspect` is true when the engine's own guards found the text unlikely.
    `alternatives` are other texts that it may have been, likeliest first, none twice: only when asked for.
    """

    text: str
    language: str
    log_probability: float = 0.0
    no_speech: float = 0.0
    suspect: bool = False
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an engine can do, told by its own file. `alternatives`: it has other texts when asked for them."""

    languages: frozenset[str]
    device: str
    alternatives: bool = False


class RecognitionError(Exception):
    """The engine could not be loaded or failed; the message is one line for a person."""


class Recogniser(Protocol):
    """A loaded model, shared by all sessions; `transcribe` is thread-safe and blocks while it works."""

    abilities: Abilities

    def transcribe(
        self, samples: Samples, *, language: str | None = None, alternatives: int = 0, prompt: str = ""
    ) -> Transcript:
        """Recognise up to 30 s of 16 kHz mono sound; `language` None means: find out which.

        `alternatives` is how many other texts are wanted. They cost time, and an engine may have none.
        `prompt` stands for what was said before; an engine may not know what to do with it.
        """
        ...

    def close(self) -> None:
        """Give the memory back."""
        ...


class Sentences(Protocol):
    """What may have been said: phrases, and which may follow which. The states are the maker's own."""

    @property
    def phrases(self) -> Sequence[str]:
        """All phrases as they are written ("double shot"), each once."""
        ...

    @property
    def start(self) -> Hashable:
        """The state before the first phrase."""
        ...

    def after(self, state: Hashable, phrase: int) -> Hashable | None:
        """Return the state behind one more phrase; None when it cannot follow."""
        ...

    def whole(self, state: Hashable) -> bool:
        """Whether a sentence may end here."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence that the sound may be. `log_probability` is that of all its tokens together, so that two
    readings of one sound can be compared, and only those.
    """

    text: str
    log_probability: float


@dataclass(frozen=True, slots=True)
class Look:
    """What a second look found: the sentences, likeliest first, and what was `heard` at first, told alike."""

    heard: Reading
    readings: tuple[Reading, ...]


class SecondLook(Protocol):
    """Recognises once more, and only what may have been said. Thread-safe; blocks while it works."""

    def look(self, samples: Samples, heard: Transcript, sentences: Sentences) -> Look:
        """Return the likeliest of these sentences, and how likely the first transcript is beside them.

        Raises `RecognitionError`.
        """
        ...
