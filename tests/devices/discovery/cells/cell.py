"""One cell of the table of conventions and abilities."""

import json
from dataclasses import dataclass
from typing import Any

from devices.home import Value

Said = tuple[str, Any]
"""A topic and a payload; what is no text stands for its JSON."""


@dataclass(frozen=True)
class Cell:
    """`announced`, in the convention's own form, makes the thing called `name` appear; `order` then has
    `leaves` go out, and `answer` brings the ability to `state` (that of the order, unless said). A reading
    has no order, a button no answer.

    `before` is said first by a thing that would otherwise be as it is asked to be.
    """

    name: str
    announced: Any
    order: Value | None = None
    leaves: tuple[Said, ...] = ()
    answer: Any = None
    state: Value | None = None
    before: Any = None

    @property
    def becomes(self) -> Value | None:
        """The state after the answer."""
        return self.order if self.state is None else self.state


def text(payload: Any) -> str:
    """A payload as it goes over the wire."""
    return payload if isinstance(payload, str) else json.dumps(payload)


def parsed(payload: str) -> Any:
    """A payload to be compared: JSON where it is an object, however it is written."""
    return json.loads(payload) if payload.startswith("{") else payload
