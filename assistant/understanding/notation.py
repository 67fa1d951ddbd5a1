"""How a model that was trained for this writes calls: `{"lights.turn":{"on":true,"room":"Kitchen"}}`.

It says the same as `{"calls":[{"tool":"lights.turn","arguments":{...}}]}` in 16 tokens for 25: each of them
is time, and one more to get wrong. Several calls are an array of such objects; talk is `{"say":TEXT}` in
both. What is written so is JSON still, so that every engine can be held to a schema of it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

TEMPLATE = (
    "{% for message in messages %}{{ message['content'] }}"
    "{% if message['role'] == 'user' %}{{ ' ->' }}{% else %}{{ '\n' }}{% endif %}{% endfor %}"
)
"""The chat template of trained weights: the sentence and an arrow, and no words that are always the same."""
_FIRST_KEY = re.compile(r'\s*\[?\s*\{\s*"([^"]+)"')


def shortened(answer: Mapping[str, Any]) -> Any:
    """Return an answer in the short notation."""
    if "calls" not in answer:
        return dict(answer)
    calls = [{each["tool"]: each["arguments"]} for each in answer["calls"]]
    return calls[0] if len(calls) == 1 else calls


def lengthened(written: Any) -> dict[str, Any]:
    """Return an answer of either notation in the long one; {} for what is none."""
    if isinstance(written, Mapping) and ("say" in written or "calls" in written):
        return dict(written)
    several = written if isinstance(written, list) else [written]
    if not all(isinstance(each, Mapping) and len(each) == 1 for each in several):
        return {}
    return {"calls": [{"tool": tool, "arguments": each[tool]} for each in several for tool in each]}


def read(written: str) -> dict[str, Any]:
    """Return what a model wrote, in the long notation; {} for what is no answer."""
    try:
        return lengthened(json.loads(written))
    except ValueError:
        return {}


def first_key(written: str) -> str | None:
    """Return the key that an answer begins with, as soon as it is there: `say`, `calls`, or a tool's name."""
    found = _FIRST_KEY.match(written)
    return found.group(1) if found else None
