"""Plots for the documentation: small, one look, no ornament."""

from pathlib import Path

from benchmarks.protocol import Benchmark, Results

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "plots"
OURS, PEERS, OTHER = "#1b6e6a", "#b8b2a7", "#d98e4a"


def draw(benchmark: Benchmark, results: Results, folder: Path = FOLDER) -> Path:
    """Draw one benchmark's results as `<name>.png`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    with pyplot.rc_context({"font.size": 9, "legend.frameon": False}):
        picture, axes = pyplot.subplots(figsize=(7.0, 3.0), layout="constrained")
        axes.spines[["top", "right"]].set_visible(False)
        benchmark.draw(results, axes)
        path = folder / f"{benchmark.name}.png"
        picture.savefig(path, dpi=110, metadata={"Software": None})
        pyplot.close(picture)
    return path
