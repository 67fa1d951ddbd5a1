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


class Asking:
    """One `sotto ask --json` that goes on: an order in, its turn out. What it keeps lies beside `config`."""

    def __init__(self, config: Path, env: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [SOTTO, "ask", "--json", "--config", config],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **_apart(config), **(env or {})},
        )

    def __call__(self, text: str, **more: str) -> dict[str, Any]:
        """Give an order, and return its turn once that has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"text": text, **more}) + "\n")
        self._process.stdin.flush()
        turn: dict[str, Any] = json.loads(self._process.stdout.readline())
        return turn

    def close(self) -> None:
        """No more orders; it ends by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(20) == 0


def _apart(config: Path) -> Mapping[str, str]:
    return {"XDG_DATA_HOME": str(config.parent / "data"), "SOTTO_UNDERSTANDING__ORDER": "local-only"}


def turns(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The JSON objects that `listen --json` or `ask --json` printed."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def config_file(folder: Path, text: str) -> Path:
    """Write a configuration."""
    path = folder / "sotto.toml"
    path.write_text(text, "utf-8")
    return path


def asked(config: Path, *orders: str | Mapping[str, str], env: Mapping[str, str] | None = None) -> list[Any]:
    """Give orders to one `sotto ask`, one dialogue; returns its turns. What it keeps lies beside `config`."""
    given = "\n".join(order if isinstance(order, str) else json.dumps(order) for order in orders)
    done = sotto(
        "ask", "--json", "--config", config, given=f"{given}\n", env={**_apart(config), **(env or {})}
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return turns(done)
