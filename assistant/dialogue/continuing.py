"""An order that was taken for whole, and goes on: "turn on the lights" … "in the kitchen".

Nobody can know that more is coming where the words are an order already. So what follows at once, and is no
order by itself, is heard as one with it: the whole sentence is planned anew. What the first half did and the
whole does not ask for is taken back; what both ask for stays as it is.

    "turn on the lights"  "in the kitchen"    the kitchen's are switched on, those of this room off again
    "turn off the lights" "at seven"          they go on again, and off at seven
    "set a timer for an hour" "and ten minutes"   the timer that runs is changed
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.dialogue.asking import is_backchannel
from assistant.report import TurnReport
from assistant.understanding.frames.memory import Memory
from assistant.understanding.normalise import is_only_polite, language_of, normalise
from assistant.understanding.plan import Call, Plan
from assistant.understanding.questions import is_stop
from assistant.understanding.spoken.carrying import DROPPED, LATER, REVISED, TIME
from assistant.understanding.spoken.leaning import leaning
from assistant.understanding.understanding import Understanding
from skills.registry import Registry

CONTINUES_S = 1.5
"""What begins so soon behind an order may be the rest of it, and needs no wake word."""

Span = tuple[float, float]
"""Where words begin and end in the stream that is heard, in seconds. A recording waits while an answer
is given: on the clock there would be more between two words than was."""

_OVERLAP_S = -0.5
"""The sound of an utterance begins a little before its voice."""
_MOST_WORDS, _MOST_HAN = 8, 14
_STOPS = " \t.,!?;:…。，！？；：、"


@dataclass(frozen=True, slots=True)
class _First:
    """The order before: what came of it, what was remembered before it, and where in the stream it was held
    to be over.
    """

    report: TurnReport
    memory: Memory
    ended_s: float


class Continuing:
    """What one conversation's last order was, and whether the next words are the rest of it."""

    def __init__(
        self, understanding: Understanding, registry: Registry, room: str | None, memory: Memory
    ) -> None:
        """`memory` is the conversation's own; it forgets the first half where the whole is understood."""
        self._understanding = understanding
        self._registry = registry
        self._room = room
        self._memory = memory
        # Of the order under way: what was remembered before it, and where in the stream it ended.
        self._under_way: tuple[Memory, float] | None = None
        self._first: _First | None = None

    def note(self, report: TurnReport) -> None:
        """Remember an order that was carried out, as far as it could be."""
        under_way, self._under_way = self._under_way, None
        self._first = _First(report, *under_way) if under_way is not None else None

    def adds_nothing(self, text: str, span_s: Span | None) -> bool:
        """Whether words are only what people say behind an order: "please", "mm"."""
        if self._begins(span_s) is None:
            return False
        spoken = language_of(text)
        return is_only_polite(normalise(text, spoken)) or is_backchannel(text, spoken)

    def whole(self, text: str, turn_id: str, span_s: Span | None) -> tuple[str, Plan] | None:
        """Return the whole sentence and its plan where these words complete the order before.

        `span_s` is where they begin and end in the stream, in seconds; None for what is written.
        """
        self._under_way = (self._memory.copy(), span_s[1]) if span_s is not None else None
        first = self._begins(span_s)
        if first is None or self._memory.pending is not None or self._stands_alone(text, first):
            return None
        language = first.report.language
        for joined in _joined(first.report.heard, text, language):
            memory = first.memory.copy()
            plan = self._understanding.locally(joined, language, self._room, turn_id, memory)
            if plan is None or plan.calls in ((), first.report.calls) or memory.pending is not None:
                continue
            back = self._taken_back(first.report, plan, turn_id)
            if back is None:
                return None
            self._memory.take(memory)
            self._under_way = (first.memory, span_s[1]) if span_s is not None else None
            return joined, replace(plan, calls=back, why=f"it completes the order before; {plan.why}")
        return None

    def _begins(self, span_s: Span | None) -> _First | None:
        """Return the order before, if these words begin right behind it."""
        first = self._first
        if first is None or span_s is None or not _OVERLAP_S < span_s[0] - first.ended_s <= CONTINUES_S:
            return None
        return first

    def _stands_alone(self, text: str, first: _First) -> bool:
        """Whether words mean something by themselves, or are too many to be a rest."""
        language = first.report.language
        said = text.strip(_STOPS)
        long = len(said) > _MOST_HAN if language == "zh" else len(said.split()) > _MOST_WORDS
        if not said or long or not first.report.heard.strip(_STOPS):
            return True
        spoken = language_of(text)
        if is_stop(text, spoken) or leaning(text, spoken).link == "correct":
            return True
        return self._understanding.understands(text, language, self._room)

    def _taken_back(self, first: TurnReport, plan: Plan, turn_id: str) -> tuple[Call, ...] | None:
        """Return the calls of the whole, and before them what takes the first half back; None where that
        cannot be taken back.
        """
        calls, back = list(plan.calls), list[Call]()
        for call in first.calls if first.failure is None or first.outcomes else ():
            if call in calls and not self._is_of_things(call):
                calls.remove(call)  # it is done already
            elif call.when is not None:
                back.append(_drop(LATER, {}))
            elif not self._acts(call) or self._is_of_things(call):
                continue
            elif (changed := _changed(call, calls)) is not None:
                calls[changed[0]] = changed[1]
            elif f"{call.skill}.{call.tool}" in DROPPED:
                back.append(_drop(f"{call.skill}.{call.tool}", call.arguments))
            else:
                return None
        moved = any(self._is_of_things(call) for call in first.calls)
        if moved:
            kept = {"turn": first.turn_id, "for_turn": turn_id, "but": sorted(_ordered(calls))}
            back.insert(0, Call("home", "withdraw", kept))
        return (*back, *calls)

    def _acts(self, call: Call) -> bool:
        tool = self._registry.tools.get(f"{call.skill}.{call.tool}")
        return tool is not None and tool.acts

    def _is_of_things(self, call: Call) -> bool:
        """Whether a call orders devices; what was done to them is known to the log of orders."""
        if f"{call.skill}.{call.tool}" in DROPPED or not self._acts(call) or call.when is not None:
            return False
        return self._registry.manifest(call.skill).devices != frozenset()


def _joined(first: str, rest: str, language: str) -> Iterator[str]:
    """Yield the two halves as one sentence."""
    left, right = first.strip(_STOPS), rest.strip(_STOPS)
    if language == "zh":
        yield left + right
        if right.endswith("的"):  # 打开灯 … 卧室的
            yield left + right[:-1]
        return
    if right[:1].isupper() and right[1:2].islower():
        right = right[0].lower() + right[1:]
    yield f"{left} {right}"


def _ordered(calls: list[Call]) -> set[str]:
    """Return the things that are brought to a value, whatever they were before: there is nothing to take
    back. A step counts from where they were.
    """
    return {
        thing
        for call in calls
        if call.when is None and "by" not in call.arguments
        for thing in call.arguments.get("things", ())
    }


def _changed(call: Call, calls: list[Call]) -> tuple[int, Call] | None:
    """Return which call is the same with another time, and what changes the one that was set."""
    name = f"{call.skill}.{call.tool}"
    if name not in REVISED:
        return None
    for at, each in enumerate(calls):
        others = {key: value for key, value in each.arguments.items() if key != TIME[name]}
        same = all(call.arguments.get(key) == value for key, value in others.items())
        if (each.skill, each.tool) == (call.skill, call.tool) and same and TIME[name] in each.arguments:
            return at, Call(call.skill, "change", {"when": each.arguments[TIME[name]]})
    return None


def _drop(name: str, arguments: Mapping[str, Any]) -> Call:
    dropped, kept = DROPPED[name]
    skill, _, tool = dropped.partition(".")
    return Call(skill, tool, {key: arguments[key] for key in kept if key in arguments})
