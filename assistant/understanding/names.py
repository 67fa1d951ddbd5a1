"""What the things and rooms of this home are called, in each language.

A thing has more names than its owner wrote down: "Kitchen Lights" is also the kitchen light and 厨房灯, the
"Ceiling Light" of the bedroom is the bedroom ceiling light. Each name has a rank, 0 for the owner's own
words; where two things share a name, only those of the best rank have it.
"""

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
    """What is called how: concept -> phrases, for one language. `kinds` are keyed by device kind."""

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


def lists_of(home: Home, reader: Words, spoken: Iterable[Concepts]) -> Lists:
    """Return the names of everything in a home in plain words of one language: `area`, `device`, each kind.

    `spoken` are the concepts of all languages, so that a room that is written in one can be said in another.
    """
    namer = _Namer(reader, tuple(spoken))
    devices = tuple(home)
    rooms = namer.rooms(home.rooms, devices)
    found: dict[str, list[Name]] = {kind.value: [] for kind in Kind}
    names = [device.name for device in devices]
    for device in devices:
        shared = device.room is not None and names.count(device.name) > 1
        found[device.kind.value] += namer.names(device, rooms, shared)
    everything = [name for each in found.values() for name in each]
    return {name: _best(each) for name, each in {**found, "device": everything, "area": rooms}.items()}


class _Namer:
    def __init__(self, reader: Words, spoken: tuple[Concepts, ...]) -> None:
        self._reader = reader
        self._spoken = spoken
        self._kinds = {
            kind: tuple(word for each in spoken for word in each.kinds.get(kind.value, ())) for kind in Kind
        }
        # phrase -> [(concept, how far down the concept's list it stands)]
        self._rooms = _index(each.rooms for each in spoken)
        self._things = _index(each.things for each in spoken)

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

    def names(self, device: Device, rooms: Iterable[Name], shared: bool) -> Iterator[Name]:
        """Yield how a thing is called; `shared` tells that another thing has the same name."""
        ranked: dict[Phrase, int] = {}
        for words in dict.fromkeys(self._plain(each) for each in (device.name, *device.aliases)):
            room = device.room
            if room is None and (prefix := self._room_prefix(words)):
                room = next((each.value for each in rooms if each.words == prefix), None)
            places = tuple(each.words for each in rooms if each.value == room)
            for said, rank in self._ways_to_say(words, device.kind, places):
                ranked[said] = min(rank, ranked.get(said, rank))
        for said, rank in ranked.items():
            yield Name(said, device.name, rank, device.room, shared)

    def _plain(self, text: str) -> Phrase:
        return plain(text, self._reader)

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
        self, words: Phrase, kind: Kind, places: tuple[Phrase, ...]
    ) -> Iterator[tuple[Phrase, int]]:
        yield words, OWN
        room = next((each for each in sorted(places, key=len, reverse=True) if _starts(words, each)), ())
        for said in self._spellings(words[len(room) :], kind):
            yield from ((each + said, SAME) for each in places)
            if not room:
                yield said, SAME
            elif not self._is_merely_a_light(said):
                yield said, SHORT

    def _spellings(self, bare: Phrase, kind: Kind) -> tuple[Phrase, ...]:
        """Ways to say a name without its room: in the other number, with its kind, as others call it."""
        other = _other_number(bare)
        said = [bare, other]
        for concept in dict.fromkeys(
            concept for words in (bare, other) for concept, _depth in self._things.get(words, ())
        ):
            for each in self._spoken:
                said += each.things.get(concept, ())
        if not any(_ends(words, word) for word in self._kinds[kind] for words in (bare, other)):
            for word in self._kinds[kind]:
                said += [bare + word, bare + _other_number(word)]
        return tuple(dict.fromkeys(said))[:MOST_SPELLINGS]

    def _is_merely_a_light(self, said: Phrase) -> bool:
        """Whether the words are just "light": those mean the lights of a room, not one of them."""
        return bool({said, _other_number(said)}.intersection(self._kinds[Kind.LIGHT]))


def _index(spoken: Iterable[Mapping[str, tuple[Phrase, ...]]]) -> dict[Phrase, list[tuple[str, int]]]:
    found: dict[Phrase, list[tuple[str, int]]] = {}
    for each in spoken:
        for concept, phrases in each.items():
            for depth, phrase in enumerate(phrases):
                found.setdefault(phrase, []).append((concept, depth))
    return found


def _best(names: Iterable[Name]) -> tuple[Name, ...]:
    """Return the names without those that somebody else has better, and without doubles."""
    ranks: dict[Phrase, int] = {}
    kept = dict.fromkeys(name for name in names if name.words)
    for name in kept:
        ranks[name.words] = min(name.rank, ranks.get(name.words, name.rank))
    return tuple(name for name in kept if name.rank == ranks[name.words])


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
