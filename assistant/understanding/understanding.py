"""From words to one plan: templates and frames first, the language model where they end."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from assistant.failures import Failure
from assistant.language.engine import LanguageModelError
from assistant.understanding.addressed import is_to_others
from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.memory import Memory
from assistant.understanding.frames.planning import A_THING
from assistant.understanding.frames.tier import FrameTier
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.missing_value import ask_for_value
from assistant.understanding.plan import Plan, Tier
from assistant.understanding.spoken.reading import Hearing, Spoken
from assistant.understanding.teaching.tier import Teaching
from devices.home import Kind

if TYPE_CHECKING:
    from assistant.understanding.learned.opening import Learned

_STATION = re.compile(r"\bradio \d\b|\b\d music\b", re.IGNORECASE)
"""A number that belongs to a name: "Radio 6 Music" is no volume."""
_log = logging.getLogger(__name__)


class Order(StrEnum):
    """Who is asked, and in which order. The words are those of `[understanding] order`."""

    LOCAL_FIRST = "local-first"
    LANGUAGE_MODEL = "language-model"
    LOCAL_ONLY = "local-only"


_TALKED_OF = frozenset({"music", "lists"})
"""What is "it" once it was spoken of."""
MOST_PIECES = 6  # of one sentence; more are a story


_SWALLOWING = frozenset({"navigation", "music"})
_OF_THINGS = frozenset({"covers", "locks", "lights", "fans"})
_JOINT = re.compile(r",? (?:and|then|and then|and also)\s+|, ", re.IGNORECASE)


def _cannot(plan: Plan | None) -> bool:
    return plan is not None and plan.failure is Failure.CANNOT


def _acts(plan: Plan) -> bool:
    return all(call.tool not in ("which", "to_what", "tell") or call.skill != "home" for call in plan.calls)


class Understanding:
    """Makes the plan. The language model is loaded when it is first needed, or earlier by `warm`."""

    def __init__(
        self,
        fast_path: FastPath,
        load_planner: Callable[[], Awaitable[LanguageModelPlanner]],
        order: Order,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._fast_path = fast_path
        self._now = now
        self._frames = FrameTier(fast_path.home, now)
        self.teaching = Teaching(fast_path.home, self._frames, self._otherwise, fast_path.acts)
        """What people teach, and what they taught."""
        self._load_planner = load_planner
        self._order = order
        self._planner: LanguageModelPlanner | None = None
        self._loading = asyncio.Lock()
        self._warming: asyncio.Task[None] | None = None
        self._warms = "en"
        self._spoken = Spoken(fast_path, self._frames, self._once, now)
        self.learned: Learned | None = None
        """What is asked behind templates and frames, where there is one."""

    async def plan(
        self, text: str, language: str, room: str | None, turn_id: str, memory: Memory | None = None
    ) -> Plan:
        """Return the plan for these words; never raises for words that make no sense.

        `memory` is what the conversation remembers; the plan is added to it.
        """
        memory = memory or Memory()
        if self._planner is not None:
            yes = await self._planner.accepted(text, language, turn_id, memory)
            if yes is not None:
                return yes
        taught = self.teaching.plan(text, language, room, turn_id, memory)
        if taught is not None:
            return taught
        if self._order is not Order.LANGUAGE_MODEL or memory.pending is not None:
            plan = self._locally(text, language, room, turn_id, memory)
            if self.learned is not None and (plan is None or not plan.calls):
                plan = await self.learned.plan(text, language, room, turn_id) or plan
            if plan is None or not plan.calls:
                plan = self.teaching.last(text, language, turn_id) or plan
            if plan is not None:
                return plan
        if self._order is Order.LOCAL_ONLY:
            return Plan(turn_id, Tier.NONE, language, failure=Failure.NOT_UNDERSTOOD)
        return await self._thought(text, language, turn_id, memory)

    async def _thought(self, text: str, language: str, turn_id: str, memory: Memory) -> Plan:
        """What nobody else understood: a value that was lost is asked for, all else the model is asked."""
        home, words = self._fast_path.home, self._fast_path.words()
        asked = ask_for_value(text, language, turn_id, home, words, memory, self._now().timestamp())
        if asked is not None:
            return asked
        try:
            planner = await self._loaded()
        except LanguageModelError as error:
            _log.warning("%s", error)
            return Plan(turn_id, Tier.NONE, language, failure=Failure.NO_LANGUAGE_MODEL, why=str(error))
        return await planner.plan(text, language, turn_id, memory)

    def understands(self, text: str, language: str, room: str | None) -> bool:
        """Whether these words are understood by themselves, without a language model."""
        if self.teaching.plan(text, language, room, "", Memory()) is not None:
            return True
        return self._locally(text, language, room, "", Memory()) is not None

    def locally(
        self, text: str, language: str, room: str | None, turn_id: str, memory: Memory
    ) -> Plan | None:
        """Return the plan of words without a language model; None where there is none."""
        taught = self.teaching.plan(text, language, room, turn_id, memory)
        return taught if taught is not None else self._locally(text, language, room, turn_id, memory)

    def _otherwise(self, text: str, language: str, room: str | None, memory: Memory) -> Plan | None:
        """Return the plan for words that teach nothing and were not taught."""
        return self._locally(text, language, room, "", memory)

    def _locally(
        self, text: str, language: str, room: str | None, turn_id: str, memory: Memory
    ) -> Plan | None:
        """What was said, and what it may stand for: without hesitation, corrections, politeness, remarks."""
        if is_to_others(text, self._is_ours):
            return None
        return self._spoken.plan(text, Hearing(language, room, turn_id, memory))

    def _is_ours(self, name: str) -> bool:
        """Whether a thing here is called so: "Doris, off you go"."""
        called = (each for device in self._fast_path.home for each in (device.name, *device.aliases))
        return any(name.casefold() == each.casefold() for each in called)

    def _once(self, text: str, hearing: Hearing, *, mend: bool = True, whole: bool = True) -> Plan | None:
        """Frames for what is ordered of things, templates for all else, and piece by piece for both in one
        sentence. What is remembered is of the plan that is taken.
        """
        language, room, turn_id, memory = hearing.language, hearing.room, hearing.turn_id, hearing.memory
        scratch = memory.copy()
        framed = self._frames.plan(text, language, room, turn_id, scratch, whole=whole)
        sure = framed is not None and bool(framed.calls) and not self._may_be_other(framed, memory, text)
        if sure and not self._fast_path.has_plugins:
            memory.take(scratch)
            return framed
        plan = self._fast_path.understand(text, language, room, turn_id, mend=mend)
        if plan is not None and self._swallows(plan, language, room):
            split = self._piecewise(text, language, room, turn_id, memory)
            if split is not None:
                return split
        if _cannot(framed) and plan is not None and all(each.skill in _OF_THINGS for each in plan.calls):
            return framed  # a sensor only tells
        if sure and not self._is_a_plugins(plan):
            memory.take(scratch)
            return framed
        if plan is not None and (
            framed is None or not framed.calls or _STATION.search(text) or not self._is_mistaken(plan)
        ):
            meant = framed.calls[0].arguments.get("things", ()) if framed is not None and framed.calls else ()
            things = self._named(plan, room) or meant
            if not things and any(call.skill in _TALKED_OF for call in plan.calls):
                memory.forget()  # "turn it down" is the music, then, and not the blind of before
            self._frames.note(things, memory)
            self._spoken.note(plan, memory)
            return plan
        if framed is None or not framed.calls:
            framed = self._piecewise(text, language, room, turn_id, memory) or framed
        else:
            memory.take(scratch)
        return framed

    def _swallows(self, plan: Plan, language: str, room: str | None) -> bool:
        """Whether a title or a place holds an order of its own: "directions to Costco and lock the door"."""
        for call in plan.calls:
            if call.skill not in _SWALLOWING:
                continue
            for said in (value for value in call.arguments.values() if isinstance(value, str)):
                parts = _JOINT.split(said, maxsplit=1)
                if len(parts) > 1 and parts[0] and self._frames.begins_order(parts[1], language):
                    framed = self._frames.plan(parts[1], language, room, "", Memory(), whole=False)
                    if framed is not None and framed.calls:
                        return True
        return False

    def _is_a_plugins(self, plan: Plan | None) -> bool:
        """Whether somebody's own skill foresees these very words: it was installed for them."""
        return plan is not None and any(self._fast_path.is_a_plugin(call.skill) for call in plan.calls)

    def _may_be_other(self, framed: Plan, memory: Memory, text: str) -> bool:
        """Whether the templates may know better: of questions, and of music where no player is named."""
        if any(call.tool == "tell" for call in framed.calls) or _STATION.search(text):
            return True
        named = framed.explanation is not None and any(
            what == A_THING for _, what in framed.explanation.spans
        )
        things = [
            self._fast_path.home.get(each)
            for call in framed.calls
            for each in call.arguments.get("things", ())
        ]
        meant = {thing.id for thing in things if thing}
        if memory.turns and memory.turns[-1].acted and meant <= set(memory.turns[-1].things):
            return False  # "louder", after an order to the television
        return bool(things) and not named and all(each and each.kind is Kind.MEDIA_PLAYER for each in things)

    def _is_mistaken(self, plan: Plan) -> bool:
        """Whether a template took a thing's name for a place or a title: 现在空调是几度 asks no weather."""
        names = {
            name.casefold() for device in self._fast_path.home for name in (device.name, *device.aliases)
        }
        said = {value for call in plan.calls for value in call.arguments.values() if isinstance(value, str)}
        return any(name in each.casefold() != name for each in said for name in names if len(name) > 1)

    def _piecewise(
        self, text: str, language: str, room: str | None, turn_id: str, memory: Memory
    ) -> Plan | None:
        """Orders of several skills in one sentence: each piece is understood by itself, or nothing is."""
        pieces = self._frames.pieces(text, language)
        if not 1 < len(pieces) <= MOST_PIECES:
            return None
        scratch = memory.copy()

        def framed(start: int, end: int) -> Plan | None:
            return self._frames.plan(text[start:end], language, room, turn_id, scratch, whole=False)

        def understood(start: int, end: int) -> Plan | None:
            plan = framed(start, end)
            if plan is None or not plan.calls:
                plan = self._fast_path.understand(text[start:end], language, room, turn_id, mend=False)
            return plan if plan is not None and plan.calls and _acts(plan) else None

        if not any(plan is not None and plan.calls for plan in (framed(*piece) for piece in pieces)):
            return None  # the templates have cut it themselves
        scratch.take(memory)
        plans: list[Plan] = []
        at = 0
        while at < len(pieces):
            # "… to the shopping list: milk and eggs": a piece may go on behind an "and".
            ends = (at, *range(len(pieces) - 1, at, -1))
            tried = ((end, understood(pieces[at][0], pieces[end][1])) for end in ends)
            end, plan = next(((end, plan) for end, plan in tried if plan is not None), (at, None))
            if plan is None:
                return None
            plans.append(plan)
            at = end + 1
        memory.take(scratch)
        self._spoken.note(plans[-1], memory)
        calls = tuple(call for plan in plans for call in plan.calls)
        return replace(plans[0], calls=calls, why="; ".join(plan.why for plan in plans))

    def _named(self, plan: Plan, room: str | None) -> tuple[str, ...]:
        """Return the things that a plan's calls name, by their ids."""
        named = {value for call in plan.calls for value in call.arguments.values() if isinstance(value, str)}
        home = self._fast_path.home
        things = tuple(device.id for device in home if device.name in named)
        if things:
            return things
        sorts = {
            call.skill for call in plan.calls
        }  # "how warm is it in the nursery?" is about what heats there
        rooms: set[str | None] = {each.room for each in home if each.room in named} or {room}
        return tuple(each.id for each in home if each.room in rooms and each.kind.value in sorts)

    def make_ready(self, language: str) -> None:
        """Have a language's sentences read before the first of them is heard. Blocks; for a thread."""
        self._fast_path.make_ready(language)

    async def warm(self, language: str) -> None:
        """Load the language model and let it read its prompt, before anybody waits for it."""
        if self._order is Order.LOCAL_ONLY:
            return
        self._warms = language
        try:
            await (await self._loaded()).warm(language)
        except LanguageModelError as error:
            _log.warning("%s", error)

    def wake(self) -> None:
        """The wake word was heard: a model that is loaded, and cold, reads its prompt meanwhile."""
        cold = self._planner is not None and not self._planner.is_warm(self._warms)
        if cold and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self.warm(self._warms), name="warming the language model")

    async def _loaded(self) -> LanguageModelPlanner:
        async with self._loading:
            if self._planner is None:
                self._planner = await self._load_planner()
            return self._planner
