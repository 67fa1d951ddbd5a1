"""Home Assistant's `switch`: on and off, in the device's own words."""

from devices.discovery.components.entity import Report, Source, State, switch_words
from devices.discovery.components.lighting import as_switch
from devices.discovery.components.settings import BadConfigError, Settings
from devices.home import Ability, Kind, Value
from devices.message import Message


class Switch:
    """Something that is on or off. Raises `BadConfigError`."""

    kind = Kind.SWITCH
    unit = ""
    abilities = frozenset({Ability.ON})

    def __init__(self, settings: Settings) -> None:
        command = settings.topic("command_topic")
        if command is None:
            raise BadConfigError("a switch needs a command_topic")
        self._command = command
        self._template = settings.template("command_template")
        self._qos = settings.qos
        self._on, self._off = settings.text("payload_on", "ON"), settings.text("payload_off", "OFF")
        self._source: Source | None = None
        if state := settings.topic("state_topic"):
            words = switch_words(settings.text("state_on", self._on), settings.text("state_off", self._off))
            self._source = Source(state, settings.template("value_template"), Ability.ON, words)
        self.topics = frozenset({state} if state else ())

    def read(self, topic: str, payload: str) -> Report:
        """What a message says."""
        return self._source.read(topic, payload) if self._source else {}

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:  # noqa: ARG002 - it has but one
        """One message."""
        word = self._on if as_switch(value) else self._off
        return (Message(self._command, self._template.write(word, {"value": word}), self._qos),)

    def reports(self, ability: Ability) -> bool:  # noqa: ARG002 - it has but one
        """Whether there is a state topic."""
        return self._source is not None

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return state.get(ability) is as_switch(value)
