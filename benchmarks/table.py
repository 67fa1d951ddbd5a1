"""Figures as people read them."""

from benchmarks.protocol import Figure, Results


def table(results: Results) -> str:
    """All figures of a benchmark, one a line, and what they were measured on."""
    rows = [("", "figure", "95th", "95 % interval", "n")]
    for key, figure in results.figures.items():
        p95 = number(figure.p95, figure.unit) if figure.p95 is not None else ""
        rows.append((key, number(figure.value, figure.unit), p95, interval(figure), str(figure.n)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells in rows:
        padded = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join(["", name.ljust(widths[0]), *padded]))
    return "\n".join([*lines, *(f"  {what}: {how}" for what, how in results.conditions.items())])


def interval(figure: Figure) -> str:
    """The two ends of a figure's 95 % interval; empty without one."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{number(figure.low, figure.unit, bare=True)} to {number(figure.high, figure.unit)}"


def number(value: float, unit: str, *, bare: bool = False) -> str:
    """A value and its unit, with the digits that mean something. `bare` leaves the unit out."""
    if unit == "share":
        return f"{value * 100:.1f}" + ("" if bare else " %")
    if unit == "points":
        return f"{value * 100:+.1f}" + ("" if bare else " points")
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    if bare:
        return text
    return f"{text}x" if unit == "x" else f"{text} {unit}"
