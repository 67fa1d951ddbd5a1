"""What has changed in the shape of the configuration, step by step; `config_version` says which a file has.

A file of an older shape is understood as it is, and written anew by `sotto run` or `sotto config upgrade`.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

from assistant.config.errors import ConfigError

Table = MutableMapping[str, Any]
"""A plain dictionary, or tomlkit's document with its comments."""


def _satellites_are_discovered(data: Table) -> list[str]:
    """2: `wyoming.discover` is `discovery.satellites`, beside where all else that announces itself is."""
    return _move(data, ("wyoming", "discover"), ("discovery", "satellites"))


STEPS: tuple[Callable[[Table], list[str]], ...] = (_satellites_are_discovered,)
"""Each brings a file from one shape to the next, and returns a line for each thing that it changed. A step is
never changed once it was released.
"""

VERSION = len(STEPS) + 1
"""The shape that this version writes; a file that says nothing has the first."""


def upgrade(data: Table, name: str) -> list[str]:
    """Bring what a file says up to date, in place. Returns what was changed. Raises `ConfigError`."""
    version = data.get("config_version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return []  # the schema says what is wrong with it
    if version > VERSION:
        raise ConfigError(
            f"{name}: config_version {version} was written by a newer Sotto Voce (this one knows {VERSION}): "
            "`sotto backup rollback` brings back what was before"
        )
    changed = [line for step in STEPS[version - 1 :] for line in step(data)]
    if "config_version" in data:
        data["config_version"] = VERSION
    return changed


def _move(data: Table, old: tuple[str, str], new: tuple[str, str]) -> list[str]:
    """Give a key another name, in another section. One that is set under both keeps the new one."""
    table = data.get(old[0])
    if not isinstance(table, MutableMapping) or old[1] not in table:
        return []
    value = table.pop(old[1])
    if not table:
        del data[old[0]]
    target = data.setdefault(new[0], {})
    if isinstance(target, MutableMapping):
        target.setdefault(new[1], value)
    return [f"{'.'.join(old)} is {'.'.join(new)} now"]
