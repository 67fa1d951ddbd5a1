"""All skills there are: found by entry points, checked, called. A broken one is told and left out.

The assistant's own skills run on its loop. Those of any other distribution run in a thread of their own
(`isolation.py`): one that raises, blocks or floods is stopped and named, and the rest goes on.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from skills.api import (
    Announcement,
    Answer,
    Context,
    HomeView,
    Language,
    Manifest,
    Question,
    Say,
    Skill,
    SkillError,
    Tool,
)
from skills.checks import FIELD, LONGEST_REPLY, Refused, check_announcement, check_answer, one_line, plain
from skills.isolation import PluginHost, PluginOff, PluginRaised, told
from skills.loading import OWN_DISTRIBUTION, Loaded, examine, load
from skills.ports import narrowed, reached_from_elsewhere
from skills.questions import answer_to

GROUP = "sotto.skills"
CALL_TIMEOUT_S = 8.0
LOAD_TIMEOUT_S = 10.0
FALLBACK_LANGUAGE = "en"
MOST_PROBLEMS = 100
"""Lines that are kept; they are told in the log as well."""
DEEPEST_REPLY = 5
"""Replies within replies."""

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class BadCall(Exception):  # noqa: N818 - the caller's mistake, said in two words
    """There is no such tool, or its arguments do not fit; the message is one line."""


class SkillFailed(Exception):  # noqa: N818 - reads as what happened; SkillError is the skill's own
    """A skill broke its contract or raised; the message is one line that names the skill."""

    def __init__(self, skill: str, why: str) -> None:
        super().__init__(f"skill '{skill}' {why}")
        self.skill = skill


class Registry:
    """The skills that work, by name, and one line for each that does not."""

    def __init__(self, loaded: Mapping[str, Loaded], problems: tuple[str, ...]) -> None:
        self._loaded = loaded
        self._problems = list(problems)
        self.skills: Mapping[str, Skill] = {name: each.skill for name, each in loaded.items()}
        self.tools: Mapping[str, Tool] = {
            tool.full_name: tool for each in loaded.values() for tool in each.tools.values()
        }

    @classmethod
    def load(cls, settings: Mapping[str, Mapping[str, Any]]) -> "Registry":
        """Load every skill of the group `sotto.skills`; `settings` are by skill name.

        Never raises for a broken plugin: it is left out and told in `problems`. Blocks, for 10 seconds at
        most for each plugin that does not come back; a loop calls it with `asyncio.to_thread`.
        """
        return _Loading(settings).registry(cls)

    @classmethod
    def of(cls, *skills: type[Skill], settings: Mapping[str, Mapping[str, Any]] | None = None) -> "Registry":
        """Make a registry of these classes alone, on the caller's loop: for tests.

        Raises TypeError or ValueError for a skill that could not be loaded.
        """
        found = [examine(each, each.__qualname__, settings or {}, OWN_DISTRIBUTION) for each in skills]
        return cls({each.skill.name: each for each in found}, ())

    @property
    def problems(self) -> tuple[str, ...]:
        """One line for each skill that could not be loaded, and for each that was cut off since."""
        return tuple(self._problems)

    def note(self, line: str) -> None:
        """Tell what became of a skill."""
        _log.error("%s", line)
        if line not in self._problems and len(self._problems) < MOST_PROBLEMS:
            self._problems.append(line)

    def close(self) -> None:
        """End the plugins' threads; a second each at most. Nothing may be called afterwards."""
        for host in dict.fromkeys(each.host for each in self._loaded.values()):
            if host is not None:
                host.close()

    def language(self, skill: str, language: str) -> Language | None:
        """Return a skill's language file, or None when it has none for this language."""
        return self._loaded[skill].languages.get(language)

    def speaks(self, language: str) -> bool:
        """Whether any skill has a file for this language."""
        return any(language in each.languages for each in self._loaded.values())

    def manifest(self, skill: str) -> Manifest:
        """Return what a skill may reach."""
        return self._loaded[skill].skill.manifest

    def distribution(self, skill: str) -> str:
        """Return the name of the installed package that a skill came with."""
        return self._loaded[skill].distribution

    async def call(self, skill: str, tool: str, arguments: Mapping[str, Any], context: Context) -> Answer:
        """Call a tool. The context is narrowed to what the skill's manifest and settings allow.

        Raises `BadCall` (not this tool, or not with these arguments), `SkillError` (the skill cannot answer
        and says why) and `SkillFailed` (the skill is at fault; it raised, flooded, reached for what its
        manifest does not name, took over 8 seconds or is cut off). Of the assistant's own skills, one that
        blocks the loop cannot be stopped.
        """
        found = self._loaded.get(skill)
        called = found.tools.get(tool) if found is not None else None
        if found is None or called is None:
            raise BadCall(f"there is no tool '{skill}.{tool}'")
        given = _validated(called, arguments)
        values = {name: getattr(given, name) for name in type(given).model_fields}

        async def work(instance: Skill, narrow: Context) -> Answer:
            method: Callable[..., Awaitable[Answer]] = getattr(instance, called.name)
            return await method(narrow, **values)

        try:
            answer = check_answer(
                await self._run(found, work, context), called, found.skill.manifest, context.home
            )
        except Refused as error:
            raise SkillFailed(skill, str(error)) from None
        for say in (answer.say, answer.question.say if answer.question is not None else None):
            if say is not None:
                self.reply(
                    skill, say, context.language
                )  # a reply that is not there is told before anything is done
        return answer

    async def background(self, skill: str, context: Context) -> AsyncGenerator[Announcement, None]:
        """Yield what a skill's background work has to say or do. Raises `SkillFailed`."""
        found = self._loaded[skill]
        narrow = narrowed(found, context)
        try:
            async with aclosing(_announcements(found, narrow)) as announcements:
                async for each in announcements:
                    announcement = check_announcement(each, found.skill.manifest, context.home)
                    if announcement.say is not None:
                        self.reply(skill, announcement.say, context.language)
                    yield announcement
        except (Refused, PluginOff) as error:
            raise SkillFailed(skill, str(error)) from None
        except PluginRaised as error:
            raise SkillFailed(skill, f"raised {error}") from None
        except SkillFailed:
            raise
        except Exception as error:
            raise SkillFailed(skill, f"raised {told(error)}") from error

    def reply(self, skill: str, say: Say, language: str) -> str:
        """Return the sentence for `say`, in English where the skill does not speak the language.

        Raises `SkillFailed` when the skill has no such reply, did not give a value that it names, or says
        more than `LONGEST_REPLY` characters.
        """
        return self._reply(skill, say, language, 0)

    def answer_to(
        self,
        skill: str,
        tool: str,
        question: Question,
        text: str,
        language: str,
        home: HomeView | None = None,
    ) -> Any:
        """Return the value that `text` gives for what a skill asked, None when it gives none.

        Rooms and things are looked up in the `home`, if it is given.
        """
        found = self._loaded[skill]
        codes = dict.fromkeys((language, *found.languages))
        spoken = [found.languages[code] for code in codes if code in found.languages]
        return answer_to(found.tools[tool], question, text, spoken, home, language=language)

    async def _run(
        self, found: Loaded, work: Callable[[Skill, Context], Awaitable[_T]], context: Context
    ) -> _T:
        """Await `work` where the skill's code belongs, 8 seconds at most."""
        name = found.skill.name
        narrow = narrowed(found, context)
        try:
            if found.host is None:
                async with asyncio.timeout(CALL_TIMEOUT_S):
                    return await work(found.skill, narrow)
            elsewhere = reached_from_elsewhere(narrow, asyncio.get_running_loop())

            async def there(instance: Skill) -> _T:
                return _settled(await _own_errors(work(instance, elsewhere)))

            return await found.host.call(type(found.skill), there, CALL_TIMEOUT_S)
        except SkillError as error:
            self.reply(name, error.say, context.language)
            raise
        except PluginOff as error:
            raise SkillFailed(name, str(error)) from None
        except TimeoutError:
            raise SkillFailed(name, f"took longer than {CALL_TIMEOUT_S:.0f} seconds") from None
        except PluginRaised as error:
            raise SkillFailed(name, f"raised {error}") from None
        # A skill is somebody else's code; a fault in it ends this call and nothing more.
        except Exception as error:
            raise SkillFailed(name, f"raised {told(error)}") from error

    def _reply(self, skill: str, say: Say, language: str, depth: int) -> str:
        languages = self._loaded[skill].languages
        spoken = [languages[code] for code in (language, FALLBACK_LANGUAGE) if code in languages]
        template = next((each.replies[say.key] for each in spoken if say.key in each.replies), None)
        if template is None or depth > DEEPEST_REPLY:
            raise SkillFailed(skill, f"has no reply '{say.key}'")
        said = FIELD.sub(lambda field: self._value(skill, say, field.group(1), language, depth + 1), template)
        if len(said) > LONGEST_REPLY:
            raise SkillFailed(skill, f"says {len(said):,} characters; {LONGEST_REPLY:,} are the most")
        return said

    def _value(self, skill: str, say: Say, name: str, language: str, depth: int) -> str:
        if name not in say.values:
            raise SkillFailed(skill, f"gave no '{name}' for its reply '{say.key}'")
        value = say.values[name]
        if isinstance(value, Say):
            return self._reply(skill, value, language, depth)
        if isinstance(value, tuple):
            words = [
                self._reply(skill, each, language, depth) if isinstance(each, Say) else str(each)
                for each in value
            ]
            return _read_out(words, language)
        return str(value)


class _Loading:
    """Entry points, one after the other, each plugin in the thread of its distribution."""

    def __init__(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        self._settings = settings
        self._problems: list[str] = []
        self._loaded: dict[str, Loaded] = {}
        self._hosts: dict[str, PluginHost] = {}
        self._tell: Callable[[str], None] = _log.debug  # while it is loaded, its own line says it

    def registry(self, make: Callable[[Mapping[str, Loaded], tuple[str, ...]], Registry]) -> Registry:
        """Load them all."""
        for entry in sorted(entry_points(group=GROUP), key=_own_first):
            self._take(entry, _distribution(entry))
        used = {each.host for each in self._loaded.values()}
        for host in self._hosts.values():
            if host not in used:
                host.close()
        registry = make(self._loaded, tuple(self._problems))
        self._tell = registry.note
        return registry

    def _take(self, entry: EntryPoint, distribution: str) -> None:
        where = f"{distribution}: {entry.name}"
        try:
            found = self._load(entry, distribution)
        # A plugin is somebody else's code: whatever it raises while it is loaded is its own problem.
        except PluginOff as error:
            self._problems.append(f"{where}: {error}")
            return
        except Exception as error:
            self._problems.append(f"{where}: {error if isinstance(error, PluginRaised) else told(error)}")
            return
        known = self._loaded.get(found.skill.name)
        if known is None:
            self._loaded[found.skill.name] = found
        else:
            self._problems.append(
                f"{where}: there is already a skill '{found.skill.name}', from {known.distribution}"
            )

    def _load(self, entry: EntryPoint, distribution: str) -> Loaded:
        if distribution == OWN_DISTRIBUTION:
            return load(entry, self._settings, distribution, None)
        host = self._hosts.get(distribution)
        if host is None:
            host = self._hosts[distribution] = PluginHost(
                distribution, lambda why: self._tell(f"{distribution} {why}")
            )
        return host.do(lambda: load(entry, self._settings, distribution, host), LOAD_TIMEOUT_S)


async def _announcements(found: Loaded, context: Context) -> AsyncGenerator[Announcement, None]:
    """What the skill yields, from where its code belongs."""
    if found.host is None:
        async with _ended(found.skill.background(context)) as announcements:
            async for each in announcements:
                yield each
        return
    elsewhere = reached_from_elsewhere(context, asyncio.get_running_loop())

    async def there(instance: Skill) -> AsyncGenerator[Announcement, None]:
        async with _ended(instance.background(elsewhere)) as announcements:
            async for each in announcements:
                yield _settled(each)

    async with aclosing(found.host.stream(type(found.skill), there, CALL_TIMEOUT_S)) as announcements:
        async for each in announcements:
            yield each


@asynccontextmanager
async def _ended(work: AsyncIterator[_T]) -> AsyncIterator[AsyncIterator[_T]]:
    """What a skill's `finally` has to do is done when nobody listens any more, not when it is collected."""
    try:
        yield work
    finally:
        if isinstance(work, AsyncGenerator):
            await work.aclose()


async def _own_errors(work: Awaitable[_T]) -> _T:
    """A plugin's own refusal, with nothing in it that runs its code later."""
    try:
        return await work
    except SkillError as error:
        raise SkillError(plain(error.say)) from None


def _settled(answer: _T) -> _T:
    """An answer or announcement with nothing in its words that runs the plugin's code later."""
    if isinstance(answer, Answer | Announcement) and isinstance(answer.say, Say):
        answer = replace(answer, say=plain(answer.say))
    if isinstance(answer, Answer) and isinstance(answer.question, Question):
        answer = replace(answer, question=replace(answer.question, say=plain(answer.question.say)))
    return answer


def _read_out(words: list[str], language: str) -> str:
    if language == "zh":
        return "、".join(words)
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _own_first(entry: EntryPoint) -> tuple[bool, str, str]:
    distribution = _distribution(entry)
    return distribution != OWN_DISTRIBUTION, distribution, entry.name


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "an unknown distribution"


def _validated(tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return tool.parameters.model_validate(dict(arguments))
    except ValidationError as error:
        raise BadCall(f"{tool.full_name}: {one_line(error)}") from None
    # A type of the plugin's own may check its values with code of the plugin's.
    except Exception as error:
        raise BadCall(f"{tool.full_name}: {told(error)}") from error
