"""Understanding, judged by what happens: natural orders in six homes, and sentences that are none.

The sentences and the right effects were written by hands that did not know the assistant
(`tests/held_out/README.md`). Two thirds are held out: here they are counted and never shown. The other third,
`tests/study`, is there to study errors on: `python -m benchmarks.mind --study --show`.
"""

from typing import TYPE_CHECKING

from benchmarks.protocol import BenchmarkError, Figure, Results, Tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WITHOUT_PEER = "not installed: pip install home-assistant-intents"


class Mind:
    """Exact effects and false actions, on both halves of the set, ours and Home Assistant's templates'."""

    name = "mind"

    def lacks(self) -> str | None:
        """The sentences, in a copy of the code without its tests."""
        from benchmarks.mind.cases import HELD_OUT

        return None if HELD_OUT.is_dir() else "no sentences: tests/held_out is not here"

    def run(self, tell: Tell) -> Results:
        """Play both halves, and have the peer take its share."""
        import asyncio

        from benchmarks.mind import peer
        from benchmarks.mind.cases import HELD_OUT, STUDY, SetError, all_cases, houses
        from benchmarks.mind.figures import beside, figures_of, plan_ms
        from benchmarks.mind.score import play

        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        try:
            known = houses()
            for half, folder in (("held_out", HELD_OUT), ("study", STUDY)):
                cases = list(all_cases(folder, known))
                tell(f"{half}: {len(cases)} cases")
                played = asyncio.run(play(cases, known, tell))
                figures |= figures_of(played, half)
                samples[f"{half}_plan_ms"] = plan_ms(played)
                if peer.there():
                    those = [case for case in cases if peer.is_device_order(case)]
                    tell(f"{half}: {len(those)} single orders to things, by the peer")
                    figures |= beside(played, list(peer.compare(those, known)), half)
        except SetError as error:
            raise BenchmarkError(str(error)) from error
        conditions = {
            "set": "written text, no sound; two thirds held out, one third to study errors on",
            "understanding": "local-only: no language model",
            "peer": peer.version() if peer.there() else WITHOUT_PEER,
        }
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Exact single orders to things by kind, ours beside the peer's; without it all orders by kind."""
        from benchmarks.plots import OURS, PEERS

        kinds, ours, theirs = _bars(results)
        rows = range(len(kinds))
        axes.barh([row - 0.2 for row in rows], ours, 0.4, color=OURS, label="Sotto Voce")
        if theirs:
            axes.barh([row + 0.2 for row in rows], theirs, 0.4, color=PEERS, label="hassil, HA's intents")
        axes.set(
            yticks=list(rows), yticklabels=kinds, xlabel="% with exactly the right effects", xlim=(0, 100)
        )
        axes.invert_yaxis()
        axes.tick_params(labelsize=7)
        axes.legend(fontsize=7)
        what = "single orders to things" if theirs else "orders"
        axes.set_title(f"Held-out {what}, English and Chinese, written by others", fontsize=9)


def _bars(results: Results) -> tuple[list[str], list[float], list[float]]:
    """Kinds with their counts, and percent exact: ours, the peer's if it was there."""
    start, end = "held_out_device_kind_", "_ours_exact"
    found = [key for key in results.figures if key.startswith(start) and key.endswith(end)]
    if not found:
        start, end = "held_out_kind_", "_exact"
        found = [key for key in results.figures if key.startswith(start) and key.endswith(end)]
    found.sort(key=lambda key: -results.figures[key].n)
    names = [key.removeprefix(start).removesuffix(end) for key in found]
    labels = [f"{name} ({results.figures[key].n})" for name, key in zip(names, found, strict=True)]
    ours = [results.figures[key].value * 100 for key in found]
    beside = [results.figures.get(f"{start}{name}_hassil_exact") for name in names]
    return labels, ours, [each.value * 100 for each in beside if each is not None]
