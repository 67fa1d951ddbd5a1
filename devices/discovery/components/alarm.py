"""Home Assistant's `alarm_control_panel`."""

from collections.abc import Mapping

from devices.discovery.components.component import Component, Put, one
from devices.discovery.components.settings import Settings
from devices.discovery.components.values import as_option
from devices.discovery.convention import CannotError
from devices.home import Ability, Kind, Value

_FEATURES = {"arm_home": "armed_home", "arm_away": "armed_away", "arm_night": "armed_night"}
"""What a panel lists as supported -> what it then can be."""

_SAID: Mapping[str, str] = {
    **{word: word for word in ("disarmed", *_FEATURES.values(), "arming", "pending", "triggered")},
    "armed_vacation": "armed_away",
    "armed_custom_bypass": "armed_home",
}
"""What panels say -> what it is called here."""

_REMOTE = ("REMOTE_CODE", "REMOTE_CODE_TEXT")
"""In place of a code: the panel checks what a person types, and nobody else knows it."""


class Alarm(Component):
    """An alarm panel. Who may disarm it is the policy's question. Raises `BadConfigError`."""

    kind = Kind.ALARM

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._required("command_topic")
        listed = settings.words("supported_features") if "supported_features" in settings else _FEATURES
        can = ("disarmed", *(said for feature, said in _FEATURES.items() if feature in listed))
        self.options[Ability.ARMED] = can
        self._payloads = {"disarmed": settings.text("payload_disarm", "DISARM")}
        for feature, said in _FEATURES.items():
            self._payloads[said] = settings.text(f"payload_{feature}", feature.upper())
        self._code = settings.text("code") or None
        self._code_for = {
            said: settings.flag(f"code_{'disarm' if said == 'disarmed' else 'arm'}_required", True)
            for said in can
        }
        self._tell(Ability.ARMED, "command", self._put)
        self._hear("state_topic", "value_template", [Ability.ARMED], one(Ability.ARMED, _SAID.get))

    def _put(self, value: Value) -> Put:
        wanted = as_option(value, self.options[Ability.ARMED])
        code = self._code
        if code in _REMOTE:
            if self._code_for[wanted]:
                raise CannotError("it wants a code of its own, which is not told to the assistant")
            code = None
        word = self._payloads[wanted]
        return word, {"value": word, "action": word, "code": code}
