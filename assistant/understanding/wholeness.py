"""How whole the words so far are, which decides how long the end of the turn waits for more.

Whole is an order that nothing sensible follows. What may be added to is told from the grammar itself: a
parameter that the sentence has not named and that a template names behind these very words, a longer name, a
longer number, a part of a spotted order. An order that lacks what all examples of its tool name breaks off.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from assistant.understanding.completeness import going_on, hesitates, trails_off
from assistant.understanding.grammar import Grammar, Match
from assistant.understanding.normalise import (
    Normalised,
    Phrase,
    Token,
    is_only_polite,
    languages,
    texts,
)
from assistant.understanding.spotting import Spotter
from devices.home import Home
from skills.api import Tool
from skills.registry import Registry
from speech.end_of_turn import Wholeness

ROOM = "area"
"""The list of the home's rooms."""

_BREAKS_OFF = re.compile(r"(\.\.+|…|[,，、;；:：]|[-–—])\s*$")
"""How Whisper writes words that stop in the air: "Turn on the...". """


class Gauge:
    """Tells how whole sentences are; knows the home, and what the skills' own examples name."""

    def __init__(self, registry: Registry, home: Home) -> None:
        self._home = home
        self._registry = registry

    def make_ready(self) -> None:
        """Look at the skills before the first sentence."""
        _ = self._spotted, self._usual

    @cached_property
    def _spotted(self) -> frozenset[str]:
        tools = self._registry.tools.items()
        return frozenset(name for name, tool in tools if _is_spotted(tool, self._registry))

    @cached_property
    def _usual(self) -> Mapping[str, frozenset[str]]:
        tools = self._registry.tools.items()
        return {name: _named_by_all_examples(tool, self._registry) for name, tool in tools}

    def of(
        self, heard: Normalised, matches: Sequence[Match], grammar: Grammar, spotter: Spotter
    ) -> Wholeness:
        """Return how whole a sentence is that was understood as `matches`, or was not."""
        if _BREAKS_OFF.search(heard.source):
            return Wholeness.OPEN
        spotted = spotter.wholeness(heard.tokens)
        if spotted is not None:
            # The parts of such an order come in any order, so that another may follow the last.
            return Wholeness.MAY_GO_ON if spotted is Wholeness.UNKNOWN else spotted
        if matches and not (hesitates(heard) and matches[-1].tool.acts):
            return self._of_an_order(matches[-1], grammar, heard)
        if not heard.spoken:
            return Wholeness.UNKNOWN
        if trails_off(heard) or is_only_polite(heard) or _ends_in_a_number(heard):
            return Wholeness.OPEN
        more = going_on(texts(heard.core), grammar.templates, grammar.phrases)
        if more.complete:  # "turn on the television", and there are two: the room decides, said or not
            return Wholeness.MAY_GO_ON
        return Wholeness.OPEN if more.possible else Wholeness.UNKNOWN

    def _of_an_order(self, last: Match, grammar: Grammar, heard: Normalised) -> Wholeness:
        """Return whether a sentence that is understood could go on by itself."""
        if last.tool.full_name in self._spotted:  # with a word misheard, or it had been spotted before
            return Wholeness.MAY_GO_ON
        named_room = last.ending_list == ROOM
        if named_room and grammar.understand(
            heard.core + _as_tokens(grammar.light_word, heard), heard.source, None
        ):
            return Wholeness.OPEN  # "turn on the kitchen" … "lights"
        lacking = self._usual[last.tool.full_name] - last.arguments.keys() if last.tool.acts else frozenset()
        if last.wild:  # any words may be all of a title, or not
            return Wholeness.OPEN if lacking or trails_off(heard) else Wholeness.UNKNOWN
        untold = self._untold(last, grammar, heard)
        if trails_off(heard) and untold:
            return Wholeness.OPEN
        if untold & lacking:
            return Wholeness.OPEN  # "set a timer"
        longer_name = not named_room and grammar.has_longer_name(last.ending, set(last.arguments.values()))
        # "fifty" … "five", "an hour" … "and ten minutes"
        longer_number = _ends_in_a_number(heard) or _ends_in_hours(heard, grammar)
        return Wholeness.MAY_GO_ON if longer_name or longer_number or untold else Wholeness.WHOLE

    def _untold(self, last: Match, grammar: Grammar, heard: Normalised) -> frozenset[str]:
        """Return the parameters that may be named behind these words, and that would change what happens."""
        more = going_on(_last_order(heard, grammar), grammar.templates, grammar.phrases)
        parameters = last.tool.parameters.model_fields.keys() - last.arguments.keys()
        # Of a thing that was named, and that is the only one of its name, the room adds nothing.
        named = sum(device.name in last.arguments.values() for device in self._home)
        known = {ROOM} if last.place is not None and named == 1 else set()
        return frozenset(
            name for name, list_name in more.slots if name in parameters and list_name not in known
        )


def _is_spotted(tool: Tool, registry: Registry) -> bool:
    said = (registry.language(tool.skill, language) for language in languages())
    return any(each is not None and tool.name in each.spots for each in said)


def _named_by_all_examples(tool: Tool, registry: Registry) -> frozenset[str]:
    """Return the parameters that each example of a tool names: an order without them is hardly all."""
    named = [
        frozenset(arguments)
        for language in languages()
        if (said := registry.language(tool.skill, language)) is not None
        for _text, arguments in said.examples.get(tool.name, ())
    ]
    return frozenset.intersection(*named) if named else frozenset()


def _ends_in_a_number(heard: Normalised) -> bool:
    """Whether a number stands last: of what? "Set a timer for five"."""
    return bool(heard.core) and heard.core[-1].text.isdigit()


def _ends_in_hours(heard: Normalised, grammar: Grammar) -> bool:
    return bool(grammar.words.phrases("open", "hours").at_end(texts(heard.core)))


def _last_order(heard: Normalised, grammar: Grammar) -> Phrase:
    """Return the words behind the last "and" that are more than a name; all words where there is none."""
    said = texts(heard.core)
    joins = grammar.words.phrases("open", "joins")
    for at in range(len(said) - 1, 0, -1):
        length = joins.at(said, at)
        rest = said[at + length :]
        if length and rest and not grammar.is_name(rest):
            return rest
    return said


def _as_tokens(phrase: Phrase, heard: Normalised) -> tuple[Token, ...]:
    end = len(heard.source)
    return tuple(Token(word, end, end) for word in phrase)
