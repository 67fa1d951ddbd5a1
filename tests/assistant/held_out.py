"""How many everyday sentences, never used to tune a template, become exactly the calls that they mean.

`python -m tests.assistant.held_out [NAME]` prints for each language how many become the very calls that the
data name, how many lead to the same orders or the same answer by other arguments ("the kitchen blind" is the
one blind of the kitchen), and every sentence that did neither.
"""

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from skills.api import Context, SkillError
from skills.web import HttpWeb
from tests.assistant.test_fast_path import HOME, REGISTRY, calls_of, read_utterances, understand


async def _nobody(adapter: str, question: str) -> Mapping[str, Any]:
    raise AssertionError((adapter, question))


async def _effects(calls: list[dict[str, Any]], language: str, room: str | None) -> list[Any]:
    """Return what the calls order and say, or why they are refused."""
    found: list[Any] = []
    for call in calls:
        skill, _, tool = call["tool"].partition(".")
        context = Context(language, room, HOME, HttpWeb(), _nobody, {}, lambda: datetime.now(UTC))
        try:
            answer = await REGISTRY.call(skill, tool, call["arguments"], context)
        except SkillError as error:
            found.append((tool, error.say))
        else:
            found.append((tool, answer.commands, answer.say if not answer.commands else None))
    return found


async def _score(name: str, language: str) -> None:
    sentences = read_utterances(f"{name}.{language}", language)
    exact, same, missed = 0, 0, []
    for each in sentences:
        _language, text, room, calls, ignore = each.values
        wanted = [
            {
                **call,
                "arguments": {key: value for key, value in call["arguments"].items() if key not in ignore},
            }
            for call in calls
        ]
        plan = understand(text, language, room)
        if calls_of(plan, ignore) == wanted:
            exact += 1
        elif await _effects(calls_of(plan), language, room) == await _effects(calls, language, room):
            same += 1
        else:
            missed.append((text, calls_of(plan)))
    print(f"{language}: of {len(sentences)}, {exact} exactly right, {same} more to the same effect")
    for text, got in missed:
        acted = [f"{call['tool']} {call['arguments']}" for call in got]
        print(f"  {text}: {'; '.join(acted) or 'not understood'}")


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "held_out_home"
    for language in ("en", "zh"):
        asyncio.run(_score(name, language))


if __name__ == "__main__":
    main()
