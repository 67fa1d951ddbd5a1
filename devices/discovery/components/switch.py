"""Home Assistant's `switch`: on and off, in the device's own words."""

import typing

from devices.discovery.components.component import Component, Put, one, plain
from devices.discovery.components.settings import Settings
from devices.discovery.components.values import as_switch
from devices.home import Ability, Kind, Value


class OnOff(Component):
    """Whatever is on or off, and perhaps more."""

    value_template: typing.ClassVar[str] = "state_value_template"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._required("command_topic")
        self._on, self._off = settings.text("payload_on", "ON"), settings.text("payload_off", "OFF")
        self._words = {
            settings.text("state_on", self._on): True,
            settings.text("state_off", self._off): False,
        }
        self._tell(Ability.ON, "command", self._put)
        self._hear("state_topic", self.value_template, [Ability.ON], one(Ability.ON, self._take))

    def _put(self, value: Value) -> Put:
        return plain(self._on if as_switch(value) else self._off)

    def _take(self, text: str) -> bool | None:
        return self._words.get(text)


class Switch(OnOff):
    """Something that is on or off, and no more. Raises `BadConfigError`."""

    kind = Kind.SWITCH
    value_template = "value_template"
