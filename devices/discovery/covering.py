"""What covers share that are told everything in one place: stopping, and when one is where it should be."""

from collections.abc import Mapping

from devices.discovery.components.values import as_percent, as_switch
from devices.discovery.convention import CannotError
from devices.home import Ability, Value

TOLERANCE = 3
"""In percent: motors stop a little early or late."""

END_TOLERANCE = 5
"""The same at the ends, where some never come to count 0 or 100."""

MOTIONS = ("stopped",)
"""The motions that can be asked for."""


def must_be_stop(value: Value) -> None:
    """The only motion that can be asked is none. Raises `CannotError` for any other."""
    if value not in MOTIONS:
        raise CannotError(f"a cover can be stopped, not {value!r}")


def placed_as_asked(ability: Ability, value: Value, state: Mapping[Ability, Value]) -> bool:
    """Whether a cover's state is what was asked; one that still moves is not there yet."""
    if state.get(Ability.MOTION) in ("opening", "closing"):
        return False
    if ability is Ability.MOTION:
        return state.get(Ability.MOTION) == value
    said = state.get(Ability.POSITION if ability is Ability.OPEN else ability)
    if isinstance(said, bool) or not isinstance(said, int | float):
        return ability is Ability.OPEN and state.get(Ability.OPEN) is as_switch(value)
    if ability is Ability.OPEN:
        return abs((100 if as_switch(value) else 0) - said) <= END_TOLERANCE
    return abs(as_percent(value) - said) <= TOLERANCE
