"""Plays a set of cases and counts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from assistant.scheduler import Scheduler
from assistant.understanding.fast_path import FastPath
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.understanding import Order
from benchmarks.mind.cases import Case, House
from benchmarks.mind.judge import Verdict, judge
from benchmarks.mind.record import Happened, RecordingRegistry
from benchmarks.mind.stage import NOW, Hears, open_stage
from benchmarks.mind.world import SETTINGS


@dataclass(frozen=True, slots=True)
class Played:
    """A case with what happened, turn by turn, and what is to be thought of it."""

    case: Case
    happened: Sequence[Happened]
    verdicts: Sequence[Verdict]

    @property
    def exact(self) -> bool:
        """Whether each turn was right."""
        return all(verdict.exact for verdict in self.verdicts)

    @property
    def false_action(self) -> bool:
        """Whether any turn did what was not asked for."""
        return any(verdict.false_action for verdict in self.verdicts)

    @property
    def tiers(self) -> tuple[str, ...]:
        """Who made the plan, turn by turn."""
        return tuple(each.report.tier.value for each in self.happened)


Loads = Callable[[FastPath], Callable[[], Awaitable[LanguageModelPlanner]]]


async def play(
    cases: Sequence[Case],
    houses: Mapping[str, House],
    tell: Callable[[str], None],
    *,
    order: Order = Order.LOCAL_ONLY,
    load_planner: Callable[[RecordingRegistry], Loads] | None = None,
    hears: Hears | None = None,
) -> list[Played]:
    """Play all, home by home, and judge; in the order of `cases`. Without ears the text itself is heard."""
    registry = cast("RecordingRegistry", RecordingRegistry.load(SETTINGS))
    played: dict[str, Played] = {}
    loads = load_planner(registry) if load_planner is not None else None
    try:
        with Scheduler() as scheduler:
            for name, house in houses.items():
                those = [case for case in cases if case.home == name]
                if not those:
                    continue
                tell(f"{name}: {len(those)} cases")
                async with open_stage(house, registry, scheduler, order=order, load_planner=loads) as stage:
                    for case in those:
                        played[case.id] = _judged(case, await stage.play(case, hears), house)
    finally:
        registry.close()
    return [played[case.id] for case in cases]


def _judged(case: Case, happened: Sequence[Happened], house: House) -> Played:
    verdicts = [
        judge(case, turn, came, came.before, house, NOW)
        for turn, came in zip(case.turns, happened, strict=True)
    ]
    return Played(case, happened, verdicts)
