"""What a language model may write, narrowed to what was really said.

A small model fills gaps with inventions. So the schema that constrains it holds only what the sentence and
the home allow: names of rooms and devices that the sentence mentions, numbers that occur in it, and no
acting tool at all when the person asked a question.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skills.api import Kind, Risk, Tool

_SAY_AT_MOST = 320
_CALLS_AT_MOST = 3
_USUAL_STEP = 20
_PLACES_AND_THINGS = {"area", "device", *(kind.value for kind in Kind)}

SpokenForms = Mapping[str, Mapping[str, Sequence[str]]]
"""List name ("area", "light", "colour") -> value -> the words for it."""


def mentioned(text: str, forms: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the values of which a telling word occurs in the text, the best covered first."""
    said = _pieces(text)
    scores = {
        value: max(len(said & _pieces(word)) / max(1, len(_pieces(word))) for word in (value, *words))
        for value, words in forms.items()
    }
    found = [value for value, score in scores.items() if score >= 0.5]
    return sorted(found, key=lambda value: -scores[value])


def answer_schema(tools: Iterable[Tool], text: str, words: SpokenForms, *, question: bool) -> dict[str, Any]:
    """Return the schema for an answer to `text`: calls of the tools that it leaves possible, or talk."""
    calls = [
        _object({"tool": {"const": tool.full_name}, "arguments": arguments}, ["tool", "arguments"])
        for tool in tools
        if tool.risk is Risk.LOW and not (question and tool.acts)
        for arguments in _arguments(tool, text, words)
    ]
    say = _object({"say": {"type": "string", "maxLength": _SAY_AT_MOST}}, ["say"])
    if not calls:
        return say
    several = {"type": "array", "items": {"anyOf": calls}, "minItems": 1, "maxItems": _CALLS_AT_MOST}
    return {"anyOf": [say, _object({"calls": several}, ["calls"])]}


def _arguments(tool: Tool, text: str, words: SpokenForms) -> list[dict[str, Any]]:
    """The tool's own schema, narrowed; none when a required argument was not said.

    Where the sentence names rooms or things of the home, one of them must be taken: a small model is quick to
    forget "in the office" and to act everywhere.
    """
    full = tool.parameters.model_json_schema()
    required = full.get("required", [])
    properties: dict[str, Any] = {}
    named: list[str] = []
    for name, declared in full.get("properties", {}).items():
        if tool.acts and name not in required and _plain(declared).get("type") == "boolean":
            continue  # such as "everywhere": what widens an action is said in so many words, or not meant
        slot = tool.slots.get(name)
        forms = words.get(slot.list_name, {}) if slot else None
        narrowed = _narrow(_plain(declared), text, forms)
        if narrowed is None and name in required:
            return []
        if narrowed is None:
            continue
        properties[name] = narrowed
        if forms and slot is not None and name not in required and slot.list_name in _PLACES_AND_THINGS:
            named.append(name)
    if not named:
        return [_object(properties, required)]
    others = {name: schema for name, schema in properties.items() if name not in named}
    return [_object({**others, name: properties[name]}, [*required, name]) for name in named]


def _narrow(
    schema: dict[str, Any], text: str, forms: Mapping[str, Sequence[str]] | None
) -> dict[str, Any] | None:
    if forms:
        values = mentioned(text, forms)
        return {"enum": values} if values else None
    if "enum" in schema or "const" in schema or schema.get("type") == "boolean":
        return schema
    if schema.get("type") in ("integer", "number"):
        numbers = _numbers(text, schema)
        return {"enum": numbers} if numbers else None
    spans = _spans(text)
    return {"enum": spans} if spans else None


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without titles and defaults, and an optional value as the value: leaving it out is the None."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    kept = choices[0] if choices else schema
    return {key: value for key, value in kept.items() if key not in ("title", "default", "description")}


def _numbers(text: str, schema: Mapping[str, Any]) -> list[int]:
    """The numbers that were said; for a step up or down also the usual one, which nobody says."""
    low, high = schema.get("minimum", 0), schema.get("maximum", 10**9)
    said = [int(number) for number in re.findall(r"\d{1,9}", text)]
    if low < 0:
        said = [sign * number for number in (said or [_USUAL_STEP]) for sign in (1, -1)]
    return [number for number in dict.fromkeys(said) if low <= number <= high]


def _spans(text: str) -> list[str]:
    """Every run of up to four words (or twelve Chinese characters) of the sentence, the longest first."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W_]+)*|\d+", text)
    if _is_chinese(text):
        joined = "".join(words)
        spans = [joined[i:j] for i in range(len(joined)) for j in range(i + 2, min(len(joined), i + 12) + 1)]
    else:
        spans = [
            " ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(len(words), i + 4) + 1)
        ]
    return sorted(set(spans), key=lambda span: (-len(span), span))[:60]


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
