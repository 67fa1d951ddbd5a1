"""Home Assistant's `button` and `scene`: what is pressed, and never says that it was."""

import typing

from devices.discovery.components.component import Component, Put, plain
from devices.discovery.components.settings import Settings
from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value


class Button(Component):
    """A button. Raises `BadConfigError`."""

    payload: typing.ClassVar[tuple[str, str]] = ("payload_press", "PRESS")

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._required("command_topic")
        self._payload = settings.text(*self.payload)
        self._tell(Ability.PRESSED, "command", self._put)

    def _put(self, value: Value) -> Put:
        if value is not True:
            raise CannotError("it can only be pressed")
        return plain(self._payload)


class Scene(Button):
    """A scene: pressing it is activating it."""

    kind = Kind.SCENE
    payload = ("payload_on", "ON")
