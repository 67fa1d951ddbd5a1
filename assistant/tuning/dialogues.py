"""Sentences with their right answers, made from the installed skills and made-up homes.

They come from the skills' templates, drawn by chance; from their examples, with the names of another home;
from the learned tier's other words for the built-in skills; and from sentences that are no order. Each answer
is held against the sentence as a model's would be: one that the words do not carry teaches to guess, and is
left out, or becomes a question. What shares a template or an example lies in one part.
"""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from assistant.tuning.drawing import Draw, things_of
from assistant.tuning.hearing import Hearing
from assistant.tuning.homes import MadeUpHome, Part, data_of, make_home
from assistant.tuning.wording import reworded, written
from assistant.understanding.carrying import begins_an_order, may_order
from assistant.understanding.grounding import Heard, ungrounded
from assistant.understanding.learned.spans import FOLDER
from assistant.understanding.prompt import Prompt, compact
from assistant.understanding.questions import is_question
from skills.api import Language, Tool
from skills.registry import Registry

_LONGEST = 110  # characters
_TRIES = 12
_HOMES = {Part.TRAIN: 400, Part.VALIDATION: 30, Part.TEST: 30}
_PLAIN_TALK, _TOLD = 0.6, 0.88
"""Of what is no order so much is plain talk, the next part tells of an order, and the rest forbids one."""
_HOUSE = 2.5
"""So much more often an order is of the home's own rooms and things than of any other skill."""
_SHARES = {"template": 0.54, "example": 0.2, "several": 0.06, "lost": 0.03, "none": 0.17}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A sentence, the JSON that answers it, and whose home it is said in. `group` is where it came from."""

    said: str
    answer: str
    language: str
    question: bool
    group: str
    home: MadeUpHome


def dialogues(registry: Registry, language: str, part: Part, seed: int = 0) -> Iterator[Dialogue]:
    """Yield dialogues without end, the same ones for the same seed."""
    chance = random.Random(f"{seed} {language} {part.value}")  # noqa: S311 - no secret
    making = _Making(registry, language, part, chance)
    while True:
        made = making.one(chance.choices(list(_SHARES), list(_SHARES.values()))[0])
        if made is not None:
            yield made


class _Making:
    """Makes sentences of one language for one part."""

    def __init__(self, registry: Registry, language: str, part: Part, chance: random.Random) -> None:
        self._registry = registry
        self._language = language
        self._chance = chance
        self._data = data_of(language)
        self._homes = [make_home(language, part, chance) for _ in range(_HOMES[part])]
        prompt = Prompt(registry, trained=True)
        tools = [tool for asks in (False, True) for tool in prompt.offered(question=asks)]
        self._tools = {tool.full_name: tool for tool in tools}
        spoken = {tool.skill: registry.language(tool.skill, language) for tool in tools}
        self._templates = {
            tool.full_name: [
                (template, sentence.arguments)
                for sentence in known.sentences.get(tool.name, ())
                for template in sentence.templates
                if part_of(template) is part
            ]
            for tool in tools
            if (known := spoken[tool.skill]) is not None
        }
        self._templates = {name: each for name, each in self._templates.items() if each}
        self._examples = [each for each in _examples(tools, spoken, language) if part_of(each[1]) is part]
        self._none = [text for text in _no_orders(language) if part_of(text) is part]
        self._spoken = spoken
        self._weights = [
            len(each) ** 0.5 * (_HOUSE if self._tools[name].slots.keys() & {"room", "device"} else 1.0)
            for name, each in self._templates.items()
        ]
        self._hearing = Hearing(registry, language)

    def one(self, sort: str) -> Dialogue | None:
        """Make one of a sort; None when chance found nothing that holds."""
        home = self._chance.choice(self._homes)
        for _ in range(_TRIES):
            match sort:
                case "template":
                    made = self._around(self._from_template(home), home)
                case "example":
                    made = self._around(self._from_example(home), home)
                case "several":
                    made = self._several(home)
                case "lost":
                    made = self._lost(home)
                case _:
                    made = self._talk(home)
            if made is not None:
                return made
        return None

    # -- orders ----------------------------------------------------------------------------------------------

    def _from_template(self, home: MadeUpHome) -> "_Order | None":
        if not self._templates:
            return None
        name = self._chance.choices(list(self._templates), self._weights)[0]
        template, fixed = self._chance.choice(self._templates[name])
        tool = self._tools[name]
        language = self._spoken[tool.skill]
        assert language is not None
        drawn = Draw(language, home, self._chance).sentence(template)
        if drawn is None:
            return None
        text, filled = drawn
        if self._language == "en":
            text = reworded(text, self._data["around"], self._chance)
        else:
            text = text.replace(" ", "")
        return _Order(text, tool, {**fixed, **filled}, template)

    def _from_example(self, home: MadeUpHome) -> "_Order | None":
        """An example, its names exchanged for those of the home."""
        if not self._examples:
            return None
        tool, text, arguments = self._chance.choice(self._examples)
        group, changed = text, dict(arguments)
        for name, value in arguments.items():
            slot = tool.slots.get(name)
            if slot is None or not isinstance(value, str):
                continue
            names = home.rooms if slot.list_name == "area" else things_of(home, slot.list_name)
            if not names:
                continue
            at = text.casefold().find(value.casefold())
            if at < 0:
                return None
            other = self._chance.choice(list(names))
            text = f"{text[:at]}{other.lower()}{text[at + len(value) :]}"
            changed[name] = other
        return _Order(text, tool, changed, group)

    def _several(self, home: MadeUpHome) -> Dialogue | None:
        """Two orders in one sentence; each must hold by itself."""
        found = [self._from_template(home), self._from_template(home)]
        kept = [each for each in found if each is not None and each.tool.acts and self._holds(each, home)]
        if len(kept) < 2 or any(is_question(each.text, self._language) for each in kept):
            return None
        join = self._chance.choice(self._data["around"]["joins"])
        blank = " " if self._language == "en" else ""
        text = f"{kept[0].text}{blank}{join}{blank}{kept[1].text}"
        heard = self._heard(text, home)
        if heard.question or any(ungrounded(each.tool, each.arguments, heard) for each in kept):
            return None
        return self._dialogue(text, {"calls": [each.call() for each in kept]}, kept[0].group, home)

    def _around(self, order: "_Order | None", home: MadeUpHome) -> Dialogue | None:
        """With politeness and hesitation around it, if it holds."""
        if order is None:
            return None
        around, blank = self._data["around"], " " if self._language == "en" else ""
        first = order.text.split()[0].casefold() if order.text.split() else ""
        asks = self._language != "en" or first in around["verbs"]
        before = [*around["before"], *(around["before_verbs"] if asks else ())]
        pieces = [self._chance.choice(before), order.text, self._chance.choice(around["after"])]
        question = is_question(order.text, self._language)
        text = order.text if question else blank.join(filter(None, pieces))
        said = self._as_written(_Order(text, order.tool, order.arguments, order.group), question=question)
        text = said.text
        return (
            self._dialogue(text, {"calls": [said.call()]}, order.group, home)
            if self._holds(said, home)
            else None
        )

    def _as_written(self, order: "_Order", *, question: bool) -> "_Order":
        """With a recogniser's capital and full stop; free words stand in the call as they do there."""
        text = written(order.text, self._language, self._chance, question=question)
        arguments = dict(order.arguments)
        for name, value in arguments.items():
            slot = order.tool.slots.get(name)
            if not isinstance(value, str) or (slot is not None and slot.list_name in self._hearing.lists):
                continue
            at = text.casefold().find(value.casefold())
            if at >= 0:
                arguments[name] = text[at : at + len(value)]
        return _Order(text, order.tool, arguments, order.group)

    def _holds(self, order: "_Order", home: MadeUpHome) -> bool:
        """Whether a model could be allowed to write this call for this sentence."""
        try:
            valid = order.tool.parameters.model_validate(order.arguments)
        except ValueError:
            return False
        return len(order.text) <= _LONGEST and not ungrounded(
            order.tool, valid.model_dump(mode="json", exclude_unset=True), self._heard(order.text, home)
        )

    # -- talk ------------------------------------------------------------------------------------------------

    def _lost(self, home: MadeUpHome) -> Dialogue | None:
        """An order whose telling word was lost: a question back, never a guess."""
        order = self._from_template(home)
        if order is None or not order.tool.acts or not {"on", "open"} & order.arguments.keys():
            return None
        lost = {"en": ("on", "off", "open", "close", "shut"), "zh": ("打开", "关掉", "开", "关")}[
            self._language
        ]
        words = order.text.split() if self._language == "en" else list(order.text)
        text = (" " if self._language == "en" else "").join(word for word in words if word not in lost)
        if (
            text == order.text
            or not begins_an_order(text, self._language)
            or self._holds(_Order(text, order.tool, order.arguments, ""), home)
        ):
            return None
        return self._dialogue(
            text, {"say": self._chance.choice(self._data["talk"]["lost"])}, order.group, home
        )

    def _talk(self, home: MadeUpHome) -> Dialogue | None:
        """What is no order, and what forbids one."""
        talk = self._data["talk"]
        way = self._chance.random()
        if self._none and way < _PLAIN_TALK:
            text = self._chance.choice(self._none)
            sort = "unknown" if is_question(text, self._language) else "unsure"
            return self._dialogue(text, {"say": self._chance.choice(talk[sort])}, text, home)
        order = self._from_template(home)
        if order is None or not order.tool.acts:
            return None
        if way < _TOLD and talk["told"]:
            first = order.text.split()[0].casefold()
            if first not in self._data["around"]["verbs"] or len(order.text) > _LONGEST - 40:
                return None
            text = self._chance.choice(talk["told"]).format(order.text)
            question = is_question(text, self._language)
            text = written(text, self._language, self._chance, question=question)
            sort = "unknown" if question else "unsure"
            return self._dialogue(text, {"say": self._chance.choice(talk[sort])}, order.group, home)
        text = f"don't {order.text}" if self._language == "en" else f"别{order.text}"
        if may_order(text, self._language) or len(text) > _LONGEST:
            return None
        return self._dialogue(text, {"say": self._chance.choice(talk["forbidden"])}, order.group, home)

    def _heard(self, text: str, home: MadeUpHome) -> Heard:
        return self._hearing.heard(text, home)

    def _dialogue(self, text: str, answer: Mapping[str, Any], group: str, home: MadeUpHome) -> Dialogue:
        question = is_question(text, self._language)
        return Dialogue(text, compact(answer), self._language, question, group, home)


@dataclass(frozen=True, slots=True)
class _Order:
    text: str
    tool: Tool
    arguments: Mapping[str, Any]
    group: str

    def call(self) -> dict[str, Any]:
        return {"tool": self.tool.full_name, "arguments": dict(self.arguments)}


def _examples(
    tools: Sequence[Tool], spoken: Mapping[str, Language | None], language: str
) -> Iterator[tuple[Tool, str, Mapping[str, Any]]]:
    named = {tool.full_name: tool for tool in tools}
    for tool in tools:
        known = spoken[tool.skill]
        for text, arguments in known.examples.get(tool.name, ()) if known is not None else ():
            yield tool, text, arguments
    for entry in tomllib.loads((FOLDER / f"said.{language}.toml").read_text("utf-8"))["said"]:
        if entry["tool"] in named:
            for text in entry["texts"]:
                yield named[entry["tool"]], text, entry["arguments"]


def _no_orders(language: str) -> Iterator[str]:
    data = tomllib.loads((FOLDER / f"none.{language}.toml").read_text("utf-8"))
    for texts in data["sentences"].values():
        yield from texts


def part_of(group: str) -> Part:
    """The part of everything that came from one template or example: nine tenths are for training."""
    number = int(sha256(group.encode()).hexdigest()[:8], 16) % 20
    return Part.TEST if number == 0 else Part.VALIDATION if number == 1 else Part.TRAIN
