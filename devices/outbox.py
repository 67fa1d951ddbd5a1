"""Carries commands out and says what came of them. Once it has accepted a command, nobody's hurry undoes it.

Before anything is sent, in this order:

    there is no such device                                                -> unknown_device
    it is not open to voice, or not from there                             -> not_allowed
    it has no such ability, or not that value                              -> cannot
    the order takes a yes or the PIN that nobody gave                      -> needs_confirmation, needs_pin
    whoever speaks for it says that it cannot be reached                   -> offline
    the broker is away: nothing is kept for later                          -> no_broker

An order is always sent, also when the device seems to be as asked: its last word may be old, and a person who
says "turn it on" has eyes. What is said afterwards depends on what the device says then:

    it was otherwise and now is as asked                                   -> done
    it was as asked and says so again                                      -> already
    it was as asked, spoke since the broker was reached, and keeps silent  -> already
    it moves the right way (devices/progress.py)                           -> in_progress
    it says no, or is jammed                                               -> refused
    a later order took the place of this one before it was confirmed       -> done if it was, else unverified
    it keeps silent else, or says something else until the time is up      -> no_answer
    it never says anything of this ability                                 -> unverified

A group answers with one outcome for each member that can do what was asked. The same order twice in a turn
is sent once.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from devices.adapters.adapter import Adapter
from devices.commands import AdapterCommand, Command, DeviceCommand, MqttCommand, Outcome, Result
from devices.confirmation import Confirmation
from devices.discovery.convention import BridgeAwayError, BridgeRefusedError, CannotError
from devices.discovery.keeper import Keeper
from devices.groups import CONVENTION, able_members
from devices.guard import Guard
from devices.history import History
from devices.home import Device, Home
from devices.message import BrokerAway, BrokerRefused, Message
from devices.mqtt import MqttLink
from devices.policy import UNKNOWN, Authority, Policy
from devices.progress import repeatable, replaces
from devices.values import objection
from devices.vehicles import WHILE_PARKED, stays_shut

logger = logging.getLogger(__name__)

Outcomes = tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    """Where commands come from: the turn, its clock, and on whose word."""

    turn_id: str
    now: Callable[[], float]
    by: Authority


@dataclass(frozen=True, slots=True)
class _Order:
    """What is sent as one, and the devices that it is for: one, or the members of a convention's group."""

    command: DeviceCommand
    parts: tuple[DeviceCommand, ...]


class Outbox:
    """`carry_out` is all. A device that reports has `confirm_s` seconds to do what it was told."""

    def __init__(
        self,
        home: Home,
        link: MqttLink,
        keeper: Keeper,
        adapters: Mapping[str, Adapter],
        *,
        policy: Policy | None = None,
        history: History | None = None,
        confirm_s: float = 2.0,
    ) -> None:
        self._home = home
        self._link = link
        self._keeper = keeper
        self._adapters = adapters
        self._policy = policy or Policy()
        self._guard = Guard(keeper, self._policy)
        self._history = history
        self._confirm_s = confirm_s
        self._in_flight: set[asyncio.Task[Outcomes]] = set()
        self._same: dict[tuple[str, ...], asyncio.Task[Outcomes]] = {}
        self._waiting: dict[str, list[Confirmation]] = {}
        self._following: set[asyncio.Task[None]] = set()
        self.carried_out: Callable[[str, Authority, Outcomes], None] = lambda _id, _by, _outcomes: None
        """Told of whatever was carried out or refused, by whose turn and on whose word."""

    async def carry_out(
        self,
        commands: Sequence[Command],
        *,
        turn_id: str,
        now: Callable[[], float],
        by: Authority = UNKNOWN,
    ) -> Outcomes:
        """Carry all out at once, sent in their order; the outcomes come in the same order.

        There is one for each command, and for a group one for each member. Never raises for what went wrong:
        that is in the outcomes. Cancelling the caller leaves the commands running. `now` is the turn's clock,
        in seconds. Without a `turn_id` it is nobody's order, which nobody takes back.
        """
        turn = _Turn(turn_id, now, by)
        tasks = [self._begin(each, turn) for command in commands for each in self._orders(command, by)]
        came = await asyncio.shield(asyncio.gather(*tasks))
        return tuple(outcome for outcomes in came for outcome in outcomes)

    def refusal(self, command: Command, by: Authority) -> Result | None:
        """Why the policy would not let an order out on that word; None when it would."""
        device = self._home.get(command.device_id) if isinstance(command, DeviceCommand) else None
        if isinstance(command, DeviceCommand):
            return None if device is None else self._policy.verdict(command, device, by)
        return self._policy.raw_verdict(by)

    async def close(self) -> None:
        """Let what is under way end, for as long as a device may take; then give up on it."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self._confirm_s)
        for task in (*self._in_flight, *self._following):
            task.cancel()
        await asyncio.gather(*self._in_flight, *self._following, return_exceptions=True)

    # -- what is one order -----------------------------------------------------------------------------------

    def _orders(self, command: Command, by: Authority) -> Iterator[Command | _Order]:
        """Take groups apart, unless one message reaches all members and may do so."""
        group = self._home.get(command.device_id) if isinstance(command, DeviceCommand) else None
        if not isinstance(command, DeviceCommand) or group is None or not group.members:
            yield command
            return
        able = able_members(group, command.ability, self._home)
        if not able or self._verdict(command, group, by) is not None:
            yield command
            return
        parts = tuple(replace(command, device_id=member.id) for member in able)
        members = (member for each in group.members if (member := self._home.get(each)) is not None)
        if group.convention != CONVENTION and all(
            self._verdict(command, member, by) is None for member in members
        ):
            yield _Order(command, parts)
            return
        # What its owner keeps from voice is passed over in silence, unless it is all that there is.
        closed = [self._verdict(command, member, by) is Result.NOT_ALLOWED for member in able]
        yield from (part for part, shut in zip(parts, closed, strict=True) if all(closed) or not shut)

    def _verdict(self, command: DeviceCommand, device: Device, by: Authority) -> Result | None:
        return self._policy.verdict(replace(command, device_id=device.id), device, by)

    def _begin(self, command: Command | _Order, turn: _Turn) -> asyncio.Task[Outcomes]:
        key = _key(command, turn.turn_id)
        if key is not None and (same := self._same.get(key)) is not None:
            return same
        task = asyncio.create_task(self._supervised(command, turn))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        if key is not None:
            self._same[key] = task
            task.add_done_callback(lambda _: self._same.pop(key, None))
        return task

    async def _supervised(self, command: Command | _Order, turn: _Turn) -> Outcomes:
        try:
            outcomes = await self._carry(command, turn)
        except Exception:  # a supervised boundary: one broken command must not lose its neighbours' outcomes
            logger.exception("outbox: %s: a command failed", turn.turn_id)
            failed = command.command if isinstance(command, _Order) else command
            outcomes = (
                Outcome(failed, Result.REFUSED, self._name(failed), detail="it failed inside the house"),
            )
        for outcome in outcomes:
            logger.info("outbox: %s: %s: %s %s", turn.turn_id, outcome.name, outcome.result, outcome.detail)
        try:
            self.carried_out(turn.turn_id, turn.by, outcomes)
        except Exception:  # the record must not take an outcome with it
            logger.exception("outbox: %s: it could not be recorded", turn.turn_id)
        return outcomes

    async def _carry(self, command: Command | _Order, turn: _Turn) -> Outcomes:
        match command:
            case AdapterCommand():
                return (await self._ask_adapter(command, turn),)
            case MqttCommand():
                return (await self._publish(command, turn),)
            case DeviceCommand():
                return await self._order(_Order(command, (command,)), turn)
            case _Order():
                return await self._order(command, turn)

    # -- a device --------------------------------------------------------------------------------------------

    async def _order(self, order: _Order, turn: _Turn) -> Outcomes:
        """Send once, and wait for each device's own word."""
        checked = {part: self._checked(part, turn.by) for part in order.parts}
        waited_for = [part for part in order.parts if checked[part] is None]
        if not waited_for:
            return tuple(outcome for outcome in checked.values() if outcome is not None)
        with ExitStack() as stack:
            waiting = [self._expect(part, stack) for part in waited_for]
            sent = await self._send(order.command, turn)
            if sent.result is not Result.UNVERIFIED:
                return (sent,)
            for each in waiting:
                if self._history is not None and turn.turn_id:  # without a turn nobody ordered it
                    self._history.ordered(turn.turn_id, turn.by.room, each.device, each.command)
            came = await asyncio.gather(
                *(
                    each.outcome(replace(sent, command=each.command, name=each.name), turn.now)
                    for each in waiting
                )
            )
        for expected, outcome in zip(waiting, came, strict=True):
            checked[expected.command] = outcome
            if outcome.result is Result.IN_PROGRESS:
                self._follow(expected, turn)
        return tuple(outcome for outcome in checked.values() if outcome is not None)

    def _checked(self, command: DeviceCommand, by: Authority) -> Outcome | None:
        """Why the order is not even sent; None when it is."""
        device = self._home.get(command.device_id)
        name = self._name(command)
        if device is None:
            return Outcome(command, Result.UNKNOWN_DEVICE, name, detail=f"there is no {command.device_id}")
        verdict = self._policy.verdict(command, device, by)
        if verdict is Result.NOT_ALLOWED:
            return Outcome(command, verdict, name, detail="it is not open to voice, or not from there")
        why_not = objection(device, command.ability, command.value)
        if why_not:
            return Outcome(command, Result.CANNOT, name, detail=why_not)
        if stays_shut(device, command.ability, command.value, self._home):
            return Outcome(command, Result.CANNOT, name, detail=WHILE_PARKED)  # before anybody is asked
        if verdict is not None:
            return Outcome(command, verdict, name, detail="nobody has answered for it")
        try:
            self._keeper.satisfied(command)
        except CannotError as error:
            return Outcome(command, Result.CANNOT, name, detail=str(error))
        if not device.available and self._keeper.answerable(device):
            return Outcome(command, Result.OFFLINE, name, detail="it is said to be unreachable")
        return None

    def _expect(self, command: DeviceCommand, stack: ExitStack) -> Confirmation:
        """Listen to the device from before the order leaves; what it still waited for may be replaced."""
        for earlier in self._waiting.get(command.device_id, ()):
            if replaces(command, earlier.command):
                earlier.replace()
        expected = Confirmation(self._home, self._keeper, command, confirm_s=self._confirm_s)
        self._wait_for(expected, stack)
        return expected

    def _wait_for(self, expected: Confirmation, stack: ExitStack) -> None:
        device_id = expected.command.device_id
        expected.watch = stack.enter_context(self._keeper.watch(device_id))
        self._waiting.setdefault(device_id, []).append(expected)

        def no_more() -> None:
            self._waiting[device_id].remove(expected)
            if not self._waiting[device_id]:
                del self._waiting[device_id]

        stack.callback(no_more)

    async def _send(self, command: DeviceCommand, turn: _Turn) -> Outcome:
        """Unverified is that it went out."""
        blank = Outcome(command, Result.UNVERIFIED, self._name(command))
        try:
            sent = await self._keeper.send(command)
        except BrokerAway as error:
            return replace(blank, result=Result.NO_BROKER, sent=error.sent, detail=str(error))
        except BridgeAwayError as error:
            return replace(blank, result=Result.OFFLINE, detail=str(error))
        except (BrokerRefused, BridgeRefusedError) as error:
            return replace(blank, result=Result.REFUSED, sent=getattr(error, "sent", ()), detail=str(error))
        except (CannotError, ValueError) as error:
            return replace(blank, result=Result.CANNOT, detail=str(error))
        return replace(blank, sent=sent, published_s=turn.now())

    def _follow(self, expected: Confirmation, turn: _Turn) -> None:
        """Note, for the log, how it ended with what was told to be under way."""

        async def followed() -> None:
            with ExitStack() as stack:
                began_s = turn.now()
                self._wait_for(expected, stack)
                ended = await expected.ended()
                level = logging.INFO if ended.good else logging.WARNING
                took_s = turn.now() - began_s
                words = "outbox: %s: %s: %s after another %.0f s"
                logger.log(level, words, turn.turn_id, expected.name, ended, took_s)

        task = asyncio.create_task(followed())
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    # -- what is no device -----------------------------------------------------------------------------------

    async def _publish(self, command: MqttCommand, turn: _Turn) -> Outcome:
        blank = Outcome(
            command, Result.UNVERIFIED, self._name(command), detail="nobody says what became of it"
        )
        verdict = self._policy.raw_verdict(turn.by)
        if verdict is not None:
            return replace(blank, result=verdict, detail="nobody has answered for it")
        why_not = self._guard.objection(command.topic)
        if why_not:
            return replace(blank, result=Result.REFUSED, detail=why_not)
        try:
            sent = await self._link.send((Message(command.topic, command.payload, command.qos),))
        except BrokerAway as error:
            return replace(blank, result=Result.NO_BROKER, sent=error.sent, detail=str(error))
        except BrokerRefused as error:
            return replace(blank, result=Result.REFUSED, sent=error.sent, detail=str(error))
        except ValueError as error:
            return replace(blank, result=Result.CANNOT, detail=str(error))
        return replace(blank, sent=sent, published_s=turn.now())

    async def _ask_adapter(self, command: AdapterCommand, turn: _Turn) -> Outcome:
        blank = Outcome(command, Result.CANNOT, command.adapter)
        adapter = self._adapters.get(command.adapter)
        if adapter is None:
            return replace(blank, detail=f"no adapter {command.adapter!r} is configured")
        verdict = self._policy.raw_verdict(turn.by)
        if verdict is not None:
            return replace(blank, result=verdict, detail="nobody has answered for it")
        result, detail, sent = await adapter.act(command.action, command.arguments)
        came_s = turn.now()
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
            return command.name or command.topic
        device = self._home.get(command.device_id)
        return command.device_id if device is None else device.name


def _key(command: Command | _Order, turn_id: str) -> tuple[str, ...] | None:
    """What makes two orders of a turn the same; None for what is meant anew each time."""
    if isinstance(command, _Order):
        command = command.command
    if not isinstance(command, DeviceCommand) or repeatable(command):
        return None
    return turn_id, command.device_id, command.ability, repr(command.value)
