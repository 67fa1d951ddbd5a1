"""The fast path: sentence templates over the home's own names, without a language model.

Only a sentence that is understood from its first to its last word becomes a plan, which is what keeps
"don't turn on the light" dark. Around the templates (`grammar.py`): words are made plain, and "the hall and
the kitchen" becomes two calls. Orders whose parts come in any order are spotted (`spotting.py`). Where only
a name was misheard, the sentence is understood with the name put in (`misheard_names.py`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.understanding.completeness import begins, hesitates, trails_off
from assistant.understanding.grammar import Grammar, Match
from assistant.understanding.misheard_names import Guess, MisheardNames
from assistant.understanding.normalise import (
    Normalised,
    Phrase,
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
from devices.home import Device, Home, Kind
from devices.policy import Policy
from skills.api import Risk, Tool
from skills.registry import Registry
from speech.end_of_turn import Wholeness

MOST_CLAUSES = 4  # more orders in one breath are a story

MOST_TRIES = 4
"""Names that are tried in one sentence: each takes as long as understanding it."""

CLEARLY_LIKER = 0.06
"""How much likelier one meaning of a misheard name must be than the next, in likeness."""

MOST_KNOWN = 512  # sentences and their pieces of which the meaning is kept

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
        self._misheard: dict[str, MisheardNames] = {}
        self._known = _Known()
        self._revision = -1

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

    def understand(
        self,
        text: str,
        language: str,
        room: str | None,
        turn_id: str,
        *,
        alternatives: Iterable[str] = (),
        mend: bool = True,
    ) -> Plan | None:
        """Return the plan for a sentence, or None when the templates do not cover all of it.

        `language` is a hint, `room` is where it was said. With `mend` one misheard name is put right;
        `alternatives` are the recogniser's other hypotheses, which help with that and with nothing else.
        """
        heard, matches = self._read(text, language, room)
        because = ""
        if not matches and mend:
            heard, matches, because = self._mended(text, language, room, alternatives)
        if not matches:
            return None
        return Plan(
            turn_id=turn_id,
            tier=Tier.FAST,
            language=heard.language,
            calls=tuple(Call(each.tool.skill, each.tool.name, each.arguments) for each in matches),
            why=because + "; ".join(f"the words match '{each.template}'" for each in matches),
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
            matches = self._reader(each, room).matches()
            if matches:
                return each, matches
        return heard[0], ()

    def _reader(self, heard: Normalised, room: str | None) -> "_Reader":
        if self._revision != self._home.revision:
            self._revision = self._home.revision
            self._known.clear()
            self._misheard.clear()
        grammar = self._grammars[heard.language]
        grammar.learn(self._home)
        return _Reader(grammar, self._spotters[heard.language], heard, room, self._known)

    def _mended(
        self, text: str, language: str, room: str | None, alternatives: Iterable[str]
    ) -> tuple[Normalised, tuple[Match, ...], str]:
        """Return what was meant if one name was misheard; nothing when two meanings are about as likely."""
        heard = normalise(text, languages_of(text, language, self._grammars)[0])
        grammar = self._grammars[heard.language]
        meant: list[tuple[Guess, tuple[Match, ...]]] = []
        for guess in self._guesses(heard, grammar, alternatives):
            if meant and meant[0][0].likeness - guess.likeness >= CLEARLY_LIKER:
                break
            matches = self._with_name(heard, guess, room)
            if not matches:
                continue
            if not meant:
                meant.append((guess, matches))
            elif _calls(matches) != _calls(meant[0][1]):
                return heard, (), ""
        if not meant:
            return heard, (), ""
        guess, matches = meant[0]
        said = written(texts(heard.core[guess.start : guess.end]))
        return heard, matches, f"'{said}' was taken for '{written(guess.name)}'; "

    def _guesses(self, heard: Normalised, grammar: Grammar, alternatives: Iterable[str]) -> list[Guess]:
        """Return the names to try, the likest first, each sentence that they make once."""
        if heard.language not in self._misheard:
            names: dict[Phrase, set[str]] = {}
            for value, words in (*grammar.names["area"], *grammar.names["device"]):
                names.setdefault(words, set()).add(value)
            self._misheard[heard.language] = MisheardNames(names, grammar.words)
        said = texts(heard.core)
        others = [texts(normalise(each, heard.language).core) for each in alternatives]
        things: dict[object, Guess] = {}
        for guess in self._misheard[heard.language].guesses(said, others):
            things.setdefault((guess.start, guess.end, guess.values), guess)
        found: dict[Phrase, Guess] = {}
        for guess in things.values():
            meant = said[: guess.start] + guess.name + said[guess.end :]
            first = found.setdefault(meant, guess)
            found[meant] = replace(first, values=first.values | guess.values)
        return list(found.values())[:MOST_TRIES]

    def _with_name(self, heard: Normalised, guess: Guess, room: str | None) -> tuple[Match, ...]:
        """Return the sentence with the name put in, if it makes sense, uses the name and is harmless."""
        start, end = heard.core[guess.start].start, heard.core[guess.end - 1].end
        name = tuple(Token(word, start, end) for word in guess.name)
        tokens = heard.core[: guess.start] + name + heard.core[guess.end :]
        matches = self._reader(replace(heard, tokens=tokens, core=tokens), room).matches()
        used = any(not guess.values.isdisjoint(_words(match)) for match in matches)
        return matches if used and all(map(self._harmless, matches)) else ()

    def _harmless(self, match: Match) -> bool:
        """Whether an order may be guessed: it takes nobody's word, and lets nobody into the house."""
        if match.wild or match.tool.risk is not Risk.LOW:
            return False
        if not match.tool.acts:
            return True
        return not any(any(_POLICY.guarded(device)) for device in self._reached(match))

    def _reached(self, match: Match) -> Iterator[Device]:
        """Yield the things that an order names, or else those of its kinds in its room."""
        said = _words(match)
        named = [device for device in self._home if device.name in said]
        yield from named
        if not named:
            kinds = {slot.list_name for slot in match.tool.slots.values()}.intersection(Kind)
            rooms = said.intersection(self._home.rooms)
            for device in self._home:
                if device.kind.value in kinds and (not rooms or device.room in rooms):
                    yield device


_POLICY = Policy()
"""What is guarded in every home. The owner's own rules are kept by the outbox, as for every order."""


class _Known:
    """What was made of sentences and their pieces, while the home is the same: completeness and the plan ask
    for the same words.
    """

    def __init__(self) -> None:
        self._matches: dict[tuple[object, ...], Match | None] = {}

    def clear(self) -> None:
        """Forget everything: the home has changed."""
        self._matches.clear()

    def match(self, key: tuple[object, ...], understand: Callable[[], Match | None]) -> Match | None:
        """Return what was understood before, or understand it."""
        if key not in self._matches:
            if len(self._matches) >= MOST_KNOWN:
                self._matches.clear()
            self._matches[key] = understand()
        return self._matches[key]


def _words(match: Match) -> frozenset[str]:
    return frozenset(value for value in match.arguments.values() if isinstance(value, str))


def _calls(matches: Iterable[Match]) -> list[tuple[Tool, Mapping[str, object]]]:
    return [(match.tool, match.arguments) for match in matches]


class _Reader:
    """One sentence, being understood."""

    def __init__(
        self, grammar: Grammar, spotter: Spotter, heard: Normalised, room: str | None, known: _Known
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
