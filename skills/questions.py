"""What a person says when a skill has asked for something: the value in the words, or nothing."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from devices.home import Kind
from skills.api import HomeView, Language, Question, Tool
from skills.times import LISTS as TIME_LISTS
from skills.times import read_when, time_in, times_in

LONGEST_WORDS = 100
"""Characters of an answer that is taken as it is."""

_NUMERIC = ("percent", "degrees")
_OF_THE_HOME = frozenset({kind.value for kind in Kind} | {"device", "area"})
_YES_NO: Mapping[str, Mapping[bool, tuple[str, ...]]] = {
    "en": {
        True: ("yes", "yeah", "yep", "yup", "sure", "okay", "ok", "of course", "please do", "with"),
        False: ("no", "nope", "nah", "not", "don't", "without"),
    },
    "zh": {
        True: ("是", "是的", "对", "好", "好的", "要", "可以", "行", "嗯"),
        False: ("不", "不是", "不要", "不用", "不行", "没有", "别", "算了", "不对", "不好", "不可以"),
    },
}
_ENGLISH: Mapping[str, int] = {
    **dict(zip(("zero", "one", "two", "three", "four", "five", "six", "seven"), range(8), strict=True)),
    **dict(zip(("eight", "nine", "ten", "eleven", "twelve", "thirteen"), range(8, 14), strict=True)),
    **dict(zip(("fourteen", "fifteen", "sixteen", "seventeen"), range(14, 18), strict=True)),
    **dict(zip(("eighteen", "nineteen", "twenty", "thirty"), (18, 19, 20, 30), strict=True)),
    **dict(zip(("forty", "fifty", "sixty", "seventy", "eighty", "ninety"), range(40, 100, 10), strict=True)),
}
_OTHERWISE = {"couple": 2, "double": 2, "twice": 2, "triple": 3, "single": 1, "once": 1, "a": 1, "an": 1}
"""The first of these that is there: "a double" is two."""
_CHINESE_DIGITS = {each: number for number, each in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN = re.compile(r"[\u3400-\u9fff]")
_CHINESE_NUMBER = re.compile(f"[{''.join((*_CHINESE_DIGITS, *_CHINESE_UNITS))}]+")


def answer_to(
    tool: Tool,
    question: Question,
    text: str,
    spoken: Iterable[Language],
    home: HomeView | None = None,
    *,
    language: str = "en",
) -> Any:
    """Return the value of `question.parameter` that the words name, None when they name none.

    A parameter with a list takes the longest of its words that is in the text, of the `spoken` languages
    and, for rooms and things, of the `home`; one that takes any words takes all of them. Others go by their
    type: a number, a yes or no, one of some choices.
    """
    slot = tool.slots.get(question.parameter)
    hint = tool.parameters.model_fields[question.parameter].annotation
    words = None if slot is None else _list(slot.list_name, spoken, home)
    if words is not None:
        found = _longest(words, text)
    elif slot is not None and slot.list_name in TIME_LISTS:
        found = time_in(text, slot.list_name)
    elif slot is not None and slot.list_name not in _NUMERIC:
        found = None if slot.list_name in _OF_THE_HOME else _all_of(text)
    else:
        found = _by_type(hint, text, language)
    if found is None:
        return None
    try:
        model = tool.parameters.model_validate({**question.arguments, question.parameter: found})
    except ValidationError:
        return None
    return getattr(model, question.parameter)


def also_said(tool: Tool, question: Question, value: Any) -> Mapping[str, Any]:
    """Return the arguments that an answer comes to: asked "of what?", 晚上九点给妈打电话 says when, too."""
    when = next((name for name, slot in tool.slots.items() if slot.list_name == "when"), None)
    alone = {question.parameter: value}
    slot = tool.slots.get(question.parameter)
    if when is None or when == question.parameter or not isinstance(value, str):
        return alone
    if slot is not None and slot.list_name in TIME_LISTS:
        return alone
    found = [(start, end) for name, start, end in times_in(value) if name == "when"]
    start, end = max(found, key=lambda each: each[1] - each[0], default=(0, 0))
    rest = f"{value[:start].strip(' ,，')} {value[end:].strip(' ,，。.')}".strip()
    if not (end and rest):
        return alone
    before = question.arguments.get(when)
    if before is None:
        return {question.parameter: rest, when: value[start:end]}
    if not (_is_just_a_day(str(before)) and not _is_just_a_day(value[start:end])):
        return alone
    return {question.parameter: rest, when: f"{before} {value[start:end]}"}


def _is_just_a_day(words: str) -> bool:
    """Whether words tell a day without a time, to which an answer may add one."""
    meant = read_when(words, datetime.now().astimezone())
    return meant is not None and meant.vague


def _list(name: str, spoken: Iterable[Language], home: HomeView | None) -> list[tuple[str, Any]] | None:
    """The words of a list and what each stands for; None where any words do."""
    found: list[tuple[str, Any]] = []
    for each in spoken:
        values = each.words.get(name)
        if values is not None:
            found += [(word, value) for value, words in values.items() for word in (*words, value)]
    if not found and home is not None:
        found = list(_of_the_home(name, home))
    return found or None


def _of_the_home(name: str, home: HomeView) -> Iterator[tuple[str, Any]]:
    if name == "area":
        for room, others in home.rooms.items():
            yield from ((word, room) for word in (room, *others))
    for device in home:
        if name == "device" or name == device.kind.value:
            yield from ((word, device.name) for word in (device.name, *device.aliases))


def _by_type(hint: Any, text: str, language: str) -> Any:
    types = set(_types(hint))
    for each in types:
        if get_origin(each) is Literal or (isinstance(each, type) and issubclass(each, Enum)):
            choices = get_args(each) or tuple(member.value for member in each)
            return _longest([(str(choice), choice) for choice in choices], text)
    if bool in types:
        return _yes_or_no(text, _YES_NO.get(language, _YES_NO["en"]))
    if int in types or float in types:
        return _number(text)
    return _all_of(text) if str in types else None


def _types(hint: Any) -> Iterator[Any]:
    """The types that a hint is made of: of `Annotated[int, ...] | None` int."""
    if hasattr(hint, "__metadata__"):
        yield from _types(hint.__origin__)
    elif get_origin(hint) is None or get_origin(hint) is Literal:
        yield hint
    else:
        for each in get_args(hint):
            yield from _types(each)


def _longest(pairs: Iterable[tuple[str, Any]], text: str) -> Any:
    """The value whose words are in the text; the longest, and of two the first that was said."""
    heard = _spaced(text)
    best: tuple[int, int] | None = None
    found = None
    for words, value in pairs:
        wanted = _spaced(words)
        at = heard.find(wanted) if wanted.strip() else -1
        if at >= 0 and (best is None or (len(wanted), -at) > best):
            best, found = (len(wanted), -at), value
    return found


def _yes_or_no(text: str, words: Mapping[bool, tuple[str, ...]]) -> bool | None:
    """Whether it is a yes; None when it is neither or both. 不要 holds a 要, so a no is taken out first."""
    heard, said_no = _spaced(text), False
    for word in sorted(words[False], key=len, reverse=True):
        said_no = said_no or _spaced(word) in heard
        heard = heard.replace(_spaced(word), " ")
    said_yes = any(_spaced(word) in heard for word in words[True])
    return None if said_yes == said_no else said_yes


def _all_of(text: str) -> str | None:
    return text.strip(" .,!?;:。，！？；：、")[:LONGEST_WORDS] or None


def _spaced(text: str) -> str:
    """Words in lower case with a blank around each; each Chinese character is a word."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    words = re.findall(r"[\u3400-\u9fff]|[^\W_]+(?:'[^\W_]+)*", folded)
    return f" {' '.join(words)} "


def _number(text: str) -> int | float | None:
    plain = unicodedata.normalize("NFKC", text)
    digits = re.search(r"-?\d+(?:\.\d+)?", plain)
    if digits is not None:
        return float(digits.group()) if "." in digits.group() else int(digits.group())
    if _HAN.search(plain):
        found = _CHINESE_NUMBER.search(plain.replace("百分之", ""))
        return None if found is None else _chinese_number(found.group())
    return _english_number(_spaced(plain.replace("-", " ")).split())


def _english_number(words: list[str]) -> int | None:
    total: int | None = None
    for word in words:
        if word in _ENGLISH:
            total = (total or 0) + _ENGLISH[word]
        elif word == "hundred":
            total = (total or 1) * 100
        elif total is not None and word != "and":
            break
    if total is not None:
        return total
    return next((number for word, number in _OTHERWISE.items() if word in words), None)


def _chinese_number(text: str) -> int:
    """二十五 is 25, 一百零五 is 105, 二五 is 25."""
    if not set(text) & set(_CHINESE_UNITS):
        return int("".join(str(_CHINESE_DIGITS[each]) for each in text))
    total, digit = 0, None
    for each in text:
        if each in _CHINESE_UNITS:
            total += (1 if digit is None else digit) * _CHINESE_UNITS[each]
            digit = None
        else:
            digit = _CHINESE_DIGITS[each]
    return total + (digit or 0)
