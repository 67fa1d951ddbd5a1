"""One clock for a stream of sound and everything that follows from it."""

import asyncio
import time


class Clock:
    """Monotonic seconds, which a recording may wind forward instead of waiting.

    A microphone's clock is the machine's. A file that is read faster than real time still has pauses whose
    length matters (the end of a turn is a pause): its source calls `wait`, which moves the clock instead of
    sleeping. So work takes the time that it takes, waiting costs nothing, and every mark lies on one axis.
    """

    def __init__(self, *, realtime: bool = True) -> None:
        self.realtime = realtime
        self._wound_s = 0.0

    def now(self) -> float:
        """Seconds since an arbitrary beginning; never goes back."""
        return time.monotonic() + self._wound_s

    async def wait_until(self, moment_s: float) -> None:
        """Let the clock reach `moment_s`: by sleeping in real time, else by winding it forward."""
        remaining_s = moment_s - self.now()
        if self.realtime and remaining_s > 0:
            await asyncio.sleep(remaining_s)
            return
        self._wound_s += max(0.0, remaining_s)
        await asyncio.sleep(0)
