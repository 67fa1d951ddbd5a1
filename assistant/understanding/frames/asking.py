"""Questions about how things are: which things, and what of them. Nothing that is asked changes anything."""

import re
from collections.abc import Mapping, Sequence

from assistant.understanding.frames.lexicon import Lexicon
from assistant.understanding.frames.scene import Around
from assistant.understanding.frames.tagging import Span, Word, tagged
from assistant.understanding.frames.things import Things, fits_kind
from assistant.understanding.plan import Call
from devices.home import Ability, Device, Kind

A = Ability
_MOST_ASKED = 40
_ABOUT = frozenset({"what is", "how is", "what are", "how", "what"})

TOLD_BY: Mapping[str, tuple[Ability, ...]] = {
    "on": (A.ON, A.MODE, A.PLAYBACK, A.CLEANING, A.ARMED, A.PRESET),
    "off": (A.ON, A.MODE, A.PLAYBACK, A.CLEANING, A.ARMED, A.PRESET),
    "open": (A.OPEN, A.POSITION, A.READING),
    "closed": (A.OPEN, A.POSITION, A.READING),
    "locked": (A.LOCKED,),
    "unlocked": (A.LOCKED,),
    "armed": (A.ARMED,),
    "disarmed": (A.ARMED,),
    "playing": (A.PLAYBACK,),
    "cleaning": (A.CLEANING,),
    "docked": (A.CLEANING,),
    "brightness": (A.BRIGHTNESS,),
    "setpoint": (A.SETPOINT,),
    "reading": (A.READING,),
    "volume": (A.VOLUME,),
    "fan_speed": (A.FAN_SPEED,),
    "position": (A.POSITION,),
    "muted": (A.MUTED,),
    "mode": (A.MODE,),
}
"""What was asked -> the abilities of which one must be there."""

_YES_OR_NO = frozenset(
    {
        "on",
        "off",
        "open",
        "closed",
        "locked",
        "unlocked",
        "armed",
        "disarmed",
        "playing",
        "cleaning",
        "docked",
    }
)
_HOW_FAR = re.compile("(跑|开|走).{0,4}(多远|多少公里|几公里)|续航|(剩|有|够)多少公里")
_MOST_STRANGE = 6
_WHY = frozenset({"why", "who", "为 什 么", "谁", "怎 么 会", "时 候", "什 么 时 候", "多 久", "怎 么"})
"""What the past knows, and not how things are."""

_FINEST = frozenset({"setpoint", "brightness", "volume", "fan_speed", "position"})
_FINER = ("setpoint", "brightness", "volume", "fan_speed", "position", "muted", "mode", "reading")


def asked_in(words: Sequence[Word], lexicon: Lexicon, things: Things, around: Around) -> Call | None:
    """Return the call that answers a question about things; None where it is none that they could answer."""
    if len(words) > _MOST_ASKED:
        return None
    if tuple(word.text for word in words[:2]) == ("do", "not"):
        return None  # "don't open the garage" asks nothing
    spans = tagged(tuple(words), lexicon, things, "question")
    text = "".join(word.text for word in words)
    if around.language == "zh" and _HOW_FAR.search(text):
        left = [each for each in around.home if each.kind is Kind.SENSOR and each.unit in ("km", "mi")]
        return Call("home", "tell", {"things": [each.id for each in left]}) if left else None
    spans = tuple(_to_the_point(spans, around.language))
    if not spans or any(_is_strange(span) for span in spans):
        return None
    if not (spans[0].has("questions") or any("ask" in span.get("questions") for span in spans)):
        return None
    states = [state for span in spans for state in sorted(span.get("states")) if not span.entry.full]
    found = _things(spans, around, states)
    if not found:
        return None
    asked = _asked(states, found)
    if states and asked is None:
        return None
    if not states and not _is_about(spans) and around.language != "zh":
        return None
    return Call(
        "home", "tell", {"things": [each.id for each in found], **({"asked": asked} if asked else {})}
    )


def _to_the_point(spans: Sequence[Span], language: str) -> Sequence[Span]:
    """Return a question without the clauses beside it, and without a few words that nobody knows where it
    plainly asks how a thing is: 洗衣机里的衣服洗好了没.
    """
    if language != "zh" or any(span.text in _WHY for span in spans):
        return spans
    clauses: list[list[Span]] = []
    for span in spans:
        if span.broken or not clauses:
            clauses.append([])
        clauses[-1].append(span)
    asking = [each for each in clauses if _asks(each)]
    if len(asking) != 1:
        return spans
    (clause,) = asking
    strange = [span for span in clause if span.unknown]
    if sum(len(span.words) for span in strange) > _MOST_STRANGE:
        return spans
    return [span for span in clause if not span.unknown]


def _asks(clause: Sequence[Span]) -> bool:
    named = any(span.entry.full or span.has("kinds") for span in clause)
    return (
        named
        and any(span.has("states") for span in clause)
        and any("ask" in span.get("questions") for span in clause)
    )


def _is_strange(span: Span) -> bool:
    return (
        span.unknown
        or span.text in _WHY
        or (span.entry.absent and not span.tags and not span.entry.full and not span.entry.part)
    )


def _is_about(spans: Sequence[Span]) -> bool:
    """Whether a sentence without a state asks at all: "what is Henry doing?", not "have I got a lamp?"."""
    return any(span.text in _ABOUT for span in spans)


def _asked(states: Sequence[str], found: Sequence[Device]) -> str | None:
    """Return what was asked of these things: what the words say and the things tell."""
    possible = [
        each
        for each in dict.fromkeys(states)
        if any(set(TOLD_BY[each]) & device.abilities for device in found)
    ]
    plain = sorted((each for each in possible if each in _YES_OR_NO), key=lambda each: each in ("on", "off"))
    finer = [each for each in _FINER if each in possible]
    if finer and (not plain or finer[0] in _FINEST):
        return finer[0]
    return next(iter(plain), None)


def _things(spans: Sequence[Span], around: Around, states: Sequence[str]) -> list[Device]:
    devices = [device for device in around.home if device.exposed and device.kind is not Kind.SCENE]
    found: list[Device] | None = None
    rooms: set[str] = set()
    here = False
    several = False
    for span in spans:
        named = _named(span, devices)
        if named is not None:
            both = named if found is None else [each for each in found if each in named]
            found = both or (found if found and not span.entry.full else named)
        elif span.entry.rooms:
            rooms |= span.entry.rooms
        here = here or (span.has("here") and not span.has("states", "mine"))
        several = (
            several
            or (named is not None and span.words[-1].text.endswith("s") and not span.entry.full)
            or span.has("quantity")
            or span.text in ("哪 些", "哪 个", "哪 盏")
        )
    if here and not rooms and around.room:
        rooms.add(around.room)
    if found is None and not rooms:
        if around.following and around.last and any(span.has("reference") for span in spans):
            found = [device for each in around.last if (device := around.home.get(each)) is not None]
        else:
            return []
    if found is None:
        found = [each for each in devices if _tells(each, states)] if states else []
    if rooms:
        found = [each for each in found if each.room in rooms]
    telling = [each for each in found if not states or _tells(each, states)]
    if not rooms and not several and len(telling) > 1:
        near = [each for each in telling if each.room == around.room]
        telling = near or telling
    return telling if states else found[:1] if not several else found


def _named(span: Span, devices: Sequence[Device]) -> list[Device] | None:
    if span.entry.full:
        names = span.entry.full | (frozenset() if span.entry.own else span.entry.part)
        return [each for each in devices if each.id in names]
    if span.has("kinds"):
        kinds = span.get("kinds")
        fitting = [each for each in devices if any(fits_kind(each, kind) for kind in kinds)]
        return fitting or None
    if span.entry.part and not span.has("states", "questions", "fillers", "glue"):
        return [each for each in devices if each.id in span.entry.part]
    return None


def _tells(device: Device, states: Sequence[str]) -> bool:
    return any(set(TOLD_BY[state]) & device.abilities for state in states)
