"""The assistant's own voice, as skills see it: how loud it speaks, and what it said last in each place."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from assistant.report import TurnReport
from devices.adapters.adapter import Acted, AdapterError
from devices.commands import Result

LOUDEST = 100
QUIETEST = 5  # a voice that cannot be heard cannot be told to speak up


class OwnVoice:
    """The adapter `voice`. Actions: `quiet`, `set_volume` percent, `change_volume` delta. Question: `last` or
    `last ROOM`: {"heard", "reply", "why"}, empty where nothing was said yet.
    """

    name = "voice"

    def __init__(self, percent: int = LOUDEST) -> None:
        self._percent = percent
        self._last: dict[str, TurnReport] = {}
        self._silence: list[Callable[[], Awaitable[object]]] = []

    @property
    def gain(self) -> float:
        """What the sound is multiplied by: a quarter at 50 percent, which sounds half as loud."""
        return (self._percent / LOUDEST) ** 2

    def joins(self, silence: Callable[[], Awaitable[object]]) -> None:
        """Take another place that speaks; `silence` makes it fall silent."""
        self._silence.append(silence)

    def said(self, room: str | None, report: TurnReport) -> None:
        """Remember a turn that has ended, unless it was one about the turn before."""
        if not any(call.skill == "self" for call in report.calls):
            self._last[room or ""] = self._last[""] = report

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Do it. Never fails."""
        before = self._percent
        match action:
            case "quiet":
                for silence in self._silence:
                    await silence()
                return Result.DONE, "fell silent", ()
            case "set_volume":
                wanted = int(arguments["percent"])
            case "change_volume":
                wanted = before + int(arguments["delta"])
            case _:
                return Result.CANNOT, f"the voice cannot {action}", ()
        self._percent = min(LOUDEST, max(QUIETEST, wanted))
        return (Result.ALREADY if self._percent == before else Result.DONE), f"{self._percent} %", ()

    async def ask(self, question: str) -> Mapping[str, Any]:
        """Answer `last`. Raises `AdapterError` for any other question."""
        asked, _, room = question.partition(" ")
        if asked != "last":
            raise AdapterError(f"the voice does not know {question!r}")
        last = self._last.get(room)
        return {} if last is None else {"heard": last.heard, "reply": last.reply, "why": last.why}

    async def close(self) -> None:
        """Nothing to let go of."""
