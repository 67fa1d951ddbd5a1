"""The fast path: sentence templates over the home's own names, without a language model.

Only a sentence that is understood from its first to its last word becomes a plan, which is what keeps
"don't turn on the light" dark. Around the templates (`grammar.py`): words are made plain, and "the hall and
the kitchen" becomes two calls. Orders whose parts come in any order are spotted (`spotting.py`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from assistant.understanding.completeness import begins, hesitates, trails_off
from assistant.understanding.grammar import Grammar, Match
from assistant.understanding.normalise import (
    Normalised,
    Token,
    core_of,
    is_only_polite,
    languages,
    languages_of,
    normalise,
    texts,
    written,
)
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.spotting import Spotter
from devices.home import Home
from skills.registry import Registry
from speech.end_of_turn import Wholeness

MOST_CLAUSES = 4  # more orders in one breath are a story

_BREAK = re.compile(r"[,;，；。、]")


class FastPath:
    """Understands the sentences that the skills' language files foresee, in a few milliseconds."""

    def __init__(self, registry: Registry, home: Home) -> None:
        self._home = home
        self._grammars = {
            language: Grammar(language, registry)
            for language in languages()
            if any(registry.language(skill, language) is not None for skill in registry.skills)
        }
        self._spotters = {language: Spotter(language, registry) for language in self._grammars}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are understood."""
        return tuple(self._grammars)

    def refresh(self) -> None:
        """Learn the home's names, if they changed. Sentences do so too, each in its own language."""
        for grammar in self._grammars.values():
            grammar.learn(self._home)

    def words(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """Return what everything is called: list name -> value -> its names in all languages."""
        self.refresh()
        found: dict[str, dict[str, dict[str, None]]] = {}
        for grammar in self._grammars.values():
            for list_name, pairs in {**grammar.own_words, **grammar.names}.items():
                for value, words in pairs:
                    found.setdefault(list_name, {}).setdefault(value, {})[written(words)] = None
        return {
            list_name: {value: list(said) for value, said in values.items()}
            for list_name, values in found.items()
        }

    def understand(self, text: str, language: str, room: str | None, turn_id: str) -> Plan | None:
        """Return the plan for a sentence, or None when the templates do not cover all of it.

        `language` is a hint, `room` is where it was said.
        """
        heard, matches = self._read(text, language, room)
        if not matches:
            return None
        return Plan(
            turn_id=turn_id,
            tier=Tier.FAST,
            language=heard.language,
            calls=tuple(Call(each.tool.skill, each.tool.name, each.arguments) for each in matches),
            why="; ".join(f"the words match '{each.template}'" for each in matches),
        )

    def completeness(self, text: str, language: str) -> Wholeness:
        """Return whether the words so far are a whole order. Pure; takes a few milliseconds."""
        heard, matches = self._read(text, language, None)
        grammar = self._grammars[heard.language]
        spotted = self._spotters[heard.language].wholeness(heard.tokens)
        if spotted is not None:
            return spotted
        if matches and not (hesitates(heard) and matches[-1].tool.acts):
            return _end_of(matches[-1], grammar, heard)
        if not heard.spoken:
            return Wholeness.UNKNOWN
        if trails_off(heard) or is_only_polite(heard):
            return Wholeness.OPEN
        if begins(texts(heard.core), grammar.templates, grammar.phrases):
            return Wholeness.OPEN
        return Wholeness.UNKNOWN

    def _read(self, text: str, language: str, room: str | None) -> tuple[Normalised, tuple[Match, ...]]:
        """Return the words in the language that understands them, or else in the likeliest."""
        heard = [normalise(text, each) for each in languages_of(text, language, self._grammars)]
        for each in heard:
            grammar = self._grammars[each.language]
            grammar.learn(self._home)
            matches = _Reader(grammar, self._spotters[each.language], each, room).matches()
            if matches:
                return each, matches
        return heard[0], ()


class _Reader:
    """One sentence, being understood."""

    def __init__(self, grammar: Grammar, spotter: Spotter, heard: Normalised, room: str | None) -> None:
        self._grammar = grammar
        self._spotter = spotter
        self._heard = heard
        self._room = room
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
        match = self._grammar.understand(tokens, self._heard.source, self._room)
        return match or self._spotter.understand(tokens, self._heard.source)

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


def _end_of(last: Match, grammar: Grammar, heard: Normalised) -> Wholeness:
    """Return whether a sentence that is understood could go on by itself."""
    named_room = last.ending_list == "area"
    if named_room and grammar.understand(
        heard.core + _as_tokens(grammar.light_word, heard), heard.source, None
    ):
        return Wholeness.OPEN  # "turn on the kitchen" … "lights"
    longer_name = not named_room and grammar.has_longer_name(last.ending, set(last.arguments.values()))
    number = heard.core[-1].text.isdigit()  # "fifty" … "five"
    fields = last.tool.parameters.model_fields
    untold = bool(last.tool.slots) and all(fields[name].is_required() for name in last.arguments)
    if last.wild or untold:
        return Wholeness.OPEN if trails_off(heard) else Wholeness.UNKNOWN
    if longer_name or number:
        return Wholeness.UNKNOWN
    return Wholeness.WHOLE


def _as_tokens(phrase: tuple[str, ...], heard: Normalised) -> tuple[Token, ...]:
    end = len(heard.source)
    return tuple(Token(word, end, end) for word in phrase)
