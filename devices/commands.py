"""What is asked of the home, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from devices.home import Ability, Value


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """Bring one device to one value; the convention that found the device knows its topic and payload."""

    device_id: str
    ability: Ability
    value: Value


@dataclass(frozen=True, slots=True)
class MqttCommand:
    """A message of a skill's own, for a thing that no convention describes. Never retained.

    `name` is what the thing is called for people; without one its topic is.
    """

    topic: str
    payload: str
    qos: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class AdapterCommand:
    """A request to something that is not MQTT, by the adapter's name ("mpd") and its own action."""

    adapter: str
    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


Command = DeviceCommand | MqttCommand | AdapterCommand


class Result(StrEnum):
    """How a command ended. The words are the stable ones in `--json`."""

    DONE = "done"  # the device said so
    ALREADY = "already"  # it was so before
    IN_PROGRESS = "in_progress"  # it moves
    UNVERIFIED = "unverified"  # sent; the device reports no state
    REFUSED = "refused"  # the device or adapter said no
    NO_ANSWER = "no_answer"  # sent; the device did not say that it did it
    OFFLINE = "offline"  # the device is known to be unreachable
    NO_BROKER = "no_broker"  # nothing was sent: the broker is away
    UNKNOWN_DEVICE = "unknown_device"
    CANNOT = "cannot"  # the device has no such ability
    NEEDS_CONFIRMATION = "needs_confirmation"  # nothing was sent: it takes a yes
    NEEDS_PIN = "needs_pin"  # nothing was sent: it takes the PIN
    NOT_ALLOWED = "not_allowed"  # nothing was sent: not from here, or not by voice at all

    @property
    def good(self) -> bool:
        """Whether the person may be told that it worked."""
        return self in (Result.DONE, Result.ALREADY, Result.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Sent:
    """What really went out for a command: `via` is "mqtt" or the adapter's name."""

    via: str
    topic: str
    payload: str
    qos: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command. `name` is the thing's name for people; `detail` one line for the log.

    `published_s` and `confirmed_s` are moments on the turn's clock, None where that never happened.
    """

    command: Command
    result: Result
    name: str
    sent: tuple[Sent, ...] = ()
    detail: str = ""
    published_s: float | None = None
    confirmed_s: float | None = None
