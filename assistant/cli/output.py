"""Printing: with colours and bars on a terminal, plain in a pipe, JSON for machines."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import rich.progress

    from assistant.weights.source import Progress

COLOURS: Mapping[str, str] = {
    "ok": "green",
    "present": "green",
    "warn": "yellow",
    "partial": "yellow",
    "missing": "red",
    "damaged": "bold red",
}
"""Words that have a colour when they are a whole cell."""

PLAIN_STEPS = 4
"""In a pipe a download is told in this many steps."""
WORTH_TELLING = 1_000_000
"""Bytes; in a pipe nothing is said of smaller files."""


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_error(line: str) -> None:
    """What went wrong, on standard error."""
    if sys.stderr.isatty():
        from rich.console import Console

        Console(stderr=True, highlight=False).print(
            f"sotto: {line}", style="red", markup=False, soft_wrap=True
        )
    else:
        print(f"sotto: {line}", file=sys.stderr)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; the last column may be long."""
    if sys.stdout.isatty():
        _print_rich_table(columns, rows)
        return
    lines = [columns, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_finding(state: str, line: str, help_line: str = "") -> None:
    """A word that tells how it stands, what was found, and below it what helps."""
    width = max(len(word) for word in COLOURS)
    below = f"{' ' * width}  -> {help_line}" if help_line else ""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False)
        console.print(Text(state.ljust(width + 2), style=COLOURS.get(state, "")) + Text(line), soft_wrap=True)
        if below:
            console.print(Text(below, style="dim"), soft_wrap=True)
        return
    print(f"{state.ljust(width)}  {line}")
    if below:
        print(below)


def _print_rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, no_wrap=index == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
    Console(highlight=False).print(table)


@contextmanager
def download_progress() -> Iterator["Progress"]:
    """Bars on a terminal, a few lines in a pipe; both on standard error."""
    if not sys.stderr.isatty():
        yield _PlainProgress()
        return
    from rich import progress
    from rich.console import Console

    bars = progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bars:
        yield _Bars(bars)


@contextmanager
def work_progress(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, a line a quarter in a pipe; yields what takes the share that is done."""
    if not sys.stderr.isatty():
        yield _PlainWork(what)
        return
    from rich import progress
    from rich.console import Console

    with progress.Progress(console=Console(stderr=True)) as bars:
        task = bars.add_task(what, total=1.0)
        yield lambda share: bars.update(task, completed=share)


class _PlainWork:
    def __init__(self, what: str) -> None:
        self._what = what
        self._told = -1

    def __call__(self, share: float) -> None:
        quarter = int(share * 4)
        if quarter > self._told:
            self._told = quarter
            print(f"{self._what}: {quarter * 25} %", file=sys.stderr, flush=True)


class _Bars:
    def __init__(self, bars: "rich.progress.Progress") -> None:
        self._bars = bars
        self._tasks: dict[str, rich.progress.TaskID] = {}

    def at(self, what: str, done: int, total: int) -> None:
        """Move the bar of `what`, which is made when it is first heard of."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)

    def note(self, line: str) -> None:
        """A line above the bars."""
        self._bars.console.print(line, markup=False, highlight=False)


class _PlainProgress:
    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def at(self, what: str, done: int, total: int) -> None:
        """A line for each quarter."""
        step = PLAIN_STEPS * done // max(total, 1)
        if total >= WORTH_TELLING and step > self._told.get(what, 0):
            self._told[what] = step
            self.note(f"{what}: {100 * step // PLAIN_STEPS} % of {total / 1e6:.1f} MB")

    def note(self, line: str) -> None:
        """A line."""
        print(line, file=sys.stderr, flush=True)
