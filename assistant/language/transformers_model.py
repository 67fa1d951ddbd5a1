"""Models of Hugging Face's transformers on torch (extra `torch`): a GPU where there is one, else the CPU.

What may be written is constrained by llguidance, token by token. Weights are a folder as `save_pretrained`
writes it, or a GGUF file, which transformers unpacks to full precision.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.language.engine import LanguageModelError, Message, Sampling

WITHOUT = (
    'the engine "transformers" needs torch, transformers, gguf and llguidance: '
    'pip install "sotto-voce[torch]", or set language_model.engine = "llama.cpp"'
)


@dataclass(frozen=True, slots=True)
class TransformersSettings:
    """`dtype` "auto" is bfloat16 (float16 on older ones) on a GPU and float32 on a CPU; `threads` 0: all."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    threads: int = 0


class TransformersModel:
    """One loaded model. The beginning that a prompt shares with the one before is read once."""

    def __init__(self, path: Path, settings: TransformersSettings = TransformersSettings()) -> None:
        self.name = path.stem
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="transformers")
        try:
            self._loaded = self._worker.submit(_Loaded, path, settings).result()
        except LanguageModelError:
            raise
        except Exception as error:  # transformers raises whatever its readers do
            told = " ".join(str(error).split())[:200]
            raise LanguageModelError(f"the language model could not be loaded from {path}: {told}") from error

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        """Yield the answer piece by piece; closing the iterator stops the model at its next token."""
        pieces: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        loop, given_up = asyncio.get_running_loop(), threading.Event()

        def put(item: str | BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(pieces.put_nowait, item)

        def work() -> None:
            try:
                for piece in self._loaded.write(messages, schema, sampling, given_up.is_set):
                    put(piece)
                put(None)
            except Exception as error:  # crosses a thread; raised again on the other side
                put(error)

        self._worker.submit(work)
        try:
            while (item := await pieces.get()) is not None:
                if isinstance(item, LanguageModelError):
                    raise item
                if isinstance(item, BaseException):
                    raise LanguageModelError(f"the language model failed: {item}") from item
                yield item
        finally:
            given_up.set()

    async def warm(self, messages: Sequence[Message]) -> None:
        """Read the prompt now and keep it."""
        async with aclosing(self.stream(messages, sampling=Sampling(max_new_tokens=1))) as pieces:
            async for _ in pieces:
                pass

    def close(self) -> None:
        """Wait for the request that runs, then give the memory back."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        del self._loaded


class _Loaded:
    """Everything that lives in the model's thread."""

    def __init__(self, path: Path, settings: TransformersSettings) -> None:
        if not path.exists():
            raise LanguageModelError(
                f"there is no language model at {path}: sotto models pull brings the default one"
            )
        try:
            import llguidance.hf
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
            from transformers.utils import logging
        except ImportError as error:
            raise LanguageModelError(f"{WITHOUT} ({error})") from error
        logging.disable_progress_bar()
        self._torch = torch
        device = _device(torch, settings.device)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        where, extra = (path, {}) if path.is_dir() else (path.parent, {"gguf_file": path.name})
        self.tokenizer = AutoTokenizer.from_pretrained(where, **extra)
        model = AutoModelForCausalLM.from_pretrained(
            where, dtype=_dtype(torch, device, settings.dtype), **extra
        )
        self.model = model.to(device).eval()
        self._guide = llguidance.hf.from_tokenizer(self.tokenizer, n_vocab=model.config.vocab_size)
        self._read: list[int] = []
        self._cache: Any = None

    def write(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        sampling: Sampling,
        given_up: Callable[[], bool],
    ) -> Iterator[str]:
        """Yield pieces of text. Greedy at temperature 0, else sampled, as transformers does."""
        torch, tokenizer = self._torch, self.tokenizer
        prompt = list(
            tokenizer.apply_chat_template(
                list(messages), add_generation_prompt=True, tokenize=True, return_dict=False
            )
        )
        limit = getattr(self.model.config, "max_position_embeddings", 10**9)
        if len(prompt) + sampling.max_new_tokens > limit:
            raise LanguageModelError(
                f"a prompt of {len(prompt)} tokens is beyond the model's context of {limit}"
            )
        matcher = self._matcher(schema)
        ends = _end_tokens(self.model, tokenizer)
        written: list[int] = []
        told = ""
        with torch.inference_mode():
            logits = self._logits(prompt)
            while len(written) < sampling.max_new_tokens and not given_up():
                token = self._choose(logits, [*prompt, *written], sampling, matcher)
                if token in ends:
                    break
                written.append(token)
                text = tokenizer.decode(written, skip_special_tokens=True)
                if len(text) > len(told) and not text.endswith("\ufffd"):  # half a character waits
                    yield text[len(told) :]
                    told = text
                if matcher is not None and matcher.is_stopped():
                    break
                logits = self._logits([*prompt, *written])

    def _matcher(self, schema: Mapping[str, Any] | None) -> Any:
        if schema is None:
            return None
        from llguidance import LLMatcher

        compact = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
        grammar = LLMatcher.grammar_from_json_schema({**schema, "x-guidance": compact})
        matcher = LLMatcher(
            self._guide, grammar
        )  # blanks would be free, and a small model loses itself in them
        if matcher.is_error():
            raise LanguageModelError(f"the answer's schema was refused: {matcher.get_error()}")
        return matcher

    def _logits(self, tokens: list[int]) -> Any:
        """Read what has not been read yet; what came before, up to where it differs, is in the cache."""
        torch = self._torch
        from transformers import DynamicCache

        pairs = zip(self._read, tokens[:-1], strict=False)
        shorter = min(len(self._read), len(tokens) - 1)
        common = next((at for at, (mine, wanted) in enumerate(pairs) if mine != wanted), shorter)
        if self._cache is None:
            self._cache, common = DynamicCache(), 0
        elif common < len(self._read):
            self._cache.crop(common - len(self._read))  # how many are taken off, with a minus
        new = torch.tensor([tokens[common:]], device=self.model.device)
        came = self.model(input_ids=new, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        self._read = list(tokens)
        return came.logits[:, -1, :].float()

    def _choose(self, logits: Any, before: list[int], sampling: Sampling, matcher: Any) -> int:
        torch = self._torch
        from transformers import (
            LogitsProcessorList,
            RepetitionPenaltyLogitsProcessor,
            TemperatureLogitsWarper,
            TopKLogitsWarper,
            TopPLogitsWarper,
        )

        chain = LogitsProcessorList()
        if sampling.repetition_penalty != 1.0:
            chain.append(RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty))
        if sampling.temperature > 0:
            chain.append(TemperatureLogitsWarper(sampling.temperature))
            if sampling.top_k:
                chain.append(TopKLogitsWarper(sampling.top_k))
            if sampling.top_p < 1:
                chain.append(TopPLogitsWarper(sampling.top_p))
        if matcher is not None:
            import llguidance.torch as guide

            mask = guide.allocate_token_bitmask(1, logits.shape[-1])
            guide.fill_next_token_bitmask(matcher, mask, 0)
            guide.apply_token_bitmask_inplace(logits, mask.to(logits.device))
        logits = chain(torch.tensor([before], device=logits.device), logits)
        if sampling.temperature > 0:
            token = int(torch.multinomial(torch.softmax(logits, dim=-1), 1).item())
        else:
            token = int(logits.argmax(dim=-1).item())
        if matcher is not None:
            matcher.consume_token(token)
        return token


def _device(torch: Any, wanted: str) -> str:
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise LanguageModelError(
            'language_model.device = "cuda", and torch sees no GPU: set it to "auto", or install torch for it'
        )
    return wanted


def _dtype(torch: Any, device: str, wanted: str) -> Any:
    if wanted != "auto":
        return getattr(torch, wanted)
    if device == "cpu":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    declared = model.generation_config.eos_token_id
    several = declared if isinstance(declared, list) else [declared]
    return frozenset(each for each in (*several, tokenizer.eos_token_id) if each is not None)
