"""`python -m benchmarks.mind --study --show`: plays what there is to study errors on, or counts the rest."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.understanding.understanding import Order
from benchmarks.mind.cases import (
    HELD_OUT,
    PRACTICE,
    STUDY,
    VALIDATION,
    Case,
    Expectation,
    House,
    SetError,
    all_cases,
    houses,
)
from benchmarks.mind.judge import Verdict, in_words
from benchmarks.mind.model import ConfiguredModel
from benchmarks.mind.record import Happened
from benchmarks.mind.score import Played, play

SHOWN = ("study", "practice")


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, count, and show what went wrong; of the held-out half only counts are shown."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if wanted.of.name not in SHOWN and (wanted.show or wanted.id):
        parser.error("these sentences are counted and never shown; add --study or --practice")
    order = Order(wanted.order)
    try:
        known = houses()
        cases = [case for case in all_cases(wanted.of, known) if _is_wanted(case, wanted)]
        played = asyncio.run(_play(cases, known, order))
    except SetError as error:
        print(error, file=sys.stderr)
        return 1
    if wanted.show:
        for each in played:
            hidden = not each.false_action if wanted.false_actions else each.exact and not wanted.all
            if not hidden:
                print(_shown(each))
    print(_counted(played))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mind", description=__doc__)
    parser.set_defaults(of=HELD_OUT)
    for folder in (STUDY, PRACTICE, VALIDATION):
        parser.add_argument(
            f"--{folder.name}", dest="of", action="store_const", const=folder, help=f"tests/{folder.name}"
        )
    parser.add_argument("--show", action="store_true", help="each case that went wrong")
    parser.add_argument("--all", action="store_true", help="with --show: each case, right ones too")
    parser.add_argument("--false-actions", action="store_true", help="with --show: only what did too much")
    orders = [each.value for each in Order]
    parser.add_argument("--order", choices=orders, default=Order.LOCAL_ONLY.value, help="who is asked")
    parser.add_argument("--set", choices=("orders", "nothing"), help="only this part")
    for name in ("language", "kind", "skill", "home"):
        parser.add_argument(f"--{name}", metavar="WORD", help=f"only cases of this {name}")
    parser.add_argument("--id", metavar="BEGINNING", help="only cases whose id begins like this")
    return parser


async def _play(cases: Sequence[Case], known: Mapping[str, House], order: Order) -> list[Played]:
    def tell(line: str) -> None:
        print(line, file=sys.stderr)

    with ConfiguredModel() as model:
        return await play(cases, known, tell, order=order, load_planner=model.loads)


def _is_wanted(case: Case, wanted: argparse.Namespace) -> bool:
    if wanted.set is not None and (wanted.set == "orders") != bool(case.skill):
        return False
    if not case.id.startswith(wanted.id or ""):
        return False
    pairs = {"language": case.language, "kind": case.kind, "skill": case.skill, "home": case.home}
    return all(getattr(wanted, name) in (None, value) for name, value in pairs.items())


def _shown(played: Played) -> str:
    case = played.case
    mark = "ok " if played.exact else "ACT" if played.false_action else "-- "
    lines = [
        f"{mark} {case.id} [{case.kind}, {case.skill or 'nothing'}] {case.home}, {case.room or 'nowhere'}"
    ]
    for turn, came, verdict in zip(case.turns, played.happened, played.verdicts, strict=True):
        report = came.report
        calls = "; ".join(f"{call.skill}.{call.tool} {dict(call.arguments)}" for call in report.calls)
        did = ", ".join([*map(in_words, came.orders), *map(in_words, came.services)])
        lines.append(f"    {'+' if verdict.exact else '!'} {turn.say}")
        lines.append(f"      {report.tier.value}: {calls or report.failure or '-'} -> {did or report.reply}")
        if verdict.why:
            lines.append(f"      {verdict.why}")
    return "\n".join(lines)


def _counted(played: Sequence[Played]) -> str:
    lines = []
    for sort in ("orders", "nothing"):
        for language in ("en", "zh"):
            those = [
                each
                for each in played
                if each.case.language == language and bool(each.case.skill) == (sort == "orders")
            ]
            if those:
                lines.append(f"{sort}.{language}: {_line(those)}")
                lines += [f"  {kind}: {_line(part)}" for kind, part in _parts(those, "kind")]
                if sort == "orders":
                    lines.append("  by skill:")
                    lines += [f"  {skill}: {_line(part)}" for skill, part in _parts(those, "skill")]
                    lines.append("  where it was wrong first, what was right and what came instead:")
                    lines += [f"  {came}: {count}" for came, count in _instead(those).most_common()]
    times = sorted(came.plan_ms for each in played for came in each.happened if came.plan_ms is not None)
    if times:
        lines.append(
            f"plan: median {times[len(times) // 2]:.1f} ms, 95th {times[len(times) * 95 // 100]:.1f} ms"
        )
    return "\n".join(lines)


def _parts(played: Sequence[Played], by: str) -> list[tuple[str, list[Played]]]:
    counts = Counter(getattr(each.case, by) for each in played)
    return [
        (name, [each for each in played if getattr(each.case, by) == name])
        for name, _ in counts.most_common()
    ]


def _instead(played: Sequence[Played]) -> Counter[str]:
    """How turns went wrong, without a word of them: "do: asked" asked back where an order was to be done."""
    counts: Counter[str] = Counter()
    for each in played:
        turns = zip(each.case.turns, each.happened, each.verdicts, strict=True)
        for turn, came, verdict in turns:
            if not verdict.exact:
                counts[f"{_meant(turn.right[0])}: {_came(came, verdict)}"] += 1
                break
    return counts


def _meant(right: Expectation) -> str:
    if right.refuse:
        return f"refuse {right.refuse}"
    return "do" if right.do else "answer" if right.answer else "ask" if right.ask else "nothing"


def _came(came: Happened, verdict: Verdict) -> str:
    if came.acted:
        return "did what was not asked for" if verdict.false_action else "did less, or otherwise"
    if came.asked:
        return "asked"
    return f"refused ({came.report.failure})" if came.report.failure else "answered"


def _line(played: Sequence[Played]) -> str:
    exact = sum(each.exact for each in played)
    acted = sum(each.false_action for each in played)
    return f"{exact} of {len(played)} exact ({exact / len(played):.0%}), {acted} with a false action"


if __name__ == "__main__":
    sys.exit(main())
