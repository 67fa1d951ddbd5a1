"""Carries commands out and says what came of them. Once it has accepted a command, nobody's hurry undoes it.

An order is always sent, also when the device seems to be as asked: its last word may be old, and a person who
says "turn it on" has eyes. What is said afterwards depends on what the device says then:

    it was otherwise and now is as asked                                   -> done
    it was as asked and says so again                                      -> already
    it was as asked, spoke since the broker was reached, and keeps silent  -> already
    it keeps silent else, or says something else until the time is up      -> no_answer
    it never says anything of this ability                                 -> unverified
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from devices.adapters.adapter import Adapter
from devices.commands import AdapterCommand, Command, DeviceCommand, MqttCommand, Outcome, Result, Sent
from devices.discovery.convention import CannotError
from devices.discovery.keeper import Keeper, Watch
from devices.home import Home
from devices.message import BrokerAway, BrokerRefused, Message
from devices.mqtt import MqttLink

logger = logging.getLogger(__name__)

SILENT_S = 0.4
"""How long a device that was as asked may take to say so again. Many never do, and the person waits."""


@dataclass(frozen=True, slots=True)
class _Order:
    """A command on its way, with the clock of the turn that it came from."""

    turn_id: str
    now: Callable[[], float]


class Outbox:
    """`carry_out` is all. A device that reports has `confirm_s` seconds to do what it was told."""

    def __init__(
        self,
        home: Home,
        link: MqttLink,
        keeper: Keeper,
        adapters: Mapping[str, Adapter],
        *,
        confirm_s: float = 2.0,
    ) -> None:
        self._home = home
        self._link = link
        self._keeper = keeper
        self._adapters = adapters
        self._confirm_s = confirm_s
        self._in_flight: set[asyncio.Task[Outcome]] = set()

    async def carry_out(
        self, commands: Sequence[Command], *, turn_id: str, now: Callable[[], float]
    ) -> tuple[Outcome, ...]:
        """Carry all out at once, sent in their order; one outcome each, in the same order.

        Never raises for what went wrong: that is in the outcomes. Cancelling the caller leaves the commands
        running. `now` is the turn's clock, in seconds.
        """
        order = _Order(turn_id, now)
        tasks = [asyncio.create_task(self._supervised(command, order)) for command in commands]
        for task in tasks:
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return tuple(await asyncio.shield(asyncio.gather(*tasks)))

    async def close(self) -> None:
        """Let what is under way end, for as long as a device may take; then give up on it."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self._confirm_s)
        for task in self._in_flight:
            task.cancel()

    async def _supervised(self, command: Command, order: _Order) -> Outcome:
        try:
            outcome = await self._carry(command, order)
        except Exception:  # a supervised boundary: one broken command must not lose its neighbours' outcomes
            logger.exception("outbox: %s: a command failed", order.turn_id)
            outcome = Outcome(
                command, Result.REFUSED, self._name(command), detail="it failed inside the house"
            )
        logger.info("outbox: %s: %s: %s %s", order.turn_id, outcome.name, outcome.result, outcome.detail)
        return outcome

    async def _carry(self, command: Command, order: _Order) -> Outcome:
        if isinstance(command, AdapterCommand):
            return await self._ask_adapter(command, order)
        if isinstance(command, MqttCommand):
            message = Message(command.topic, command.payload, command.qos)
            sent = await self._send(Outcome(command, Result.UNVERIFIED, command.topic), (message,), order)
            return replace(sent, detail=sent.detail or "nobody says what became of it")
        return await self._order_device(command, order)

    async def _order_device(self, command: DeviceCommand, order: _Order) -> Outcome:
        device = self._home.get(command.device_id)
        blank = Outcome(command, Result.UNVERIFIED, self._name(command))
        if device is None:
            return replace(blank, result=Result.UNKNOWN_DEVICE, detail=f"there is no {command.device_id}")
        try:
            messages = self._keeper.messages(command)
            before = self._keeper.satisfied(command)
        except CannotError as error:
            return replace(blank, result=Result.CANNOT, detail=str(error))
        if self._link.connected and not device.available:
            return replace(blank, result=Result.OFFLINE, detail="it is said to be unreachable")
        with self._keeper.watch(command.device_id) as watch:
            outcome = await self._send(blank, messages, order)
            if outcome.result is not Result.UNVERIFIED:
                return outcome
            if not self._keeper.reports(command):
                return replace(outcome, detail="it never says what it did")
            return await self._confirmed(outcome, command, watch, order, before=before)

    async def _confirmed(
        self, sent: Outcome, command: DeviceCommand, watch: Watch, order: _Order, *, before: bool
    ) -> Outcome:
        """Wait for the device's own word."""
        trusted = before and self._keeper.live(command.device_id)
        try:
            async with asyncio.timeout(SILENT_S if trusted else self._confirm_s):
                while (result := self._told(command, watch, before=before)) is None:
                    await watch.news()
                    if watch.reports and trusted and not self._keeper.satisfied(command):
                        return await self._confirmed(sent, command, watch, order, before=False)
        except TimeoutError:
            if trusted:
                return replace(sent, result=Result.ALREADY, detail="it was so, and did not contradict")
            why = f"it did not confirm within {self._confirm_s:g} s"
            return replace(sent, result=Result.NO_ANSWER, detail=why)
        return replace(sent, result=result, confirmed_s=order.now() if result.good else None)

    def _told(self, command: DeviceCommand, watch: Watch, *, before: bool) -> Result | None:
        """What the device has said so far; None when that decides nothing."""
        device = self._home.get(command.device_id)
        if device is None:
            return Result.UNKNOWN_DEVICE
        if not device.available:
            return Result.OFFLINE
        if not self._keeper.satisfied(command):
            return None
        if not before:
            return Result.DONE
        return Result.ALREADY if watch.reports else None

    async def _send(self, blank: Outcome, messages: Sequence[Message], order: _Order) -> Outcome:
        """Publish all in their order, without waiting for one before the next. Never retained."""
        sent = tuple(Sent("mqtt", each.topic, each.payload, each.qos) for each in messages)
        publishing = (self._link.publish(each.topic, each.payload, qos=each.qos) for each in messages)
        try:
            await asyncio.gather(*publishing)
        except BrokerAway as error:
            left = sent if error.may_have_left else ()
            return replace(blank, result=Result.NO_BROKER, sent=left, detail=str(error))
        except BrokerRefused as error:
            return replace(blank, result=Result.REFUSED, sent=sent, detail=str(error))
        except ValueError as error:
            return replace(blank, result=Result.CANNOT, detail=str(error))
        return replace(blank, sent=sent, published_s=order.now())

    async def _ask_adapter(self, command: AdapterCommand, order: _Order) -> Outcome:
        blank = Outcome(command, Result.CANNOT, command.adapter)
        adapter = self._adapters.get(command.adapter)
        if adapter is None:
            return replace(blank, detail=f"no adapter {command.adapter!r} is configured")
        result, detail, sent = await adapter.act(command.action, command.arguments)
        came_s = order.now()
        return replace(
            blank,
            result=result,
            detail=detail,
            sent=sent,
            published_s=came_s if sent else None,
            confirmed_s=came_s if result.good else None,
        )

    def _name(self, command: Command) -> str:
        if isinstance(command, AdapterCommand):
            return command.adapter
        if isinstance(command, MqttCommand):
            return command.topic
        device = self._home.get(command.device_id)
        return command.device_id if device is None else device.name
