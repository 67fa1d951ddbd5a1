"""The plan: what a transcript was understood to mean."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.understanding.frames.frame import Explanation
from assistant.understanding.when import When


class Tier(StrEnum):
    """Who made the plan. The words are the stable ones in `--json`."""

    FAST = "fast"  # sentence templates over the home's own names
    FRAMES = "frames"  # what a person wants of things, however it is put
    LEARNED = "learned"  # a sentence embedding and a classifier, where the templates and frames end
    LANGUAGE_MODEL = "language_model"
    NONE = "none"  # nobody understood, or there was nothing to understand


@dataclass(frozen=True, slots=True)
class Call:
    """One validated tool call; with `when` it is kept for later (`assistant/later.py`)."""

    skill: str
    tool: str
    arguments: Mapping[str, Any]
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do and what to say. Exactly one of `calls`, `talk` and `failure` carries the turn.

    `talk` is the language model's free answer, clause by clause, while it is still being written.
    `failure` is a code of `assistant.failures`. `why` explains the plan to a person who asks, `explanation`
    in more detail, where the tier has any.
    """

    turn_id: str
    tier: Tier
    language: str
    calls: tuple[Call, ...] = ()
    talk: AsyncGenerator[str, None] | None = None
    failure: str | None = None
    failure_values: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    explanation: Explanation | None = None
