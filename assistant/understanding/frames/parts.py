"""What a piece of a sentence holds, before it is known what that comes to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.understanding.frames.frame import Action, Said
from assistant.understanding.frames.numbers import Number
from assistant.understanding.frames.tagging import Span

_NAMING = frozenset({"thing", "part", "kind", "room", "absent"})


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of what is said of the things. `joined` tells that an "and" or a comma is before it.

    `role` is "thing", "part" (of a name), "kind", "room", "reference", "here", "there", "quantity",
    "adjective", "others" or "absent"; `value` are the keys of its tag, joined by commas.
    """

    span: Span
    role: str
    value: str = ""
    joined: bool = False

    @property
    def names(self) -> bool:
        """Whether it names something, and does not merely point."""
        return self.role in _NAMING


@dataclass(slots=True)
class Part:
    """A piece of a sentence between two borders, read."""

    spans: Sequence[Span]
    actions: list[Action] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    exceptions: list[Item] = field(default_factory=list)
    unknown: list[Span] = field(default_factory=list)
    carried: bool = False  # "put", "set": there is a verb
    repeat: bool = False  # "again"
    more: bool = False  # "more": as the order before
    less: bool = False  # "too much": back from it
    negated: bool = False
    conflict: bool = False
    joint: str = ""  # the border before it: "", "comma", "stop", "join", "correct"
    numbered: bool = False  # a value was said
    late: bool = False  # its exceptions are of the clause before


@dataclass(frozen=True, slots=True)
class Direction:
    """A word such as "brighter": the dimensions that it may be of, up or down, and its place."""

    dims: frozenset[str]
    sign: int
    at: int


@dataclass(slots=True)
class Pieces:
    """What a part says of what is to be done, piece by piece."""

    language: str
    verbs: list[frozenset[str]] = field(default_factory=list)
    firm: bool = False  # a verb is more than a mere "on"
    directions: list[Direction] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    values: list[Said] = field(default_factory=list)
    dims: dict[str, int] = field(default_factory=dict)  # dimension -> where it was named
    small: bool = False
    large: bool = False
    end: str = ""  # from which end a position counts: "open", "closed"
