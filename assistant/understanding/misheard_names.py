"""Which name of this home may have been misheard? "the bad light" in a home with a Bed Light.

Guesses only: whoever asks puts the name in and sees whether the sentence makes sense then. English by
letters and sounds (`mishearing.py`), over word borders ("no clamp" is "nook lamp"); Chinese by the syllables
that characters are read as, tones ignored, where `pypinyin` is installed.

What the language itself knows by name ("bathroom", "kettle"), a word of another name of this home, and a
number are what they are: who asks for a thing that is not there is not given one that sounds alike.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import Indel

from assistant.understanding.mishearing import likeness_of, sound_of
from assistant.understanding.normalise import HAN, Phrase, Phrases, Words, plain
from assistant.understanding.pinyin import Reader, Readings, alike, reader

LIKE_ENOUGH = 0.7
"""Set on the development half of the names in `benchmarks/names.py`: "the whole light" is the hall light
(0.72), "the shelf light" is not the soffit light (0.52).
"""

ALTERNATIVE_COST = 0.1
"""What counts against a name that another hypothesis of the recogniser is nearer to."""

KIND_COST = 0.05
"""What counts against a name of which the kind was misheard, too: "satellite" for "stove light"."""

FLOOR = 0.4
"""However near another hypothesis is, what was heard must be as like as this, and so must the part of it in
which the two differ.
"""

LONGER = np.log(1.7)
"""A name that is so much longer than what was heard was not heard."""

_PERSONS = frozenset({"i", "you", "he", "she", "we", "they"})
"""Of these no misheard name is made: "he wants the heating on"."""

A_LITTLE_LIKE = 0.35
"""How like a name must be for the sound to be asked once more."""

MOST_NEAR = 60
"""Names, each at one place, that a second look is given."""

MOST_WORDS = 5
SHORTEST = 4  # letters; a shorter name is like everything
SHORTEST_HAN = 2

_ALIKE = {each: group[0] for group in ("fv", "pb", "td", "kg", "sj", "lr", "mn", "ay") for each in group}
"""First sounds that are taken for each other; all names that begin otherwise are left out of the search."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The words from `start` to `end` may have been this name; `likeness` is 1 for the same. `values` are the
    rooms and things that are called so.
    """

    likeness: float
    start: int
    end: int
    name: Phrase
    values: frozenset[str]


class _Index(Protocol):
    """Names of one script, to be searched."""

    def like(self, span: Phrase, least: float, *, anyhow: bool = False) -> Iterator[tuple[float, Phrase]]:
        """Yield the names that are as like a span as `least`, `anyhow` those that begin otherwise, too."""
        ...

    def likeness(self, span: Phrase, name: Phrase) -> float:
        """Return how like a span and a name are."""
        ...


class MisheardNames:
    """The names of a home in one language. Made anew when they change."""

    def __init__(self, names: Mapping[Phrase, Collection[str]], words: Words) -> None:
        """Learn the names: what is said -> what is called so."""
        self._index: _Index = _Letters(names, _kinds(words)) if words.spaced else _Syllables(names)
        self._words = words
        self._names = {name: frozenset(values) for name, values in names.items()}
        self._longest = min(MOST_WORDS, max(map(len, self._names), default=0) + 1)
        known = list(_known(words))
        self._known = (
            frozenset(map(_singular, chain.from_iterable([*known, *self._names])))
            if words.spaced
            else frozenset()
        )
        # The sound itself tells an "and" from a name; what somebody asks for by its name is what is meant.
        nouns = chain(_named_things(words), self._names)
        self._nouns = frozenset(map(_singular, chain.from_iterable(nouns))) if words.spaced else frozenset()
        self._borders = frozenset(each for each in words.data["open"]["words"] if words.spaced)
        self._known_phrases = Phrases(phrase for phrase in known if not words.spaced and len(phrase) > 1)

    def guesses(self, heard: Phrase, alternatives: Iterable[Phrase] = ()) -> list[Guess]:
        """Return the names that may have been meant, the likest first.

        `alternatives` are other hypotheses of the same sound; they count only where they agree with what was
        heard in all but the name.
        """
        best: dict[tuple[int, int, Phrase], float] = {}
        for start, end in self._spans(heard):
            if end - start == len(heard) or not _PERSONS.isdisjoint(heard[start:end]):
                continue  # of a whole sentence nothing is left that tells what it is about
            for likeness, name in self._index.like(heard[start:end], LIKE_ENOUGH):
                if self._may_be(heard[start:end], name):
                    best[start, end, name] = likeness
        for other in alternatives:
            for start, end, after in self._same_but(heard, other):
                span = heard[start:end]
                for likeness, name in self._found(other[start:after]):
                    if self._index.likeness(span, name) >= FLOOR and self._may_be(span, name):
                        key = (start, end, name)
                        best[key] = max(best.get(key, 0.0), likeness - ALTERNATIVE_COST)
        found = [
            Guess(likeness, start, end, name, self._names[name])
            for (start, end, name), likeness in best.items()
        ]
        return sorted(found, key=lambda each: (-each.likeness, each.end - each.start, each.name))

    def near(self, heard: Phrase) -> list[Guess]:
        """Return the names that a stretch of what was heard is a little like, the likest first, for whoever
        listens again. No more than `MOST_NEAR`.
        """
        found = [
            Guess(likeness, start, end, name, self._names[name])
            for start, end in self._spans(heard)
            for likeness, name in self._index.like(heard[start:end], A_LITTLE_LIKE, anyhow=True)
            if self._differs(heard[start:end], name, self._nouns)
        ]
        return sorted(found, key=lambda each: -each.likeness)[:MOST_NEAR]

    def _spans(self, heard: Phrase) -> Iterator[tuple[int, int]]:
        """Yield where a misheard name may stand: it does not begin with "set", nor end with "to"."""
        for start in range(len(heard)):
            for end in range(start + 1, min(len(heard), start + self._longest) + 1):
                span = heard[start:end]
                if span not in self._names and self._borders.isdisjoint((span[0], span[-1])):
                    yield start, end

    def _same_but(self, heard: Phrase, other: Phrase) -> Iterator[tuple[int, int, int]]:
        """Yield the spans outside of which two hypotheses agree: where they start, and end in each."""
        more = len(other) - len(heard)
        for start, end in self._spans(heard):
            after = end + more
            fits = start < after <= start + self._longest
            if fits and heard[:start] == other[:start] and heard[end:] == other[after:]:
                yield start, end, after

    def _found(self, span: Phrase) -> Iterator[tuple[float, Phrase]]:
        if span in self._names:
            yield 1.0, span
        else:
            yield from self._index.like(span, LIKE_ENOUGH + ALTERNATIVE_COST)

    def _may_be(self, span: Phrase, name: Phrase) -> bool:
        """Whether the words in which the two differ may be misheard at all, and are like enough."""
        if not self._differs(span, name, self._known):
            return False
        if not self._words.spaced:
            return True
        said, meant = _apart(span, name)
        return bool(said and meant) and likeness_of("".join(said), "".join(meant)) >= FLOOR

    def _differs(self, span: Phrase, name: Phrase, known: frozenset[str]) -> bool:
        """Whether the words in which the two differ may be misheard at all: they are none of the `known`."""
        if span == name:
            return False
        if not self._words.spaced:
            lengths = ((at, self._known_phrases.at(span, at)) for at in range(len(span)))
            return all(span[at : at + length] == name[at : at + length] for at, length in lengths)
        kept = {_singular(word) for word in name}
        strange = [word for word in map(_singular, span) if word not in kept]
        return bool(strange) and not any(word in known or not word.isalpha() for word in strange)


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A phrase as one run of letters. `core` leaves out the kind with which it ends ("light"): two names of
    one kind are as like as the rest of them.
    """

    letters: str
    core: str
    kind: str

    @property
    def sound(self) -> str:
        """How all of it sounds."""
        return sound_of(self.letters)


class _Drawer:
    """Names that begin alike, as columns, so that one search is a few array operations."""

    def __init__(self, names: list[tuple[Phrase, _Spelt]]) -> None:
        self.names = [name for name, _spelt in names]
        self._letters = [spelt.letters for _name, spelt in names]
        self._sounds = [spelt.sound for _name, spelt in names]
        self._cores = [spelt.core for _name, spelt in names]
        self._core_sounds = [sound_of(spelt.core) for _name, spelt in names]
        self._kinds = np.array([spelt.kind for _name, spelt in names])
        self._lengths = np.array([len(spelt.letters) for _name, spelt in names])

    def likeness(self, span: _Spelt) -> npt.NDArray[np.floating]:
        """Return how like each name is."""
        whole = (_compare(span.letters, self._letters) + _compare(span.sound, self._sounds)) / 2
        whole[np.abs(np.log(self._lengths / len(span.letters))) > LONGER] = 0.0
        whole -= np.where((self._kinds != "") & (self._kinds != span.kind), KIND_COST, 0.0)
        if not span.kind:
            return whole
        core = (_compare(span.core, self._cores) + _compare(sound_of(span.core), self._core_sounds)) / 2
        return np.where(self._kinds == span.kind, core, whole)


class _Letters:
    """Names in Latin script, in drawers by how they begin."""

    def __init__(self, names: Iterable[Phrase], kinds: Iterable[str]) -> None:
        self._kinds = sorted(kinds, key=len, reverse=True)
        drawers: dict[str, list[tuple[Phrase, _Spelt]]] = {}
        for name in names:
            spelt = self._spelt(name)
            if spelt is not None:
                drawers.setdefault(_begin(spelt.sound), []).append((name, spelt))
        self._drawers = {begin: _Drawer(those) for begin, those in drawers.items()}

    def like(self, span: Phrase, least: float, *, anyhow: bool = False) -> Iterator[tuple[float, Phrase]]:
        """Yield the names that are as like as `least`."""
        spelt = self._spelt(span)
        if spelt is None:
            return
        begin = _begin(spelt.sound)
        for drawer in self._drawers.values() if anyhow else filter(None, [self._drawers.get(begin)]):
            likeness = drawer.likeness(spelt)
            for at in np.flatnonzero(likeness >= least):
                yield float(likeness[at]), drawer.names[at]

    def likeness(self, span: Phrase, name: Phrase) -> float:
        """Return how like a span and a name are."""
        said, meant = self._spelt(span), self._spelt(name)
        if said is None or meant is None:
            return 0.0
        return float(_Drawer([(name, meant)]).likeness(said)[0])

    def _spelt(self, phrase: Phrase) -> _Spelt | None:
        letters = "".join(phrase).removesuffix("s")
        if len(letters) < SHORTEST or not letters.isascii():
            return None
        kind = next((each for each in self._kinds if letters.endswith(each)), "")
        core = letters.removesuffix(kind)
        return _Spelt(letters, core, kind) if len(core) > 1 else _Spelt(letters, letters, "")


class _Syllables:
    """Names in Chinese script, by how they are read. Empty without `pypinyin`."""

    def __init__(self, names: Iterable[Phrase]) -> None:
        self._read: Reader | None = reader()
        self._by_length: dict[int, list[tuple[Phrase, list[Readings]]]] = {}
        if self._read is not None:
            for name in names:
                if len(name) >= SHORTEST_HAN and all(map(HAN.match, name)):
                    read = [self._read(character) for character in name]
                    self._by_length.setdefault(len(name), []).append((name, read))

    def like(self, span: Phrase, least: float, *, anyhow: bool = False) -> Iterator[tuple[float, Phrase]]:
        """Yield the names of as many syllables that are as like as `least`, however they begin."""
        del anyhow
        names = self._by_length.get(len(span), ())
        if self._read is None or not names or not all(map(HAN.match, span)):
            return
        said = [self._read(character) for character in span]
        for name, syllables in names:
            likeness = sum(map(alike, said, syllables)) / len(name)
            if likeness >= least:
                yield likeness, name

    def likeness(self, span: Phrase, name: Phrase) -> float:
        """Return how like a span and a name are; 0 where they have not as many syllables."""
        if self._read is None or len(span) != len(name):
            return 0.0
        return sum(alike(self._read(a), self._read(b)) for a, b in zip(span, name, strict=True)) / len(name)


def _named_things(words: Words) -> Iterator[Phrase]:
    """Yield what the language itself has words for: rooms, things, kinds."""
    for section in ("rooms", "things", "kinds"):
        for said in chain.from_iterable(words.data.get(section, {}).values()):
            yield plain(said, words)


def _known(words: Words) -> Iterator[Phrase]:
    """Yield rooms, things, kinds, and what changes a meaning."""
    yield from _named_things(words)
    lists = [words.data["open"].get("clauses", ()), words.data["open"].get("joins", ())]
    lists += [words.data.get("questions", {}).get(key, ()) for key in ("starts", "contains")]
    for said in chain.from_iterable(lists):
        yield plain(said, words)


def _kinds(words: Words) -> set[str]:
    """Return the single words for kinds of things: "light", "fan"."""
    phrases = [plain(each, words) for said in words.data.get("kinds", {}).values() for each in said]
    return {phrase[0] for phrase in phrases if len(phrase) == 1}


def _apart(one: Phrase, other: Phrase) -> tuple[Phrase, Phrase]:
    """Return two phrases without the words with which both begin and both end."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return one, other


def _singular(word: str) -> str:
    return word[:-1] if len(word) > SHORTEST and word.endswith("s") else word


def _begin(sound: str) -> str:
    return _ALIKE.get(sound[:1], sound[:1])


def _compare(one: str, many: list[str]) -> npt.NDArray[np.float32]:
    return np.asarray(process.cdist([one], many, scorer=Indel.normalized_similarity)[0], dtype=np.float32)
