"""Draws the README's picture: what `sotto demo` really printed, as an SVG. `python -m benchmarks.picture`."""

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path("docs/pictures/demo.svg")
WIDTH = 104


def main() -> None:
    """Run the demo and draw what it said."""
    sotto = Path(sys.executable).with_name("sotto")
    said = subprocess.run([sotto, "demo"], check=True, capture_output=True, text=True).stdout
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo\n", style="bold"))
    for line in said.splitlines():
        console.print(Text(line[: WIDTH - 1], style=_style(line)))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title="Sotto Voce")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))  # no fonts from elsewhere
    print(f"drew {PICTURE}")


def _style(line: str) -> str:
    word = line.strip().split(" ")[0]
    styles = {"──": "bold cyan", "mqtt": "dim", "so": "dim", "heard": "bold", "reply": "bold green"}
    return styles.get(word, "yellow" if line.rstrip().endswith("after the last sound") else "")


if __name__ == "__main__":
    main()
