"""A house in memory: it does at once what it is told, says so, and keeps account of its orders.

It is a `Bridge` like Home Assistant's, so that all that is real lies before it: keeper, outbox, policy. What
one order brings with it is what such things do: a brightness switches a lamp on, a position opens a blind.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.mind.cases import House
from devices.commands import DeviceCommand, Sent
from devices.discovery.convention import Appeared, Change, Reported
from devices.home import Ability, Device, Value
from devices.progress import repeatable

NAME = "house"
_SWITCHES_ON = frozenset({Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE, Ability.FAN_SPEED})
_NEVER_TOLD = frozenset({Ability.PRESSED})


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order that a thing obeyed, and how the thing was before it."""

    command: DeviceCommand
    before: Mapping[Ability, Value]

    @property
    def changes_nothing(self) -> bool:
        """Whether the thing was so already."""
        if repeatable(self.command) or self.command.ability is Ability.MOTION:
            return False
        return after(self.command, self.before) == self.before


class HouseInMemory:
    """The bridge to it. `orders` are those since it was last emptied."""

    name = NAME
    trouble = ""

    def __init__(self, house: House) -> None:
        self._things = [replace(thing, convention=NAME) for thing in house.things]
        self._take: Callable[[Sequence[Change]], None] | None = None
        self._states: dict[str, dict[Ability, Value]] = {}
        self.orders: list[Ordered] = []
        self.there = asyncio.Event()
        """Set once everything was announced."""

    async def run(self, take: Callable[[Sequence[Change]], None]) -> None:
        """Announce everything, and be there; `Bridge.run` returns only when it is cancelled."""
        self._take = take
        take([Appeared(thing, frozenset()) for thing in self._things])
        self.begin()
        self.there.set()
        await asyncio.Event().wait()

    def begin(self) -> None:
        """Put everything back to how the file tells it, and forget the orders."""
        self._states = {thing.id: dict(thing.state) for thing in self._things}
        self.orders = []
        for thing in self._things:
            gone: dict[Ability, Value | None] = dict.fromkeys(thing.abilities)
            self._tell(thing.id, {**gone, **thing.state})

    def states(self) -> Mapping[str, Mapping[Ability, Value]]:
        """How everything is now."""
        return {thing: dict(state) for thing, state in self._states.items()}

    async def send(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Sent, ...]:  # noqa: ARG002 - it knows its own
        """Obey."""
        before = dict(self._states[command.device_id])
        self.orders.append(Ordered(command, before))
        now = after(command, before)
        self._states[command.device_id] = dict(now)
        self._tell(command.device_id, now)
        return (Sent(NAME, command.device_id, f"{command.ability}={command.value}"),)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the thing says that it obeyed: a scene never does."""
        return command.ability not in _NEVER_TOLD and not repeatable(command)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether it is as asked."""
        return state.get(command.ability) == command.value

    def _tell(self, thing: str, state: Mapping[Ability, Value | None]) -> None:
        if self._take is not None:
            self._take([Reported(thing, state)])


def after(command: DeviceCommand, before: Mapping[Ability, Value]) -> Mapping[Ability, Value]:
    """How a thing that was `before` so is once it obeyed."""
    now = dict(before)
    if repeatable(command):
        if command.ability is Ability.PLAYBACK:
            now[Ability.PLAYBACK] = "playing"
        return now
    now[command.ability] = command.value
    now.update(_brought_along(command, before))
    return now


def _brought_along(
    command: DeviceCommand, before: Mapping[Ability, Value]
) -> Iterator[tuple[Ability, Value]]:
    ability, value = command.ability, command.value
    if ability in _SWITCHES_ON and Ability.ON in before:
        yield Ability.ON, value != 0
    if ability is Ability.ON and value is True and before.get(Ability.BRIGHTNESS) == 0:
        yield Ability.BRIGHTNESS, 100
    if ability is Ability.OPEN and Ability.POSITION in before:
        yield Ability.POSITION, 100 if value else 0
    if ability is Ability.POSITION and Ability.OPEN in before:
        yield Ability.OPEN, value != 0
    if ability is Ability.MODE and Ability.ON in before:
        yield Ability.ON, value != "off"
    if ability is Ability.ON and value is False and Ability.MODE in before:
        yield Ability.MODE, "off"


def names_of(device: Device) -> tuple[str, ...]:
    """All that a thing is called."""
    return (device.name, *device.aliases)
