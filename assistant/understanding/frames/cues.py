"""What is said of here and now and means an order, told by its cues: "I can't even see the keyhole".

`wishes.py` knows whole phrases and wants each word understood. Here a few telling words are enough, but then
the whole sentence must be such a statement: each piece has a cue, or merely tells something.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from assistant.understanding.frames.frame import Frame, Step
from assistant.understanding.frames.scene import Around
from assistant.understanding.frames.tagging import Span
from assistant.understanding.frames.wishes import action_of, air, central, grouped, helps
from assistant.understanding.normalise import words_of
from assistant.understanding.plainly import pieces, tells
from devices.home import Ability, Device, Kind

A = Ability
Steps = list[tuple[Device, Step]]
_LONGEST = 160  # characters
_CAPITAL = re.compile(r"\b(?:in|at|to|from) (?!I\b)[A-Z]")
_SUBJECT = re.compile(
    r"^(?:(?:and|but|so|well|oh|because|ugh|god|now|phew|all|both) )*"
    r"(?:the|my|that|this|these|those|our|your|a|an|some) "
    r"(?P<what>[\w' ]+?)(?:'s| is| are|'re| looks?| seems?| feels?| gets?| smells?| sounds?)\b",
    re.IGNORECASE,
)
"""What a statement is about."""
_WAYS_IN = ("door", "garage", "garage_door", "gate", "valve", "water")
_WARMTH = frozenset({"setpoint_up", "setpoint_down"})
_SOUND = frozenset({"volume_up", "volume_down", "skip"})
_SAID_OF: Mapping[str, tuple[Kind, ...]] = {
    **dict.fromkeys(("brightness_up", "brightness_down", "dark"), (Kind.LIGHT,)),
    **dict.fromkeys(("volume_up", "volume_down", "skip"), (Kind.MEDIA_PLAYER,)),
    "fan_down": (Kind.FAN,),
    "shade": (Kind.COVER,),
}


@dataclass(frozen=True, slots=True)
class _Cues:
    never: re.Pattern[str]
    never_warm: re.Pattern[str]
    told: re.Pattern[str]
    about: re.Pattern[str]
    needs: Mapping[str, re.Pattern[str]]


@lru_cache(maxsize=8)
def _cues(language: str) -> _Cues | None:
    data = words_of(language).data.get("cues")
    if data is None:
        return None
    needs = {key: re.compile("|".join(each), re.IGNORECASE) for key, each in data["needs"].items()}
    never, never_warm, told = (
        re.compile(data[key], re.IGNORECASE) for key in ("never", "never_warm", "told")
    )
    about = re.compile(rf"\b(?:{data.get('about', '')})\b", re.IGNORECASE)
    return _Cues(never, never_warm, told, about, needs)


def is_told(text: str, language: str) -> bool:
    """Whether a sentence tells of another time, place or person, whatever is left of it in plainer words."""
    cues = _cues(language)
    return cues is not None and cues.told.search(text) is not None


def cued(text: str, spans: Sequence[Span], around: Around) -> Frame | None:
    """Return the order that a statement comes to by its cues; None where it is none or nothing helps."""
    cues = _cues(around.language)
    if cues is None or len(text) > _LONGEST or cues.never.search(text) or _is_elsewhere(text, spans):
        return None
    said = pieces(text, around.language)
    if any(_is_of_something_else(piece, cues, text, spans) for piece in said):
        return None
    found = [[need for need, cue in cues.needs.items() if cue.search(piece)] for piece in said]
    if not any(found) or not all(
        needs or tells(piece, around.language) for needs, piece in zip(found, said, strict=True)
    ):
        return None
    warm = not cues.never_warm.search(text)
    for need in cues.needs:
        if any(need in each for each in found) and (warm or need not in _WARMTH):
            steps = _steps(need, text.casefold(), spans, around)
            if steps:
                orders = grouped(steps)
                return Frame((action_of(need),), orders, tuple(dict.fromkeys(each.id for each, _ in steps)))
    return None


def _is_of_something_else(piece: str, cues: _Cues, text: str, spans: Sequence[Span]) -> bool:
    """Whether a piece says how something is that is no part of the home, and nobody in it."""
    match = _SUBJECT.match(piece)
    if match is None or cues.about.search(match["what"]):
        return False
    at = text.find(piece) + match.start("what")
    end = at + len(match["what"])
    known = (
        span for span in spans if span.entry.full or span.entry.part or span.entry.rooms or span.has("kinds")
    )
    return not any(span.words[0].start < end and span.words[-1].end > at for span in known)


def is_of_other(text: str, wish: Frame, language: str) -> bool:
    """Whether it is something else that is too warm or too cold: "the bath's too hot"."""
    cues = _cues(language)
    warms = any("setpoint" in action.dims for action in wish.actions)
    return cues is not None and warms and cues.never_warm.search(text) is not None


def _is_elsewhere(text: str, spans: Sequence[Span]) -> bool:
    """Whether a place is named that is none of the home's: "freezing in Norway"."""
    known = [span for span in spans if span.entry.rooms or span.entry.full or span.entry.part]
    return any(
        not any(span.words[0].start <= match.end() <= span.words[-1].end for span in known)
        for match in _CAPITAL.finditer(text)
    )


def _steps(need: str, text: str, spans: Sequence[Span], around: Around) -> Steps:
    """What the things can do about it that were named, or else those of the place."""
    devices = [device for device in around.home if device.exposed]
    rooms = {room for span in spans for room in span.entry.rooms if not span.entry.full}
    named = {each for span in spans if span.entry.full for each in span.entry.full}
    if not rooms and around.room:
        rooms = {around.room}
    here = [each for each in devices if each.room in rooms]
    free = [each for each in devices if not each.room]
    kinds = _SAID_OF.get(need)
    of_those = [each for each in devices if each.id in named and (kinds is None or each.kind in kinds)]
    near = [each for each in of_those if each.room in rooms] or of_those
    if kinds is not None and near:
        return _NEEDS[need](near)
    help_ = _NEEDS[need] if need in _NEEDS else partial(_defrost, text=text)
    found = help_(here)
    if found or need.startswith("brightness"):
        return found
    if need in _ANYWHERE:
        return _only(help_(devices))
    free = free or (central(devices) if need in _WARMTH else [])
    return help_(free) or (_only(help_(devices)) if need in _SOUND else [])


_ANYWHERE = frozenset(
    {
        "scene_film",
        "scene_bed",
        "scene_leave",
        "scene_morning",
        "scene_home",
        "clean",
        "coffee",
        "tea",
        "defrost",
        "water",
    }
)


def _only(steps: Steps) -> Steps:
    """Of things that are elsewhere only the one that there is."""
    return steps if len(steps) == 1 or len({device.kind for device, _ in steps}) == 1 else []


_SCENES: Mapping[str, tuple[str, ...]] = {
    "scene_film": ("film", "movie", "cinema"),
    "scene_bed": ("bed", "bedtime", "good night", "goodnight", "sleep"),
    "scene_leave": ("leaving", "leave", "away", "goodbye", "going out"),
    "scene_morning": ("morning", "wake"),
    "scene_home": ("welcome", "home", "arrive", "coming home"),
}


def _scene(need: str) -> Callable[[Sequence[Device]], Steps]:
    """Set the one scene that is called so."""

    def pressed(devices: Sequence[Device]) -> Steps:
        scenes = (each for each in devices if each.kind is Kind.SCENE)
        fitting = [each for each in scenes if any(word in _called(each) for word in _SCENES[need])]
        return [(fitting[0], Step(A.PRESSED, True))] if len(fitting) == 1 else []

    return pressed


# -- what helps ----------------------------------------------------------------------------------------------


def _on(devices: Iterable[Device], *words: str) -> Steps:
    """Switch on what goes by one of these words."""
    fitting = (each for each in devices if A.ON in each.abilities and each.kind is not Kind.LIGHT)
    return [(each, Step(A.ON, True)) for each in fitting if any(word in _called(each) for word in words)]


def _called(device: Device) -> str:
    return " ".join((device.name, *device.aliases)).casefold()


def _opened(device: Device, opened: bool) -> Step | None:
    if A.OPEN in device.abilities:
        return Step(A.OPEN, opened)
    return Step(A.POSITION, 100 if opened else 0) if A.POSITION in device.abilities else None


def _is_open(device: Device) -> bool:
    position = device.state.get(A.POSITION)
    return device.state.get(A.OPEN) is True or (isinstance(position, int | float) and position > 0)


def _covers(devices: Iterable[Device], *, windows: bool) -> list[Device]:
    covers = [each for each in devices if each.kind is Kind.COVER and each.device_class not in _WAYS_IN]
    ways_in = ("door", "gate", "garage", "boot", "tailgate")
    return [
        each
        for each in covers
        if not any(word in _called(each) for word in ways_in) and _is_window(each) == windows
    ]


def _is_window(device: Device) -> bool:
    glass = any(word in _called(device) for word in ("skylight", "sunroof", "roof window"))
    return device.device_class == "window" or (not device.device_class and glass)


def _moved(devices: Iterable[Device], *, opened: bool) -> Steps:
    still = [each for each in devices if _is_open(each) != opened]
    return [(each, step) for each in still if (step := _opened(each, opened)) is not None]


def _shade(devices: Sequence[Device]) -> Steps:
    shades = _covers(devices, windows=False)
    awnings = [each for each in shades if each.device_class == "awning" or "awning" in _called(each)]
    others = [each for each in shades if each not in awnings]
    return _moved(others, opened=False) or _moved(awnings, opened=True)


def _defrost(devices: Sequence[Device], text: str) -> Steps:
    able = _on(devices, "defrost", "demist", "window heater", "windscreen heater")
    rear = any(word in text for word in ("rear", "back", "behind"))
    rears = [each for each in able if "rear" in _called(each[0])]
    fronts = [each for each in able if each not in rears]
    if rear:
        return rears or able
    front = any(word in text for word in ("windscreen", "windshield", "front", "road", "where i'm going"))
    return fronts if front and fronts else able


def _seat(devices: Sequence[Device]) -> Steps:
    return _on(devices, "seat")[:1]


def _wheel(devices: Sequence[Device]) -> Steps:
    return _on(devices, "steering", "wheel")[:1]


def _fan_down(devices: Sequence[Device]) -> Steps:
    running = [
        each for each in devices if A.FAN_SPEED in each.abilities and each.state.get(A.ON) is not False
    ]
    fans = [each for each in running if each.kind is Kind.FAN] or running
    return [(each, Step(A.FAN_SPEED, by=-20.0)) for each in fans]


def _air(devices: Sequence[Device]) -> Steps:
    return air(devices) or _moved(_covers(devices, windows=True), opened=True)


def _skip(devices: Sequence[Device]) -> Steps:
    playing = (each for each in devices if each.state.get(A.PLAYBACK) == "playing")
    return [(each, Step(A.PLAYBACK, "next")) for each in playing]


def _cooler(devices: Sequence[Device]) -> Steps:
    return helps("setpoint_down", devices) or _moved(_covers(devices, windows=True), opened=True)


def _warmer(devices: Sequence[Device]) -> Steps:
    return helps("setpoint_up", devices) or _moved(_covers(devices, windows=True), opened=False)


def _darker(devices: Sequence[Device]) -> Steps:
    return helps("brightness_down", devices) or _shade(devices)


def _usual(need: str) -> Callable[[Sequence[Device]], Steps]:
    return lambda devices: helps(need, devices)


_NEEDS: Mapping[str, Callable[[Sequence[Device]], Steps]] = {
    **{need: _scene(need) for need in _SCENES},
    "seat": _seat,
    "wheel": _wheel,
    "draught": lambda devices: _moved(_covers(devices, windows=True), opened=False),
    "fan_down": _fan_down,
    "shade": _shade,
    "unshade": lambda devices: _moved(_covers(devices, windows=False), opened=True),
    "clean": lambda devices: [
        (each, Step(A.CLEANING, "cleaning")) for each in devices if each.kind is Kind.VACUUM
    ],
    "volume_up": _usual("volume_up"),
    "volume_down": _usual("volume_down"),
    "skip": _skip,
    "coffee": lambda devices: _on(devices, "coffee", "espresso", "gaggia", "barista"),
    "tea": lambda devices: _on(devices, "kettle"),
    "towels": lambda devices: _on(devices, "towel"),
    "water": lambda devices: [
        (each, step)
        for each in devices
        if any(word in _called(each) for word in ("sprinkler", "irrigation", "watering", "hose"))
        and (step := _opened(each, opened=True) or Step(A.ON, True)) is not None
    ],
    "air_up": _air,
    "dark": lambda devices: [
        (each, Step(A.ON, False))
        for each in devices
        if each.kind is Kind.LIGHT and each.state.get(A.ON) is True
    ],
    "brightness_up": _usual("brightness_up"),
    "brightness_down": _darker,
    "setpoint_down": _cooler,
    "setpoint_up": _warmer,
}
"""What is needed -> what the things of a place can do for it."""
