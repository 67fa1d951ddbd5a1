"""When has somebody finished? A pure decision; whoever knows the clock and the sound asks it.

The words go first: a whole order ends soon, one that breaks off is given time. Where the words tell nothing,
the sound is the tie-breaker (`TurnJudge`), if there is somebody to ask.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from speech.audio import Samples


class Wholeness(StrEnum):
    """What understanding says of a partial transcript."""

    WHOLE = "whole"  # an order that says everything
    OPEN = "open"  # breaks off: "turn on the"
    UNKNOWN = "unknown"  # the words do not tell
    UNHEARD = "unheard"  # they are not recognised yet, or nobody looks at them


class Completeness(Protocol):
    """What speech must know of understanding; `assistant` hands it in."""

    def __call__(self, text: str, language: str) -> Wholeness:
        """Tell whether the words so far make a whole order: never `UNHEARD`. Must take a few milliseconds."""
        ...


class TurnJudge(Protocol):
    """Judges by the sound whether somebody has finished; an engine of `speech.detection`."""

    def __call__(self, samples: Samples) -> float:
        """Return the chance, 0 to 1, that nothing more will be said. Blocks for tens of milliseconds.

        `samples` are the utterance so far at 16 kHz and the quiet behind it.
        """
        ...


@dataclass(frozen=True, slots=True)
class EndOfTurnSettings:
    """How much silence ends a turn, in milliseconds, by what was said so far.

    Where words are looked at, `unheard_ms` may well be as long as `open_ms`: before they are there the turn
    cannot be answered anyway.

    With `ask_ms` a `TurnJudge` is asked after so much silence, once a pause, where the words tell nothing;
    None where there is nobody to ask. Above a chance of `finished_above` it takes `finished_ms` instead of
    `unknown_ms`, else `unfinished_ms`.
    """

    whole_ms: int = 250
    unknown_ms: int = 600
    open_ms: int = 1_100
    longest_s: float = 25.0
    unheard_ms: int = 600
    ask_ms: int | None = None
    finished_ms: int = 330
    unfinished_ms: int = 900
    finished_above: float = 0.5


def ended(
    silence_ms: float,
    speech_s: float,
    wholeness: Wholeness,
    settings: EndOfTurnSettings,
    finished: float | None = None,
) -> bool:
    """Tell whether the turn ends after `silence_ms` of quiet behind `speech_s` of speech.

    `finished` is what a `TurnJudge` said of this pause, None when nobody was asked.
    """
    return speech_s >= settings.longest_s or silence_ms >= wait_ms(wholeness, settings, finished)


def wait_ms(wholeness: Wholeness, settings: EndOfTurnSettings, finished: float | None = None) -> int:
    """Return how much silence ends the turn."""
    match wholeness:
        case Wholeness.WHOLE:
            return settings.whole_ms
        case Wholeness.OPEN:
            return settings.open_ms
        case Wholeness.UNHEARD:
            return settings.unheard_ms
        case Wholeness.UNKNOWN if finished is None:
            return settings.unknown_ms
        case Wholeness.UNKNOWN:
            return settings.finished_ms if finished > settings.finished_above else settings.unfinished_ms
