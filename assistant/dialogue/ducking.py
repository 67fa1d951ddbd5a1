"""Music is turned down while somebody is listened to and answered, and comes back whatever happens meanwhile.

Before a player is turned down its volume is written to a file. So it comes back after a crash, too: at the
next start, if the player is still as loud as we left it. Who turned it by hand meanwhile keeps their volume.
An order that is for a player itself finds it as loud as it was.

    somebody is listened to    what plays in their room is remembered, then turned down
    nobody is any more         it is turned back; a player that cannot be reached is tried again and again
    an order for the player    it is turned back first, and left alone until the turn is over
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from devices.commands import AdapterCommand, Command, DeviceCommand
from devices.home import Ability, Device, Home, Kind

_log = logging.getLogger(__name__)

AGAIN_S = 5.0
NEAR = 2
"""Percent points by which players round."""


class Player(Protocol):
    """Something that makes music. `room` None: nobody knows where, so it is taken to be everywhere."""

    key: str
    room: str | None

    async def playing(self) -> bool:
        """Whether it can be heard now."""
        ...

    async def volume(self) -> int | None:
        """In percent; None when it cannot be told."""
        ...

    def at(self, percent: int) -> Command:
        """The order that makes it so loud."""
        ...


Carry = Callable[[Sequence[Command]], Awaitable[object]]
Players = Callable[[], Sequence[Player]]


@dataclass(frozen=True, slots=True)
class _Lowered:
    """A player that is turned down, in percent."""

    before: int
    now: int


class Ducking:
    """One for the house. `level` is the share of its volume that a player keeps, 0 to 1."""

    def __init__(self, players: Players, carry: Carry, level: float, memory: Path) -> None:
        self._players = players
        self._carry = carry
        self._level = level
        self._memory = memory
        self._lowered: dict[str, _Lowered] = self._remembered()
        self._listening: dict[object, str | None] = {}  # who is listening or answering, and in which room
        self._left_alone: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self._work: asyncio.Task[None] | None = None
        self._on = False
        self._news = asyncio.Event()

    def start(self) -> None:
        """From now on music makes way. What an earlier run left turned down is turned back."""
        self._on = True
        if self._lowered:
            self._begin()

    def lower(self, who: object, room: str | None) -> None:
        """Turn down what plays in that room, for as long as `who` is listening or answering. At once back."""
        if self._on:
            self._listening[who] = room
            self._begin()

    def restore(self, who: object) -> None:
        """They are not any more. Safe to call at any time."""
        self._listening.pop(who, None)
        if not self._listening:
            self._left_alone.clear()
        if self._lowered or self._work is not None:
            self._begin()

    async def make_way(self, commands: Sequence[Command]) -> None:
        """Turn those players back that the orders are for, and leave them alone until all turns are over."""
        wanted = {key for command in commands if (key := _key_of(command)) is not None}
        self._left_alone |= wanted if self._listening else set()
        if wanted & set(self._lowered):
            await self._settle()

    async def close(self) -> None:
        """Turn everything back, as far as it can be reached, and leave all players alone."""
        self._on = False
        self._listening.clear()
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        if self._lowered:
            await self._settle()

    # -- the work --------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._news.set()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._serve(), name="ducking")

    async def _serve(self) -> None:
        """Until there is nothing to turn down and nothing to turn back."""
        while self._news.is_set() or (self._lowered and not self._listening):
            self._news.clear()
            await self._settle()
            if self._lowered and not self._listening and not self._news.is_set():
                try:
                    async with asyncio.timeout(AGAIN_S):
                        await self._news.wait()
                except TimeoutError:
                    continue

    async def _settle(self) -> None:
        """Bring every player to where it should be now."""
        async with self._one_at_a_time:
            players = {player.key: player for player in self._players()}
            for key, player in players.items():
                try:
                    if key in self._lowered and not self._wants_low(player):
                        await self._turn_back(player)
                    elif key not in self._lowered and self._wants_low(player):
                        await self._turn_down(player)
                except OSError as error:
                    _log.warning("%s stays as loud as it is: %s", key, error)
                except Exception:  # a fault in one player must not keep the others down
                    _log.exception("%s could not be turned", key)

    def _wants_low(self, player: Player) -> bool:
        rooms = self._listening.values()
        heard = any(room is None or player.room is None or room == player.room for room in rooms)
        return heard and player.key not in self._left_alone

    async def _turn_down(self, player: Player) -> None:
        if not await player.playing():
            return
        before = await player.volume()
        now = round((before or 0) * self._level)
        if before is None or before - now <= NEAR or not self._wants_low(player):
            return
        self._remember({**self._lowered, player.key: _Lowered(before, now)})  # first: we may be killed
        await self._carry((player.at(now),))

    async def _turn_back(self, player: Player) -> None:
        lowered = self._lowered[player.key]
        present = await player.volume()
        if present is None:
            return  # not to be reached: it is tried again
        if abs(present - lowered.now) <= NEAR and abs(present - lowered.before) > NEAR:
            await self._carry((player.at(lowered.before),))
            present = await player.volume()
            if present is None or abs(present - lowered.now) <= NEAR:
                return
        rest = {key: each for key, each in self._lowered.items() if key != player.key}
        self._remember(rest)

    # -- the memory ------------------------------------------------------------------------------------------

    def _remember(self, lowered: dict[str, _Lowered]) -> None:
        """Raises `OSError`, and has changed nothing then."""
        if lowered:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            written = self._memory.with_suffix(".new")
            written.write_text(
                json.dumps({key: [each.before, each.now] for key, each in lowered.items()}), "utf-8"
            )
            written.replace(self._memory)
        else:
            self._memory.unlink(missing_ok=True)
        self._lowered = lowered

    def _remembered(self) -> dict[str, _Lowered]:
        try:
            kept = json.loads(self._memory.read_text("utf-8"))
            return {str(key): _Lowered(int(before), int(now)) for key, (before, now) in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            _log.warning("%s tells nothing of volumes: %s", self._memory, error)
            return {}


# -- what makes music ----------------------------------------------------------------------------------------


def _key_of(command: Command) -> str | None:
    if isinstance(command, AdapterCommand):
        return f"adapter {command.adapter}"
    return f"device {command.device_id}" if isinstance(command, DeviceCommand) else None


class AdapterPlayer:
    """A player behind an adapter that answers `status` with `state` and `volume`, as MPD's does."""

    room: str | None = None

    def __init__(self, adapter: str, ask: Callable[[str, str], Awaitable[Mapping[str, Any]]]) -> None:
        self.key = f"adapter {adapter}"
        self._adapter = adapter
        self._ask = ask

    async def playing(self) -> bool:
        """Whether it plays."""
        return (await self._status()).get("state") == "play"

    async def volume(self) -> int | None:
        """In percent; None when it cannot be reached, or has none."""
        volume = (await self._status()).get("volume")
        return None if volume is None else round(volume)

    def at(self, percent: int) -> Command:
        """The order that makes it so loud."""
        return AdapterCommand(self._adapter, "set_volume", {"percent": percent})

    async def _status(self) -> Mapping[str, Any]:
        from devices.adapters.adapter import AdapterError

        try:
            return await self._ask(self._adapter, "status")
        except AdapterError:  # it is not there: then it makes no music
            return {}


class DevicePlayer:
    """A media player of the home's."""

    def __init__(self, device: Device, home: Home) -> None:
        self.key = f"device {device.id}"
        self.room = device.room
        self._id = device.id
        self._home = home

    async def playing(self) -> bool:
        """Whether it says that it plays."""
        state = self._state()
        return state.get(Ability.PLAYBACK) == "playing" and state.get(Ability.MUTED) is not True

    async def volume(self) -> int | None:
        """As it said last; None when it never did, or is away."""
        volume = self._state().get(Ability.VOLUME)
        return round(volume) if isinstance(volume, int | float) else None

    def at(self, percent: int) -> Command:
        """The order that makes it so loud."""
        return DeviceCommand(self._id, Ability.VOLUME, percent)

    def _state(self) -> Mapping[Ability, Any]:
        device = self._home.get(self._id)
        return device.state if device is not None and device.available else {}


def players_of(home: Home) -> Sequence[Player]:
    """The home's own media players with a volume."""
    return [
        DevicePlayer(device, home)
        for device in home
        if device.kind is Kind.MEDIA_PLAYER and Ability.VOLUME in device.abilities and not device.members
    ]
