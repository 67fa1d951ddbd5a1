"""Is what was said so far a whole order, and may it go on? The end of the turn waits longer for half ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

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

_T = TypeVar("_T")

_ANY = ""
"""Among the first words of a template: any word may come first."""


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
        for phrase in filter(None, phrases):  # a word of which nothing is left: "the"
            self._by_first.setdefault(phrase[0], []).append(phrase)

    def after(self, words: Phrase, start: int) -> tuple[frozenset[int], bool]:
        """Return where a phrase that begins at `start` ends, and whether one goes on beyond the words.

        `start` may lie at the end of the words or beyond it.
        """
        if start >= len(words):
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
    _firsts: list[frozenset[str]] = field(default_factory=list, init=False, compare=False, repr=False)

    def make_ready(self) -> None:
        """Work out what is kept of it: hassil's part, and ours."""
        self.sentence.get_required_clauses(dict(self.rules))
        self.may_begin_with("")

    def may_begin_with(self, word: str) -> bool:
        """Whether a sentence of this template may begin so; most templates are ruled out by it, at once."""
        if not self._firsts:  # when it is first asked: a start-up has better things to do
            firsts, may_be_empty = self._first_words(self.sentence.expression)
            self._firsts.append(firsts | {_ANY} if may_be_empty else firsts)
        return word in self._firsts[0] or _ANY in self._firsts[0]

    def _first_words(self, expression: Expression) -> tuple[frozenset[str], bool]:
        """Return the words that may come first, and whether there may be none at all."""
        match expression:
            case TextChunk():
                phrase = parted(expression.text)
                return frozenset(phrase[:1]), not phrase
            case RuleReference():
                return self._first_words(self.rules[expression.rule_name].expression)
            case Alternative() | Permutation():
                found = [self._first_words(item) for item in expression.items]
                return _union(words for words, _empty in found), any(empty for _words, empty in found)
            case Sequence():
                firsts: frozenset[str] = frozenset()
                for item in expression.items:
                    words, may_be_empty = self._first_words(item)
                    firsts |= words
                    if not may_be_empty:
                        return firsts, False
                return firsts, True
        return frozenset({_ANY}), False  # a list: names come and go


@dataclass(frozen=True, slots=True)
class GoingOn:
    """How sentences go on that begin with certain words.

    `possible` tells that some do, `complete` that some template ends here: its words make a sentence, even if
    it names two things of one name, or a number that the thing cannot take. `slots` are the (parameter, list)
    pairs that may still be named.
    """

    possible: bool
    complete: bool
    slots: frozenset[tuple[str, str]]


def going_on(words: Phrase, templates: Iterable[Template], lists: Lists) -> GoingOn:
    """Return how sentences go on that begin with these words.

    hassil matches whole sentences only; this walks the same parsed templates with sets of positions, so that
    the cost is at most templates times words.
    """
    walked: _Walked = {}
    slots: set[tuple[str, str]] = set()
    possible, complete = False, False
    for each in templates:
        if words and not each.may_begin_with(words[0]):
            continue
        walk = _Walk(words, each, lists, walked)
        ends = walk.ends()
        complete = complete or len(words) in ends
        if walk.beyond in ends:
            possible = True
            slots |= walk.slots
    return GoingOn(possible, complete, frozenset(slots))


_Slots = frozenset[tuple[str, str]]
_Walked = dict[tuple[int, frozenset[int]], tuple[frozenset[int], _Slots]]
"""(rule, where it begins) -> (where it may end, what it may name beyond the words)."""


class _Walk:
    """One template against one beginning. `walked` is shared by all templates, since they share rules.

    A position is a number of words; one more than there are is somewhere in what may still come.
    """

    def __init__(self, words: Phrase, template: Template, lists: Lists, walked: _Walked) -> None:
        self._words = words
        self._template = template
        self._lists = lists
        self._walked = walked
        self.beyond = len(words) + 1
        self.slots: set[tuple[str, str]] = set()

    def ends(self) -> frozenset[int]:
        """Return where the template may end; `beyond` when it can take all words and has something left."""
        return self._after(self._template.sentence.expression, frozenset({0}))

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
                return self._after_list(expression, starts)
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
            before, self.slots = self.slots, set()
            ends = self._after(rule, starts)
            self._walked[key] = ends, frozenset(self.slots)
            self.slots = before
        ends, slots = self._walked[key]
        self.slots |= slots
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
                ends.add(self.beyond)
        return frozenset(ends)

    def _after_list(self, reference: ListReference, starts: frozenset[int]) -> frozenset[int]:
        count = len(self._words)
        own = self._template.lists
        name = reference.list_name
        phrases = own[name] if name in own else self._lists[name]
        if phrases is None:
            # Any words. They end before a word that the template knows, or everything would be a beginning.
            ends = frozenset(range(min(starts) + 1, count))
            goes_on = max(starts) >= count
        else:
            found = [phrases.after(self._words, start) for start in starts]
            ends = _union(each for each, _more in found)
            goes_on = any(more for _ends, more in found)
        if goes_on:
            self.slots.add((reference.slot_name, name))
            ends |= {self.beyond}
        return ends


def _union(sets: Iterable[frozenset[_T]]) -> frozenset[_T]:
    return frozenset().union(*sets)
