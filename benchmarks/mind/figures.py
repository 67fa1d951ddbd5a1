"""Counts of played cases, as figures with intervals."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from benchmarks import intervals
from benchmarks.mind.cases import LANGUAGES
from benchmarks.mind.peer import Compared
from benchmarks.mind.score import Played
from benchmarks.protocol import Figure

_ONE_NAME = {
    "media": "music", "music and radio": "music", "locks": "locks and alarm", "notify": "events",
    "sensors": "climate", "teach": "assistant", "history": "assistant", "capabilities": "assistant",
}  # fmt: skip
"""The two languages' authors named some skills differently."""


def figures_of(played: Sequence[Played], half: str) -> dict[str, Figure]:
    """All figures of one half, "held_out" or "study": orders, sentences that are none, latency."""
    found: dict[str, Figure] = {}
    orders = [each for each in played if each.case.skill]
    nothing = [each for each in played if not each.case.skill]
    for language in LANGUAGES:
        those = [each for each in orders if each.case.language == language]
        if those:
            found[f"{half}_orders_{language}_exact"] = _exact(those)
            found[f"{half}_orders_{language}_false_actions"] = _false(those)
        others = [each for each in nothing if each.case.language == language]
        if others:
            found[f"{half}_nothing_{language}_false_actions"] = _false(others)
    for kind, those in _by(orders, lambda each: each.case.kind):
        found[f"{half}_kind_{kind}_exact"] = _exact(those)
    for skill, those in _by(orders, lambda each: _ONE_NAME.get(each.case.skill, each.case.skill)):
        found[f"{half}_skill_{skill.replace(' ', '_')}_exact"] = _exact(those)
    for tier, turns in _by_tier(orders):
        found[f"{half}_tier_{tier}_turns_exact"] = intervals.share(sum(turns), len(turns))
    times = plan_ms(played)
    if times:
        found[f"{half}_plan_ms"] = intervals.of_samples(times, "ms")
    return found


def plan_ms(played: Sequence[Played]) -> list[float]:
    """How long each sentence was thought about."""
    return [came.plan_ms for each in played for came in each.happened if came.plan_ms is not None]


def beside(played: Sequence[Played], compared: Sequence[Compared], half: str) -> dict[str, Figure]:
    """Ours and the peer's on the same single orders to things."""
    found: dict[str, Figure] = {}
    ours = {each.case.id: each for each in played}
    for language in LANGUAGES:
        those = [each for each in compared if each.case.language == language]
        if those:
            found |= _pair(f"{half}_device_{language}", those, ours)
            wrong = sum(each.verdict.false_action for each in those)
            found[f"{half}_device_{language}_ours_false_actions"] = _false(
                [ours[each.case.id] for each in those]
            )
            found[f"{half}_device_{language}_hassil_false_actions"] = intervals.share(wrong, len(those))
    for kind in sorted({each.case.kind for each in compared}):
        found |= _pair(
            f"{half}_device_kind_{kind}", [each for each in compared if each.case.kind == kind], ours
        )
    if compared:
        found[f"{half}_hassil_ms"] = intervals.of_samples([each.ms for each in compared], "ms")
    return found


def _pair(key: str, those: Sequence[Compared], ours: dict[str, Played]) -> dict[str, Figure]:
    return {
        f"{key}_ours_exact": _exact([ours[each.case.id] for each in those]),
        f"{key}_hassil_exact": intervals.share(sum(each.verdict.exact for each in those), len(those)),
    }


def _exact(played: Sequence[Played]) -> Figure:
    return intervals.share(sum(each.exact for each in played), len(played))


def _false(played: Sequence[Played]) -> Figure:
    return intervals.share(sum(each.false_action for each in played), len(played))


def _by(played: Sequence[Played], key: Callable[[Played], str]) -> Iterator[tuple[str, list[Played]]]:
    for name, those in groupby(sorted(played, key=key), key=key):
        yield name, list(those)


def _by_tier(played: Sequence[Played]) -> Iterator[tuple[str, list[bool]]]:
    """Whether each turn was right, by who made its plan."""
    turns = [
        (came.report.tier.value, verdict.exact)
        for each in played
        for came, verdict in zip(each.happened, each.verdicts, strict=True)
    ]
    for tier in sorted({tier for tier, _ in turns}):
        yield tier, [exact for made_by, exact in turns if made_by == tier]
