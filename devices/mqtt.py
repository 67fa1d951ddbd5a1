"""The one door to MQTT: a link that outlives its broker and never lets an old order leave late.

What the broker did not take now is refused now, since an "unlock" of five minutes ago must not fire when the
broker is back. What cannot be called back is a message that the broker itself already holds; on MQTT 5 it
carries an expiry for that.
"""

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Self

from devices.commands import Sent
from devices.connection import MQTT_3, MQTT_5, ConnectFailed, Connection
from devices.message import (
    BrokerAway,
    BrokerRefused,
    Message,
    MqttSettings,
    OnMessage,
    Traffic,
    filter_is_sound,
    filter_matches,
    topic_is_sound,
)

__all__ = ["BrokerAway", "BrokerRefused", "Message", "MqttLink", "MqttSettings", "OnMessage", "Traffic"]

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 3.0
STEADY_AFTER_S = 5.0
"""A connection that lasted this long was a good one: after it the pauses begin small again."""

_VERSION_NAMES = {MQTT_5: "MQTT 5", MQTT_3: "MQTT 3.1.1"}


class MqttLink:
    """A link to a broker that may come and go: `async with MqttLink(settings) as link`.

    Entering never fails. Callbacks run on the event loop, one after the other; a callback may see a message
    twice when its subscriptions overlap.
    """

    def __init__(self, settings: MqttSettings, *, will: Message | None = None) -> None:
        client_id = settings.client_id or f"sotto-voce-{secrets.token_hex(4)}"
        self.settings = replace(settings, client_id=client_id)
        self.trouble = "not started"
        """Why there is no connection, one line; empty while there is one."""
        self._will = will
        self._subscribers: dict[str, list[tuple[OnMessage, int]]] = {}
        self._wildcards: set[str] = set()  # those of the filters that are more than one topic
        self._observers: list[Callable[[Traffic], None]] = []
        self._greeters: list[Callable[[], Awaitable[None]]] = []
        self._greetings: set[asyncio.Task[None]] = set()
        self._connection: Connection | None = None
        self._up = asyncio.Event()
        self._tried = asyncio.Event()
        self._tried.set()
        self._version = MQTT_5
        self._version_proven = False
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.trouble = "still connecting"
        self._tried.clear()
        self._keeper = asyncio.create_task(self._keep_connected())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._keeper, *self._greetings):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        connection, self._connection = self._connection, None
        self._up.clear()
        self.trouble = "closed"
        self._tried.set()
        if connection is not None:
            await connection.close()

    @property
    def connected(self) -> bool:
        """Whether a broker listens right now."""
        return self._connection is not None and not self._connection.lost.done()

    @property
    def address(self) -> str:
        """Host and port, for people."""
        return f"{self.settings.host}:{self.settings.port}"

    @property
    def version(self) -> str:
        """The protocol spoken at present; empty while there is no connection."""
        return _VERSION_NAMES[self._version] if self.connected else ""

    async def wait_connected(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the broker; true when it is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not self.connected:
                    await self._up.wait()
                    await asyncio.sleep(0)  # the end of a connection is seen a moment before it is tidied up
        return self.connected

    async def tried(self) -> None:
        """Return when the first attempt to connect has ended, well or not; at once for one that is shut."""
        await self._tried.wait()

    async def publish(self, topic: str, payload: str, *, qos: int = 1, retain: bool = False) -> None:
        """Send one message and return when the broker has it (with QoS 0: when it has left).

        Raises `BrokerAway` at once without a connection and after `expiry_s` without acknowledgement,
        `BrokerRefused` when the broker does not want it, ValueError for what no broker could take.
        """
        if not topic_is_sound(topic):
            raise ValueError(f"{topic[:80]!r} is no MQTT topic")
        if self._connection is None:
            raise BrokerAway(f"the MQTT broker at {self.address} cannot be reached: {self.trouble}")
        self._show(Traffic("out", topic, payload.encode(), qos, retain))
        await self._connection.publish(Message(topic, payload, qos, retain))

    async def send(self, messages: Sequence[Message]) -> tuple[Sent, ...]:
        """Publish orders in their order, without waiting for one before the next; returns what went out.

        Never retained, whatever they say. Raises as `publish` does; the exceptions know what may have left.
        """
        sent = tuple(Sent("mqtt", each.topic, each.payload, each.qos) for each in messages)
        publishing = (self.publish(each.topic, each.payload, qos=each.qos) for each in messages)
        try:
            await asyncio.gather(*publishing)
        except BrokerAway as error:
            error.sent = sent if error.may_have_left else ()
            raise
        except BrokerRefused as error:
            error.sent = sent
            raise
        return sent

    def subscribe(self, filter_: str, callback: OnMessage, qos: int = 1) -> None:
        """Have `callback` called for each message that matches, now and after each reconnection.

        Raises ValueError for a filter that no broker could take.
        """
        if not filter_is_sound(filter_):
            raise ValueError(f"{filter_[:80]!r} is no MQTT filter")
        self._subscribers.setdefault(filter_, []).append((callback, qos))
        if "+" in filter_ or "#" in filter_:
            self._wildcards.add(filter_)
        if self._connection is not None:  # also when it is there already: the retained ones come again
            self._connection.subscribe(filter_, self._qos(filter_))

    def unsubscribe(self, filter_: str, callback: OnMessage) -> None:
        """Undo `subscribe`; unknown pairs are ignored."""
        if filter_ not in self._subscribers:
            return
        rest = [each for each in self._subscribers[filter_] if each[0] != callback]
        if rest:
            self._subscribers[filter_] = rest
            return
        del self._subscribers[filter_]
        self._wildcards.discard(filter_)
        if self._connection is not None:
            self._connection.unsubscribe(filter_)

    def on_connect(self, greeter: Callable[[], Awaitable[None]]) -> Callable[[], None]:
        """Have `greeter` run after each connection, subscriptions first; at once when there is one.

        Ends when the returned function is called.
        """
        self._greeters.append(greeter)
        if self.connected:
            self._greet(greeter)
        return lambda: self._greeters.remove(greeter)

    def observe(self, callback: Callable[[Traffic], None]) -> Callable[[], None]:
        """Show all traffic to `callback` until the returned function is called."""
        self._observers.append(callback)
        return lambda: self._observers.remove(callback)

    async def _keep_connected(self) -> None:
        clock = asyncio.get_running_loop().time
        pause_s = FIRST_PAUSE_S
        while True:
            connection = Connection(self.settings, self._version, self._will, self._receive)
            try:
                await connection.open()
            except ConnectFailed as failure:
                connection.abort(str(failure))
                if failure.handshake and self._try_other_version():
                    continue
                self._note_trouble(str(failure))
            except asyncio.CancelledError:
                connection.abort("closed")
                raise
            else:
                began_s = clock()
                self._connected(connection)
                reason = await asyncio.shield(connection.lost)
                connection.abort(reason)
                self._connection = None
                self._up.clear()
                self._note_trouble(reason)
                if clock() - began_s > STEADY_AFTER_S:
                    pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - spreads clients, no secret
            pause_s = min(pause_s * 1.6, LONGEST_PAUSE_S)

    def _try_other_version(self) -> bool:
        """A broker that takes only MQTT 3.1.1 just hangs up on MQTT 5. Returns whether to dial again now.

        A version that worked gets a second chance, since a broker that is being stopped hangs up too.
        """
        if self._version_proven:
            self._version_proven = False
            return False
        first = self._version == MQTT_5
        self._version = MQTT_3 if first else MQTT_5
        return first

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        self._version_proven = True
        self.trouble = ""
        logger.info("mqtt: connected to %s (%s)", self.address, self.version)
        for filter_ in self._subscribers:
            connection.subscribe(filter_, self._qos(filter_))
        self._up.set()
        self._tried.set()
        for greeter in self._greeters:
            self._greet(greeter)

    def _note_trouble(self, reason: str) -> None:
        """Log a trouble once, not at each attempt."""
        if reason != self.trouble:
            logger.warning("mqtt: no connection to %s: %s; will go on trying", self.address, reason)
        self.trouble = reason
        self._tried.set()

    def _qos(self, filter_: str) -> int:
        return max(qos for _, qos in self._subscribers[filter_])

    def _greet(self, greeter: Callable[[], Awaitable[None]]) -> None:
        async def greeted() -> None:
            try:
                await greeter()
            except (BrokerAway, BrokerRefused) as error:
                logger.info("mqtt: a greeting did not go out: %s", error)

        task = asyncio.create_task(greeted())
        self._greetings.add(task)
        task.add_done_callback(self._greetings.discard)

    def _receive(self, traffic: Traffic) -> None:
        self._show(traffic)
        # A home listens on thousands of topics: the one that it is, then the few patterns.
        filters = [traffic.topic, *(each for each in self._wildcards if filter_matches(each, traffic.topic))]
        callbacks = [callback for each in filters for callback, _ in self._subscribers.get(each, ())]
        for callback in callbacks:
            self._call(callback, traffic.topic, traffic.payload, traffic.retain)

    def _show(self, traffic: Traffic) -> None:
        for observer in list(self._observers):
            self._call(observer, traffic)

    def _call(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # a supervised boundary: one broken listener must not silence the others
            logger.exception("mqtt: a listener failed")
