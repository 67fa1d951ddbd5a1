"""Who may do what: which things are open to voice, and what an order takes to be carried out.

The outbox asks here before anything is sent, whoever understood the order: no skill, no plugin and no
language model can go around it.
"""

from dataclasses import dataclass
from enum import StrEnum

from devices.commands import DeviceCommand
from devices.home import Ability, Device, Kind


class Risk(StrEnum):
    """What an order takes: nothing, the person's yes, or the PIN."""

    LOW = "low"
    CONFIRM = "confirm"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose word an order is carried out. `room` and `satellite` are where it was said, None where nobody
    knows; `granted` is the highest risk that the person has answered for.
    """

    room: str | None = None
    satellite: str | None = None
    granted: Risk = Risk.LOW


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the owner's own: for the devices, rooms, kinds and abilities that it names (empty: any),
    ordered from the rooms and satellites that it names (empty: anywhere), it says whether they are open to
    voice and what an order takes.
    """

    devices: frozenset[str] = frozenset()
    in_rooms: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    abilities: frozenset[Ability] = frozenset()
    from_rooms: frozenset[str] = frozenset()
    from_satellites: frozenset[str] = frozenset()
    exposed: bool | None = None
    risk: Risk | None = None


OPENS_THE_HOUSE = frozenset({"garage", "door", "gate", "window", "garage_door"})
"""Device classes of covers through which somebody could come in."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """The owner's rules, the last that fits wins; `has_pin` tells whether there is a PIN to ask for."""

    rules: tuple[Rule, ...] = ()
    has_pin: bool = False


class Policy:
    """Answers for each order. Pure: it looks at the order, the device and the authority, and nothing else."""

    def __init__(self, settings: PolicySettings | None = None) -> None:
        self._settings = settings or PolicySettings()

    def risk(self, command: DeviceCommand, device: Device, by: Authority) -> Risk:
        """What the order takes: the owner's last rule that fits, else what is sensible."""
        raise NotImplementedError

    def exposed(self, device: Device, by: Authority) -> bool:
        """Whether the device is open to voice from there."""
        raise NotImplementedError
