"""What a complaint is about: patterns of a language's `[needs]`, looked for in what was said.

Unlike `[wishes]` they need not cover a sentence: people complain at length (吵得我脑仁儿疼). What the
things of a place can do about each need is in `helps.py`.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from assistant.understanding.frames.abilities import steps_for
from assistant.understanding.frames.frame import Action, Frame, Order, Step
from assistant.understanding.frames.helps import help_for
from assistant.understanding.frames.lexicon import Lexicon, lexicon_of
from assistant.understanding.frames.scene import Around
from assistant.understanding.frames.tagging import Span, Word, tagged
from assistant.understanding.frames.things import Things, fits_kind
from devices.home import Device

_LONGEST = 34
_MOST_CLAUSES = 4
_ABOUT_NAMED = frozenset({"left_on"})
"""Needs that say of a thing, and of nothing else, that it should be otherwise."""


@lru_cache(maxsize=4)
def _patterns(language: str) -> tuple[Mapping[str, re.Pattern[str]], re.Pattern[str] | None]:
    sections = lexicon_of(language).sections
    needs = {key: re.compile("|".join(each)) for key, each in sections.get("needs", {}).items() if each}
    elsewhere = sections.get("elsewhere", ())
    return needs, re.compile("|".join(elsewhere)) if elsewhere else None


def needs_of(text: str, language: str) -> list[str]:
    """Return the needs that plain words without spaces may tell of, in the order of the file."""
    needs, _ = _patterns(language)
    return [key for key, pattern in needs.items() if pattern.search(text)]


def is_elsewhere(text: str, language: str) -> bool:
    """Whether it is of another time, place or person, or only told."""
    _, elsewhere = _patterns(language)
    return elsewhere is not None and bool(elsewhere.search(text))


def too_in(words: Sequence[Word], around: Around) -> Frame | None:
    """Return the step back that 太大了 or 还是有点暗 asks for, of the things of the order before."""
    ways = _too(around.language)
    if not (ways and around.following and around.last) or any(word.broken for word in words[1:]):
        return None
    text = "".join(word.text for word in words)
    sort = next((sort for sort, pattern in ways.items() if pattern.match(text)), "")
    if not sort:
        return None
    way, _, dim = sort.partition("_")
    action = Action(dims=frozenset({dim}), sign=1 if way == "up" else -1)
    devices = [device for each in around.last if (device := around.home.get(each)) is not None]
    orders: dict[Step, list[str]] = {}
    for device in devices:
        for step in steps_for(device, action):
            orders.setdefault(step, []).append(device.id)
    found = tuple(Order(tuple(each), step) for step, each in orders.items())
    return Frame((action,), found, around.last) if found else None


@lru_cache(maxsize=4)
def _too(language: str) -> Mapping[str, re.Pattern[str]]:
    said = lexicon_of(language).sections.get("too", {})
    lead, much, end = ("|".join(said.get(key, ())) for key in ("lead", "much", "end"))
    sorts = {key: "|".join(each) for key, each in said.items() if key.startswith(("up_", "down_"))}
    return {key: re.compile(f"{lead}(?:{much})(?:{words}){end}") for key, words in sorts.items()}


def need_in(words: Sequence[Word], lexicon: Lexicon, things: Things, around: Around) -> Frame | None:
    """Return what can be done about a complaint; None where it is none, or nothing here helps."""
    text = "".join(word.text for word in words)
    clauses = 1 + sum(bool(word.broken) for word in words)
    if len(text) > _LONGEST or clauses > _MOST_CLAUSES:
        return None
    if not _patterns(around.language)[0] or is_elsewhere(text, around.language):
        return None
    needs = needs_of(text, around.language)
    if not needs:
        return None
    spans = tagged(tuple(words), lexicon, things, "wish")
    rooms = {room for span in spans if not span.entry.full for room in span.entry.rooms}
    named = _named(spans, around)
    found: list[tuple[Device, Step]] = []
    for need in needs:
        if not found and (named or need not in _ABOUT_NAMED):
            found = help_for(need, text, _near(around, rooms), named)
    if not found:
        return None
    orders: dict[Step, list[str]] = {}
    for device, step in found:
        orders.setdefault(step, []).append(device.id)
    targets = tuple(dict.fromkeys(device.id for device, _ in found))
    step = found[0][1]
    action = Action(dims=frozenset({step.ability.value}), sign=-1 if (step.by or 0) < 0 else 1)
    return Frame((action,), tuple(Order(tuple(each), step) for step, each in orders.items()), targets)


def _near(around: Around, rooms: set[str]) -> tuple[list[Device], list[Device]]:
    """Return the things of the place, and those of none (of a car: of all)."""
    devices = [device for device in around.home if device.exposed]
    places = rooms or ({around.room} if around.room else set())
    return [each for each in devices if each.room in places], [each for each in devices if not each.room]


def _named(spans: Sequence[Span], around: Around) -> list[Device]:
    ids: set[str] = set()
    kinds: set[str] = set()
    for span in spans:
        if span.entry.full:
            ids |= span.entry.full
        elif span.entry.part and span.entry.head and len(span.words) > 1:
            ids |= span.entry.part
        elif span.has("kinds") and not span.entry.rooms and not span.has("wishes"):
            kinds |= span.get("kinds")
    named = [
        device
        for device in around.home
        if device.exposed and (device.id in ids or any(fits_kind(device, kind) for kind in kinds))
    ]
    here = [device for device in named if device.room == around.room]
    return here or named
