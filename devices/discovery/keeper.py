"""Keeps the home as the broker tells it: feeds messages to the conventions and their changes to the home."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Self

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Change, Convention, Reachable, Reported, Vanished
from devices.home import Device, Home
from devices.message import Message
from devices.mqtt import MqttLink

logger = logging.getLogger(__name__)


class Watch:
    """What one device says from now on. `reports` counts its words that were not the broker's old ones."""

    def __init__(self) -> None:
        self.reports = 0
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Wait until something new was heard of the device."""
        await self._news.wait()
        self._news.clear()

    def heard(self, *, report: bool) -> None:
        """Note that something was."""
        self.reports += report
        self._news.set()


class Keeper:
    """`async with Keeper(link, home, conventions) as keeper:` keeps `home` up to date meanwhile."""

    def __init__(self, link: MqttLink, home: Home, conventions: Sequence[Convention]) -> None:
        self._home = home
        self._link = link
        self._conventions = {convention.name: convention for convention in conventions}
        self._topics: dict[str, frozenset[str]] = {}
        self._uses: Counter[str] = Counter()
        self._live: set[str] = set()
        self._watches: dict[str, list[Watch]] = {}
        self._changed_s = 0.0
        self._end_greeting: Callable[[], None] | None = None

    async def __aenter__(self) -> Self:
        for convention in self._conventions.values():
            for filter_ in convention.filters:
                self._use(filter_)
            self._take(convention.known(), kept=True)
        self._end_greeting = self._link.on_connect(self._greet)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._end_greeting is not None:
            self._end_greeting()
        for filter_ in list(self._uses):
            self._link.unsubscribe(filter_, self._heard)
        self._uses.clear()

    async def settled(self, quiet_s: float = 0.2, at_most_s: float = 2.0) -> None:
        """Return when the home has not changed for `quiet_s`, or after `at_most_s` in any case."""
        now = asyncio.get_running_loop().time
        deadline_s = now() + at_most_s
        quiet_since_s = now()
        while (rest_s := min(quiet_since_s + quiet_s, deadline_s) - now()) > 0:
            await asyncio.sleep(rest_s)
            quiet_since_s = max(quiet_since_s, self._changed_s)

    def messages(self, command: DeviceCommand) -> tuple[Message, ...]:
        """What brings the device to obey. Raises `CannotError`; the device must be of the home."""
        device = self._device(command)
        return self._conventions[device.convention].messages(command, device.state)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the device would say that it obeyed."""
        return self._conventions[self._device(command).convention].reports(command)

    def satisfied(self, command: DeviceCommand) -> bool:
        """Whether the device says that it is as asked."""
        device = self._device(command)
        return self._conventions[device.convention].satisfied(command, device.state)

    def live(self, device_id: str) -> bool:
        """Whether the device itself spoke since the broker was last reached.

        What the broker had kept does not count: the device may have been unplugged since.
        """
        return device_id in self._live

    @contextlib.contextmanager
    def watch(self, device_id: str) -> Iterator[Watch]:
        """Follow what one device says."""
        watch = Watch()
        self._watches.setdefault(device_id, []).append(watch)
        try:
            yield watch
        finally:
            self._watches[device_id].remove(watch)
            if not self._watches[device_id]:
                del self._watches[device_id]

    def _device(self, command: DeviceCommand) -> Device:
        device = self._home.get(command.device_id)
        if device is None or device.convention not in self._conventions:
            raise KeyError(command.device_id)
        return device

    async def _greet(self) -> None:
        self._live.clear()
        for convention in self._conventions.values():
            greeting = convention.greeting
            if greeting is not None:
                await self._link.publish(greeting.topic, greeting.payload, qos=greeting.qos, retain=False)

    def _heard(self, topic: str, payload: bytes, kept: bool) -> None:
        for convention in self._conventions.values():
            self._take(convention.heard(topic, payload), kept=kept)

    def _take(self, changes: Iterable[Change], *, kept: bool) -> None:
        for change in changes:
            match change:
                case Appeared(device, topics):
                    self._put(device, topics)
                case Vanished(device_id):
                    self._home.remove(device_id)
                    self._live.discard(device_id)
                    self._listen(device_id, frozenset())
                    self._tell(device_id, report=False)
                case Reported(device_id, state):
                    self._home.report(device_id, state)
                    if not kept:
                        self._live.add(device_id)
                    self._tell(device_id, report=not kept)
                case Reachable(device_id, available):
                    self._home.set_available(device_id, available)
                    self._tell(device_id, report=False)
            self._changed_s = asyncio.get_running_loop().time()

    def _put(self, device: Device, topics: frozenset[str]) -> None:
        before = self._home.get(device.id)
        if before is not None:  # it says anew who it is, not how it is
            state = {ability: value for ability, value in before.state.items() if ability in device.abilities}
            device = replace(device, state=state, available=before.available)
        self._home.put(replace(device, room=self._room(device)))
        self._listen(device.id, topics)

    def _room(self, device: Device) -> str | None:
        """The home's own spelling of the room; without one, the room with whose name the device's begins."""
        rooms = sorted(self._home.rooms, key=len, reverse=True)
        said, name = (device.room or "").casefold(), device.name.casefold()
        for room in rooms:
            names = {room.casefold(), *(alias.casefold() for alias in self._home.rooms[room])}
            if said in names:
                return room
            if not said and name.startswith(room.casefold() + " "):
                return room
        return device.room

    def _listen(self, device_id: str, topics: frozenset[str]) -> None:
        before = self._topics.pop(device_id, frozenset())
        if topics:
            self._topics[device_id] = topics
        for topic in topics - before:
            self._use(topic)
        for topic in before - topics:
            self._uses[topic] -= 1
            if not self._uses[topic]:
                del self._uses[topic]
                self._link.unsubscribe(topic, self._heard)

    def _use(self, filter_: str) -> None:
        self._uses[filter_] += 1
        if self._uses[filter_] == 1:
            self._link.subscribe(filter_, self._heard)

    def _tell(self, device_id: str, *, report: bool) -> None:
        for watch in self._watches.get(device_id, ()):
            watch.heard(report=report)
