"""Keeps the home as it is told: feeds messages to the conventions, and what they and the bridges say of
things to the home; the way to every thing that is not an adapter's.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Self

from devices.commands import DeviceCommand, Sent
from devices.discovery.announcements import Announcements
from devices.discovery.asking import Asking
from devices.discovery.convention import (
    Appeared,
    Asks,
    Bridge,
    CannotError,
    Change,
    Convention,
    Reachable,
    Refused,
    Reported,
    Vanished,
)
from devices.discovery.memory import AnnouncementMemory
from devices.history import History
from devices.home import Ability, Device, Home, Value
from devices.message import Message, filter_matches
from devices.mqtt import MqttLink
from devices.owner import Owner

logger = logging.getLogger(__name__)

GRACE_S = 5.0
"""How long after a reconnection, once all is quiet, an announcement may still come again."""

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0


class Watch:
    """What one device says from now on. `reports` counts its words that were not the broker's old ones;
    `refusal` is why it said no, empty while it did not.
    """

    def __init__(self) -> None:
        self.reports = 0
        self.refusal = ""
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Wait until something new was heard of the device."""
        await self._news.wait()
        self._news.clear()

    def heard(self, *, report: bool, refusal: str = "") -> None:
        """Note that something was."""
        self.reports += report
        self.refusal = refusal or self.refusal
        self._news.set()


class Keeper:
    """`async with Keeper(link, home, conventions) as keeper:` keeps `home` up to date meanwhile.

    `conventions`, then `bridges`, are believed in their order where they announce the same thing. `owner`
    has the last word on names and rooms; `groups` are name -> members. `history` takes down what was said.
    """

    def __init__(
        self,
        link: MqttLink,
        home: Home,
        conventions: Sequence[Convention],
        *,
        bridges: Sequence[Bridge] = (),
        owner: Owner | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        history: History | None = None,
    ) -> None:
        self._home = home
        self._link = link
        self._history = history
        self._conventions = {convention.name: convention for convention in conventions}
        self._bridges = {bridge.name: bridge for bridge in bridges}
        order = (*self._conventions, *self._bridges)
        self._announcements = Announcements(home, order, owner or Owner(), groups or {})
        self._memory = AnnouncementMemory()
        self._asking = Asking(link)
        self._topics: dict[str, frozenset[str]] = {}
        self._uses: Counter[str] = Counter()
        self._live: set[str] = set()
        self._watches: dict[str, list[Watch]] = {}
        self._changed_s = 0.0
        self.revision = 0
        """Raised by each announcement, also by those that change nothing in the home."""
        self._end_greeting: Callable[[], None] | None = None
        self._greeted = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._forgetting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for convention in self._conventions.values():
            for filter_ in convention.filters:
                self._use(filter_)
            self._take(convention.name, convention.known(), kept=True)
        self._start(self._asking.run())
        for bridge in self._bridges.values():
            self._start(self._supervise(bridge))
        self._end_greeting = self._link.on_connect(self._greet)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._end_greeting is not None:
            self._end_greeting()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for filter_ in list(self._uses):
            self._link.unsubscribe(filter_, self._heard)
        self._uses.clear()

    async def settled(self, quiet_s: float = 0.2, at_most_s: float = 15.0) -> None:
        """Return when nothing appeared and the broker handed out nothing old for `quiet_s`, or after
        `at_most_s` in any case. What devices say does not count: a busy house is never quiet. Nor does the
        silence before the broker has answered: on a busy machine that may take a while.
        """
        now = asyncio.get_running_loop().time
        deadline_s = now() + at_most_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline_s):
                await self._link.tried()
                if self._link.connected:
                    await self._greeted.wait()
        quiet_since_s = now()
        while (rest_s := min(quiet_since_s + quiet_s, deadline_s) - now()) > 0:
            await asyncio.sleep(rest_s)
            quiet_since_s = max(quiet_since_s, self._changed_s)

    # -- orders ----------------------------------------------------------------------------------------------

    async def send(self, command: DeviceCommand) -> tuple[Sent, ...]:
        """Have a device ordered, whoever it belongs to; returns what went out. Never retained, never queued.

        Raises `CannotError`, `BrokerAway`, `BrokerRefused` (both with what may have left), `BridgeAwayError`,
        `BridgeRefusedError`, ValueError for what no broker could take, KeyError for an unknown device.
        """
        device = self._device(command)
        bridge = self._bridges.get(device.convention)
        if bridge is not None:
            return await bridge.send(command, device.state)
        return await self._link.send(self._conventions[device.convention].messages(command, device.state))

    def messages(self, command: DeviceCommand) -> tuple[Message, ...]:
        """What brings a device to obey over MQTT. Raises `CannotError`, KeyError for an unknown device."""
        device = self._device(command)
        convention = self._conventions.get(device.convention)
        return () if convention is None else convention.messages(command, device.state)

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the device would say that it obeyed."""
        return self._speaker(self._device(command)).reports(command)

    def satisfied(self, command: DeviceCommand) -> bool:
        """Whether the device says that it is as asked."""
        device = self._device(command)
        return self._speaker(device).satisfied(command, device.state)

    def answerable(self, device: Device) -> bool:
        """Whether who speaks for the device is there to say that it is unreachable."""
        bridge = self._bridges.get(device.convention)
        return self._link.connected if bridge is None else not bridge.trouble

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

    # -- what is known of announcements ----------------------------------------------------------------------

    def announcements(self) -> Mapping[str, tuple[Device, ...]]:
        """Device of the home -> the announcements behind it, the believed one first."""
        return {device.id: self._announcements.behind(device.id) for device in self._home}

    def announced(self) -> Iterator[Device]:
        """Every announcement, also those that are hidden behind another one."""
        return iter(self._announcements)

    def command_topics(self, command: DeviceCommand) -> frozenset[str]:
        """Where an announced thing, hidden or not, would be ordered over MQTT; empty when it cannot be."""
        name = self._announcements.convention(command.device_id)
        convention = self._conventions.get(name or "")
        if convention is None:
            return frozenset()
        state: Mapping[Ability, Value] = {}
        try:
            return frozenset(message.topic for message in convention.messages(command, state))
        except CannotError:
            return frozenset()

    def announces(self, topic: str) -> bool:
        """Whether conventions believe what is said on that topic."""
        return any(
            filter_matches(filter_, topic) for each in self._conventions.values() for filter_ in each.filters
        )

    def _device(self, command: DeviceCommand) -> Device:
        device = self._home.get(command.device_id)
        if device is None or (
            device.convention not in self._conventions and device.convention not in self._bridges
        ):
            raise KeyError(command.device_id)
        return device

    def _speaker(self, device: Device) -> Convention | Bridge:
        return self._bridges.get(device.convention) or self._conventions[device.convention]

    # -- connections -----------------------------------------------------------------------------------------

    async def _greet(self) -> None:
        self._greeted.clear()
        self._memory.connected()
        self._live = {each for each in self._live if self._announcements.convention(each) in self._bridges}
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = self._start(self._forget_the_unheard())
        self._asking.again(self._announcements.__contains__)
        try:
            for convention in self._conventions.values():
                greeting = convention.greeting
                if greeting is not None:
                    await self._link.publish(greeting.topic, greeting.payload, qos=greeting.qos, retain=False)
        finally:  # the broker has answered: what it kept for us came before that
            self._greeted.set()

    async def _forget_the_unheard(self) -> None:
        """Some time after a connection, drop what was taken away while there was none."""
        await self.settled()
        await asyncio.sleep(GRACE_S)
        if not self._link.connected:
            return
        for device_id in self._memory.unheard():
            logger.info("discovery: %s was not announced again and is taken as gone", device_id[:120])
            self._gone(device_id)

    async def _supervise(self, bridge: Bridge) -> None:
        """Keep a bridge running, whatever it does."""
        pause_s = FIRST_PAUSE_S
        while True:
            began_s = time.monotonic()
            try:
                await bridge.run(lambda changes: self._take(bridge.name, changes, kept=False))
                logger.error("discovery: %s ended; it is started again", bridge.name)
            except Exception:  # a supervised boundary: one broken bridge must not take the home with it
                logger.exception("discovery: %s failed; it is started again", bridge.name)
            if time.monotonic() - began_s > LONGEST_PAUSE_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- what is heard ---------------------------------------------------------------------------------------

    def _heard(self, topic: str, payload: bytes, kept: bool) -> None:
        for woken in self._memory.heard(topic, kept=kept):
            self._put(woken.device, woken.topics)
        for convention in self._conventions.values():
            self._take(convention.name, convention.heard(topic, payload), kept=kept, topic=topic)

    def _take(self, speaker: str, changes: Iterable[Change], *, kept: bool, topic: str | None = None) -> None:
        anew: set[str] = set()
        for change in changes:
            if kept or isinstance(change, Appeared | Vanished):
                self._changed_s = asyncio.get_running_loop().time()
            match change:
                case Asks(device_id=device_id):
                    self._asking.take(change, anew=device_id in anew)
                    anew.discard(device_id or "")
                case Appeared(device, topics):
                    if self._may_appear(speaker, device):
                        anew.add(device.id)
                        self._remember(speaker, change, topic, kept=kept)
                        self._put(device, topics)
                case Vanished(device_id) if self._theirs(speaker, device_id):
                    self._memory.vanished(device_id)
                    self._asking.forget(device_id)
                    self._gone(device_id)
                case Reported() | Reachable() | Refused() if self._theirs(speaker, change.device_id):
                    self._said(change, kept=kept)
                case _:
                    logger.debug("discovery: %s spoke of what is not its own", speaker)

    def _said(self, change: Reported | Reachable | Refused, *, kept: bool) -> None:
        device_id = change.device_id
        match change:
            case Reported(state=state):
                self._announcements.report(device_id, state)
                if not kept:
                    self._live.add(device_id)
                if self._history is not None and self._announcements.shown(device_id):
                    self._history.note(device_id, state, time.time())
                self._tell(device_id, report=not kept)
            case Reachable(available=available):
                self._announcements.reach(device_id, available)
                self._tell(device_id, report=False)
            case Refused(why=why):
                self._tell(device_id, report=False, refusal=why or "it said no")

    def _remember(self, speaker: str, thing: Appeared, topic: str | None, *, kept: bool) -> None:
        if topic is None:  # it was known beforehand, or is a bridge's, which keeps account itself
            return
        greeted = self._conventions[speaker].greeting is not None
        self._memory.appeared(thing, topic, sure=kept or greeted)

    def _may_appear(self, speaker: str, device: Device) -> bool:
        """Ids are each convention's own: nobody takes another's thing over by its id."""
        if device.convention == speaker and self._theirs(speaker, device.id):
            return True
        logger.warning("discovery: %s announced %r, which is not its own", speaker, device.id[:80])
        return False

    def _theirs(self, speaker: str, device_id: str) -> bool:
        return self._announcements.convention(device_id) in (None, speaker)

    def _put(self, device: Device, topics: frozenset[str]) -> None:
        self.revision += 1
        self._announcements.appear(device)
        self._listen(device.id, topics)

    def _gone(self, device_id: str) -> None:
        self.revision += 1
        self._announcements.vanish(device_id)
        self._live.discard(device_id)
        self._listen(device_id, frozenset())
        self._tell(device_id, report=False)

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
            # QoS 0: after a connection everything comes at once, thousands of messages in a large home, and a
            # broker may let only a hundred unacknowledged ones be on their way, or drop the rest.
            self._link.subscribe(filter_, self._heard, qos=0)

    def _tell(self, device_id: str, *, report: bool, refusal: str = "") -> None:
        for watch in self._watches.get(device_id, ()):
            watch.heard(report=report, refusal=refusal)
