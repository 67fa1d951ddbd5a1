"""Home Assistant's `humidifier`: on and off, a mode, and how damp the air is.

The humidity that it aims at has no ability in the house, so it cannot be asked for.
"""

from devices.discovery.components.component import one
from devices.discovery.components.settings import Settings, as_number
from devices.discovery.components.switch import OnOff
from devices.home import Ability


class Humidifier(OnOff):
    """Something that makes the air damper, or dryer: of no kind, so its class says what it is."""

    unit = "%"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.device_class = self.device_class or "humidifier"
        self._worded(
            Ability.PRESET,
            settings.options("modes"),
            "mode_command",
            "mode_state_topic",
            "mode_state_template",
        )
        self._hear(
            "current_humidity_topic",
            "current_humidity_template",
            [Ability.READING],
            one(Ability.READING, _humidity),
        )


def _humidity(text: str) -> float | None:
    number = as_number(text)
    return number if number is not None and 0 <= number <= 100 else None
