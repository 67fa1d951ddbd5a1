"""Home Assistant's `siren`: on and off, in JSON unless it has templates."""

import json

from devices.discovery.components.component import Put
from devices.discovery.components.settings import Settings
from devices.discovery.components.switch import OnOff
from devices.discovery.components.values import as_switch, json_object
from devices.home import Ability, Value
from devices.message import Message


class Siren(OnOff):
    """Something that makes a noise: of no kind, so its class says what it is."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.device_class = "siren"
        self._json = "command_template" not in settings
        self._off_template = (
            settings.template("command_off_template") if "command_off_template" in settings else None
        )

    def write(self, ability: Ability, value: Value, state: object) -> tuple[Message, ...]:  # noqa: ARG002 - it has but one
        """One message; there may be a template for silence alone."""
        order = self._orders[ability]
        if self._off_template is not None and not as_switch(value):
            return (Message(order.topic, self._off_template.write(*self._put(value)), self._qos),)
        return (order.message(value),)

    def _put(self, value: Value) -> Put:
        word = self._on if as_switch(value) else self._off
        return (json.dumps({"state": word}) if self._json else word), {"value": word, "state": word}

    def _take(self, text: str) -> bool | None:
        said = json_object(text).get("state") if text.startswith("{") else text
        return self._words.get(said) if isinstance(said, str) else None
