"""What was ordered for later: tells it, and cancels it. `assistant/later.py` keeps and carries it out."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from skills.api import Answer, Context, Manifest, Say, Skill, SkillError, Slot, tool
from skills.schedule import Entry, Schedule
from skills.times import say_clock, say_days, say_moment

FRESH_S = 120.0
"""For so long "cancel that" is the last order for later."""

Thing = Annotated[str, Slot("device")]


class Plans(Skill):
    """Orders for later."""

    name = "plans"
    api = 1
    manifest = Manifest(devices=frozenset())

    @tool(acts=False)
    async def planned(self, context: Context) -> Answer:
        """Tell which orders are kept for later."""
        schedule = await _schedule(context)
        lines = tuple(Say("line", _line(each, context.now(), context.language)) for each in schedule)
        return Answer(say=Say("plans", {"lines": lines}) if lines else Say("nothing_planned"))

    @tool(offered=False)
    async def cancel(self, context: Context, thing: Thing | None = None, everything: bool = False) -> Answer:
        """Cancel an order that is kept for later: of a thing, all of them, or the last."""
        schedule = await _schedule(context)
        entries = list(schedule)
        if thing is not None:
            entries = [each for each in entries if thing in each.data.get("things", ())]
        elif not everything:
            fresh = [each for each in entries if _age(each, context.now()) < timedelta(seconds=FRESH_S)]
            entries = fresh[-1:] or (entries if len(entries) == 1 else [])
        if not entries:
            raise SkillError(Say("which_plan" if len(schedule) else "nothing_planned"))
        await schedule.remove(entries)
        lines = tuple(Say("line", _line(each, context.now(), context.language)) for each in entries)
        return Answer(say=Say("cancelled", {"lines": lines}))


async def _schedule(context: Context) -> Schedule:
    schedule = Schedule(context.store)
    await schedule.read()
    return schedule


def _age(entry: Entry, now: datetime) -> timedelta:
    ordered = entry.data.get("ordered")
    return timedelta.max if ordered is None else now - datetime.fromisoformat(ordered)


def _line(entry: Entry, now: datetime, language: str) -> dict[str, Any]:
    at = entry.moment(now)
    if at is None:
        when: str | Say = Say("on_event")
    elif entry.days:
        when = f"{say_days(frozenset(entry.days), language)} {say_clock(at, language)}"
    else:
        when = say_moment(at, now, language)
    return {"things": tuple(entry.data.get("things", ())) or Say("something"), "when": when}
