"""What goes over the wire, where it goes, and the ways in which it does not go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from devices.commands import Sent

MAX_TOPIC_LEVELS = 100
"""mosquitto hangs up on a client that names more than 200."""

OnMessage = Callable[[str, bytes, bool], None]
"""Called with topic, payload, and whether the broker had kept the message."""


class BrokerAway(Exception):  # noqa: N818 - a state of the world that callers expect, not a fault
    """Nobody took the message; one line says why. `may_have_left` is true when it was lost on the way; of an
    order, `sent` is what went out.
    """

    def __init__(self, message: str, *, may_have_left: bool = False) -> None:
        super().__init__(message)
        self.may_have_left = may_have_left
        self.sent: tuple[Sent, ...] = ()


class BrokerRefused(Exception):  # noqa: N818 - as above
    """The broker is there and does not want this message, for lack of rights for example. `sent` as above."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """Where the broker is. `expiry_s` is how long an unacknowledged message may matter to anybody.

    Payloads above `max_payload_bytes` are dropped on arrival. Without a `client_id` one is made up, since
    two clients of one name throw each other out.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    client_id: str = ""
    expiry_s: float = 5.0
    max_payload_bytes: int = 8_000_000

    def __post_init__(self) -> None:
        if not self.host:
            raise ValueError("the MQTT broker needs a host")
        if not 1 <= self.port <= 65_535:
            raise ValueError(f"{self.port} is not a port: 1 to 65535")
        if self.expiry_s <= 0 or self.max_payload_bytes <= 0:
            raise ValueError("the expiry and the largest payload are above 0")


@dataclass(frozen=True, slots=True)
class Message:
    """One message to send. Only announcements and states are ever retained, orders never."""

    topic: str
    payload: str
    qos: int = 1
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Traffic:
    """A message that passed the door, for traces and logs."""

    direction: Literal["in", "out"]
    topic: str
    payload: bytes
    qos: int
    retain: bool


def topic_is_sound(topic: str) -> bool:
    """Whether every broker takes `topic` as a name: brokers hang up on a client that sends an unsound one."""
    try:
        length = len(topic.encode())
    except UnicodeEncodeError:
        return False
    return (
        0 < length <= 65_535
        and topic.count("/") < MAX_TOPIC_LEVELS
        and not any(character in "+#" or _unprintable(ord(character)) for character in topic)
    )


def filter_is_sound(filter_: str) -> bool:
    """The same for what is subscribed to: `+` stands for one level, a last `#` for all that follow."""
    levels = filter_.split("/")
    if levels[-1] == "#":
        levels[-1] = "+"
    return topic_is_sound("/".join("-" if level == "+" else level for level in levels))


def filter_matches(filter_: str, topic: str) -> bool:
    """Whether a message on `topic` belongs to `filter_`; names that begin with `$` match no wildcard."""
    if "+" not in filter_ and "#" not in filter_:
        return filter_ == topic
    wanted, there = filter_.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    if wanted[-1] == "#":
        wanted.pop()
        there = there[: len(wanted)]
    return len(wanted) == len(there) and all(
        want in ("+", have) for want, have in zip(wanted, there, strict=True)
    )


def _unprintable(code: int) -> bool:
    control = code < 0x20 or 0x7F <= code < 0xA0
    return control or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
