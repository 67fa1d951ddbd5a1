"""From an entry point to a skill that may be called: imported, made, checked, its settings read."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from typing import Any

from pydantic import BaseModel, ValidationError

from skills.api import API_VERSION, Language, Skill, Tool
from skills.checks import one_line, problems_of
from skills.isolation import PluginHost
from skills.lazily import Lazily

OWN_DISTRIBUTION = "sotto-voce"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""A skill's name stands in plans, in the configuration and in the name of a file."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A skill that works. `given` are the settings as the user wrote them, `settings` as the skill sees them.

    `host` is where a plugin's code runs; None for a skill of the assistant's own, which runs on its loop.
    """

    skill: Skill
    tools: Mapping[str, Tool]
    languages: Mapping[str, Language]
    given: Mapping[str, Any]
    settings: Mapping[str, Any]
    distribution: str
    host: PluginHost | None = None


def load(
    entry: EntryPoint, settings: Mapping[str, Mapping[str, Any]], distribution: str, host: PluginHost | None
) -> Loaded:
    """Import a skill and look at all of it. Raises whatever is wrong, with a line for a person.

    The sentences of our own skills are looked at by the tests, and not again at each start.
    """
    own = distribution == OWN_DISTRIBUTION
    return examine(entry.load(), entry.value, settings, distribution, host, checked=own)


def examine(
    made: Any,
    where: str,
    settings: Mapping[str, Mapping[str, Any]],
    distribution: str,
    host: PluginHost | None = None,
    *,
    checked: bool = False,
) -> Loaded:
    """Make a skill of its class. Raises TypeError or ValueError with a line for a person.

    With `checked` its manifest and language files are taken as they are, these when they are first needed.
    """
    if not (inspect.isclass(made) and issubclass(made, Skill)):
        raise TypeError(f"{where} is no skills.api.Skill")
    for attribute in ("name", "api"):
        if not hasattr(made, attribute):
            raise TypeError(f"{where} does not state its '{attribute}'")
    if made.api != API_VERSION:
        raise TypeError(f"{where} was written for version {made.api} of skills.api; this is {API_VERSION}")
    if not (isinstance(made.name, str) and NAME.fullmatch(made.name)):
        raise ValueError(f"'{made.name}' is no name for a skill: small letters, digits and _")
    skill = made()
    given = settings.get(skill.name, {})
    validated = _settings(skill, given)
    tools = {tool.name: tool for tool in skill.tools()}
    added = _vocabulary(skill, validated)
    files = skill.languages()
    languages = Lazily(files, lambda code: _with(files[code], added))
    for problem in problems_of(skill, tools.values(), languages) if not checked else ():
        raise ValueError(problem)
    if host is not None:
        host.keep(skill)
    return Loaded(skill, tools, languages, given, validated, distribution, host)


def _settings(skill: Skill, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings as the skill's model has them, with its defaults."""
    model = skill.settings
    if model is None:
        return given
    where = f"configuration [skills.{skill.name}]"
    if model.model_config.get("extra") is None:  # a key that nobody reads is a mistake
        for key in set(given) - set(_keys(model)):
            raise ValueError(f"{where}: there is no '{key}'; there are {', '.join(_keys(model)) or 'none'}")
    try:
        return model.model_validate(dict(given)).model_dump()
    except ValidationError as error:
        raise ValueError(f"{where}: {one_line(error)}") from None


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name if field.alias is None else field.alias


def _vocabulary(skill: Skill, settings: Mapping[str, Any]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found = skill.vocabulary(settings)
    return {
        str(name): {str(value): tuple(map(str, words)) for value, words in values.items()}
        for name, values in found.items()
    }


def _with(language: Language, added: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Language:
    """The language file with the skill's own words beside those that it has."""
    words = dict(language.words)
    for name, values in added.items():
        known = words.get(name, {})
        if known is not None:  # a list that takes any words takes these too
            both = {**known, **values}
            words[name] = {value: (*known.get(value, ()), *values.get(value, ())) for value in both}
    return replace(language, words=words)
