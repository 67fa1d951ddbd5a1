"""From frames to a plan: the calls, what is asked back, and why."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.failures import Failure
from assistant.understanding.frames.frame import Explanation, Fault, Frame, Lost, Order, Trouble
from assistant.understanding.frames.memory import Memory, Pending, Remembered
from assistant.understanding.frames.sentences import Reading
from assistant.understanding.frames.tagging import Span
from assistant.understanding.plan import Call, Plan, Tier
from skills.times import When

A_THING = "a thing"
"""What the explanation calls words that are a thing's name."""

_UNDO = Call("home", "undo", {})


class Planner:
    """Makes the plan of one sentence, and has the conversation remember it."""

    def __init__(self, turn_id: str, language: str, memory: Memory, now_s: float) -> None:
        self._turn_id = turn_id
        self._language = language
        self._memory = memory
        self._now_s = now_s

    def ordered(
        self, frames: Sequence[Frame], spans: Sequence[Span], lost: Sequence[Lost], *, revert: bool = False
    ) -> Plan | None:
        """Return the plan for all frames; what is wrong with one of them is told instead. With `revert` the
        order before is taken back first.
        """
        trouble = next((frame for frame in frames if frame.trouble is not None), None)
        if trouble is not None and trouble.trouble is not None:
            return self._troubled(trouble, trouble.trouble, spans, lost)
        calls = tuple(_call(order) for frame in frames for order in frame.orders)
        if not calls:
            return None
        alike = all(frame.actions == frames[0].actions for frame in frames)
        meant = [thing for frame in (frames if alike else frames[-1:]) for thing in frame.targets]
        self._memory.note(Remembered(frames[-1].actions, tuple(dict.fromkeys(meant)), self._now_s))
        return self._plan((_UNDO, *calls) if revert else calls, spans, lost)

    def chosen(self, plan: Plan, pending: Pending, thing: str, room: str | None) -> Plan:
        """Return the plan, and that the words that were asked about mean this thing here from now on."""
        if not pending.words:
            return plan
        call = Call("taught", "choice", {"words": pending.words, "thing": thing, "room": room or ""})
        return replace(plan, calls=(*plan.calls, call))

    def undone(self, reading: Reading) -> Plan:
        """Return the plan that takes the last order back."""
        self._memory.forget()
        return self._plan((_UNDO,), reading.spans)

    def asked(self, call: Call, reading: Reading) -> Plan:
        """Return the plan of a question, and remember of what it was."""
        self._memory.note(Remembered((), tuple(call.arguments["things"]), self._now_s, acted=False))
        return self._plan((call,), reading.spans)

    def lacking(self, frame: Frame, reading: Reading) -> Plan:
        """Return the plan that asks to what something is to be set, or first what."""
        things = list(frame.trouble.things if frame.trouble is not None else frame.targets)
        self._memory.ask(Pending(frame.actions, tuple(things), self._now_s, lacks_value=True))
        tool = "which" if frame.trouble is not None else "to_what"
        return self._plan((Call("home", tool, {"things": things}),), reading.spans)

    def unknown(self, reading: Reading) -> Plan:
        """Return that nobody knows what was named."""
        return self._failed(Failure.UNKNOWN_DEVICE, reading.strange, reading.spans)

    def _troubled(self, frame: Frame, trouble: Trouble, spans: Sequence[Span], lost: Sequence[Lost]) -> Plan:
        if trouble.fault is Fault.WHICH:
            self._memory.ask(Pending(frame.actions, trouble.things, self._now_s, words=trouble.words))
            return self._plan((Call("home", "which", {"things": list(trouble.things)}),), spans, lost)
        failure = Failure.CANNOT if trouble.fault is Fault.CANNOT else Failure.UNKNOWN_DEVICE
        return self._failed(failure, trouble.names, spans)

    def _failed(self, failure: Failure, names: Sequence[str], spans: Sequence[Span]) -> Plan:
        shown = [name.replace(" ", "") if self._language == "zh" else name for name in names]
        values = {"names": "、".join(shown) if self._language == "zh" else ", ".join(shown)}
        return replace(self._plan((), spans), failure=failure, failure_values=values)

    def _plan(self, calls: tuple[Call, ...], spans: Sequence[Span], lost: Sequence[Lost] = ()) -> Plan:
        why = Explanation("frames", tuple((span.text, _taken_for(span)) for span in spans), tuple(lost))
        return Plan(self._turn_id, Tier.FRAMES, self._language, calls, why=why.line(), explanation=why)


def later(plan: Plan, when: When | None) -> Plan:
    """Return the plan with all its calls for later."""
    if when is None:
        return plan
    return replace(plan, calls=tuple(replace(call, when=when) for call in plan.calls))


def _call(order: Order) -> Call:
    arguments: dict[str, Any] = {"things": list(order.things), "ability": order.step.ability.value}
    value = order.step.value
    if order.step.by is not None:
        arguments["by"] = order.step.by
    else:
        arguments["value"] = list(value) if isinstance(value, tuple) else value
    return Call("home", "order", arguments)


def _taken_for(span: Span) -> str:
    if span.entry.full:
        return A_THING
    if span.entry.rooms:
        return "a room"
    return "/".join(sorted(span.tags)) or "unknown"
