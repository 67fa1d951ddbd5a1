"""transformers on torch, on real weights (SmolLM2): constrained, streamed, cancelled. `make test-torch`."""

import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from assistant.language.engine import LanguageModelError, Message, Sampling
from assistant.language.transformers_model import TransformersModel, TransformersSettings

SCHEMA = {
    "type": "object",
    "properties": {"room": {"enum": ["Kitchen", "Hall"]}, "on": {"enum": [True]}},
    "required": ["room", "on"],
    "additionalProperties": False,
}


def asked(text: str) -> list[Message]:
    return [{"role": "system", "content": "You switch lights."}, {"role": "user", "content": text}]


@pytest.fixture(scope="module")
def model(weights: Callable[[str], Path]) -> Iterator[TransformersModel]:
    for name in ("torch", "transformers", "llguidance", "gguf"):
        pytest.importorskip(name)
    path = next(weights("smollm2-135m-instruct").glob("*.gguf"))
    loaded = TransformersModel(path, TransformersSettings(device="cpu", threads=1))
    yield loaded
    loaded.close()


@pytest.mark.torch
async def test_what_it_writes_is_an_instance_of_the_schema(model: TransformersModel) -> None:
    for _ in range(2):  # the second time the prompt is known
        pieces = [piece async for piece in model.stream(asked("kitchen light on"), schema=SCHEMA)]
        written = json.loads("".join(pieces))
        assert written["room"] in ("Kitchen", "Hall")
        assert written["on"] is True
        assert len(pieces) > 1


@pytest.mark.torch
async def test_closing_the_stream_stops_the_model(model: TransformersModel) -> None:
    long = Sampling(max_new_tokens=900, temperature=0.7, repetition_penalty=1.1)
    async with aclosing(model.stream(asked("Tell a very long story."), sampling=long)) as pieces:
        await anext(pieces)
    short = [piece async for piece in model.stream(asked("Hi."), sampling=Sampling(max_new_tokens=2))]
    assert short


@pytest.mark.torch
async def test_a_prompt_beyond_the_context_is_one_clear_line(model: TransformersModel) -> None:
    with pytest.raises(LanguageModelError, match="context") as raised:
        async for _ in model.stream(asked("word " * 9_000)):
            pass
    assert "\n" not in str(raised.value)


def test_a_missing_file_names_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match="sotto models pull"):
        TransformersModel(tmp_path / "missing.gguf")
