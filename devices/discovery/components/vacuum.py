"""Home Assistant's `vacuum` in its `state` schema: one word to tell it, a JSON object to hear from it.

Its reading is its battery's charge.
"""

from devices.discovery.components.component import Component, plain
from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.components.values import as_option, json_object
from devices.home import Ability, Kind, Value

_FEATURES = {
    "start": ("cleaning", "payload_start", "start"),
    "pause": ("paused", "payload_pause", "pause"),
    "stop": ("stopped", "payload_stop", "stop"),
    "return_home": ("docked", "payload_return_to_base", "return_to_base"),
    "locate": ("locate", "payload_locate", "locate"),
}
"""What a vacuum lists as supported -> what is asked of it then, and the payload's key and usual word."""

_USUAL = ("start", "stop", "return_home")

_SAID = {word: word for word in ("cleaning", "paused", "docked", "returning", "error")} | {"idle": "stopped"}


class Vacuum(Component):
    """A vacuum cleaner that goes by itself. Raises `BadConfigError`."""

    kind = Kind.VACUUM
    unit = "%"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if settings.text("schema", "state") != "state":
            raise BadConfigError("vacuums of the old schema are not supported")
        self._required("command_topic")
        listed = settings.words("supported_features") if "supported_features" in settings else _USUAL
        self._payloads = {
            word: settings.text(key, usual)
            for feature, (word, key, usual) in _FEATURES.items()
            if feature in listed
        }
        self.options[Ability.CLEANING] = tuple(self._payloads)
        self._tell(
            Ability.CLEANING,
            "command",
            lambda value: plain(self._payloads[as_option(value, tuple(self._payloads))]),
        )
        self._speeds = settings.options("fan_speed_list")
        heard = [Ability.CLEANING, Ability.READING]
        if self._speeds and self._tell(
            Ability.PRESET, "set_fan_speed", lambda value: plain(as_option(value, self._speeds))
        ):
            self.options[Ability.PRESET] = self._speeds
            heard.append(Ability.PRESET)
        self._hear("state_topic", "value_template", heard, self._take)

    def reports(self, ability: Ability, value: Value) -> bool:
        """One that was asked where it is beeps, and says nothing."""
        return value != "locate" and super().reports(ability, value)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """One that stands in its dock has stopped, too."""
        said = state.get(ability)
        return said == value or (ability is Ability.CLEANING and (value, said) == ("stopped", "docked"))

    def _take(self, text: str) -> Report:
        said = json_object(text)
        report: dict[Ability, Value | None] = {}
        word, charge, speed = said.get("state"), as_number(said.get("battery_level")), said.get("fan_speed")
        if isinstance(word, str) and word in _SAID:
            report[Ability.CLEANING] = _SAID[word]
        elif word is None and "state" in said:
            report[Ability.CLEANING] = None
        if charge is not None and 0 <= charge <= 100:
            report[Ability.READING] = round(charge)
        if isinstance(speed, str) and speed in self._speeds:
            report[Ability.PRESET] = speed
        return report
