"""What the language model reads, laid out so that most of it is read once.

    fixed      persona, rules, tools, examples       the same bytes for every turn, every home, every name
    retrieved  examples that are like the sentence   (few, or none)
    past       what was said a moment ago            within a budget
    sentence   what was said now

No name, no room, no time and no state of anything is in the fixed part: what a sentence may mean is in the
schema (`grounding.py`). There are two fixed parts a language, one for questions and one for orders, which
halves what the model reads and chooses from. A model that was trained for it (`sotto train --language-model`)
needs nothing told but the sentence, and writes its answers shorter (`notation.py`).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Any

from assistant.language.engine import Message
from assistant.understanding.notation import shortened
from skills.api import Risk, Tool
from skills.registry import Registry

PERSONA = (
    "You are Sotto, the voice of this home. You answer with one JSON object and nothing else.\n"
    'To do or look up something: {"calls":[{"tool":NAME,"arguments":{...}}]}.\n'
    'To talk: {"say":TEXT} - one or two short spoken sentences, no markup, in the language of the person. '
    "Say that you don't know when you don't know. Never claim to have done something.\nTools:"
)
TALK: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (
        ("who wrote Romeo and Juliet", "William Shakespeare wrote Romeo and Juliet."),
        ("I turned the lights on an hour ago", "All right, then I leave them as they are."),
        ("tell me something funny", "Why did the lamp go to school? It wanted to be brighter."),
        ("the man on the radio talks a lot", "He does."),
    ),
    "zh": (
        ("水在多少度会沸腾", "在海平面，水在一百摄氏度沸腾。"),
        ("我一小时前就开了灯", "好的，那我就不动它们了。"),
        ("讲个笑话", "灯泡为什么去上学？因为它想更亮一点。"),
    ),
}
FALLBACK = "en"
BUDGET = 700  # characters of what was said before; a small model forgets the beginning over more
ONE_SAID = 160  # characters of one of them
_WORD = re.compile(r"[a-z0-9à-ÿ]+(?:'[a-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]+")

Example = tuple[str, Mapping[str, Any]]
"""A sentence, and the answer to it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said, and the JSON that answered it, at a moment."""

    said: str
    answer: str
    at_s: float


class Prompt:
    """The prompts over one registry's tools. `persona` comes before the rules, `retrieved` counts the like
    examples; a model that was `trained` for them reads neither rules nor tools.
    """

    def __init__(
        self, registry: Registry, persona: str = "", *, retrieved: int = 0, trained: bool = False
    ) -> None:
        self._registry = registry
        self._persona = persona
        self._retrieved = retrieved
        self.trained = trained
        self._fixed = {
            (language, question): self._beginning(language, question=question)
            for language in TALK
            for question in (False, True)
        }
        self._shelves = {key: _Shelf(self._more(*key)) for key in self._fixed} if retrieved else {}

    def beginning(self, language: str, *, question: bool) -> Sequence[Message]:
        """Return the part that all questions, or all orders, of a language have in common."""
        return self._fixed[known(language), question]

    def whole(
        self, text: str, language: str, past: Sequence[Exchange] = (), *, question: bool
    ) -> Sequence[Message]:
        """Return all of it, the sentence last."""
        shelf = self._shelves.get((known(language), question))
        like = shelf.like(text, self._retrieved) if shelf is not None else ()
        before = [(each.said, self._written(each.answer)) for each in within_budget(past)]
        return [
            *self.beginning(language, question=question),
            *_as_messages([(said, compact(answer)) for said, answer in like]),
            *_as_messages(before),
            {"role": "user", "content": text},
        ]

    def offered(self, *, question: bool) -> list[Tool]:
        """Return the tools that such a sentence may call, in an order that does not change."""
        tools = [tool for tool in self._registry.tools.values() if tool.risk is Risk.LOW]
        if self.trained:  # it reads no list of them: all that can be said, and what looks, too, for an order
            kept = [each for each in tools if not (each.acts and question) and self._is_sayable(each)]
        else:
            kept = [each for each in tools if each.offered and each.acts is not question]
        return sorted(kept, key=lambda tool: tool.full_name)

    def _is_sayable(self, tool: Tool) -> bool:
        """Whether a skill's files have sentences for a tool: only such it was trained on."""
        spoken = [self._registry.language(tool.skill, code) for code in TALK]
        return tool.offered or any(each is not None and each.sentences.get(tool.name) for each in spoken)

    def _written(self, answer: str) -> str:
        """An earlier answer as this model writes answers."""
        if not self.trained:
            return answer
        try:
            return compact(shortened(json.loads(answer)))
        except (ValueError, AttributeError, KeyError, TypeError):
            return answer

    def _beginning(self, language: str, *, question: bool) -> Sequence[Message]:
        if self.trained:
            return []
        tools = self.offered(question=question)
        lines = [f"- {tool.full_name}({_signature(tool)}): {tool.description}" for tool in tools]
        system = "\n".join(filter(None, [self._persona, PERSONA, *lines]))
        examples = [(said, compact(answer)) for said, answer in self._examples(tools, language)]
        return [{"role": "system", "content": system}, *_as_messages(examples)]

    def _examples(self, tools: Sequence[Tool], language: str) -> list[Example]:
        """The last example of each tool, by custom its least direct: the others, the fast path knows."""
        examples = [each for tool in tools for each in self._of(tool, language)[-1:]]
        talk: list[Example] = [(said, {"say": answer}) for said, answer in TALK[language]]
        # Spread out: a model that has seen calls alone for a while makes one of everything.
        for number, one in enumerate(talk, 1):
            examples.insert(len(examples) * number // len(talk), one)
        return examples

    def _of(self, tool: Tool, language: str) -> list[Example]:
        spoken = self._registry.language(tool.skill, language)
        found = spoken.examples.get(tool.name, ()) if spoken is not None else ()
        return [
            (said, {"calls": [{"tool": tool.full_name, "arguments": dict(arguments)}]})
            for said, arguments in found
        ]

    def _more(self, language: str, question: bool) -> Iterator[Example]:
        """Yield the examples that the beginning has not got."""
        for tool in self.offered(question=question):
            found = self._of(tool, language)
            yield from found if self.trained else found[:-1]


class _Shelf:
    """Examples, to be found by the words that they share with a sentence; rare words count most."""

    def __init__(self, examples: Iterator[Example]) -> None:
        self._examples = [(example, frozenset(_pieces(example[0]))) for example in examples]
        self._common = Counter(piece for _, pieces in self._examples for piece in pieces)

    def like(self, text: str, most: int) -> Sequence[Example]:
        """Return those that are most like a sentence, the likest last; none that shares nothing with it."""
        said = frozenset(_pieces(text))
        scored = [(self._share(said & pieces), at) for at, (_, pieces) in enumerate(self._examples)]
        best = sorted((each for each in scored if each[0] > 0), reverse=True)[:most]
        return [self._examples[at][0] for _, at in reversed(best)]

    def _share(self, pieces: frozenset[str]) -> float:
        return sum(log(1 + len(self._examples) / self._common[piece]) for piece in pieces)


def within_budget(past: Sequence[Exchange], budget: int = BUDGET) -> Sequence[Exchange]:
    """Return the last exchanges that fit, each cut to what tells what it was about."""
    kept: list[Exchange] = []
    for each in reversed(past):
        said, answer = _cut(each.said), each.answer
        if len(answer) > ONE_SAID:  # a long answer is cut inside its JSON, which stays JSON
            try:
                answer = compact({key: _cut(str(value)) for key, value in json.loads(answer).items()})
            except (ValueError, AttributeError):
                continue
        budget -= len(said) + len(answer)
        if budget < 0:
            break
        kept.append(Exchange(said, answer, each.at_s))
    return kept[::-1]


def known(language: str) -> str:
    """Return the language of the prompt for one."""
    return language if language in TALK else FALLBACK


def compact(answer: object) -> str:
    """Return the JSON of an answer as the model is to write it."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def _cut(text: str) -> str:
    return text if len(text) <= ONE_SAID else text[: ONE_SAID - 1].rstrip() + "…"


def _as_messages(examples: Sequence[tuple[str, str]]) -> Iterator[Message]:
    for said, answer in examples:
        yield {"role": "user", "content": said}
        yield {"role": "assistant", "content": answer}


def _signature(tool: Tool) -> str:
    schema = tool.parameters.model_json_schema()
    required = schema.get("required", [])
    return ", ".join(name if name in required else f"{name}?" for name in schema.get("properties", {}))


def _pieces(text: str) -> Iterator[str]:
    lowered = text.casefold()
    yield from _WORD.findall(lowered)
    for run in _HAN.findall(lowered):
        yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
