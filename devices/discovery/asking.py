"""Asks things how they are, a few at a time: not every hardware says so by itself."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from devices.discovery.convention import Asks
from devices.message import BrokerAway, BrokerRefused, Message
from devices.mqtt import MqttLink

logger = logging.getLogger(__name__)

EVERY_S = 0.02
"""A radio network carries some dozens of questions a second, not a thousand at once."""

MAX_WAITING = 4_000
MAX_PER_THING = 8


class Asking:
    """Holds what is to be asked, and asks it while `run` runs."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._standing: dict[str, tuple[Message, ...]] = {}
        self._waiting: deque[Message] = deque()
        self._work = asyncio.Event()

    def take(self, asks: Asks, *, anew: bool = False) -> None:
        """Ask now, and again after each reconnection where it is about a thing.

        With `anew` the thing has just said who it is: what was to be asked of it before no longer holds.
        """
        messages = tuple(Message(each.topic, each.payload, qos=1) for each in asks.messages[:MAX_PER_THING])
        if asks.device_id is not None:
            before = () if anew else self._standing.get(asks.device_id, ())
            if len(self._standing) < MAX_WAITING or asks.device_id in self._standing:
                kept = tuple(dict.fromkeys((*before, *messages)))
                self._standing[asks.device_id] = kept[-MAX_PER_THING:]
        if self._link.connected:
            self._queue(messages)

    def forget(self, device_id: str) -> None:
        """The thing is gone."""
        self._standing.pop(device_id, None)

    def again(self, is_there: Callable[[str], bool]) -> None:
        """Ask all things that are there once more, since the broker is back."""
        self._waiting.clear()
        for device_id in [each for each in self._standing if not is_there(each)]:
            del self._standing[device_id]
        for messages in self._standing.values():
            self._queue(messages)

    async def run(self) -> None:
        """Ask, until cancelled. What the broker does not take now is asked again when it is back."""
        while True:
            await self._work.wait()
            if not self._waiting:
                self._work.clear()
                continue
            message = self._waiting.popleft()
            try:
                await self._link.publish(message.topic, message.payload, qos=message.qos)
            except (BrokerAway, BrokerRefused, ValueError) as error:
                logger.info("discovery: a question on %r did not go out: %s", message.topic[:120], error)
            await asyncio.sleep(EVERY_S)

    def _queue(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            if len(self._waiting) < MAX_WAITING:
                self._waiting.append(message)
            else:
                logger.debug("discovery: too much to ask; left out %r", message.topic[:120])
        if self._waiting:
            self._work.set()
