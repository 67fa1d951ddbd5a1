"""What is taken down of a turn, and the registry that takes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.report import TurnReport
from benchmarks.mind.cases import Effect
from benchmarks.mind.house import Ordered
from benchmarks.mind.services import SERVICES, Told, effects_of
from devices.home import Ability, Value
from skills.api import Answer, Context, SkillError
from skills.registry import Registry
from skills.times import Cause, When

ASKED_BACK = frozenset({"needs_confirmation", "needs_pin"})


@dataclass(frozen=True, slots=True)
class Called:
    """One call as it ended: with an answer, or with the reply by which the skill refused."""

    skill: str
    tool: str
    arguments: Mapping[str, Any]
    acts: bool
    answer: Answer | None = None
    refusal: str = ""

    @property
    def asks(self) -> bool:
        """Whether it ended with a question: for a word, or which one is meant."""
        if self.answer is None:
            return self.refusal.startswith("which")
        return self.answer.question is not None


@dataclass(frozen=True, slots=True)
class Happened:
    """One turn as it went. `orders` are what the things were told, `services` what else was set going and
    what is to happen later, `attempted` the services that were meant and that this made-up world has not (a
    map, an alarm that rings). `asked` is whether it asked back; `plan_ms` how long it was thought about, None
    where nobody did; `before` how everything was.
    """

    report: TurnReport
    orders: Sequence[Ordered]
    services: Sequence[Effect]
    calls: Sequence[Called]
    asked: bool
    plan_ms: float | None
    before: Mapping[str, Mapping[Ability, Value]]
    attempted: Sequence[Effect] = ()

    @property
    def acted(self) -> bool:
        """Whether anything at all was done."""
        return bool(self.orders or self.services)


class RecordingRegistry(Registry):
    """The registry, which takes down how each call ended."""

    @property
    def calls(self) -> list[Called]:
        """The calls since it was last emptied."""
        if not hasattr(self, "_calls"):
            self._calls: list[Called] = []
        return self._calls

    async def call(self, skill: str, tool: str, arguments: Mapping[str, Any], context: Context) -> Answer:
        """Call, and take it down."""
        found = self.tools.get(f"{skill}.{tool}")
        called = Called(skill, tool, dict(arguments), found is not None and found.acts)
        try:
            answer = await super().call(skill, tool, arguments, context)
        except SkillError as error:
            self.calls.append(replace(called, refusal=error.say.key))
            raise
        except Exception:
            self.calls.append(replace(called, refusal="skill_failed"))
            raise
        self.calls.append(replace(called, answer=answer))
        return answer


def services_of(calls: Sequence[Called], report: TurnReport, told: Told) -> tuple[list[Effect], list[Effect]]:
    """The services that these calls set going, and those that they only attempted. `told` is how and when
    arguments are read.
    """
    done: list[Effect] = []
    attempted: list[Effect] = []
    for call in calls:
        if not call.acts or call.asks:
            continue
        effects = effects_of(
            call.skill, call.tool, replace(told, arguments=call.arguments), _later(call, report)
        )
        if call.answer is not None:
            done += effects
        elif f"{call.skill}.{call.tool}" in SERVICES:
            attempted += effects
    return done, attempted


def whens_of(report: TurnReport) -> list[When]:
    """When the calls of a turn are meant, of those that are meant for later."""
    return [call.when for call in report.calls if call.when is not None]


def _later(called: Called, report: TurnReport) -> When | None:
    """When a call is meant that was only tried, since it is kept for later."""
    for call in report.calls:
        same = (call.skill, call.tool) == (called.skill, called.tool)
        if same and call.when is not None and call.when.cause not in (Cause.FOR, Cause.UNTIL):
            return call.when
    return None
