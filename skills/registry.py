"""All skills there are: found by entry points, checked, called. A broken one is told and left out."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from devices.adapters.adapter import AdapterError
from skills.api import (
    API_VERSION,
    AdapterCommand,
    Answer,
    Context,
    Language,
    Manifest,
    MqttCommand,
    Say,
    Skill,
    SkillError,
    Tool,
)
from skills.checks import FIELD, one_line, problems_of
from skills.web import HttpWeb

GROUP = "sotto.skills"
CALL_TIMEOUT_S = 8.0
OWN_DISTRIBUTION = "sotto-voce"
FALLBACK_LANGUAGE = "en"

_log = logging.getLogger(__name__)


class BadCall(Exception):  # noqa: N818 - the caller's mistake, said in two words
    """There is no such tool, or its arguments do not fit; the message is one line."""


class SkillFailed(Exception):  # noqa: N818 - reads as what happened; SkillError is the skill's own
    """A skill broke its contract or raised; the message is one line that names the skill."""

    def __init__(self, skill: str, why: str) -> None:
        super().__init__(f"skill '{skill}' {why}")
        self.skill = skill


@dataclass(frozen=True, slots=True)
class _Loaded:
    skill: Skill
    tools: Mapping[str, Tool]
    languages: Mapping[str, Language]
    settings: Mapping[str, Any]
    distribution: str


class Registry:
    """The skills that work, by name, and one line for each that does not."""

    def __init__(self, loaded: Mapping[str, _Loaded], problems: tuple[str, ...]) -> None:
        self._loaded = loaded
        self.problems = problems
        self.skills: Mapping[str, Skill] = {name: each.skill for name, each in loaded.items()}
        self.tools: Mapping[str, Tool] = {
            tool.full_name: tool for each in loaded.values() for tool in each.tools.values()
        }

    @classmethod
    def load(cls, settings: Mapping[str, Mapping[str, Any]]) -> "Registry":
        """Load every skill of the group `sotto.skills`; `settings` are by skill name.

        Never raises for a broken plugin: it is left out and told in `problems`.
        """
        loaded: dict[str, _Loaded] = {}
        problems: list[str] = []
        for entry in sorted(entry_points(group=GROUP), key=_own_first):
            distribution = _distribution(entry)
            try:
                found = _load(entry, settings)
            # A plugin is somebody else's code: whatever it raises while it is loaded is its own problem.
            except Exception as error:
                problems.append(f"{distribution}: {entry.name}: {_told(error)}")
                continue
            name = found.skill.name
            if name in loaded:
                problems.append(
                    f"{distribution}: {entry.name}: there is already a skill '{name}', "
                    f"from {loaded[name].distribution}"
                )
                continue
            loaded[name] = found
        return cls(loaded, tuple(problems))

    def language(self, skill: str, language: str) -> Language | None:
        """Return a skill's language file, or None when it has none for this language."""
        return self._loaded[skill].languages.get(language)

    def manifest(self, skill: str) -> Manifest:
        """Return what a skill may reach."""
        return self._loaded[skill].skill.manifest

    async def call(self, skill: str, tool: str, arguments: Mapping[str, Any], context: Context) -> Answer:
        """Call a tool. The context is narrowed to what the skill's manifest and settings allow.

        Raises `BadCall` (not this tool, or not with these arguments), `SkillError` (the skill cannot answer
        and says why) and `SkillFailed` (the skill is at fault; it raised, or took over 8 seconds). A skill
        that blocks the event loop cannot be stopped.
        """
        found = self._loaded.get(skill)
        called = found.tools.get(tool) if found is not None else None
        if found is None or called is None:
            raise BadCall(f"there is no tool '{skill}.{tool}'")
        given = _validated(called, arguments)
        values = {name: getattr(given, name) for name in type(given).model_fields}
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                answer = await called.call(_narrowed(found, context), **values)
        except SkillError:
            raise
        except TimeoutError:
            raise SkillFailed(skill, f"took longer than {CALL_TIMEOUT_S:.0f} seconds") from None
        # A skill is somebody else's code; a fault in it ends this call and nothing more.
        except Exception as error:
            raise SkillFailed(skill, f"raised {_told(error)}") from error
        _check_answer(skill, found.skill.manifest, answer)
        return answer

    def reply(self, skill: str, say: Say, language: str) -> str:
        """Return the sentence for `say`, in English where the skill does not speak the language.

        Raises `SkillFailed` when the skill has no such reply or did not give a value that it names.
        """
        languages = self._loaded[skill].languages
        spoken = [languages[code] for code in (language, FALLBACK_LANGUAGE) if code in languages]
        for each in spoken:
            if say.key in each.replies:
                return FIELD.sub(
                    lambda field: self._value(skill, say, field.group(1), language), each.replies[say.key]
                )
        raise SkillFailed(skill, f"has no reply '{say.key}'")

    def _value(self, skill: str, say: Say, name: str, language: str) -> str:
        if name not in say.values:
            raise SkillFailed(skill, f"gave no '{name}' for its reply '{say.key}'")
        value = say.values[name]
        if isinstance(value, Say):
            return self.reply(skill, value, language)
        if isinstance(value, tuple):
            words = [
                self.reply(skill, each, language) if isinstance(each, Say) else str(each) for each in value
            ]
            return _read_out(words, language)
        return str(value)


def _read_out(words: list[str], language: str) -> str:
    if language == "zh":
        return "、".join(words)
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _own_first(entry: EntryPoint) -> tuple[bool, str, str]:
    distribution = _distribution(entry)
    return distribution != OWN_DISTRIBUTION, distribution, entry.name


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "an unknown distribution"


def _told(error: Exception) -> str:
    """Return an exception as one line."""
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _load(entry: EntryPoint, settings: Mapping[str, Mapping[str, Any]]) -> _Loaded:
    made = entry.load()
    if not (inspect.isclass(made) and issubclass(made, Skill)):
        raise TypeError(f"{entry.value} is no skills.api.Skill")
    for attribute in ("name", "api"):
        if not hasattr(made, attribute):
            raise TypeError(f"{entry.value} does not state its '{attribute}'")
    if made.api != API_VERSION:
        raise TypeError(
            f"{entry.value} was written for version {made.api} of skills.api; this is {API_VERSION}"
        )
    skill = made()
    tools = {tool.name: tool for tool in skill.tools()}
    languages = skill.languages()
    for problem in problems_of(skill, tools.values(), languages):
        raise ValueError(problem)
    return _Loaded(skill, tools, languages, settings.get(skill.name, {}), _distribution(entry))


def _validated(tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return tool.parameters.model_validate(dict(arguments))
    except ValidationError as error:
        raise BadCall(f"{tool.full_name}: {one_line(error)}") from None


def _narrowed(found: _Loaded, context: Context) -> Context:
    manifest = found.skill.manifest
    web = context.web
    if isinstance(web, HttpWeb):
        web = web.limited_to({*manifest.hosts, *_named_by_user(found.settings)})
    return replace(context, web=web, ask=_guarded(manifest, context.ask), settings=found.settings)


def _named_by_user(settings: Mapping[str, Any]) -> Iterator[str]:
    """The hosts that the user's own settings name; writing an address there is leave to reach it."""
    for value in settings.values():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield urlsplit(value).netloc


def _guarded(
    manifest: Manifest, ask: Callable[[str, str], Awaitable[Mapping[str, Any]]]
) -> Callable[[str, str], Awaitable[Mapping[str, Any]]]:
    async def guarded(adapter: str, question: str) -> Mapping[str, Any]:
        if adapter not in manifest.adapters:
            raise PermissionError(f"the manifest does not name the adapter '{adapter}'")
        try:
            return await ask(adapter, question)
        except AdapterError as error:
            _log.warning("%s could not be asked: %s", adapter, error)
            raise SkillError(Say("offline")) from error

    return guarded


def _check_answer(skill: str, manifest: Manifest, answer: object) -> None:
    if not isinstance(answer, Answer):
        raise SkillFailed(skill, f"returned {type(answer).__name__} where an Answer belongs")
    for command in answer.commands:
        if isinstance(command, AdapterCommand) and command.adapter not in manifest.adapters:
            raise SkillFailed(skill, f"sent to '{command.adapter}', which its manifest does not name")
        if isinstance(command, MqttCommand) and not any(
            _covers(allowed, command.topic) for allowed in manifest.topics
        ):
            raise SkillFailed(skill, f"sent to the topic '{command.topic}', which its manifest does not name")


def _covers(allowed: str, topic: str) -> bool:
    """Whether an MQTT filter (`+`, `#`) covers a topic; one with wildcards of its own is never covered."""
    levels, wanted = allowed.split("/"), topic.split("/")
    if any(level in ("+", "#") for level in wanted):
        return False
    if levels[-1] == "#":
        levels, wanted = levels[:-1], wanted[: len(levels) - 1]
    return len(levels) == len(wanted) and all(a in ("+", b) for a, b in zip(levels, wanted, strict=True))
