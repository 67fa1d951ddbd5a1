"""Orders for later: kept, over a restart too, and carried out when their moment or their condition comes.

    "turn the lights off in ten minutes", "lock the door when I leave", "the fan on for an hour"

What is kept is the call as it was understood; it is made again when its time comes, in the home as it is
then, on the word of the room where it was ordered. That room may do then what it may do now: an order that
takes a yes or the PIN is refused at once, since nobody is there to give it later. `skills/plans` tells what
is kept and cancels it; both read the same store.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assistant.failures import Failure, names_of, tell, tell_outcomes
from assistant.sentences import sentence
from assistant.understanding.plan import Call
from devices.commands import Command, DeviceCommand, Outcome, Result
from devices.home import Ability, Device, Home, Value
from devices.outbox import Outbox
from devices.policy import Authority
from skills.api import Answer, Context, SkillError
from skills.conditions import CannotTellError, Condition, Watch, due_fields, knows_who_is_home, place_of
from skills.registry import BadCall, Registry, SkillFailed
from skills.schedule import Entry, Schedule, ScheduleFullError
from skills.storage import MemoryStore
from skills.times import Cause, When, elapsed_s, say_moment

PLANS = "plans"
"""The skill whose store holds them."""
SORT = "order"
LOOK_EVERY_S = 0.5
TOO_LATE_S = 3_600.0
"""What is later than this, since we were off, is told and not done."""
ON_TIME_S = 60.0
_BACK = (Cause.FOR, Cause.UNTIL)
_SAID = {"timers.leaving": Cause.LEAVE, "timers.arriving": Cause.ARRIVE}
"""The tools with which a person says what no device tells."""

Tell = Callable[[str, str, str | None], Awaitable[None]]
"""Says a text in a language, in a room; None: wherever somebody is."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of an order for later: what is said, and the failure if it is not kept."""

    reply: str
    failure: str | None = None


class Later:
    """Keeps orders and carries them out. `context` makes a context by language, room and skill."""

    def __init__(
        self,
        registry: Registry,
        context: Callable[[str, str | None, str], Context],
        outbox: Outbox,
        home: Home,
        *,
        elapsed: Callable[[], float] = elapsed_s,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._registry = registry
        self._context = context
        self._outbox = outbox
        self._home = home
        self._elapsed = elapsed
        self._pause = pause
        self._schedule: Schedule | None = None
        self._watch = Watch()

    # -- keeping ---------------------------------------------------------------------------------------------

    async def keep(self, call: Call, language: str, room: str | None, by: Authority) -> Kept:
        """Keep a call for its `when`, if it could be carried out on that word now."""
        assert call.when is not None
        context = replace(self._context(language, room, call.skill), store=MemoryStore())
        try:
            answer = await self._tried(call, context)
        except SkillError as error:
            return Kept(self._registry.reply(call.skill, error.say, language), Failure.CANNOT_ANSWER)
        except (SkillFailed, BadCall) as error:
            _log.error("%s", error)
            return Kept(tell(Failure.SKILL_FAILED, language, {"skill": call.skill}), Failure.SKILL_FAILED)
        if answer is None or not answer.commands:
            return Kept(sentence("later_cannot", language, {}), Failure.CANNOT)
        refused = self._refused(answer.commands, replace(by, demanded=self._risk(call)))
        if refused is not None:
            return Kept(sentence(f"later_{refused}", language, {}), refused)
        data = {"skill": call.skill, "tool": call.tool, "arguments": dict(call.arguments)}
        return await self._add(call.when, data, _devices(answer.commands, self._home), language, by)

    async def keep_back(
        self, when: When, back: Sequence[DeviceCommand], language: str, by: Authority
    ) -> Kept:
        """Keep what undoes an order that was "for ten minutes" or "until nine"."""
        moment = When(Cause.IN, when.seconds) if when.cause is Cause.FOR else When(Cause.AT, at=when.at)
        refused = self._refused(back, by)
        if refused is not None or not back:
            return Kept(sentence(f"later_{refused or 'cannot'}", language, {}), refused or Failure.CANNOT)
        data = {"commands": [[each.device_id, each.ability.value, each.value] for each in back]}
        return await self._add(moment, data, _devices(back, self._home), language, by)

    def opposites(self, commands: Sequence[Command]) -> tuple[DeviceCommand, ...]:
        """Return what brings things back after these orders; ask before they are carried out."""
        found = (
            _opposite(each, device)
            for each in commands
            if isinstance(each, DeviceCommand) and (device := self._home.get(each.device_id)) is not None
        )
        return tuple(each for each in found if each is not None)

    @staticmethod
    def goes_back(call: Call) -> bool:
        """Whether a call is carried out now and undone later."""
        return call.when is not None and call.when.cause in _BACK

    async def _tried(self, call: Call, context: Context) -> Answer | None:
        """Return what a call would order now; nothing that it keeps is kept. None: it orders nothing."""
        tool = self._registry.tools.get(f"{call.skill}.{call.tool}")
        orders = self._registry.manifest(call.skill).devices != frozenset() if tool is not None else False
        if tool is None or not tool.acts or not orders:
            return None
        return await self._registry.call(call.skill, call.tool, call.arguments, context)

    def _risk(self, call: Call) -> Any:
        return self._registry.tools[f"{call.skill}.{call.tool}"].risk

    def _refused(self, commands: Sequence[Command], by: Authority) -> Result | None:
        verdicts = (self._outbox.refusal(each, by) for each in commands)
        return next((each for each in verdicts if each is not None), None)

    async def _add(
        self, when: When, data: Mapping[str, Any], names: Sequence[str], language: str, by: Authority
    ) -> Kept:
        now = self._now()
        try:
            due = due_fields(when, now, self._home, self._place())
        except CannotTellError as why:
            return Kept(sentence(f"later_{why}", language, {"thing": when.thing}), Failure.CANNOT)
        kept = {**data, "satellite": by.satellite, "things": list(names), "ordered": now.isoformat()}
        entry = Entry(0, SORT, by.room, language, data=kept, **due)
        try:
            entry = await self._plans().add(entry)
        except ScheduleFullError:
            return Kept(sentence("later_full", language, {}), Failure.CANNOT)
        if when.cause in (Cause.LEAVE, Cause.ARRIVE) and not knows_who_is_home(self._home):
            return Kept(sentence(f"later_{when.cause}_untold", language, {}))
        moment = entry.moment(now)
        if moment is not None:
            return Kept(sentence("later_kept", language, {"when": say_moment(moment, now, language)}))
        return Kept(sentence("later_when", language, {}))

    def _place(self) -> tuple[float, float] | None:
        """Where the home is, as the settings of the skills that need it say."""
        found = (place_of(self._context("en", None, skill).settings) for skill in ("timers", "weather"))
        return next((each for each in found if each is not None), None)

    # -- carrying out ----------------------------------------------------------------------------------------

    async def run(self, tell_person: Tell) -> None:
        """Carry out what is due, for ever. Success says nothing; what went wrong is told."""
        while True:
            try:
                await self.step(tell_person)
            except Exception:  # one order must not end all others
                _log.exception("an order for later could not be carried out")
            wait_s = self._plans().next_s(self._now())
            await self._pause(LOOK_EVERY_S if wait_s is None else min(LOOK_EVERY_S, max(0.05, wait_s)))

    async def step(self, tell_person: Tell) -> None:
        """Carry out what is due now."""
        plans, now = self._plans(), self._now()
        due = await plans.due(now)
        waiting = [each for each in plans if each.event is not None]
        self._watch.forget(each.id for each in waiting)
        came = [
            each for each in waiting if self._watch.came(each.id, Condition.of(each.event or {}), self._home)
        ]
        for entry in (*due, *came):
            latest = entry.caught_up(now)
            following = latest.again(now)
            # Written before it is done: an order that brings us down must not come again at each start.
            await (plans.remove([entry]) if following is None else plans.put(following))
            await self._carry_out(latest, now, tell_person)

    async def heard(self, skill: str, tool: str) -> None:
        """Make due what waits for somebody to leave or to come home, if that is what was just said."""
        cause = _SAID.get(f"{skill}.{tool}")
        if cause is None:
            return
        plans = self._plans()
        await plans.read()
        for entry in [each for each in plans if (each.event or {}).get("state") == cause.value]:
            await plans.put(replace(entry, event=None, due_s=self._now().timestamp()))

    async def _carry_out(self, entry: Entry, now: datetime, tell_person: Tell) -> None:
        late_s, language = entry.late_s(now) or 0.0, entry.language
        things = _spoken(entry.data.get("things", ()), language)
        moment = entry.moment(now)
        was = "" if moment is None else say_moment(moment, now, language)
        if late_s > TOO_LATE_S:
            await tell_person(
                sentence("later_missed", language, {"names": things, "when": was}), language, entry.room
            )
            return
        by = Authority(room=entry.room, satellite=entry.data.get("satellite"))
        try:
            commands, risk = await self._commands(entry)
        except (SkillError, SkillFailed, BadCall) as error:
            _log.error("an order for later failed: %s", error)
            await tell_person(sentence("later_failed", language, {"names": things}), language, entry.room)
            return
        by = by if risk is None else replace(by, demanded=risk)
        outcomes = await self._outbox.carry_out(
            commands, turn_id=f"later {uuid.uuid4().hex[:12]}", now=self._elapsed, by=by
        )
        told = _told(outcomes, language)
        if late_s > ON_TIME_S:
            told = " ".join(
                filter(None, (sentence("later_late", language, {"names": things, "when": was}), told))
            )
        if told:
            await tell_person(told, language, entry.room)

    async def _commands(self, entry: Entry) -> tuple[Sequence[Command], Any]:
        data = entry.data
        if "commands" in data:
            return [
                DeviceCommand(key, Ability(ability), _value(value))
                for key, ability, value in data["commands"]
            ], None
        context = self._context(entry.language, entry.room, data["skill"])
        answer = await self._registry.call(data["skill"], data["tool"], data["arguments"], context)
        return answer.commands, self._registry.tools[f"{data['skill']}.{data['tool']}"].risk

    def _plans(self) -> Schedule:
        if self._schedule is None:
            self._schedule = Schedule(self._context("en", None, PLANS).store, self._elapsed)
        return self._schedule

    def _now(self) -> datetime:
        return self._context("en", None, PLANS).now()


def _opposite(command: DeviceCommand, device: Device) -> DeviceCommand | None:
    """What brings one thing back: off after on, else the value that it has now."""
    ability, value = command.ability, command.value
    before = device.state.get(ability)
    if isinstance(value, bool):
        return None if ability is Ability.PRESSED else replace(command, value=not value)
    if ability is Ability.PLAYBACK and value in ("playing", "paused"):
        return replace(command, value="paused" if value == "playing" else "playing")
    if ability is Ability.CLEANING:
        return replace(command, value="docked")
    if ability is Ability.MODE and before in (None, value):
        return replace(command, value="off")
    if before is None or before == value:
        return None
    return replace(command, value=before)


def _value(kept: Any) -> Value:
    return tuple(kept) if isinstance(kept, list) else kept


def _devices(commands: Sequence[Command], home: Home) -> list[str]:
    ids = dict.fromkeys(each.device_id for each in commands if isinstance(each, DeviceCommand))
    return [device.name for each in ids if (device := home.get(each)) is not None]


def _spoken(names: Sequence[str], language: str) -> str:
    return names_of(list(names), language) if names else sentence("later_something", language, {})


def _told(outcomes: Sequence[Outcome], language: str) -> str:
    """What is said of an order that nobody waits for: only what went wrong."""
    wrong = [each for each in outcomes if not each.result.good and each.result is not Result.UNVERIFIED]
    return tell_outcomes(wrong, "", language) if wrong else ""
