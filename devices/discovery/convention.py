"""What a convention is: a way in which things on a broker say what they are, how they are, what they obey.

A convention is fed with messages and answers with changes. It publishes nothing and knows no home, so that
it can be tried with words alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.commands import DeviceCommand, Sent
from devices.home import Ability, Device, Value
from devices.message import Message


@dataclass(frozen=True, slots=True)
class Appeared:
    """A device is there, or is there in another way than before. It speaks on `topics`."""

    device: Device
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vanished:
    """A device was taken away."""

    device_id: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A device said how it is. None for an ability says that it is no longer known."""

    device_id: str
    state: Mapping[Ability, Value | None]


@dataclass(frozen=True, slots=True)
class Reachable:
    """A device, or who speaks for it, said whether it can be reached."""

    device_id: str
    available: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A device said no to an order; `why` is one line in its own words."""

    device_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Asks:
    """To learn more, these are to be sent, now and after each reconnection as long as `device_id` is there
    (None: just now). Whoever announces himself without saying how he is has to be asked.
    """

    messages: tuple[Message, ...]
    device_id: str | None = None


Change = Appeared | Vanished | Reported | Reachable | Refused | Asks


class CannotError(Exception):
    """The device cannot do that; one line says why."""


class Convention(Protocol):
    """One way of announcing. `name` marks its devices; `filters` are where announcements are heard."""

    name: str
    filters: tuple[str, ...]
    greeting: Message | None
    """Sent after each connection, for those who wait to be asked to announce themselves."""

    def known(self) -> Sequence[Change]:
        """What is there before anything was heard."""
        ...

    def heard(self, topic: str, payload: bytes) -> Sequence[Change]:
        """What a message means, an announcement or a word from a device. Never raises: it may be anything."""
        ...

    def messages(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Message, ...]:
        """What brings a device to obey, in order. Raises `CannotError`."""
        ...

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the device would say that it obeyed."""
        ...

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what the device says is what was asked, within what it can resolve."""
        ...


class BridgeAwayError(Exception):
    """The other system cannot be reached; one line says why."""


class BridgeRefusedError(Exception):
    """The other system is there and said no; one line says why."""


class Bridge(Protocol):
    """A system that keeps devices of its own and is not spoken to by MQTT. `name` marks its devices."""

    name: str

    @property
    def trouble(self) -> str:
        """Why it cannot be reached, one line; empty while it can."""
        ...

    async def run(self, take: Callable[[Sequence[Change]], None]) -> None:
        """Stay connected until cancelled, and hand on every change. Reconnects by itself; never raises."""
        ...

    async def send(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> tuple[Sent, ...]:
        """Have a device ordered; returns what went out, once the other system has taken it.

        Raises `CannotError`, `BridgeAwayError`, `BridgeRefusedError`.
        """
        ...

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the device would say that it obeyed."""
        ...

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether what the device says is what was asked."""
        ...
