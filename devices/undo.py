"""What takes an order back: how things were before it, and the orders that bring that about again."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from devices.commands import DeviceCommand
from devices.home import Ability, Device, Value
from devices.progress import repeatable

KEPT_TURNS = 50

_LIGHT = frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE})
_COVER = frozenset({Ability.OPEN, Ability.POSITION})
_PLAIN = (
    Ability.TILT,
    Ability.SETPOINT,
    Ability.MODE,
    Ability.PRESET,
    Ability.FAN_SPEED,
    Ability.LOCKED,
    Ability.VOLUME,
    Ability.MUTED,
)
"""What is put back by asking for the old value."""

_WORDS: Mapping[Ability, Mapping[Value, Value]] = {
    Ability.ARMED: {word: word for word in ("disarmed", "armed_home", "armed_away", "armed_night")},
    Ability.PLAYBACK: {word: word for word in ("playing", "paused", "stopped")},
    Ability.CLEANING: {
        "cleaning": "cleaning",
        "paused": "paused",
        "stopped": "stopped",
        "docked": "docked",
        "returning": "docked",
    },
}
"""What it said before -> what can be asked."""


@dataclass(slots=True)
class _Thing:
    """A thing in a turn: how it was before, and what of it was ordered."""

    before: Mapping[Ability, Value]
    ordered: set[Ability] = field(default_factory=set)


@dataclass(slots=True)
class _Turn:
    turn_id: str
    room: str | None
    things: dict[str, _Thing] = field(default_factory=dict)


class OrderLog:
    """The last orders, to be taken back one by one. Kept in memory: nobody undoes last week."""

    def __init__(self) -> None:
        self._turns: deque[_Turn] = deque(maxlen=KEPT_TURNS)
        self._taking_back: set[DeviceCommand] = set()

    def note(self, turn_id: str, room: str | None, device: Device, command: DeviceCommand) -> None:
        """Take down an order that goes out; `device` is how the thing is before it.

        What changes nothing, cannot be taken back, or takes something back itself is left out.
        """
        if command in self._taking_back:
            self._taking_back.discard(command)
            return
        may_switch_on = command.ability is not Ability.ON and device.state.get(Ability.ON) is False
        if device.state.get(command.ability) == command.value and not may_switch_on:
            return
        if repeatable(command):
            return
        turn = next((turn for turn in reversed(self._turns) if turn.turn_id == turn_id), None)
        if turn is None:
            turn = _Turn(turn_id, room)
            self._turns.append(turn)
        # What a thing only tells, such as a garage door's position, cannot be asked of it either.
        before = {each: value for each, value in device.state.items() if each in device.abilities}
        thing = turn.things.setdefault(device.id, _Thing(before))
        thing.ordered.add(command.ability)

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:
        """The orders that take back the last turn in that room (None: anywhere), and forget that turn."""
        for turn in reversed(self._turns):
            if room is not None and turn.room != room:
                continue
            commands = tuple(
                command
                for device_id, thing in turn.things.items()
                for command in restoring(device_id, thing.before, frozenset(thing.ordered))
            )
            if commands:
                self._turns.remove(turn)
                self._taking_back = set(commands)
                return commands
        return ()

    def withdraw(self, turn_id: str, for_turn: str, but: Collection[str]) -> tuple[DeviceCommand, ...]:
        """The orders that take back what a turn did to other things than `but`. What it did to those belongs
        to `for_turn` from now on, which is taken back with it.
        """
        turn = next((turn for turn in reversed(self._turns) if turn.turn_id == turn_id), None)
        if turn is None:
            return ()
        gone = {each: thing for each, thing in turn.things.items() if each not in but}
        turn.turn_id = for_turn
        turn.things = {each: thing for each, thing in turn.things.items() if each in but}
        commands = tuple(
            command
            for device_id, thing in gone.items()
            for command in restoring(device_id, thing.before, frozenset(thing.ordered))
        )
        self._taking_back = set(commands)
        return commands


def restoring(
    device_id: str, before: Mapping[Ability, Value], ordered: frozenset[Ability]
) -> Iterator[DeviceCommand]:
    """What brings a thing back to how it was, as far as these orders touched it.

    A lamp that was off is switched off and nothing else: its brightness of then is nobody's business. What
    was not known before cannot be brought back.
    """
    orders: dict[Ability, Value] = {}
    if ordered & _LIGHT:
        orders |= _light(before, ordered)
    if ordered & _COVER:
        where = Ability.POSITION if Ability.POSITION in before else Ability.OPEN
        if where in before:
            orders[where] = before[where]
    plain = {each: before[each] for each in _PLAIN if each in ordered and each in before}
    if ordered & set(_PLAIN) and before.get(Ability.ON) is False:  # the order may have switched it on
        plain.pop(Ability.FAN_SPEED, None)
        plain[Ability.ON] = False
    orders |= plain
    if Ability.ON in ordered and Ability.MODE in before:
        orders[Ability.MODE] = before[Ability.MODE]
    for ability, words in _WORDS.items():
        if ability in ordered and before.get(ability) in words:
            orders[ability] = words[before[ability]]
    return (DeviceCommand(device_id, ability, value) for ability, value in orders.items())


def _light(before: Mapping[Ability, Value], ordered: frozenset[Ability]) -> Mapping[Ability, Value]:
    was_on = before.get(Ability.ON)
    if was_on is False:
        return {Ability.ON: False}
    orders: dict[Ability, Value] = {} if was_on is None else {Ability.ON: was_on}
    if Ability.BRIGHTNESS in before:
        orders[Ability.BRIGHTNESS] = before[Ability.BRIGHTNESS]
    coloured = ordered & {Ability.COLOUR, Ability.COLOUR_TEMPERATURE}
    for ability in (Ability.COLOUR_TEMPERATURE, Ability.COLOUR):
        if coloured and ability in before:
            orders[ability] = before[ability]
            break
    return orders
