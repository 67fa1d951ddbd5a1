"""`python -m benchmarks [NAME...]`: measure all, or those that are named."""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.bindings import Bindings
from benchmarks.coffee import Coffee
from benchmarks.echo import Echo
from benchmarks.end_of_turn import EndOfTurn
from benchmarks.faults import Faults
from benchmarks.first_audio import FirstAudio
from benchmarks.gpu import Gpu
from benchmarks.household import Household
from benchmarks.intelligibility import Intelligibility
from benchmarks.language_model import LanguageModels
from benchmarks.machine import facts
from benchmarks.memory import Memory
from benchmarks.mind import Mind
from benchmarks.mind.ears import Ears
from benchmarks.names import Names
from benchmarks.protocol import Benchmark, BenchmarkError
from benchmarks.recognition import Recognition
from benchmarks.satellites import Satellites
from benchmarks.scale import Scale
from benchmarks.silence import Silence
from benchmarks.startup import Startup
from benchmarks.store import save
from benchmarks.table import table
from benchmarks.television import Television
from benchmarks.turn import Turn
from benchmarks.wake import Wake

ALL: Sequence[Benchmark] = (
    Startup(),
    Recognition(),
    Silence(),
    Wake(),
    Echo(),
    FirstAudio(),
    Intelligibility(),
    Television(),
    Turn(),
    Memory(),
    Scale(),
    Satellites(),
    Coffee(),
    Names(),
    Mind(),
    Ears(),
    EndOfTurn(),
    Faults(),
    Household(),
    LanguageModels(),
    Bindings(),
    Gpu(),
)


def main(arguments: Sequence[str] | None = None, benchmarks: Sequence[Benchmark] = ALL) -> int:
    """Measure, print, keep. A slow figure is no failure; a benchmark that breaks down is."""
    names = [each.name for each in benchmarks]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}; without any, all"
    )
    parser.add_argument("--plots", action="store_true", help="draw docs/plots/NAME.png as well")
    parser.add_argument("--hours", type=float, help="how long the household lasts; 5 minutes without it")
    wanted = parser.parse_args(arguments)
    if wanted.hours is not None:
        Household.minutes = 60 * wanted.hours
    unknown = [name for name in wanted.names if name not in names]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(names)}")
    good = True
    for benchmark in benchmarks:
        if benchmark.name in (wanted.names or names):
            good = _one(benchmark, plots=wanted.plots) and good
    return 0 if good else 1


def _one(benchmark: Benchmark, *, plots: bool) -> bool:
    if (lack := benchmark.lacks()) is not None:
        print(f"\n{benchmark.name}: skipped, {lack}", flush=True)
        return True
    print(f"\n{benchmark.name}", flush=True)
    machine = facts()
    began_s = time.monotonic()
    try:
        results = benchmark.run(lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    except BenchmarkError as error:
        print(f"{benchmark.name}: broke down, {error}", flush=True)
        return False
    print(table(results), flush=True)
    save(benchmark.name, results, machine)
    if plots:
        from benchmarks.plots import draw

        draw(benchmark, results)
    print(f"  took {time.monotonic() - began_s:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
