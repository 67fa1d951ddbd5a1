"""The language model through our bindings (xllamacpp), and through llama-cpp-python where it is installed.

Same file, threads and prompt. Three requests each time: a prompt that was never seen (cold), the same
beginning with another end (warm, as every turn after the first is), both timed to the first piece of text;
and the pieces after the first, for the speed of writing.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import intervals
from benchmarks.plots import OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.language.engine import Message

MODEL = "qwen2.5-coder-0.5b-instruct"
TIMES = 5
NEW_TOKENS = 48
BEGINNING = " ".join(
    f"Room {number}: a lamp, a blind and a thermometer; the lamp is {'on' if number % 2 else 'off'}."
    for number in range(16)
)
QUESTIONS = ("Which lamps are on?", "Tell me about room three.", "What would you switch off, and why?")
Stream = Callable[[Sequence["Message"]], Iterator[str]]


class Bindings:
    """Seconds to the first piece of an answer, and pieces a second after it."""

    name = "bindings"

    def lacks(self) -> str | None:
        """Weights; the peer is compared where it is installed."""
        return missing([MODEL])

    def run(self, tell: Tell) -> Results:
        """Ask each binding the same, one binding after the other, since both want all the cores."""
        path = next(folder_of(MODEL).glob("*.gguf"))
        threads = min(4, os.cpu_count() or 1)
        contenders: dict[str, Callable[[Path, int], tuple[Stream, Callable[[], None]]]] = {"xllamacpp": _ours}
        peer = "llama-cpp-python was not installed: not compared"
        if find_spec("llama_cpp") is not None:
            contenders["llama_cpp_python"] = _peer
            peer = "llama-cpp-python, in the same run"
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        for name, opened in contenders.items():
            tell(f"{name}: {TIMES} prompts")
            stream, close = opened(path, threads)
            try:
                for key, those in _measured(stream).items():
                    samples[f"{name}_{key}"] = those
            finally:
                close()
        for key, those in samples.items():
            unit = "tokens/s" if key.endswith("per_s") else "s"
            figures[key] = intervals.of_samples(those, unit)
        return Results(
            figures, samples, {"model": f"{MODEL} Q4_K_M, {threads} threads, context 2048", "peer": peer}
        )

    def draw(self, results: Results, axes: "Axes") -> None:
        """The two waits, as bars."""
        names = [key.removesuffix("_cold_s") for key in results.figures if key.endswith("_cold_s")]
        for place, name in enumerate(names):
            for row, wait in enumerate(("cold", "warm")):
                value = results.figures[f"{name}_{wait}_s"].value
                axes.barh(row + 0.38 * place, value, 0.36, color=(OURS, PEERS)[place], label=name if row == 0 else None)
        axes.set(yticks=[0.19, 1.19], yticklabels=["new prompt", "known beginning"])
        axes.set(xlabel="seconds to the first piece of the answer (median)")
        axes.legend(loc="upper right")


def _measured(stream: Stream) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"cold_s": [], "warm_s": [], "written_per_s": []}
    for number in range(TIMES):
        # The number at the front makes a prompt whose every token is new to the cache.
        system: Message = {"role": "system", "content": f"House {number + 1}. {BEGINNING}"}
        for key, question in zip(("cold_s", "warm_s", "warm_s"), QUESTIONS, strict=True):
            began_s = time.perf_counter()
            moments = [time.perf_counter() for _ in stream([system, {"role": "user", "content": question}])]
            found[key].append(moments[0] - began_s)
            if len(moments) > 10:
                found["written_per_s"].append((len(moments) - 1) / (moments[-1] - moments[0]))
    return found


def _ours(path: Path, threads: int) -> tuple[Stream, Callable[[], None]]:
    from assistant.language.engine import Sampling
    from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

    model = LlamaCppModel(path, LlamaSettings(context=2048, threads=threads))
    loop = asyncio.new_event_loop()

    def stream(messages: Sequence["Message"]) -> Iterator[str]:
        pieces = model.stream(messages, sampling=Sampling(repetition_penalty=1.0, max_new_tokens=NEW_TOKENS))
        while (piece := loop.run_until_complete(anext(pieces, None))) is not None:
            yield piece

    def close() -> None:
        model.close()
        loop.close()

    return stream, close


def _peer(path: Path, threads: int) -> tuple[Stream, Callable[[], None]]:
    from llama_cpp import Llama

    model = Llama(str(path), n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False)

    def stream(messages: Sequence["Message"]) -> Iterator[str]:
        chunks: Any = model.create_chat_completion(
            list(messages), stream=True, temperature=0.0, repeat_penalty=1.0, max_tokens=NEW_TOKENS
        )
        for chunk in chunks:
            if text := chunk["choices"][0]["delta"].get("content"):
                yield text

    return stream, model.close
