"""What happens, as JSON objects for whoever listens at `/v1/events`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from assistant.report import TurnReport
from assistant.serve.supervisor import PartState
from assistant.serve.watch import Moved, Seen, Where
from speech.hearing import Ended, GaveUp, Paused, Resumed, SpeechStarted, Woke
from speech.recognition.engine import Transcript

MOST_WAITING = 200
"""Events kept for a listener that is slow; then the oldest are lost, and `lost` says how many."""
MOST_LISTENERS = 16


class TooManyError(Exception):
    """So many listen already."""


class Listening:
    """One listener's queue."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_WAITING)
        self._lost = 0

    def put(self, event: dict[str, Any]) -> None:
        """Queue an event; never waits."""
        if self._waiting.full():
            self._waiting.get_nowait()
            self._lost += 1
        self._waiting.put_nowait(event)

    async def get(self) -> dict[str, Any]:
        """The oldest event."""
        event = await self._waiting.get()
        lost, self._lost = self._lost, 0
        return {**event, "lost": lost} if lost else event


class Events:
    """Turns what is seen into events. `saw` is for the daemon's watch, `part` for its supervisor."""

    def __init__(self) -> None:
        self._listeners: set[Listening] = set()

    @contextmanager
    def listening(self) -> Iterator[Listening]:
        """Take a listener for a while. Raises `TooManyError`."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise TooManyError(f"{MOST_LISTENERS} listen already")
        one = Listening()
        self._listeners.add(one)
        try:
            yield one
        finally:
            self._listeners.discard(one)

    def saw(self, where: Where, seen: Seen) -> None:
        """Tell what happened at a place."""
        if self._listeners and (event := event_of(seen)) is not None:
            self._tell({**event, "place": where.name, "room": where.room})

    def part(self, state: PartState) -> None:
        """Tell that a part is something else now."""
        self._tell({"type": "part", "name": state.name, "health": state.health.value, "why": state.why})

    def _tell(self, event: dict[str, Any]) -> None:
        stamped = {"at": datetime.now().astimezone().isoformat(timespec="milliseconds"), **event}
        for one in self._listeners:
            one.put(stamped)


def event_of(seen: Seen) -> dict[str, Any] | None:
    """What is told of something that was seen; None for what is of no use outside."""
    match seen:
        case Woke(word=word):
            return {"type": "woke", "word": word}
        case SpeechStarted(turn_id=turn_id):
            return {"type": "speech_started", "turn_id": turn_id}
        case Paused(turn_id=turn_id):
            return {"type": "paused", "turn_id": turn_id}
        case Resumed(turn_id=turn_id):
            return {"type": "resumed", "turn_id": turn_id}
        case Ended(utterance=utterance):
            return {"type": "ended", "turn_id": utterance.turn_id}
        case GaveUp():
            return {"type": "gave_up"}
        case Transcript(text=text, language=language):
            return {"type": "partial", "text": text, "language": language}
        case TurnReport(turn_id=turn_id, why=why):
            return {"type": "turn", "turn_id": turn_id, "why": why, **seen.as_json()}
        case Moved(state=state, muted=muted):
            return {"type": "state", "state": state, "muted": muted}
        case _:
            return None
