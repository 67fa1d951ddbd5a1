"""Turns on the screen and in the pipe: what `listen`, `ask` and `run` share."""

import json
import logging
import sys
from typing import TYPE_CHECKING, Any

from assistant.cli.output import print_error

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from assistant.report import TurnReport
    from speech.hearing import Event
    from speech.recognition.engine import Transcript


MICROPHONE = "microphone"
SATELLITE = "satellite"
"""What a turn's `file` is, or begins with, when it came from one."""


class TurnPrinter:
    """Prints each turn as it ends, and flushes: whoever reads the pipe waits for it.

    `source` is the `file` or `text` that the next turns belong to. `turns` counts those that were printed.
    """

    def __init__(self, *, as_json: bool, show_partial: bool = False) -> None:
        self._as_json = as_json
        self._show_partial = show_partial and sys.stderr.isatty()
        self.source: dict[str, str] = {}
        self.turns = 0
        self.failed = False

    def of(self, satellite: str) -> "TurnPrinter":
        """Make another of the kind for the turns of a satellite."""
        other = TurnPrinter(as_json=self._as_json)
        other.source = {"file": f"{SATELLITE} {satellite}"}
        return other

    def heard(self, event: "Event") -> None:
        """Nothing to print: the words say it."""

    def partial(self, transcript: "Transcript") -> None:
        """Show the words so far on a terminal."""
        if self._show_partial:
            print(f"\r\033[K  … {transcript.text}", end="", file=sys.stderr, flush=True)

    def report(self, report: "TurnReport") -> None:
        """Print a turn."""
        self.turns += 1
        self.failed = self.failed or report.failure is not None
        if self._as_json:
            print(json.dumps(report.as_json(**self.source), ensure_ascii=False, default=str), flush=True)
            return
        live = self.source.get("file", "").startswith((MICROPHONE, SATELLITE))
        if not report.heard and report.failure == "nothing_heard" and live:
            return  # a door, a cough
        if self._show_partial:
            print("\r\033[K", end="", file=sys.stderr)
        for line in told(report, with_words="file" in self.source):
            print(line, flush=True)

    def turn(self, turn: dict[str, Any]) -> None:
        """Print a written turn as the running assistant answered it."""
        self.turns += 1
        self.failed = self.failed or turn["failure"] is not None
        if self._as_json:
            print(json.dumps(turn, ensure_ascii=False), flush=True)
            return
        results = [str(each["result"]) for each in turn["outcomes"]]
        results += ["sent"] * (len(turn["commands"]) - len(results))
        for sent, result in zip(turn["commands"], results, strict=False):
            print(f"{sent['via']:8} {sent['topic']} {sent['payload']}  -> {result}")
        print(turn["reply"], flush=True)


def told(report: "TurnReport", *, with_words: bool) -> list[str]:
    """One turn in plain lines: what was heard, what left, what was answered."""
    lines = [f"heard    {report.heard or '(nothing)'}"] if with_words else []
    lines += [
        f"{sent.via:8} {sent.topic} {sent.payload}  -> {outcome.result}"
        for outcome in report.outcomes
        for sent in outcome.sent
    ]
    lines.append(f"reply    {report.reply}" if with_words else report.reply)
    return lines


def set_up_logging(config: "Config") -> None:
    """Log to standard error, as much as the configuration says."""
    logging.basicConfig(
        level=config.log.level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def warn_of(problems: Any) -> None:
    """Tell what is missing, a line each, on standard error."""
    for problem in problems:
        print_error(problem)
