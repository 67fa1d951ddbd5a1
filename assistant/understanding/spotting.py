"""Orders whose parts come in any order: "a large latte with milk" or "a latte with milk, a large one".

Templates want to know the order of things. For a tool whose language file has a `spot`, this looks for the
parts wherever they stand. It stays as strict as templates are: every word must belong to a part, to a
trigger, to a filler or to politeness; each parameter is said once; a question orders nothing; and of two
ways to read a sentence that mean different things neither is taken.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product

from hassil.parser import ParseError
from pydantic import ValidationError

from assistant.understanding.grammar import Match
from assistant.understanding.lexicon import Lexicon, Meaning, Role, Values, lexicon_of
from assistant.understanding.mishearing import Mishearings
from assistant.understanding.normalise import (
    Phrase,
    Token,
    texts,
    words_of,
)
from assistant.understanding.questions import is_question
from skills.api import Risk, Spot, Tool
from skills.registry import Registry
from speech.end_of_turn import Wholeness

_log = logging.getLogger(__name__)

_WORD = re.compile(r"[a-z']+")

BARE_PARTS = 2
"""Without a trigger it takes so many parts to be an order: "large latte" is one, "coffee" is a word."""

MOST_MENDS = 2
"""Misheard words in one order; with more of them it is another sentence."""

CLEARLY_LIKER = 0.05
"""How much likelier one meaning must be than the next, in likeness."""


@dataclass(frozen=True, slots=True)
class _Cover:
    """A reading of the first words: few pieces are better than many."""

    pieces: int = 0
    parts: int = 0
    triggered: bool = False
    values: Values = ()

    def grown(self, meaning: Meaning) -> "_Cover | None":
        """Return the reading with one more piece; None when it does not go on so.

        A trigger stands before the parts, and no parameter is said in two ways.
        """
        if meaning.role is Role.TRIGGER and self.parts:
            return None
        known = dict(self.values)
        if any(known.get(name, value) != value for name, value in meaning.values):
            return None
        part = meaning.role is Role.PART
        return _Cover(
            self.pieces + 1,
            self.parts + part,
            self.triggered or meaning.role is Role.TRIGGER,
            tuple(sorted({**known, **dict(meaning.values)}.items())),
        )


@dataclass(frozen=True, slots=True)
class Spotted:
    """One tool with all that can be said to it. `mishearings` is None where nothing is mended by its letters,
    `guessable` tells whether it may be guessed at all.
    """

    tool: Tool
    spot: Spot
    lexicon: Lexicon
    mishearings: Mishearings | None
    guessable: bool

    def may_be(self, words: Phrase) -> bool:
        """Whether a part was heard, or nearly, and half of the words are such as belong to an order."""
        known, fillers = self.lexicon.words(*Role), self.lexicon.words(Role.FILLER)
        parts = self.lexicon.words(Role.PART) - fillers
        of = self.mishearings.of if self.mishearings is not None else None
        heard = [(word in parts or bool(of and of(word)), word in known) for word in words]
        return any(part for part, _ in heard) and 2 * sum(map(any, heard)) >= len(words)


class Spotter:
    """Finds the parts of orders, in one language. Built once; a sentence takes about 1 ms a tool."""

    def __init__(self, language: str, registry: Registry) -> None:
        self._words = words_of(language)
        self._spots: list[Spotted] = []
        self._firm: frozenset[str] = (
            frozenset(_words_in(self._words.data)) if self._words.spaced else frozenset()
        )
        for tool in registry.tools.values():
            said = registry.language(tool.skill, language)
            spot = said.spots.get(tool.name) if said is not None else None
            if said is not None and spot is not None:
                try:
                    lexicon = lexicon_of(spot, said, self._words)
                except (ValueError, KeyError, ParseError, AssertionError) as error:  # hassil asserts
                    _log.warning("%s: its parts cannot be read: %s", tool.full_name, error)
                    continue
                guessable = spot.mend and tool.risk is Risk.LOW
                mishearings = _mishearings(lexicon) if guessable and self._words.spaced else None
                self._spots.append(Spotted(tool, spot, lexicon, mishearings, guessable))

    def understand(self, tokens: tuple[Token, ...], source: str) -> Match | None:
        """Return the one order that all these words make; None when they make none, or two.

        `source` is the whole sentence that the tokens come from: a question is never an order. What matches
        word by word goes before what had to be mended.
        """
        if not self._spots or not tokens or is_question(source, self._words.language):
            return None
        words = texts(tokens)
        exact = [match for each in self._spots if (match := _exact(each, words)) is not None]
        if exact:
            return exact[0] if len(exact) == 1 else None
        mended = [match for each in self._spots if (match := _mended(each, words, self._firm)) is not None]
        return mended[0] if len(mended) == 1 else None

    def lacks(self, match: Match) -> bool:
        """Whether an order has not all that is expected of it: half of it may have been missed."""
        return any(
            not match.arguments.keys() >= {*each.spot.expects}
            for each in self._spots
            if each.tool is match.tool
        )

    def near(self, tokens: tuple[Token, ...], source: str) -> Iterator[Spotted]:
        """Yield the tools to which something like these words may have been said."""
        if is_question(source, self._words.language):
            return
        words = texts(tokens)
        for each in self._spots:
            if each.guessable and each.may_be(words):
                yield each

    def wholeness(self, tokens: tuple[Token, ...]) -> Wholeness | None:
        """Return whether the words so far are a whole order; None when they are none of these orders.

        An order that ends with a part may be whole, and may go on: "a large latte" … "with milk".
        """
        words = texts(tokens)
        for each in self._spots:
            covers = readings(words, each.lexicon) if words else ()
            if any(_is_order(each.spot, cover) for cover in covers):
                return Wholeness.UNKNOWN if each.lexicon.ends_with_part(words) else Wholeness.OPEN
            if any(cover.triggered for cover in covers):
                return Wholeness.OPEN
        return None


def _mishearings(lexicon: Lexicon) -> Mishearings:
    """What may have been misheard: not the fillers, or any word would be a misheard "hot"."""
    return Mishearings(lexicon.words(Role.PART, Role.TRIGGER, exact=False) - lexicon.words(Role.FILLER))


def _exact(spotted: Spotted, words: Phrase) -> Match | None:
    cover = _meant(spotted, words)
    return None if cover is None else _match(spotted, cover.values, mends=0)


def _meant(spotted: Spotted, words: Phrase) -> _Cover | None:
    """Return the order with the fewest pieces; None without one, or when two such mean different things."""
    covers = [cover for cover in readings(words, spotted.lexicon) if _is_order(spotted.spot, cover)]
    fewest = min((cover.pieces for cover in covers), default=0)
    best = [cover for cover in covers if cover.pieces == fewest]
    return best[0] if len({cover.values for cover in best}) == 1 else None


def _is_order(spot: Spot, cover: _Cover) -> bool:
    by_parts = cover.triggered or cover.parts >= BARE_PARTS
    return cover.parts > 0 and by_parts and _has_all(cover, spot.needs)


def _has_all(cover: _Cover, names: Iterable[str]) -> bool:
    return {name for name, _value in cover.values}.issuperset(names)


def _mended(spotted: Spotted, words: Phrase, firm: frozenset[str]) -> Match | None:
    """Return what was meant when one or two words were misheard; None when two meanings are about as likely.

    So many parts are asked for that one of them at least was heard well, or it would be a guess from nothing.
    Words that the language itself knows ("not", "kitchen") are what they are, and so are numbers. A sentence
    whose words are all explained and that contradicts itself ("a latte and a mocha") was not misheard.
    """
    if spotted.mishearings is None or any(readings(words, spotted.lexicon, contradictions=True)):
        return None
    known = spotted.lexicon.words(*Role)
    strange = [at for at, word in enumerate(words) if word not in known]
    if len(strange) > MOST_MENDS or any(words[at] in firm for at in strange) or len(words) - len(strange) < 2:
        return None
    places = [strange] if strange else [[at] for at, word in enumerate(words) if word not in firm]
    best: dict[Values, float] = {}
    for place in places:
        for likeness, guess in _guesses(words, place, spotted.mishearings):
            cover = _meant(spotted, guess)
            if cover is not None and cover.parts >= BARE_PARTS and _has_all(cover, spotted.spot.expects):
                best[cover.values] = max(best.get(cover.values, 0.0), likeness)
    ranked = sorted(best.items(), key=lambda each: -each[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < CLEARLY_LIKER):
        return None
    return _match(spotted, ranked[0][0], mends=max(1, len(strange)))


def _guesses(words: Phrase, places: list[int], mishearings: Mishearings) -> Iterator[tuple[float, Phrase]]:
    """Yield the sentence with other words at the places, and how like they are to what was heard."""
    for chosen in product(*(mishearings.of(words[at]) for at in places)):
        guess = list(words)
        for at, candidate in zip(places, chosen, strict=True):
            guess[at] = candidate.word
        yield min(each.likeness for each in chosen), tuple(guess)


def _match(spotted: Spotted, values: Values, mends: int) -> Match | None:
    try:
        model = spotted.tool.parameters.model_validate(dict(values))
    except ValidationError:
        return None
    return Match(
        tool=spotted.tool,
        arguments=model.model_dump(mode="json", exclude_unset=True),
        cost=(0, 0, mends, 0, 0),
        template=" ".join(spotted.spot.parts),
        place=None,
        ending=(),
        ending_list="",
    )


def _words_in(data: object) -> Iterator[str]:
    """Yield every word of a language's own file."""
    if isinstance(data, str):
        yield from _WORD.findall(data)
    elif isinstance(data, Mapping):
        yield from _words_in([*data.keys(), *data.values()])
    elif isinstance(data, list):
        yield from chain.from_iterable(map(_words_in, data))


def readings(words: Phrase, lexicon: Lexicon, *, contradictions: bool = False) -> tuple[_Cover, ...]:
    """Return the readings that take every word.

    With `contradictions` a parameter may be said in several ways, and the values mean nothing.
    """
    at: list[dict[tuple[Values, bool, bool], _Cover]] = [{} for _ in range(len(words) + 1)]
    at[0][(), False, False] = _Cover()
    for start in range(len(words)):
        if not at[start]:
            continue
        for end in range(start + 1, min(start + lexicon.longest, len(words)) + 1):
            for meaning in lexicon.meanings.get(words[start:end], ()):
                for cover in at[start].values():
                    grown = cover.grown(Meaning(meaning.role) if contradictions else meaning)
                    if grown is None:
                        continue
                    key = (grown.values, grown.triggered, grown.parts >= BARE_PARTS)
                    if key not in at[end] or grown.pieces < at[end][key].pieces:
                        at[end][key] = grown
    return tuple(at[-1].values())
