"""What a component is once its configuration has been read: its state topics, its orders, its words."""

from collections.abc import Mapping
from typing import Protocol

from devices.home import Ability, Kind, Value
from devices.message import Message

State = Mapping[Ability, Value]
Report = Mapping[Ability, Value | None]


class Entity(Protocol):
    """One thing that can be read, and perhaps ordered about.

    `read` may tell more than `abilities` name: MOTION of what cannot be stopped, POSITION of what cannot be
    sent half-way. `options`, `limits`, `unit` and `device_class` are those of `devices.home.Device`.
    """

    @property
    def kind(self) -> Kind:
        """What it is to a person."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What can be asked of it, or about it."""
        ...

    @property
    def topics(self) -> frozenset[str]:
        """Where it speaks."""
        ...

    @property
    def unit(self) -> str:
        """That of its reading."""
        ...

    @property
    def device_class(self) -> str:
        """The finer word for its kind."""
        ...

    @property
    def options(self) -> Mapping[Ability, tuple[str, ...]]:
        """The words that a worded ability takes."""
        ...

    @property
    def limits(self) -> Mapping[Ability, tuple[float, float]]:
        """The lowest and the highest that a numeric ability takes."""
        ...

    def read(self, topic: str, payload: str) -> Report:
        """What a message on one of `topics` says. Raises `TemplateError`."""
        ...

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:
        """The messages that bring about `value`. Raises `TemplateError`, `CannotError`."""
        ...

    def reports(self, ability: Ability, value: Value) -> bool:
        """Whether the thing would say that it did that."""
        ...

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked, at the end of its way, within what the thing can resolve."""
        ...
