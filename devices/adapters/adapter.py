"""What an adapter is: the way to something that is not MQTT."""

from collections.abc import Mapping
from typing import Any, Protocol

from devices.commands import Result, Sent

Acted = tuple[Result, str, tuple[Sent, ...]]
"""What came of an action: the result, one line for the log, and what really went out."""


class AdapterError(Exception):
    """A question found no answer, since the other side is away or said no; one line says which."""


class Adapter(Protocol):
    """One thing to be told and asked. `name` is what commands call it."""

    name: str

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Do it, and look whether it was done. Never raises for what the other side did."""
        ...

    async def ask(self, question: str) -> Mapping[str, Any]:
        """Answer a question. Raises `AdapterError`."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...
