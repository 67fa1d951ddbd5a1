"""Home Assistant's `cover`: blinds, curtains, garage doors, with position and tilt where they have one."""

from devices.discovery.components.component import Put, one
from devices.discovery.components.opening import Opening
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.components.values import Scale, as_percent
from devices.home import Ability, Kind, Value


class Cover(Opening):
    """A cover. Raises `BadConfigError`."""

    kind = Kind.COVER

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._tilt = Scale.of(settings, "tilt_min", "tilt_max")
        stop = settings.text("payload_stop", "STOP")
        self._open_and_stop(stop=None if settings.is_null("payload_stop") else stop)
        self._tell(Ability.POSITION, "set_position", self._put_position, self._scale.close)
        if Ability.POSITION in self._orders:
            self._claims.add(Ability.OPEN)
        self._tell(Ability.TILT, "tilt_command", self._put_tilt, self._tilt.close)
        both = [Ability.OPEN, Ability.MOTION]
        self._hear("state_topic", "value_template", both, lambda text: self._words.get(text, {}))
        # After the words, since it knows more: what is being closed and stands at 40 % is open.
        where = [Ability.POSITION, Ability.OPEN]
        self._hear("position_topic", "position_template", where, self._take_position)
        self._hear(
            "tilt_status_topic", "tilt_status_template", [Ability.TILT], one(Ability.TILT, self._take_tilt)
        )
        if not self._claims:
            raise BadConfigError("a cover needs a command_topic or a state_topic")

    def _put_tilt(self, value: Value) -> Put:
        percent = as_percent(value)
        raw = self._tilt.to_device(percent)
        ends = {"tilt_min": self._tilt.empty, "tilt_max": self._tilt.full}
        return str(raw), {"value": raw, "tilt_position": round(percent), **ends}

    def _take_tilt(self, text: str) -> int | None:
        raw = as_number(text)
        return None if raw is None else self._tilt.to_percent(raw)
