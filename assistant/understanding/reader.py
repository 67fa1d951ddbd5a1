"""One sentence, being read as one order or several of the templates' and spots'."""

import re
from collections.abc import Callable, Iterator

from assistant.understanding.grammar import Grammar, Match
from assistant.understanding.normalise import Normalised, Token, core_of, texts
from assistant.understanding.spotting import Spotter
from speech.end_of_turn import Wholeness

MOST_CLAUSES = 4  # more orders in one breath are a story

MOST_KNOWN = 512  # sentences and their pieces of which the meaning is kept

_BREAK = re.compile(r"[,;，；。、]")


class Known:
    """What was made of sentences and their pieces, while the home is the same: completeness and the plan ask
    for the same words.
    """

    def __init__(self) -> None:
        self._matches: dict[tuple[object, ...], Match | None] = {}
        self._wholeness: dict[tuple[str, str], Wholeness] = {}

    def clear(self) -> None:
        """Forget everything: the home has changed."""
        self._matches.clear()
        self._wholeness.clear()

    def wholeness(self, key: tuple[str, str], judge: Callable[[], Wholeness]) -> Wholeness:
        """Return what was thought of a sentence before, or think about it."""
        if key not in self._wholeness:
            if len(self._wholeness) >= MOST_KNOWN:
                self._wholeness.clear()
            self._wholeness[key] = judge()
        return self._wholeness[key]

    def match(self, key: tuple[object, ...], understand: Callable[[], Match | None]) -> Match | None:
        """Return what was understood before, or understand it."""
        if key not in self._matches:
            if len(self._matches) >= MOST_KNOWN:
                self._matches.clear()
            self._matches[key] = understand()
        return self._matches[key]


class Reader:
    """One sentence, being understood."""

    def __init__(
        self, grammar: Grammar, spotter: Spotter, heard: Normalised, room: str | None, known: Known
    ) -> None:
        self._grammar = grammar
        self._spotter = spotter
        self._heard = heard
        self._room = room
        self._known = known
        self._joins = grammar.words.phrases("open", "joins")

    def matches(self) -> tuple[Match, ...]:
        """Return one match for each order in the sentence; nothing unless all of it is understood."""
        candidates = dict.fromkeys((self._heard.core, self._heard.tokens))
        found = [match for tokens in candidates if (match := self._one(tokens)) is not None]
        whole = min(found, key=lambda match: match.cost, default=None)
        if whole is not None and not whole.wild:
            return (whole,)
        # A title may hold an "and"; where both sides are orders of their own, they are two orders.
        return self._several(self._heard.core, MOST_CLAUSES) or ((whole,) if whole is not None else ())

    def _one(self, tokens: tuple[Token, ...]) -> Match | None:
        # What words mean anywhere they mean in each room, and completeness, which knows of no room, has asked
        # for that already.
        rooms = (None,) if self._room is None else (None, self._room)
        return next(filter(None, (self._in_room(tokens, room) for room in rooms)), None) or self._spotted(
            tokens
        )

    def _in_room(self, tokens: tuple[Token, ...], room: str | None) -> Match | None:
        language, source = self._heard.language, self._heard.source
        return self._known.match(
            (language, tokens, source, room), lambda: self._grammar.understand(tokens, source, room)
        )

    def _spotted(self, tokens: tuple[Token, ...]) -> Match | None:
        language, source = self._heard.language, self._heard.source
        return self._known.match((language, tokens, source), lambda: self._spotter.understand(tokens, source))

    def _several(self, tokens: tuple[Token, ...], most: int) -> tuple[Match, ...]:
        if most < 2:
            return ()
        for at, length in self._joints(tokens):
            left, right = tokens[:at], tokens[at + length :]
            first = self._one(core_of(left, self._heard.language))
            rest = self._rest(core_of(right, self._heard.language), most - 1) if first is not None else ()
            if first is not None and rest:
                return (first, *rest)
            if length:
                shared = self._shared(left, right, most)
                if shared:
                    return shared
        return ()

    def _rest(self, tokens: tuple[Token, ...], most: int) -> tuple[Match, ...]:
        one = self._one(tokens)
        return (one,) if one is not None else self._several(tokens, most)

    def _shared(self, left: tuple[Token, ...], right: tuple[Token, ...], most: int) -> tuple[Match, ...]:
        """Two names that share the words around them: "turn [the hall] and [the kitchen lights] off"."""
        for start in range(len(left)):
            if not self._grammar.is_name(texts(left[start:])):
                continue
            # "in the hall and in the kitchen": the word before the name may be said again
            again = start > 0 and right[0].text == left[start - 1].text
            other = right[1:] if again else right
            for end in range(len(other), 0, -1):
                if not self._grammar.is_name(texts(other[:end])):
                    continue
                first = self._one((*left, *other[end:]))
                rest = self._rest((*left[:start], *other), most - 1) if first is not None else ()
                if first is not None and rest and rest[0].tool is first.tool:
                    return (first, *rest)
        return ()

    def _joints(self, tokens: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
        """Yield where a new order may begin: at an "and" (with its length), or after a comma."""
        said = texts(tokens)
        for at in range(1, len(said)):
            length = self._joins.at(said, at)
            if length and at + length < len(said):
                yield at, length
            elif _BREAK.search(self._heard.source, tokens[at - 1].end, tokens[at].start):
                yield at, 0
