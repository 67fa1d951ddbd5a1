"""Runs the real `sotto` command, as a person or a program would."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SOTTO = Path(sys.executable).with_name("sotto")


def sotto(
    *arguments: str | Path,
    given: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [SOTTO, *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
    )


def turns(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The JSON objects that `listen --json` or `ask --json` printed."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def config_file(folder: Path, text: str) -> Path:
    """Write a configuration."""
    path = folder / "sotto.toml"
    path.write_text(text, "utf-8")
    return path
