"""What a clause comes to: an action, the things, and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from devices.home import Ability, Value

if TYPE_CHECKING:
    from skills.times import When


class Wants(StrEnum):
    """What a value that was said is."""

    PERCENT = "percent"
    NUMBER = "number"
    DEGREES = "degrees"
    KELVIN = "kelvin"
    COLOUR = "colour"
    LEVEL = "level"
    WORD = "word"  # a mode or preset
    ARMED = "armed"


@dataclass(frozen=True, slots=True)
class Said:
    """A value as it was said: a number, or words that may each be meant."""

    wants: Wants
    number: float = 0.0
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done. `verbs` are those that the words may mean, `dims` the dimensions that were named,
    `sign` the direction; `by` how far, None where nobody said.
    """

    verbs: frozenset[str] = frozenset()
    said: Said | None = None
    dims: frozenset[str] = frozenset()
    sign: int = 0
    by: float | None = None
    by_unit: str = ""
    small: bool = False
    large: bool = False
    firm: bool = True
    """Whether the verb is one, and not a mere "on"."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing's part in it: an ability brought to a value, or by so much from where it is."""

    ability: Ability
    value: Value | None = None
    by: float | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Things that take the same step."""

    things: tuple[str, ...]
    step: Step


class Fault(StrEnum):
    """Why a frame is no order."""

    UNKNOWN_DEVICE = "unknown_device"
    CANNOT = "cannot"
    WHICH = "which"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands against it: `names` are the candidates, or the words that name nothing; `words` are those
    that may mean any of the candidates.
    """

    fault: Fault
    names: tuple[str, ...]
    things: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """One clause, understood."""

    actions: tuple[Action, ...]
    orders: tuple[Order, ...] = ()
    targets: tuple[str, ...] = ()
    when: "When | None" = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A candidate that was not meant, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plan is what it is: who made it, what each piece of the sentence was taken for, what lost."""

    tier: str
    spans: tuple[tuple[str, str], ...] = ()
    lost: tuple[Lost, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """Return it as one line."""
        spans = ", ".join(f"'{words}' is {what}" for words, what in self.spans)
        lost = "".join(f"; not {each.what}: {each.why}" for each in self.lost)
        return f"{self.tier}: {spans}{lost}"
