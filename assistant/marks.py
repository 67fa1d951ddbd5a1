"""One recorder of the moments of a turn, on one clock; JSON, logs and the demo all read from it."""

from enum import StrEnum

from speech.clock import Clock


class Mark(StrEnum):
    """The moments of a turn, in the order in which they are reached."""

    SPEECH_END = "speech_end"  # the last voiced sample was there
    ENDPOINT = "endpoint"  # it was decided that the turn had ended
    TRANSCRIPT = "transcript"  # the final transcript was there
    PLAN = "plan"  # it was decided what to do
    PUBLISHED = "published"  # the last command had left
    CONFIRMED = "confirmed"  # the last device had said that it did it
    FIRST_AUDIO = "first_audio"  # the first sound of the answer was handed to the loudspeaker


STAGES: dict[str, tuple[Mark, Mark]] = {
    "end of turn": (Mark.SPEECH_END, Mark.ENDPOINT),
    "recognition": (Mark.ENDPOINT, Mark.TRANSCRIPT),
    "understanding": (Mark.TRANSCRIPT, Mark.PLAN),
    "acting": (Mark.PLAN, Mark.PUBLISHED),
    "confirmation": (Mark.PUBLISHED, Mark.CONFIRMED),
    "voice": (Mark.PLAN, Mark.FIRST_AUDIO),
}
"""What lies between two moments, by its name: one after the other but for the voice, which does not wait."""


class Marks:
    """The moments of one turn. `origin_s` is what 0 ms means: the start of the stream, or of the text."""

    def __init__(self, clock: Clock, origin_s: float) -> None:
        self._clock = clock
        self._origin_s = origin_s
        self._at_s: dict[Mark, float] = {}

    def set(self, mark: Mark, at_s: float | None = None) -> None:
        """Record a moment, now by default. The first word counts; later ones are ignored."""
        self._at_s.setdefault(mark, self._clock.now() if at_s is None else at_s)

    def now(self) -> float:
        """The moment, on the turn's clock."""
        return self._clock.now()

    def timing_ms(self) -> dict[str, float | None]:
        """Every mark in milliseconds since the origin; None for one that was not reached."""
        return {
            mark.value: round((self._at_s[mark] - self._origin_s) * 1000, 1) if mark in self._at_s else None
            for mark in Mark
        }
