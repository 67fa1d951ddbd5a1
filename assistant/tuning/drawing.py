"""A sentence drawn from a hassil template by chance, and what its lists fill."""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from hassil import Alternative, Expression, Group, ListReference, RuleReference, TextChunk, parse_sentence

from assistant.tuning.homes import KINDS, MadeUpHome, data_of
from assistant.tuning.wording import in_words, with_figures_told
from skills.api import Language

_DEEPEST = 10
_NUMBERS = {
    "percent": (10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100),
    "degrees": (17, 18, 19, 20, 21, 22, 23),
}


class Draw:
    """One sentence of a template, each part by chance, and what its lists fill."""

    def __init__(self, language: Language, home: MadeUpHome, chance: random.Random) -> None:
        self._language = language
        self._home = home
        self._chance = chance
        self._filled: dict[str, Any] = {}

    def sentence(self, template: str) -> tuple[str, Mapping[str, Any]] | None:
        """Return the text and the arguments; None for a list that nothing is known of."""
        self._filled.clear()
        pieces = list(self._pieces(_parsed(template), 0))
        if any(piece is None for piece in pieces):
            return None
        return " ".join("".join(piece for piece in pieces if piece is not None).split()), dict(self._filled)

    def _pieces(self, part: Expression, depth: int) -> Iterator[str | None]:
        if depth > _DEEPEST:
            yield None
        elif isinstance(part, TextChunk):
            yield with_figures_told(part.original_text, self._home.language, self._chance)
        elif isinstance(part, RuleReference):
            rule = self._language.rules.get(part.rule_name)
            if rule is None:
                yield None
            else:
                yield from self._pieces(_parsed(rule), depth + 1)
        elif isinstance(part, ListReference):
            yield self._listed(part.list_name, part.slot_name)
        elif isinstance(part, Alternative):
            items = [
                each for each in part.items if not (isinstance(each, TextChunk) and not each.text.strip())
            ]
            if items and not (part.is_optional and self._chance.random() < 0.6):
                yield from self._pieces(self._chance.choice(items), depth + 1)
        elif isinstance(part, Group):
            for each in part.items:
                yield from self._pieces(each, depth + 1)

    def _listed(self, name: str, parameter: str) -> str | None:
        if parameter in self._filled:
            return None
        value: Any
        if name == "area":
            value = self._chance.choice(list(self._home.rooms))
            word = self._with_article(value)
        elif things := things_of(self._home, name):
            value = self._chance.choice(list(things))
            word = self._with_article(value) if name != "scene" else value.lower()
        elif name in _NUMBERS:
            value = self._chance.choice(_NUMBERS[name])
            word = str(value) if self._chance.random() < 0.4 else in_words(value, self._home.language)
        elif values := self._language.words.get(name):
            value = self._chance.choice(list(values))
            word = self._chance.choice(values[value] or (value,))
        else:
            free = data_of(self._home.language)["free"]
            known = free.get(name) or free.get(parameter)
            if not known:
                return None
            value = word = self._chance.choice(known)
        self._filled[parameter] = value
        return str(word)

    def _with_article(self, name: str) -> str:
        """A name as it stands in a sentence; one that begins with whose it is needs nothing before it."""
        lowered = name.lower()
        bare = self._home.language != "en" or "'s" in lowered.split()[0] or lowered.startswith("the ")
        return lowered if bare or self._chance.random() < 0.25 else f"the {lowered}"


@lru_cache(maxsize=8192)
def _parsed(template: str) -> Expression:
    return parse_sentence(template).expression


def things_of(home: MadeUpHome, list_name: str) -> Sequence[str]:
    """Return the names of what a list holds in a home; none of one that is not of things."""
    if list_name == "device":
        return [name for kind in KINDS[:6] for name in home.things[kind]]
    return home.things.get(list_name, ())
