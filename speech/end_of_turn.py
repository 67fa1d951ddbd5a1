"""When has somebody finished? A pure decision; whoever knows the clock and the sound asks it.

It is a small table: what the words are by what the sound is, and the milliseconds of silence that end the
turn.

                     the sound says:   finished   nothing   goes on
    whole: nothing sensible follows         200       200       200
    may go on: often added to               640       650     1,200
    unknown: the words do not tell          640       900     1,200
    open: "turn on the"                   1,200     1,200     1,200
    not recognised yet                     as long as that takes

The sound is judged by a `TurnJudge`, if there is one to ask. Words of which the recogniser itself is not sure
count a line lower: what breaks off is heard badly. Whoever has stopped to think once in this turn does so
again: from the second line on it all takes half as long again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from speech.audio import Samples


class Wholeness(StrEnum):
    """What understanding says of a partial transcript."""

    WHOLE = "whole"  # an order that says everything, and that nothing sensible follows
    MAY_GO_ON = "may go on"  # an order that people often add to: "turn on the lights" … "in the kitchen"
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
class Waits:
    """How much silence ends a turn, in milliseconds, by what the sound of the pause was judged to be."""

    finished_ms: int
    unjudged_ms: int
    unfinished_ms: int

    def by(self, finished: float | None, finished_above: float) -> int:
        """Return the wait for a chance that the person has finished; None where nobody was asked."""
        if finished is None:
            return self.unjudged_ms
        return self.finished_ms if finished > finished_above else self.unfinished_ms


@dataclass(frozen=True, slots=True)
class EndOfTurnSettings:
    """How much silence ends a turn, by what was said so far.

    With `ask_ms` a `TurnJudge` is asked after so much silence, once a pause, where the words do not settle
    it; None where there is nobody to ask.

    `unheard_ms` None waits for the words as long as their recognition takes: there is no answer before.
    A number is for where nobody looks at words.
    """

    whole_ms: int = 200
    may_go_on: Waits = Waits(640, 650, 1_200)
    unknown: Waits = Waits(640, 900, 1_200)
    open_ms: int = 1_200
    longest_s: float = 25.0
    unheard_ms: int | None = 600
    ask_ms: int | None = None
    finished_above: float = 0.98  # smart-turn, synthetic voices: 93 % of the whole ones, 23 % of the halves
    hesitant_ms: int = 300  # whoever paused so long and went on may do so again
    hesitant_factor: float = 1.5


_DOUBTED = {
    Wholeness.WHOLE: Wholeness.MAY_GO_ON,
    Wholeness.MAY_GO_ON: Wholeness.UNKNOWN,
    Wholeness.UNKNOWN: Wholeness.OPEN,
}
_DOUBTFUL = -0.4
"""Mean log-probability of the words under which they are doubted. Whisper base, 42 orders cut at 74 places:
7 % of the whole ones lie below it, and 64 % of the halves."""


def doubting(wholeness: Wholeness, log_probability: float) -> Wholeness:
    """Return what to make of the words when the recogniser's own doubt is taken into account."""
    return _DOUBTED.get(wholeness, wholeness) if log_probability < _DOUBTFUL else wholeness


def worth_asking(wholeness: Wholeness) -> bool:
    """Whether the sound of the pause makes a difference."""
    return wholeness in (Wholeness.MAY_GO_ON, Wholeness.UNKNOWN)


def ended(
    silence_ms: float,
    speech_s: float,
    wholeness: Wholeness,
    settings: EndOfTurnSettings,
    finished: float | None = None,
    *,
    hesitant: bool = False,
) -> bool:
    """Tell whether the turn ends after `silence_ms` of quiet behind `speech_s` of speech.

    `finished` is what a `TurnJudge` said of this pause, None when nobody was asked. `hesitant` tells that
    the person has stopped to think before in this turn.
    """
    if speech_s >= settings.longest_s:
        return True
    wait = wait_ms(wholeness, settings, finished, hesitant=hesitant)
    return wait is not None and silence_ms >= wait


def wait_ms(
    wholeness: Wholeness,
    settings: EndOfTurnSettings,
    finished: float | None = None,
    *,
    hesitant: bool = False,
) -> float | None:
    """Return how much silence ends the turn; None when silence alone does not."""
    wait: int
    match wholeness:
        case Wholeness.WHOLE:
            return settings.whole_ms
        case Wholeness.UNHEARD:
            return settings.unheard_ms
        case Wholeness.OPEN:
            wait = settings.open_ms
        case Wholeness.MAY_GO_ON:
            wait = settings.may_go_on.by(finished, settings.finished_above)
        case Wholeness.UNKNOWN:
            wait = settings.unknown.by(finished, settings.finished_above)
    return wait * settings.hesitant_factor if hesitant else wait
