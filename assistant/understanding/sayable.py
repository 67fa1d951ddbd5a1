"""What may have been said, as a recogniser that looks again wants to have it (`speech.recognition.engine`).

An order whose parts come in any order is any row of its phrases that makes an order. Of a sentence with a
misheard name all words are taken as they were heard, but for one stretch in which a name may have stood.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.understanding.lexicon import Lexicon, Role
from assistant.understanding.normalise import Normalised, Phrase, Token, Words, plain, texts, written
from skills.api import Spot

_MOST_WAYS = 8  # to write one phrase


def changes_its_meaning(tokens: Sequence[Token], words: Words) -> bool:
    """Whether a "not" was heard, or an "if": whatever is guessed without them is something else."""
    said = texts(tokens)
    lists = (words.phrases("open", "clauses"), words.phrases("open", "denials"))
    return any(each.at(said, at) for each in lists for at in range(len(said)))


@dataclass(frozen=True, slots=True)
class _Said:
    """An order so far: the parameters that were filled, whether somebody asked for it, whether it may end."""

    filled: frozenset[str] = frozenset()
    triggered: bool = False
    ends: bool = False


class SayableOrder:
    """The orders of a spot: somebody asks for something, says no parameter twice and does not stop at "with".

    A row of parts alone is an order too, when it was heard so; guessed, it may have been part of any talk.
    """

    def __init__(self, spot: Spot, lexicon: Lexicon, words: Words) -> None:
        """Spell all phrases out, a few hundred of them."""
        self._wanted = frozenset((*spot.needs, *spot.expects))
        ways = _Ways(words)
        last = {plain(each, words) for each in words.data["end"].get("fillers", ())}
        self._last = {text for phrase in last for text in ways.of(phrase)}
        roles: dict[str, dict[tuple[Role, frozenset[str]], None]] = {
            each: {(Role.FILLER, frozenset()): None} for each in words.articles
        }
        for phrase, meanings in lexicon.meanings.items():
            for text in ways.of(phrase):
                roles.setdefault(text, {}).update(
                    {
                        (meaning.role, frozenset(name for name, _ in meaning.values)): None
                        for meaning in meanings
                        if not meaning.exact
                    }
                )
        roles = {text: each for text, each in roles.items() if each}
        self.phrases: Sequence[str] = tuple(roles)
        self._roles = tuple(tuple(each) for each in roles.values())
        self.start: Hashable = frozenset({_Said()})

    def after(self, state: Hashable, phrase: int) -> Hashable | None:
        """Return all that is said with one more phrase; None when none of it is an order's beginning."""
        assert isinstance(state, frozenset)
        found = {
            grown
            for said in state
            for role, names in self._roles[phrase]
            if (grown := _grown(said, role, names, last=self.phrases[phrase] in self._last)) is not None
        }
        return frozenset(found) or None

    def whole(self, state: Hashable) -> bool:
        """Whether it is an order by now."""
        assert isinstance(state, frozenset)
        return any(said.triggered and said.ends and said.filled.issuperset(self._wanted) for said in state)


def _grown(said: _Said, role: Role, names: frozenset[str], *, last: bool) -> _Said | None:
    if role is Role.FILLER:
        return replace(said, ends=said.ends and last)
    if role is Role.TRIGGER:
        return None if said.filled or said.triggered else _Said(triggered=True)
    if not said.filled.isdisjoint(names):
        return None
    return _Said(said.filled | names, said.triggered, ends=True)


class SayableName:
    """A heard sentence in which one stretch may be a name. A state: how far, and whether one was used."""

    def __init__(
        self, heard: Normalised, names: Mapping[tuple[int, int], Sequence[Phrase]], words: Words
    ) -> None:
        """`names` are those that may stand from one word of `heard.core` to another."""
        pieces, borders = _pieces(heard, spaced=words.spaced)
        first = next(at for at, token in enumerate(heard.tokens) if token == heard.core[0])
        self._spans: dict[str, dict[tuple[int, int], None]] = {}
        for (start, end), those in names.items():
            if start + first in borders and end + first in borders:
                span = borders[start + first], borders[end + first]
                for name in those:
                    for text in _cased(written(name)):
                        self._spans.setdefault(text, {})[span] = None
        self._pieces = pieces
        self._free = words.articles if words.spaced else frozenset[str]()
        self.phrases: Sequence[str] = tuple(dict.fromkeys((*pieces, *self._spans, *self._free)))
        self.start: Hashable = frozenset({(0, False)})

    def after(self, state: Hashable, phrase: int) -> Hashable | None:
        """Return how far the words lead."""
        assert isinstance(state, frozenset)
        text = self.phrases[phrase]
        found = set(state) if text in self._free else set()
        for at, used in state:
            if at < len(self._pieces) and self._pieces[at] == text:
                found.add((at + 1, used))
            if not used:
                found.update((end, True) for start, end in self._spans.get(text, ()) if start == at)
        return frozenset(found) or None

    def whole(self, state: Hashable) -> bool:
        """Whether all of it was said, with a name."""
        assert isinstance(state, frozenset)
        return (len(self._pieces), True) in state


def _pieces(heard: Normalised, *, spaced: bool) -> tuple[list[str], dict[int, int]]:
    """Return the words as they were written, and which of them each token begins; "40%" is one, of two."""
    pieces: list[str] = []
    borders: dict[int, int] = {}
    end = -1
    for at, token in enumerate(heard.tokens):
        if spaced and token.start < end:
            continue  # a word that stands for two: "it's"
        if spaced and pieces and heard.source[end : token.start] == "":
            pieces[-1] += heard.source[token.start : token.end]
        else:
            borders[at] = len(pieces)
            pieces.append(heard.source[token.start : token.end])
        end = token.end
    borders[len(heard.tokens)] = len(pieces)
    return pieces, borders


def _cased(text: str) -> tuple[str, ...]:
    """Names are written small or great, and nobody knows which beforehand."""
    return tuple(dict.fromkeys((text, text.title())))


class _Ways:
    """How plain words may be written: "i would" is also "I'd", "12" is also "twelve"."""

    def __init__(self, words: Words) -> None:
        self._spaced = words.spaced
        self._instead: dict[Phrase, list[Phrase]] = {}
        for said, meant in words.replace.items():
            if len(said) == 1 and "'" in said[0]:
                self._instead.setdefault(meant, []).append(said)
        for said, number in words.numbers.items():
            self._instead.setdefault((number,), []).append(said)
        self._longest = max(map(len, self._instead), default=0)

    def of(self, phrase: Phrase) -> list[str]:
        """Return the ways to write a phrase, the plain one first."""
        ways: list[Phrase] = [()]
        ends: list[list[Phrase]] = [[] for _ in phrase]
        ends.append([()])
        for at in range(len(phrase) - 1, -1, -1):
            ends[at] = [(phrase[at], *rest) for rest in ends[at + 1]]
            for length in range(1, min(self._longest, len(phrase) - at) + 1):
                for said in self._instead.get(phrase[at : at + length], ()):
                    ends[at] += [(*said, *rest) for rest in ends[at + length]]
            ends[at] = ends[at][:_MOST_WAYS]
        ways = ends[0]
        return [self._written(way) for way in ways]

    def _written(self, phrase: Phrase) -> str:
        if not self._spaced:
            return written(phrase)
        return " ".join("I" + word[1:] if word == "i" or word.startswith("i'") else word for word in phrase)
