# ruff: noqa: E501 - a pattern is easier to read on one line
"""When an order is meant, in English, with the words that lead to it: "in ten minutes", "when I leave"."""

import re
from collections.abc import Iterator
from datetime import datetime

from skills.times import english
from skills.times.when import Cause, State, When

_END = r"(?= |$)"
_WHO = r"(?:i|we|everyone|everybody|anyone|we all|the last (?:person|one|of us)|last (?:person|one)|you hear me|you hear us)"
_IF = r"(?:when|whenever|once|as soon as|after|if|the moment|the minute|moment|the second|by the time|every time|each time)"
_HOUSE = r"(?: (?:the |my |our )?(?:home|house|flat|apartment|place|building|car))?"
_ALREADY = r"(?:'ve |'m |'re | have | has |'s | am | are | is )?"
_LEAVE = re.compile(
    rf"(?:{_IF} {_WHO}{_ALREADY} ?(?:all )?(?:leave|leaves|left|leaving|go out|goes out|went out|gone out|gone|go|head out|head off"
    rf"|heads out|set off|drive off|drive away|step out|walk out|pop out|out|get going|away)(?: of the house)?{_HOUSE}"
    rf"|{_IF} (?:nobody|no one|noone)(?:'s| is) (?:at )?(?:home|in|here|left)|{_IF} (?:the )?(?:house|flat) is empty"
    r"|on (?:my|our) way out|on way out)" + _END
)
_ARRIVE = re.compile(
    rf"(?:{_IF} (?:{_WHO}|somebody|someone|anyone)"
    r"(?:'m |'re |'s | am | are | is )? ?(?:(?:get|gets|come|comes|got|am|are|is|return|returns|arrive|arrives)(?: (?:back|home|in|here|to the house|at the house|to house))+"
    r"|return|returns|arrive|arrives|home|back|back home|walk in(?: the door)?|walk through the door|pull up|pull into the drive))"
    + _END
)
_SUN = re.compile(
    r"(?:(?P<side>before|after) |(?:at|around|by|from|come) )?(?:the )?(?:"
    r"(?P<set>sunset|sundown|sun down|dusk|nightfall)|(?P<rise>sunrise|sun up|sunup|dawn|daybreak|first light))"
    + _END
)
_SUN_SAYS = re.compile(
    rf"{_IF} (?:the )?(?:(?P<set>sun (?:sets|goes down|has set|has gone down|is down|'s down)|it (?:gets|is|goes|'s) dark|it's dark|it's sunset|it is sunset|the sunset|sunset|it's getting dark|it is getting dark)"
    r"|(?P<rise>sun (?:rises|comes up|is up|has risen)|it (?:gets|is|'s) light|it's light|it's sunrise|it is sunrise))(?: outside)?"
    + _END
)
_STATES = {
    State.FINISHED: r"done|finished|finishes|has finished|complete|completed|completes|over|ready|ends|stops|stopped|has stopped|is through|gets done"
    r"|finishes running|stops running|has run|beeps|dings",
    State.OPEN: r"open|opens|opened|gets opened|left open",
    State.CLOSED: r"closed|closes|shut|shuts|gets closed|gets shut",
    State.UNLOCKED: r"unlocked|unlocks|gets unlocked",
    State.LOCKED: r"locked|locks|gets locked",
    State.ON: r"(?:turned|turns|switched|switches|goes|comes|gets turned|gets switched) on|on",
    State.OFF: r"(?:turned|turns|switched|switches|goes|gets turned|gets switched) off|off",
    State.FULL: r"full|fully charged|charged|filled|fills up|filled up|at 100(?: percent| %)?",
    State.EMPTY: r"empty|flat|runs out|empties",
    State.WET: r"wet|leaks|leaking|floods",
    State.DRY: r"dry|dries",
    State.PRESENT: r"detects? (?:motion|movement|someone|somebody)|sees (?:someone|somebody|motion|movement)|occupied|goes off|triggered|is triggered",
    State.ABSENT: r"clear|unoccupied|clears",
    State.RINGS: r"rings|ringing|is rung|goes ding dong",
}
_STATE = "|".join(f"(?P<s{n}>{each})" for n, each in enumerate(_STATES.values()))
_CHANGE = re.compile(
    rf"{_IF} (?P<thing>(?!i |we |you |he |she |they |it )[^,.;!?]{{1,40}}?)(?:'s| is| are| has| have| gets| get| was| has been| have been| is all| are all)?"
    rf"(?: (?:all|just|finally|been|completely))* (?:{_STATE})" + _END
)
_DOES = {
    State.OPEN: "opens|open|leaves open",
    State.CLOSED: "closes|close|shuts|shut",
    State.UNLOCKED: "unlocks|unlock",
    State.LOCKED: "locks|lock",
    State.ON: "turns on|switches on|puts on",
    State.OFF: "turns off|switches off",
    State.RINGS: "rings|presses|is at|comes to|knocks on|knocks at",
}
_DO = "|".join(f"(?P<d{n}>{each})" for n, each in enumerate(_DOES.values()))
_SOMEBODY = re.compile(
    rf"{_IF} (?:somebody|someone|anybody|anyone|somebody else|he|she|anyone else)(?: has|'s| is)? (?:{_DO}) (?P<thing>[^,.;!?]{{2,40}}?)(?=$| [,.;!?]| (?:turn|switch|tell|let|put|say|remind|close|open) )"
)
_MOTION = re.compile(
    rf"{_IF} (?:there(?:'s| is)|you (?:see|detect)|it detects) (?:any |some )?(?:motion|movement|somebody|someone|anybody|anyone) (?:in|at|on|by) (?P<thing>[^,.;!?]{{2,30}}?)(?=$| [,.;!?])"
)
_IN = re.compile(r"(?:in|after|within) (?:about |around |exactly |another |roughly )?")
_FROM_NOW = re.compile(r" (?:from now(?: on)?|later|hence|after that)" + _END)
_TIME = re.compile(r" time" + _END)
_FOR = re.compile(r"for (?:the |another )?(?:next |about |around |just |only )?")
_UNTIL = re.compile(r"(?:until|till|til|up to) (?:it's )?")


def whens(text: str, now: datetime, *, waking: bool) -> Iterator[tuple[When, int, int]]:
    """Yield what a canonical text says of when, in its order; the places are in that text."""
    at = 0
    while at < len(text):
        found = _here(text, at, now, waking)
        if found is not None:
            yield found[0], at, found[1]
            at = found[1]
        at = text.find(" ", at) + 1
        if at == 0:
            return


def when(text: str, at: int, now: datetime, *, waking: bool) -> tuple[When, int] | None:
    """Return what is said of when from a place on, and where it ends."""
    return _here(text, at, now, waking)


def _here(text: str, at: int, now: datetime, waking: bool) -> tuple[When, int] | None:
    return _delay(text, at) or _sun(text, at) or _somebody(text, at) or _at_moment(text, at, now, waking)


def _delay(text: str, at: int) -> tuple[When, int] | None:
    inside = _IN.match(text, at)
    if inside is not None:
        length = english.duration(text, inside.end())
        if length is not None and _SUN.match(text, length[1] + 1) is None:
            ends = _TIME.match(text, length[1]) or _FROM_NOW.match(text, length[1])
            return When(Cause.IN, length[0]), ends.end() if ends is not None else length[1]
    span = _FOR.match(text, at)
    if span is not None:
        length = english.duration(text, span.end())
        return None if length is None else (When(Cause.FOR, length[0]), length[1])
    length = english.duration(text, at)
    if length is None:
        return None
    ends = _FROM_NOW.match(text, length[1])
    if ends is not None:
        return When(Cause.IN, length[0]), ends.end()
    sun = _SUN.match(text, length[1] + 1)
    if sun is not None and sun["side"]:
        seconds = -length[0] if sun["side"] == "before" else length[0]
        return When(Cause.SUNSET if sun["set"] else Cause.SUNRISE, seconds), sun.end()
    return None


def _sun(text: str, at: int) -> tuple[When, int] | None:
    found = _SUN.match(text, at) or _SUN_SAYS.match(text, at)
    if found is None or (found.re is _SUN and found.group() == found["set"]):
        return None  # the bare word may be a scene or a film
    if found.re is _SUN and found.group() == found["rise"]:
        return None
    return When(Cause.SUNSET if found["set"] else Cause.SUNRISE), found.end()


def _somebody(text: str, at: int) -> tuple[When, int] | None:
    for cause, pattern in ((Cause.ARRIVE, _ARRIVE), (Cause.LEAVE, _LEAVE)):
        found = pattern.match(text, at)
        if found is not None:
            return When(cause), found.end()
    found = _MOTION.match(text, at)
    if found is not None:
        return When(Cause.CHANGE, thing=found["thing"].strip(), state=State.PRESENT), found.end()
    found = _SOMEBODY.match(text, at)
    if found is not None:
        state = next(state for n, state in enumerate(_DOES) if found[f"d{n}"] is not None)
        return When(Cause.CHANGE, thing=found["thing"].strip(), state=state), found.end()
    found = _CHANGE.match(text, at)
    if found is not None:
        state = next(state for n, state in enumerate(_STATES) if found[f"s{n}"] is not None)
        return When(Cause.CHANGE, thing=found["thing"].strip(), state=state), found.end()
    return None


def _at_moment(text: str, at: int, now: datetime, waking: bool) -> tuple[When, int] | None:
    until = _UNTIL.match(text, at)
    found = english.moment(text, at if until is None else until.end(), loose=until is not None)
    if found is None:
        return None
    said = found[0].at(now, waking=waking)
    if said is None:
        return None
    if until is not None:
        return When(Cause.UNTIL, at=said.at, vague=said.vague), found[1]
    return said, found[1]
