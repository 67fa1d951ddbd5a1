"""May an order be guessed? Only one that takes nobody's word for granted, and lets nobody into the house."""

from collections.abc import Iterator

from assistant.understanding.grammar import Match
from devices.home import Device, Home, Kind
from devices.policy import Policy
from skills.api import Risk

_POLICY = Policy()
"""What is guarded in every home. The owner's own rules are kept by the outbox, as for every order."""


def is_harmless(match: Match, home: Home) -> bool:
    """Whether nothing that was not said word for word is needed, and no guarded thing is reached."""
    if match.wild or match.tool.risk is not Risk.LOW:
        return False
    if not match.tool.acts:
        return True
    return not any(any(_POLICY.guarded(device)) for device in _reached(match, home))


def words_in(match: Match) -> frozenset[str]:
    """Return the arguments that are words: names among them."""
    return frozenset(value for value in match.arguments.values() if isinstance(value, str))


def _reached(match: Match, home: Home) -> Iterator[Device]:
    """Yield the things that an order names, or else those of its kinds in its room."""
    said = words_in(match)
    named = [device for device in home if device.name in said]
    yield from named
    if not named:
        kinds = {slot.list_name for slot in match.tool.slots.values()}.intersection(Kind)
        rooms = said.intersection(home.rooms)
        for device in home:
            if device.kind.value in kinds and (not rooms or device.room in rooms):
                yield device
