"""The `sotto` command as a user runs it: a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.protocol import BenchmarkError


def sotto(*arguments: str) -> list[str]:
    """The command line of `sotto`: the installed command beside this Python, else the module."""
    installed = Path(sys.executable).with_name("sotto")
    command = [str(installed)] if installed.exists() else [sys.executable, "-m", "sotto_voce"]
    return [*command, *arguments]


def turns(command: Sequence[str], *, given: str | None = None, limit_s: float) -> list[dict[str, Any]]:
    """Run a command that prints one JSON object a turn; return the objects. Raises `BenchmarkError`."""
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
            env=environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(f"{_shown(command)} took more than {limit_s:.0f} s") from error
    if done.returncode not in (0, 1) or not done.stdout.strip():
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise BenchmarkError(f"{_shown(command)} ended with {done.returncode}: {last}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def environment() -> Mapping[str, str]:
    """Ours, less what would change what is measured: a user's own configuration, and that Python compiles
    everything anew at each start, which an installed program does not do.
    """
    kept = ("SOTTO_MODELS__FOLDER", "SOTTO_SHARED")
    left_out = ("SOTTO_", "PYTHONDONTWRITEBYTECODE")
    return {key: value for key, value in os.environ.items() if key in kept or not key.startswith(left_out)}


def _shown(command: Sequence[str]) -> str:
    return " ".join(["sotto", *command[1:3]])
