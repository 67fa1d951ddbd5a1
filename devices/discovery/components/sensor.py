"""Home Assistant's `sensor` and `binary_sensor`: things that only tell."""

from devices.discovery.components.entity import Report, Source, State, switch_words
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value
from devices.message import Message


class Sensor:
    """A reading: a number where it is one, else a word. Raises `BadConfigError`."""

    kind = Kind.SENSOR
    abilities = frozenset({Ability.READING})

    def __init__(self, settings: Settings) -> None:
        state = settings.topic("state_topic")
        if state is None:
            raise BadConfigError("a sensor needs a state_topic")
        self._source = Source(state, settings.template("value_template"), Ability.READING, self._take)
        self.topics = frozenset({state})
        self.unit = settings.text("unit_of_measurement")

    def read(self, topic: str, payload: str) -> Report:
        """What a message says."""
        return self._source.read(topic, payload)

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:  # noqa: ARG002 - never
        """A sensor obeys nobody."""
        raise CannotError("a sensor can only be read")

    def reports(self, ability: Ability) -> bool:  # noqa: ARG002 - it has but one
        """That is all it does."""
        return True

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether it reads exactly that."""
        return state.get(ability) == value

    @staticmethod
    def _take(text: str) -> Value | None:
        number = as_number(text)
        if number is None:
            return text[:200] or None
        return int(number) if number.is_integer() and "." not in text else number


class BinarySensor(Sensor):
    """A reading that is "on" or "off"."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        words = switch_words(settings.text("payload_on", "ON"), settings.text("payload_off", "OFF"))

        def take(text: str) -> Value | None:
            on = words(text)
            return None if on is None else "on" if on else "off"

        self._source = Source(self._source.topic, self._source.template, Ability.READING, take)
