"""Makes records of what happens: of each turn that ends, and of each order that no turn answers for.

The second sort is what was ordered for later and is done now, what a skill does by itself, and what had left
for a device when its turn was broken off: nothing is done that the record does not tell.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.report import TurnReport
from assistant.serve.watch import Seen, Where
from assistant.store.conversations import Conversations
from assistant.store.record import Record, record_of
from assistant.understanding.plan import Tier
from devices.commands import Outcome
from devices.policy import Authority

LATER, ANNOUNCED = "later ", "announced "
"""What the id of an order begins with that belongs to no turn."""
WHY = {LATER: "it was ordered before, for this moment", ANNOUNCED: "a skill did it by itself"}
BROKEN_OFF = "its turn was broken off after the order had left"
TURN_ENDS_S = 120.0


@dataclass(frozen=True, slots=True)
class _Done:
    at_s: float
    by: Authority
    outcomes: tuple[Outcome, ...]


class Recorder:
    """Hand `saw` to the daemon's watch and `carried_out` to the outbox; `close` records what is left."""

    def __init__(self, kept: Conversations, now: Callable[[], float] = time.time) -> None:
        self._kept = kept
        self._now = now
        self._open: dict[str, _Done] = {}

    def saw(self, where: Where, seen: Seen) -> None:
        """Record a turn that ended, unless nothing was said in it."""
        if isinstance(seen, TurnReport):
            self._open.pop(seen.turn_id, None)
            if seen.heard or seen.outcomes or seen.reply:
                self._kept.note(record_of(seen, where.name, where.room, where.satellite, self._now()))

    def carried_out(self, turn_id: str, by: Authority, outcomes: Sequence[Outcome]) -> None:
        """Take down what came of an order."""
        known = next((start for start in WHY if turn_id.startswith(start)), None)
        if known is not None:
            self._kept.note(self._record(turn_id, _Done(self._now(), by, tuple(outcomes)), WHY[known]))
            return
        before = self._open.pop(turn_id, None)
        all_of_it = (*(before.outcomes if before else ()), *outcomes)
        self._open[turn_id] = _Done(self._now(), by, all_of_it)
        self._give_up(self._now() - TURN_ENDS_S)

    def close(self) -> None:
        """Record what no turn will answer for any more."""
        self._give_up(float("inf"))

    def _give_up(self, before_s: float) -> None:
        for turn_id, done in list(self._open.items()):
            if done.at_s < before_s:
                del self._open[turn_id]
                self._kept.note(self._record(turn_id, done, BROKEN_OFF))

    @staticmethod
    def _record(turn_id: str, done: _Done, why: str) -> Record:
        failure = next((each.result.value for each in done.outcomes if not each.result.good), None)
        report = TurnReport(
            turn_id, "", "", Tier.NONE, outcomes=done.outcomes, failure=failure, why=why, by=done.by
        )
        return record_of(report, "", None, None, done.at_s)
