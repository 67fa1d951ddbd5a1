"""Watches a conversation and tells when it is busy with somebody: music is turned down for so long.

Busy begins with the wake word, with speech that was heard as addressed, or with an answer; it ends when
nobody is listened to, nothing is thought about and nothing is said. If that is never told, since something
failed in between, it ends by itself.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.dialogue.mouth import Saying
from speech.hearing import Ended, Event, GaveUp, SpeechStarted, Woke

if TYPE_CHECKING:
    from assistant.report import TurnReport
    from assistant.turn import Observer
    from speech.recognition.engine import Transcript

LONGEST_S = 40.0
"""No turn is silent for longer: an utterance lasts 15 s, a language model thinks for 20."""


class Attention:
    """An observer before another. `busy` is called with True when it begins and False when it ends."""

    def __init__(
        self, observer: "Observer", busy: Callable[[bool], None], longest_s: float = LONGEST_S
    ) -> None:
        self._observer = observer
        self._busy = busy
        self._longest_s = longest_s
        self._listens = False
        self._turns: set[str] = set()
        self._says = False
        self._told = False
        self._patience: asyncio.TimerHandle | None = None

    def heard(self, event: Event) -> None:
        """Something happened in the sound."""
        match event:
            case Woke() | SpeechStarted():
                self._listens = True
            case GaveUp():
                self._listens = False
            case Ended(utterance=utterance):
                self._listens = False
                self._turns.add(utterance.turn_id)
        self._settle()
        self._observer.heard(event)

    def partial(self, transcript: "Transcript") -> None:
        """Hand the words so far on."""
        self._observer.partial(transcript)

    def report(self, report: "TurnReport") -> None:
        """A turn has ended."""
        self._turns.discard(report.turn_id)
        self._settle()
        self._observer.report(report)

    def saying(self, saying: Saying) -> None:
        """The mouth began, paused or ended."""
        self._says = saying is not Saying.SILENT
        self._settle()

    def forget(self) -> None:
        """Nothing that was begun will be heard of again."""
        self._listens = False
        self._turns.clear()
        self._settle()

    def _settle(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if self._listens or self._turns:
            self._patience = asyncio.get_running_loop().call_later(self._longest_s, self.forget)
        busy = self._listens or bool(self._turns) or self._says
        if busy != self._told:
            self._told = busy
            self._busy(busy)
