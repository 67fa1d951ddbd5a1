"""GGUF models through llama.cpp, by xllamacpp's wheels (why these bindings: docs/decisions/0004)."""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xllamacpp

from assistant.language.engine import LanguageModelError, Message, Sampling
from assistant.language.kept_prompts import KeptPrompts, Slot

_QUIET = -1
_NICENESS = 10
_CACHE_MIB = 256  # of prompts that were read before, so that one beginning does not push out another
_BATCH = 256  # tokens of a prompt that are read in one go, and cannot be given up half way


@dataclass(frozen=True, slots=True)
class LlamaSettings:
    """How the model is loaded. `gpu_layers` -1: all.

    `threads` 0 takes the cores there are, up to 4: writing waits for memory more than for them. `kept` is a
    folder in which what was read of the prompts' beginnings outlives the program.
    """

    context: int = 2048
    threads: int = 0
    gpu_layers: int = 0
    kept: Path | None = None


@dataclass(slots=True)
class Tokens:
    """Tokens of prompts so far: those read anew, and those that the cache spared; and tokens written."""

    read: int = 0
    spared: int = 0
    written: int = 0

    def count(self, timings: Mapping[str, Any]) -> None:
        """Add what llama.cpp tells at the end of an answer."""
        self.read += int(timings.get("prompt_n", 0))
        self.spared += int(timings.get("cache_n", 0))
        self.written += int(timings.get("predicted_n", 0))


class LlamaCppModel:
    """One loaded GGUF model with its chat template. The beginning that two prompts share is read once."""

    def __init__(self, path: Path, settings: LlamaSettings = LlamaSettings()) -> None:
        self.name = path.stem
        self.tokens = Tokens()
        self._key = secrets.token_hex(32)
        self._kept = KeptPrompts(settings.kept, path, settings.context) if settings.kept else None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="llama.cpp", initializer=_step_back)
        try:
            # Made in that thread: what it starts inherits its place behind the rest.
            self._server = self._worker.submit(
                xllamacpp.Server, _parameters(path, settings, self._key)
            ).result()
        except Exception as error:  # the bindings raise bare exceptions for any bad file
            raise LanguageModelError(
                f"the language model could not be loaded from {path}: {error}"
            ) from error

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        """Yield the answer piece by piece; closing the iterator stops the model at its next token."""
        crossing = _Crossing(_request(messages, schema, sampling), self.tokens)
        self._worker.submit(crossing.work, self._server)
        try:
            while (item := await crossing.pieces.get()) is not None:
                if isinstance(item, LanguageModelError):
                    raise item
                if isinstance(item, BaseException):
                    raise LanguageModelError(f"the language model failed: {item}") from item
                yield item
        finally:
            crossing.given_up.set()

    async def warm(self, messages: Sequence[Message]) -> None:
        """Read the prompt now and keep it, so that the next request with this beginning is quick.

        What an earlier run of the program read is taken from the disk: 30 ms instead of seconds.
        """
        kept = self._kept
        if kept is None:
            await self._read(messages)
            return
        loop, slot = asyncio.get_running_loop(), Slot(self._server.listening_address, self._key)
        known = await loop.run_in_executor(self._worker, kept.restore, messages, slot)
        await self._read(messages)
        if not known:
            await loop.run_in_executor(self._worker, kept.save, messages, slot)

    async def _read(self, messages: Sequence[Message]) -> None:
        async with aclosing(self.stream(messages, sampling=Sampling(max_new_tokens=1))) as pieces:
            async for _ in pieces:
                pass

    def close(self) -> None:
        """Wait for the request that runs, then give the memory back."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        del self._server


class _Crossing:
    """One request: the model works in its thread, the pieces arrive on the event loop."""

    def __init__(self, request: Mapping[str, Any], tokens: Tokens) -> None:
        self.pieces: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        self.given_up = threading.Event()
        self._request = request
        self._tokens = tokens
        self._loop = asyncio.get_running_loop()

    def work(self, server: Any) -> None:
        """Run in the model's thread until the answer is whole or nobody wants it any more."""
        try:
            if not self.given_up.is_set():
                server.handle_chat_completions(self._request, self._take)
            self._put(None)
        except Exception as error:  # crosses a thread; raised again on the other side
            self._put(error)

    def _take(self, chunk: Mapping[str, Any]) -> bool:
        """Pass a piece on; true stops the model."""
        if "error" in chunk:
            why = chunk["error"].get("message", chunk)
            self._put(LanguageModelError(f"the language model refused: {why}"))
        ended = any(choice.get("finish_reason") for choice in chunk.get("choices", ()))
        if ended and isinstance(timings := chunk.get("timings"), Mapping):
            self._tokens.count(timings)
        for choice in chunk.get("choices", ()):
            if text := choice.get("delta", {}).get("content"):
                self._put(text)
        return self.given_up.is_set()

    def _put(self, item: str | BaseException | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.pieces.put_nowait, item)


def _step_back() -> None:
    """Let hearing and speaking have the cores first: the model is the slowest and can best wait."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _parameters(path: Path, settings: LlamaSettings, key: str) -> Any:
    if not path.is_file():
        raise LanguageModelError(
            f"there is no language model at {path}: sotto models pull brings the default one"
        )
    cores = os.cpu_count() or 1
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = settings.context
    parameters.n_parallel = 1
    parameters.cache_ram_mib = _CACHE_MIB
    parameters.n_batch = _BATCH
    parameters.n_gpu_layers = settings.gpu_layers
    parameters.cpuparams.n_threads = settings.threads or min(4, cores)
    parameters.cpuparams_batch.n_threads = settings.threads or min(8, cores)
    parameters.verbosity = _QUIET
    parameters.ui = False
    # The bindings open llama.cpp's HTTP port on loopback, whether wanted or not; nobody learns this key.
    parameters.api_keys = [key]
    if settings.kept is not None:
        settings.kept.mkdir(parents=True, exist_ok=True)
        parameters.slot_save_path = f"{settings.kept}{os.sep}"
    return parameters


def _request(
    messages: Sequence[Message], schema: Mapping[str, Any] | None, sampling: Sampling
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "messages": list(messages),
        "stream": True,
        "cache_prompt": True,
        "return_progress": True,  # so that a long prompt, too, can be given up between its batches
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "repeat_penalty": sampling.repetition_penalty,
        "max_tokens": sampling.max_new_tokens,
    }
    if schema is not None:
        request["response_format"] = {"type": "json_schema", "json_schema": {"schema": dict(schema)}}
    return request
