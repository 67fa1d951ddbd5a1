"""What Chinese words may a recogniser have meant? 关克厅的东 for 关客厅的灯.

Characters that sound alike are told apart by what makes sense, and the recogniser knows nothing of homes: it
writes the commonest word. Here every stretch of a sentence may be a word of the home's or of an order's that
sounds the same, or nearly so, and the sentences that have the most of such words are tried in turn. Tones
are ignored, and so is what many speakers do not tell apart (`pinyin.py`).

Guesses only: whoever asks puts them to understanding, and takes one that it understands.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.understanding.frames.lexicon import lexicon_of, said_in
from assistant.understanding.normalise import HAN
from assistant.understanding.pinyin import Readings, commonest, reader
from skills.registry import Registry

LONGEST_WORD = 8  # characters
LONGEST = 40  # characters; a longer sentence is a story
MOST_WAYS = 8
_BEAM = 24
_OF = "的"
"""Behind it a kind of thing may be what only nearly sounds so."""

_FOREIGN = 1.0
"""What a character costs that belongs to no known word."""
_NEAR = 0.45
"""What a syllable costs that only nearly sounds the same."""
_OTHER = 0.15
"""What a syllable costs that sounds the same and was written otherwise."""
_WORD = 0.05
"""What each word costs: one long word is likelier than two short ones."""
_ALONE = 0.25
"""What a word of one syllable costs that was written otherwise: there are many that sound so."""
_CHEAP = 0.5
_COST_AT_MOST = 0.12
"""What changes may cost in any sentence, and for each of its characters; more of them make up another."""

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_COMMON = frozenset("的一二两三四五六七八九十百千半零了吗吧呢啊呀都也就点分秒时天年月日号我你他她它们这那")
"""What sentences have whatever they are about."""

_NEAR_INITIALS = (
    "pb",
    "td",
    "kg",
    "cz",
    "sz",
    "sc",
    "jz",
    "qj",
    "qx",
    "xj",
    "hf",
    "nr",
    "hk",
    "xs",
    "qc",
    "mn",
)
_NEAR_FINALS = (
    ("en", "on"), ("en", "in"), ("an", "ian"), ("an", "uan"), ("e", "uo"), ("o", "uo"), ("ai", "ei"),
    ("ao", "ou"), ("ie", "ue"), ("ie", "ian"), ("un", "en"), ("un", "on"), ("ian", "in"), ("ia", "ie"),
    ("i", "ü"), ("i", "v"), ("u", "v"), ("ui", "ei"), ("iao", "iu"), ("e", "a"), ("i", "ei"), ("i", "e"),
    ("u", "ou"), ("uan", "ian"), ("uai", "ai"), ("un", "in"), ("uo", "ou"), ("an", "en"), ("ua", "a"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Path:
    """The words so far. `cost` is that of all of them, `changes` that of those that were not heard so."""

    cost: float = 0.0
    text: str = ""
    changes: float = 0.0


class Homophones:
    """The words of one home. Made anew when they change; empty without `pypinyin`."""

    def __init__(self, words: Iterable[str], kinds: Iterable[str] = ()) -> None:
        """`kinds` of things are looked for even where one syllable nearly sounds so: 东 for 灯."""
        read = reader()
        self._kinds = frozenset(kinds)
        self._words = {each for each in words if len(each) <= LONGEST_WORD and all(map(HAN.match, each))}
        self._read = read
        self._by_sound: dict[tuple[int, str], list[tuple[str, list[Readings]]]] = {}
        if read is None:
            return
        for word in sorted(self._words):
            sounds = [read(each) for each in word]
            for initial in {initial for initial, _final in sounds[0]}:
                self._by_sound.setdefault((len(word), initial), []).append((word, sounds))
        self._near = lru_cache(maxsize=4_096)(self._found)

    def ways(self, heard: str) -> Sequence[str]:
        """Return other sentences that sound like it, the likeliest first, at most `MOST_WAYS`.

        What is not Chinese stays as it is.
        """
        if self._read is None or not any(map(HAN.match, heard)) or len(heard) > LONGEST:
            return ()
        kept = self._kept(heard)
        paths: list[list[_Path]] = [[] for _ in range(len(heard) + 1)]
        paths[0] = [_Path()]
        for at in range(len(heard)):
            best = sorted(dict.fromkeys(paths[at]), key=lambda path: path.cost)[:_BEAM]
            for to, word, cost in self._steps(heard, at):
                span = heard[at:to]
                if any(a != b and here in kept for here, a, b in zip(range(at, to), span, word, strict=True)):
                    continue
                change = cost if word != span else 0.0
                paths[to] += [
                    _Path(path.cost + cost, path.text + word, path.changes + change) for path in best
                ]
        dear = max(_CHEAP, _COST_AT_MOST * sum(1 for each in heard if HAN.match(each)))
        found = sorted(paths[-1], key=lambda path: path.cost)
        texts = dict.fromkeys(path.text for path in found if path.changes <= dear and path.text != heard)
        return tuple(texts)[:MOST_WAYS]

    def _kept(self, heard: str) -> frozenset[int]:
        """Return where words of two syllables and more stand that are known as they are."""
        return frozenset(
            here
            for at in range(len(heard))
            for to in range(at + 2, min(len(heard), at + LONGEST_WORD) + 1)
            if heard[at:to] in self._words
            for here in range(at, to)
        )

    def _steps(self, heard: str, at: int) -> Iterable[tuple[int, str, float]]:
        """Yield where a word may end that begins here, the word, and what it costs."""
        if not HAN.match(heard[at]):
            yield at + 1, heard[at], 0.0
            return
        if heard[at] not in self._words:
            yield at + 1, heard[at], _FOREIGN
        for to in range(at + 1, min(len(heard), at + LONGEST_WORD) + 1):
            span = heard[at:to]
            if not HAN.match(span[-1]):
                return
            if span in self._words:
                yield to, span, _WORD
            for word, cost in self._near(span):
                if word not in self._kinds or _sounds_same(span, word) or heard[at - 1 : at] == _OF:
                    yield to, word, cost

    def _found(self, span: str) -> Sequence[tuple[str, float]]:
        """Return the words that sound like a stretch and are written otherwise, with what they cost."""
        assert self._read is not None
        said = [self._read(each) for each in span]
        initials = {near for initial, _final in said[0] for near in _near_initials(initial)}
        found = []
        for initial in initials:
            for word, sounds in self._by_sound.get((len(span), initial), ()):
                if word == span:
                    continue
                kind = word in self._kinds
                cost = _cost(span, word, said, sounds, 1 if kind else len(word) // 2)
                if cost is not None:
                    alone = _ALONE if len(word) == 1 and not kind else 0.0
                    found.append((word, cost + alone))
        return sorted(set(found), key=lambda each: each[1])[:6]


def han_words(
    registry: Registry, named: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[Iterable[str], Iterable[str]]:
    """Return the Chinese words that orders are made of, and those for kinds of things.

    They stand in the frames' lexicon, between the syntax of the skills' sentences, and in `named`: everything
    that has a name here.
    """
    lexicon = lexicon_of("zh")
    words = {phrase for _tag, phrase in said_in(lexicon.sections)}
    for skill in registry.skills:
        if (language := registry.language(skill, "zh")) is not None:
            templates = [
                each for those in language.sentences.values() for one in those for each in one.templates
            ]
            templates += language.rules.values()
            words.update(run for each in templates for run in _HAN_RUN.findall(each))
            words.update(
                said
                for values in language.words.values()
                for each in (values or {}).values()
                for said in each
            )
    words.update(said for values in named.values() for each in values.values() for said in each)
    words.update(_COMMON)
    kinds = {each for those in lexicon.sections["kinds"].values() for each in those if len(each) == 1}
    return words, kinds


def _sounds_same(one: str, other: str) -> bool:
    return all(commonest(a) == commonest(b) for a, b in zip(one, other, strict=True))


def _cost(
    span: str, word: str, said: Sequence[Readings], meant: Sequence[Readings], most_near: int
) -> float | None:
    total, near = _WORD, 0
    for one, other, heard, known in zip(span, word, said, meant, strict=True):
        if one == other:
            continue
        if heard & known:
            total += _OTHER
        elif _near_syllables(commonest(one), commonest(other)):
            total, near = total + _NEAR, near + 1
        else:
            return None
    return total if near <= most_near else None


@lru_cache(maxsize=65_536)
def _near_syllables(one: tuple[str, str], other: tuple[str, str]) -> bool:
    (initial, final), (other_initial, other_final) = one, other
    if initial == other_initial:
        return (final, other_final) in _NEAR_FINALS or (other_final, final) in _NEAR_FINALS
    return final == other_final and other_initial in _near_initials(initial)


@lru_cache(maxsize=64)
def _near_initials(initial: str) -> frozenset[str]:
    """Return the initials that one is taken for, itself among them."""
    return frozenset({initial}).union(*(pair for pair in _NEAR_INITIALS if initial in pair))
