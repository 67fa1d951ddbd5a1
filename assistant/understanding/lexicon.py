"""All that can be said in a spot, spelt out: phrase -> what it can be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain, permutations, product
from typing import Any

from hassil import (
    Alternative,
    Expression,
    ListReference,
    Permutation,
    RuleReference,
    Sequence,
    TextChunk,
    parse_sentence,
)

from assistant.understanding.normalise import Phrase, Words, plain
from skills.api import Language, Spot

MOST_PHRASES = 20_000
"""What a tool's parts may come to; beyond it somebody wrote alternatives of alternatives by mistake."""

Values = tuple[tuple[str, Any], ...]
"""What a piece of a sentence says: (parameter, value), in the order of the words."""


class Role(Enum):
    """What a piece of a sentence is."""

    PART = "part"
    TRIGGER = "trigger"
    FILLER = "filler"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a phrase can be. `exact`: only where it was heard word for word."""

    role: Role
    values: Values = ()
    exact: bool = False


@dataclass(slots=True)
class Lexicon:
    """All phrases of one tool, each with what it can be."""

    meanings: dict[Phrase, dict[Meaning, None]] = field(default_factory=dict)
    longest: int = 0

    def add(self, phrase: Phrase, meaning: Meaning) -> None:
        """Take a phrase in; an empty one is nothing."""
        if phrase:
            self.meanings.setdefault(phrase, {})[meaning] = None
            self.longest = max(self.longest, len(phrase))

    def ends_with_part(self, words: Phrase) -> bool:
        """Whether a part is the last that was said."""
        return any(
            meaning.role is Role.PART
            for length in range(1, min(self.longest, len(words)) + 1)
            for meaning in self.meanings.get(words[-length:], ())
        )

    def words(self, *roles: Role, exact: bool = True) -> frozenset[str]:
        """Return the single words of the phrases that can be one of these, or only those to be guessed."""
        return frozenset(
            word
            for phrase, meanings in self.meanings.items()
            if any(meaning.role in roles and (exact or not meaning.exact) for meaning in meanings)
            for word in phrase
        )


def lexicon_of(spot: Spot, said: Language, words: Words) -> Lexicon:
    """Return all that can be said in a spot, spelt out in plain words.

    Raises `ValueError` for templates that spell out to more than `MOST_PHRASES`, or name a list of any words.
    """
    speller = _Speller(said, words)
    lexicon = Lexicon()
    for role, templates, exact in (
        (Role.PART, spot.parts, False),
        (Role.PART, spot.exact, True),
        (Role.TRIGGER, spot.triggers, False),
        (Role.FILLER, spot.fillers, False),
    ):
        for template in templates:
            for phrase, values in speller.spelt(parse_sentence(template).expression):
                lexicon.add(phrase, Meaning(role, values, exact))
                if len(lexicon.meanings) > MOST_PHRASES:
                    raise ValueError(f"'{template}' can be said in more than {MOST_PHRASES} ways")
    for section, key in (("start", "fillers"), ("start", "requests"), ("end", "fillers")):
        for said_politely in words.data[section].get(key, ()):
            lexicon.add(plain(said_politely, words), Meaning(Role.FILLER))
    return lexicon


_Spelt = tuple[Phrase, Values]


class _Speller:
    """Spells templates out. Words are made plain piece by piece, each piece once."""

    def __init__(self, said: Language, words: Words) -> None:
        self._words = words
        self._rules = {name: parse_sentence(rule) for name, rule in said.rules.items()}
        self._lists = {name: values for name, values in said.words.items() if values is not None}
        self._listed: dict[str, list[tuple[Phrase, str]]] = {}
        self._plain: dict[str, Phrase] = {}

    def spelt(self, expression: Expression) -> Iterator[_Spelt]:
        """Yield every way to say a template, with what each says."""
        match expression:
            case TextChunk():
                if expression.text not in self._plain:
                    self._plain[expression.text] = plain(expression.text, self._words)
                yield self._plain[expression.text], ()
            case RuleReference():
                yield from self.spelt(self._rules[expression.rule_name].expression)
            case ListReference():
                said = self._list(expression.list_name)
                yield from ((phrase, ((expression.slot_name, value),)) for phrase, value in said)
            case Alternative():
                yield from chain.from_iterable(self.spelt(item) for item in expression.items)
            case Permutation():
                orders = permutations(expression.items)
                yield from chain.from_iterable(self._in_a_row(items) for items in orders)
            case Sequence():
                yield from self._in_a_row(expression.items)

    def _in_a_row(self, items: Iterable[Expression]) -> Iterator[_Spelt]:
        for chosen in product(*(list(self.spelt(item)) for item in items)):
            yield (
                tuple(word for phrase, _values in chosen for word in phrase),
                tuple(value for _phrase, values in chosen for value in values),
            )

    def _list(self, name: str) -> list[tuple[Phrase, str]]:
        if name not in self._lists:
            raise ValueError(f"a spot knows only the skill's own lists, not '{name}'")
        if name not in self._listed:
            self._listed[name] = [
                (plain(word, self._words), value)
                for value, those in self._lists[name].items()
                for word in those
            ]
        return self._listed[name]
