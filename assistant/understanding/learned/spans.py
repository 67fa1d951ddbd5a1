"""What a sentence says besides its meaning: rooms, things, numbers; and the sentence without their names.

The classifier sees "turn on light in bedroom" whatever the room and the light are called, so one that is
fitted in one home knows every other. What was taken out goes to the slots.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.understanding.normalise import (
    Phrase,
    Phrases,
    Token,
    Words,
    normalise,
    plain,
    texts,
    words_of,
    written,
)
from devices.home import Device, Home, Kind

FOLDER = Path(__file__).parent
A_ROOM = {"en": "bedroom", "zh": "卧室"}
"""What stands for any room."""


MOST_TIMES = 2  # one word in an order
FEWEST_DIFFERENT = 0.7  # of an order's words


@dataclass(frozen=True, slots=True)
class Span:
    """A name in the sentence. `list_name` is "area" or a device kind; `values` are all that are called so."""

    list_name: str
    values: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence taken apart. `words` are its plain words without politeness, `masked` is what was
    said with a common word for each name. `strange` are words that look like names and are none here.
    """

    language: str
    source: str
    words: Phrase
    spans: tuple[Span, ...]
    numbers: tuple[int, ...]
    masked: str
    strange: tuple[str, ...]

    def called(self, *list_names: str) -> tuple[Span, ...]:
        """Return the names of these lists."""
        return tuple(span for span in self.spans if span.list_name in list_names)

    def said(self, span: Span) -> str:
        """Return the words of a name, as plain words."""
        return written(self.words[span.start : span.end])


@dataclass(frozen=True, slots=True)
class Bars:
    """Words with which this tier takes no order; see `none.en.toml`."""

    words: Phrases
    quantity: Phrases
    kinds: frozenset[str]


Index = Mapping[Phrase, tuple[str, tuple[str, ...]]]
"""Plain words -> the list and all that are called so in it."""


def take_apart(text: str, language: str, index: Index) -> Spoken:
    """Return what a sentence says. `index` are the names of the home; {} knows none."""
    heard = normalise(text, language)
    said = texts(heard.core)
    spans = tuple(_spans(said, index))
    words = words_of(language)
    return Spoken(
        language=language,
        source=text,
        words=said,
        spans=spans,
        numbers=tuple(_numbers(said, spans, language)),
        masked=_masked(text, heard.core, spans, words),
        strange=tuple(_strange(said, spans, language)),
    )


def index_of(
    names: Mapping[str, Mapping[str, Iterable[str]]], home: Home, language: str
) -> dict[Phrase, tuple[str, tuple[str, ...]]]:
    """Return the names of a home (list -> value -> its names) by their plain words; a room before a thing."""
    words = words_of(language)
    exposed = {device.name for device in home if device.exposed}
    found: dict[Phrase, tuple[str, dict[str, None]]] = {}
    for list_name in ("area", *(kind.value for kind in Kind)):
        for value, spellings in names.get(list_name, {}).items():
            if list_name != "area" and value not in exposed:
                continue
            for spelling in spellings:
                phrase = plain(spelling, words)
                if phrase and not phrase[0].isdigit():
                    first, values = found.setdefault(phrase, (list_name, {}))
                    if first == list_name or first != "area":
                        values[value] = None
    return {phrase: (list_name, tuple(values)) for phrase, (list_name, values) in found.items()}


@lru_cache(maxsize=16)
def bars_of(language: str) -> Bars:
    """Return the words of a language that bar an order. Raises `FileNotFoundError` for one without."""
    data = tomllib.loads((FOLDER / f"none.{language}.toml").read_text("utf-8"))["bars"]
    words = words_of(language)

    def phrases(key: str) -> Phrases:
        return Phrases(plain(each, words) for each in data[key])

    return Bars(phrases("words"), phrases("quantity"), frozenset(data["kinds"]))


def barred(spoken: Spoken) -> str | None:
    """Return the word for which a sentence is no order of this tier's, None when there is none."""
    bars = bars_of(spoken.language)
    named = {at for span in spoken.spans for at in range(span.start, span.end)}
    for phrases in (bars.words, bars.quantity):
        for at in range(len(spoken.words)):
            if at not in named and (length := phrases.at(spoken.words, at)):
                return written(spoken.words[at : at + length])
    return None


def stutters(spoken: Spoken) -> bool:
    """Whether the same words come again and again, as they do in a song and in what a recogniser makes of
    noise.
    """
    most = max(Counter(spoken.words).values(), default=0)
    return most > MOST_TIMES or len(set(spoken.words)) <= FEWEST_DIFFERENT * len(spoken.words)


@lru_cache(maxsize=16)
def _concepts(language: str) -> tuple[Phrases, Phrases, Phrases]:
    """The words of a language for rooms, for things, and for kinds, whatever home they are in."""
    words = words_of(language)

    def phrases(section: str) -> Phrases:
        return Phrases(plain(each, words) for said in words.data.get(section, {}).values() for each in said)

    return phrases("rooms"), phrases("things"), phrases("kinds")


def kind_word(kind: str, device_class: str, language: str) -> str:
    """Return what a thing is called by somebody who does not know its name."""
    kinds = words_of(language).data["kinds"]
    found = kinds.get(device_class) or kinds.get(kind)
    return str(found[0]) if found else kind.replace("_", " ")


def devices_called(home: Home, span: Span) -> tuple[Device, ...]:
    """Return the things that a span may mean."""
    return tuple(device for device in home if device.exposed and device.name in span.values)


def _spans(said: Phrase, index: Index) -> Iterator[Span]:
    longest = max(map(len, index), default=0)
    at = 0
    while at < len(said):
        lengths = range(min(longest, len(said) - at), 0, -1)
        length = next((each for each in lengths if said[at : at + each] in index), 0)
        if length:
            list_name, values = index[said[at : at + length]]
            yield Span(list_name, values, at, at + length)
        at += length or 1


def _numbers(said: Phrase, spans: Iterable[Span], language: str) -> Iterator[int]:
    named = {at for span in spans for at in range(span.start, span.end)}
    fractions = _fractions(language)
    for at, word in enumerate(said):
        if at in named:
            continue
        if word.isdecimal() and len(word) < 6:
            yield int(word)
        elif (word,) in fractions:
            yield fractions[word,]


@lru_cache(maxsize=16)
def _fractions(language: str) -> Mapping[Phrase, int]:
    words = words_of(language)
    return {plain(word, words): int(number) for word, number in words.data.get("percent", {}).items()}


def _masked(source: str, tokens: tuple[Token, ...], spans: Iterable[Span], words: Words) -> str:
    """The source from the first plain word to the last, with the names replaced."""
    if not tokens:
        return ""
    pieces: list[str] = []
    at = tokens[0].start
    for span in spans:
        a_room = A_ROOM.get(words.language, "") if span.list_name == "area" else ""
        pieces += (
            source[at : tokens[span.start].start],
            a_room or kind_word(span.list_name, "", words.language),
        )
        at = tokens[span.end - 1].end
    return " ".join("".join((*pieces, source[at : tokens[-1].end])).lower().split())


def _strange(said: Phrase, spans: Iterable[Span], language: str) -> Iterator[str]:
    """Yield rooms and things that this home has not: "the attic", "the lava lamp"."""
    named = {at for span in spans for at in range(span.start, span.end)}
    rooms, things, kinds = _concepts(language)
    before = bars_of(language).kinds
    at = 0
    while at < len(said):
        length = 0 if at in named else max(rooms.at(said, at), things.at(said, at))
        kind = 0 if at in named else kinds.at(said, at)
        if length > kind:
            yield written(said[at : at + length])
        elif kind and at > 0 and at - 1 not in named and said[at - 1] not in before:
            yield written(said[at - 1 : at + kind])
        at += max(length, kind, 1)
