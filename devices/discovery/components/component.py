"""What all components share: where they hear of their abilities, and how they are ordered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import BadConfigError, Settings
from devices.discovery.components.values import as_option
from devices.discovery.convention import CannotError
from devices.discovery.templates import Template, TemplateError
from devices.home import Ability, Kind, Value
from devices.message import Message

FORGET = frozenset({"none", "unknown"})
"""The words by which a device takes back what it said, in any case of letters."""

PROGRESS = frozenset({Ability.MOTION, Ability.POSITION})
"""What things say of being on their way, be it that they cannot be stopped or sent half-way."""

Take = Callable[[str], Report]
Put = tuple[str, Mapping[str, Any]]
"""A payload, and the names that a command template may use instead."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the word about some abilities is found: a topic, a template, and how to take the word."""

    topic: str
    template: Template
    abilities: tuple[Ability, ...]
    take: Take
    """An empty report says: nothing to learn from that."""

    def read(self, topic: str, payload: str) -> Report:
        """What a message says, nothing when it is on another topic."""
        if topic != self.topic:
            return {}
        text = self.template.read(payload)
        return dict.fromkeys(self.abilities) if text.casefold() in FORGET else self.take(text)


@dataclass(frozen=True, slots=True)
class Order:
    """How one ability is ordered, and when what the device says is what was asked."""

    topic: str
    template: Template
    qos: int
    put: Callable[[Value], Put]
    close: Callable[[Value, Value], bool]

    def message(self, value: Value) -> Message:
        """The message for a value. Raises `CannotError`, `TemplateError`."""
        plain, names = self.put(value)
        return Message(self.topic, self.template.write(plain, names), self.qos)


def plain(raw: str | float) -> Put:
    """A payload that templates know as `value`."""
    return str(raw), {"value": raw}


def one(ability: Ability, take: Callable[[str], Value | None]) -> Take:
    """Take one ability's value out of a text; None is nothing to learn."""

    def report(text: str) -> Report:
        value = take(text)
        return {} if value is None else {ability: value}

    return report


def same(asked: Value, said: Value) -> bool:
    """Whether two values are the same, yes and 1 apart."""
    return asked == said and isinstance(asked, bool) is isinstance(said, bool)


class Component:
    """An `Entity` put together out of sources and orders. Raises `BadConfigError` when it is made.

    A topic that the configuration does not name leaves its ability out.
    """

    kind = Kind.OTHER
    unit = ""

    def __init__(self, settings: Settings) -> None:
        self.device_class = settings.word("device_class")
        self.options: dict[Ability, tuple[str, ...]] = {}
        self.limits: dict[Ability, tuple[float, float]] = {}
        self._settings = settings
        self._qos = settings.qos
        self._optimistic = settings.flag("optimistic")
        self._sources: list[Source] = []
        self._orders: dict[Ability, Order] = {}
        self._claims: set[Ability] = set()

    @property
    def abilities(self) -> frozenset[Ability]:
        """What was ordered or heard of."""
        return frozenset(self._claims)

    @property
    def topics(self) -> frozenset[str]:
        """Where it speaks."""
        return frozenset(source.topic for source in self._sources)

    def read(self, topic: str, payload: str) -> Report:
        """What a message says; a template that fails does not silence the others."""
        report: dict[Ability, Value | None] = {}
        failed: TemplateError | None = None
        for source in self._sources:
            try:
                report |= source.read(topic, payload)
            except TemplateError as error:
                failed = error
        if failed and not report:
            raise failed
        return report

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:  # noqa: ARG002 - some must know
        """The one message of an ability's own."""
        order = self._orders.get(ability)
        if order is None:
            raise CannotError("that can only be read")
        return (order.message(value),)

    def reports(self, ability: Ability, value: Value) -> bool:  # noqa: ARG002 - for most, all values are alike
        """Whether there is a source; the word of a thing that only assumes what it did does not count."""
        return not self._optimistic and any(ability in source.abilities for source in self._sources)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked, as close as the order wants it."""
        said, order = state.get(ability), self._orders.get(ability)
        return said is not None and (order.close if order else same)(value, said)

    def _tell(
        self,
        ability: Ability,
        words: str,
        put: Callable[[Value], Put],
        close: Callable[[Value, Value], bool] = same,
    ) -> bool:
        """Take orders for an ability on the topic `<words>_topic`, through `<words>_template`."""
        topic = self._settings.topic(f"{words}_topic")
        if topic is None:
            return False
        template = self._settings.template(f"{words}_template")
        self._orders[ability] = Order(topic, template, self._qos, put, close)
        self._claims.add(ability)
        return True

    def _hear(self, topic_key: str, template_key: str, abilities: Sequence[Ability], take: Take) -> None:
        """Hear of abilities on a topic; those of `PROGRESS` are no promise that they can be asked for."""
        topic = self._settings.topic(topic_key)
        if topic is not None:
            template = self._settings.template(template_key)
            self._sources.append(Source(topic, template, tuple(abilities), take))
            self._claims.update(set(abilities) - PROGRESS)

    def _worded(
        self, ability: Ability, options: tuple[str, ...], command: str, state: str, value: str
    ) -> None:
        """An ability whose values are `options`: ordered on `command`, heard on `state` through `value`."""
        if options and self._tell(ability, command, lambda word: plain(as_option(word, options))):
            self.options[ability] = options
            self._hear(state, value, [ability], one(ability, lambda text: text if text in options else None))

    def _required(self, key: str) -> str:
        """A topic without which there is nothing to be had."""
        topic = self._settings.topic(key)
        if topic is None:
            article = "an" if type(self).__name__[0] in "AEIOU" else "a"
            raise BadConfigError(f"{article} {type(self).__name__.lower()} needs a {key}")
        return topic
