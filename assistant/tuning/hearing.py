"""What a made-up home's sentence is held against: the home's names, and the words of the skills' lists."""

from collections.abc import Collection, Mapping, Sequence

from assistant.tuning.homes import KINDS, MadeUpHome
from assistant.understanding.carrying import Words, telling_words
from assistant.understanding.grounding import Heard
from assistant.understanding.questions import is_question
from skills.api import Tool
from skills.registry import Registry


class Hearing:
    """Hears sentences of one language as a turn does."""

    def __init__(self, registry: Registry, language: str) -> None:
        self._language = language
        self._spoken = {
            skill: registry.language(skill, language)
            for skill in sorted({tool.skill for tool in registry.tools.values()})
        }
        self._telling: dict[tuple[str, str], Words] = {}
        self._own: dict[str, Mapping[str, Sequence[str]]] = {}
        for spoken in self._spoken.values():
            for name, values in (spoken.words if spoken is not None else {}).items():
                if isinstance(values, Mapping) and values:  # one of free words is none
                    self._own[name] = {value: (value, *words) for value, words in values.items()}

    @property
    def lists(self) -> Collection[str]:
        """Lists whose values have names; a parameter of any other list takes free words."""
        return {"area", "device", *KINDS, *self._own}

    def heard(self, text: str, home: MadeUpHome) -> Heard:
        """Return a sentence as a turn hears it."""
        words = {**self._own, **home.words()}
        return Heard(text, self._language, words, is_question(text, self._language), self._words_of)

    def _words_of(self, tool: Tool, parameter: str) -> Words:
        key = (tool.full_name, parameter)
        if key not in self._telling:
            known = self._spoken[tool.skill]
            self._telling[key] = telling_words(tool, parameter, [known] if known is not None else [])
        return self._telling[key]
