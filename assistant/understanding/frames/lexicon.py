"""A language's words about things, from `frames/<language>.toml`: which phrase may be which tag.

What the sections are for:

- `joins` stand between things or orders, `breaks` only between orders; `glue` and `fillers` mean nothing
- `[verbs]`, `carry` (verbs that mean nothing by themselves: set, put), `[armed]`
- `[up]` and `[down]` by dimension, `any` for all; `[aspect]` names a dimension; `[amount]`; `[to]`: whether a
  number is where to or how much
- `[number_words]`, `[units]`, `[fractions]` (percent), `[levels]`, `[colours]`, `[modes]`, `[presets]`
- `[quantity]`, `[reference]`, `here`, `there`, `mine`, `except`, `leave` … `left_so`, `others`
- `[kinds]` of things, `[adjectives]` that name no thing by themselves; `main` mark a room's main light
- `also`, `same`, `correct`, `undo`, `again`, `repeat`, `more`: what leans on what was before
- `not`: no order has it; `because` begins a clause that merely explains
- `[wishes]` said of here and now, in a `[wish_frame]`; `degree_words` may stand in it
- patterns: `[needs]` (complaints), `elsewhere` (what is none), `[too]` (of the order before), `[asides]`
  (clauses that order nothing), `[rewrites]` (other ways to put what these words can say)
- `absent`: things that many homes have; where one has not, that is told
- `[questions]` and `[states]`: what is asked about a thing
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from assistant.understanding.normalise import Phrase, plain, words_of

FOLDER = Path(__file__).parent
PATTERNS = frozenset({"needs", "elsewhere", "too", "asides", "rewrites", "absent"})
"""Sections of regular expressions and of names that mean nothing by themselves: no phrases."""


class Tag(NamedTuple):
    """What a phrase may be: the section it stands in, and the key there ("" for a plain list)."""

    kind: str
    value: str = ""


@dataclass(frozen=True)
class Lexicon:
    """One language's phrases. `sections` is the file itself."""

    language: str
    phrases: Mapping[Phrase, frozenset[Tag]]
    longest: int
    sections: Mapping[str, Any]

    def has(self, words: Phrase) -> bool:
        """Whether the words are a phrase of the language's."""
        return words in self.phrases


def languages() -> tuple[str, ...]:
    """Return the languages that there are frames for."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@lru_cache(maxsize=8)
def lexicon_of(language: str) -> Lexicon:
    """Return a language's lexicon. Raises `FileNotFoundError` for one that has none."""
    data = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    words = words_of(language)
    found: dict[Phrase, set[Tag]] = {}
    for tag, text in said_in(data):
        if phrase := plain(text, words):
            found.setdefault(phrase, set()).add(tag)
    tags = {phrase: frozenset(each) for phrase, each in found.items()}
    return Lexicon(language, tags, max(map(len, tags)), data)


def said_in(data: Mapping[str, Any]) -> Iterator[tuple[Tag, str]]:
    """Yield every phrase of a file as it stands there, and what it may be."""
    for section, content in data.items():
        if section in PATTERNS:
            continue
        if isinstance(content, list):
            yield from ((Tag(section), each) for each in content)
            continue
        for key, phrases in content.items():
            yield from ((Tag(section, key), each) for each in phrases)
