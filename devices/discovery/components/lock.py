"""Home Assistant's `lock`. Its latch (`payload_open`) is left out: nobody should open a door by a slip."""

from devices.discovery.components.component import Component, Put, plain
from devices.discovery.components.entity import Report
from devices.discovery.components.settings import Settings
from devices.discovery.components.values import as_switch
from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value


class Lock(Component):
    """A lock. While it turns it is neither locked nor unlocked. Raises `BadConfigError`."""

    kind = Kind.LOCK

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._required("command_topic")
        text = settings.text
        self._payloads = {True: text("payload_lock", "LOCK"), False: text("payload_unlock", "UNLOCK")}
        self._wants_code = "code_format" in settings
        self._words: dict[str, Report] = {
            text("state_locked", "LOCKED"): {Ability.LOCKED: True, Ability.MOTION: "stopped"},
            text("state_unlocked", "UNLOCKED"): {Ability.LOCKED: False, Ability.MOTION: "stopped"},
            text("state_locking", "LOCKING"): {Ability.LOCKED: None, Ability.MOTION: "locking"},
            text("state_unlocking", "UNLOCKING"): {Ability.LOCKED: None, Ability.MOTION: "unlocking"},
            text("state_jammed", "JAMMED"): {Ability.LOCKED: None, Ability.MOTION: "jammed"},
        }
        self._tell(Ability.LOCKED, "command", self._put)
        self._hear("state_topic", "value_template", [Ability.LOCKED, Ability.MOTION], self._take)

    def _put(self, value: Value) -> Put:
        locked = as_switch(value)
        if self._wants_code:
            raise CannotError("it wants a code of its own, which is not told to the assistant")
        return plain(self._payloads[locked])

    def _take(self, text: str) -> Report:
        return self._words.get(text, {})
