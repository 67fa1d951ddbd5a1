"""What a skill's own tests use: a home, a context, and a skill that is loaded as the assistant loads it.

    from skills.testing import Trial, home, thing

    def test_it_rings():
        done = Trial(Doorbell).call("ring", times=2)
        assert done.messages == [("doorbell/set", "2")]
        assert done.reply == "Ringing."

With pytest there is the fixture `understand` too: it tells which tools a sentence would call. Both come with
the assistant's pytest plugin; nothing has to be set up.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from devices.home import Ability, Device, Home, Kind
from skills.api import (
    Announcement,
    Answer,
    Command,
    Context,
    HistoryView,
    MqttCommand,
    Say,
    Skill,
    SkillError,
    Store,
    Web,
)
from skills.registry import Registry

__all__ = ["Done", "ScriptedWeb", "Trial", "context", "home", "thing"]

MONDAY = datetime(2025, 6, 2, 14, 20, tzinfo=UTC)
"""When it is, unless a test says otherwise."""

_ABILITIES: Mapping[Kind, frozenset[Ability]] = {
    Kind.LIGHT: frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR}),
    Kind.COVER: frozenset({Ability.OPEN, Ability.POSITION}),
    Kind.CLIMATE: frozenset({Ability.SETPOINT, Ability.MODE}),
    Kind.FAN: frozenset({Ability.ON, Ability.FAN_SPEED}),
    Kind.LOCK: frozenset({Ability.LOCKED}),
    Kind.ALARM: frozenset({Ability.ARMED}),
    Kind.MEDIA_PLAYER: frozenset({Ability.PLAYBACK, Ability.VOLUME}),
    Kind.VACUUM: frozenset({Ability.CLEANING}),
    Kind.SCENE: frozenset({Ability.PRESSED}),
    Kind.SENSOR: frozenset({Ability.READING}),
}


def thing(name: str, kind: Kind = Kind.SWITCH, room: str | None = None, **state: Any) -> Device:
    """Make a device with the abilities that its kind mostly has; `state` by ability (`on=True`)."""
    known = {Ability(ability): value for ability, value in state.items()}
    abilities = _ABILITIES.get(kind, frozenset({Ability.ON})) | set(known)
    return Device(name.lower().replace(" ", "_"), name, kind, abilities, room, state=known)


def home(*things: Device, rooms: Mapping[str, tuple[str, ...]] | None = None) -> Home:
    """Make a home of these."""
    made = Home(rooms)
    for each in things:
        made.put(each)
    return made


class ScriptedWeb:
    """A `Web` that answers from a table: the address as far as its `?` -> the JSON. Else it is offline."""

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self._answers = dict(answers or {})
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def get_json(
        self,
        url: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        fresh_for_s: float = 0.0,  # noqa: ARG002 - all is fresh
    ) -> tuple[Any, float]:
        """Return what the table says, fresh."""
        self.asked.append((url, dict(parameters or {})))
        address = url.partition("?")[0]
        if address not in self._answers:
            raise SkillError(Say("offline"))
        return self._answers[address], 0.0


def context(
    home: Home | None = None,
    *,
    language: str = "en",
    room: str | None = None,
    web: Web | None = None,
    adapters: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
    now: datetime = MONDAY,
    history: HistoryView | None = None,
    store: Store | None = None,
) -> Context:
    """Make a context. `adapters` are answers by (adapter, question); what is not there is offline."""
    answers: dict[tuple[str, str], Mapping[str, Any]] = dict(adapters or {})

    async def ask(adapter: str, question: str) -> Mapping[str, Any]:
        if (adapter, question) not in answers:
            raise SkillError(Say("offline"))
        return answers[adapter, question]

    given: dict[str, Any] = {"history": history, "store": store}
    return Context(
        language=language,
        room=room,
        home=home if home is not None else Home(),
        web=web if web is not None else ScriptedWeb(),
        ask=ask,
        settings={},
        now=lambda: now,
        **{name: each for name, each in given.items() if each is not None},
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a call: the answer, and its sentence. `refused` tells that a `SkillError` said it."""

    answer: Answer
    reply: str
    refused: bool = False

    @property
    def commands(self) -> tuple[Command, ...]:
        """What is to be carried out."""
        return self.answer.commands

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(topic, payload) of each `MqttCommand`."""
        return [(each.topic, each.payload) for each in self.commands if isinstance(each, MqttCommand)]


class Trial:
    """A skill, loaded and checked as the assistant does it, on its own. Raises what is wrong with it.

    `settings` are its section of the configuration. What it stores is kept from call to call.
    """

    def __init__(self, skill: type[Skill], **settings: Any) -> None:
        self.name = skill.name
        self.registry = Registry.of(skill, settings={skill.name: settings})
        self._store = context().store

    def context(self, **given: Any) -> Context:
        """Make a context with this trial's store; the arguments are those of `context`."""
        return context(**{"store": self._store, **given})

    def call(self, tool: str, given: Context | None = None, **arguments: Any) -> Done:
        """Call a tool. Raises `BadCall` for wrong arguments and `SkillFailed` for a broken contract."""
        asked = given if given is not None else self.context()
        try:
            answer = asyncio.run(self.registry.call(self.name, tool, arguments, asked))
        except SkillError as error:
            return Done(Answer(say=error.say), self.reply(error.say, asked.language), refused=True)
        say = answer.question.say if answer.question is not None else answer.say
        return Done(answer, "" if say is None else self.reply(say, asked.language))

    def answer(self, tool: str, asked: Done, text: str, given: Context | None = None) -> Done | None:
        """Answer the question that a call ended with; None when the words are no answer to it."""
        question = asked.answer.question
        if question is None:
            raise ValueError("it asked nothing")
        where = given if given is not None else self.context()
        value = self.registry.answer_to(self.name, tool, question, text, where.language, where.home)
        if value is None:
            return None
        return self.call(tool, where, **{**question.arguments, question.parameter: value})

    def reply(self, say: Say, language: str = "en") -> str:
        """Return the sentence for `say`."""
        return self.registry.reply(self.name, say, language)

    def announced(self, most: int, given: Context | None = None) -> list[Announcement]:
        """Return the first things that the background work yields, `most` at most."""
        return asyncio.run(self._announced(most, given if given is not None else self.context()))

    async def _announced(self, most: int, given: Context) -> list[Announcement]:
        found: list[Announcement] = []
        stream = self.registry.background(self.name, given)
        try:
            while len(found) < most:
                found.append(await anext(stream))
        except StopAsyncIteration:
            pass
        finally:
            await stream.aclose()
        return found


Understand = Callable[..., list[tuple[str, dict[str, Any]]]]
"""The fixture `understand(text, language="en", home=None, room=None)` -> [(tool, arguments)]."""
