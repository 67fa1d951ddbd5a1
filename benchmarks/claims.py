"""`python -m benchmarks.claims`: what is promised, with the figures that were measured.

docs/claims.toml     the promises, written by hand
docs/measured.json   the last measured figures; taken over from results/ where there are any
docs/claims.md       made here, and so is the README between its two marks
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmarks import store
from benchmarks.protocol import Figure, figure_from_json
from benchmarks.table import interval, number

BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"
NOT_MEASURED = "(unmeasured)"
_BRACES = re.compile(r"\{(\w+)\}")

Measured = Mapping[str, Mapping[str, Any]]
"""Benchmark -> `date`, `machine`, `conditions`, `figures`."""


class ClaimsError(Exception):
    """The promises contradict themselves; the message is one line for a person."""


class Kind(StrEnum):
    """On what a promise was shown."""

    REAL = "real counterpart"
    CONTRACT = "contract only"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True)
class Claim:
    """One promise. `says` names figures of `result` in braces; `tests` are FILE::TEST."""

    id: str
    says: str
    kind: Kind
    command: str = ""
    result: str = ""
    tests: tuple[str, ...] = ()
    readme: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that it names, in order."""
        return tuple(_BRACES.findall(self.says))


@dataclass(frozen=True, slots=True)
class Shown:
    """A promise with what is known about it today."""

    claim: Claim
    kind: Kind
    says: str
    figures: Mapping[str, Figure]
    date: str


def read(text: str) -> list[Claim]:
    """The promises of a claims.toml. Raises `ClaimsError`."""
    claims = []
    for entry in tomllib.loads(text)["claim"]:
        told = {**entry, "tests": tuple(entry.get("tests", ())), "kind": Kind(entry["kind"])}
        try:
            claim = Claim(**told)
        except TypeError as error:
            raise ClaimsError(f"the promise {entry.get('id')!r} is not well formed: {error}") from error
        if bool(claim.keys) != bool(claim.result):
            raise ClaimsError(f"the promise {claim.id!r} must name a result and its figures, or neither")
        if (claim.kind is Kind.UNMEASURED) == bool(claim.result or claim.tests):
            raise ClaimsError(f"the promise {claim.id!r} is {claim.kind}: that does not fit what shows it")
        claims.append(claim)
    if len({claim.id for claim in claims}) != len(claims):
        raise ClaimsError("two promises have one id")
    return claims


def shown(claim: Claim, measured: Measured, checkout: Path) -> Shown:
    """The promise with its figures; unmeasured when one is missing, or a test that it names."""
    result = measured.get(claim.result, {})
    every = {key: figure_from_json(each) for key, each in result.get("figures", {}).items()}
    figures = {key: every[key] for key in claim.keys if key in every}
    whole = len(figures) == len(set(claim.keys)) and all(_exists(test, checkout) for test in claim.tests)
    says = _BRACES.sub(lambda key: _told(figures.get(key[1])), claim.says)
    return Shown(claim, claim.kind if whole else Kind.UNMEASURED, says, figures, result.get("date", ""))


def _exists(test: str, checkout: Path) -> bool:
    file, _, name = test.partition("::")
    path = checkout / file
    return path.is_file() and re.search(rf"def {re.escape(name)}\(", path.read_text("utf-8")) is not None


def _told(figure: Figure | None) -> str:
    return NOT_MEASURED if figure is None else number(figure.value, figure.unit)


def page(promises: Sequence[Shown], measured: Measured) -> str:
    """docs/claims.md."""
    lines = [
        "# What is promised, and what shows it",
        "",
        "Made by `make claims` from [claims.toml](claims.toml) and [measured.json](measured.json);",
        "do not edit it. How each figure is measured: [measuring.md](measuring.md).",
        "",
        "| Promise | Figures | Shown on | By | When |",
        "|---|---|---|---|---|",
    ]
    for each in promises:
        figures = "<br>".join(f"{key}: {_detail(figure)}" for key, figure in each.figures.items())
        figures = figures or (f"{len(each.claim.tests)} of its tests" if each.claim.tests else "")
        by = "<br>".join(f"`{what}`" for what in (each.claim.command, *each.claim.tests) if what)
        lines.append(f"| {each.says} | {figures} | {_kind(each)} | {by} | {each.date} |")
    lines += ["", "## Measured on", ""]
    for name, result in measured.items():
        facts = ", ".join(f"{key} {value}" for key, value in result["machine"].items())
        told = "".join(f"; {what}: {how}" for what, how in result.get("conditions", {}).items())
        lines.append(f"- **{name}** ({result['date']}): {facts}{told}")
    return "\n".join(lines) + "\n"


def _kind(each: Shown) -> str:
    if each.kind is not each.claim.kind:
        return f"{each.kind} (meant: {each.claim.kind})"
    return each.kind


def _detail(figure: Figure) -> str:
    """A figure with everything that is known of it."""
    p95 = f", 95th percentile {number(figure.p95, figure.unit)}" if figure.p95 is not None else ""
    between = f", 95 % interval {interval(figure)}" if interval(figure) else ""
    return f"{number(figure.value, figure.unit)}{p95}{between}, n {figure.n}"


def block(promises: Sequence[Shown], measured: Measured) -> str:
    """What stands in the README between the two marks."""
    lines = []
    for each in promises:
        if each.claim.readme:
            first = next(iter(each.figures.values()), None)
            lines.append(f"- {each.says}{_in_short(first) if each.kind is each.claim.kind else ''}")
    machines = {(result["machine"]["processor"], result["machine"]["cores"]) for result in measured.values()}
    where = "; ".join(f"{processor}, {cores} cores" for processor, cores in sorted(machines))
    if where:
        lines += ["", f"Measured on {where}."]
    return "\n".join(lines)


def _in_short(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.p95 is not None:
        return f" (Median of {figure.n}; 95th percentile {number(figure.p95, figure.unit)}.)"
    return f" (n = {figure.n}{f'; 95 % interval {interval(figure)}' if interval(figure) else ''}.)"


def with_block(readme: str, made: str) -> str:
    """The README with the block between its marks replaced. Raises `ClaimsError`."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ClaimsError(f"README.md has no place for the figures: put {BEGIN} and {END} where they belong")
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def taken_over(measured: Measured, results: Path) -> dict[str, Mapping[str, Any]]:
    """The measured figures, replaced by those of every result that lies in the folder."""
    kept = ("date", "machine", "conditions", "figures")
    found = {result["benchmark"]: {key: result[key] for key in kept} for result in store.saved(results)}
    return dict(sorted({**measured, **found}.items()))


def main(arguments: Sequence[str] | None = None, checkout: Path = store.FOLDER.parent.parent) -> int:
    """Render, or with --check tell whether what is committed is what would be rendered."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 when the pages are stale"
    )
    checking = parser.parse_args(arguments).check
    data = checkout / "docs" / "measured.json"
    measured: Measured = json.loads(data.read_text("utf-8")) if data.exists() else {}
    try:
        claims = read((checkout / "docs" / "claims.toml").read_text("utf-8"))
        if not checking:
            measured = taken_over(measured, checkout / "benchmarks" / "results")
        promises = [shown(claim, measured, checkout) for claim in claims]
        readme = (checkout / "README.md").read_text("utf-8")
        made = {
            data: json.dumps(measured, indent=1, ensure_ascii=False) + "\n",
            checkout / "docs" / "claims.md": page(promises, measured),
            checkout / "README.md": with_block(readme, block(promises, measured)),
        }
    except ClaimsError as error:
        print(f"claims: {error}", file=sys.stderr)
        return 1
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(checkout)} {'is stale: make claims' if checking else 'written'}")
        if not checking:
            path.write_text(made[path], "utf-8")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main())
