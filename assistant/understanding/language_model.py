"""The second tier: a language model that answers with tool calls, or with something to say.

The model writes one JSON object: `calls`, or `say`, which is spoken clause by clause while it is still being
written. What it may write is narrowed to what was really said (`grounding.py`), and checked once more before
anything is done: an engine may not know schemas, and a constraint that slipped must not act. What it reads is
laid out in `prompt.py`.
"""

import time
from asyncio import timeout
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import ValidationError

from assistant.failures import Failure
from assistant.language.engine import LanguageModel, LanguageModelError, Message, Sampling
from assistant.language.spoken import speakable
from assistant.sentences import sentence
from assistant.understanding.answering import Answer, followed_by, honest
from assistant.understanding.carrying import Words, telling_words
from assistant.understanding.frames.memory import Memory
from assistant.understanding.grounding import Heard, SpokenForms, answer_schema, ungrounded
from assistant.understanding.normalise import languages
from assistant.understanding.notation import read
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.prompt import Exchange, Prompt, compact
from assistant.understanding.questions import is_question
from skills.api import Tool
from skills.registry import Registry

_MOST_PAST = 6  # exchanges that are kept; the prompt's budget takes fewer
_HUMBLE_AGAIN_S = 600.0
_OFFER_S = 60.0
"""For so long a yes takes up the offer to ask the larger model."""


@dataclass(frozen=True, slots=True)
class PlannerSettings:
    """`persona` is put before the rules; `timeout_s` is how long a person is kept waiting for a plan.

    `remember_s` is how long talk is remembered, `retrieved` how many like examples are added to the prompt.
    With `trained` the model was fine-tuned and knows its tools; with `small` it says that it may be wrong.
    """

    persona: str = ""
    timeout_s: float = 20.0
    sampling: Sampling = Sampling()
    remember_s: float = 120.0
    retrieved: int = 0
    trained: bool = False
    small: bool = False


@dataclass(slots=True)
class _Talk:
    """What one conversation said lately, and what was offered to it."""

    past: list[Exchange] = field(default_factory=list)
    humble_s: float | None = None
    offered: tuple[str, str, float] | None = None
    persona: str = ""


class LanguageModelPlanner:
    """Plans with one model over the registry's tools and the home's words. `larger` is asked on a yes."""

    def __init__(
        self,
        model: LanguageModel,
        registry: Registry,
        words: Callable[[], SpokenForms],
        settings: PlannerSettings = PlannerSettings(),
        *,
        larger: LanguageModel | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._registry = registry
        self._words = words
        self._settings = settings
        self._larger = larger
        self._now = now
        self._warm: set[tuple[str, bool, str]] = set()
        self._personas: dict[tuple[str, bool], Prompt] = {}
        self._talks: WeakKeyDictionary[Memory, _Talk] = WeakKeyDictionary()
        self._prompt = Prompt(
            registry, settings.persona, retrieved=settings.retrieved, trained=settings.trained
        )
        # A larger model was not trained for these tools: it is told of them.
        self._told = Prompt(registry, settings.persona) if settings.trained and larger else self._prompt
        self._telling: dict[tuple[str, str], Words] = {}

    def beginning(self, language: str, *, question: bool) -> Sequence[Message]:
        """Return the part of the prompt that all questions, or all orders, of a language have in common."""
        return self._prompt.beginning(language, question=question)

    async def warm(self, language: str) -> None:
        """Let the engine read a language's fixed beginnings before anybody waits for it."""
        for question in (True, False):  # an order is likelier: it is read last, and lies readiest
            await self._read(language, question=question)

    def is_warm(self, language: str) -> bool:
        """Whether the fixed beginnings of a language were read."""
        return all((language, question, "") in self._warm for question in (True, False))

    async def _read(self, language: str, persona: str = "", *, question: bool) -> None:
        beginning = self._prompt_of(self._model, persona).beginning(language, question=question)
        await self._model.warm([*beginning, {"role": "user", "content": "hello"}])
        self._warm.add((language, question, persona))

    async def plan(self, text: str, language: str, turn_id: str, memory: Memory | None = None) -> Plan:
        """Return what the model makes of the words. A model that fails or is late makes a failure plan.

        `memory` tells the conversation. What is late is counted from where the prompt's beginning has been
        read: the first time takes longer.
        """
        talk = self._talks.setdefault(memory, _Talk()) if memory is not None else _Talk()
        question = is_question(text, language)
        try:
            talk.persona = memory.persona if memory is not None else ""
            if (language, question, talk.persona) not in self._warm:
                await self._read(language, talk.persona, question=question)
            return await self._plan(self._model, text, language, turn_id, talk)
        except LanguageModelError as error:
            failure = Failure.LANGUAGE_MODEL_FAILED
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, failure=failure, why=str(error))

    async def accepted(self, text: str, language: str, turn_id: str, memory: Memory) -> Plan | None:
        """Return the larger model's plan for what was asked before, if the words are the yes to our offer."""
        from assistant.dialogue.asking import is_yes  # the dialogue knows understanding: not at the top

        talk = self._talks.get(memory)
        if talk is None or talk.offered is None or self._larger is None:
            return None
        (asked, spoken, at_s), talk.offered = talk.offered, None
        if self._now() - at_s > _OFFER_S or not is_yes(text, language):
            return None
        try:
            return await self._plan(self._larger, asked, spoken, turn_id, talk)
        except LanguageModelError as error:
            failure = Failure.LANGUAGE_MODEL_FAILED
            return Plan(turn_id, Tier.LANGUAGE_MODEL, spoken, failure=failure, why=str(error))

    async def _plan(self, model: LanguageModel, text: str, language: str, turn_id: str, talk: _Talk) -> Plan:
        question = is_question(text, language)
        prompt = self._prompt_of(model, talk.persona)
        heard = Heard(text, language, self._words(), question, self._own_words)
        tools = prompt.offered(question=question)
        pieces = model.stream(
            prompt.whole(text, language, self._past(talk), question=question),
            schema=answer_schema(tools, heard, short=prompt.trained),
            sampling=self._settings.sampling,
        )
        answer = Answer(pieces)
        try:
            async with timeout(self._settings.timeout_s):
                talks = await answer.talks()
                written = None if talks else await answer.whole()
        except TimeoutError:
            await answer.close()
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, failure=Failure.STILL_THINKING)
        except LanguageModelError:
            await answer.close()
            raise
        if written is None:
            why = f"{model.name} talks"
            said = speakable(answer.talk(), language)
            said = said if question else honest(said, language)
            more = self._humbly(talk, text, language, question=question) if model is self._model else ""
            spoken = followed_by(said, more, lambda part: self._remember(talk, text, {"say": part}))
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, talk=spoken, why=why)
        plan = self._calls(written, heard, {tool.full_name: tool for tool in tools}, turn_id)
        if plan.calls:
            self._remember(talk, text, read(written))
        return plan

    def _prompt_of(self, model: LanguageModel, persona: str) -> Prompt:
        """The prompt for a model, as whoever was called."""
        larger = model is self._larger
        if not persona:
            return self._told if larger else self._prompt
        trained = self._settings.trained and not larger
        if (persona, trained) not in self._personas:
            retrieved = 0 if larger else self._settings.retrieved
            made = Prompt(self._registry, persona, retrieved=retrieved, trained=trained)
            self._personas[persona, trained] = made
        return self._personas[persona, trained]

    # -- calls -----------------------------------------------------------------------------------------------

    def _calls(self, written: str, heard: Heard, offered: dict[str, Tool], turn_id: str) -> Plan:
        """Check the model's calls once more, whatever it was constrained to."""
        try:
            calls = tuple(_checked(each, heard, offered) for each in read(written)["calls"])
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            why = f"the model wrote {written!r}: {error}"
            return Plan(turn_id, Tier.LANGUAGE_MODEL, heard.language, failure=Failure.NOT_UNDERSTOOD, why=why)
        if not calls:
            return Plan(turn_id, Tier.LANGUAGE_MODEL, heard.language, failure=Failure.NOT_UNDERSTOOD)
        why = f"the model wrote {written}"
        return Plan(turn_id, Tier.LANGUAGE_MODEL, heard.language, calls=calls, why=why)

    def _own_words(self, tool: Tool, parameter: str) -> Words:
        """The words of a parameter that only its skill knows, found when they are first needed."""
        key = (tool.full_name, parameter)
        if key not in self._telling:
            spoken = [self._registry.language(tool.skill, code) for code in languages()]
            self._telling[key] = telling_words(tool, parameter, filter(None, spoken))
        return self._telling[key]

    # -- talk ------------------------------------------------------------------------------------------------

    def _past(self, talk: _Talk) -> Sequence[Exchange]:
        since_s = self._now() - self._settings.remember_s
        talk.past = [each for each in talk.past if each.at_s >= since_s][-_MOST_PAST:]
        return talk.past

    def _remember(self, talk: _Talk, text: str, answer: dict[str, Any]) -> None:
        if self._settings.remember_s and answer.get("say", True):
            talk.past.append(Exchange(text, compact(answer), self._now()))

    def _humbly(self, talk: _Talk, text: str, language: str, *, question: bool) -> str:
        """What a small model adds to its own knowledge: that it is one, and who might know better."""
        if not self._settings.small or not question:
            return ""
        if self._larger is not None:
            talk.offered = (text, language, self._now())
            return sentence("small_model_offers", language, {"name": self._larger.name})
        if talk.humble_s is not None and self._now() - talk.humble_s < _HUMBLE_AGAIN_S:
            return ""
        talk.humble_s = self._now()
        return sentence("small_model", language, {})


def _checked(call: dict[str, Any], heard: Heard, offered: dict[str, Tool]) -> Call:
    tool = offered[str(call["tool"])]  # one that acts is not offered for a question, a risky one never
    arguments = tool.parameters.model_validate(call["arguments"]).model_dump(mode="json", exclude_unset=True)
    if lie := ungrounded(tool, arguments, heard):
        raise ValueError(lie)
    return Call(tool.skill, tool.name, arguments)
