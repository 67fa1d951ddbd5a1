"""How a sentence is put, before anybody asks what it orders: quoted, of an alarm clock, pointing nowhere."""

import re

from assistant.understanding.frames.frame import Fault, Frame

_QUOTED = re.compile(r"[\"“][^\"”]+[\"”]|(?<!\w)['‘][^'’]{3,}[,.!?]['’]")
_CLOCK = re.compile(
    r"\b(?:an|another|no|next|(?:to(?:morrow|day)|monday|tuesday|wednesday|thursday|friday|saturday|sunday)'s"
    r"|morning|wake[ -]?up|o'?clock|\d\d?(?:[:.]\d\d)? ?(?:[ap]\.?m\.?)?|thirty|fifteen|forty[ -]five"
    r"|half past \w+|quarter (?:to|past) \w+|first|second|last|other|every) alarms?\b"
    r"(?! (?:off|on|to) (?:away|home|night))"
    r"|\balarms\b|\balarm (?:clock|for|at (?!home|night)|in (?:an?|\w+) (?:minute|hour)"
    r"|(?:to|from) \w+ o'?clock|(?:back|forward) (?:by|an?)\b)"
    r"|\balarm(?: \w+){0,3} (?:earlier|later)\b|\bmy alarm\b",
    re.IGNORECASE,
)
_SWITCHES = re.compile(
    r"\b(turn|switch|dim|brighten|mute|unmute|lock|unlock|open|close|shut|start|set|make)\b", re.IGNORECASE
)
_PEOPLE = re.compile(r"\b(him|her)\b", re.IGNORECASE)


def is_quoted(text: str) -> bool:
    """Whether somebody's words are told, which order nothing: he goes, "lights off"."""
    return _QUOTED.search(text) is not None


def is_alarm_clock(text: str) -> bool:
    """Whether the alarm is a clock's and no burglar alarm: "set an alarm", "skip tomorrow's alarm"."""
    return _CLOCK.search(text) is not None


def points_at_nothing(frame: Frame) -> bool:
    """Whether nobody can know what "it" is."""
    trouble = frame.trouble
    return trouble is not None and trouble.fault is Fault.WHICH and not trouble.things


def may_point(text: str, *, spoken_whole: bool, language: str) -> bool:
    """Whether to ask what "it" is: of "turn it off", and neither of "put that down" nor of "ask her"."""
    switches = _SWITCHES.search(text) and not _PEOPLE.search(text)
    return language != "en" or (spoken_whole and bool(switches))
