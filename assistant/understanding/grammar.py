"""One language's sentences: the templates of all skills, and the names of the home as they are now."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hassil import (
    Intents,
    RecognizeResult,
    Sentence,
    SlotList,
    TextChunk,
    TextSlotList,
    TextSlotValue,
    WildcardSlotList,
    recognize_all,
)
from hassil.intents import Intent
from pydantic import ValidationError

from assistant.understanding.completeness import PhraseList, Template
from assistant.understanding.names import Name, Namer, concepts
from assistant.understanding.normalise import (
    Phrase,
    Token,
    Words,
    joined,
    languages,
    parted,
    plain,
    plain_template,
    texts,
    words_of,
)
from assistant.understanding.templates import Block, lists_in, read_template
from devices.home import Home, Kind
from skills.api import Language, Tool
from skills.api import Sentence as Said
from skills.registry import Registry
from skills.times import LISTS as TIME_LISTS
from skills.times import times_in

LONGEST_WILDCARD = 8  # words; a longer "title" is a sentence that nobody understood
FREE_TEXT, LONGEST_TEXT = "text", 40  # the list that takes a sentence of the person's own: a reminder
LOWEST_DEGREES, HALVES_UNTIL, HIGHEST_DEGREES = 5, 35, 95  # Celsius in halves, Fahrenheit whole
AREA_COST = 1  # between a thing's own name (0) and other words for it (`names.SAME` and more)


@dataclass(frozen=True, slots=True)
class Match:
    """One way to understand a sentence; the lowest `cost` is the best.

    The cost counts wildcards, the words that they took, how far the names are from the owner's own, then
    (negative) the things that were named, and last the literal text that matched. A room's lights are meant
    before the one lamp that may be called so; everything else is meant by its name before its room and kind.
    `place` is the room of the thing that was named.
    `ending` are the words of the room or thing with which the sentence ends, `ending_list` is its list.
    """

    tool: Tool
    arguments: Mapping[str, Any]
    cost: tuple[int, int, int, int, int]
    template: str
    place: str | None
    ending: Phrase
    ending_list: str

    @property
    def wild(self) -> bool:
        """Whether a part of the sentence was taken without being understood."""
        return self.cost[0] > 0


@dataclass(frozen=True, slots=True)
class _Said:
    """What one skill's sentences share: its rules, and its words as each reader wants them."""

    texts: Mapping[str, str]
    rules: Mapping[str, Sentence]
    lists: Mapping[str, SlotList]
    phrases: Mapping[str, PhraseList | None]
    own_words: Mapping[str, list[tuple[str, Phrase]]]


def _said(language: Language, words: Words) -> _Said:
    said = {
        name: None
        if values is None
        else [(plain(each, words), value) for value, ws in values.items() for each in ws]
        for name, values in language.words.items()
    }
    rules = {name: plain_template(rule, words) for name, rule in language.rules.items()}
    return _Said(
        rules,
        {name: read_template(rule) for name, rule in rules.items()},
        {
            name: WildcardSlotList(name)
            if pairs is None
            else TextSlotList(name, [_value(*each) for each in pairs])
            for name, pairs in said.items()
        },
        {
            name: None if pairs is None else PhraseList(each for each, _value in pairs)
            for name, pairs in said.items()
        },
        {name: [(value, each) for each, value in pairs] for name, pairs in said.items() if pairs is not None},
    )


class Grammar:
    """hassil over plain words. Templates are parsed once; `learn` takes the names of the home."""

    def __init__(self, language: str, registry: Registry) -> None:
        self.words = words_of(language)
        self._namer = Namer(self.words, (concepts(words_of(each), self.words) for each in languages()))
        self._spoken: dict[str, _Said] = {}
        self._open = self.words.phrases("open", "words")
        self._clauses = self.words.phrases("open", "clauses")
        self._not_names = self.words.phrases("open", "not_names")
        self._tools = registry.tools
        self._revision = -1
        self._latest: tuple[object, list[Match]] = (None, [])
        self._read: list[tuple[Block, _Said]] = []
        self.own_words: dict[str, list[tuple[str, Phrase]]] = {}
        self._intents = Intents(
            language,
            {
                name: Intent(name, list(self._blocks(tool, found)))
                for name, tool in registry.tools.items()
                if (found := registry.language(tool.skill, language)) is not None
            },
        )
        used = set().union(*(lists_in(data.sentence_texts, said.texts) for data, said in self._read))
        self._used = used | {"area", "device", "percent", "degrees"}
        self._timed = bool(used & TIME_LISTS)
        self._numbers = {"percent": tuple(_percents(self.words)), "degrees": tuple(_degrees(self.words))}
        self._index: dict[Phrase, list[tuple[str, Name | TextSlotValue]]] = {}
        self._longest = 0
        self.names: dict[str, list[tuple[str, Phrase]]] = {}
        self._phrases: dict[str, PhraseList | None] | None = None

    @cached_property
    def templates(self) -> list[Template]:
        """All templates, with the rules and lists of their own skills."""
        return [
            Template(each, said.rules, said.phrases) for data, said in self._read for each in data.sentences
        ]

    @property
    def light_word(self) -> Phrase:
        """What a light is called."""
        return plain(self.words.data["kinds"]["light"][0], self.words)

    @property
    def phrases(self) -> Mapping[str, PhraseList | None]:
        """The phrases of every list that the home and the numbers fill; None for times, which are endless."""
        if self._phrases is None:
            said = {name: [words for _value, words in pairs] for name, pairs in self.names.items()}
            said |= {name: [words for words, _value in pairs] for name, pairs in self._numbers.items()}
            self._phrases = {
                **{name: PhraseList(each) for name, each in said.items()},
                **dict.fromkeys(TIME_LISTS),
            }
        return self._phrases

    def learn(self, home: Home) -> None:
        """Take the names of the home as they are now, unless they are known."""
        if self._revision == home.revision:
            return
        self._revision = home.revision
        names = self._namer.lists(home)
        self.names = {
            list_name: [(name.value, name.words) for name in each] for list_name, each in names.items()
        }
        self._phrases = None
        self._index = {}
        for list_name, each in names.items():
            if list_name in self._used:
                for name in each:
                    self._index.setdefault(name.words, []).append((list_name, name))
        for list_name, pairs in self._numbers.items():
            for words, number in pairs:
                self._index.setdefault(words, []).append((list_name, _value(words, number)))
        self._longest = max(map(len, self._index), default=0)

    def understand(self, tokens: tuple[Token, ...], source: str, room: str | None) -> Match | None:
        """Return the best match of a whole sentence heard in a room; None for none, or two equally good."""
        if self._latest[0] != (tokens, source, self._revision):
            self._latest = (tokens, source, self._revision), self._matches(tokens, source)
        matches = self._latest[1]
        if not matches:
            return None
        cost = min(match.cost for match in matches)
        best = [match for match in matches if match.cost == cost]
        first = best[0]
        rivals = [match for match in best if match.tool is first.tool and match.arguments != first.arguments]
        if not rivals:
            return first
        # Two things of one name: the one where it was said.
        near = [match for match in (first, *rivals) if room is not None and match.place == room]
        return near[0] if near and all(match.arguments == near[0].arguments for match in near) else None

    def _matches(self, tokens: tuple[Token, ...], source: str) -> list[Match]:
        words = texts(tokens)
        lists = self._lists_in(words)
        if self._timed:
            lists |= _times(tokens, source)
        results = recognize_all(joined(words), self._intents, slot_lists=lists)
        return [match for result in results if (match := self._match(result, tokens, source)) is not None]

    def is_name(self, words: Phrase) -> bool:
        """Whether the words are just the name of a room or a thing of the home."""
        return any(list_name in ("area", "device") for list_name, _value in self._index.get(words, ()))

    def has_longer_name(self, words: Phrase, values: Collection[object]) -> bool:
        """Whether a thing that is not among `values` has a name that begins with these words and goes on."""
        return any(
            0 < len(words) < len(name) and name[: len(words)] == words and value not in values
            for value, name in self.names["device"]
        )

    def _lists_in(self, words: Phrase) -> dict[str, SlotList]:
        """Return the lists, each with what occurs in these words alone: hassil would walk all the rest."""
        found: dict[str, dict[int, Name | TextSlotValue]] = {name: {} for name in self._used}
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + self._longest) + 1):
                for list_name, value in self._index.get(words[start:end], ()):
                    found[list_name][id(value)] = value
        return {
            name: TextSlotList(
                name, [_named(each, name) if isinstance(each, Name) else each for each in values.values()]
            )
            for name, values in found.items()
        }

    def _blocks(self, tool: Tool, language: Language) -> Iterator[Block]:
        said = self._spoken.get(tool.skill)
        if said is None:
            said = self._spoken[tool.skill] = _said(language, self.words)
            self.own_words.update(said.own_words)
        for arguments, templates in _by_arguments(language.sentences.get(tool.name, ())):
            data = Block(
                sentence_texts=[plain_template(each, self.words) for each in templates],
                slots=dict(arguments),
                expansion_rules=dict(said.rules),
                slot_lists=dict(said.lists),
                wildcard_list_names={name for name, each in said.phrases.items() if each is None},
            )
            self._read.append((data, said))
            yield data

    def _match(self, result: RecognizeResult, tokens: tuple[Token, ...], source: str) -> Match | None:
        """Return what hassil found as a call; None when it is not one that may be acted on."""
        tool = self._tools[result.intent.name]
        arguments = dict(result.intent_data.slots)
        said = [each for each in result.entities_list if each.text]
        taken, rank, named, place = 0, 0, 0, None
        ending, ending_list = Phrase(), ""
        for entity in said:
            words = parted(entity.text)
            if entity.is_wildcard:
                span = self._span(words, tokens)
                free = entity.name == FREE_TEXT
                if span is None or not (len(words) <= LONGEST_TEXT if free else self._may_take(words)):
                    return None
                taken += len(words)
                arguments[entity.name] = source[tokens[span[0]].start : tokens[span[1] - 1].end]
            else:
                arguments[entity.name] = entity.value
            metadata = entity.metadata or {}
            list_name = metadata.get("list", "")
            if list_name == "area":
                rank += AREA_COST
            elif list_name:
                name: Name = metadata["name"]
                rank, place = rank + name.rank, name.room
                named += list_name != Kind.LIGHT.value
                if not _in_its_room(tool, name, arguments, said):
                    return None
            if list_name and texts(tokens)[-len(words) :] == words:
                ending, ending_list = words, list_name
        valid = _validated(tool, arguments)
        if valid is None:
            return None
        wildcards = sum(entity.is_wildcard for entity in said)
        cost = (wildcards, taken, rank, -named, -result.text_chunks_matched)
        template = result.intent_sentence.text if result.intent_sentence is not None else None
        return Match(tool, valid, cost, template or "", place, ending, ending_list)

    def _span(self, words: Phrase, tokens: tuple[Token, ...]) -> tuple[int, int] | None:
        """Return where the words stand; None when they are cut out of the middle of a word."""
        heard, count = texts(tokens), len(words)
        starts = (at for at in range(len(heard) - count, -1, -1) if heard[at : at + count] == words)
        start = next(starts, None)
        return None if start is None else (start, start + count)

    def _may_take(self, words: Phrase) -> bool:
        """Whether a wildcard may hold these words: no clause of another meaning, no name of this home."""
        if not words or len(words) > LONGEST_WILDCARD or self._open.at(words, 0) == len(words):
            return False
        if self.is_name(words) or self._not_names.at(words, 0):
            return False
        return not any(self._clauses.at(words, at) for at in range(1, len(words)))


def _by_arguments(sentences: Iterable[Said]) -> Iterable[tuple[Mapping[str, Any], list[str]]]:
    """Return the templates with the same arguments together: hassil takes its time for each block."""
    found: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for each in sentences:
        found.setdefault(repr(each.arguments), (each.arguments, []))[1].extend(each.templates)
    return found.values()


def _times(tokens: tuple[Token, ...], source: str) -> dict[str, SlotList]:
    """Return the lists of times: what the sentence itself says of how long and when, each its own value."""
    found: dict[str, dict[Phrase, TextSlotValue]] = {name: {} for name in TIME_LISTS}
    for name, start, end in times_in(source):
        until = end + 2 if source[end : end + 2] in ("'s", "’s") else end  # "tomorrow's alarm"
        words = tuple(token.text for token in tokens if start < token.end <= until)
        if words:
            found[name][words] = _value(words, source[start:end])
    return {name: TextSlotList(name, list(values.values())) for name, values in found.items()}


def _percents(words: Words) -> Iterator[tuple[Phrase, int]]:
    for number in range(101):
        yield (str(number),), number
    for word, number in words.data.get("percent", {}).items():
        yield plain(word, words), number


def _degrees(words: Words) -> Iterator[tuple[Phrase, float]]:
    """Temperatures of rooms, Celsius in halves and Fahrenheit: "21", "21.5", "21 and a half", 21 度半."""
    for number in range(LOWEST_DEGREES, HIGHEST_DEGREES + 1):
        yield (str(number),), float(number)
        if number < HALVES_UNTIL:
            for half in words.data.get("degrees", {}).get("halves", ()):
                yield plain(half.replace("#", str(number)), words), number + 0.5


def _named(name: Name, list_name: str) -> TextSlotValue:
    value = _value(name.words, name.value)
    value.metadata = {"name": name, "list": list_name}
    return value


def _value(words: Phrase, value: Any) -> TextSlotValue:
    return TextSlotValue(TextChunk(joined(words)), value)


def _in_its_room(tool: Tool, name: Name, arguments: dict[str, Any], said: Iterable[Any]) -> bool:
    """Whether a thing is in the room that was said with it. A name that two rooms have gets its room."""
    parameter = next((each for each, slot in tool.slots.items() if slot.list_name == "area"), None)
    if parameter is None or name.room is None:
        return True
    spoken = next((entity.value for entity in said if entity.name == parameter), None)
    if spoken is None and name.room_needed and name.rank > 0:
        arguments[parameter] = name.room
    return spoken in (None, name.room)


def _validated(tool: Tool, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        model = tool.parameters.model_validate(arguments)
    except ValidationError:
        return None
    return model.model_dump(mode="json", exclude_unset=True)
