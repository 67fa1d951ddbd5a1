"""A link without a broker: what a test says is heard at once, what leaves is noted."""

import asyncio
from collections.abc import Callable
from typing import Any

from devices.message import Traffic, topic_is_sound
from devices.mqtt import MqttLink, MqttSettings

Answer = Callable[[str], tuple[str, str] | None]
"""What whoever listens on a topic says to a payload, if anything: where, and what."""


class DirectLink(MqttLink):
    """Connected from the start. `left` are the messages that went out, `answers` who listens to them.

    What a listener raises is raised to the test, not written into a log.
    """

    def __init__(self) -> None:
        super().__init__(MqttSettings())
        self.left: list[tuple[str, str]] = []
        self.answers: dict[str, Answer] = {}

    @property
    def connected(self) -> bool:
        return True

    async def publish(self, topic: str, payload: str, *, qos: int = 1, retain: bool = False) -> None:
        assert topic_is_sound(topic), topic
        assert not retain, f"{topic} would be kept by the broker"
        payload.encode()
        self.left.append((topic, payload))
        answer = self.answers.get(topic)
        said = answer(payload) if answer is not None else None
        if said is not None:
            asyncio.get_running_loop().call_soon(self.hears, *said)

    def hears(self, topic: str, payload: str | bytes, kept: bool = False) -> None:
        """A message from the broker."""
        raw = payload if isinstance(payload, bytes) else payload.encode()
        self._receive(Traffic("in", topic, raw, 1, kept))

    def listened_to(self) -> frozenset[str]:
        """All filters that somebody subscribed to."""
        return frozenset(self._subscribers)

    def _call(self, callback: Callable[..., None], *arguments: Any) -> None:
        callback(*arguments)
