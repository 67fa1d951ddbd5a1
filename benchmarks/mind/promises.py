"""Orders that are kept for later: what each would do to things, and when. They are read where the assistant
keeps them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from benchmarks.mind.cases import Effect, value_of
from devices.commands import DeviceCommand
from devices.home import Ability
from skills.api import Context, SkillError, Store
from skills.registry import Registry
from skills.schedule import Entry, Schedule
from skills.times import Cause, When

_SUN = (Cause.SUNSET, Cause.SUNRISE)


async def kept(store: Store) -> Mapping[int, Entry]:
    """What is kept in a store, by id."""
    schedule = Schedule(store)
    await schedule.read()
    return {entry.id: entry for entry in schedule}


async def effects(
    entries: Iterable[Entry],
    whens: Sequence[When],
    registry: Registry,
    context: Callable[[str, str | None, str], Context],
    now: datetime,
) -> list[Effect]:
    """What these orders would do to things in the home as it is. `whens` are those that were said."""
    found = []
    for entry in entries:
        moment = _moment(entry, whens, now)
        commands = await _commands(entry, registry, context)
        found += [Effect(each.device_id, each.ability, each.value, moment=moment) for each in commands]
    return found


def _moment(entry: Entry, whens: Sequence[When], now: datetime) -> Mapping[str, Any]:
    if entry.event is not None:
        state, things = entry.event.get("state"), entry.event.get("device_ids") or ()
        return {"when": things[0] if things and state not in ("leave", "arrive") else state}
    sun = next((when.cause.value for when in whens if when.cause in _SUN), None)
    moment: dict[str, Any] = {"when": sun} if sun is not None else {"at": entry.moment(now)}
    return {**moment, "days": list(entry.days)} if entry.days else moment


async def _commands(
    entry: Entry, registry: Registry, context: Callable[[str, str | None, str], Context]
) -> list[DeviceCommand]:
    data = entry.data
    if "commands" in data:
        return [
            DeviceCommand(thing, Ability(ability), value_of(value))
            for thing, ability, value in data["commands"]
        ]
    skill = data["skill"]
    try:
        answer = await registry.call(
            skill, data["tool"], data["arguments"], context(entry.language, entry.room, skill)
        )
    except SkillError:
        return []
    return [command for command in answer.commands if isinstance(command, DeviceCommand)]
