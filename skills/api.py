"""The contract between the assistant and its skills, version 1. Everything a skill may import is here.

A skill is a class. Its tools are its `@tool` methods: the signature is the schema, the docstring the
description. What people say and what is answered lies beside the module, one file a language
(`en.toml`, `zh.toml`), so that a new language is a new file.

A skill reads through its `Context` and acts only by returning commands. It never publishes by itself: the
assistant carries the commands out, watches what came of them, and only then says the reply.
"""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from devices.commands import AdapterCommand, Command, DeviceCommand, MqttCommand
from devices.history import HistoryView, NoHistory, Span
from devices.home import Ability, Device, Kind, Value
from devices.policy import Risk
from skills.language import Language, Sentence, Spot, read_language
from skills.lazily import Lazily
from skills.storage import MemoryStore

__all__ = [
    "API_VERSION",
    "Ability",
    "AdapterCommand",
    "Announcement",
    "Answer",
    "AreaName",
    "Command",
    "Context",
    "Device",
    "DeviceCommand",
    "Field",
    "HistoryView",
    "HomeView",
    "Kind",
    "Language",
    "Manifest",
    "MqttCommand",
    "Percent",
    "Question",
    "Risk",
    "Say",
    "Sentence",
    "Skill",
    "SkillError",
    "Slot",
    "Span",
    "Spot",
    "Store",
    "Tool",
    "Value",
    "Web",
    "tool",
]

API_VERSION = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """Marks a parameter whose words come from a list: a device kind ("light"), "area", or a list of the
    skill's own language file ("colour").
    """

    list_name: str


AreaName = Annotated[str, Slot("area")]
Percent = Annotated[int, Field(ge=0, le=100)]


@dataclass(frozen=True, slots=True)
class Say:
    """Something to say: a key of `[replies]` in the skill's language files, and the values it names.

    A value may be a `Say` of its own, or a tuple of words and `Say`s, which is read out as "a, b and c".
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A parameter is missing, and the person is asked for it: `say` is the question.

    What is answered is looked up in the list that fills `parameter`; then the same tool is called again with
    `arguments` and that. Any other answer is taken as a new order.
    """

    say: Say
    parameter: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool returns: commands to carry out, and what to say.

    With commands, `say` is what is said once they *were* carried out; what went wrong is told by the
    assistant. Without commands it is the answer itself. `facts` are what a language model may rephrase.
    With a `question` nothing is carried out yet.
    """

    commands: tuple[Command, ...] = ()
    say: Say | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a skill's background work has to say or to do by itself; `room` None is wherever somebody is.

    `language` is that of the person whom it is for; without one it is said in the home's.
    """

    say: Say | None = None
    commands: tuple[Command, ...] = ()
    room: str | None = None
    language: str | None = None


class SkillError(Exception):
    """Raised by a tool that cannot answer; `say` tells the person why."""

    def __init__(self, say: Say) -> None:
        super().__init__(say.key)
        self.say = say


class HomeView(Protocol):
    """The home, to read."""

    @property
    def rooms(self) -> Mapping[str, tuple[str, ...]]:
        """Room name -> its other names."""
        ...

    def __iter__(self) -> Iterator[Device]: ...

    def get(self, device_id: str) -> Device | None:
        """The device, or None when there is no such."""
        ...

    def find(self, *, kind: Kind | None = None, room: str | None = None) -> tuple[Device, ...]:
        """All devices of a kind and in a room; None leaves that side open."""
        ...


class Web(Protocol):
    """The world, to ask. Only hosts that the skill's manifest names are reachable."""

    async def get_json(
        self, url: str, parameters: Mapping[str, Any] | None = None, *, fresh_for_s: float = 0.0
    ) -> tuple[Any, float]:
        """Return the decoded JSON and its age in seconds.

        An answer younger than `fresh_for_s` comes from the cache. When the world cannot be reached, a stale
        cached answer is returned with its true age; without one `SkillError` is raised.
        """
        ...


class Store(Protocol):
    """A skill's own storage: JSON values by key, kept over a restart, a megabyte in all."""

    async def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default`."""
        ...

    async def put(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it. Raises ValueError for what is no JSON or too much."""
        ...

    async def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a tool may know: who asks from where, the home now and before, the world, the adapters' states,
    and what the skill itself has kept.
    """

    language: str
    room: str | None
    home: HomeView
    web: Web
    ask: Callable[[str, str], Awaitable[Mapping[str, Any]]]
    """`await ask("mpd", "status")`: a question to an adapter that the manifest names.

    Raises `SkillError` (reply `offline`) when it cannot be reached.
    """
    settings: Mapping[str, Any]
    """The skill's section of the configuration: its `Settings` model if it declares one, checked."""
    now: Callable[[], datetime]
    history: HistoryView = field(default_factory=NoHistory)
    store: Store = field(default_factory=MemoryStore)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a skill may reach; checked at each call and each announcement.

    `hosts` and `adapters` are those that it asks, `topics` the MQTT filters that its `MqttCommand`s keep to,
    `devices` the kinds that its `DeviceCommand`s may order (None: any; what an order takes is for the
    owner's policy to say, whoever gives it).

    A skill with `hosts` or `adapters` has a reply `offline` in each language. An address that the user wrote
    into the skill's own settings may be reached too.
    """

    hosts: frozenset[str] = frozenset()
    adapters: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    devices: frozenset[Kind] | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing a skill can do. `acts` is false for tools that only look; `offered` is false for those that
    the language model is not told of.
    """

    skill: str
    name: str
    description: str
    parameters: type[BaseModel]
    slots: Mapping[str, Slot]
    acts: bool
    risk: Risk
    offered: bool
    call: Callable[..., Awaitable[Answer]]

    @property
    def full_name(self) -> str:
        """The name in plans and prompts: `skill.tool`."""
        return f"{self.skill}.{self.name}"


_Method = TypeVar("_Method", bound=Callable[..., Awaitable[Answer]])


def tool(*, acts: bool = True, risk: Risk = Risk.LOW, offered: bool = True) -> Callable[[_Method], _Method]:
    """Make a method of a `Skill` a tool.

    The method takes a `Context` and then its parameters, all with types; parameters that may be left out
    have a default. Its docstring's first line is what the language model reads. What people say in so many
    words ("pause the music") the templates know: with `offered=False` it does not make the model slower.
    """

    def mark(method: _Method) -> _Method:
        method.__sotto_tool__ = (acts, risk, offered)  # type: ignore[attr-defined]  # functions take attributes
        return method

    return mark


class Skill:
    """What a skill inherits: a name, a manifest, its tools and its language files.

    `api` is the version of this contract that the skill was written for; each skill states it itself.
    `settings` is a pydantic model of its section `[skills.<name>]`; without one any keys are taken.
    """

    name: ClassVar[str]
    api: ClassVar[int]
    manifest: ClassVar[Manifest] = Manifest()
    settings: ClassVar[type[BaseModel] | None] = None

    async def background(self, context: Context) -> AsyncIterator[Announcement]:  # noqa: ARG002 - overridden
        """Work beside the turns, for as long as the assistant runs; what it yields is said and carried out.

        One that raises is started again after a while, a few times; one that floods is ended.
        """
        nothing: Announcement
        for nothing in ():
            yield nothing

    def vocabulary(self, settings: Mapping[str, Any]) -> Mapping[str, Mapping[str, Sequence[str]]]:  # noqa: ARG002 - overridden
        """Words that no language file can know, such as names in the settings: list -> value -> its words.

        Asked once, when the skill is loaded; they join those of the language files, in every language.
        """
        return {}

    def tools(self) -> Sequence[Tool]:
        """All tools, in the order in which they are written."""
        return [
            self._tool(name, *member.__sotto_tool__)
            for name, member in vars(type(self)).items()
            if hasattr(member, "__sotto_tool__")
        ]

    def languages(self) -> Mapping[str, Language]:
        """The language files beside the skill's module (`en.toml`), by language code; each is read when it is
        first needed.
        """
        folder = Path(inspect.getfile(type(self))).parent
        found = sorted(file.stem for file in folder.glob("*.toml") if re.fullmatch(r"[a-z]{2,3}", file.stem))
        return Lazily(found, lambda code: read_language(folder / f"{code}.toml"))

    def _tool(self, name: str, acts: bool, risk: Risk, offered: bool) -> Tool:
        method = getattr(self, name)
        hints = get_type_hints(method, include_extras=True)
        declared = list(inspect.signature(method).parameters.values())[1:]
        fields: dict[str, Any] = {
            each.name: (hints[each.name], ... if each.default is each.empty else each.default)
            for each in declared
        }
        slots = {each: slot for each in fields if (slot := _slot_of(hints[each])) is not None}
        return Tool(
            skill=self.name,
            name=name,
            description=(inspect.getdoc(method) or name).splitlines()[0],
            parameters=create_model(
                f"{self.name}_{name}", __config__=ConfigDict(extra="forbid", strict=False), **fields
            ),
            slots=slots,
            acts=acts,
            offered=offered,
            risk=risk,
            call=method,
        )


def _slot_of(hint: Any) -> Slot | None:
    """The `Slot` anywhere in an annotation: `Annotated[str, Slot(..)]`, also inside `| None`."""
    for item in (*getattr(hint, "__metadata__", ()), *getattr(hint, "__args__", ())):
        if isinstance(item, Slot):
            return item
        found = _slot_of(item) if hasattr(item, "__args__") or hasattr(item, "__metadata__") else None
        if found is not None:
            return found
    return None
