"""Which values the words of an order carry: on or off, open or closed, up or down.

A model fills gaps. "Turn the standing light in the office" says neither on nor off, and it said on. So a
yes-or-no, a choice and a direction are offered to it only where a word of the sentence stands for them. The
words of the usual ones are data (`carried/<language>.toml`); those of any other parameter, a plugin's too,
are the words of its skill's templates and examples that come with one value and with no other.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.understanding.addressed import is_to_others
from assistant.understanding.frames.cues import is_told
from skills.api import Language, Tool

FOLDER = Path(__file__).parent / "carried"
_FALLBACK = "en"
_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[a-z0-9à-ÿ]+(?:'[a-z]+)?")
_SYNTAX = re.compile(r"<[^<>]*>|\{[^{}]*\}|[^\w'㐀-鿿]+")
_SIGNS = {"lights": "light", "music": "sound", "self": "sound"}
"""Which words move what a skill's `by` moves; that of any other skill takes both kinds."""

Value = bool | int | float | str
Words = Mapping[Value, frozenset[str]]
"""Value -> the words that come with it and with no other value."""


@dataclass(frozen=True, slots=True)
class _Lexicon:
    never: re.Pattern[str]
    orders: re.Pattern[str]
    claims: re.Pattern[str]
    idle: frozenset[str]
    values: Mapping[str, Mapping[bool, re.Pattern[str]]]
    signs: Mapping[str, Mapping[int, re.Pattern[str]]]


def may_order(text: str, language: str) -> bool:
    """Whether a sentence can be an order: it forbids nothing, supposes nothing and tells of nobody."""
    if is_to_others(text) or is_told(text, language):
        return False
    return not any(lexicon.never.search(_plain(text)) for lexicon in _spoken(text, language))


def begins_an_order(text: str, language: str) -> bool:
    """Whether the first words are those of an order: "turn", 把."""
    return any(lexicon.orders.match(_plain(text)) for lexicon in _spoken(text, language))


def claims_an_action(text: str, language: str) -> bool:
    """Whether words of ours say that something was done, or is being done."""
    return any(lexicon.claims.search(_plain(text)) for lexicon in _spoken(text, language))


def carried_truths(name: str, text: str, language: str) -> frozenset[bool] | None:
    """Return the values of a usual yes-or-no (`on`, `open`, `warmer`) that words carry; None for others."""
    found: set[bool] = set()
    known = False
    for lexicon in _spoken(text, language):
        patterns = lexicon.values.get(name)
        if patterns is not None:
            known = True
            found |= _strongest(patterns, _plain(text))
    return frozenset(found) if known else None


def carried_signs(skill: str, text: str, language: str) -> frozenset[int]:
    """Return the directions that the words carry: 1, -1, both or none."""
    kinds = [_SIGNS[skill]] if skill in _SIGNS else sorted(set(_SIGNS.values()))
    found: set[int] = set()
    for lexicon in _spoken(text, language):
        for kind in kinds:
            found |= _strongest(lexicon.signs.get(kind, {}), _plain(text))
    return frozenset(found)


def carried_values(words: Words, text: str) -> frozenset[Value]:
    """Return the values of any other parameter that the words carry; `words` come from `telling_words`."""
    said = set(_pieces(text))
    return frozenset(
        value for value, telling in words.items() if telling & said or str(value).casefold() in said
    )


def telling_words(tool: Tool, name: str, spoken: Iterable[Language]) -> Words:
    """Return, for each value that a skill's files give a parameter, the words of that value alone."""
    found: dict[Value, set[str]] = {}
    for language in spoken:
        for text, arguments in _sayings(tool, language):
            if isinstance(value := arguments.get(name), bool | int | float | str):
                found.setdefault(value, set()).update(_pieces(text))
    idle = frozenset(word for lexicon in map(_lexicon, _languages()) for word in lexicon.idle)
    return {
        value: frozenset(
            own - idle - {word for other, words in found.items() if other != value for word in words}
        )
        for value, own in found.items()
    }


def _sayings(tool: Tool, language: Language) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield sentences, and templates with their rules spelled out, and what each says."""
    yield from language.examples.get(tool.name, ())
    for sentence in language.sentences.get(tool.name, ()):
        for template in sentence.templates:
            yield _SYNTAX.sub(" ", _spelled_out(template, language.rules)), sentence.arguments


def _spelled_out(template: str, rules: Mapping[str, str], depth: int = 4) -> str:
    if depth == 0:
        return template
    return re.sub(
        r"<([^<>]*)>",
        lambda found: f" {_spelled_out(rules.get(found.group(1), ''), rules, depth - 1)} ",
        template,
    )


def _strongest(patterns: Mapping[Any, re.Pattern[str]], text: str) -> set[Any]:
    """The values that are meant; of two words in one place the longer: "too dark" is no "dark"."""
    spans = [
        (found.start(), found.end(), value)
        for value, each in patterns.items()
        for found in each.finditer(text)
    ]
    return {
        value
        for start, end, value in spans
        if not any(s <= start and end <= e and (s, e) != (start, end) and v != value for s, e, v in spans)
    }


def _pieces(text: str) -> Iterator[str]:
    """Words; runs of Chinese characters, and their pairs."""
    lowered = text.casefold()
    yield from _WORD.findall(lowered)
    for run in re.findall(r"[㐀-鿿]+", lowered):
        yield run
        yield from (run[at : at + 2] for at in range(len(run) - 1))


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")


def _spoken(text: str, language: str) -> Iterator[_Lexicon]:
    """The language that was heard, and the one that the words are written in."""
    codes = [language if language in _languages() else _FALLBACK]
    if _HAN.search(text) and "zh" not in codes:
        codes.append("zh")
    if re.search(r"[A-Za-z]{2}", text) and "en" not in codes:
        codes.append("en")
    return map(_lexicon, codes)


@lru_cache(maxsize=1)
def _languages() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@lru_cache(maxsize=8)
def _lexicon(language: str) -> _Lexicon:
    data = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))

    def pattern(entries: Iterable[str]) -> re.Pattern[str]:
        bodies = [each if _HAN.search(each) else rf"\b(?:{each})\b" for each in entries]
        return re.compile("|".join(bodies))

    return _Lexicon(
        never=pattern(data["never"]),
        orders=pattern(data["orders"]),
        claims=pattern(data["claims"]),
        idle=frozenset(data["idle"]),
        values={
            name: {True: pattern(each["true"]), False: pattern(each["false"])}
            for name, each in data.items()
            if isinstance(each, dict) and "true" in each
        },
        signs={
            name: {1: pattern(each["up"]), -1: pattern(each["down"])} for name, each in data["sign"].items()
        },
    )
