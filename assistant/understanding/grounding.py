"""What a language model may write, narrowed to what was really said.

A small model fills gaps with inventions. So the schema that constrains it holds only what the sentence and
the home allow: names of rooms and devices that the sentence mentions, numbers that occur in it, values that
one of its words carries (`carrying.py`), and no acting tool at all for a question or for what forbids. What
the model wrote is held against the same once more (`ungrounded`): an engine may not know schemas.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from assistant.understanding.carrying import (
    Value,
    Words,
    carried_signs,
    carried_truths,
    carried_values,
    may_order,
)
from assistant.understanding.normalise import languages, languages_of, normalise
from skills.api import Kind, Risk, Tool

_SAY_AT_MOST = 320
_CALLS_AT_MOST = 3
_USUAL_STEP = 20
_THINGS = frozenset({"device", *(kind.value for kind in Kind)})
_NAMES = _THINGS | {"area"}
_SPANS_AT_MOST = 120
_SPAN_WORDS, _SPAN_CHARACTERS = 8, 12

SpokenForms = Mapping[str, Mapping[str, Sequence[str]]]
"""List name ("area", "light", "colour") -> value -> the words for it."""

Telling = Callable[[Tool, str], Words]
"""Of a tool and a parameter that the usual lexicon does not know: its values and the words of each."""


def _no_words(_tool: Tool, _parameter: str) -> Words:
    return {}


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence, and what everything in the home is called. `question`: it asks, and nothing may act."""

    text: str
    language: str
    words: SpokenForms
    question: bool = False
    telling: Telling = _no_words

    def allows(self, tool: Tool) -> bool:
        """Whether the sentence leaves a tool possible, whatever its arguments."""
        if tool.risk is not Risk.LOW:
            return False
        return not tool.acts or not (self.question or not may_order(self.text, self.language))


def mentioned(text: str, forms: Mapping[str, Sequence[str]], *, whole: bool = False) -> list[str]:
    """Return the values of which a telling word occurs in the text, the best covered first.

    With `whole` all words of one of a value's forms must be there: a colour is not told by half its name. A
    value of which less was said than of another by the same words is none: "the guest bathroom" is not also
    the bathroom.
    """
    said = _pieces(text)
    covered = {value: _best(said, (value, *words)) for value, words in forms.items()}
    least = 1.0 if whole else 0.5
    found = {value: each for value, each in covered.items() if each[0] >= least}
    kept = [
        value
        for value, (share, words) in found.items()
        if not any(words < more or (words <= more and share < other) for other, more in found.values())
    ]
    return sorted(kept, key=lambda value: -found[value][0])


def answer_schema(tools: Iterable[Tool], heard: Heard, *, short: bool = False) -> dict[str, Any]:
    """Return the schema for an answer: calls of the tools that the sentence leaves possible, or talk.

    `short` is of the notation that a trained model writes (`notation.py`).
    """
    allowed = [
        (tool.full_name, arguments)
        for tool in tools
        if heard.allows(tool)
        for arguments in _arguments(tool, heard)
    ]
    say = _object({"say": {"type": "string", "maxLength": _SAY_AT_MOST}}, ["say"])
    if not allowed:
        return say
    if short:
        return _short(say, allowed, _spans(heard.text))
    calls = [
        _object({"tool": {"const": name}, "arguments": arguments}, ["tool", "arguments"])
        for name, arguments in allowed
    ]
    several = {"type": "array", "items": {"anyOf": calls}, "minItems": 1, "maxItems": _CALLS_AT_MOST}
    return {"anyOf": [say, _object({"calls": several}, ["calls"])]}


def _short(
    say: dict[str, Any], allowed: Iterable[tuple[str, dict[str, Any]]], spans: Sequence[str]
) -> dict[str, Any]:
    """One call, several, or talk. What occurs often is told once: a grammar is made of it each turn."""
    calls = []
    for name, arguments in allowed:
        properties = {
            each: {"$ref": "#/$defs/words"} if schema["enum"] == spans else schema
            for each, schema in arguments["properties"].items()
        }
        calls.append(_object({name: {**arguments, "properties": properties}}, [name]))
    call = {"$ref": "#/$defs/call"}
    more = {"type": "array", "items": call, "minItems": 2, "maxItems": _CALLS_AT_MOST}
    return {"anyOf": [say, call, more], "$defs": {"call": {"anyOf": calls}, "words": {"enum": list(spans)}}}


def ungrounded(tool: Tool, arguments: Mapping[str, Any], heard: Heard) -> str:
    """Return what in a call was not said, "" when all of it was."""
    if not heard.allows(tool):
        return f"{tool.full_name} may not be called on these words"
    why = f"{tool.full_name} lacks what these words do not say"
    for variant in _arguments(tool, heard):
        properties, required = variant["properties"], variant["required"]
        strange = next((name for name in arguments if name not in properties), None)
        missing = next((name for name in required if name not in arguments), None)
        invented = next(
            (name for name, value in arguments.items() if not _is_of(value, properties.get(name, {}))), None
        )
        if strange is None and missing is None and invented is None:
            return ""
        wrong = strange or invented
        why = f"nobody said {wrong}={arguments[wrong]!r}" if wrong else f"{missing} was said and left out"
    return why


def _is_of(value: Any, schema: Mapping[str, Any]) -> bool:
    if "enum" not in schema:
        return True
    return any(value == each and isinstance(value, bool) is isinstance(each, bool) for each in schema["enum"])


def _arguments(tool: Tool, heard: Heard) -> list[dict[str, Any]]:
    """The tool's own schema, narrowed; none when a required argument was not said.

    Where the sentence names rooms or things of the home, one of them must be taken: a small model is quick to
    forget "in the office" and to act everywhere. Nothing is done to one of several things that these words
    name alike.
    """
    full = _schema_of(tool.parameters)
    required = full.get("required", [])
    properties: dict[str, Any] = {}
    named: list[str] = []
    for name, declared in full.get("properties", {}).items():
        plain = _plain(declared, full.get("$defs", {}))
        if tool.acts and name not in required and plain.get("type") == "boolean":
            continue  # such as "everywhere": what widens an action is said in so many words, or not meant
        slot = tool.slots.get(name)
        forms = heard.words.get(slot.list_name, {}) if slot else None
        if (
            tool.acts
            and slot is not None
            and slot.list_name in _THINGS
            and forms
            and _is_unclear(heard, forms)
        ):
            return []
        narrowed = _narrow(tool, name, plain, heard, forms)
        if narrowed is None and name in required:
            return []
        if narrowed is None:
            continue
        properties[name] = narrowed
        if forms and slot is not None and name not in required and slot.list_name in _NAMES:
            named.append(name)
    if not named:
        return [_object(properties, required)]
    others = {name: schema for name, schema in properties.items() if name not in named}
    return [_object({**others, name: properties[name]}, [*required, name]) for name in named]


@lru_cache(maxsize=256)
def _schema_of(parameters: type[BaseModel]) -> Mapping[str, Any]:
    return parameters.model_json_schema()


def _is_unclear(heard: Heard, forms: Mapping[str, Sequence[str]]) -> bool:
    """Whether the very same words, and not all of a name, stand for several things."""
    said = _pieces(heard.text)
    found = [_best(said, (value, *forms[value])) for value in mentioned(heard.text, forms)]
    halves = [words for share, words in found if share < 1]
    return any(halves.count(words) > 1 for words in halves)


def _narrow(
    tool: Tool, name: str, schema: dict[str, Any], heard: Heard, forms: Mapping[str, Sequence[str]] | None
) -> dict[str, Any] | None:
    values: Sequence[Value]
    if forms:
        slot = tool.slots[name]
        values = mentioned(heard.text, forms, whole=slot.list_name not in _NAMES)
    elif schema.get("type") == "boolean":
        truths = carried_truths(name, heard.text, heard.language)
        values = sorted(truths) if truths is not None else _told(tool, name, (True, False), heard)
        if name == "locked":  # what unlocks is said to a skill that asks for it, never chosen by a model
            values = [value for value in values if value]
    elif "enum" in schema or "const" in schema:
        values = _told(tool, name, schema.get("enum", [schema.get("const")]), heard)
    elif schema.get("type") in ("integer", "number"):
        values = _numbers(tool, schema, heard)
    elif schema.get("type") == "string":
        values = _spans(heard.text)
    else:
        return None  # nothing that a sentence holds as it is
    return {"enum": list(values)} if values else None


def _told(tool: Tool, name: str, choices: Sequence[Value], heard: Heard) -> list[Value]:
    words = heard.telling(tool, name)
    carried = carried_values({**{each: frozenset() for each in choices}, **words}, heard.text)
    return [each for each in choices if each in carried]


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Without titles and defaults, and an optional value as the value: leaving it out is the None."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    kept = choices[0] if choices else schema
    if "$ref" in kept:
        kept = definitions.get(str(kept["$ref"]).rpartition("/")[2], {})
    return {key: value for key, value in kept.items() if key not in ("title", "default", "description")}


def _numbers(tool: Tool, schema: Mapping[str, Any], heard: Heard) -> list[int | float]:
    """The numbers that were said; for a step up or down also the usual one, which nobody says."""
    low, high = schema.get("minimum", 0), schema.get("maximum", 10**9)
    said = _said_numbers(heard.text, heard.language, whole=schema.get("type") == "integer")
    if low < 0:
        signs = sorted(carried_signs(tool.skill, heard.text, heard.language), reverse=True)
        said = [sign * number for number in (said or [_USUAL_STEP]) for sign in signs]
    return [number for number in dict.fromkeys(said) if low <= number <= high]


def _said_numbers(text: str, language: str, *, whole: bool) -> list[int | float]:
    """Numbers in figures, and those in words up to a hundred."""
    known = languages_of(text, language, languages())[0]
    words = [token.text for token in normalise(text, known).tokens if re.fullmatch(r"[0-9]{1,9}", token.text)]
    figures = re.findall(r"[0-9]{1,9}(?:\.[0-9]{1,3})?", text)
    found = [float(each) for each in (*figures, *words)]
    return list(
        dict.fromkeys(
            int(each) if each.is_integer() else each for each in found if not whole or each.is_integer()
        )
    )


def _spans(text: str) -> list[str]:
    """Every run of up to eight words (or twelve Chinese characters) of the sentence, the longest first."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W_]+)*|\d+", text)
    if _is_chinese(text):
        joined = "".join(words)
        spans = [
            joined[i:j]
            for i in range(len(joined))
            for j in range(i + 2, min(len(joined), i + _SPAN_CHARACTERS) + 1)
        ]
    else:
        spans = [
            " ".join(words[i:j])
            for i in range(len(words))
            for j in range(i + 1, min(len(words), i + _SPAN_WORDS) + 1)
        ]
    return sorted(set(spans), key=lambda span: (-len(span), span))[:_SPANS_AT_MOST]


def _best(said: set[str], forms: Iterable[str]) -> tuple[float, frozenset[str]]:
    """How much of the best of some names was said, and by which words."""
    found = (0.0, frozenset[str]())
    for form in forms:
        pieces = _pieces(form)
        common = frozenset(said & pieces)
        share = len(common) / max(1, len(pieces))
        if (share, len(common)) > (found[0], len(found[1])):
            found = (share, common)
    return found


def _pieces(text: str) -> set[str]:
    """Words without their plural s; pairs of neighbouring characters where there are no spaces."""
    lowered = text.lower()
    words = {word.removesuffix("s") for word in re.findall(r"[a-z0-9à-ÿ]{2,}", lowered)} - _EVERYWHERE
    for run in re.findall(r"[\u3400-\u9fff]+", lowered):
        words |= {run[i : i + 2] for i in range(max(1, len(run) - 1))}
    return words


_EVERYWHERE = {"the", "light", "lamp", "room", "in", "on", "off", "of", "and", "my"}
"""Words that are in many names, and so tell none of them."""


def _is_chinese(text: str) -> bool:
    return re.search(r"[\u3400-\u9fff]", text) is not None


def _object(properties: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
