"""Home Assistant's `sensor` and `binary_sensor`: things that only tell."""

from devices.discovery.components.component import Component, one
from devices.discovery.components.settings import Settings, as_number, is_numeric, plain_text
from devices.home import Ability, Kind, Value

MAX_WORDS = 255
"""Characters of a reading in words, as in Home Assistant."""


class Sensor(Component):
    """A reading: a number where it is one, else a word. Raises `BadConfigError`."""

    kind = Kind.SENSOR

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._required("state_topic")
        self.unit = settings.word("unit_of_measurement")
        self._hear("state_topic", "value_template", [Ability.READING], one(Ability.READING, self._take))

    def _take(self, text: str) -> Value | None:
        number = as_number(text)
        if number is not None:
            return int(number) if number.is_integer() and "." not in text else number
        if self.unit or is_numeric(text) or len(text) > MAX_WORDS or text.startswith(("{", "[")):
            return None  # no number where one must be, or nothing that a person would say
        return plain_text(text, MAX_WORDS) or None


class BinarySensor(Sensor):
    """A reading that is "on" or "off"."""

    def __init__(self, settings: Settings) -> None:
        self._words = {settings.text("payload_on", "ON"): "on", settings.text("payload_off", "OFF"): "off"}
        super().__init__(settings)

    def _take(self, text: str) -> Value | None:
        return self._words.get(text)
