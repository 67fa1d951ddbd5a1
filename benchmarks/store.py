"""Results on disk: `results/<name>.json`, which is not committed."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.protocol import Results, figure_as_json

FOLDER = Path(__file__).with_name("results")


def save(name: str, results: Results, machine: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write what was found; an earlier run's file is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    told = {
        "benchmark": name,
        "date": date.today().isoformat(),
        "machine": dict(machine),
        "conditions": dict(results.conditions),
        "figures": {key: figure_as_json(figure) for key, figure in results.figures.items()},
        "samples": {key: [float(f"{each:.5g}") for each in those] for key, those in results.samples.items()},
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def saved(folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Every result that lies there."""
    for path in sorted(folder.glob("*.json")):
        yield json.loads(path.read_text("utf-8"))
