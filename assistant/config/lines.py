"""In which line of a TOML text each key stands. The standard parser does not say."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]


def key_lines(text: str) -> Mapping[Path, int]:
    """Every key and table of a valid TOML text -> its line, counted from 1.

    The text is cut into its statements: the shortest runs of lines that the parser accepts by themselves.
    So the parser itself decides about quoting, dotted keys and values of several lines.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = max(_paths(parsed), key=len)
            paths = [table]
        else:
            paths = [table + path for path in _paths(parsed)]
        for path in paths:
            for depth in range(1, len(path) + 1):
                found.setdefault(path[:depth], line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    pending: list[str] = []
    # Not splitlines(): TOML knows only two ends of a line.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        pending.append(line)
        statement = "\n".join(pending)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield number - len(pending) + 1, statement
        pending = []


def _paths(value: Any, above: Path = ()) -> list[Path]:
    """Every key in nested tables, the tables' own included."""
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        value = value[-1]
    if not isinstance(value, dict):
        return [above]
    inner = [path for name, each in value.items() for path in _paths(each, (*above, name))]
    return inner or [above]
