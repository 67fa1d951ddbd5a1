"""What is looked at when a skill is loaded, so that a mistake is told then, not in the middle of a turn."""

import re
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from devices.home import Kind
from skills.api import Language, Sentence, Skill, Tool

HOME_LISTS = frozenset({kind.value for kind in Kind} | {"device", "area", "percent"})
"""The lists that the home and the language fill; a skill may name them without having words for them."""

FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
"""A plain field of a reply; nothing else may stand in braces."""

_SLOT = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}")
_RULE = re.compile(r"<([^<>]+)>")
_PART_OF_A_WORD = re.compile(r"[A-Za-z][\[(]+[A-Za-z]|[A-Za-z][\])][A-Za-z]")


def problems_of(skill: Skill, tools: Iterable[Tool], languages: Mapping[str, Language]) -> Iterator[str]:
    """Yield what is wrong with a skill's language files, one line each."""
    by_name = {tool.name: tool for tool in tools}
    for code, language in languages.items():
        for problem in _language_problems(by_name, language):
            yield f"{code}.toml: {problem}"
        if (skill.manifest.hosts or skill.manifest.adapters) and "offline" not in language.replies:
            yield f"{code}.toml: a skill that asks somebody needs a reply 'offline'"


def _language_problems(tools: Mapping[str, Tool], language: Language) -> Iterator[str]:
    for name in {*language.sentences, *language.examples} - set(tools):
        yield f"there is no tool '{name}'"
    for name, rule in language.rules.items():
        yield from (f"rule '{name}': {problem}" for problem in _template_problems(rule, language))
    for name, tool in tools.items():
        for sentence in language.sentences.get(name, ()):
            yield from (
                f"tool '{name}': {problem}" for problem in _sentence_problems(sentence, tool, language)
            )
        for text, arguments in language.examples.get(name, ()):
            try:
                tool.parameters.model_validate(dict(arguments))
            except ValidationError as error:
                yield f"example '{text}': {one_line(error)}"
    for key, reply in language.replies.items():
        if "{" in FIELD.sub("", reply) or "}" in FIELD.sub("", reply):
            yield f"reply '{key}': only plain {{name}} fields are filled in"


def _sentence_problems(sentence: Sentence, tool: Tool, language: Language) -> Iterator[str]:
    fields = tool.parameters.model_fields
    for name in sentence.arguments:
        if name not in fields:
            yield f"it takes no argument '{name}'"
    for template in sentence.templates:
        yield from _template_problems(template, language)
        for list_name, slot in _SLOT.findall(template):
            if (slot or list_name) not in fields:
                yield f"'{template}': it takes no argument '{slot or list_name}'"


def _template_problems(template: str, language: Language) -> Iterator[str]:
    # A tenth of a second to import; `sotto --help` never loads a skill.
    from hassil.parse_expression import parse_sentence
    from hassil.parser import ParseError

    try:
        parse_sentence(template)
    except ParseError as error:
        yield f"'{template}': {error}"
    if _PART_OF_A_WORD.search(template):
        yield f"'{template}': write whole words in brackets, (light|lights) rather than light[s]"
    for name in _RULE.findall(template):
        if name not in language.rules:
            yield f"'{template}': there is no rule '{name}'"
    for list_name, _slot in _SLOT.findall(template):
        if list_name not in language.words and list_name not in HOME_LISTS:
            yield f"'{template}': there is no word list '{list_name}'"


def one_line(error: ValidationError) -> str:
    """Return what pydantic found, on one line, without its type codes and addresses."""
    found = (f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}" for each in error.errors())
    return "; ".join(found)
