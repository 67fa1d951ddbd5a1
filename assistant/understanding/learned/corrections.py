"""What the user said was wrong: one JSON object a line, in the user's data folder.

    {"at": "2026-11-23T18:30:00+00:00", "text": "...", "language": "en",
     "wrong": {"tool": "lights.turn", "arguments": {"on": true}} or null,
     "right": {"tool": "...", "arguments": {...}} or null}

`right` null says that it was nothing to act on, `wrong` null that nothing was done. Whoever hears "that was
wrong" writes here; `sotto train` reads.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "corrections.jsonl"
MOST = 2_000
"""Corrections that are read, the newest; more would outweigh the skills' own examples."""
LONGEST = 500  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Meant:
    """A call, as the language files write it."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence that was taken wrongly."""

    text: str
    language: str
    at: datetime
    wrong: Meant | None = None
    right: Meant | None = None


class Corrections:
    """The file of them. It is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def add(self, correction: Correction) -> None:
        """Write one more. Raises `OSError`."""
        line = {
            "at": correction.at.isoformat(),
            "text": correction.text[:LONGEST],
            "language": correction.language,
            "wrong": _written(correction.wrong),
            "right": _written(correction.right),
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def read(self) -> list[Correction]:
        """Return the newest of them, in the order in which they were written.

        A broken line is passed over, and of one sentence only the last word counts.
        """
        try:
            lines = self._path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return []
        found: dict[tuple[str, str], Correction] = {}
        for line in lines[-MOST:]:
            correction = _read(line)
            if correction is not None:
                key = (correction.language, correction.text.casefold())
                found.pop(key, None)
                found[key] = correction
        return list(found.values())


def _written(meant: Meant | None) -> dict[str, Any] | None:
    return None if meant is None else {"tool": meant.tool, "arguments": dict(meant.arguments)}


def _read(line: str) -> Correction | None:
    try:
        data = json.loads(line)
        text, language = data["text"], data["language"]
        if not (isinstance(text, str) and isinstance(language, str) and text.strip()):
            return None
        at = datetime.fromisoformat(data["at"])
        return Correction(text[:LONGEST], language, at, _meant(data.get("wrong")), _meant(data.get("right")))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _meant(data: Any) -> Meant | None:
    if data is None:
        return None
    if not (isinstance(data["tool"], str) and isinstance(data["arguments"], dict)):
        raise TypeError("a call is a tool and its arguments")
    return Meant(data["tool"], data["arguments"])
