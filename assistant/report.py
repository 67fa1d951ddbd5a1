"""What a turn was: the object that `sotto listen --json` and `sotto ask --json` print.

The keys are stable: they may be joined by others, but neither vanish nor change their meaning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.failures import Failure
from assistant.understanding.plan import Call, Tier
from devices.commands import Outcome
from devices.policy import UNKNOWN, Authority
from speech.hearing import Event
from speech.recognition.engine import Transcript

A_PIN = "(a PIN)"
"""What stands for the words of a turn in which a PIN was said."""


@dataclass(frozen=True, slots=True)
class TurnReport:
    """One turn, ended."""

    turn_id: str
    heard: str
    language: str
    tier: Tier
    calls: Sequence[Call] = ()
    outcomes: Sequence[Outcome] = ()
    reply: str = ""
    failure: str | None = None
    interrupted: bool = False
    why: str = ""
    timing_ms: Mapping[str, float | None] = field(default_factory=dict)
    by: Authority = UNKNOWN
    """On whose word; it is no part of the printed object."""

    def as_json(self, **source: str) -> dict[str, Any]:
        """Return the documented object; `source` is `file=` or `text=`, which it begins with."""
        if self.heard == A_PIN and "text" in source:
            source["text"] = A_PIN
        return {
            **source,
            "heard": self.heard,
            "language": self.language,
            "tier": self.tier.value,
            "calls": [
                {"skill": call.skill, "tool": call.tool, "arguments": dict(call.arguments)}
                for call in self.calls
            ],
            "commands": [
                {"via": sent.via, "topic": sent.topic, "payload": sent.payload, "qos": sent.qos}
                for outcome in self.outcomes
                for sent in outcome.sent
            ],
            "outcomes": [
                {"name": outcome.name, "result": outcome.result.value, "detail": outcome.detail}
                for outcome in self.outcomes
            ],
            "reply": self.reply,
            "failure": self.failure,
            "interrupted": self.interrupted,
            "timing_ms": dict(self.timing_ms),
        }


class Observer(Protocol):
    """Whoever wants to watch: logs, the demo, later the page."""

    def heard(self, event: Event) -> None:
        """Something happened in the sound."""
        ...

    def partial(self, transcript: Transcript) -> None:
        """The words so far; they may still change."""
        ...

    def report(self, report: TurnReport) -> None:
        """A turn has ended."""
        ...


def nothing_said(turn_id: str, failure: Failure, reply: str = "") -> TurnReport:
    """Return the report of a turn in which nothing was understood to be said."""
    return TurnReport(turn_id, "", "en", Tier.NONE, failure=failure, reply=reply)


def no_more(turn_id: str, heard: str, language: str, why: str) -> TurnReport:
    """Return the report of words that ask for nothing more."""
    return TurnReport(turn_id, heard, language, Tier.FAST, why=why)
