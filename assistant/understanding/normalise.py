"""From a transcript to plain words: one form for what people say in many.

A language's words lie in `words/<language>.toml`:

- `script`: "latin" (words have spaces between them) or "han" (each character counts as a word)
- `drop`: words that mean nothing anywhere, `articles` are those of them that a title may begin with
- `[replace]`: spellings that mean the same
- `traditional`, `simplified`: characters that are written in two ways, one to one
- `[start]`, `[end]`: what is taken off around an order: politeness, hesitation. `requests` ask for something
  (what follows is an order, even with a question mark), `askers` lead to a question
- `[open]`: `words` with which no sentence ends, `hours` that minutes may follow, `joins` between two orders,
  `clauses` that change a meaning, `denials` that turn it round, `not_names` with which no title and no place
  begins
- `[questions]`, `[percent]`, `[rooms]`, `[things]`, `[kinds]`: see `questions.py` and `names.py`

Templates and names go through the same mill as what was heard (`plain`), so they always meet.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"
HAN = re.compile(r"[㐀-鿿]")
_BESIDE_HAN = re.compile(r"(?<=[㐀-鿿]) | (?=[㐀-鿿])")
_LATIN = re.compile(r"[A-Za-z]")
LARGEST_NUMBER = 100
FALLBACK_LANGUAGE = "en"

# A Chinese character, a number, the percent sign, or a word with its apostrophes; the rest is punctuation.
_TOKEN = re.compile(r"[㐀-鿿]|[0-9]+|[%$£€¥]|[^\W\d_㐀-鿿]+(?:'[^\W\d_㐀-鿿]+)*")

END_OF_WORD = "'"
"""Stands after each word in what hassil sees, so that only whole words meet, in Chinese too. It is one of the
two characters that hassil takes for the end of a word; at the other, the space, it would cut a template
into single words and work several times as long.
"""

_SYNTAX = re.compile(r"(\{[^{}]*\}|<[^<>]*>|[()\[\]|])")
_EMPTY = re.compile(r"\[\]|\(\)")  # brackets that held only words that are dropped

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A plain word and where it came from: `source[start:end]`."""

    text: str
    start: int
    end: int


def texts(tokens: Iterable[Token]) -> Phrase:
    """Return the bare words."""
    return tuple(token.text for token in tokens)


@dataclass(frozen=True, slots=True)
class Normalised:
    """What was heard: as `spoken`, as plain `tokens`, and the `core` of them without politeness around it."""

    language: str
    source: str
    spoken: tuple[Token, ...]
    tokens: tuple[Token, ...]
    core: tuple[Token, ...]


class Phrases:
    """A set of phrases, to be found at the beginning or the end of a sentence, longest first."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = frozenset(phrase for phrase in phrases if phrase)
        self._lengths = sorted({len(phrase) for phrase in self._phrases}, reverse=True)
        firsts: dict[str, set[int]] = {}  # most words begin no phrase, which is told at once
        for phrase in self._phrases:
            firsts.setdefault(phrase[0], set()).add(len(phrase))
        self._by_first = {word: sorted(lengths, reverse=True) for word, lengths in firsts.items()}

    def may_begin_in(self, words: Phrase) -> bool:
        """Whether any of the words begins a phrase."""
        return not self._by_first.keys().isdisjoint(words)

    def at(self, words: Phrase, start: int) -> int:
        """Return the length of the longest phrase at a place, 0 for none."""
        left = len(words) - start
        lengths = self._by_first.get(words[start], ()) if left > 0 else ()
        return next((n for n in lengths if n <= left and words[start : start + n] in self._phrases), 0)

    def at_end(self, words: Phrase) -> int:
        """Return the length of the longest phrase with which the words end, 0 for none."""
        return next((n for n in self._lengths if n <= len(words) and words[-n:] in self._phrases), 0)


@dataclass(frozen=True, eq=False)
class Words:
    """One language's words, read. `data` is the file itself, for what other modules need from it."""

    language: str
    data: Mapping[str, Any]
    drop: Phrases
    articles: frozenset[str]
    replace: Mapping[Phrase, Phrase]
    replaced: Phrases
    twins: Mapping[int, int]
    numbers: Mapping[Phrase, str]
    counted: Phrases

    @property
    def spaced(self) -> bool:
        """Whether words have spaces between them in writing."""
        return bool(self.data["script"] != "han")

    def phrases(self, section: str, key: str) -> Phrases:
        """Return one list of phrases of the file, in plain words."""
        return _phrases(self.language, section, key)


@lru_cache(maxsize=256)
def _phrases(language: str, section: str, key: str) -> Phrases:
    words = words_of(language)
    return Phrases(plain(each, words) for each in words.data.get(section, {}).get(key, ()))


def language_of(text: str) -> str:
    """Return the language that a written text is in, as far as its script tells."""
    return "zh" if HAN.search(text) else "en"


def languages() -> tuple[str, ...]:
    """Return the languages that there are words for."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@lru_cache(maxsize=16)
def words_of(language: str) -> Words:
    """Return a language's words. Raises `FileNotFoundError` for one that has none."""
    data = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    twins = str.maketrans(data.get("traditional", ""), data.get("simplified", ""))
    replace = {
        texts(_tokens(said, twins)): tuple(meant.split()) for said, meant in data.get("replace", {}).items()
    }
    numbers = dict(_number_words(language, twins))
    drop = (texts(_tokens(each, twins)) for each in data.get("drop", ()))
    return Words(
        language=language,
        data=data,
        drop=Phrases(drop),
        articles=frozenset(data.get("articles", ())),
        replace=replace,
        replaced=Phrases(replace),
        twins=twins,
        numbers=numbers,
        counted=Phrases(numbers),
    )


def languages_of(text: str, hint: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the languages to understand a text in, the likeliest first.

    Chinese where it is written so, whatever the hint says; then another one, for "turn off 钢琴灯".
    """
    other = hint if hint in known and hint != "zh" else FALLBACK_LANGUAGE
    if not HAN.search(text):
        return (other,)
    return ("zh", other) if _LATIN.search(text) else ("zh",)


def normalise(text: str, language: str) -> Normalised:
    """Return a transcript as plain words."""
    words = words_of(language)
    spoken = _tokens(text, words.twins)
    tokens = tuple(_plain_tokens(spoken, words))
    return Normalised(language, text, tuple(spoken), tokens, core_of(tokens, language))


def pieces_of(text: str, language: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Return a text's plain words, and the ones that were dropped from it."""
    words = words_of(language)
    kept = tuple(_plain_tokens(_tokens(text, words.twins), words))
    ends = {token.end for token in kept}
    replaced = list(_replaced(_tokens(text, words.twins), words))
    said = texts(replaced)
    dropped: list[Token] = []
    at = 0
    while at < len(replaced):
        length = words.drop.at(said, at)
        dropped += replaced[at : at + length]
        at += length or 1
    return kept, tuple(token for token in dropped if token.end not in ends)


@lru_cache(maxsize=16_384)  # templates say the same few thousand pieces again and again
def plain(text: str, words: Words) -> Phrase:
    """Return a name or a piece of a template as plain words."""
    return texts(_plain_tokens(_tokens(text, words.twins), words))


def _tokens(text: str, twins: Mapping[int, int]) -> list[Token]:
    small = lowered(text.replace("’", "'"))
    return [
        Token(match.group().translate(twins), match.start(), match.end()) for match in _TOKEN.finditer(small)
    ]


def lowered(text: str) -> str:
    """Return a text in small letters, just as long: casefold would change lengths ("ß"), and with them the
    way back to the source.
    """
    if text.isascii() or text == text.lower():
        return text.lower()
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _plain_tokens(tokens: list[Token], words: Words) -> Iterator[Token]:
    """Replace, drop, and turn number words into digits, in this order."""
    kept, said = tokens, texts(tokens)
    if words.replaced.may_begin_in(said):
        kept = list(_replaced(kept, words))
        said = texts(kept)
    if words.drop.may_begin_in(said):
        kept = list(_dropped(kept, words))
        said = texts(kept)
    at = 0
    while at < len(kept):
        length = words.counted.at(said, at)
        if length:
            yield Token(words.numbers[said[at : at + length]], kept[at].start, kept[at + length - 1].end)
        else:
            yield kept[at]
        at += length or 1


def _replaced(tokens: list[Token], words: Words) -> Iterator[Token]:
    said = texts(tokens)
    at = 0
    while at < len(tokens):
        length = words.replaced.at(said, at)
        if length:
            start, end = tokens[at].start, tokens[at + length - 1].end
            yield from (Token(each, start, end) for each in words.replace[said[at : at + length]])
        else:
            yield tokens[at]
        at += length or 1


def _dropped(tokens: list[Token], words: Words) -> Iterator[Token]:
    said = texts(tokens)
    at, article = 0, None
    while at < len(tokens):
        token, length = tokens[at], words.drop.at(said, at)
        if length:
            article = token.start if token.text in words.articles else None
        else:
            # The source of a word begins at its article: a title wants it back.
            yield token if article is None else Token(token.text, article, token.end)
            article = None
        at += length or 1


@lru_cache(maxsize=16)
def _around(language: str) -> tuple[Phrases, Phrases, Phrases, Phrases]:
    words = words_of(language)
    return (
        words.phrases("start", "requests"),
        Phrases(
            plain(each, words) for key in ("fillers", "askers") for each in words.data["start"].get(key, ())
        ),
        words.phrases("end", "fillers"),
        words.phrases("end", "after_request"),
    )


def core_of(tokens: tuple[Token, ...], language: str) -> tuple[Token, ...]:
    """Return the words without the politeness around them; all of them when there is nothing else."""
    first, last = _inside(texts(tokens), language)
    return tokens[first:last] or tokens


def is_only_polite(heard: Normalised) -> bool:
    """Whether nothing was said yet but what leads to an order: "could you please"."""
    first, last = _inside(texts(heard.tokens), heard.language)
    return first >= last


def _inside(words: Phrase, language: str) -> tuple[int, int]:
    """Return where the words without politeness begin and end."""
    requests, starts, ends, after_request = _around(language)
    first, last, requested = 0, len(words), False
    while first < last:
        asked, filled = requests.at(words[:last], first), starts.at(words[:last], first)
        if not (asked or filled):
            break
        requested = requested or asked >= filled
        first += max(asked, filled)
    while first < last and (length := ends.at_end(words[first:last])):
        last -= length
    if requested and first < last:
        last -= after_request.at_end(words[first:last])
    return first, last


def _number_words(language: str, twins: Mapping[int, int]) -> Iterator[tuple[Phrase, str]]:
    """The words of 0 to 100 as Unicode's own rules spell them, each with its digits."""
    from hassil.numbers import get_rbnf_engine  # a tenth of a second to import

    engine = get_rbnf_engine(language)
    for number in range(LARGEST_NUMBER + 1):
        for spelt in engine.format_number(number).text_by_ruleset.values():
            yield texts(_tokens(spelt, twins)), str(number)


def written(words: Phrase) -> str:
    """Return plain words as people write them."""
    return _BESIDE_HAN.sub("", " ".join(words))


def joined(words: Iterable[str]) -> str:
    """Return plain words as hassil is to see them."""
    return "".join(map(_written, words))


@lru_cache(maxsize=16_384)
def _written(word: str) -> str:
    return f"{word.replace(END_OF_WORD, 'ʼ')}{END_OF_WORD}"


@lru_cache(maxsize=16_384)
def parted(text: str) -> Phrase:
    """Return the plain words of what hassil saw."""
    return tuple(word.replace("ʼ", END_OF_WORD) for word in text.strip().split(END_OF_WORD) if word)


def runs(template: str) -> Iterator[tuple[bool, str]]:
    """Split a template into literal text (True) and syntax (False)."""
    for index, run in enumerate(_SYNTAX.split(template)):
        if run:
            yield index % 2 == 0, run


def plain_template(template: str, words: Words) -> str:
    """Return a template in plain words, written as `joined` writes them."""
    written = "".join(joined(plain(run, words)) if literal else run for literal, run in runs(template))
    while (shorter := _EMPTY.sub("", written)) != written:
        written = shorter
    return written
