"""Several things under one name: what such a group can do, how it is, and who obeys an order to it.

A group that the owner wrote down is nobody's hardware: an order to it is one order to each member. A group
that a convention announced (Zigbee2MQTT has such) is ordered by one message of its own. Both are `Device`s
with `members`, and of both it is the members that say what was done.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from devices.home import READ_ONLY, Ability, Device, Home, Kind, Value

CONVENTION = "group"
"""What marks the groups of the configuration."""

_ANY = frozenset({Ability.ON, Ability.OPEN})
"""On or open as soon as one member is; of every other yes or no, all have to say it."""

_PART_OF_ON = frozenset({Ability.BRIGHTNESS, Ability.COLOUR, Ability.COLOUR_TEMPERATURE, Ability.FAN_SPEED})
"""Told of those members that are on: a lamp that is off has no brightness to speak of."""


def group_id(name: str) -> str:
    """The id of a group of the configuration."""
    return f"{CONVENTION}.{'_'.join(name.casefold().split())}"


def group_of(name: str, members: Sequence[Device]) -> Device:
    """The group as a thing. `members` are at least one."""
    kinds = {member.kind for member in members}
    rooms = {member.room for member in members}
    abilities = frozenset().union(*(member.abilities for member in members)) - READ_ONLY
    return Device(
        id=group_id(name),
        name=name,
        kind=kinds.pop() if len(kinds) == 1 else Kind.OTHER,
        abilities=abilities,
        room=rooms.pop() if len(rooms) == 1 else None,
        state=shared_state(members),
        available=any(member.available for member in members),
        reports_state=any(member.reports_state for member in members),
        convention=CONVENTION,
        options={ability: words for ability in abilities if (words := _words(ability, members))},
        limits={ability: ends for ability in abilities if (ends := _ends(ability, members))},
        members=tuple(member.id for member in members),
        exposed=any(member.exposed for member in members),
    )


def shared_state(members: Iterable[Device]) -> Mapping[Ability, Value]:
    """How the members are, taken together: on when any is, at the mean of their positions; words and colours
    only where they agree. What no member says is missing.
    """
    said: dict[Ability, list[Value]] = {}
    for member in members:
        for ability, value in member.state.items():
            if ability in READ_ONLY or (ability in _PART_OF_ON and member.state.get(Ability.ON) is False):
                continue
            said.setdefault(ability, []).append(value)
    together = ((ability, _together(ability, values)) for ability, values in said.items())
    return {ability: value for ability, value in together if value is not None}


def able_members(group: Device, ability: Ability, home: Home) -> tuple[Device, ...]:
    """Those who obey such an order, groups within the group taken apart."""
    able: dict[str, Device] = {}
    seen = {group.id}
    todo = list(group.members)
    while todo:
        member = home.get(todo.pop(0))
        if member is None or member.id in seen:
            continue
        seen.add(member.id)
        if member.members:
            todo += member.members
        elif ability in member.abilities:
            able[member.id] = member
    return tuple(able.values())


def flattened(groups: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """Group -> names of its members, with groups that are members of others replaced by their own members."""
    by_name = {name.casefold(): tuple(members) for name, members in groups.items()}

    def leaves(name: str, above: frozenset[str]) -> Iterable[str]:
        for member in by_name[name]:
            key = member.casefold()
            if key not in by_name:
                yield member
            elif key not in above:
                yield from leaves(key, above | {key})

    return {
        name: tuple(dict.fromkeys(leaves(name.casefold(), frozenset({name.casefold()})))) for name in groups
    }


def _together(ability: Ability, values: Sequence[Value]) -> Value | None:
    if all(isinstance(value, bool) for value in values):
        return any(values) if ability in _ANY else all(values)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) == len(values):
        return round(fmean(numbers), 1)
    return values[0] if all(value == values[0] for value in values) else None


def _words(ability: Ability, members: Sequence[Device]) -> tuple[str, ...]:
    """All words that any member takes."""
    return tuple(dict.fromkeys(word for member in members for word in member.options.get(ability, ())))


def _ends(ability: Ability, members: Sequence[Device]) -> tuple[float, float] | None:
    """The widest limits of any member."""
    ends = [member.limits[ability] for member in members if ability in member.limits]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None
