"""One sentence as it was spoken, tried in plainer words until one of them is understood.

In this order: what leans on the call before; what corrects itself; the sentence without its hesitation; then
without politeness and remarks. The first plan that acts or answers is taken. A correction that nobody
understands is never swallowed by a title.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, Protocol

from assistant.understanding import plainly
from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.cues import is_told
from assistant.understanding.frames.memory import Memory
from assistant.understanding.frames.planning import A_THING, later
from assistant.understanding.frames.tier import FrameTier
from assistant.understanding.normalise import languages_of
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.spoken.carrying import CLOSED, LATER, TEXT, TIME, Carrier
from assistant.understanding.spoken.courtesy import bare
from assistant.understanding.spoken.fluency import fluent
from assistant.understanding.spoken.leaning import Leaning, leaning
from assistant.understanding.spoken.remarks import pieces, without_loose_remark, without_remarks
from assistant.understanding.spoken.repair import loosely_repaired, repaired, taken_back, with_exceptions
from assistant.understanding.telling.told import is_told as is_told_of
from assistant.understanding.telling.told import moves_things
from assistant.understanding.when import find, without
from skills.api import Question, Tool
from skills.times import Cause

_OWN_DEED = re.compile(
    r"(?:and |but |so |cos |because |since )?(?:i|we)(?:'ve|'d| just| have| already| only)* "
    r"(?!said|say|told|tell|thought|dreamt)(?:\w+ ){0,4}\w+$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:please|can|could|would|will) (?:you|we|i)\b|please\b|"
    r"(?:i|we)(?:'d| would)? (?:like|want|need|love)\b",
    re.IGNORECASE,
)
_STATION = re.compile(r"\bradio \d\b", re.IGNORECASE)
MOST_REPAIRS, MOST_WORDINGS = 4, 4
_COMMON = "吊灯"
"""A thing, to those who weigh how a Chinese sentence sounds."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where and when a sentence was said."""

    language: str
    room: str | None
    turn_id: str
    memory: Memory


class Once(Protocol):
    """Understands a sentence as it stands."""

    def __call__(self, text: str, hearing: Hearing, *, mend: bool = True, whole: bool = True) -> Plan | None:
        """Return the plan; without `mend` no misheard name is put right. `whole` tells that nothing of what
        was said is left out.
        """
        ...


class Spoken:
    """Understands sentences as people say them. `once` understands one as it stands."""

    def __init__(
        self, fast_path: FastPath, frames: FrameTier, once: Once, now: Callable[[], datetime]
    ) -> None:
        self._fast_path = fast_path
        self._frames = frames
        self._once = once
        self._now = now
        self._carriers: dict[str, Carrier] = {}

    def plan(self, text: str, hearing: Hearing) -> Plan | None:
        """Return the plan of a sentence; one without calls tells why there is none."""
        scratch = _apart(hearing)
        plan = self._plan(text, scratch)
        if (
            plan is not None
            and moves_things(plan, self._fast_path.acts)
            and self._is_told(text, plan, hearing)
        ):
            return None
        hearing.memory.take(scratch.memory)
        if plan is not None and any(call.when is not None for call in plan.calls):
            skill, tool = LATER.split(".")
            hearing.memory.note_service(Call(skill, tool, {}), self._now().timestamp())
        return plan

    def _is_told(self, text: str, plan: Plan, hearing: Hearing) -> bool:
        """Whether a sentence that would move things only tells something, or is said to somebody."""
        language = languages_of(text, hearing.language, self._fast_path.languages)[0]
        timed = any(call.when is not None for call in plan.calls)
        weighed = "" if _names_several(plan) else self._in_common_words(text)
        return is_told_of(text, language, self._is_ours, timed=timed, weighed=weighed)

    def _in_common_words(self, text: str) -> str:
        home = self._fast_path.home
        names = {each for device in home for each in (device.name, *device.aliases) if len(each) > 1}
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, _COMMON)
        return text

    def _is_ours(self, name: str) -> bool:
        home = self._fast_path.home
        called = (each for device in home for each in (device.name, *device.aliases))
        return name in {*called, *home.rooms}

    def _plan(self, text: str, hearing: Hearing) -> Plan | None:
        language = languages_of(text, hearing.language, self._fast_path.languages)[0]
        said = with_exceptions(fluent(plainly.fluent(text, language), language))
        before = hearing.memory.service(self._now().timestamp())
        if before is not None and (plan := self._leaning(said, before, language, hearing)) is not None:
            return plan
        sides = taken_back(said, language)
        if sides is not None and (plan := self._repaired(said, sides, language, hearing)) is not None:
            return plan
        first = self._once(said, hearing)
        if first is not None and (timed := self._in_time(said, first, language, hearing)) is not None:
            return timed
        if first is not None and (first.calls and not (sides and _swallowed(first, sides))):
            return first
        refused = first if first is not None and not first.calls else None
        # What is told of others and of other times is no order, however little of it is left.
        if not is_told(_without_own_deeds(plainly.direct(text, language), language), language):
            worded = self._worded(said, text, language, hearing)
            if worded is not None and worded.calls:
                return worded
            refused = refused or worded
        if before is not None:
            call = self._carrier(language).carried(before, leaning(said, language), language)
            if call is not None:
                return self._carried(call, language, hearing)
        return refused

    def _worded(self, said: str, text: str, language: str, hearing: Hearing) -> Plan | None:
        """Return the plan of the sentence in plainer words; or else why an order among them is refused."""
        refused = None
        wordings = chain(_unbroken(said, text, language), _plainly(said, language))
        for each, whole in islice(wordings, MOST_WORDINGS):
            plan = self._once(each, hearing, mend=False, whole=whole)
            if plan is not None and plan.calls:
                return plan
            asks = self._frames.begins_order(each, language) or _ASKS.match(said)
            if language == "en" and plan is not None and asks:
                refused = refused or plan  # "lock the shed, will you"
        return self._loosely(said, language, hearing) or refused

    def _loosely(self, said: str, language: str, hearing: Hearing) -> Plan | None:
        """Return the plan of an order behind which a remark stands without a comma."""
        loose = without_loose_remark(said) if language == "en" else None
        for each in (loose, bare(loose, language)) if loose is not None else ():
            plan = self._once(each, hearing, mend=False)
            if plan is not None and plan.calls:
                return plan
        return None

    def _in_time(self, said: str, plan: Plan, language: str, hearing: Hearing) -> Plan | None:
        """Return a plan for later where a title has swallowed when it is meant: "play some jazz at nine"."""
        if not plan.calls or any(call.skill != "music" or call.when is not None for call in plan.calls):
            return None
        found = find(said, language, self._now())
        if found is None or found[0].cause not in (Cause.IN, Cause.AT) or found[0].vague:
            return None
        when, start, end = found
        less = self._once(without(said, start, end), _apart(hearing), mend=False)
        if less is None or not less.calls or any(call.skill != "music" for call in less.calls):
            return None
        return later(less, when)

    def note(self, plan: Plan, memory: Memory) -> None:
        """Remember a call about no thing, on which the next sentence may lean."""
        call = plan.calls[-1] if plan.calls else None
        if call is not None and f"{call.skill}.{call.tool}" in {*TEXT, *TIME, *CLOSED}:
            memory.note_service(call, self._now().timestamp())

    def _leaning(self, said: str, before: Call, language: str, hearing: Hearing) -> Plan | None:
        how, carrier = leaning(said, language), self._carrier(language)
        call = carrier.of_the_same_kind(before, said, language)
        if call is None and how.link:
            call = carrier.carried(before, how, language)
        for each in without_remarks(said, language) if call is None else ():
            call = call or carrier.of_the_same_kind(before, each, language)
            shorter = leaning(each, language)
            if call is None and shorter.link:
                call = carrier.carried(before, shorter, language)
        if call is not None and call.skill == "music" and _STATION.search(how.rest):
            return self._carried(call, language, hearing)  # "I said Radio 6"
        timed = call is not None and f"{call.skill}.{call.tool}" in ("timers.pause", "timers.resume")
        if call is None or (not timed and self._is_about_things(said, hearing)):
            return None
        return self._carried(call, language, hearing)

    def _is_about_things(self, said: str, hearing: Hearing) -> bool:
        """Whether a sentence orders something of a thing: "and the kitchen light" after a list."""
        framed = self._frames.plan(said, hearing.language, hearing.room, "", Memory())
        calls = framed.calls if framed is not None else ()
        return any(call.arguments.get("things") for call in calls)

    def _carried(self, call: Call, language: str, hearing: Hearing) -> Plan:
        plan = Plan(hearing.turn_id, Tier.FAST, language, (call,), why="the call before, carried on")
        self.note(plan, hearing.memory)
        return plan

    def _repaired(self, said: str, sides: tuple[str, str], language: str, hearing: Hearing) -> Plan | None:
        scratch = hearing.memory.copy()
        framed = self._frames.plan(said, hearing.language, hearing.room, hearing.turn_id, scratch)
        if framed is not None and framed.calls:
            return None  # it is about things, whose frames know of corrections
        tried = list(islice(repaired(sides, language, self._now()), MOST_REPAIRS))
        for each in tried:
            if (plan := self._whole(each, language, hearing)) is not None:
                return plan
        left = self._once(bare(sides[0], language), _apart(hearing), mend=False)
        if left is not None and left.calls:
            *others, last = left.calls
            for right in (sides[1], *without_remarks(sides[1], language)):
                call = self._carrier(language).carried(last, Leaning("correct", right), language, done=False)
                if call is not None:
                    plan = self._carried(call, language, hearing)
                    return Plan(plan.turn_id, plan.tier, language, (*others, call), why=plan.why)
        for each in islice(loosely_repaired(sides, language), 3):
            if (plan := self._whole(each, language, hearing)) is not None:
                return plan
        return None

    def _whole(self, text: str, language: str, hearing: Hearing) -> Plan | None:
        for each in (text, *islice(_wordings(text, language), 2)):
            plan = self._once(each, hearing, mend=False)
            if plan is not None and plan.calls:
                return plan
        return None

    def _carrier(self, language: str) -> Carrier:
        if language not in self._carriers:
            registry = self._fast_path.registry

            def answer(tool: Tool, question: Question, text: str) -> Any:
                return registry.answer_to(tool.skill, tool.name, question, text, language)

            self._carriers[language] = Carrier(registry.tools, answer, self._now)
        return self._carriers[language]


def _without_own_deeds(text: str, language: str) -> str:
    """Return a sentence without what the speaker did, behind the order: "…, I got some" tells no story."""
    if language != "en":
        return text
    first, *others = pieces(text, language) or (text,)
    return ", ".join((first, *(each for each in others if not _OWN_DEED.match(each))))


def _apart(hearing: Hearing) -> Hearing:
    """A hearing whose memory may be thrown away."""
    return Hearing(hearing.language, hearing.room, hearing.turn_id, hearing.memory.copy())


def _names_several(plan: Plan) -> bool:
    """Whether every word was understood and several things were called by their own names."""
    spans = plan.explanation.spans if plan.explanation is not None else ()
    return len(plan.calls) > 1 and sum(what == A_THING for _, what in spans) > 1


def _swallowed(plan: Plan, sides: tuple[str, str]) -> bool:
    """Whether a title or a name holds both what was said wrongly and the correction."""
    end, begin = sides[0][-4:], sides[1][:4]
    said = (value for call in plan.calls for value in call.arguments.values() if isinstance(value, str))
    return any(end in each and begin in each for each in said)


def _plainly(said: str, language: str) -> Iterator[tuple[str, bool]]:
    """Yield the sentence in plainer words, each once, and whether they still tell all of it."""
    seen = set()
    for each, whole in chain(
        plainly.plainer(said, language), ((each, True) for each in _wordings(said, language))
    ):
        if each not in seen:
            seen.add(each)
            yield each, whole


def _unbroken(said: str, text: str, language: str) -> Iterator[tuple[str, bool]]:
    """Yield what was said haltingly in one go: 放邓丽君的，那个，甜蜜蜜."""
    if language == "zh" and said != text and (joined := said.replace("，", "")) != said:
        yield joined, True


def _wordings(said: str, language: str) -> Iterator[str]:
    """Yield the sentence in plainer words, each once."""
    seen = {said}
    if language == "zh" and (less := said.replace("那个", "").replace("这个", "")) != said and less:
        seen.add(less)
        yield less
    for each in (said, *without_remarks(said, language)):
        for worded in (each, bare(each, language)):
            if worded and worded not in seen:
                seen.add(worded)
                yield worded
            for less in without_remarks(worded, language):
                if less not in seen:
                    seen.add(less)
                    yield less
