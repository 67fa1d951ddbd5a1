"""Which known word may a misheard one have been? "lat" for "latte", "mucher" for "mocha".

Likeness is the mean of two: of the letters, and of the consonants as they sound, since recognisers write
what they heard in the spelling of another word and get vowels wrong first. Only words that begin with the
same sound are compared: "forget" is not a misheard "get". English spelling; a language that is written
otherwise has no mishearings here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel

LIKE_ENOUGH = 0.7
"""Set on the 30 development clips of `benchmarks/coffee.py`: "rose" may be "roast" (0.73), "martyr" is not
"mocha" (0.43)."""

SHORTEST = 3
"""Letters; shorter words are like everything."""

_SOUNDS = (
    ("who", "ho"),
    ("ph", "f"),
    ("gh", ""),
    ("ck", "k"),
    ("ch", "k"),
    ("sh", "s"),
    ("dg", "j"),
    ("wr", "r"),
    ("kn", "n"),
    ("qu", "k"),
    ("x", "ks"),
    ("z", "s"),
)
_SOFT_C = re.compile(r"c(?=[eiy])")
_SILENT_R = re.compile(r"r(?![aeiouyw])")  # "marker" as the British say it
_COLOUR = re.compile(r"[aeiouywh]")
_DOUBLED = re.compile(r"(.)\1+")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may have been meant; `likeness` is 1 for the same letters."""

    word: str
    likeness: float


class Mishearings:
    """Looks words up among those that are known."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = [
            (word, sound_of(word))
            for word in sorted(set(words))
            if len(word) >= SHORTEST and _WORD.fullmatch(word)
        ]

    def of(self, heard: str, most: int = 8) -> tuple[Candidate, ...]:
        """Return the known words that are like enough, the likest first."""
        if len(heard) < SHORTEST or not _WORD.fullmatch(heard):
            return ()
        sound = sound_of(heard)
        found = [
            Candidate(word, likeness)
            for word, known_sound in self._known
            if known_sound[:1] == sound[:1]
            and (likeness := _likeness(heard, sound, word, known_sound)) >= LIKE_ENOUGH
        ]
        return tuple(sorted(found, key=lambda each: (-each.likeness, each.word))[:most])


@lru_cache(maxsize=100_000)  # the names of a large home, which change one at a time
def sound_of(word: str) -> str:
    """Return a word's consonants as they sound, with an "a" for a vowel that begins it.

    Of h and w only those that begin a word are told apart; within it they colour a vowel.
    """
    sound = word
    for written, sounds in _SOUNDS:
        sound = sound.replace(written, sounds)
    sound = _SOFT_C.sub("s", sound).replace("c", "k").replace("q", "k")
    sound = _SILENT_R.sub("", sound)
    consonants = _COLOUR.sub("", sound)
    first = sound[:1]
    begin = first if first in ("h", "w") else "a" if first in tuple("aeiouy") else ""
    return _DOUBLED.sub(r"\1", begin + consonants)


def likeness_of(one: str, other: str) -> float:
    """Return how like two words are, 0 to 1: the mean of their letters and their sounds."""
    letters: float = Indel.normalized_similarity(one, other)
    sounds: float = Indel.normalized_similarity(sound_of(one), sound_of(other))
    return (letters + sounds) / 2


def _likeness(heard: str, heard_sound: str, word: str, word_sound: str) -> float:
    letters: float = Indel.normalized_similarity(heard, word)
    # Half of it is the sound: with letters as unlike as this there is nothing to gain.
    if letters < 2 * LIKE_ENOUGH - 1:
        return 0.0
    sound: float = Indel.normalized_similarity(heard_sound, word_sound)
    return (letters + sound) / 2
