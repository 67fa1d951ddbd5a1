"""Times in words: how long ("an hour and a half", 一个半小时) and when ("half six tomorrow", 日落以后).

`reading` turns words into them, `saying` says them again; what was said is read back as the same.
"""

from skills.times.reading import LISTS, find_whens, read_duration, read_when, time_in, times_in
from skills.times.saying import say_clock, say_day, say_days, say_duration, say_moment
from skills.times.when import Cause, State, When, elapsed_s, later, local_now

__all__ = [
    "LISTS",
    "Cause",
    "State",
    "When",
    "elapsed_s",
    "find_whens",
    "later",
    "local_now",
    "read_duration",
    "read_when",
    "say_clock",
    "say_day",
    "say_days",
    "say_duration",
    "say_moment",
    "time_in",
    "times_in",
]
