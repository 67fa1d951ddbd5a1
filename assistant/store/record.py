"""One line of the record: what was heard where, what was done about it, and why."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.report import TurnReport


@dataclass(frozen=True, slots=True)
class Record:
    """A turn as it is kept. `at_s` is when it ended, in seconds since 1970. `calls`, `commands`, `outcomes`
    and `timing_ms` are as `TurnReport.as_json` gives them.

    The words of a turn in which a PIN was said are not here: a report does not have them.
    """

    turn_id: str
    at_s: float
    place: str
    room: str | None
    satellite: str | None
    heard: str
    language: str
    tier: str
    why: str
    calls: list[dict[str, Any]]
    commands: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    reply: str
    failure: str | None
    interrupted: bool
    timing_ms: dict[str, float | None]

    def as_json(self) -> dict[str, Any]:
        """The record as `sotto history` and the API print it; the moment as ISO 8601 with its zone."""
        at = datetime.fromtimestamp(self.at_s).astimezone().isoformat(timespec="seconds")
        rest = {name: getattr(self, name) for name in self.__slots__ if name not in ("turn_id", "at_s")}
        return {"turn_id": self.turn_id, "at": at, **rest}


COLUMNS = tuple(Record.__slots__)
JSON_COLUMNS = frozenset({"calls", "commands", "outcomes", "timing_ms"})


def record_of(
    report: TurnReport, place: str, room: str | None, satellite: str | None, at_s: float | None = None
) -> Record:
    """Make the record of a turn that ended at a place just now."""
    said = report.as_json()
    return Record(
        turn_id=report.turn_id,
        at_s=time.time() if at_s is None else at_s,
        place=place,
        room=report.by.room or room,
        satellite=report.by.satellite or satellite,
        heard=report.heard,
        language=report.language,
        tier=said["tier"],
        why=report.why,
        calls=said["calls"],
        commands=said["commands"],
        outcomes=said["outcomes"],
        reply=report.reply,
        failure=report.failure,
        interrupted=report.interrupted,
        timing_ms=said["timing_ms"],
    )


def row_of(record: Record) -> dict[str, Any]:
    """The record as a row of the database."""
    return {
        name: json.dumps(value, ensure_ascii=False, default=str) if name in JSON_COLUMNS else value
        for name in COLUMNS
        for value in [getattr(record, name)]
    }


def of_row(row: Mapping[str, Any]) -> Record:
    """The record in a row of the database."""
    values = {name: json.loads(row[name]) if name in JSON_COLUMNS else row[name] for name in COLUMNS}
    return Record(**{**values, "interrupted": bool(values["interrupted"])})
