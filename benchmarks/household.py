"""A household for a while: orders, questions and timers, a television, and things that are restarted.

A real `sotto run` and a real mosquitto, orders through the API in both languages; where there are
recordings, two satellites in rooms in which a television talks, through which orders are spoken; where there
is MPD, music that makes way. The broker and the satellites are restarted again and again. It takes `--hours`
(or SOTTO_HOUSEHOLD_MIN minutes; 5 without either; an hour is what is promised). Memory is what the process
holds (RSS), after a warm-up and at the end; `growth_mb_per_hour` is the slope of all samples in between.
`lost_timers` are those that were set and are not there any more, `unanswered` orders that got no answer at
all, `failed` those that were answered with a failure while the broker was there, `stuck_ducks` how often
music was still low long after a turn, `of_the_television` turns that nobody gave.
"""

import itertools
import os
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.faults import House, household, mosquitto
from benchmarks.intervals import of_samples
from benchmarks.living import LOUD, QUIET_AGAIN_S, Music, Rooms, music_lacks
from benchmarks.plots import OURS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recordings import recordings
from benchmarks.satellites import ROOMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WARM_S = 20.0
BROKER_EVERY_S = 60.0
TIMERS = 3
ORDERS = (
    "turn on the hall light",
    "turn off the hall light",
    "打开走廊的灯",
    "what time is it",
    "现在几点了",
    "what is 12 times 12",
    "is the hall light on",
    "put milk on the shopping list",
    "take milk off the shopping list",
    "how long is left on the timer",
    "make it a bit brighter",
    "what can you do",
    "blah blah the thing with the thing",
)


class Household:
    """Orders by turns, until the time is over."""

    name = "household"
    minutes = float(os.environ.get("SOTTO_HOUSEHOLD_MIN", "5"))

    def lacks(self) -> str | None:
        """A broker that can be restarted."""
        return None if mosquitto() else "there is no mosquitto: apt install mosquitto"

    def run(self, tell: Tell) -> Results:
        """Live there."""
        answered_s: list[float] = []
        memory: list[tuple[float, float]] = []
        counts = {"unanswered": 0, "failed": 0, "broker_restarts": 0, "stuck_ducks": 0}
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            rooms, music = _rooms(folder, stack), _music(folder, stack)
            more = (rooms.tables() if rooms else "") + (_MUSIC.format(port=music.port) if music else "")
            house = stack.enter_context(household(more=more))
            house.until_done()
            for number in range(TIMERS):
                house.order(f"set a timer for {number + 5} hours")
            began_s = restarted_s = time.monotonic()
            shuffled = random.Random(1)  # the same household each time
            for order in itertools.chain.from_iterable(
                shuffled.sample(ORDERS, len(ORDERS)) for _ in itertools.count()
            ):
                now_s = time.monotonic()
                if now_s - began_s > self.minutes * 60:
                    break
                self._give(order, house, answered_s, counts)
                if now_s - began_s > WARM_S:
                    memory.append(((now_s - began_s) / 3600, _rss_mb(house)))
                if now_s - restarted_s > BROKER_EVERY_S:
                    restarted_s = now_s
                    counts["broker_restarts"] += 1
                    tell(
                        f"{(now_s - began_s) / 60:.0f} of {self.minutes:.0f} minutes, {_rss_mb(house):.0f} MB"
                    )
                    _restart_broker(house)
                    house.until_done()
            if rooms is not None:
                rooms.end()
                counts["satellite_restarts"] = rooms.restarts
                counts["spoken_orders"], counts["spoken_answered"] = rooms.said, rooms.answered
                counts["of_the_television"] = max(0, _spoken_turns(house) - rooms.said)
            if music is not None:
                counts["stuck_ducks"] = _stuck(music)
            left = TIMERS - _timers(house)
        return self._results(answered_s, memory, {**counts, "lost_timers": left})

    def _give(self, order: str, house: House, answered_s: list[float], counts: dict[str, int]) -> None:
        began_s = time.monotonic()
        try:
            turn = house.order(order)
        except OSError:
            counts["unanswered"] += 1
            return
        answered_s.append(time.monotonic() - began_s)
        expected = turn["failure"] in (None, "not_understood", "no_language_model", "cannot", "cannot_answer")
        counts["failed"] += not expected

    def _results(
        self, answered_s: list[float], memory: list[tuple[float, float]], counts: dict[str, int]
    ) -> Results:
        hours, megabytes = zip(*memory, strict=True)
        slope = float(np.polyfit(hours, megabytes, 1)[0])
        figures = {key: Figure(count, "", len(answered_s)) for key, count in counts.items()}
        figures["answered_s"] = of_samples(answered_s, "s")
        figures["memory_after_warming_mb"] = Figure(megabytes[0], "MB", 1)
        figures["memory_at_the_end_mb"] = Figure(megabytes[-1], "MB", 1)
        figures["growth_mb_per_hour"] = Figure(slope, "MB", len(memory))
        return Results(figures, {"memory_mb": megabytes}, {"lasted": f"{self.minutes:g} minutes"})

    def draw(self, results: Results, axes: "Axes") -> None:
        """Memory over the orders."""
        axes.plot(results.samples["memory_mb"], color=OURS)
        axes.set_xlabel("orders")
        axes.set_ylabel("MB")


_MUSIC = '[skills.music]\nhost = "127.0.0.1"\nport = {port}\n'


def _rooms(folder: Path, stack: ExitStack) -> Rooms | None:
    if not recordings("not_wake"):
        return None
    rooms = Rooms(folder)
    rooms.start()
    stack.callback(rooms.end)
    return rooms


def _music(folder: Path, stack: ExitStack) -> Music | None:
    if music_lacks():
        return None
    music = Music(folder)
    music.start()
    stack.callback(music.end)
    return music


def _stuck(music: Music) -> int:
    """Whether music stays low although nobody has spoken for a while."""
    until_s = time.monotonic() + QUIET_AGAIN_S
    while music.volume() != LOUD and time.monotonic() < until_s:
        time.sleep(0.5)
    return int(music.volume() != LOUD)


def _spoken_turns(house: House) -> int:
    """How many turns the record has that were heard at a satellite."""
    turns = house.call("GET", "/v1/history?most=500")["turns"]
    return sum(each["place"] in ROOMS for each in turns)


def _restart_broker(house: House) -> None:
    assert house.broker is not None
    house.broker.kill()
    house.broker.wait(10)
    house.start_broker()


def _rss_mb(house: House) -> float:
    assert house.daemon is not None
    pages = int(Path(f"/proc/{house.daemon.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _timers(house: House) -> int:
    """How many hours of timers are named when all are asked for: "4 hours ... 5 hours ..."."""
    reply = str(house.order("which timers are running")["reply"])
    return sum(f"{number + 4} hours" in reply or f"{number + 5} hours" in reply for number in range(TIMERS))
