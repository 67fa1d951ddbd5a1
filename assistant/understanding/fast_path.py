"""The fast path: sentence templates over the home's own names, without a language model.

Only a sentence that is understood from its first to its last word becomes a plan, which is what keeps
"don't turn on the light" dark. Around the templates (`grammar.py`): words are made plain, and "the hall and
the kitchen" becomes two calls. Orders whose parts come in any order are spotted (`spotting.py`). Where only
a name was misheard, the sentence is understood with the name put in (`misheard_names.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.understanding.grammar import Grammar, Match
from assistant.understanding.harmless import is_harmless, words_in
from assistant.understanding.homophones import Homophones, han_words
from assistant.understanding.misheard_names import Guess, MisheardNames
from assistant.understanding.normalise import (
    Normalised,
    Phrase,
    Token,
    languages,
    languages_of,
    normalise,
    texts,
    words_of,
    written,
)
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.reader import Known, Reader
from assistant.understanding.sayable import SayableName, SayableOrder, changes_its_meaning
from assistant.understanding.spotting import Spotter
from assistant.understanding.wholeness import Gauge
from devices.home import Home
from skills.api import Tool
from skills.lazily import Lazily
from skills.loading import OWN_DISTRIBUTION
from skills.registry import Registry
from speech.end_of_turn import Wholeness

MOST_TRIES = 4
"""Names that are tried in one sentence: each takes as long as understanding it."""

MOST_PLACES = 6
"""Stretches of a sentence that are looked at again, a name standing there or not."""

CLEARLY_LIKER = 0.06
"""How much likelier one meaning of a misheard name must be than the next, in likeness."""


class FastPath:
    """Understands the sentences that the skills' language files foresee, in a few milliseconds."""

    def __init__(self, registry: Registry, home: Home) -> None:
        self._home = home
        self._registry = registry
        spoken = [code for code in languages() if registry.speaks(code)]
        self._grammars = Lazily(spoken, lambda code: Grammar(code, registry))
        self._spotters = Lazily(spoken, lambda code: Spotter(code, registry))
        self._misheard: dict[str, MisheardNames] = {}
        self._homophones: Homophones | None = None
        self._orders: dict[tuple[str, str], SayableOrder] = {}
        self._gauge = Gauge(registry, home)
        self._known = Known()
        self._revision = -1

    @property
    def home(self) -> Home:
        """The home whose names are known."""
        return self._home

    @property
    def registry(self) -> Registry:
        """The skills whose sentences are known."""
        return self._registry

    @property
    def has_plugins(self) -> bool:
        """Whether there are skills that somebody else wrote."""
        return any(map(self.is_a_plugin, self._registry.skills))

    def is_a_plugin(self, skill: str) -> bool:
        """Whether somebody else wrote the skill."""
        return self._registry.distribution(skill) != OWN_DISTRIBUTION

    def acts(self, call: Call) -> bool:
        """Whether a call does something, and does not merely tell."""
        found = self._registry.tools.get(f"{call.skill}.{call.tool}")
        return found is not None and found.acts

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are understood."""
        return tuple(self._grammars)

    def make_ready(self, language: str) -> None:
        """Read a language's sentences before they are needed. Blocks for half a second, and may do so on a
        thread: the home is not looked at.
        """
        if language in self._grammars:
            self._spotters[language]
            self._gauge.make_ready()
            for template in self._grammars[language].templates:
                template.make_ready()

    def refresh(self) -> None:
        """Learn the home's names in all languages. Sentences do so too, each in its own language."""
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

    def sayable(self, text: str, language: str) -> Iterator[SayableOrder | SayableName]:
        """Yield what may have been said where these words were heard, for a second look at the sound."""
        heard = normalise(text, languages_of(text, language, self._grammars)[0])
        words = words_of(heard.language)
        if changes_its_meaning(heard.tokens, words):
            return
        for spotted in self._spotters[heard.language].near(heard.tokens, heard.source):
            key = (heard.language, spotted.tool.full_name)
            if key not in self._orders:
                self._orders[key] = SayableOrder(spotted.spot, spotted.lexicon, words)
            yield self._orders[key]
        names = self._near(heard)
        if names:
            yield SayableName(heard, names, words)

    def sounds_like(self, text: str, language: str) -> Sequence[str]:
        """Return Chinese sentences of this home's words that sound like one, the likeliest first."""
        heard = normalise(text, languages_of(text, language, self._grammars)[0])
        words = words_of(heard.language)
        if words.spaced or changes_its_meaning(heard.tokens, words):
            return ()
        self._forget_what_changed()
        if self._homophones is None:
            self._homophones = Homophones(*han_words(self._registry, self.words()))
        return self._homophones.ways(text.translate(words.twins))

    def lacks(self, text: str, language: str, room: str | None) -> bool:
        """Whether an order that is understood has not all that is expected of it."""
        heard, matches = self._read(text, language, room)
        return any(map(self._spotters[heard.language].lacks, matches))

    def guessed(self, text: str, language: str, room: str | None, turn_id: str) -> Plan | None:
        """Return the plan for a sentence that was guessed, if it is one that may be: nothing with a risk."""
        heard, matches = self._read(text, language, room)
        if not matches or not all(is_harmless(match, self._home) for match in matches):
            return None
        return self.understand(text, heard.language, room, turn_id, mend=False)

    def completeness(self, text: str, language: str) -> Wholeness:
        """Return how whole the words so far are. Pure; takes a few milliseconds, and none the second time."""
        self._forget_what_changed()
        return self._known.wholeness((text, language), lambda: self._wholeness(text, language))

    def _wholeness(self, text: str, language: str) -> Wholeness:
        heard, matches = self._read(text, language, None)
        wholeness = self._of(heard, matches)
        if wholeness is Wholeness.UNKNOWN and not matches:
            heard, matches, _why = self._mended(text, language, None, ())
            if matches:  # what was guessed is not so sure to be all
                wholeness = self._of(heard, matches)
                return Wholeness.MAY_GO_ON if wholeness is Wholeness.WHOLE else wholeness
        return wholeness

    def _of(self, heard: Normalised, matches: tuple[Match, ...]) -> Wholeness:
        grammar, spotter = self._grammars[heard.language], self._spotters[heard.language]
        return self._gauge.of(heard, matches, grammar, spotter)

    def _read(self, text: str, language: str, room: str | None) -> tuple[Normalised, tuple[Match, ...]]:
        """Return the words in the language that understands them, or else in the likeliest."""
        heard = [normalise(text, each) for each in languages_of(text, language, self._grammars)]
        for each in heard:
            matches = self._reader(each, room).matches()
            if matches:
                return each, matches
        return heard[0], ()

    def _forget_what_changed(self) -> None:
        if self._revision != self._home.revision:
            self._revision = self._home.revision
            self._known.clear()
            self._misheard.clear()
            self._homophones = None

    def _reader(self, heard: Normalised, room: str | None) -> Reader:
        self._forget_what_changed()
        grammar = self._grammars[heard.language]
        grammar.learn(self._home)
        return Reader(grammar, self._spotters[heard.language], heard, room, self._known)

    def _mended(
        self, text: str, language: str, room: str | None, alternatives: Iterable[str]
    ) -> tuple[Normalised, tuple[Match, ...], str]:
        """Return what was meant if one name was misheard; nothing when two meanings are about as likely."""
        heard = normalise(text, languages_of(text, language, self._grammars)[0])
        meant: list[tuple[Guess, tuple[Match, ...]]] = []
        for guess in self._guesses(heard, alternatives):
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

    def _guesses(self, heard: Normalised, alternatives: Iterable[str]) -> list[Guess]:
        """Return the names to try, the likest first, each sentence that they make once."""
        said = texts(heard.core)
        others = [texts(normalise(each, heard.language).core) for each in alternatives]
        things: dict[object, Guess] = {}
        for guess in self._names(heard.language).guesses(said, others):
            things.setdefault((guess.start, guess.end, guess.values), guess)
        found: dict[Phrase, Guess] = {}
        for guess in things.values():
            meant = said[: guess.start] + guess.name + said[guess.end :]
            first = found.setdefault(meant, guess)
            found[meant] = replace(first, values=first.values | guess.values)
        return list(found.values())[:MOST_TRIES]

    def _near(self, heard: Normalised) -> Mapping[tuple[int, int], Sequence[Phrase]]:
        """Return the names that may stand somewhere, where one of the likest would make sense."""
        places: dict[tuple[int, int], list[Guess]] = {}
        for guess in self._names(heard.language).near(texts(heard.core)):
            places.setdefault((guess.start, guess.end), []).append(guess)
        return {
            place: [guess.name for guess in guesses]
            for place, guesses in list(places.items())[:MOST_PLACES]
            if any(self._with_name(heard, guess, None) for guess in guesses[:MOST_TRIES])
        }

    def _names(self, language: str) -> MisheardNames:
        self._forget_what_changed()
        grammar = self._grammars[language]
        grammar.learn(self._home)
        if language not in self._misheard:
            names: dict[Phrase, set[str]] = {}
            for value, words in (*grammar.names["area"], *grammar.names["device"]):
                names.setdefault(words, set()).add(value)
            self._misheard[language] = MisheardNames(names, grammar.words)
        return self._misheard[language]

    def _with_name(self, heard: Normalised, guess: Guess, room: str | None) -> tuple[Match, ...]:
        """Return the sentence with the name put in, if it makes sense, uses the name and is harmless."""
        start, end = heard.core[guess.start].start, heard.core[guess.end - 1].end
        name = tuple(Token(word, start, end) for word in guess.name)
        tokens = heard.core[: guess.start] + name + heard.core[guess.end :]
        matches = self._reader(replace(heard, tokens=tokens, core=tokens), room).matches()
        used = any(not guess.values.isdisjoint(words_in(match)) for match in matches)
        return matches if used and all(is_harmless(match, self._home) for match in matches) else ()


def _calls(matches: Iterable[Match]) -> list[tuple[Tool, Mapping[str, object]]]:
    return [(match.tool, match.arguments) for match in matches]
