"""llama.cpp on real weights (SmolLM2, which is small): constrained, streamed, cancelled, private."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from assistant.language.engine import LanguageModelError, Message, Sampling
from assistant.language.kept_prompts import Slot
from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

pytestmark = pytest.mark.models

SCHEMA = {
    "type": "object",
    "properties": {"room": {"enum": ["Kitchen", "Hall"]}, "on": {"type": "boolean"}},
    "required": ["room", "on"],
    "additionalProperties": False,
}


def asked(text: str) -> list[Message]:
    return [{"role": "system", "content": "You switch lights."}, {"role": "user", "content": text}]


@pytest.fixture(scope="module")
def model(weights: Callable[[str], Path]) -> Iterator[LlamaCppModel]:
    path = next(weights("smollm2-135m-instruct").glob("*.gguf"))
    loaded = LlamaCppModel(path, LlamaSettings(context=1024))
    yield loaded
    loaded.close()


async def test_what_it_writes_is_an_instance_of_the_schema(model: LlamaCppModel) -> None:
    pieces = [piece async for piece in model.stream(asked("kitchen light on"), schema=SCHEMA)]
    written = json.loads("".join(pieces))
    assert written["room"] in ("Kitchen", "Hall")
    assert isinstance(written["on"], bool)
    assert len(pieces) > 1


async def test_closing_the_stream_stops_the_model(model: LlamaCppModel) -> None:
    long = Sampling(max_new_tokens=900)
    async with aclosing(model.stream(asked("Tell a very long story."), sampling=long)) as pieces:
        await anext(pieces)
    began = time.monotonic()
    short = [piece async for piece in model.stream(asked("Hi."), sampling=Sampling(max_new_tokens=2))]
    assert short
    # 900 tokens would have taken 20 s and more; one token and a short answer take less than one.
    assert time.monotonic() - began < 10


async def test_a_prompt_beyond_the_context_is_one_clear_line(model: LlamaCppModel) -> None:
    with pytest.raises(LanguageModelError, match="context") as raised:
        async for _ in model.stream(asked("word " * 5_000)):
            pass
    assert "\n" not in str(raised.value)


async def test_its_port_gives_a_stranger_nothing(model: LlamaCppModel) -> None:
    address = model._server.listening_address
    assert "127.0.0.1" in address
    async with httpx.AsyncClient() as client:
        for path in ("/v1/models", "/props", "/slots"):
            assert (await client.get(address + path)).status_code == 401
        asks = {"messages": asked("hello"), "max_tokens": 2}
        assert (await client.post(f"{address}/v1/chat/completions", json=asks)).status_code == 401


def test_a_file_that_is_no_model_is_one_clear_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 1_000)
    with pytest.raises(LanguageModelError, match="could not be loaded") as raised:
        LlamaCppModel(broken)
    assert "\n" not in str(raised.value)


def test_a_missing_file_names_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match="sotto models pull"):
        LlamaCppModel(tmp_path / "missing.gguf")


async def test_what_was_read_of_a_prompt_outlives_the_program(
    weights: Callable[[str], Path], tmp_path: Path
) -> None:
    path = next(weights("smollm2-135m-instruct").glob("*.gguf"))
    beginning = asked("Where is the " + "very " * 60 + "small lamp?")
    settings = LlamaSettings(context=512, kept=tmp_path)
    model = LlamaCppModel(path, settings)
    try:
        before = await _read_anew(model, beginning)
        await model.warm(beginning)
    finally:
        model.close()
    model = LlamaCppModel(path, settings)
    try:
        slot = Slot(model._server.listening_address, model._key)
        assert model._kept is not None
        assert model._worker.submit(model._kept.restore, beginning, slot).result()
        after = await _read_anew(model, beginning)
    finally:
        model.close()
    assert before > 60
    assert after < 10, "all but the end of it was known"
    broken = only_file(tmp_path)
    broken.write_bytes(b"nothing of the kind")
    model = LlamaCppModel(path, settings)
    try:
        await model.warm(beginning)
    finally:
        model.close()
    assert broken.stat().st_size > 1_000, "a broken file is made again"


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


async def _read_anew(model: LlamaCppModel, messages: list[Message]) -> int:
    """How many tokens of a prompt had to be read."""
    answers: list[dict[str, dict[str, int]]] = []
    request = {"messages": messages, "max_tokens": 1, "cache_prompt": True}
    model._worker.submit(
        model._server.handle_chat_completions, request, lambda each: answers.append(each) or False
    ).result()
    return answers[-1]["timings"]["prompt_n"]
