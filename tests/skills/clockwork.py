"""A clock for tests: an hour passes in no time, and somebody may set it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from skills.api import Language, Tool
from skills.registry import Registry
from skills.timers import Timers

LONDON = ZoneInfo("Europe/London")


class FakeTime:
    """The clock on the wall, in a zone, and the one that nobody sets."""

    def __init__(self, *shown: int, zone: ZoneInfo = LONDON) -> None:
        self.zone = zone
        self._utc = datetime(*shown, tzinfo=zone).astimezone(UTC)  # type: ignore[misc]  # a date and a time
        self._elapsed_s = 5_000.0
        self.meanwhile: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self._utc.astimezone(self.zone)

    def elapsed(self) -> float:
        return self._elapsed_s

    async def pause(self, seconds: float) -> None:
        self.pass_by(seconds)
        self.meanwhile()

    def pass_by(self, seconds: float) -> None:
        self._utc += timedelta(seconds=seconds)
        self._elapsed_s += seconds

    def set_by(self, seconds: float) -> None:
        """Somebody sets the clock on the wall."""
        self._utc += timedelta(seconds=seconds)

    def restarted(self) -> None:
        """The clock that nobody sets begins anew with each boot."""
        self._elapsed_s = 7.0


class TimedTimers(Timers):
    """The skill as it is, by a clock for tests."""

    time: ClassVar[FakeTime]

    @staticmethod
    def elapsed() -> float:
        return TimedTimers.time.elapsed()

    @staticmethod
    async def pause_for(seconds: float) -> None:
        await TimedTimers.time.pause(seconds)

    def tools(self) -> Sequence[Tool]:
        marked = [(name, each) for name, each in vars(Timers).items() if hasattr(each, "__sotto_tool__")]
        return [self._tool(name, *each.__sotto_tool__) for name, each in marked]

    def languages(self) -> Mapping[str, Language]:
        return Timers().languages()


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return Registry.of(TimedTimers)


def timers_by(time: FakeTime) -> Registry:
    """Return the skill as it is after a start, by this clock. It is loaded once: that takes a second."""
    TimedTimers.time = time
    registry = _registry()
    registry.skills["timers"].__init__()  # type: ignore[misc]  # it remembers nothing but what it has kept
    return registry
