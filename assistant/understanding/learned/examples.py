"""The sentences that the learned tier is fitted on.

They are the skills' own examples, a few sentences drawn from each of their templates, this tier's other words
for the built-in skills (`said.en.toml`), and those that mean nothing to an assistant (`none.en.toml`). Names
of rooms and things are common words in all of them, so they fit any home.
"""

import json
import random
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from hassil import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    TextChunk,
    parse_sentence,
)

from assistant.understanding.learned.corrections import Correction
from assistant.understanding.learned.spans import A_ROOM, FOLDER, kind_word, take_apart
from assistant.understanding.normalise import languages, plain, words_of, written
from devices.home import Kind
from skills.api import Language, Risk, Tool
from skills.registry import Registry

CORRECTION_WEIGHT = 5.0
"""How many sentences the user's own word is worth."""

NONE = "none"
"""The label of what is not meant for the assistant."""

OTHER = "other"
"""The label of what the assistant can do, but this tier has too few examples of: the templates know it."""

FEWEST = 5
"""Sentences of people, in all languages together, without which a meaning is not learned."""

DRAWN = 2
"""Sentences drawn from the templates for each meaning and language, to be embedded."""

DRAWN_FOR_WORDS = 40
"""The same, of which only the words are counted, which costs next to nothing."""

VERSION = 1
"""Of the way in which sentences are made and masked: raised when a model of before no longer fits."""

_LONGEST_DRAWN = 60  # characters; templates with many optional parts make sentences that nobody says
_THINGS = tuple(Kind)
_DEEPEST = 12  # rules within rules


class Part(StrEnum):
    """What a sentence is for: to fit on, to choose by, or to judge with."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its meaning. `group` is what it was made of: sentences of one group stay together in
    the split. `weight` is how much it counts.
    """

    text: str
    language: str
    label: str
    group: str
    usual: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    kept: bool = False
    """Whether it is always fitted on: the user's own word."""
    drawn: bool = False
    """Whether it is of a template: fitted on, and never judged by."""
    words_only: bool = False
    """Whether it is too much like the others to be embedded; its words are counted."""

    @property
    def part(self) -> Part:
        """Which part it belongs to; the same in every run, so that no model has seen another's judges."""
        if self.kept or self.drawn:
            return Part.TRAIN
        place = int.from_bytes(sha256(f"{self.language} {self.group}".encode()).digest()[:4], "big") % 100
        return Part.TRAIN if place < 60 else Part.VALIDATION if place < 85 else Part.TEST


def label_of(tool: Tool, arguments: Mapping[str, Any]) -> str | None:
    """Return the meaning of a call without its names and numbers: `lights.turn {"on": true}`.

    Of a number that a tool needs only its sign counts. None for a call that covers a whole home: that is said
    in so many words, and not guessed.
    """
    fixed: dict[str, Any] = {}
    for name, value in arguments.items():
        if name == "everywhere":
            if value:
                return None
            continue
        if name in tool.slots:
            continue
        if isinstance(value, bool | str):
            fixed[name] = value
        elif is_signed(tool, name):
            fixed[name] = 1 if value > 0 else -1
    return f"{tool.full_name} {json.dumps(fixed, sort_keys=True)}" if fixed else tool.full_name


def meaning_of(label: str) -> tuple[str, dict[str, Any]]:
    """Return a label's tool and its fixed arguments. Raises ValueError for what is no label."""
    name, _, fixed = label.partition(" ")
    return name, dict(json.loads(fixed)) if fixed else {}


def is_signed(tool: Tool, parameter: str) -> bool:
    """Whether a parameter is a step up or down, which has to be given."""
    field = tool.parameters.model_fields.get(parameter)
    if field is None or not field.is_required():
        return False
    return any(getattr(each, "ge", None) is not None and each.ge < 0 for each in field.metadata)


def learnable(registry: Registry) -> dict[str, Tool]:
    """Return the tools that this tier may call, by full name: nothing risky, nothing of unseen reach."""
    return {name: tool for name, tool in registry.tools.items() if _may(registry, tool)}


def collect(registry: Registry, seed: int = 1) -> list[Example]:
    """Return all sentences, in an order that is always the same. Takes about a second."""
    found: dict[tuple[str, str], Example] = {}
    tools = learnable(registry)
    for language in languages():
        for example in (
            *_none(language),
            *_said(language, tools),
            *_of_skills(language, registry, tools),
            *_drawn(language, registry, tools, random.Random(seed)),  # noqa: S311 - no secret
        ):
            if example.text:
                found.setdefault((example.language, example.text), example)
    enough = Counter(example.label for example in found.values() if not example.drawn)
    return [
        example if enough[example.label] >= FEWEST else replace(example, label=OTHER, usual={})
        for example in found.values()
    ]


def fingerprint(registry: Registry, embedding: str) -> str:
    """Return what a model belongs to: these sentences in this embedding. Another one is of no use."""
    told: list[str] = [embedding, f"{VERSION} {DRAWN} {DRAWN_FOR_WORDS} {FEWEST}"]
    told += [file.read_text("utf-8") for file in sorted(FOLDER.glob("*.toml"))]
    for name, tool in sorted(learnable(registry).items()):
        told.append(name)
        for language in languages():
            spoken = registry.language(tool.skill, language)
            if spoken is not None:
                told.append(
                    repr((spoken.examples.get(tool.name), spoken.sentences.get(tool.name), spoken.rules))
                )
                told.append(repr(spoken.words))
    return sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:16]


def _may(registry: Registry, tool: Tool) -> bool:
    if tool.risk is not Risk.LOW:
        return False
    manifest = registry.manifest(tool.skill)
    seen = bool(tool.slots) or bool(manifest.adapters) or manifest.devices is not None
    return not tool.acts or seen


def _none(language: str) -> Iterator[Example]:
    data = tomllib.loads((FOLDER / f"none.{language}.toml").read_text("utf-8"))
    for texts in data["sentences"].values():
        for text in texts:
            yield Example(_plainly(text, language), language, NONE, text)


def _said(language: str, tools: Mapping[str, Tool]) -> Iterator[Example]:
    data = tomllib.loads((FOLDER / f"said.{language}.toml").read_text("utf-8"))
    for entry in data["said"]:
        tool = tools.get(entry["tool"])
        if tool is not None:
            for text in entry["texts"]:
                yield from _example(text, language, tool, entry["arguments"], text)


def _of_skills(language: str, registry: Registry, tools: Mapping[str, Tool]) -> Iterator[Example]:
    for tool in tools.values():
        spoken = registry.language(tool.skill, language)
        for text, arguments in spoken.examples.get(tool.name, ()) if spoken is not None else ():
            yield from _example(_unnamed(text, language, tool, arguments), language, tool, arguments, text)


def _drawn(
    language: str, registry: Registry, tools: Mapping[str, Tool], chance: random.Random
) -> Iterator[Example]:
    for tool in tools.values():
        spoken = registry.language(tool.skill, language)
        if spoken is None:
            continue
        templates: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for sentence in spoken.sentences.get(tool.name, ()):
            label = label_of(tool, sentence.arguments)
            if label is not None:
                templates.setdefault(label, []).extend(
                    (each, sentence.arguments) for each in sentence.templates
                )
        draw = _Draw(language, spoken, chance)
        for each in templates.values():
            for number in range(DRAWN + DRAWN_FOR_WORDS):
                template, arguments = chance.choice(each)
                text = draw.sentence(template)
                if text is not None and len(text) <= _LONGEST_DRAWN:
                    for example in _example(text, language, tool, arguments, template):
                        yield replace(example, drawn=True, words_only=number >= DRAWN)


def _example(
    text: str, language: str, tool: Tool, arguments: Mapping[str, Any], group: str
) -> Iterator[Example]:
    label = label_of(tool, arguments)
    if label is not None:
        usual = {
            name: abs(float(value))
            for name, value in arguments.items()
            if is_signed(tool, name) and isinstance(value, int | float)
        }
        yield Example(_plainly(text, language), language, label, group, usual)


def _plainly(text: str, language: str) -> str:
    return take_apart(text, language, {}).masked


def _unnamed(text: str, language: str, tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Return an example with common words for the rooms and things that its arguments name."""
    words = words_of(language)
    said = plain(text, words)
    for name, value in arguments.items():
        slot = tool.slots.get(name)
        if slot is None or not isinstance(value, str):
            continue
        if slot.list_name == "area":
            means = A_ROOM.get(language, "")
        elif slot.list_name in _THINGS:
            means = kind_word(slot.list_name, "", language)
        else:
            continue
        name_words = plain(value, words)
        for at in range(len(said) - len(name_words) + 1):
            if said[at : at + len(name_words)] == name_words:
                said = (*said[:at], *plain(means, words), *said[at + len(name_words) :])
                break
    return written(said)


class _Draw:
    """Sentences of templates, each part by chance."""

    def __init__(self, language: str, spoken: Language, chance: random.Random) -> None:
        self._language = language
        self._spoken = spoken
        self._chance = chance
        self._rules: dict[str, Sentence] = {}
        self._templates: dict[str, Sentence] = {}

    def sentence(self, template: str) -> str | None:
        """Return one sentence; None for a template with a list that takes any words, or with no such rule."""
        parts: list[str] = []
        if template not in self._templates:
            self._templates[template] = parse_sentence(template)
        parsed = self._templates[template]
        for piece in self._pieces(parsed.expression, 0):
            if piece is None:
                return None
            parts.append(piece)
        return " ".join("".join(parts).split())

    def _pieces(self, part: Expression, depth: int) -> Iterator[str | None]:
        if depth > _DEEPEST:
            yield None
        elif isinstance(part, TextChunk):
            yield part.original_text
        elif isinstance(part, RuleReference):
            yield from self._rule(part.rule_name, depth)
        elif isinstance(part, ListReference):
            yield self._listed(part.list_name)
        elif isinstance(part, Alternative):
            # What may be left out mostly is: people are brief.
            items = [each for each in part.items if not _is_empty(each)]
            if items and not (part.is_optional and self._chance.random() < 0.7):
                yield from self._pieces(self._chance.choice(items), depth + 1)
        elif isinstance(part, Group):
            items = list(part.items)
            if isinstance(part, Permutation):
                self._chance.shuffle(items)
            for each in items:
                yield from self._pieces(each, depth + 1)

    def _rule(self, name: str, depth: int) -> Iterator[str | None]:
        if name not in self._rules:
            if name not in self._spoken.rules:
                yield None
                return
            self._rules[name] = parse_sentence(self._spoken.rules[name])
        yield from self._pieces(self._rules[name].expression, depth + 1)

    def _listed(self, name: str) -> str | None:
        if name in self._spoken.words:
            values = self._spoken.words[name]
            return (
                None if not values else self._chance.choice([words[0] for words in values.values() if words])
            )
        if name == "area":
            return A_ROOM.get(self._language)
        if name in ("percent", "degrees"):
            return str(self._chance.choice((20, 30, 40, 60) if name == "percent" else (18, 20, 22)))
        if name == "device":
            return kind_word(self._chance.choice((Kind.LIGHT, Kind.SWITCH, Kind.FAN)), "", self._language)
        return kind_word(name, "", self._language) if name in _THINGS else None


def _is_empty(part: Expression) -> bool:
    return isinstance(part, TextChunk) and not part.text.strip()


def correction_examples(corrections: Iterable[Correction], registry: Registry) -> list[Example]:
    """Return what the user's corrections teach; those of a tool that is not to be learned are left out."""
    tools = learnable(registry)
    found: dict[tuple[str, str], Example] = {}
    for each in corrections:
        if each.language not in languages():
            continue
        label: str | None = NONE
        if each.right is not None:
            tool = tools.get(each.right.tool)
            label = None if tool is None else label_of(tool, each.right.arguments)
        text = _plainly(each.text, each.language)
        if label is not None and text:
            own = Example(text, each.language, label, text, weight=CORRECTION_WEIGHT, kept=True)
            found[each.language, text] = own
    return list(found.values())


def labels_of(examples: Iterable[Example]) -> tuple[str, ...]:
    """Return the labels that occur, behind none and other."""
    found = {example.label for example in examples} - {NONE, OTHER}
    return (NONE, OTHER, *sorted(found))
