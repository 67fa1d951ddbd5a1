"""What a conversation remembers of its last orders: what was wanted, and of which things.

How the things were before, the outbox's log of orders knows (`devices/undo.py`).
"""

from dataclasses import dataclass, replace

from assistant.understanding.frames.frame import Action
from assistant.understanding.plan import Call
from skills.times import When

REMEMBERED_S = 120.0
MOST_TURNS = 4


@dataclass(frozen=True, slots=True)
class Remembered:
    """One order or question about things. `acted` is false for a question.

    `group` are the things of the orders before that were alike, with these.
    """

    actions: tuple[Action, ...]
    things: tuple[str, ...]
    at_s: float
    acted: bool = True
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """An order that waits for a word: which of these things is meant by `words`, or to what they are set."""

    actions: tuple[Action, ...]
    things: tuple[str, ...]
    at_s: float
    when: When | None = None
    words: str = ""
    lacks_value: bool = False


class Memory:
    """The last turns of one conversation, for two minutes."""

    def __init__(self) -> None:
        self._turns: list[Remembered] = []
        self.pending: Pending | None = None
        self._service: tuple[Call, float] | None = None
        self.persona = ""
        """What the language model is told of itself in this conversation; empty: as configured."""

    @property
    def turns(self) -> tuple[Remembered, ...]:
        """The last turns, oldest first."""
        return tuple(self._turns)

    @property
    def latest_service(self) -> tuple[Call, float] | None:
        """The last call about no thing, and when it was made."""
        return self._service

    def note(self, remembered: Remembered) -> None:
        """Remember what was wanted."""
        before = self._turns[-1] if self._turns else None
        if before is not None and before.actions == remembered.actions and before.acted and remembered.acted:
            together = (*(before.group or before.things), *remembered.things)
            remembered = replace(remembered, group=tuple(dict.fromkeys(together)))
        self._turns = [*self._turns[-MOST_TURNS + 1 :], remembered]
        self.pending = None
        self._service = None

    def note_service(self, call: Call, at_s: float) -> None:
        """Remember a call that was about no thing: a timer, a list, the weather."""
        self._service = (call, at_s)
        self.pending = None

    def service(self, now_s: float) -> Call | None:
        """Return that call, if it was the last."""
        return self._service[0] if self._service and now_s - self._service[1] <= REMEMBERED_S else None

    def ask(self, pending: Pending) -> None:
        """Remember what was asked back."""
        self.pending = pending

    def last(self, now_s: float) -> Remembered | None:
        """Return the last one, if it is not too long ago."""
        if not self._turns or now_s - self._turns[-1].at_s > REMEMBERED_S:
            return None
        return self._turns[-1]

    def last_order(self, now_s: float) -> Remembered | None:
        """Return the last one that did something."""
        return next(
            (each for each in reversed(self._turns) if each.acted and now_s - each.at_s <= REMEMBERED_S), None
        )

    def waiting(self, now_s: float) -> Pending | None:
        """Return what waits for an answer, and wait no longer."""
        pending, self.pending = self.pending, None
        return pending if pending is not None and now_s - pending.at_s <= REMEMBERED_S else None

    def copy(self) -> "Memory":
        """Return one that remembers the same, and may be thrown away."""
        other = Memory()
        other.take(self)
        return other

    def take(self, other: "Memory") -> None:
        """Remember what another one does."""
        self._turns, self.pending, self._service = list(other.turns), other.pending, other.latest_service
        self.persona = other.persona

    def forget(self) -> None:
        """Forget everything."""
        self._turns.clear()
        self.pending, self._service = None, None
