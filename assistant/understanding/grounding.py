"""What a language model may write, narrowed to what was really said.

A small model fills gaps with inventions. So the schema that constrains it holds only what the sentence and
the home allow: names of rooms and devices that the sentence mentions, numbers that occur in it, and no
acting tool at all when the person asked a question.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skills.api import Risk, Tool

_SAY_AT_MOST = 320
_CALLS_AT_MOST = 3

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


def answer_schema(
    tools: Iterable[Tool], text: str, words: SpokenForms, *, question: bool
) -> tuple[dict[str, Any], list[str]]:
    """Return the schema for an answer to `text`, and the names that it leaves to choose from."""
    names: list[str] = []
    calls = []
    for tool in tools:
        if (question and tool.acts) or tool.risk is not Risk.LOW:
            continue
        arguments = _arguments(tool, text, words)
        if arguments is None:
            continue
        names += [name for slot in arguments["properties"].values() for name in slot.get("enum", ())]
        calls.append(
            _object({"tool": {"const": tool.full_name}, "arguments": arguments}, ["tool", "arguments"])
        )
    say = _object({"say": {"type": "string", "maxLength": _SAY_AT_MOST}}, ["say"])
    if not calls:
        return say, []
    several = {"type": "array", "items": {"anyOf": calls}, "minItems": 1, "maxItems": _CALLS_AT_MOST}
    return {"anyOf": [say, _object({"calls": several}, ["calls"])]}, _words_only(names)


def _arguments(tool: Tool, text: str, words: SpokenForms) -> dict[str, Any] | None:
    """The tool's own schema, narrowed; None when a required argument was not said."""
    full = tool.parameters.model_json_schema()
    required = full.get("required", [])
    properties: dict[str, Any] = {}
    for name, declared in full.get("properties", {}).items():
        slot = tool.slots.get(name)
        narrowed = _narrow(
            _plain(declared), text, words.get(slot.list_name) if slot else None, has_slot=slot is not None
        )
        if narrowed is not None:
            properties[name] = narrowed
        elif name in required:
            return None
    return _object(properties, required)


def _narrow(
    schema: dict[str, Any], text: str, forms: Mapping[str, Sequence[str]] | None, *, has_slot: bool
) -> dict[str, Any] | None:
    if forms is not None:
        values = mentioned(text, forms)
        return {"enum": values} if values else None
    if "enum" in schema or "const" in schema or schema.get("type") == "boolean":
        return schema
    if schema.get("type") in ("integer", "number"):
        numbers = _numbers(text, schema)
        return {"enum": numbers} if numbers else None
    if has_slot or schema.get("type") == "string":
        spans = _spans(text)
        return {"enum": spans} if spans else None
    return schema


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without titles and defaults, and an optional value as the value: leaving it out is the None."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    kept = choices[0] if choices else schema
    return {key: value for key, value in kept.items() if key not in ("title", "default", "description")}


def _numbers(text: str, schema: Mapping[str, Any]) -> list[int]:
    low, high = schema.get("minimum", -(10**9)), schema.get("maximum", 10**9)
    return [number for number in map(int, re.findall(r"\d{1,9}", text)) if low <= number <= high]


def _spans(text: str) -> list[str]:
    """Every run of up to six words (or twelve Chinese characters) of the sentence, the longest first."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W_]+)*|\d+", text)
    if _is_chinese(text):
        joined = "".join(words)
        spans = [joined[i:j] for i in range(len(joined)) for j in range(i + 2, min(len(joined), i + 12) + 1)]
    else:
        spans = [
            " ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(len(words), i + 6) + 1)
        ]
    return sorted(set(spans), key=lambda span: (-len(span), span))[:120]


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


def _words_only(names: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def _object(properties: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
