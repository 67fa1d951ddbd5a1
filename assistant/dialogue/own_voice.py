"""The assistant's own voice, as skills see it: how loud it speaks, what it said last in each place, and what
of that was wrong.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from assistant.dialogue.manner import Manner
from assistant.report import A_PIN, TurnReport
from devices.adapters.adapter import Acted, AdapterError
from devices.commands import Result

if TYPE_CHECKING:
    from assistant.understanding.learned.corrections import Corrections

_log = logging.getLogger(__name__)

LOUDEST = 100
QUIETEST = 5  # a voice that cannot be heard cannot be told to speak up
SAID_AGAIN_S = 30.0
"""For so long after "that was wrong" the next order there, in like words, tells what was right."""
ALIKE = 60.0  # of 100


class OwnVoice:
    """The adapter `voice`. Actions: `quiet`, `set_volume` percent, `change_volume` delta, `wrong` room (the
    last turn there was taken wrongly). Question: `last` or `last ROOM`: {"heard", "reply", "why"}, empty
    where nothing was said yet.
    """

    name = "voice"

    def __init__(
        self,
        percent: int = LOUDEST,
        manner: Manner | None = None,
        corrections: "Corrections | None" = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self.manner = manner or Manner()
        self._corrections = corrections
        self._now = now
        self._percent = percent
        self._lifted = False  # somebody wanted it louder, in these quiet hours
        self._last: dict[str, TurnReport] = {}
        self._wrong: dict[str, tuple[TurnReport, datetime]] = {}
        self._silence: list[Callable[[], Awaitable[object]]] = []

    @property
    def percent(self) -> int:
        """How loud we speak now: in quiet hours less, unless somebody said otherwise meanwhile."""
        if not self.manner.is_quiet(self._now()):
            self._lifted = False
        elif not self._lifted:
            return min(self._percent, self.manner.quiet_percent)
        return self._percent

    @property
    def gain(self) -> float:
        """What the sound is multiplied by: a quarter at 50 percent, which sounds half as loud."""
        return (self.percent / LOUDEST) ** 2

    @property
    def bell_gain(self) -> float:
        """The same for what rings: an alarm knows no quiet hours."""
        return (self._percent / LOUDEST) ** 2

    def joins(self, silence: Callable[[], Awaitable[object]]) -> None:
        """Take another place that speaks; `silence` makes it fall silent."""
        self._silence.append(silence)

    def said(self, room: str | None, report: TurnReport) -> None:
        """Remember a turn that has ended, unless it was one about the turn before."""
        if not any(call.skill == "self" for call in report.calls):
            self._set_right(room or "", report)
            self._last[room or ""] = self._last[""] = report

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Do it. Never fails."""
        before = self.percent
        match action:
            case "quiet":
                for silence in self._silence:
                    await silence()
                return Result.DONE, "fell silent", ()
            case "wrong":
                self._note_wrong(str(arguments.get("room") or ""))
                return Result.DONE, "noted", ()
            case "set_volume":
                wanted = int(arguments["percent"])
            case "change_volume":
                wanted = before + int(arguments["delta"])
            case _:
                return Result.CANNOT, f"the voice cannot {action}", ()
        self._percent = min(LOUDEST, max(QUIETEST, wanted))
        self._lifted = True
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

    # -- what was wrong --------------------------------------------------------------------------------------

    def _note_wrong(self, room: str) -> None:
        last = self._last.get(room)
        if last is not None and last.heard and last.heard != A_PIN:
            self._wrong[room] = last, self._now()
            self._write(last, None)

    def _set_right(self, room: str, report: TurnReport) -> None:
        """What is ordered right after "that was wrong", in like words, is what had been meant."""
        wrong, at = self._wrong.pop(room, (None, None))
        if wrong is None or at is None or not report.calls or report.failure is not None:
            return
        from rapidfuzz import fuzz

        alike = fuzz.token_set_ratio(wrong.heard.casefold(), report.heard.casefold()) >= ALIKE
        if alike and (self._now() - at).total_seconds() <= SAID_AGAIN_S:
            self._write(wrong, report)

    def _write(self, wrong: TurnReport, right: TurnReport | None) -> None:
        if self._corrections is None:
            return
        from assistant.understanding.learned.corrections import Correction

        correction = Correction(
            wrong.heard, wrong.language, self._now().astimezone(UTC), _meant(wrong), _meant(right)
        )
        try:
            self._corrections.add(correction)
        except (OSError, TypeError, ValueError) as error:
            _log.warning("what was wrong could not be written down: %s", error)


def _meant(report: TurnReport | None) -> Any:
    """The turn's first call, as corrections keep it; None where nothing was done."""
    from assistant.understanding.learned.corrections import Meant

    if report is None or not report.calls:
        return None
    call = report.calls[0]
    return Meant(f"{call.skill}.{call.tool}", dict(call.arguments))
