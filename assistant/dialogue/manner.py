"""How it answers: aloud or by a chime, and how loudly at which time of day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

import numpy as np

from assistant.dialogue.mouth import Speaks
from assistant.report import TurnReport
from speech.audio import Samples

CHIME = "♪"
"""What is said instead of "done"."""

_RATE_HZ = 16_000
_NOTES_HZ = (784.0, 1047.0)  # G and the C above
_NOTE_S = 0.09
_LEVEL = 0.25


@dataclass(frozen=True, slots=True)
class Manner:
    """With `chimes` an order that was carried out is answered by a chime. In the `quiet` hours, from and to,
    we are at most `quiet_percent` loud.
    """

    chimes: bool = False
    quiet: tuple[time, time] | None = None
    quiet_percent: int = 30

    def is_quiet(self, now: datetime) -> bool:
        """Whether these are quiet hours; they may go over midnight."""
        if self.quiet is None:
            return False
        start, end = self.quiet
        at = now.time()
        return start <= at < end if start <= end else at >= start or at < end

    def spoken(self, report: TurnReport) -> str:
        """What is said of a turn. What was told, asked, or went wrong is always said in words."""
        carried_out = bool(report.outcomes) and all(each.result.good for each in report.outcomes)
        told = [call for call in report.calls if call.when is not None]
        if not self.chimes or not carried_out or report.failure is not None or told:
            return report.reply
        return report.reply if report.reply.rstrip().endswith(("?", "？")) else CHIME


class Chiming:
    """A voice that can chime too."""

    def __init__(self, voices: Speaks) -> None:
        self._voices = voices

    def speak(self, clause: str, language: str) -> Iterator[tuple[Samples, int]]:
        """Yield the clause's sound, or the chime's. Raises `SynthesisError`."""
        if clause.strip() == CHIME:
            yield chime(), _RATE_HZ
        else:
            yield from self._voices.speak(clause, language)


def chime() -> Samples:
    """Two notes that fade, mono at 16 kHz."""
    steps = np.arange(int(_NOTE_S * _RATE_HZ)) / _RATE_HZ
    fade = np.exp(-steps / (_NOTE_S / 3)) * np.minimum(1.0, steps / 0.004)
    notes = [np.sin(2 * np.pi * hz * steps) * fade for hz in _NOTES_HZ]
    return (np.concatenate([*notes, np.zeros(_RATE_HZ // 20)]) * _LEVEL * 32767).astype(np.int16)


def hours(text: str) -> tuple[time, time]:
    """Read "22:00-07:00". Raises ValueError."""
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash:
        raise ValueError('should look like "22:00-07:00"')
    try:
        found = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise ValueError(f'should look like "22:00-07:00", not "{text[:40]}"') from None
    if found[0] == found[1]:
        raise ValueError("quiet hours that begin when they end are none")
    return found
