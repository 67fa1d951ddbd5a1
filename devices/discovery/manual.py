"""Hand-written devices, for hardware that announces nothing.

    [home.devices."Desk lamp"]
    kind = "light"
    room = "Office"
    aliases = ["writing lamp"]
    command_topic = "desk/lamp/set"
    state_topic = "desk/lamp"

The other keys are those of Home Assistant's MQTT components, and the same code reads them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.discovery.abbreviations import WORDS, expand
from devices.discovery.components.settings import BadConfigError, Settings
from devices.discovery.convention import Change
from devices.discovery.entities import COMPONENTS, Entities
from devices.home import Ability, Device, Kind, Value
from devices.message import Message

# Beside `WORDS` stand the keys that have no short word.
_KEYS = frozenset(WORDS.values()) | frozenset(
    "kind room aliases qos schema brightness color_temp hs rgb rgbw rgbww xy code modes fan_modes min_temp "  # noqa: SIM905 - words
    "max_temp temp_step tilt_min tilt_max".split()
)


class Manual:
    """The convention of the configuration file."""

    name = "manual"
    filters: tuple[str, ...] = ()
    greeting: Message | None = None

    def __init__(self, devices: Mapping[str, Mapping[str, Any]]) -> None:
        """Read `devices`, name -> keys. Raises `BadConfigError` with the name and the key that is wrong."""
        self._entities = Entities()
        self._known: list[Change] = []
        for name, config in devices.items():
            try:
                self._known.append(self._add(name, config))
            except BadConfigError as error:
                raise BadConfigError(f"device {name!r}: {error}") from None

    def known(self) -> Sequence[Change]:
        """All of them."""
        return tuple(self._known)

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """A word from a device."""
        return self._entities.heard(topic, payload)

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:
        """What to send for an order."""
        return self._entities.messages(command, state)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the device would say that it obeyed."""
        return self._entities.reports(command)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what it says is what was asked."""
        return self._entities.satisfied(command, state)

    def _add(self, name: str, config: Mapping[str, Any]) -> Change:
        spelt = expand(config)
        unknown = sorted(key for key in spelt if key not in _KEYS)
        if unknown:
            raise BadConfigError(f"there is no key {unknown[0]!r}")
        settings = Settings(spelt)
        kind = settings.text("kind")
        if kind not in COMPONENTS:
            raise BadConfigError(f"kind should be one of {', '.join(COMPONENTS)}, not {kind!r}")
        slug = re.sub(r"\W+", "_", name.casefold()).strip("_")
        device_id = f"{self.name}.{slug}"
        if device_id in self._entities:
            raise BadConfigError("another device has nearly the same name")
        device = Device(
            id=device_id,
            name=name,
            kind=Kind.OTHER,
            abilities=frozenset(),
            room=settings.text("room") or None,
            aliases=settings.words("aliases"),
            convention=self.name,
        )
        return self._entities.add(device, kind, settings)
