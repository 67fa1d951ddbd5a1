"""What was: a short local history of states, in SQLite, so that the past can be asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devices.commands import DeviceCommand
from devices.home import Ability, Value


@dataclass(frozen=True, slots=True)
class Span:
    """A device was so from `since_s` until `until_s`, in seconds since 1970. What is so now ends now."""

    value: Value
    since_s: float
    until_s: float


class HistoryView(Protocol):
    """The past, to read."""

    def spans(self, device_id: str, ability: Ability, since_s: float, until_s: float) -> tuple[Span, ...]:
        """How it was between two moments, oldest first, cut to them; empty where nothing is known."""
        ...

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:
        """What brings back the state before the last order given in that room (None: anywhere).

        Empty when there is nothing to take back. Each order is taken back once.
        """
        ...


class History:
    """`with History(path) as history:`; without a path it lives in memory. Not more than `keep_days` back."""

    def __init__(self, path: Path | None = None, *, keep_days: float = 7.0) -> None:
        self._path = path
        self._keep_days = keep_days

    def note(self, device_id: str, state: Mapping[Ability, Value], at_s: float) -> None:
        """Take down how a device says it is; what did not change is not written again."""
        raise NotImplementedError


class NoHistory:
    """Where nothing is kept."""

    def spans(self, device_id: str, ability: Ability, since_s: float, until_s: float) -> tuple[Span, ...]:  # noqa: ARG002 - nothing is known of anything
        """Nothing is known."""
        return ()

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:  # noqa: ARG002 - as above
        """Nothing can be taken back."""
        return ()
