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

LIKE_ENOUGH = 0.72
"""Set on the development half of the names in `benchmarks/names.py`."""

ALTERNATIVE_COST = 0.1
"""What counts against a name that another hypothesis of the recogniser is nearer to."""

FLOOR = 0.4
"""However near another hypothesis is, what was heard must be as like as this, and so must the part of it in
which the two differ.
"""

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

    def like(self, span: Phrase) -> Iterator[tuple[float, Phrase]]:
        """Yield the names that are as like a span as `FLOOR`."""
        ...

    def likeness(self, span: Phrase, name: Phrase) -> float:
        """Return how like a span and a name are."""
        ...


class MisheardNames:
    """The names of a home in one language. Made anew when they change."""

    def __init__(self, names: Mapping[Phrase, Collection[str]], words: Words) -> None:
        """Learn the names: what is said -> what is called so."""
        self._index: _Index = _Letters(names) if words.spaced else _Syllables(names)
        self._words = words
        self._names = {name: frozenset(values) for name, values in names.items()}
        self._longest = min(MOST_WORDS, max(map(len, self._names), default=0) + 1)
        known = list(_known(words))
        self._known = (
            frozenset(map(_singular, chain.from_iterable([*known, *self._names])))
            if words.spaced
            else frozenset()
        )
        self._known_phrases = Phrases(phrase for phrase in known if not words.spaced and len(phrase) > 1)

    def guesses(self, heard: Phrase, alternatives: Iterable[Phrase] = ()) -> list[Guess]:
        """Return the names that may have been meant, the likest first.

        `alternatives` are other hypotheses of the same sound; they count only where they agree with what was
        heard in all but the name.
        """
        best: dict[tuple[int, int, Phrase], float] = {}
        for start, end in self._spans(heard):
            for likeness, name in self._index.like(heard[start:end]):
                if likeness >= LIKE_ENOUGH and self._may_be(heard[start:end], name):
                    best[start, end, name] = likeness
        for other in alternatives:
            for start, end, after in self._same_but(heard, other):
                span = heard[start:end]
                for likeness, name in self._found(other[start:after]):
                    counted = likeness - ALTERNATIVE_COST
                    near = counted >= LIKE_ENOUGH and self._index.likeness(span, name) >= FLOOR
                    if near and self._may_be(span, name):
                        key = (start, end, name)
                        best[key] = max(best.get(key, 0.0), counted)
        found = [
            Guess(likeness, start, end, name, self._names[name])
            for (start, end, name), likeness in best.items()
        ]
        return sorted(found, key=lambda each: (-each.likeness, each.end - each.start, each.name))

    def _spans(self, heard: Phrase) -> Iterator[tuple[int, int]]:
        for start in range(len(heard)):
            for end in range(start + 1, min(len(heard), start + self._longest) + 1):
                if heard[start:end] not in self._names:
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
            yield from self._index.like(span)

    def _may_be(self, span: Phrase, name: Phrase) -> bool:
        """Whether the words in which the two differ may be misheard at all, and are like enough."""
        if span == name:
            return False
        if not self._words.spaced:
            lengths = ((at, self._known_phrases.at(span, at)) for at in range(len(span)))
            return all(span[at : at + length] == name[at : at + length] for at, length in lengths)
        kept = {_singular(word) for word in name}
        strange = [word for word in map(_singular, span) if word not in kept]
        if any(word in self._known or not word.isalpha() for word in strange):
            return False
        said, meant = _apart(span, name)
        return bool(said and meant) and likeness_of("".join(said), "".join(meant)) >= FLOOR


class _Letters:
    """Names in Latin script, as one run of letters each, in drawers by how they begin."""

    def __init__(self, names: Iterable[Phrase]) -> None:
        self._drawers: dict[str, tuple[list[Phrase], list[str], list[str]]] = {}
        for name in names:
            letters = "".join(name)
            if len(letters) >= SHORTEST and letters.isascii():
                sound = sound_of(letters)
                drawer = self._drawers.setdefault(_begin(sound), ([], [], []))
                drawer[0].append(name)
                drawer[1].append(letters)
                drawer[2].append(sound)

    def like(self, span: Phrase) -> Iterator[tuple[float, Phrase]]:
        """Yield the names that are as like as `FLOOR`."""
        letters = "".join(span)
        if len(letters) < SHORTEST or not letters.isascii():
            return
        sound = sound_of(letters)
        names, spelt, sounds = self._drawers.get(_begin(sound), ([], [], []))
        if not names:
            return
        likeness = (_compare(letters, spelt) + _compare(sound, sounds)) / 2
        for at in np.flatnonzero(likeness >= FLOOR):
            yield float(likeness[at]), names[at]

    def likeness(self, span: Phrase, name: Phrase) -> float:
        """Return how like a span and a name are."""
        return likeness_of("".join(span), "".join(name))


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

    def like(self, span: Phrase) -> Iterator[tuple[float, Phrase]]:
        """Yield the names of as many syllables that are as like as `FLOOR`."""
        names = self._by_length.get(len(span), ())
        if self._read is None or not names or not all(map(HAN.match, span)):
            return
        said = [self._read(character) for character in span]
        for name, syllables in names:
            likeness = sum(map(alike, said, syllables)) / len(name)
            if likeness >= FLOOR:
                yield likeness, name

    def likeness(self, span: Phrase, name: Phrase) -> float:
        """Return how like a span and a name are; 0 where they have not as many syllables."""
        if self._read is None or len(span) != len(name):
            return 0.0
        return sum(alike(self._read(a), self._read(b)) for a, b in zip(span, name, strict=True)) / len(name)


def _known(words: Words) -> Iterator[Phrase]:
    """Yield what the language itself has words for: rooms, things, kinds, and what changes a meaning."""
    lists = [
        said for section in ("rooms", "things", "kinds") for said in words.data.get(section, {}).values()
    ]
    lists += [words.data["open"].get("clauses", ()), words.data["open"].get("joins", ())]
    lists += [words.data.get("questions", {}).get(key, ()) for key in ("starts", "contains")]
    for said in chain.from_iterable(lists):
        yield plain(said, words)


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
