"""Home Assistant's `fan`: on and off, a speed, presets. Oscillation and direction have no ability here."""

from devices.discovery.components.component import Put, one, plain
from devices.discovery.components.entity import State
from devices.discovery.components.settings import BadConfigError, Settings, as_number
from devices.discovery.components.switch import OnOff
from devices.discovery.components.values import Scale, as_percent
from devices.home import Ability, Kind, Value
from devices.message import Message


class Fan(OnOff):
    """A fan. Raises `BadConfigError`."""

    kind = Kind.FAN

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        lowest, highest = settings.number("speed_range_min", 1), settings.number("speed_range_max", 100)
        if not 1 <= lowest < highest:
            raise BadConfigError("speed_range_min should be 1 or more, and below speed_range_max")
        self._scale = Scale(lowest - 1, highest)
        self._tell(Ability.FAN_SPEED, "percentage_command", self._put_speed, self._scale.close)
        self._hear(
            "percentage_state_topic",
            "percentage_value_template",
            [Ability.FAN_SPEED],
            one(Ability.FAN_SPEED, self._take_speed),
        )
        self._worded(
            Ability.PRESET,
            settings.options("preset_modes"),
            "preset_mode_command",
            "preset_mode_state_topic",
            "preset_mode_value_template",
        )

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:
        """No speed is off; any other wants the fan to be on first."""
        if ability is not Ability.FAN_SPEED or ability not in self._orders:
            return super().write(ability, value, state)
        if as_percent(value) == 0:
            return super().write(Ability.ON, False, state)
        speed = super().write(ability, value, state)
        return speed if state.get(Ability.ON) is True else (*super().write(Ability.ON, True, state), *speed)

    def reports(self, ability: Ability, value: Value) -> bool:
        """That it stands still is heard where it says that it is off."""
        standing = ability is Ability.FAN_SPEED and value == 0
        return super().reports(ability, value) or (standing and super().reports(Ability.ON, False))

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """A speed is that of a fan that is on."""
        if ability is Ability.FAN_SPEED:
            off = state.get(Ability.ON) is False
            if off or as_percent(value) == 0:
                return as_percent(value) == 0 and (off or state.get(Ability.FAN_SPEED) == 0)
        return super().satisfied(ability, value, state)

    def _put_speed(self, value: Value) -> Put:
        return plain(max(round(self._scale.empty) + 1, self._scale.to_device(as_percent(value))))

    def _take_speed(self, text: str) -> int | None:
        raw = as_number(text)
        return None if raw is None else 0 if raw == 0 else self._scale.to_percent(raw)
