"""What the broker keeps for announcers, and what it therefore must say again after each reconnection."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.discovery.convention import Appeared


@dataclass(slots=True)
class _Source:
    """A topic on which things were announced. `sure` is true when silence there means that they are gone."""

    connection: int
    sure: bool
    things: dict[str, Appeared] = field(default_factory=dict)
    asleep: bool = False


class AnnouncementMemory:
    """Compares what is announced on each topic from one connection to the next.

    A thing may be taken away while we are not connected. Its announcement then does not come again, if the
    broker kept it or its announcer answers greetings. Such a thing is put to sleep: it leaves the home, and
    is back as soon as there is word on its topic, whatever its convention remembers.
    """

    def __init__(self) -> None:
        self._sources: dict[str, _Source] = {}
        self._topic_of: dict[str, str] = {}
        self._connection = 0

    @property
    def connection(self) -> int:
        """The number of the connection, from 0."""
        return self._connection

    def connected(self) -> None:
        """From here on it is heard what comes again."""
        self._connection += 1

    def heard(self, topic: str, *, kept: bool) -> Sequence[Appeared]:
        """Note that there was word on a topic; returns the things on it that wake up."""
        source = self._sources.get(topic)
        if source is None:
            return ()
        source.connection = self._connection
        source.sure = source.sure or kept
        if not source.asleep:
            return ()
        source.asleep = False
        return tuple(source.things.values())

    def appeared(self, thing: Appeared, topic: str, *, sure: bool) -> None:
        """Note that a thing was announced there."""
        device_id = thing.device.id
        if self._topic_of.get(device_id) != topic:
            self.vanished(device_id)
        source = self._sources.setdefault(topic, _Source(self._connection, sure))
        source.things[device_id] = thing
        self._topic_of[device_id] = topic

    def vanished(self, device_id: str) -> None:
        """Note that a thing was taken away."""
        topic = self._topic_of.pop(device_id, None)
        if topic is None:
            return
        source = self._sources[topic]
        del source.things[device_id]
        if not source.things:
            del self._sources[topic]

    def unheard(self) -> Sequence[str]:
        """The things to put to sleep, since nothing came on their topics since the last connection."""
        gone: list[str] = []
        for source in self._sources.values():
            if source.sure and not source.asleep and source.connection < self._connection:
                source.asleep = True
                gone += source.things
        return gone
