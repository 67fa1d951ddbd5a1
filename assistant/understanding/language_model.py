"""The second tier: a language model that answers with tool calls, or with something to say.

The prompt's beginning (persona, tools, examples) is the same bytes for every turn, so that the engine reads
it once. There are two: a question is told only of the tools that look, anything else only of those that act,
which halves what the model has to read and to choose from. The sentence comes last, and what it may mean is
in the schema, not in the prompt: a list of names there only distracts a small model (Qwen 0.5B went from
"lights" to "music" over it). The model writes one JSON object: `calls`, or `say`, which is spoken clause by
clause while it is still being written.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from assistant.failures import Failure
from assistant.language.engine import LanguageModel, LanguageModelError, Message, Sampling
from assistant.understanding.grounding import SpokenForms, answer_schema
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_question
from skills.api import Risk, Tool
from skills.registry import Registry

_PERSONA = (
    "You are Sotto, the voice of this home. You answer with one JSON object and nothing else.\n"
    'To do or look up something: {"calls":[{"tool":NAME,"arguments":{...}}]}.\n'
    'To talk: {"say":TEXT} - one or two short spoken sentences, no markup, in the language of the person. '
    "Say that you don't know when you don't know. Never claim to have done something.\nTools:"
)
_TALK = {
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
_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class PlannerSettings:
    """`persona` is put before the rules; `timeout_s` is how long a person is kept waiting for a plan."""

    persona: str = ""
    timeout_s: float = 20.0
    sampling: Sampling = Sampling()


class LanguageModelPlanner:
    """Plans with one model over the registry's tools and the words of the home."""

    def __init__(
        self,
        model: LanguageModel,
        registry: Registry,
        words: Callable[[], SpokenForms],
        settings: PlannerSettings = PlannerSettings(),
    ) -> None:
        self._model = model
        self._registry = registry
        self._words = words
        self._settings = settings
        self._warm: set[tuple[str, bool]] = set()
        self._beginnings = {
            (language, question): self._beginning(language, question=question)
            for language in _TALK
            for question in (False, True)
        }

    def beginning(self, language: str, *, question: bool) -> Sequence[Message]:
        """Return the part of the prompt that all questions, or all orders, of a language have in common."""
        known = language if language in _TALK else _FALLBACK
        return self._beginnings[known, question]

    async def warm(self, language: str) -> None:
        """Let the engine read a language's fixed beginnings before anybody waits for it."""
        for question in (False, True):
            await self._read(language, question=question)

    async def _read(self, language: str, *, question: bool) -> None:
        beginning = self.beginning(language, question=question)
        await self._model.warm([*beginning, {"role": "user", "content": "hello"}])
        self._warm.add((language, question))

    async def plan(self, text: str, language: str, turn_id: str) -> Plan:
        """Return what the model makes of the words. A model that fails or is late makes a failure plan.

        What is late is counted from where the prompt's beginning has been read: the first time takes longer.
        """
        question = is_question(text, language)
        try:
            if (language, question) not in self._warm:
                await self._read(language, question=question)
            return await self._plan(text, language, turn_id, question=question)
        except LanguageModelError as error:
            failure = Failure.LANGUAGE_MODEL_FAILED
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, failure=failure, why=str(error))

    async def _plan(self, text: str, language: str, turn_id: str, *, question: bool) -> Plan:
        tools = self._offered(question=question)
        schema = answer_schema(tools, text, self._words(), question=question)
        ask: Message = {"role": "user", "content": text}
        pieces = self._model.stream(
            [*self.beginning(language, question=question), ask],
            schema=schema,
            sampling=self._settings.sampling,
        )
        answer = _Answer(pieces)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                talks = await answer.talks()
                written = None if talks else await answer.whole()
        except TimeoutError:
            await answer.close()
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, failure=Failure.STILL_THINKING)
        except LanguageModelError:
            await answer.close()
            raise
        if written is None:
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, talk=answer.talk(), why="the model talks")
        return self._calls(written, language, turn_id, question=question)

    def _calls(self, written: str, language: str, turn_id: str, *, question: bool) -> Plan:
        """Check the model's calls once more: a constraint that slipped must not act."""
        try:
            calls = tuple(self._checked(each, question=question) for each in json.loads(written)["calls"])
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            why = f"the model wrote {written!r}: {error}"
            return Plan(turn_id, Tier.LANGUAGE_MODEL, language, failure=Failure.NOT_UNDERSTOOD, why=why)
        return Plan(turn_id, Tier.LANGUAGE_MODEL, language, calls=calls, why=f"the model wrote {written}")

    def _checked(self, call: dict[str, object], *, question: bool) -> Call:
        tool = self._registry.tools[str(call["tool"])]
        if question and tool.acts:
            raise ValueError(f"{tool.full_name} acts, and this was a question")
        arguments = tool.parameters.model_validate(call["arguments"])
        return Call(tool.skill, tool.name, arguments.model_dump(exclude_unset=True))

    def _offered(self, *, question: bool) -> list[Tool]:
        offered = (tool for tool in self._registry.tools.values() if tool.offered and tool.risk is Risk.LOW)
        return sorted(
            (tool for tool in offered if tool.acts is not question), key=lambda tool: tool.full_name
        )

    def _beginning(self, language: str, *, question: bool) -> Sequence[Message]:
        tools = self._offered(question=question)
        lines = [f"- {tool.full_name}({_signature(tool)}): {tool.description}" for tool in tools]
        system = "\n".join(filter(None, [self._settings.persona, _PERSONA, *lines]))
        messages: list[Message] = [{"role": "system", "content": system}]
        for said, answer in self._examples(tools, language):
            messages.append({"role": "user", "content": said})
            messages.append({"role": "assistant", "content": _compact(answer)})
        return messages

    def _examples(self, tools: Sequence[Tool], language: str) -> list[tuple[str, object]]:
        """The last example of each tool, by custom its least direct: the others, the fast path knows."""
        examples: list[tuple[str, object]] = []
        for tool in tools:
            known = self._registry.language(tool.skill, language)
            for said, arguments in (known.examples.get(tool.name, ()) if known else ())[-1:]:
                call = {"tool": tool.full_name, "arguments": dict(arguments)}
                examples.append((said, {"calls": [call]}))
        talk = [(said, {"say": answer}) for said, answer in _TALK[language]]
        # Spread out: a model that has seen calls alone for a while makes one of everything.
        for number, each in enumerate(talk, 1):
            examples.insert(len(examples) * number // len(talk), each)
        return examples


class _Answer:
    """The model's JSON while it is being written."""

    def __init__(self, pieces: AsyncGenerator[str, None]) -> None:
        self._pieces = pieces
        self._written = ""

    async def talks(self) -> bool:
        """Tell, as soon as the first key is there, whether the answer is `say` rather than `calls`."""
        async for piece in self._pieces:
            self._written += piece
            if '"say"' in self._written:
                return True
            if '"calls"' in self._written:
                return False
        raise LanguageModelError(f"the language model wrote no answer: {self._written[:80]!r}")

    async def whole(self) -> str:
        """Return all of it."""
        async for piece in self._pieces:
            self._written += piece
        return self._written

    async def talk(self) -> AsyncGenerator[str, None]:
        """Yield what `say` holds, decoded, piece by piece."""
        said = ""
        try:
            while True:
                now = _string_so_far(self._written)
                if len(now) > len(said):
                    yield now[len(said) :]
                    said = now
                self._written += await anext(self._pieces)
        except StopAsyncIteration:
            return
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop the model."""
        await self._pieces.aclose()


def _string_so_far(written: str) -> str:
    """Decode the beginning of the JSON string behind `"say":`, as far as it is there."""
    _, _, rest = written.partition('"say"')
    _, quote, rest = rest.partition('"')
    if not quote:
        return ""
    end = _closing_quote(rest)
    body = rest if end is None else rest[:end]
    for cut in range(min(len(body), 6) + 1):  # an escape that is not whole yet is left for later
        try:
            text = str(json.loads(f'"{body[: len(body) - cut]}"', strict=False))
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        except ValueError:
            continue
    return ""


def _closing_quote(text: str) -> int | None:
    escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            return position
    return None


def _signature(tool: Tool) -> str:
    schema = tool.parameters.model_json_schema()
    required = schema.get("required", [])
    return ", ".join(name if name in required else f"{name}?" for name in schema.get("properties", {}))


def _compact(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
