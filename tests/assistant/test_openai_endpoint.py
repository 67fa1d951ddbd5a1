"""Servers with OpenAI's API: llama.cpp's own as real counterpart, and a scripted one for what goes wrong."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from assistant.dialogue.talking import Talk
from assistant.failures import Failure
from assistant.language.engine import LanguageModelError, Message, Sampling
from assistant.language.fallback import FallbackModel
from assistant.language.openai_endpoint import EndpointSettings, OpenAIEndpoint
from assistant.understanding.language_model import LanguageModelPlanner, PlannerSettings
from tests.assistant.test_language_model import WORDS, registry
from tests.fakes import ScriptedModel

KEY = "sk-a-secret-of-nobody"
ASK: list[Message] = [{"role": "user", "content": "Tell a very long story about a lamp."}]
CHUNK = 'data: {{"choices":[{{"delta":{{"content":{}}}}}]}}\n\n'


# -- llama.cpp's own -----------------------------------------------------------------------------------------


@pytest.fixture
def server(weights: Callable[[str], Path]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    path = next(weights("smollm2-135m-instruct").glob("*.gguf"))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.counterparts.llama_server", str(path), KEY],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.models
async def test_llama_cpps_own_server_answers_by_the_schema_and_dies_in_mid_answer(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    address, process = server
    model = OpenAIEndpoint(EndpointSettings(f"{address}/v1", "smollm2", KEY, timeout_s=60))
    schema = {"type": "object", "properties": {"room": {"enum": ["Hall", "Attic"]}}, "required": ["room"],
              "additionalProperties": False}  # fmt: skip
    answer = "".join(
        [piece async for piece in model.stream(ASK, schema=schema, sampling=Sampling(max_new_tokens=40))]
    )
    assert json.loads(answer)["room"] in ("Hall", "Attic")

    stranger = OpenAIEndpoint(EndpointSettings(f"{address}/v1", "smollm2", "wrong", timeout_s=60))
    with pytest.raises(LanguageModelError, match="401"):
        await anext(stranger.stream(ASK))

    heard = ""
    talk = Talk(model.stream(ASK, sampling=Sampling(max_new_tokens=900)), "en")
    async with aclosing(talk):
        async for piece in talk.told():
            heard += piece
            process.kill()
    assert heard.endswith("I lost my train of thought.")
    assert talk.failure is Failure.LANGUAGE_MODEL_FAILED


# -- a scripted one ------------------------------------------------------------------------------------------


class Scripted:
    """Answers each request with the next of its scripts: bytes as they are, and then closes, or hangs."""

    def __init__(self, *scripts: tuple[int, str]) -> None:
        self.scripts = list(scripts)
        self.requests: list[tuple[str, dict[str, object]]] = []
        self.url = ""
        self.hangs = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(
            next(line for line in head.lower().splitlines() if line.startswith("content-length")).split(":")[
                1
            ]
        )
        self.requests.append((head, json.loads(await reader.readexactly(length))))
        status, body = self.scripts.pop(0)
        headers = "Content-Type: text/event-stream\r\nConnection: close"
        writer.write(f"HTTP/1.1 {status} x\r\n{headers}\r\n\r\n{body}".encode())
        await writer.drain()
        if self.hangs:
            await asyncio.sleep(60)
        writer.close()

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator["Scripted"]:
        served = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{served.sockets[0].getsockname()[1]}/v1"
        try:
            yield self
        finally:
            served.close()


def said(*words: str) -> str:
    return "".join(CHUNK.format(json.dumps(word)) for word in words)


DONE = "data: [DONE]\n\n"


async def written(model: OpenAIEndpoint | FallbackModel, schema: dict[str, object] | None = None) -> str:
    return "".join([piece async for piece in model.stream(ASK, schema=schema)])


async def test_pieces_arrive_as_they_are_written_and_the_token_is_in_the_header() -> None:
    async with Scripted((200, ": hello\n\n" + said("Once ", "upon") + DONE))() as served:
        model = OpenAIEndpoint(EndpointSettings(served.url, "m", KEY))
        assert [piece async for piece in model.stream(ASK)] == ["Once ", "upon"]
    head, body = served.requests[0]
    assert f"authorization: bearer {KEY}" in head.lower()
    assert body["model"] == "m"
    assert body["stream"] is True
    assert KEY not in repr(model._settings)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_busy_is_asked_again(status: int) -> None:
    async with Scripted((status, "busy"), (200, said("yes") + DONE))() as served:
        assert await written(OpenAIEndpoint(EndpointSettings(served.url, "m", retries=1))) == "yes"


async def test_an_answer_that_broke_off_is_not_asked_for_again() -> None:
    async with Scripted((200, said("Once ")), (200, said("upon") + DONE))() as served:
        with pytest.raises(LanguageModelError, match="broke off"):
            await written(OpenAIEndpoint(EndpointSettings(served.url, "m", retries=3)))
    assert len(served.requests) == 1


async def test_a_server_that_falls_silent_is_given_up() -> None:
    served = Scripted((200, said("Once ")))
    served.hangs = True
    async with served():
        with pytest.raises(LanguageModelError, match="in time"):
            await written(OpenAIEndpoint(EndpointSettings(served.url, "m", timeout_s=0.3, retries=0)))


async def test_a_server_that_knows_no_schema_is_told_less_from_then_on() -> None:
    refusal = '{"error": {"message": "response_format json_schema is not supported"}}'
    async with Scripted(
        (400, refusal), (400, refusal), (200, said("{}") + DONE), (200, said("{}") + DONE)
    )() as served:
        model = OpenAIEndpoint(EndpointSettings(served.url, "m"))
        assert await written(model, {"type": "object"}) == "{}"
        assert await written(model, {"type": "object"}) == "{}"
    sent = [body.get("response_format") for _, body in served.requests]
    assert [each and each["type"] for each in sent] == ["json_schema", "json_object", None, None]  # type: ignore[index]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, f'{{"error": {{"message": "bad key {KEY}"}}}}', "token_env"),
        (404, "no such model", "does the url end in /v1"),
        (400, "<html>\n<b>nope</b>", "400"),
    ],
)
async def test_a_refusal_is_one_line_that_says_what_to_do_and_no_secret(
    status: int, body: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Scripted((status, body))() as served:
        with pytest.raises(LanguageModelError, match=told) as raised:
            await written(OpenAIEndpoint(EndpointSettings(served.url, "m", KEY)))
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)
    assert KEY not in caplog.text


async def test_where_there_is_no_server_the_local_model_answers_and_the_next_turn_does_not_wait_for_it() -> (
    None
):
    local = ScriptedModel("I am here.", "Still here.")
    asked = 0

    async def load() -> ScriptedModel:
        nonlocal asked
        asked += 1
        return local

    now = [0.0]
    first = OpenAIEndpoint(EndpointSettings("http://127.0.0.1:9/v1", "m", timeout_s=1, retries=0))
    model = FallbackModel(first, load, lambda: now[0])
    assert await written(model) == "I am here."
    first._settings = None  # type: ignore[assignment]  # it would raise now, if it were asked
    assert await written(model) == "Still here."
    assert asked == 1


async def test_an_endpoint_that_invents_is_checked_like_any_other() -> None:
    """What a server without schemas wrote: nothing that nobody said is done."""
    calls = json.dumps({"calls": [{"tool": "lights.turn", "arguments": {"on": True, "everywhere": True}}]})
    async with Scripted((200, said(calls) + DONE))() as served:
        model = OpenAIEndpoint(EndpointSettings(served.url, "m", response_format="none"))
        planner = LanguageModelPlanner(model, registry(), lambda: WORDS, PlannerSettings(timeout_s=30))
        plan = await planner.plan("it is dark in the hall", "en", "t")
    assert plan.calls == ()
    assert plan.failure == Failure.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("language", "ends"), [("en", "I lost my train of thought."), ("zh", "我的思路断了。")]
)
async def test_half_an_answer_is_spoken_and_then_said_to_be_half(language: str, ends: str) -> None:
    talk = Talk(ScriptedModel("Once upon a time", breaks=True).stream(ASK), language)
    heard = "".join([piece async for piece in talk.told()])
    assert heard.startswith("Once upon a time…")
    assert heard.endswith(ends)
    assert talk.failure is Failure.LANGUAGE_MODEL_FAILED
