"""Any server with OpenAI's chat API, streamed: Ollama, llama.cpp's own, vLLM, OpenAI's.

A request that nobody answered is sent again; an answer that broke off is not, since half of it may have been
spoken. The token goes into the header of each request and nowhere else: no log, no error, no repr.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from assistant.language.engine import LanguageModelError, Message, Sampling

_CONNECT_S = 3.0
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 2.0
_TOLD = 160  # characters of a server's own words

ResponseFormat = Literal["json_schema", "json_object", "none"]


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """`url` ends where OpenAI's does, before `/chat/completions`. `timeout_s` is the longest silence.

    `response_format` tells the server what it may write: by a schema, merely that it is JSON, or not at all.
    What it wrote is checked either way.
    """

    url: str
    model: str
    token: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout_s: float = 20.0
    retries: int = 1
    response_format: ResponseFormat = "json_schema"


class _NoFormatError(Exception):
    """The server does not know the response format that it was sent."""


class OpenAIEndpoint:
    """A model behind a server. It holds no memory here, and no connection between two requests."""

    def __init__(self, settings: EndpointSettings) -> None:
        self.name = settings.model or settings.url
        self._settings = settings
        self._format: ResponseFormat = settings.response_format
        self._tls: ssl.SSLContext | None = None

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        """Yield the answer piece by piece; closing the iterator closes the connection and stops the server.

        Raises `LanguageModelError`. A server that refuses the response format is asked without it from then.
        """
        while True:
            try:
                request = _request(self._settings.model, messages, sampling, self._asked(schema))
                async for piece in self._answer(request):
                    yield piece
            except _NoFormatError:
                self._format = "json_object" if self._format == "json_schema" else "none"
            else:
                return

    async def warm(self, messages: Sequence[Message]) -> None:
        """Do nothing: a server keeps its own cache, and a request may cost money."""

    def close(self) -> None:
        """Nothing to give back."""

    def _asked(self, schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if schema is None or self._format == "none":
            return None
        if self._format == "json_object":
            return {"type": "json_object"}
        return {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}}

    async def _answer(self, request: Mapping[str, Any]) -> AsyncGenerator[str, None]:
        """Yield the pieces of one answer; ask again where there was none at all."""
        pause_s = _FIRST_PAUSE_S
        for left in range(self._settings.retries, -1, -1):
            said = False
            try:
                async for piece in self._once(request):
                    said = True
                    yield piece
            except _AwayError as error:
                if said or not left:
                    raise LanguageModelError(str(error)) from error.__cause__
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            else:
                return

    async def _once(self, request: Mapping[str, Any]) -> AsyncGenerator[str, None]:
        wanted = self._settings
        headers = {"Authorization": f"Bearer {wanted.token}"} if wanted.token else {}
        timeout = httpx.Timeout(wanted.timeout_s, connect=min(_CONNECT_S, wanted.timeout_s))
        try:
            async with (
                httpx.AsyncClient(verify=await self._verified(), timeout=timeout) as client,
                client.stream(
                    "POST", f"{wanted.url}/chat/completions", json=request, headers=headers
                ) as answer,
            ):
                await self._check(answer, request)
                async for piece in _pieces(answer.aiter_lines()):
                    yield piece
        except httpx.HTTPError as error:
            what = (
                "did not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
            )
            if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
                what = "broke off"
            raise _AwayError(f"the language model at {wanted.url} {what}: {_line(error)}") from error

    async def _verified(self) -> ssl.SSLContext | bool:
        """The certificates to trust, read once: it takes tens of milliseconds."""
        if not self._settings.url.startswith("https:"):
            return False  # nothing is encrypted, and nothing to verify
        if self._tls is None:
            ca_file = self._settings.ca_file
            try:
                self._tls = await asyncio.to_thread(
                    ssl.create_default_context, cafile=str(ca_file) if ca_file else None
                )
            except OSError as error:  # ssl.SSLError is one
                raise LanguageModelError(
                    f"cannot read language_model.endpoint.ca_file {ca_file}: {error}"
                ) from error
        return self._tls

    async def _check(self, answer: httpx.Response, request: Mapping[str, Any]) -> None:
        status = answer.status_code
        if status == httpx.codes.OK:
            return
        told = _told(await answer.aread())
        if self._settings.token:
            told = told.replace(self._settings.token, "…")
        line = f"the language model at {self._settings.url} answered {status}: {told}"
        if status in (400, 422) and "response_format" in request and _is_about_format(told):
            raise _NoFormatError
        if status in _AGAIN:
            raise _AwayError(line)
        if status in (401, 403):
            line += ". Is language_model.endpoint.token_env or token_file right?"
        if status == httpx.codes.NOT_FOUND:
            line += f'. Is there a model "{self._settings.model}", and does the url end in /v1?'
        raise LanguageModelError(line)


class _AwayError(Exception):
    """Nobody answered, or not to the end; it may help to ask again."""


def _request(
    model: str, messages: Sequence[Message], sampling: Sampling, response_format: Mapping[str, Any] | None
) -> dict[str, Any]:
    """OpenAI's own parameters only: strict servers refuse any other (`top_k`, `repetition_penalty`)."""
    request: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "stream": True,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_new_tokens,
    }
    if response_format is not None:
        request["response_format"] = dict(response_format)
    return request


async def _pieces(lines: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """Read server-sent events. Raises `_AwayError` when they end before the answer does."""
    async for line in lines:
        field_name, _, value = line.partition(":")
        if field_name != "data":
            continue  # comments keep a connection alive
        data = value.strip()
        if data == "[DONE]":
            return
        try:
            chunk = json.loads(data)
        except ValueError as error:
            raise _AwayError(f"the language model wrote no JSON: {data[:_TOLD]!r}") from error
        if not isinstance(chunk, dict):
            continue
        if "error" in chunk:
            raise LanguageModelError(f"the language model refused: {_told(json.dumps(chunk).encode())}")
        for choice in chunk.get("choices") or ():
            if text := (choice.get("delta") or {}).get("content"):
                yield str(text)
            if choice.get("finish_reason"):
                return
    raise _AwayError("the language model broke off: the answer has no end")


def _told(body: bytes) -> str:
    """Return what a server says went wrong, as one line."""
    text = body[:4096].decode("utf-8", "replace")
    try:
        error = json.loads(text)["error"]
        text = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError):
        pass
    return " ".join(text.split())[:_TOLD] or "nothing more"


def _is_about_format(told: str) -> bool:
    return any(
        word in told.casefold()
        for word in ("response_format", "json_schema", "schema", "grammar", "json mode")
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
