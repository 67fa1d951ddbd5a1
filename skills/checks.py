"""What is looked at: when a skill is loaded, so that a mistake is told then and not in the middle of a turn,
and each time it answers, so that it keeps to its manifest and to a size that can be carried out and said.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from devices.home import Ability, Kind
from skills.api import (
    AdapterCommand,
    Announcement,
    Answer,
    Command,
    DeviceCommand,
    HomeView,
    Language,
    Manifest,
    MqttCommand,
    Question,
    Say,
    Sentence,
    Skill,
    Tool,
)
from skills.times import LISTS as TIME_LISTS

MOST_COMMANDS = 50
"""In one answer; more is a flood."""
LONGEST_REPLY = 2_000
"""Characters; more than two minutes of speech."""
LARGEST_PAYLOAD_BYTES = 65_536
LONGEST_TOPIC_BYTES = 65_535

HOME_LISTS = TIME_LISTS.union({kind.value for kind in Kind}, {"device", "area", "percent", "degrees"})
"""The lists that the home, the language and a sentence's own times fill; a skill may name them without having
words for them.
"""

FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
"""A plain field of a reply; nothing else may stand in braces."""

_SLOT = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}")
_RULE = re.compile(r"<([^<>]+)>")
_PART_OF_A_WORD = re.compile(r"[A-Za-z][\[(]+[A-Za-z]|[A-Za-z][\])][A-Za-z]")
_PLAIN = (str, int, float, bool, type(None))


class Refused(Exception):  # noqa: N818 - reads as what happened
    """An answer that is not taken; the message goes on after the skill's name."""


# -- when it is loaded ---------------------------------------------------------------------------------------


def problems_of(skill: Skill, tools: Iterable[Tool], languages: Mapping[str, Language]) -> Iterator[str]:
    """Yield what is wrong with a skill's manifest and language files, one line each."""
    for allowed in sorted(skill.manifest.topics):
        if not is_filter(allowed):
            yield f"manifest: '{allowed}' is no MQTT filter"
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


# -- when it answers -----------------------------------------------------------------------------------------


def check_answer(answer: object, tool: Tool, manifest: Manifest, home: HomeView) -> Answer:
    """Return the answer when it may be carried out. Raises `Refused`."""
    if not isinstance(answer, Answer):
        raise Refused(f"returned {type(answer).__name__} where an Answer belongs")
    commands = check_commands(answer.commands, manifest, home)
    _check_say(answer.say)
    if answer.question is not None:
        if commands:
            raise Refused("asks a question and orders something in one answer")
        _check_question(answer.question, tool)
    return replace(answer, commands=commands)


def check_announcement(announcement: object, manifest: Manifest, home: HomeView) -> Announcement:
    """Return what background work yielded when it may be carried out. Raises `Refused`."""
    if not isinstance(announcement, Announcement):
        raise Refused(f"yielded {type(announcement).__name__} where an Announcement belongs")
    _check_say(announcement.say)
    return replace(announcement, commands=check_commands(announcement.commands, manifest, home))


def check_commands(commands: object, manifest: Manifest, home: HomeView) -> tuple[Command, ...]:
    """Return the commands when the manifest allows each. Raises `Refused`."""
    if not isinstance(commands, tuple | list):
        raise Refused(f"gave {type(commands).__name__} where a tuple of commands belongs")
    if len(commands) > MOST_COMMANDS:
        raise Refused(f"ordered {len(commands)} things at once; {MOST_COMMANDS} are the most")
    for command in commands:
        if isinstance(command, AdapterCommand):
            if command.adapter not in manifest.adapters:
                raise Refused(f"sent to '{command.adapter}', which its manifest does not name")
        elif isinstance(command, MqttCommand):
            _check_message(command, manifest)
        elif isinstance(command, DeviceCommand):
            _check_order(command, manifest, home)
        else:
            raise Refused(f"gave {type(command).__name__} where a command belongs")
    return tuple(commands)


def covers(allowed: str, topic: str) -> bool:
    """Whether an MQTT filter (`+`, `#`) covers a topic, as the standard has it (MQTT 5.0, section 4.7).

    What is no topic to publish to is never covered: one with wildcards of its own, an empty one.
    """
    if not is_topic(topic) or (topic.startswith("$") and allowed[:1] in ("+", "#")):
        return False
    levels, wanted = allowed.split("/"), topic.split("/")
    if levels[-1] == "#":
        levels, wanted = levels[:-1], wanted[: len(levels) - 1]
    return len(levels) == len(wanted) and all(a in ("+", b) for a, b in zip(levels, wanted, strict=True))


def is_topic(topic: object) -> bool:
    """Whether one may publish to it."""
    return (
        isinstance(topic, str)
        and 0 < len(topic.encode("utf-8", "replace")) <= LONGEST_TOPIC_BYTES
        and not any(each in topic for each in "+#\0")
    )


def is_filter(allowed: object) -> bool:
    """Whether one may subscribe to it."""
    if not isinstance(allowed, str) or not allowed or "\0" in allowed:
        return False
    *before, last = allowed.split("/")
    return all(level == "+" or not set("+#") & set(level) for level in before) and (
        last in ("+", "#") or not set("+#") & set(last)
    )


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value of a `Say` as words, numbers, `Say`s and tuples of them, which run no code later."""
    if depth > 5:  # nobody nests replies so deep, but one may hold itself
        return ""
    if isinstance(value, Say):
        return Say(str(value.key), {str(key): plain(each, depth + 1) for key, each in value.values.items()})
    if isinstance(value, tuple | list):
        return tuple(plain(each, depth + 1) for each in value[: MOST_COMMANDS * 2])
    return value if type(value) in _PLAIN else str(value)


def _check_say(say: object) -> None:
    if say is not None and not isinstance(say, Say):
        raise Refused(f"gave {type(say).__name__} where a Say belongs")


def _check_question(question: object, tool: Tool) -> None:
    if not isinstance(question, Question):
        raise Refused(f"gave {type(question).__name__} where a Question belongs")
    _check_say(question.say)
    fields = tool.parameters.model_fields
    for name in (question.parameter, *question.arguments):
        if name not in fields:
            raise Refused(f"asks for '{name}', which '{tool.name}' does not take")


def _check_message(command: MqttCommand, manifest: Manifest) -> None:
    if not any(covers(allowed, command.topic) for allowed in manifest.topics):
        raise Refused(f"sent to the topic '{command.topic}', which its manifest does not name")
    if not isinstance(command.payload, str) or command.qos not in (0, 1, 2):
        raise Refused(f"sent to '{command.topic}' what is no message: a text and a QoS of 0, 1 or 2")
    if len(command.payload.encode("utf-8", "replace")) > LARGEST_PAYLOAD_BYTES:
        raise Refused(f"sent more than {LARGEST_PAYLOAD_BYTES} bytes to '{command.topic}'")


def _check_order(command: DeviceCommand, manifest: Manifest, home: HomeView) -> None:
    if not isinstance(command.ability, Ability):
        raise Refused(f"ordered '{command.ability}', which is no Ability")
    device = home.get(command.device_id)  # one that is not there is told by the outbox
    if device is not None and manifest.devices is not None and device.kind not in manifest.devices:
        raise Refused(f"ordered a {device.kind.value}, which its manifest does not name")
