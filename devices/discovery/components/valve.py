"""Home Assistant's `valve`: open and closed by words, or by a position on the same topic."""

from devices.discovery.components.entity import Report
from devices.discovery.components.opening import Opening
from devices.discovery.components.settings import Settings, sound_text
from devices.discovery.components.values import json_object
from devices.home import Ability


class Valve(Opening):
    """A valve. It is no cover, since nobody who closes the covers means the water. Raises `BadConfigError`.

    Its class is always "valve": that is what a person calls it, be it for water or for gas.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.device_class = "valve"
        self._required("command_topic")
        self._has_position = settings.flag("reports_position")
        stop = settings.text("payload_stop") or None
        self._open_and_stop(stop=stop)
        heard = [Ability.OPEN, Ability.MOTION]
        if self._has_position:
            del self._orders[Ability.OPEN]
            self._tell(Ability.POSITION, "command", self._put_position, self._scale.close)
            heard.append(Ability.POSITION)
        self._hear("state_topic", "value_template", heard, self._take_state)

    def _take_state(self, text: str) -> Report:
        """A word, a number, or both in JSON."""
        said = json_object(text) if text.startswith("{") else {"state": text, "position": text}
        report = dict(self._words.get(sound_text(said.get("state")), {}))
        if self._has_position:
            report |= self._take_position(sound_text(said.get("position")))
        return report
