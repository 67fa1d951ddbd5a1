"""The example plugin, within reach as if it were installed."""

import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.recordings import CHECKOUT

EXAMPLE = CHECKOUT / "examples" / "coffee"


@contextmanager
def example_installed() -> Iterator[None]:
    """Put the example within reach as an installation would: its folder, and its entry points' metadata."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    entries = project["entry-points"]["sotto.skills"]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        made.mkdir()
        (made / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n", "utf-8")
        lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (made / "entry_points.txt").write_text(f"[sotto.skills]\n{lines}", "utf-8")
        before = list(sys.path)
        sys.path[:0] = [folder, str(EXAMPLE)]
        try:
            yield
        finally:
            sys.path[:] = before
