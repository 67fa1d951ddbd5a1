"""Is what was said so far a whole order? The end of the turn waits longer for a half one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hassil import (
    Alternative,
    Expression,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    Sequence,
    TextChunk,
)

from assistant.understanding.normalise import Normalised, Phrase, Phrases, parted, texts, words_of


@lru_cache(maxsize=16)
def _open_words(language: str) -> Phrases:
    words = words_of(language)
    # As they are spoken: "the" and 的 are among them, which plain words leave out.
    said = words.data["open"]["words"]
    return Phrases(tuple(each.split() if words.spaced else each) for each in said)


def trails_off(heard: Normalised) -> bool:
    """Whether the words end with one that no sentence ends with."""
    return bool(_open_words(heard.language).at_end(texts(heard.spoken)))


def hesitates(heard: Normalised) -> bool:
    """Whether the last word is one that plain words leave out ("the", 的, "um"): no order ends there."""
    last = heard.spoken[-1].start if heard.spoken else -1
    return trails_off(heard) and not any(token.start <= last < token.end for token in heard.tokens)


class PhraseList:
    """The phrases of one list, to be found at a place, and to be recognised by their beginning."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            self._by_first.setdefault(phrase[0], []).append(phrase)

    def after(self, words: Phrase, start: int) -> tuple[frozenset[int], bool]:
        """Return where a phrase that begins at `start` ends, and whether one goes on beyond the words."""
        if start == len(words):
            return frozenset(), bool(self._by_first)
        ends, goes_on = set(), False
        for phrase in self._by_first.get(words[start], ()):
            there = words[start : start + len(phrase)]
            if there == phrase:
                ends.add(start + len(phrase))
            goes_on = goes_on or (len(there) < len(phrase) and phrase[: len(there)] == there)
        return frozenset(ends), goes_on


Lists = Mapping[str, PhraseList | None]
"""List name -> its phrases; None is a list that takes any words."""


@dataclass(frozen=True, slots=True)
class Template:
    """One parsed template with the rules and lists of its own skill."""

    sentence: Sentence
    rules: Mapping[str, Sentence]
    lists: Lists


def begins(words: Phrase, templates: Iterable[Template], lists: Lists) -> bool:
    """Whether these words are the beginning of some sentence that goes on.

    hassil matches whole sentences only; this walks the same parsed templates with sets of positions, so that
    the cost is at most templates times words.
    """
    walked: _Walked = {}
    return any(_Walk(words, each, lists, walked).goes_on() for each in templates)


_Walked = dict[tuple[int, frozenset[int]], tuple[frozenset[int], bool]]
"""(rule, where it begins) -> (where it may end, whether it goes on beyond the words)."""


class _Walk:
    """One template against one beginning. `walked` is shared by all templates, since they share rules."""

    def __init__(self, words: Phrase, template: Template, lists: Lists, walked: _Walked) -> None:
        self._words = words
        self._template = template
        self._lists = lists
        self._walked = walked
        self._goes_on = False

    def goes_on(self) -> bool:
        """Whether the template can take all words and has something left."""
        self._after(self._template.sentence.expression, frozenset({0}))
        return self._goes_on

    def _after(self, expression: Expression, starts: frozenset[int]) -> frozenset[int]:
        """Return where the expression may end when it begins at any of `starts`."""
        if not starts:
            return starts
        match expression:
            case TextChunk():
                return self._after_words(parted(expression.text), starts)
            case RuleReference():
                return self._after_rule(self._template.rules[expression.rule_name].expression, starts)
            case ListReference():
                return self._after_list(expression.list_name, starts)
            case Alternative():
                return _union(self._after(item, starts) for item in expression.items)
            case Permutation() if len(expression.items) > 1:
                return _union(
                    self._after(rest, self._after(item, starts))
                    for item, rest in expression.iterate_permutations()
                )
            case Sequence() | Permutation():
                for item in expression.items:
                    starts = self._after(item, starts)
        return starts

    def _after_rule(self, rule: Expression, starts: frozenset[int]) -> frozenset[int]:
        key = (id(rule), starts)
        if key not in self._walked:
            before, self._goes_on = self._goes_on, False
            ends = self._after(rule, starts)
            self._walked[key] = ends, self._goes_on
            self._goes_on = before
        ends, goes_on = self._walked[key]
        self._goes_on = self._goes_on or goes_on
        return ends

    def _after_words(self, phrase: Phrase, starts: frozenset[int]) -> frozenset[int]:
        if not phrase:
            return starts
        ends = set()
        for start in starts:
            there = self._words[start : start + len(phrase)]
            if there == phrase:
                ends.add(start + len(phrase))
            elif there == phrase[: len(there)]:
                self._goes_on = True
        return frozenset(ends)

    def _after_list(self, list_name: str, starts: frozenset[int]) -> frozenset[int]:
        count = len(self._words)
        own = self._template.lists
        phrases = own[list_name] if list_name in own else self._lists[list_name]
        if phrases is None:
            # Any words. They end before a word that the template knows, or everything would be a beginning.
            self._goes_on = self._goes_on or count in starts
            return frozenset(range(min(starts) + 1, count))
        found = [phrases.after(self._words, start) for start in starts]
        self._goes_on = self._goes_on or any(more for _ends, more in found)
        return _union(ends for ends, _more in found)


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)
