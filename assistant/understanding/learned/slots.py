"""From a tool that was chosen to a call: what the sentence says for each parameter, by the parameter's type.

Nothing is invented. A name must be one of the home's, a number one that was said, a word one of the skill's
list, free words the ones behind a cue ("play …"). What was said and fits nowhere makes the call unsure.
"""

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from assistant.understanding.learned.examples import is_signed
from assistant.understanding.learned.spans import Span, Spoken
from assistant.understanding.normalise import Phrase, Phrases, normalise, plain, words_of
from devices.home import Kind
from skills.api import Language, Tool

MOST_FREE_WORDS = 6

_THINGS = frozenset(kind.value for kind in Kind)
_NO_NUMBERS = (0, 1)  # "this one", 一下: said without counting


@dataclass(frozen=True, slots=True)
class Filled:
    """The arguments, or why there are none."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    unsure: str = ""


def fill(
    tool: Tool,
    fixed: Mapping[str, Any],
    usual: Mapping[str, float],
    spoken: Spoken,
    language: Language | None,
) -> Filled:
    """Return the arguments of a call of `tool` whose meaning has the `fixed` ones."""
    return _Filling(tool, fixed, usual, spoken, language).filled()


class _Filling:
    """One call, while its parameters are looked for."""

    def __init__(
        self,
        tool: Tool,
        fixed: Mapping[str, Any],
        usual: Mapping[str, float],
        spoken: Spoken,
        language: Language | None,
    ) -> None:
        self._tool = tool
        self._fixed = dict(fixed)
        self._usual = usual
        self._spoken = spoken
        self._language = language
        self._used: set[Span] = set()
        self._numbers = [each for each in spoken.numbers if each not in _NO_NUMBERS]

    def filled(self) -> Filled:
        """Return the call's arguments."""
        if len(self._numbers) > 1:
            return Filled(unsure="several numbers")
        arguments: dict[str, Any] = {}
        for name, declared in self._tool.parameters.model_fields.items():
            value = self._value(name, declared.annotation)
            if value is not None:
                arguments[name] = value
            elif declared.is_required():
                return Filled(unsure=f"nothing was said for '{name}'")
        left = [span for span in self._spoken.spans if span not in self._used]
        if left:
            return Filled(unsure=f"'{left[0].values[0]}' has no part in it")
        if self._numbers:
            return Filled(unsure=f"{self._numbers[0]} has no part in it")
        try:
            valid = self._tool.parameters.model_validate(arguments)
        except ValidationError as error:
            return Filled(unsure=" ".join(str(error.errors()[0]["msg"]).split()))
        return Filled(valid.model_dump(mode="json", exclude_unset=True))

    def _value(self, name: str, annotation: Any) -> Any:
        slot = self._tool.slots.get(name)
        if slot is not None:
            return self._of_list(slot.list_name)
        if is_signed(self._tool, name):
            sign = self._fixed.get(name)
            size = self._number() or self._usual.get(name)
            return None if sign is None or size is None else sign * round(size)
        if name in self._fixed:
            return self._fixed[name]
        return self._number() if _is_number(annotation) else None

    def _of_list(self, list_name: str) -> Any:
        if list_name == "area":
            return self._name(("area",))
        if list_name in _THINGS or list_name == "device":
            return self._name(tuple(_THINGS) if list_name == "device" else (list_name,))
        values = self._language.words.get(list_name, {}) if self._language is not None else {}
        if values is None:
            return _behind_a_cue(self._tool, self._spoken, self._language, list_name)
        return _listed(values, self._spoken)

    def _name(self, lists: tuple[str, ...]) -> str | None:
        """The one name of these lists; of two, or of one that two things have, none is taken."""
        found = self._spoken.called(*lists)
        if len({span.values for span in found}) != 1 or len(found[0].values) != 1:
            return None
        self._used.update(found)
        return found[0].values[0]

    def _number(self) -> int | None:
        return self._numbers.pop() if self._numbers else None


def _is_number(annotation: Any) -> bool:
    """Whether a number is wanted: `int`, `float`, or one of them inside a union or `Annotated`."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return any(_is_number(each) for each in typing.get_args(annotation))
    if hasattr(annotation, "__metadata__"):
        return _is_number(typing.get_args(annotation)[0])
    return annotation in (int, float)


def _listed(values: Mapping[str, Iterable[str]], spoken: Spoken) -> str | None:
    """The value whose words are in the sentence, the longest; None for none, or two as long."""
    words = words_of(spoken.language)
    found: dict[str, int] = {}
    for value, said in values.items():
        phrases = Phrases(plain(each, words) for each in said)
        longest = max((phrases.at(spoken.words, at) for at in range(len(spoken.words))), default=0)
        if longest:
            found[value] = longest
    best = [value for value, length in found.items() if length == max(found.values())]
    return best[0] if len(best) == 1 else None


def _behind_a_cue(tool: Tool, spoken: Spoken, language: Language | None, list_name: str) -> str | None:
    """The words from a cue to the end, as they were said: "play" and then a title."""
    if language is None or spoken.spans:
        return None
    cues = Phrases(_cues(tool, language, list_name, spoken.language))
    heard = normalise(spoken.source, spoken.language)
    for at in range(len(spoken.words)):
        length = cues.at(spoken.words, at)
        rest = heard.core[at + length :]
        if length and rest:
            if len(rest) > MOST_FREE_WORDS * (1 if words_of(spoken.language).spaced else 2):
                return None
            return spoken.source[rest[0].start : rest[-1].end]
    return None


def _cues(tool: Tool, language: Language, list_name: str, code: str) -> Iterator[Phrase]:
    """Yield the words before a list of any words in the tool's templates, if they are plain ones."""
    words = words_of(code)
    for sentence in language.sentences.get(tool.name, ()):
        for template in sentence.templates:
            before, found, _after = template.partition(f"{{{list_name}")
            if found and before and not set(before) & set("<>{}()[]|"):
                yield plain(before, words)
