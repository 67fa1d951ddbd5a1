"""Covers a sentence with tags: each word is of a phrase of the lexicon or the home, or is left over."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assistant.understanding.frames.lexicon import NOT_IN_ORDERS, Lexicon, Tag
from assistant.understanding.frames.things import Entry, Things
from assistant.understanding.normalise import Token, pieces_of, words_of

MOST_WORDS = 90  # more is a story

_UNKNOWN_COST, _SPAN_COST, _OWN_NAME_GAIN = 20.0, 1.0, 0.3
_ONLY_GLUE_COST = 0.1
_NOTHING = Entry()
_NO_NOUNS = frozenset({"to", "glue", "fillers", "again", "also"})
_BREAKS = re.compile(r"[,;:!?，；：！？。、…—]|\.(?!\d)|\s-\s|\n")
_POSSESSIVE = re.compile(r"(.+)'s$")


@dataclass(frozen=True, slots=True)
class Word:
    """A plain word: where it stands in the source, the dropped words before it, the punctuation before it."""

    text: str
    start: int
    end: int
    before: frozenset[str] = frozenset()
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Words that are one phrase, and what it may be. `tags` by section: their keys."""

    words: tuple[Word, ...]
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    entry: Entry = _NOTHING

    @property
    def text(self) -> str:
        """The words as they were compared."""
        return " ".join(word.text for word in self.words)

    @property
    def broken(self) -> str:
        """The punctuation before it."""
        return self.words[0].broken

    @property
    def unknown(self) -> bool:
        """Whether nobody knows these words."""
        return not self.tags and self.entry is _NOTHING

    @property
    def mine(self) -> bool:
        """Whether "my" was said of it."""
        return any("my" in word.before for word in self.words)

    def has(self, *sections: str) -> bool:
        """Whether it may be any of these."""
        return any(section in self.tags for section in sections)

    def get(self, section: str) -> frozenset[str]:
        """The keys that it may be in a section."""
        return self.tags.get(section, frozenset())


def words_in(text: str, lexicon: Lexicon, things: Things) -> tuple[Word, ...]:
    """Return the plain words of a text, "it's" in two and "telly's" where only "telly" is known."""
    kept, dropped = pieces_of(text, lexicon.language)
    words: list[Word] = []
    at, end = 0, 0
    for token in kept:
        before = []
        while at < len(dropped) and dropped[at].start < token.end:
            before.append(dropped[at].text)
            at += 1
        between = text[end : token.start]
        decimal = between == "." and token.text.isdigit() and bool(words) and words[-1].text.isdigit()
        broken = "".join(_BREAKS.findall(between)) if words and not decimal else ""
        end = max(end, token.end)
        words += _split(
            Word(token.text, token.start, token.end, frozenset(before), broken.strip()), lexicon, things
        )
    return tuple(words)


def _split(word: Word, lexicon: Lexicon, things: Things) -> Iterator[Word]:
    match = _POSSESSIVE.match(word.text)
    if match is None or (word.text,) in things.phrases or (word.text,) in lexicon.phrases:
        yield word
        return
    base = words_of(lexicon.language).replace.get((match.group(1),), (match.group(1),))
    yield Word(base[0], word.start, word.end, word.before, word.broken)
    yield from (Word(each, word.end, word.end) for each in base[1:])
    yield Word("'s", word.end, word.end)


def tagged(
    words: tuple[Word, ...], lexicon: Lexicon, things: Things, mode: str = "order"
) -> tuple[Span, ...]:
    """Return the cheapest cover: the fewest words left over, then the fewest phrases.

    `mode` is what the sentence is read as: an "order", a "wish" or a "question".
    """
    count = len(words)
    best: list[tuple[float, tuple[int, Span] | None]] = [(float("inf"), None)] * (count + 1)
    best[0] = (0.0, None)
    longest = max(lexicon.longest, things.longest)
    texts = tuple(word.text for word in words)
    for start in range(count):
        cost = best[start][0]
        for end in range(start + 1, min(count, start + longest) + 1):
            if end > start + 1 and words[end - 1].broken:
                break  # no phrase goes over a comma
            span = _span(words[start:end], texts[start:end], lexicon, things, mode)
            if span is None:
                if end > start + 1:
                    continue
                span = Span(words[start:end])
            reached = cost + _cost(span)
            if reached < best[end][0] - 1e-9:
                best[end] = (reached, (start, span))
    spans: list[Span] = []
    at = count
    while at > 0:
        _cost_so_far, step = best[at]
        assert step is not None
        at, span = step
        spans.append(span)
    return tuple(reversed(spans))


def _span(
    words: tuple[Word, ...], texts: tuple[str, ...], lexicon: Lexicon, things: Things, mode: str
) -> Span | None:
    tags: dict[str, set[str]] = {}
    for tag in lexicon.phrases.get(texts, ()):
        if _allowed(tag, mode):
            tags.setdefault(tag.kind, set()).add(tag.value)
    if len(words) > 1 and "the" in words[0].before and tags.keys() <= _NO_NOUNS:
        tags.clear()  # "set the back to 19"
    entry = things.phrases.get(texts, _NOTHING)
    if len(texts) == 1 and texts[0].isdecimal():
        tags.setdefault("number", set()).add(texts[0])
    if len(texts) == 1 and texts[0] == "'s":
        tags.setdefault("glue", set()).add("")
    if not tags and entry is _NOTHING:
        return None
    return Span(words, {kind: frozenset(values) for kind, values in tags.items()}, entry)


def _allowed(tag: Tag, mode: str) -> bool:
    if mode == "order":
        return tag.kind not in NOT_IN_ORDERS
    if mode == "wish":
        return tag.kind in (
            "wishes",
            "wish_frame",
            "fillers",
            "kinds",
            "here",
            "there",
            "degree_words",
            "reference",
            "amount",
            "joins",
            "aspect",
            "quantity",
            "intensifiers",
        )
    return tag.kind in (
        "questions",
        "states",
        "kinds",
        "here",
        "there",
        "reference",
        "fillers",
        "quantity",
        "glue",
        "aspect",
        "adjectives",
        "units",
        "mine",
        "machines",
    )


def _cost(span: Span) -> float:
    if span.unknown:
        return _UNKNOWN_COST
    cost = _SPAN_COST
    if span.entry.full:
        cost -= _OWN_NAME_GAIN
    if not span.entry.full and set(span.tags) <= {"glue", "fillers", "degree_words"}:
        cost += _ONLY_GLUE_COST
    return cost


def as_token(word: Word) -> Token:
    """Return the word as a plain token."""
    return Token(word.text, word.start, word.end)


__all__ = ["MOST_WORDS", "Span", "Word", "as_token", "tagged", "words_in", "words_of"]
