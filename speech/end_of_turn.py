"""When has somebody finished? A pure decision; whoever knows the clock and the sound asks it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Wholeness(StrEnum):
    """What understanding says of a partial transcript."""

    WHOLE = "whole"  # an order that says everything
    OPEN = "open"  # breaks off: "turn on the"
    UNKNOWN = "unknown"  # nothing known, or nothing recognised yet


class Completeness(Protocol):
    """What speech must know of understanding; `assistant` hands it in."""

    def __call__(self, text: str, language: str) -> Wholeness:
        """Tell whether the words so far make a whole order. Must take a few milliseconds at most."""
        ...


@dataclass(frozen=True, slots=True)
class EndOfTurnSettings:
    """How much silence ends a turn, in milliseconds, by what was said so far."""

    whole_ms: int = 250
    unknown_ms: int = 600
    open_ms: int = 1_100
    longest_s: float = 25.0


def ended(silence_ms: float, speech_s: float, wholeness: Wholeness, settings: EndOfTurnSettings) -> bool:
    """Tell whether the turn ends after `silence_ms` of quiet behind `speech_s` of speech."""
    if speech_s >= settings.longest_s:
        return True
    wait_ms = {
        Wholeness.WHOLE: settings.whole_ms,
        Wholeness.UNKNOWN: settings.unknown_ms,
        Wholeness.OPEN: settings.open_ms,
    }[wholeness]
    return silence_ms >= wait_ms
