"""A second look at the same sound, for which of the sentences that make sense here it may be.

Whisper writes what it has read most often: "the brew with dark rose milk" for "brew a dark roast latte".
Who knows what can be ordered asks again, and this time each next token must lead on to one of the given
sentences: a beam search over a trie of phrases (as contextual biasing does it, for example Le et al. 2021,
arXiv:2104.02194, only that nothing outside the trie is let through). Tokens keep the probability that the
model gives them among all tokens, so that "ounce" behind "eight" costs what it would cost anyway, and what
was heard at first is told in the same way: a sentence that explains the sound much worse was not said.
"""

import json
import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import tokenizers

from speech.audio import Samples
from speech.recognition.decoder import Array, Decoder, Tokens
from speech.recognition.engine import Look, Reading, RecognitionError, Sentences, Transcript
from speech.recognition.steps import NumpyStepper, Stepper, Steps

_BEAMS = 12
_BEHIND = 7.0
"""Nats behind the best whole sentence at which a beam is given up."""
_BESIDE = 6.0
"""Nats behind the best beam of the same length at which one is given up."""
_MOST_READINGS = 24
_MOST_TOKENS = 60
_MORE_TOKENS = 6
"""So many, and twice as many as were heard, are looked for at most."""

Encoded = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Whoever encodes sound; the recogniser has just encoded the same."""

    def encoded(self, samples: Samples) -> Encoded:
        """Return the encoding of the sound and the quiet behind it, (1, positions, width)."""
        ...

    def stepper(self) -> Stepper | None:
        """Return the decoder that is loaded already, if there is one that can be led."""
        ...


class WhisperSecondLook:
    """Looks again with the recogniser's own weights."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Take the encoder's own decoder, or load one. Raises `RecognitionError`."""
        self._stepper = encoder.stepper() or NumpyStepper(Decoder(folder / "model.bin"))
        self._spelling = Spelling(folder / "tokenizer.json")
        self._encoder = encoder
        self._tries: dict[tuple[str, ...], Trie] = {}
        self._lock = threading.Lock()

    def look(self, samples: Samples, heard: Transcript, sentences: Sentences) -> Look:
        """Return the likeliest of these sentences, and how likely the first transcript is beside them."""
        spaced = heard.language != "zh"
        trie = self._trie(tuple(sentences.phrases), spaced)
        given = self._spelling.tokens(f" {heard.text}" if spaced else heard.text)
        told_apart = (*trie.tokens, *given, self._spelling.end)
        steps = self._stepper.steps(self._encoder.encoded(samples), told_apart)
        search = _Search(steps, _Map(trie, sentences), self._spelling.end)
        score, found = search.run(self._spelling.begin(heard.language), given)
        return Look(
            Reading(heard.text, score),
            tuple(Reading(self._spelling.text(each.tokens), each.score) for each in found),
        )

    def _trie(self, phrases: tuple[str, ...], spaced: bool) -> "Trie":
        with self._lock:
            if phrases not in self._tries:
                if len(self._tries) > 8:  # a home's names change now and then
                    self._tries.clear()
                self._tries[phrases] = Trie(phrases, self._spelling, spaced)
            return self._tries[phrases]


class Spelling:
    """The tokens of texts."""

    def __init__(self, file: Path) -> None:
        """Read a tokenizer. Raises `RecognitionError`."""
        try:
            self._tokenizer = _mended(file)
        except Exception as error:  # tokenizers raises bare Exceptions
            raise RecognitionError(f"{file} cannot be read: sotto models verify") from error
        self.end = self._number("<|endoftext|>")

    def begin(self, language: str) -> list[int]:
        """Return what stands before the first word."""
        words = ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")
        found = (self._tokenizer.token_to_id(word) for word in words)
        return [token for token in found if token is not None]

    @lru_cache(maxsize=50_000)  # noqa: B019 - as long-lived as the model
    def tokens(self, text: str) -> tuple[int, ...]:
        """Return a text's tokens."""
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens."""
        return str(self._tokenizer.decode(list(tokens))).strip()

    def _number(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise RecognitionError(f"the tokenizer knows no {token}")
        return int(found)


def _mended(file: Path) -> tokenizers.Tokenizer:
    """The tokenizer, with the merge that some published copies lack: their first line was taken for a
    heading. Without it " turn" becomes " " and "turn", which the model never saw.
    """
    data = json.loads(file.read_text("utf-8"))
    model = data["model"]
    first = ("Ġ t", ["Ġ", "t"])
    if "Ġt" in model["vocab"] and not any(merge in first for merge in model["merges"][:8]):
        model["merges"].insert(0, first[isinstance(model["merges"][0], list)])
        return tokenizers.Tokenizer.from_str(json.dumps(data))
    return tokenizers.Tokenizer.from_file(str(file))


@dataclass(slots=True)
class _Node:
    children: dict[int, int] = field(default_factory=dict)
    phrases: list[int] = field(default_factory=list)
    """The phrases that end here."""


class Trie:
    """Phrases as tokens. A sentence begins at `first`, where words may have a capital; then comes `next`, and
    behind a comma `other`, where no second comma may stand.
    """

    first = 0
    next = 1
    other = 2

    def __init__(self, phrases: Sequence[str], spelling: Spelling, spaced: bool) -> None:
        self.nodes = [_Node(), _Node()]
        self.nodes.append(_Node(self.nodes[self.next].children))
        self.spaced = spaced
        for number, phrase in enumerate(phrases):
            for start in (self.first, self.next):
                for written in _ways_to_write(phrase, start == self.first):
                    self._add(start, spelling.tokens(f" {written}" if spaced else written), number)
        marks = ",.?" if spaced else "，。？"
        self.comma, *self.stops = (spelling.tokens(mark)[-1] for mark in marks)
        self.tokens = frozenset((self.comma, *self.stops)).union(*(node.children for node in self.nodes))
        self._nexts: dict[int, Tokens] = {}

    def nexts(self, node: int) -> Tokens:
        """Return the tokens that go on from a node."""
        if node not in self._nexts:
            self._nexts[node] = np.fromiter(self.nodes[node].children, np.int64)
        return self._nexts[node]

    def _add(self, at: int, tokens: Sequence[int], phrase: int) -> None:
        for token in tokens:
            if token not in self.nodes[at].children:
                self.nodes[at].children[token] = len(self.nodes)
                self.nodes.append(_Node())
            at = self.nodes[at].children[token]
        if phrase not in self.nodes[at].phrases:
            self.nodes[at].phrases.append(phrase)


def _ways_to_write(phrase: str, first: bool) -> set[str]:
    ways = {phrase}
    if first:
        ways.add(phrase[:1].upper() + phrase[1:])
    return ways


_Position = tuple[int, int]
"""A state of the sentences, by its number, and a node of the trie."""
_Place = frozenset[_Position]
"""All positions that the same tokens lead to."""
_ENDED: _Place = frozenset()


@dataclass(frozen=True, slots=True)
class _Beam:
    score: float
    tokens: tuple[int, ...]
    place: _Place
    row: int = 0
    """Its row among the beams before."""


class _Map:
    """Where tokens lead, through the trie and the sentences. Made for one search, worked out as needed."""

    def __init__(self, trie: Trie, sentences: Sentences) -> None:
        self._trie = trie
        self._sentences = sentences
        self._states: list[Hashable] = []
        self._numbers: dict[Hashable, int] = {}
        self._after: dict[tuple[int, int], int | None] = {}
        self._whole: dict[int, bool] = {}
        self._tokens: dict[_Place, tuple[Tokens, bool]] = {}
        self._places: dict[tuple[_Place, int], _Place] = {}

    def start(self) -> _Place:
        """Return the place before the first word."""
        return frozenset({(self._number(self._sentences.start), Trie.first)})

    def tokens(self, place: _Place) -> tuple[Tokens, bool]:
        """Return what may come next, and whether the sentence may end here."""
        if place not in self._tokens:
            self._tokens[place] = self._find_tokens(place)
        return self._tokens[place]

    def follow(self, place: _Place, token: int) -> _Place:
        """Return the place behind a token."""
        if (place, token) not in self._places:
            self._places[place, token] = self._find_place(place, token)
        return self._places[place, token]

    def _find_tokens(self, place: _Place) -> tuple[Tokens, bool]:
        if place == _ENDED:
            return np.array([], np.int64), True
        nodes = sorted({node for _state, node in place})
        tokens = [self._trie.nexts(node) for node in nodes]
        whole = any(self._is_whole(state) for state, node in place if node == Trie.next)
        if Trie.next in nodes:
            tokens.append(np.array([self._trie.comma, *(self._trie.stops if whole else ())]))
        return np.unique(np.concatenate(tokens)), whole

    def _find_place(self, place: _Place, token: int) -> _Place:
        found: set[_Position] = set()
        for state, node in place:
            child = self._trie.nodes[node].children.get(token)
            if child is not None:
                found.add((state, child))
                for phrase in self._trie.nodes[child].phrases:
                    after = self._behind(state, phrase)
                    if after is not None:
                        found.add((after, Trie.next))
            elif node == Trie.next and token == self._trie.comma:
                found.add((state, Trie.other))
        return frozenset(found)  # nothing: it was a full stop

    def _behind(self, state: int, phrase: int) -> int | None:
        if (state, phrase) not in self._after:
            after = self._sentences.after(self._states[state], phrase)
            self._after[state, phrase] = None if after is None else self._number(after)
        return self._after[state, phrase]

    def _is_whole(self, state: int) -> bool:
        if state not in self._whole:
            self._whole[state] = self._sentences.whole(self._states[state])
        return self._whole[state]

    def _number(self, state: Hashable) -> int:
        if state not in self._numbers:
            self._numbers[state] = len(self._states)
            self._states.append(state)
        return self._numbers[state]


class _Search:
    """One beam search. `heard` rides along as a beam of its own whose tokens are given."""

    def __init__(self, steps: Steps, way: _Map, end: int) -> None:
        self._steps = steps
        self._map = way
        self._end = end

    def run(self, begin: Sequence[int], given: Sequence[int]) -> tuple[float, list[_Beam]]:
        """Search until nothing can get better. Return the score of the `given` tokens, and what was found."""
        chances = self._steps.begin(begin)
        given = (*given[:_MOST_TOKENS], self._end)
        heard = 0.0
        beams = [_Beam(0.0, (), self._map.start())]
        found: list[_Beam] = []
        most = min(_MOST_TOKENS, 2 * len(given) + _MORE_TOKENS, self._steps.most_tokens - len(begin) - 1)
        for step in range(most):
            led = len(beams) if step else 0  # the row of what was heard: behind the beams
            if step < len(given):
                heard += float(chances[led, self._steps.column(given[step])])
            beams = self._onwards(beams, chances, found)
            goes_on = step + 1 < len(given)
            if not beams and not goes_on:
                break
            parents = [beam.row for beam in beams] + [led] * goes_on
            tokens = [beam.tokens[-1] for beam in beams] + list(given[step : step + 1]) * goes_on
            chances = self._steps.step(np.array(parents), np.array(tokens))
        return heard, found

    def _onwards(self, beams: list[_Beam], chances: Array, found: list[_Beam]) -> list[_Beam]:
        """Return the best beams one token on; put sentences that end here into `found`."""
        grown: list[tuple[float, int, int]] = []
        for row, beam in enumerate(beams):
            tokens, whole = self._map.tokens(beam.place)
            if whole:
                score = beam.score + float(chances[row, self._steps.column(self._end)])
                found.append(_Beam(score, beam.tokens, _ENDED))
            if len(tokens):
                scores = chances[row, self._steps.columns(tokens)] + beam.score
                best = np.argsort(-scores)[:_BEAMS]
                grown += [(float(scores[at]), int(tokens[at]), row) for at in best]
        found.sort(key=lambda each: -each.score)
        del found[_MOST_READINGS:]
        least = max(score for score, _token, _row in grown) - _BESIDE if grown else 0.0
        if found:
            least = max(least, found[0].score - _BEHIND)
        return [
            _Beam(score, (*beams[row].tokens, token), self._map.follow(beams[row].place, token), row)
            for score, token, row in sorted(grown, reverse=True)[:_BEAMS]
            if score > least
        ]
