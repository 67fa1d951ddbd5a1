"""What a component is once its configuration has been read: its state topics, its orders, its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from devices.discovery.templates import Template
from devices.home import Ability, Kind, Value
from devices.message import Message

State = Mapping[Ability, Value]
Report = Mapping[Ability, Value | None]


class Entity(Protocol):
    """One thing that can be read, and perhaps ordered about."""

    kind: Kind
    abilities: frozenset[Ability]
    topics: frozenset[str]
    unit: str

    def read(self, topic: str, payload: str) -> Report:
        """What a message on one of `topics` says. Raises `TemplateError`."""
        ...

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:
        """The messages that bring about `value`. Raises `TemplateError`, `CannotError`."""
        ...

    def reports(self, ability: Ability) -> bool:
        """Whether the thing ever says how this ability stands."""
        ...

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked, within what the thing can resolve."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where the word about one ability is found: a topic, a template, and how to take the word."""

    topic: str
    template: Template
    ability: Ability
    take: Callable[[str], Value | None]
    """None says: nothing to learn from that."""

    def read(self, topic: str, payload: str) -> Report:
        """What a message says, nothing when it is on another topic."""
        if topic != self.topic:
            return {}
        text = self.template.read(payload)
        if text.casefold() in ("none", "unknown"):  # the words for: forget what you knew
            return {self.ability: None}
        value = self.take(text)
        return {} if value is None else {self.ability: value}


def switch_words(on: str, off: str) -> Callable[[str], bool | None]:
    """Take the device's own words for on and off."""
    return lambda text: True if text == on else False if text == off else None
