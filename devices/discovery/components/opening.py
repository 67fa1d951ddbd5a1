"""What covers and valves share: they are open or closed, or on their way."""

from devices.discovery.components.component import Component, Put, plain
from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import Settings, as_number
from devices.discovery.components.values import Scale, as_percent, as_switch
from devices.discovery.convention import CannotError
from devices.home import Ability, Value
from devices.message import Message

FULLY_OPEN = 95
"""Percent from which an order to open has been carried out; few motors stop at 100."""


class Opening(Component):
    """Something that opens and closes. Raises `BadConfigError`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._scale = Scale.of(settings, "position_closed", "position_open")
        text = settings.text
        self._words: dict[str, Report] = {
            # What begins to open is no longer closed. What begins to close may yet be stopped half-way.
            text("state_opening", "opening"): {Ability.OPEN: True, Ability.MOTION: "opening"},
            text("state_closing", "closing"): {Ability.OPEN: None, Ability.MOTION: "closing"},
            text("state_stopped", "stopped"): {Ability.MOTION: "stopped"},
            text("state_open", "open"): {Ability.OPEN: True, Ability.MOTION: "stopped"},
            text("state_closed", "closed"): {Ability.OPEN: False, Ability.MOTION: "stopped"},
        }

    def write(self, ability: Ability, value: Value, state: State) -> tuple[Message, ...]:
        """One message; what has only positions is opened and closed by them."""
        if ability is Ability.OPEN and ability not in self._orders and Ability.POSITION in self._orders:
            return super().write(Ability.POSITION, 100 if as_switch(value) else 0, state)
        return super().write(ability, value, state)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Only what has come to rest has done as it was told."""
        moving = state.get(Ability.MOTION) in ("opening", "closing")
        if moving or not super().satisfied(ability, value, state):
            return False
        position = state.get(Ability.POSITION)
        if ability is not Ability.OPEN or value is not True or not isinstance(position, int | float):
            return True
        return position >= FULLY_OPEN

    def _open_and_stop(self, *, stop: str | None) -> None:
        """Take OPEN and, where there is a word for it, MOTION on the command topic."""
        text = self._settings.text
        payloads = {True: text("payload_open", "OPEN"), False: text("payload_close", "CLOSE")}
        self._tell(Ability.OPEN, "command", lambda value: plain(payloads[as_switch(value)]))
        if stop is not None:
            self._tell(Ability.MOTION, "command", lambda value: plain(_stop(value, stop)))
        if stop is not None and Ability.MOTION in self._orders:
            self.options[Ability.MOTION] = ("stopped",)

    def _take_position(self, text: str) -> Report:
        raw = as_number(text)
        percent = None if raw is None else self._scale.to_percent(raw)
        return {} if percent is None else {Ability.POSITION: percent, Ability.OPEN: percent > 0}

    def _put_position(self, value: Value) -> Put:
        percent = as_percent(value)
        raw = self._scale.to_device(percent)
        ends = {"position_open": self._scale.full, "position_closed": self._scale.empty}
        return str(raw), {"value": raw, "position": round(percent), **ends}


def _stop(value: Value, payload: str) -> str:
    if value != "stopped":
        raise CannotError("motion can only be stopped")
    return payload
