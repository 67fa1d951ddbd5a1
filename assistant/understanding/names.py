"""What the things and rooms of this home are called, in each language.

A thing has more names than its owner wrote down: "Kitchen Lights" is also the kitchen light and 厨房灯, the
"Ceiling Light" of the bedroom is the bedroom ceiling light. Each name has a rank, 0 for the owner's own
words; where two things share a name, only those of the best rank have it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assistant.understanding.normalise import Phrase, Words, normalise, plain
from devices.home import Device, Home, Kind

OWN, SAME, SHORT = 0, 1, 2
"""Ranks: the owner's own words; other words for the same; a part of the name, which others may share."""

MOST_SPELLINGS = 16  # of one name in one language


@dataclass(frozen=True, slots=True)
class Name:
    """One way to say one thing. `room` is where the thing is, as the home calls it; `room_needed` tells
    that the value alone could be another thing.
    """

    words: Phrase
    value: str
    rank: int
    room: str | None = None
    room_needed: bool = False


Lists = Mapping[str, tuple[Name, ...]]


@dataclass(frozen=True, slots=True)
class Concepts:
    """What is called how: concept -> phrases, for one language. `kinds` are keyed by device kind, or by the
    finer device class.
    """

    rooms: Mapping[str, tuple[Phrase, ...]]
    things: Mapping[str, tuple[Phrase, ...]]
    kinds: Mapping[str, tuple[Phrase, ...]]


def concepts(words: Words, reader: Words) -> Concepts:
    """Return the concepts of `words`' language, as plain words of the `reader`'s language."""

    def section(name: str) -> dict[str, tuple[Phrase, ...]]:
        return {
            concept: tuple(dict.fromkeys(plain(each, reader) for each in said))
            for concept, said in words.data.get(name, {}).items()
        }

    return Concepts(section("rooms"), section("things"), section("kinds"))


class Namer:
    """How everything in a home is called, in plain words of one language.

    `spoken` are the concepts of all languages, so that a room that is written in one can be said in another.
    What was worked out for a thing is kept, so that a home may grow by one thing at a time.
    """

    def __init__(self, reader: Words, spoken: Iterable[Concepts]) -> None:
        self._reader = reader
        self._spoken = tuple(spoken)
        kinds = dict.fromkeys(kind for each in self._spoken for kind in each.kinds)
        self._kinds = {
            kind: tuple(word for each in self._spoken for word in each.kinds.get(kind, ())) for kind in kinds
        }
        # phrase -> [(concept, how far down the concept's list it stands)]
        self._rooms = _index(each.rooms for each in self._spoken)
        self._things = _index(each.things for each in self._spoken)
        self._kept: dict[tuple[object, ...], tuple[Name, ...]] = {}
        self._said: dict[str, Phrase] = {}

    def lists(self, home: Home) -> Lists:
        """Return the names of what may be named: `area`, `device`, and each kind."""
        devices = tuple(device for device in home if device.exposed)
        rooms = self.rooms(home.rooms, devices)
        places: dict[str, list[Phrase]] = {}
        rooms_by_words: dict[Phrase, str] = {}
        for name in rooms:
            places.setdefault(name.value, []).append(name.words)
            rooms_by_words.setdefault(name.words, name.value)
        found: dict[str, list[Name]] = {kind.value: [] for kind in Kind}
        count = Counter(device.name for device in devices)
        kept = self._kept
        self._kept = {}
        for device in devices:
            room = device.room or self._room_by_name(device, rooms_by_words)
            shared = device.room is not None and count[device.name] > 1
            there = tuple(places.get(room or "", ()))
            key = (device.name, device.aliases, device.kind, device.device_class, device.room, there, shared)
            names = self._kept[key] = kept.get(key) or tuple(self.names(device, there, shared))
            found[device.kind.value] += names
        everything = [name for each in found.values() for name in each]
        return {name: _best(each) for name, each in {**found, "device": everything, "area": rooms}.items()}

    def _room_by_name(self, device: Device, rooms: Mapping[Phrase, str]) -> str | None:
        """Return the room of which a thing's name tells: "Kitchen Light"."""
        for words in dict.fromkeys(self._plain(each) for each in (device.name, *device.aliases)):
            if prefix := self._room_prefix(words):
                return rooms.get(prefix)
        return None

    def rooms(self, rooms: Mapping[str, tuple[str, ...]], devices: Iterable[Device]) -> tuple[Name, ...]:
        """Return how each room is called: those of the home, then those that only a thing's name tells of."""
        names = [
            name
            for room, others in rooms.items()
            for name in self._room_names(room, tuple(self._plain(each) for each in (room, *others)))
        ]
        claimed = {name.words for name in names}
        for device in devices:
            if device.room is None and (prefix := self._room_prefix(self._plain(device.name))):
                written = normalise(device.name, self._reader.language)
                room = device.name[: written.tokens[len(prefix) - 1].end]
                names += [each for each in self._room_names(room, (prefix,)) if each.words not in claimed]
        return _best(names)

    def names(self, device: Device, places: tuple[Phrase, ...], shared: bool) -> Iterator[Name]:
        """Yield how a thing is called; `places` are the names of its room, `shared` tells that another thing
        has the same name.
        """
        ranked: dict[Phrase, int] = {}
        kinds = self._kinds.get(device.device_class) or self._kinds.get(device.kind.value, ())
        for words in dict.fromkeys(self._plain(each) for each in (device.name, *device.aliases)):
            for said, rank in self._ways_to_say(words, kinds, places):
                ranked[said] = min(rank, ranked.get(said, rank))
        for said, rank in ranked.items():
            yield Name(said, device.name, rank, device.room, shared)

    def _plain(self, text: str) -> Phrase:
        if text not in self._said:
            self._said[text] = plain(text, self._reader)
        return self._said[text]

    def _room_names(self, room: str, own: tuple[Phrase, ...]) -> Iterator[Name]:
        for words in own:
            yield Name(words, room, OWN)
        for words in own:
            for concept, depth in self._rooms.get(words, ()):
                for each in self._spoken:
                    said = each.rooms.get(concept, ())
                    # The rank tells how far off a word is: 卧室 is the bedroom before the master bedroom.
                    yield from (Name(phrase, room, SAME + depth + at) for at, phrase in enumerate(said))

    def _room_prefix(self, words: Phrase) -> Phrase:
        """Return the room with which a name begins, the longest; () when there is none."""
        lengths = range(len(words) - 1, 0, -1)
        return next((words[:length] for length in lengths if words[:length] in self._rooms), ())

    def _ways_to_say(
        self, words: Phrase, kinds: tuple[Phrase, ...], places: tuple[Phrase, ...]
    ) -> Iterator[tuple[Phrase, int]]:
        yield words, OWN
        room = next((each for each in sorted(places, key=len, reverse=True) if _starts(words, each)), ())
        bare = words[len(room) :]
        for said in self._spellings(bare, kinds):
            # "The bedroom blinds" are all of them before they are the one "Bedroom Blind".
            same = SHORT if said and said == _other_number(bare) and len(said[-1]) > len(bare[-1]) else SAME
            yield from ((each + said, same) for each in places)
            if not room:
                yield said, same
            elif not self._is_merely_a_light(said):
                yield said, SHORT

    def _spellings(self, bare: Phrase, kinds: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
        """Ways to say a name without its room: in the other number, with its kind, as others call it."""
        other = _other_number(bare)
        said = [bare, other]
        for concept in dict.fromkeys(
            concept for words in (bare, other) for concept, _depth in self._things.get(words, ())
        ):
            for each in self._spoken:
                said += each.things.get(concept, ())
        if not any(_ends(words, word) for word in kinds for words in (bare, other)):
            for word in kinds:
                said += [bare + word, bare + _other_number(word)]
        return tuple(dict.fromkeys(said))[:MOST_SPELLINGS]

    def _is_merely_a_light(self, said: Phrase) -> bool:
        """Whether the words are just "light": those mean the lights of a room, not one of them."""
        return bool({said, _other_number(said)}.intersection(self._kinds[Kind.LIGHT.value]))


def _index(spoken: Iterable[Mapping[str, tuple[Phrase, ...]]]) -> dict[Phrase, list[tuple[str, int]]]:
    found: dict[Phrase, list[tuple[str, int]]] = {}
    for each in spoken:
        for concept, phrases in each.items():
            for depth, phrase in enumerate(phrases):
                found.setdefault(phrase, []).append((concept, depth))
    return found


def _best(names: Iterable[Name]) -> tuple[Name, ...]:
    """Return the names without those that somebody else has better, and without doubles."""
    found = [name for name in names if name.words]
    ranks: dict[Phrase, int] = {}
    for name in found:
        rank = ranks.get(name.words)
        if rank is None or name.rank < rank:
            ranks[name.words] = name.rank
    kept: dict[tuple[Phrase, str, str | None], Name] = {}
    for name in found:
        if name.rank == ranks[name.words]:
            kept.setdefault((name.words, name.value, name.room), name)
    return tuple(kept.values())


def _starts(words: Phrase, prefix: Phrase) -> bool:
    return len(words) > len(prefix) > 0 and words[: len(prefix)] == prefix


def _ends(words: Phrase, suffix: Phrase) -> bool:
    return words[-len(suffix) :] == suffix


def _other_number(words: Phrase) -> Phrase:
    """Return the phrase in its other number, plural or singular, where the last word is of Latin script."""
    last = words[-1] if words else ""
    if not (last.isascii() and last.isalpha()):
        return words
    if last.endswith("ies") and len(last) > 4:
        other = f"{last[:-3]}y"
    elif last.endswith(("ses", "xes", "ches", "shes")):
        other = last[:-2]
    elif last.endswith("s") and not last.endswith("ss"):
        other = last[:-1]
    elif last.endswith(("s", "x", "ch", "sh")):
        other = f"{last}es"
    elif last.endswith("y") and last[-2:-1] not in ("", *"aeiou"):
        other = f"{last[:-1]}ies"
    else:
        other = f"{last}s"
    return (*words[:-1], other)
