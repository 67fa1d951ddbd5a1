"""The sentences in which something is taught, from `teaching/<language>.toml`.

Each section is a list of patterns: regular expressions over the sentence without the politeness around it, in
small letters, with named groups. `<word>` stands for what `[words]` says; a space is any space or
punctuation, and `~` is that or nothing.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.understanding.normalise import FALLBACK_LANGUAGE, lowered, normalise, words_of
from skills.lazily import Lazily

FOLDER = Path(__file__).parent
_GAP = r"""\s,;:.!?"'“”‘’「」『』，、；：。！？—–-"""
_LATIN_GAP = r"""\s,;:.!?"'-"""
_LATIN = str.maketrans("“”‘「」『』，、；：。！？—–", '"""""""' + ",,;:.!?--")
"""Punctuation as it is written between Latin letters. Patterns over it alone compile in a quarter of the
time: a set of characters beyond Latin-1 is worked out anew each time that it stands in one.
"""
_EDGES = ' \t\n,;:.!?"“”‘’「」『』，、；：。！？—–-'


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence without politeness: `text` as it was written, `folded` as patterns see it, just as long."""

    language: str
    text: str
    folded: str


@dataclass(frozen=True)
class Patterns:
    """One language's patterns by section, and its plain lists of words."""

    language: str
    patterns: Mapping[str, Sequence[re.Pattern[str]]]
    lists: Mapping[str, str]
    aspects: Mapping[str, str]

    def match(self, section: str, said: Said) -> Iterator[Mapping[str, str]]:
        """Yield what the groups of each pattern that covers the sentence hold, as it was written."""
        for pattern in self.patterns.get(section, ()):
            if (found := pattern.fullmatch(said.folded)) is not None:
                yield {
                    name: said.text[found.start(name) : found.end(name)].strip(_EDGES)
                    for name, group in found.groupdict().items()
                    if group is not None
                }

    def begins(self, name: str, text: str) -> bool:
        """Whether a text begins with words of a list."""
        return re.match(self.lists[name], text, re.IGNORECASE) is not None

    def holds(self, name: str, text: str) -> bool:
        """Whether a text is one of a list's words."""
        return re.fullmatch(self.lists[name], text.strip(_EDGES), re.IGNORECASE) is not None

    def after(self, name: str, text: str) -> str:
        """Return a text without the words of a list that it begins with."""
        end = f"(?:[{_GAP}]+|$)" if self._spaced else f"[{_GAP}]*"
        while (found := re.match(f"(?:{self.lists[name]}){end}", text, re.IGNORECASE)) and found.end():
            text = text[found.end() :].strip(_EDGES)
        return text

    def before(self, name: str, text: str) -> str:
        """Return a text without the words of a list that it ends with."""
        begin = f"(?:[{_GAP}]+|^)" if self._spaced else f"[{_GAP}]*"
        while (found := re.search(f"{begin}(?:{self.lists[name]})$", text, re.IGNORECASE)) is not None:
            text = text[: found.start()].strip(_EDGES)
        return text

    def aspect(self, text: str) -> str:
        """Return the ability that words such as "brightness" are of, or nothing."""
        words = text.strip(_EDGES)
        found = (key for key, pattern in self.aspects.items() if re.fullmatch(pattern, words, re.IGNORECASE))
        return next(found, "")

    @property
    def _spaced(self) -> bool:
        return words_of(self.language).spaced


@lru_cache(maxsize=8)
def patterns_of(language: str) -> Patterns | None:
    """Return a language's patterns; None where nobody wrote any."""
    file = FOLDER / f"{language}.toml"
    if not file.is_file():
        return None
    data = tomllib.loads(file.read_text("utf-8"))
    lists: dict[str, str] = {}
    for name, pattern in data.pop("words").items():
        lists[name] = _regex(pattern, lists)
    aspects = {name: _regex(pattern, lists) for name, pattern in data.pop("aspects").items()}
    gap = _LATIN_GAP if words_of(language).spaced else _GAP
    patterns = Lazily(
        data, lambda key: [re.compile(_regex(each, lists).replace(_GAP, gap)) for each in data[key]]
    )
    return Patterns(language, patterns, lists, aspects)


def said(text: str, language: str) -> Said:
    """Return a sentence as patterns see it."""
    heard = normalise(text, language)
    bare = text[heard.core[0].start : heard.core[-1].end] if heard.core else ""
    words = words_of(language)
    folded = lowered(bare.replace("’", "'")).translate(words.twins)
    return Said(language, bare, folded.translate(_LATIN) if words.spaced else folded)


def splits(text: str, language: str) -> Iterator[tuple[str, str, bool]]:
    """Yield both sides of each place where a text may be parted, at its pauses and then between words, and
    whether it is a pause.
    """
    spaced = words_of(language or FALLBACK_LANGUAGE).spaced
    pauses = [found.start() for found in re.finditer(r"[,;:，；：。—–]", text)]
    between = [found.start() for found in re.finditer(r"\s", text)] if spaced else list(range(1, len(text)))
    for at in dict.fromkeys((*pauses, *between)):  # a comma comes before the space behind it
        left, right = text[:at].strip(_EDGES), text[at:].strip(_EDGES)
        if left and right:
            yield left, right, at in pauses


def _regex(pattern: str, lists: Mapping[str, str]) -> str:
    # <name> is a word list unless it belongs to (?P<name>…)
    known = re.sub(r"(?<!\?P)<(\w+)>", lambda found: f"(?:{lists[found.group(1)]})", pattern)
    return known.replace(" ", f"[{_GAP}]+").replace("~", f"[{_GAP}]*")
