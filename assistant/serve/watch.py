"""What happens in every place of the daemon, told to whoever watches: the records, the metrics, the API.

    conversation -> watch.at("kitchen", ...) -> listeners

A listener is a function; one that fails is told in the log and harms nobody.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.report import TurnReport
from assistant.turn import Observer
from speech.hearing import Event
from speech.recognition.engine import Transcript

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Where:
    """A place that listens and speaks: its name, its room, and the satellite that it is, if it is one."""

    name: str
    room: str | None = None
    satellite: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A place is something else now: idle, listening, thinking or speaking; open or muted."""

    state: str
    muted: bool = False


Seen = Event | Transcript | TurnReport | Moved
"""What can be seen of a place: a moment of the hearing, words so far, a turn that ended, a new state."""

Listener = Callable[[Where, Seen], None]


class Watch:
    """Hands everything on to its listeners, on the event loop; they must not block."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def join(self, listener: Listener) -> Callable[[], None]:
        """Take a listener; what is returned takes it out again."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def at(self, where: Where, then: Observer | None = None) -> "PlaceWatch":
        """Make the observer of one place; `then` sees everything, too."""
        return PlaceWatch(self, where, then)

    def tell(self, where: Where, seen: Seen) -> None:
        """Tell all listeners."""
        for listener in tuple(self._listeners):
            try:
                listener(where, seen)
            except Exception:  # a turn must not end because somebody who watched it failed
                _log.exception("what happened at %s could not be told", where.name)


class PlaceWatch:
    """One place's observer (`assistant.turn.Observer`)."""

    def __init__(self, watch: Watch, where: Where, then: Observer | None) -> None:
        self._watch = watch
        self._where = where
        self._then = then

    def heard(self, event: Event) -> None:
        """Something happened in the sound."""
        self._watch.tell(self._where, event)
        if self._then is not None:
            self._then.heard(event)

    def partial(self, transcript: Transcript) -> None:
        """The words so far."""
        self._watch.tell(self._where, transcript)
        if self._then is not None:
            self._then.partial(transcript)

    def report(self, report: TurnReport) -> None:
        """A turn has ended."""
        self._watch.tell(self._where, report)
        if self._then is not None:
            self._then.report(report)
